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
from centra._tables.columns import Choice, Wanted, called, choose
from centra._tables.csvs import CsvFile
from centra._tables.dialect import Dialect
from centra._tables.inputs import Input, TableError
from centra._tables.missing import rows_with_nan
from centra._tables.npys import NpyFile, check_finite
from centra._utils.escapes import short
from centra._utils.text import count

__all__ = ["Reader", "Table", "open_table", "read_table"]


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

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is."""


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
    reader: Reader = field(repr=False, kw_only=True)

    @property
    def listed(self) -> str:
        """The columns, for people: their names or numbers, shortened if they are many."""
        places = self.choice.features
        shown = zip(self.called[:_MOST], places[:_MOST], strict=True)
        names = [short(name) or str(at + 1) for name, at in shown]
        more = f" and {count(len(places) - _MOST, 'more column')}" if len(places) > _MOST else ""
        return f"columns: {', '.join(names)}{more}"

    @property
    def called(self) -> tuple[str, ...]:
        """Names of the columns, or their numbers from 1."""
        if self.names is not None:
            return self.names
        return tuple(str(at + 1) for at in self.choice.features)

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
        Of an `.npy` file; see `NpyFile`.

    Returns
    -------
    Reader

    Raises
    ------
    TableError
        It is not what its format says.
    """
    if source.path.stat().st_size == 0:
        raise TableError(f"{source.name}: the file is empty; it needs at least one row of numbers")
    if source.format == "npy":
        return NpyFile(source, budget)
    if source.format in ("csv", "tsv"):
        return CsvFile(source, dialect)
    return ArrowFile(source)


def read_table(
    source: Input,
    reader: Reader,
    wanted: Wanted,
    progress: Callable[[float], None] | None = None,
    *,
    drop_missing: bool = False,
) -> Table:
    """Read the columns that are asked for.

    Parameters
    ----------
    source : Input
        The file.
    reader : Reader
        What `open_table` made of it.
    wanted : Wanted
        Which columns.
    progress : callable, optional
        Called with the fraction of the file that has been read.
    drop_missing : bool, default=False
        Whether to leave out rows with a missing number.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        A column is not there, a cell is no finite number, a weight is negative, or no row is left.
    """
    index = reader.index if wanted.all_others else frozenset()
    choice = choose(source.name, reader.names, reader.width, wanted, index)
    weighed = [] if choice.weight is None else [choice.weight]
    if weighed and isinstance(reader, NpyFile):
        reader.check_fits("rows with weights", reader.width)
    with source.unchanged():
        rows, labels = reader.read(
            [*choice.features, *weighed],
            choice.label,
            progress,
            missing=drop_missing,
            apart=(choice.label, choice.weight),
        )
    kept, notes = None, list(reader.notes)
    notes += [_about_index(source.name, reader.names, at) for at in sorted(index)]
    if wanted.all_others and reader.names is not None and _is_index(reader.names, choice, rows):
        notes.append(_about_index(source.name, reader.names, 0))
        choice = replace(choice, features=choice.features[1:])
        rows = rows[:, 1:]
    missing = rows_with_nan(rows) if drop_missing else np.zeros(0, bool)
    if missing.any():
        kept = ~missing
        notes.append(_about_missing(source.name, missing))
        rows = np.ascontiguousarray(rows[kept])
        if labels is not None:
            labels = [label for label, keep in zip(labels, kept.tolist(), strict=True) if keep]
    weights = None
    if weighed:
        weights = np.ascontiguousarray(rows[:, -1], dtype=np.float64)
        rows = np.ascontiguousarray(rows[:, :-1])
    names = None if reader.names is None else tuple(reader.names[i] for i in choice.features)
    table = Table(
        source.name, rows, names, choice, labels, weights, kept, tuple(notes), reader=reader
    )
    if weights is not None:
        _check_weights(table, weights, weighed[0])
    return table


def _is_index(names: tuple[str, ...], choice: Choice, rows: NDArray[Any]) -> bool:
    """Tell whether the first column is an index that was written with a data frame.

    It has no name, and whole numbers of which no two are alike.
    """
    if names[0] or choice.features[0] != 0 or len(choice.features) == 1:
        return False
    first = rows[:, 0]
    return bool((first == np.floor(first)).all() and len(np.unique(first)) == len(first))


def _about_index(file: str, names: tuple[str, ...] | None, at: int) -> str:
    return f"{file}: {called(names, at)} is the index of a data frame: left out; --columns takes it"


def _about_missing(file: str, missing: NDArray[np.bool_]) -> str:
    n, total = int(missing.sum()), count(len(missing), "row")
    if n == len(missing):
        raise TableError(
            f"{file}: each of its {total} has a missing number; leave columns out with --columns"
        )
    return f"{file}: {n:,} of {total} {'has' if n == 1 else 'have'} a missing number: left out"


def _check_weights(table: Table, weights: NDArray[np.float64], at: int) -> None:
    file, column = table.file, called(table.reader.names, at)
    bad = np.flatnonzero(~(weights >= 0) | np.isinf(weights))
    if len(bad):
        row = int(bad[0])
        raise TableError(
            f"{file}: {table.where(row)}, {column}: the weight {weights[row]:g} must be a number "
            "from 0; correct it or drop the row"
        )
    if not weights.any():
        raise TableError(f"{file}: {column}: all weights are 0; one at least must be larger")
