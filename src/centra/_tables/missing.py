"""Missing numbers: which cells are, what is said of them, and rows without them (`--drop-missing`).

A cell of a text file is missing that is empty, or that has one of the words by which programs write
so; in the other formats it is null or NaN. An infinite number is not missing, and is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.text import count

__all__ = ["WORDS", "is_missing", "rows_with_nan", "said"]

_WORDS = ("", "na", "n/a", "#n/a", "nan", "null", "none")
#: The words as they are mostly written: for pyarrow, which tells capitals from small letters.
WORDS = sorted({form for word in _WORDS for form in (word, word.upper(), word.title(), "NaN")})


def is_missing(cell: str) -> bool:
    """Whether a cell of a text file has no number because there is none.

    Examples
    --------
    >>> is_missing(" "), is_missing("NaN"), is_missing("n/a"), is_missing("oops")
    (True, True, True, False)
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
