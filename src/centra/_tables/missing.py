"""Missing numbers: which cells are, what is said of them, and rows without them (`--drop-missing`).

A cell of a text file is missing that is empty, that has one of the words by which programs write
so, one of the marks by which people do, or what ``--missing`` says; in the other formats it is null
or NaN, or a number that ``--missing`` says. An infinite number is not missing, and is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.text import count

__all__ = ["WORDS", "is_missing", "is_usual", "rows_with_nan", "said", "sparse_columns"]

_WORDS = ("", "na", "n/a", "#n/a", "nan", "null", "none")
#: Marks of people, of statistical programs, and the errors of spreadsheets.
_MARKS = frozenset(
    each
    for line in (
        "? - -- --- . .. ... * \u2013 \u2014 \u2026",
        "unknown missing n.a. n.a n.d. n/d n.v. k.a. k.a n.r. s/d s/o",
        "<na> nat -nan 1.#ind -1.#ind 1.#qnan",
        "#na #div/0! #ref! #value! #name? #num! #null! #calc! #spill! #getting_data",
        "#nv #wert! #bezug! #zahl! #leer!",
    )
    for each in line.split()
) | {"not available", "no data", "no answer", "keine angabe", "k. a.", "n. a.", "sin dato"}
#: Of the rows, how many must be left when rows with a missing number are left out of a report.
_ENOUGH = 0.5
#: The words as they are mostly written: for pyarrow, which tells capitals from small letters.
WORDS = sorted({form for word in _WORDS for form in (word, word.upper(), word.title(), "NaN")})


def is_missing(cell: str, more: Collection[str] = ()) -> bool:
    """Whether a cell of a text file has no number because there is none.

    Parameters
    ----------
    cell : str
        The cell.
    more : collection of str, optional
        Further cells that say so.

    Examples
    --------
    >>> is_missing(" "), is_missing("NaN"), is_missing("#DIV/0!"), is_missing("oops")
    (True, True, True, False)
    """
    cell = cell.strip()
    return cell.lower() in _WORDS or cell.lower() in _MARKS or cell in more


def is_usual(cell: str) -> bool:
    """Whether a cell is missing by one of the words of programs, of which nothing is to be said.

    Examples
    --------
    >>> is_usual("NA"), is_usual("?")
    (True, False)
    """
    return cell.strip().lower() in _WORDS


def said(cell: str, n_rows: int) -> str:
    """Say what is wrong with the first missing cell, and how to go on.

    Parameters
    ----------
    cell : str
        What stands there.
    n_rows : int
        How many rows have such a cell.
    """
    cell = cell.strip()
    what = f"the number is missing ({cell!r})" if cell else "the cell is empty"
    if n_rows == 1:
        return f"{what}; fill it, or leave out its row with --drop-missing"
    return (
        f"{what}, the first of {count(n_rows, 'row')} with a missing number; fill them, or leave "
        "these rows out with --drop-missing"
    )


def rows_with_nan(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which rows have a NaN.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Numbers.

    Returns
    -------
    found : ndarray of shape (n,), bool
    """
    found: NDArray[np.bool_] = np.isnan(rows).any(axis=1)
    return found


def sparse_columns(missing: NDArray[np.bool_]) -> list[int]:
    """Find columns without which at least half of the rows have all their numbers.

    Parameters
    ----------
    missing : ndarray of shape (n, d), bool
        Where numbers are missing.

    Returns
    -------
    columns : list of int
        Those of which more than half is missing, then the emptiest, one by one; never all.

    Examples
    --------
    >>> sparse_columns(np.array([[False, True], [False, True], [False, False]]))
    [1]
    """
    share = missing.mean(axis=0)
    order = np.argsort(-share, kind="stable").tolist()
    found: list[int] = []
    for at in order[:-1]:
        left = np.delete(missing, found, axis=1)
        if share[at] <= _ENOUGH and (~left.any(axis=1)).mean() >= _ENOUGH:
            break
        if not share[at]:
            break
        found.append(at)
    return sorted(found)
