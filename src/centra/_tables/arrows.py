"""Tables of numbers in Parquet and Arrow files, read by pyarrow.

Rows that need more memory than there is stay on the disk, in a source (`centra.sources`). Those of
several files follow one another; all must have the columns of the first.

What was read is validated in full before it is used: pyarrow reads a string's offsets or a column's
length as the file has them, and follows them anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

import centra
from centra._tables.arrow_files import (
    batches_of,
    count_rows,
    need_pyarrow,
    opened_arrow,
    refuse_other_columns,
    said_of,
    schema_of,
)
from centra._tables.columns import called, check_names, shown
from centra._tables.inputs import CHANGED, Input, TableError
from centra._tables.missing import rows_with_nan, said
from centra._tables.room import check_room, place_of
from centra._tables.suggestions import Kind, advice
from centra._tables.vectors import parts_of
from centra._utils.arrow_lists import NotVectors, vectors_of
from centra._utils.lazily import lazily

__all__ = ["ArrowFile"]

#: Rows that are looked at for a hint.
_ROWS = 20_000
#: Rows that are looked at for the length of lists.
_FIRST = 1000
#: Columns are in memory twice while they are read: as pyarrow decodes them, and as rows.
COPIES = 2
#: Bytes that a cell takes as text, about.
TEXT = 64


class ArrowFile:
    """Parquet files, or Arrow files: IPC, as a file or a stream, which Feather is too.

    Parameters
    ----------
    source : Input
        The file, or several.
    budget : int, optional
        Bytes that rows may take in memory; larger ones stay on the disk.

    Attributes
    ----------
    names : tuple of str
        Its columns; one of lists of numbers is a column for each of them: `emb[0]`, `emb[1]`, ...
    width : int
        How many there are.
    index : frozenset of int
        Those that were the index of a pandas data frame.

    Raises
    ------
    TableError
        pyarrow is missing, the file is damaged or of another kind, or names two columns alike.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pyarrow as pa
    >>> from pyarrow import parquet
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "points.parquet"
    ...     parquet.write_table(pa.table({"id": ["A", "B"], "x": [1, 3]}), path)
    ...     file = ArrowFile(Input(path, "points.parquet", "parquet"))
    ...     rows, ids = file.read([1], 0)
    >>> rows.tolist(), ids
    ([[1.0], [3.0]], ['A', 'B'])
    """

    notes: tuple[str, ...] = ()
    empty_columns: frozenset[int] = frozenset()
    understood: tuple[str, ...] = ()
    empty: tuple[int, ...] = ()

    def __init__(self, source: Input, budget: int = 1 << 62) -> None:
        self.source, self._budget = source, budget
        need_pyarrow()
        self._schema = schema_of(source.parts[0])
        with said_of(self.source):
            self._places = {name: i for i, name in enumerate(self._schema.names)}
            self._parts = parts_of(self._schema, self._first)
        self.names: tuple[str, ...] = tuple(part.name for part in self._parts)
        # Of a part of lists the type of their numbers.
        types = [self._schema.field(self._places[part.column]).type for part in self._parts]
        self._types = [
            kind if part.at is None else kind.value_type
            for kind, part in zip(types, self._parts, strict=True)
        ]
        self.width = len(self.names)
        if not self.width:
            self._refuse("the file has no columns; it needs at least one row of numbers")
        check_names(source.name, self.names)
        for part in source.parts[1:]:
            refuse_other_columns(part, source.parts[0], self._schema)
        self.index = self._index()

    @property
    def texts(self) -> frozenset[int]:
        """Columns that hold no numbers."""
        return frozenset(i for i, kind in enumerate(self._types) if not _is_number(kind))

    def read(
        self,
        numbers: Sequence[int],
        text: int | None,
        progress: object = None,
        *,
        missing: bool = False,
        apart: Collection[int | None] = (),
    ) -> tuple[Any, list[str] | None]:
        """Read some columns; they stay on the disk if there is no room for them.

        Parameters
        ----------
        numbers : sequence of int
            Positions, from 0, of columns of numbers.
        text : int or None
            The position of a column to take as text.
        progress : ignored
        missing : bool, default=False
            Whether numbers may be missing: NaN stands for them. Else they are refused.
        apart : collection of int, optional
            Columns that no hint proposes.

        Returns
        -------
        rows : ndarray or Source of shape (n, len(numbers))
            float32 where all these columns are, else float64.
        texts : list of n str, or None

        Raises
        ------
        TableError
            A column is not of numbers, a cell is null, NaN or infinite, or there are no rows; or
            rows that are larger than the budget must be in memory.
        """
        if self.stays(numbers):
            if missing:
                self.check_fits("rows of which some are left out", len(numbers))
            return self._left_on_disk(numbers), None if text is None else self._texts_of(text)
        wanted = [*numbers, *([] if text is None else [text])]
        table = self.table(list(dict.fromkeys(self._parts[i].column for i in wanted)))
        if not table.num_rows:
            self._refuse("there are no rows; it needs at least one row of numbers")
        with said_of(self.source):
            rows = self._numbers(table, numbers, apart)
            holes = rows_with_nan(rows)
            if holes.any() and not missing:
                row = int(holes.argmax())
                at = numbers[int(np.isnan(rows[row]).argmax())]
                value = table.column(self._parts[at].column)[row].as_py()
                cell = "" if value is None else "nan"
                what = said(cell, int(holes.sum()))
                self._refuse(f"{self.where(row)}, {called(self.names, at)}: {what}")
            return rows, None if text is None else self._as_texts(table, text)

    def _as_texts(self, table: Any, at: int) -> list[str]:
        cells = table.column(self._parts[at].column).to_pylist()
        return ["" if cell is None else str(cell).strip() for cell in cells]

    def _texts_of(self, at: int) -> list[str]:
        """Read a column as text, where there is no room for the rows."""
        check_room(self.source.name, "texts", self._n_rows * TEXT, self._budget)
        return self._as_texts(self.table([self._parts[at].column]), at)

    def stays(self, numbers: Sequence[int]) -> bool:
        """Whether columns stay on the disk."""
        return self._needed(len(numbers)) > self._budget

    def check_fits(self, what: str, width: int) -> None:
        """Refuse what needs more rows in memory than the budget has.

        Raises
        ------
        TableError
            They do not fit.
        """
        check_room(self.source.name, what, self._needed(width), self._budget)

    def _needed(self, width: int) -> int:
        """Return how many bytes columns of numbers take while they are read."""
        single = all(str(kind) in ("float", "halffloat") for kind in self._types)
        return COPIES * self._n_rows * width * (4 if single else 8)

    @lazily
    def _counts(self) -> tuple[int, ...]:
        """Count the rows of every file."""
        counts = []
        for part in self.source.parts:
            with said_of(part):
                counts.append(count_rows(part, self._schema.names[0]))
        return tuple(counts)

    @property
    def _n_rows(self) -> int:
        return sum(self._counts)

    def _left_on_disk(self, numbers: Sequence[int]) -> Any:
        """Return the source of columns.

        Raises
        ------
        TableError
            It cannot be one.
        """
        names = list(dict.fromkeys(self._parts[i].column for i in numbers))
        all_of_them = [
            i for name in names for i, part in enumerate(self._parts) if part.column == name
        ]
        if list(numbers) != all_of_them:
            self.check_fits("some numbers of lists", len(numbers))
        for i in numbers:
            if not _is_number(self._types[i]):
                self._refuse(
                    f"{called(self.names, i)} is {self._types[i]}, not numbers; leave it out with "
                    "--exclude"
                )
        make = centra.from_parquet if self.source.format == "parquet" else centra.from_arrow
        try:
            return make([part.path for part in self.source.parts], names, memory=self._budget)
        except ValueError as error:
            text = " ".join(str(error).split()).rstrip(".")
            for part in self.source.parts:
                text = text.replace(str(part.path), part.name)
            self._refuse(text)

    def head(self, numbers: Sequence[int], count: int) -> NDArray[Any]:
        """Read the first rows of columns; NaN for null."""
        import pyarrow as pa

        names = list(dict.fromkeys(self._parts[i].column for i in numbers))
        found: list[Any] = []
        first = self.source.parts[0]
        with said_of(first), closing(batches_of(first, names, count)) as batches:
            for batch in batches:
                found.append(batch.slice(0, count))
                count -= found[-1].num_rows
                if count <= 0:
                    break
            return self._numbers(pa.Table.from_batches(found).select(names), numbers, ())

    def _numbers(
        self, table: Any, numbers: Sequence[int], apart: Collection[int | None]
    ) -> NDArray[Any]:
        """Put columns of numbers into an array; NaN for null."""
        import pyarrow as pa

        types = self._types
        for i in numbers:
            if not _is_number(types[i]):
                cell = shown(str(table.column(self._parts[i].column)[0].as_py()))
                self._refuse(
                    f"{self.where(0)}, {called(self.names, i)}: {cell} is not a number but "
                    f"{types[i]}; correct it{advice(self.names, self._kinds(), apart)}"
                )
        single = all(pa.types.is_float32(types[i]) for i in numbers)
        rows = np.empty((table.num_rows, len(numbers)), np.float32 if single else np.float64)
        vectors: dict[str, NDArray[Any]] = {}
        for j, i in enumerate(numbers):
            part = self._parts[i]
            column = table.column(part.column)
            if part.at is not None:
                if part.column not in vectors:
                    vectors[part.column] = self._vectors(column, part.column, part.width)
                column = vectors[part.column][:, part.at]
            elif pa.types.is_decimal(types[i]) or pa.types.is_boolean(types[i]):
                column = column.cast(pa.float64(), safe=False)
            rows[:, j] = column if isinstance(column, np.ndarray) else column.to_numpy()
            bad = np.flatnonzero(np.isinf(rows[:, j]))
            if len(bad):
                self._refuse(
                    f"{self.where(int(bad[0]))}, {called(self.names, i)}: {rows[bad[0], j]} is "
                    "not a finite number; fill it or drop the row"
                )
        return rows

    def _vectors(self, column: Any, name: str, width: int) -> NDArray[Any]:
        try:
            return vectors_of(column, width)
        except NotVectors as error:
            self._refuse(f"{self.where(error.row)}, column {shown(name)}: {error.what}")

    def _first(self, name: str) -> Any:
        """Return the first value of a column that is not missing, among its first rows."""
        with closing(batches_of(self.source.parts[0], [name], _FIRST)) as batches:
            for batch in islice(batches, 1):
                values = batch.column(0).drop_null()
                if len(values):
                    return values[0].as_py()
        return None

    def _kinds(self) -> list[Kind]:
        """Look at all columns, for a hint."""
        table = self.table()
        kinds = []
        for part, type_ in zip(self._parts, self._types, strict=True):
            kind = Kind(numbers=_is_number(type_))
            if part.at is not None:
                kind.look(0.0)  # lists of numbers, whatever they are
            elif kind.numbers:
                column = table.column(part.column)
                for value in column.slice(0, _ROWS).to_pylist():
                    kind.look(None if value is None or value != value else float(value))
                kind.holes = kind.holes or column.null_count > 0
            kinds.append(kind)
        return kinds

    def table(self, names: list[str] | None = None) -> Any:
        """Return columns, by default all, as a pyarrow.Table."""
        import pyarrow as pa

        names = self._schema.names if names is None else names
        tables = [self._table_of(part, names) for part in self.source.parts]
        # Of the first file is what it says of itself; the columns are equal.
        tables = [table.replace_schema_metadata(tables[0].schema.metadata) for table in tables]
        return tables[0] if len(tables) == 1 else pa.concat_tables(tables)

    def _table_of(self, part: Input, names: list[str]) -> Any:
        with said_of(part):
            with opened_arrow(part, names) as file:
                if self.source.format == "parquet":
                    table = file.read(columns=names)
                else:
                    table = file.read_all()
            table = table.select(names)
            table.validate(full=True)
        self._check_columns(names, table.schema)
        return table

    def _check_columns(self, names: Sequence[str], schema: Any) -> None:
        for name, field in zip(names, schema, strict=True):
            if not field.type.equals(self._schema.field(self._places[name]).type):
                self._refuse(CHANGED)

    def tables(self) -> Iterator[Any]:
        """Yield all columns, row after row: at once if there is room, else in pieces."""
        import pyarrow as pa

        names = self._schema.names
        if not self.stays(range(self.width)):
            yield self.table()
            return
        for part in self.source.parts:
            with said_of(part), closing(batches_of(part, names)) as batches:
                for batch in batches:
                    table = pa.Table.from_batches([batch]).select(names)
                    self._check_columns(names, table.schema)
                    yield table.replace_schema_metadata(self._schema.metadata)

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is: its number, and its file if there are several."""
        file, row = self._place(row)
        return f"{file}{', ' if file else ''}row {row + 1} (from 1)"

    def called(self, rows: Sequence[int]) -> list[str]:
        """Say what rows, counted from 0, are called: their numbers from 1."""
        places = [self._place(row) for row in rows]
        return [f"{file}{' ' if file else ''}row {row + 1}" for file, row in places]

    def _place(self, row: int) -> tuple[str, int]:
        return place_of(row, [part.name for part in self.source.parts], self._counts)

    def _index(self) -> frozenset[int]:
        """Find what pandas says that it wrote of an index; one that only counts is not written."""
        try:
            told = json.loads((self._schema.metadata or {})[b"pandas"])["index_columns"]
            told = {name for name in told if isinstance(name, str)}
            return frozenset(
                i for i, part in enumerate(self._parts) if part.at is None and part.column in told
            )
        except (KeyError, TypeError, ValueError):
            return frozenset()

    def _refuse(self, what: str) -> NoReturn:
        raise TableError(f"{self.source.name}: {what}")


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_decimal(kind)
        or types.is_boolean(kind)
    )
