"""Columns of a text file as they stand there, cell by cell, and what each column is.

A column is kept as its different cells and, for each row, which of them it has: most columns that
are not plain numbers repeat themselves, and are then understood in the time of the different cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from centra._tables.cells import Understood, Writing, understand

__all__ = ["Cells", "gather", "is_text"]

#: Rows that are looked at together.
_CHUNK = 20_000
#: A column of numbers with so many different other cells, or fewer, is one with marks in it.
_MARKS = 3
#: So is one in which at most this share of the cells is something else.
_FEW = 0.02


@dataclass(frozen=True)
class Cells:
    """A column.

    Parameters
    ----------
    different : list of str
        Its different cells.
    codes : ndarray of shape (n,), int64
        For each row, which of them it has.
    """

    different: list[str]
    codes: NDArray[np.int64]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many rows have each of the different cells."""
        return np.bincount(self.codes, minlength=len(self.different))

    def first(self, which: Iterable[int]) -> int:
        """Return the first row that has one of some cells."""
        found = np.zeros(len(self.different), dtype=bool)
        found[list(which)] = True
        return int(found[self.codes].argmax())

    def count(self, which: Iterable[int]) -> int:
        """Return how many rows have one of some cells."""
        return int(self.counts[list(which)].sum())


def gather(rows: Iterable[Sequence[str]], places: Sequence[int]) -> list[Cells]:
    """Collect columns from rows of cells.

    Parameters
    ----------
    rows : iterable of sequence of str
        All of one length.
    places : sequence of int
        Which columns.

    Examples
    --------
    >>> column, = gather([["a", "1"], ["b", "2"], ["c", "1"]], [1])
    >>> column.different, column.codes.tolist()
    (['1', '2'], [0, 1, 0])
    """
    seen: list[dict[str, int]] = [{} for _ in places]
    parts: list[list[NDArray[np.int64]]] = [[] for _ in places]
    chunk: list[Sequence[str]] = []

    def take() -> None:
        columns = list(zip(*chunk, strict=True))
        for at, place in enumerate(places):
            code = seen[at].setdefault
            codes = [code(cell, len(seen[at])) for cell in columns[place]]
            parts[at].append(np.array(codes, dtype=np.int64))
        chunk.clear()

    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            take()
    if chunk:
        take()
    empty = np.zeros(0, np.int64)
    return [
        Cells(list(each), np.concatenate(codes) if codes else empty)
        for each, codes in zip(seen, parts, strict=True)
    ]


def is_text(cells: Cells, found: Understood, writing: Writing) -> bool:
    """Tell whether a column with cells that are no numbers is one of text.

    It is one of numbers, in which some cells are wrong, if at least half of its cells are numbers
    and the others are few, or the same few words again and again. Codes such as ticket numbers,
    which may be digits or letters and digits, are text.

    Parameters
    ----------
    cells : Cells
        The column.
    found : Understood
        What was understood of it.
    writing : Writing
        How its numbers are written.

    Examples
    --------
    >>> def told(*cells):
    ...     column, = gather([[cell] for cell in cells], [0])
    ...     return is_text(column, understand(column.different, Writing()), Writing())
    >>> told("red", "blue", "7"), told("1", "2", "oops", "3"), told("1", "2")
    (True, False, False)
    """
    # Infinity is a number, if none that can be used.
    wrong = [at for at in found.wrong if not np.isinf(found.values[at])]
    n_wrong = cells.count(wrong)
    n_right = len(cells.codes) - n_wrong - cells.count(np.flatnonzero(found.missing))
    if not n_wrong:
        return False
    if 2 * n_right >= n_right + n_wrong:
        return len(wrong) > _MARKS and n_wrong > _FEW * (n_right + n_wrong)
    # Numbers with the other decimal mark are no text: what they are is to be asked.
    other = Writing("," if writing.decimal == "." else ".", None, writing.missing)
    n_other = cells.count(understand(cells.different, other).wrong)
    return 2 * n_other > n_right + n_wrong
