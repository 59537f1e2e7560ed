"""Any file as a table: numbers to cluster by, a column that labels, one that weighs.

This is the one place where a file becomes rows. What is particular to a format is in `csvs`,
`arrows` and `npys`, each a `Reader`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra._tables.arrows import ArrowFile
from centra._tables.columns import Choice
from centra._tables.csvs import CsvFile
from centra._tables.dialect import Dialect
from centra._tables.inputs import Input, TableError
from centra._tables.npys import NpyFile, check_finite
from centra._utils.escapes import short
from centra._utils.text import count

__all__ = ["Reader", "Table", "open_table"]


#: Columns that are listed.
_MOST = 12


class Reader(Protocol):
    """A file whose head has been read."""

    @property
    def names(self) -> tuple[str, ...] | None:
        """The columns' names, where they have any."""

    width: int
    source: Input

    @property
    def notes(self) -> tuple[str, ...]:
        """What was guessed of the file, where the guess may be wrong."""

    @property
    def index(self) -> frozenset[int]:
        """Columns that are known to have been the index of a data frame."""

    @property
    def empty_columns(self) -> frozenset[int]:
        """Columns of a text file that have no cell with anything in it."""

    @property
    def texts(self) -> frozenset[int]:
        """Columns that hold no numbers."""

    @property
    def understood(self) -> tuple[str, ...]:
        """What was understood of the columns that were read last; a line, if anything was."""

    @property
    def empty(self) -> Sequence[int]:
        """Rows without a single cell, of those that were read last; numbers are missing there."""

    def read(
        self,
        numbers: Sequence[int],
        text: int | None,
        progress: Callable[[float], None] | None = None,
        *,
        missing: bool = False,
        apart: Collection[int | None] = (),
    ) -> tuple[Any, list[str] | None]:
        """Read columns of numbers, and one as text."""

    def stays(self, numbers: Sequence[int]) -> bool:
        """Whether these columns of numbers stay on the disk, for want of room."""

    def check_fits(self, what: str, width: int) -> None:
        """Refuse what needs more rows in memory than there is room for."""

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is."""

    def called(self, rows: Sequence[int]) -> list[str]:
        """Say what rows, counted from 0, are called: their lines, or their numbers from 1."""


@dataclass(frozen=True)
class Table:
    """Rows that were read from a file.

    Parameters
    ----------
    file : str
        The file, for messages.
    rows : ndarray or Source of shape (n, d)
        The numbers to cluster by.
    names : tuple of d str, or None
        Their names, where the file has names.
    choice : Choice
        Where these columns are in the file.
    labels : list of n str, or None
        The column that labels the rows.
    weights : ndarray of shape (n,), or None
        The column that weighs them.
    kept : ndarray of shape (n_rows of the file,), bool, or None
        Which rows of the file these are; None for all of them.
    notes : tuple of str
        What was done that the user may not expect.
    ids : list of n str, or None
        What the rows are called.
    reader : Reader
        The file, to read again.
    """

    file: str
    rows: Any
    names: tuple[str, ...] | None
    choice: Choice
    labels: list[str] | None = None
    weights: NDArray[np.float64] | None = None
    kept: NDArray[np.bool_] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    ids: list[str] | None = None
    reader: Reader = field(repr=False, kw_only=True)

    @property
    def listed(self) -> str:
        """The columns, for people: their names or numbers, shortened if they are many."""
        called = self.called
        names = [short(name) for name in called[:_MOST]]
        more = f" and {count(len(called) - _MOST, 'more column')}" if len(called) > _MOST else ""
        return f"columns: {', '.join(names)}{more}"

    @property
    def called(self) -> tuple[str, ...]:
        """Names of the columns, or their numbers from 1 where they have none."""
        places = self.choice.features
        names = self.names or ("",) * len(places)
        return tuple(name or str(at + 1) for name, at in zip(names, places, strict=True))

    def check_finite(self) -> None:
        """Refuse NaN and infinity in rows that are in memory; see `npys.check_finite`."""
        if isinstance(self.rows, np.ndarray):
            check_finite(self.file, self.rows, self.choice.features, self.where)

    def check_unchanged(self) -> None:
        """Refuse a file that has changed since, if its rows are on the disk still."""
        if not isinstance(self.rows, np.ndarray):
            with self.reader.source.unchanged():
                pass

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is in the file."""
        return self.reader.where(self.places([row])[0])

    def row_name(self, row: int) -> str:
        """Say how a row, counted from 0 among those used, is called: its line, and its id.

        The line is the one that a text editor shows, for text formats; else the row from 1.
        """
        return self.row_names([row])[0]

    def row_names(self, rows: Sequence[int]) -> list[str]:
        """Say how rows are called; for many it takes the time of one reading of the file."""
        names = self.reader.called(self.places(rows))
        if self.ids is None:
            return names
        ids = [" ".join(self.ids[row].split()) for row in rows]
        return [f"{name} ({each})" if each else name for name, each in zip(names, ids, strict=True)]

    def places(self, rows: Sequence[int]) -> list[int]:
        """Return where in the file rows are, both counted from 0."""
        if self.kept is None:
            return list(rows)
        places: list[int] = np.flatnonzero(self.kept)[rows].tolist()
        return places

    @property
    def label_name(self) -> str | None:
        """What the file calls the column that labels, if it has one with a name."""
        at, names = self.choice.label, self.reader.names
        return None if at is None or names is None else names[at]

    @property
    def n_rows(self) -> int:
        """How many rows the file has, with those that are left out."""
        return int(self.rows.shape[0]) if self.kept is None else len(self.kept)

    @property
    def n_dropped(self) -> int:
        """How many rows of the file are left out."""
        return 0 if self.kept is None else int(np.count_nonzero(~self.kept))

    def spread(self, labels: NDArray[np.int32]) -> NDArray[np.int32]:
        """Give a label to every row of the file: -1 to those that are left out."""
        if self.kept is None:
            return labels
        found = np.full(len(self.kept), -1, dtype=labels.dtype)
        found[self.kept] = labels
        return found


def open_table(source: Input, dialect: Dialect, budget: int) -> Reader:
    """Read the head of a file.

    Parameters
    ----------
    source : Input
        The file.
    dialect : Dialect
        Of a text file; see `CsvFile`.
    budget : int
        Of others; see `ArrowFile`, `NpyFile`.

    Returns
    -------
    Reader

    Raises
    ------
    TableError
        It is not what its format says.
    """
    for part in source.parts:
        if part.path.stat().st_size == 0:
            raise TableError(
                f"{part.name}: the file is empty; it needs at least one row of numbers"
            )
    if source.format == "npy":
        return NpyFile(source, budget)
    if source.made_of:
        # The file was written by `grids`, whatever is said of the text in it.
        dialect = replace(dialect, delimiter=",", decimal=".", encoding="utf-8")
    if source.made_of == "records":
        dialect = replace(dialect, header=True, skip=0, comment=None)
    if source.format in ("csv", "tsv"):
        return CsvFile(source, dialect)
    return ArrowFile(source, budget)
