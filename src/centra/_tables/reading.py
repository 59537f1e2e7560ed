"""Reading a table: which columns and rows of the file are used, and what is said of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._tables import left_out
from centra._tables.arrows import ArrowFile
from centra._tables.columns import Wanted, called, check_names, choose
from centra._tables.dialect import number
from centra._tables.inputs import Input, TableError
from centra._tables.missing import is_usual, rows_with_nan, said
from centra._tables.npys import NpyFile
from centra._tables.refusals import Refusal
from centra._tables.tables import Reader, Table
from centra._utils.text import count

__all__ = ["read_table"]

#: Rows by which columns are judged of which rows stay on the disk: the first.
_LOOKED = 20_000

Rows = Any
Mask = NDArray[np.bool_]


def read_table(
    source: Input,
    reader: Reader,
    wanted: Wanted,
    progress: Callable[[float], None] | None = None,
    *,
    drop_missing: bool | None = False,
    words: Sequence[str] = (),
    tell_apart: bool = False,
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
    drop_missing : bool or None, default=False
        Whether to leave out rows with a missing number; None if they are in memory.
    words : sequence of str, optional
        What stands for a missing number or label, beside the usual words; in text files the readers
        know them too.
    tell_apart : bool, default=False
        Whether columns that share a name get their numbers, x (1) and x (3). A model could not find
        them again in another file, so that they are refused where one is made.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        A column is not there, a cell is no finite number, a weight is negative, or no row is left.
    """
    names = reader.names
    with source.unchanged():
        read = _Reading(source, reader, wanted, progress, drops=drop_missing, words=words)
        read.rows_and_labels()
        read.leave_out_columns()
        if isinstance(read.rows, np.ndarray):
            read.find_missing()
        read.name_rows()
    read.leave_out_rows()
    weights = read.take_weights()
    called_so = None if names is None else tuple(names[i] for i in read.choice.features)
    # Columns without a name may be as many as they are: nobody can mean one by it.
    named = [name for name in called_so or () if name]
    if names is not None and len(set(named)) < len(named):
        if not tell_apart:
            check_names(source.name, names, read.choice.features)
        called_so = left_out.told_apart(names, read.choice.features)
        read.notes.append(left_out.of_names(source.name, names, read.choice.features))
    table = Table(
        source.name,
        read.rows,
        called_so,
        read.choice,
        read.labels,
        weights,
        read.kept,
        tuple(read.notes),
        read.ids,
        reader=reader,
    )
    if weights is not None:
        _check_weights(table, weights, read.weighed[0])
    return table


