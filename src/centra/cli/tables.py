"""Any file as a table: numbers to cluster by, a column that labels, one that weighs.

This is the one place where a file becomes rows. What is particular to a format is in `csvs`,
`arrows` and `npys`, each a `Reader`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra.cli.arrows import ArrowFile
from centra.cli.columns import Choice, Wanted, called, choose
from centra.cli.csvs import CsvFile
from centra.cli.dialect import Dialect
from centra.cli.inputs import Input, TableError
from centra.cli.npys import NpyFile, check_finite

__all__ = ["Reader", "Table", "open_table", "read_table"]


class Reader(Protocol):
    """A file whose head has been read."""

    @property
    def names(self) -> tuple[str, ...] | None:
        """The columns' names, where they have any."""

    width: int

    def read(
        self,
        numbers: Sequence[int],
        text: int | None,
        progress: Callable[[float], None] | None = None,
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
    reader : Reader
        The file, to read again.
    """

    file: str
    rows: Any
    names: tuple[str, ...] | None
    choice: Choice
    labels: list[str] | None = None
    weights: NDArray[np.float64] | None = None
    reader: Reader = field(repr=False, kw_only=True)

    @property
    def called(self) -> tuple[str, ...]:
        """Names of the columns, or their numbers from 1."""
        if self.names is not None:
            return self.names
        return tuple(str(at + 1) for at in self.choice.features)

    def check_finite(self) -> None:
        """Refuse NaN and infinity in rows that are in memory; see `npys.check_finite`."""
        if isinstance(self.rows, np.ndarray):
            check_finite(self.file, self.rows, self.choice.features, self.reader.where)


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

    Returns
    -------
    Table

    Raises
    ------
    TableError
        A column is not there, a cell is no finite number, or a weight is negative.
    """
    choice = choose(source.name, reader.names, reader.width, wanted)
    weighed = [] if choice.weight is None else [choice.weight]
    if weighed and isinstance(reader, NpyFile):
        reader.check_fits("rows with weights", reader.width)
    rows, labels = reader.read([*choice.features, *weighed], choice.label, progress)
    weights = None
    if weighed:
        weights = np.ascontiguousarray(rows[:, -1], dtype=np.float64)
        rows = np.ascontiguousarray(rows[:, :-1])
        _check_weights(source.name, reader, weights, weighed[0])
    names = None if reader.names is None else tuple(reader.names[i] for i in choice.features)
    return Table(source.name, rows, names, choice, labels, weights, reader=reader)


def _check_weights(file: str, reader: Reader, weights: NDArray[np.float64], at: int) -> None:
    column = called(reader.names, at)
    bad = np.flatnonzero(~(weights >= 0) | np.isinf(weights))
    if len(bad):
        row = int(bad[0])
        raise TableError(
            f"{file}: {reader.where(row)}, {column}: the weight {weights[row]:g} must be a number "
            "from 0; correct it or drop the row"
        )
    if not weights.any():
        raise TableError(f"{file}: {column}: all weights are 0; one at least must be larger")
