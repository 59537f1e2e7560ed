"""Tables of numbers in `.npy` files, read by the source `centra.from_npy`.

Rows that fit into the budget are read, not mapped into memory: a mapped file that is cut short
while it is used ends the process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centra
from centra._tables.columns import called
from centra._tables.inputs import CHANGED, Input, TableError
from centra._tables.missing import rows_with_nan, said
from centra._tables.room import check_room, place_of

__all__ = ["NpyFile"]


class NpyFile:
    """An array in a file, or in several, whose rows follow one another.

    Parameters
    ----------
    source : Input
        The file, or several.
    budget : int
        Bytes that may be read into memory; a larger file stays on the disk.

    Attributes
    ----------
    names : None
        An array's columns have no names.
    width : int
        How many there are.
    index : frozenset of int
        Empty.

    Raises
    ------
    TableError
        It is not an array of rows and columns of real numbers.
    """

    names = None
    index: frozenset[int] = frozenset()
    empty_columns: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    empty: tuple[int, ...] = ()

    def __init__(self, source: Input, budget: int) -> None:
        self.source, self._budget = source, budget
        try:
            self._rows = centra.from_npy([part.path for part in source.parts], memory=budget)
        except ValueError as error:
            text = str(error).rstrip(".")
            for part in source.parts:
                text = text.replace(str(part.path), part.name)
            hint = "write it again with numpy.save, as rows and columns of real numbers"
            raise TableError(f"{text}; {hint}") from error
        self.width = self._rows.shape[1]

    def read(
        self,
        numbers: Sequence[int],
        text: int | None,
        progress: object = None,
        *,
        missing: bool = False,
        apart: Collection[int | None] = (),
    ) -> tuple[Any, list[str] | None]:
        """Read some columns; all of them stay on the disk if they are larger than the budget.

        Parameters
        ----------
        numbers : sequence of int
            Positions, from 0, of columns to cluster by.
        text : int or None
            The position of a column to take as text.
        progress : ignored
        missing : bool, default=False
            Whether rows will be left out, which needs the others in memory.
        apart : ignored

        Returns
        -------
        rows : ndarray or NpySource of shape (n, len(numbers))
        texts : list of n str, or None

        Raises
        ------
        TableError
            Some of the columns are asked for, and they are larger than the budget.
        """
        whole = list(numbers) == list(range(self.width))
        if missing:
            self.check_fits("rows of which some are left out", self.width)
        if not whole:
            self.check_fits("some of its columns", len(numbers))
        rows = self._rows if self.stays(numbers) else self.columns(None if whole else numbers)
        if text is None:
            return rows, None
        return rows, [_as_text(value) for value in self.columns([text])[:, 0].tolist()]

    def columns(self, places: Sequence[int] | None = None) -> NDArray[Any]:
        """Read columns, by default all, as they are stored.

        Raises
        ------
        TableError
            The file is no longer what it was when it was opened.
        """
        try:
            return self._rows.stored(places)
        except ValueError as error:
            raise TableError(f"{self.source.name}: {CHANGED}") from error

    def check_fits(self, what: str, width: int) -> None:
        """Refuse what needs more rows in memory than the budget has.

        Raises
        ------
        TableError
            They do not fit.
        """
        check_room(self.source.name, what, self._needed(width), self._budget)

    def stays(self, numbers: Sequence[int]) -> bool:
        """Whether columns stay on the disk: all of them can."""
        whole = list(numbers) == list(range(self.width))
        return whole and self._needed(self.width) > self._budget

    def _needed(self, width: int) -> int:
        return self._rows.shape[0] * width * self._rows.dtype.itemsize

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is: its number, and its file if there are several."""
        file, row = self._place(row)
        return f"{file}{', ' if file else ''}row {row + 1} (from 1)"

    def called(self, rows: Sequence[int]) -> list[str]:
        """Say what rows, counted from 0, are called: their numbers from 1."""
        places = [self._place(row) for row in rows]
        return [f"{file}{' ' if file else ''}row {row + 1}" for file, row in places]

    def _place(self, row: int) -> tuple[str, int]:
        return place_of(row, [part.name for part in self.source.parts], self._rows.counts)

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Yield all rows as they are stored: at once if there is room, else in pieces.

        Raises
        ------
        TableError
            They do not fit, and are of a type that is not read in pieces.
        """
        if self._rows.stored_dtype != self._rows.dtype:
            self.check_fits("the rows beside their clusters", self.width)
        if not self.stays(range(self.width)):
            yield self.columns()
            return
        yield from self._rows.arrays()


def check_finite(file: str, rows: NDArray[Any], places: Sequence[int], where: Any) -> None:
    """Refuse NaN and infinity, naming the first one's place.

    Parameters
    ----------
    file : str
        The file, for the message.
    rows : ndarray of shape (n, d)
        Its numbers; read in blocks, so that a mapped file stays on the disk.
    places : sequence of int
        The columns' positions in the file, from 0.
    where : callable
        Says where a row is.

    Raises
    ------
    TableError
        There is one.
    """
    block = max(1, (1 << 20) // max(1, rows.shape[1]))
    first: tuple[int, int] | None = None
    n_missing = 0
    for start in range(0, len(rows), block):
        part = rows[start : start + block]
        for row, column in np.argwhere(np.isinf(part))[:1].tolist():
            raise TableError(
                f"{file}: {where(start + row)}, {called(None, places[column])}: "
                f"{part[row, column]} is not a finite number; correct it or drop the row"
            )
        missing = rows_with_nan(part)
        if first is None and missing.any():
            row = int(missing.argmax())
            first = start + row, int(np.isnan(part[row]).argmax())
        n_missing += int(missing.sum())
    if first is not None:
        place = f"{where(first[0])}, {called(None, places[first[1]])}"
        raise TableError(f"{file}: {place}: {said('nan', n_missing)}")


def _as_text(value: float) -> str:
    return repr(value).removesuffix(".0")