class _Reading:
    """The steps from a file to its rows, in the order in which they are called."""

    def __init__(
        self,
        source: Input,
        reader: Reader,
        wanted: Wanted,
        progress: Callable[[float], None] | None,
        *,
        drops: bool | None,
        words: Sequence[str],
    ) -> None:
        self.file, self._reader, self._progress = source.name, reader, progress
        self._words = words
        self._marks = [value for word in words if (value := number(word, ".")) is not None]
        names, width = reader.names, reader.width
        self._are_all_others = wanted.are_all_others(names)
        self._index = reader.index if self._are_all_others else frozenset()
        self._blank = reader.empty_columns if self._are_all_others else frozenset()
        self.choice = choose(source.name, names, width, wanted, self._index | self._blank)
        self._texts: set[int] = set()
        self._numeric = wanted.are_numeric(names, width)
        self._may_leave_out = wanted.may_leave_out(names, width)
        if self._numeric:
            self._texts = set(reader.texts) & set(self.choice.features)
            if self._texts == set(self.choice.features):
                # Nothing would be left: say what is wrong with them.
                self._numeric, self._texts = False, set()
        self.weighed = [] if self.choice.weight is None else [self.choice.weight]
        used = [at for at in self.choice.features if at not in self._texts]
        if self.weighed:
            reader.check_fits("rows with weights", len(used) + 1)
        # Rows may stay on the disk unless some are to be left out.
        stays = isinstance(reader, NpyFile) or reader.stays(used)
        self._drops = not reader.stays(used) if drops is None else drops
        self._may_miss = self._drops or bool(self._marks) or (self._numeric and not stays)
        self.rows: Rows = None
        self.labels: list[str] | None = None
        self.ids: list[str] | None = None
        self.kept: Mask | None = None
        self.notes: list[str] = []
        self._missing: Mask | None = None
        self._empty: list[int] = []

    def rows_and_labels(self) -> None:
        """Read, without the columns of text if all that hold numbers are wanted."""
        self._without(self._texts)
        try:
            self._read(missing=self._may_miss)
        except Refusal as error:
            late = set(error.texts) & set(self.choice.features)
            if not self._numeric or not late or late == set(self.choice.features):
                raise
            self._without(late)
            self._texts |= late
            self._read(missing=self._may_miss)
        file, names = self.file, self._reader.names
        self.notes = [
            *self._reader.source.notes,
            *self._reader.notes,
            *self._reader.understood,
        ]
        if self._blank:
            self.notes.append(left_out.of_empty(file, names, self._blank))
        if self._texts:
            self.notes.append(left_out.of_text(file, names, self._texts))
        self.notes += [left_out.of_index(file, names, at) for at in sorted(self._index)]
        if self._marks and isinstance(self.rows, np.ndarray):
            self.rows = np.where(np.isin(self.rows, self._marks), np.nan, self.rows)
        self._empty = list(self._reader.empty)
        if self.labels is not None:
            self.labels = [
                "" if is_usual(label) or label in self._words else label for label in self.labels
            ]

    def _read(self, *, missing: bool) -> None:
        with _remedied():
            self.rows, self.labels = self._reader.read(
                [*self.choice.features, *self.weighed],
                self.choice.label,
                self._progress,
                missing=missing,
                apart=self.choice.others,
            )

    def _without(self, columns: Collection[int]) -> None:
        features = tuple(at for at in self.choice.features if at not in columns)
        self.choice = replace(self.choice, features=features)

    def leave_out_columns(self) -> None:
        """Leave out an index, identifiers and columns with few numbers, if none are named."""
        if not self._are_all_others:
            return
        names, features = self._reader.names, self.choice.features
        rows = self.rows
        if on_disk := not isinstance(rows, np.ndarray):
            if not isinstance(self._reader, ArrowFile):
                return  # columns of an array have no names, and are read together
            rows = self._reader.head(features, _LOOKED)
            # A column may have its first number later.
            rows[:, np.isnan(rows).all(axis=0)] = 0.0
        kept = np.ones(rows.shape[1], dtype=bool)
        if left_out.is_index(names, features, rows):
            self.notes.append(left_out.of_index(self.file, names, 0))
            kept[0] = False
        begin, end = int(not kept[0]), len(features)
        if self._may_leave_out:
            kept[begin:end], notes = left_out.of_columns(
                self.file, names, features[begin:], rows[:, begin:end], drops=self._drops
            )
            self.notes += notes
        if not kept.all():
            used = zip(features, kept.tolist(), strict=False)
            self._without([at for at, keep in used if not keep])
            if on_disk:
                self._read(missing=False)
            else:
                self.rows = np.ascontiguousarray(rows[:, kept])

    def find_missing(self) -> None:
        """Find rows with a missing number; refuse them, unless they are to be left out."""
        if not self._may_miss and not self._empty:
            return
        self._missing = rows_with_nan(self.rows)
        others = self._missing.copy()
        others[self._empty] = False
        if not others.any() or self._drops:
            return
        rows = self.rows
        self._read(missing=False)  # the reader knows best what stands there
        self.rows = rows
        self._empty = list(self._reader.empty)
        others[self._empty] = False
        if not others.any():
            return
        row = int(others.argmax())
        at = [*self.choice.features, *self.weighed][int(np.isnan(rows[row]).argmax())]
        where = f"{self._reader.where(row)}, {called(self._reader.names, at)}"
        what = f"{self.file}: {where}: {said('nan', int(others.sum()))}"
        raise Refusal([what], [{"--drop-missing": None}])

    def name_rows(self) -> None:
        """Read the column that says what rows are called."""
        at = self.choice.id
        if at is not None:
            _, self.ids = self._reader.read([self.choice.features[0]], at, missing=True)

    def leave_out_rows(self) -> None:
        """Leave out rows without a number, of all that was read."""
        missing = self._missing
        if missing is None or not missing.any():
            return
        if missing.all():
            raise TableError(
                f"{self.file}: each of its {count(len(missing), 'row')} has a missing number; "
                "leave columns out with --columns"
            )
        self.kept = ~missing
        self.notes += left_out.of_rows(self.file, missing, self._empty)
        self.rows = np.ascontiguousarray(self.rows[self.kept])
        self.labels, self.ids = _kept(self.labels, self.kept), _kept(self.ids, self.kept)

    def take_weights(self) -> NDArray[np.float64] | None:
        """Take the weights, which were read as the last column, from the rows."""
        if not self.weighed:
            return None
        weights = np.ascontiguousarray(self.rows[:, -1], dtype=np.float64)
        self.rows = np.ascontiguousarray(self.rows[:, :-1])
        return weights


def _kept(texts: list[str] | None, kept: Mask) -> list[str] | None:
    if texts is None:
        return None
    return [text for text, keep in zip(texts, kept.tolist(), strict=True) if keep]


@contextmanager
def _remedied() -> Iterator[None]:
    """Add to an error the option that it names."""
    try:
        yield
    except Refusal:
        raise
    except TableError as error:
        if "--drop-missing" not in str(error):
            raise
        raise Refusal([str(error)], [{"--drop-missing": None}]) from error


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
