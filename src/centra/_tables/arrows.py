"""Tables of numbers in Parquet and Arrow files, read by pyarrow.

A file may be damaged, or change while it is read. It is read, not mapped into memory: a mapped file
that is cut short ends the process. What was read is validated in full before it is used: pyarrow
reads a string's offsets or a column's length as the file has them, and follows them anywhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from centra._tables.columns import called, check_names, shown
from centra._tables.errors import reason_of
from centra._tables.inputs import CHANGED, Input, TableError
from centra._tables.missing import rows_with_nan, said
from centra._tables.suggestions import Kind, advice
from centra._tables.vectors import parts_of
from centra._utils.arrow_lists import NotVectors, vectors_of

__all__ = ["ArrowFile", "need_pyarrow", "write_arrow"]

#: Rows that are looked at for a hint.
_ROWS = 20_000
#: Rows that are looked at for the length of lists.
_FIRST = 1000
_NAMES = {"parquet": "a Parquet", "arrow": "an Arrow"}


def need_pyarrow() -> Any:
    """Import pyarrow, or say how to install it.

    Raises
    ------
    TableError
        It is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise TableError(
            'Parquet and Arrow files need pyarrow: pip install "centra[tables]"'
        ) from error
    return pyarrow


class ArrowFile:
    """A Parquet file, or an Arrow file: IPC, as a file or a stream, which Feather is too.

    Parameters
    ----------
    source : Input
        The file.

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

    def __init__(self, source: Input) -> None:
        self.source = source
        need_pyarrow()
        with self._said():
            with self._opened() as file:
                is_parquet = source.format == "parquet"
                self._schema = file.schema_arrow if is_parquet else file.schema
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
    ) -> tuple[NDArray[Any], list[str] | None]:
        """Read some columns.

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
        rows : ndarray of shape (n, len(numbers))
            float32 where all these columns are, else float64.
        texts : list of n str, or None

        Raises
        ------
        TableError
            A column is not of numbers, a cell is null, NaN or infinite, or there are no rows.
        """
        wanted = [*numbers, *([] if text is None else [text])]
        table = self.table(list(dict.fromkeys(self._parts[i].column for i in wanted)))
        if not table.num_rows:
            self._refuse("there are no rows; it needs at least one row of numbers")
        with self._said():
            rows = self._numbers(table, numbers, apart)
            holes = rows_with_nan(rows)
            if holes.any() and not missing:
                row = int(holes.argmax())
                at = numbers[int(np.isnan(rows[row]).argmax())]
                value = table.column(self._parts[at].column)[row].as_py()
                cell = "" if value is None else "nan"
                what = said(cell, int(holes.sum()))
                self._refuse(f"{self.where(row)}, {called(self.names, at)}: {what}")
            if text is None:
                return rows, None
            cells = table.column(self._parts[text].column).to_pylist()
            return rows, ["" if cell is None else str(cell).strip() for cell in cells]

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
        with self._opened([name]) as file:
            for batch in self._batches(file, name):
                batch.validate(full=True)
                values = batch.column(0).drop_null()
                if len(values):
                    return values[0].as_py()
        return None

    def _batches(self, file: Any, name: str) -> Iterator[Any]:
        """Give the first rows of a column."""
        if self.source.format == "parquet":
            yield from islice(file.iter_batches(batch_size=_FIRST, columns=[name]), 1)
        elif hasattr(file, "get_batch"):
            yield from (file.get_batch(i) for i in range(min(1, file.num_record_batches)))
        else:
            yield from islice(file, 1)

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
        with self._said():
            with self._opened(names) as file:
                if self.source.format == "parquet":
                    table = file.read(columns=names)
                else:
                    table = file.read_all()
            if names is not None:
                table = table.select(names)
            table.validate(full=True)
        expected = self._schema.names if names is None else names
        for name, field in zip(expected, table.schema, strict=True):
            if not field.equals(self._schema.field(self._places[name])):
                self._refuse(CHANGED)
        return table

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is."""
        return f"row {row + 1} (from 1)"

    def called(self, rows: Sequence[int]) -> list[str]:
        """Say what rows, counted from 0, are called: their numbers from 1."""
        return [f"row {row + 1}" for row in rows]

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

    @contextmanager
    def _opened(self, names: list[str] | None = None) -> Iterator[Any]:
        """Open the file, for columns of these names."""
        import pyarrow as pa

        # The name in bytes: pyarrow would write it in UTF-8, which not every name is.
        with pa.OSFile(os.fsencode(self.source.path)) as file:
            if self.source.format == "parquet":
                from pyarrow import parquet

                with parquet.ParquetFile(file) as reader:
                    yield reader
                return
            places = None if names is None else [self._places[name] for name in names]
            options = pa.ipc.IpcReadOptions(included_fields=places)
            # The two forms of IPC: a file begins with its name, a stream does not.
            is_file = file.read(6) == b"ARROW1"
            file.seek(0)
            opener = pa.ipc.open_file if is_file else pa.ipc.open_stream
            with opener(file, options=options) as reader:
                yield reader

    @contextmanager
    def _said(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, ValueError, ArithmeticError, LookupError) as error:
            if isinstance(error, OSError) and error.filename:
                raise
            kind = _NAMES[self.source.format]
            raise TableError(
                f"{self.source.name}: not {kind} file, or a damaged one ({reason_of(error)}); "
                "write it again"
            ) from error

    def _refuse(self, what: str) -> NoReturn:
        raise TableError(f"{self.source.name}: {what}")


def write_arrow(file: BinaryIO, kind: str, table: Any) -> None:
    """Write a pyarrow.Table as "parquet" or "arrow"."""
    pa = need_pyarrow()
    if kind == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, file)
        return
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_decimal(kind)
        or types.is_boolean(kind)
    )
