"""Tables of numbers in Parquet and Arrow files, read by pyarrow."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from centra.cli.advice import Kind, advice
from centra.cli.columns import called, check_names, shown
from centra.cli.inputs import Input, TableError
from centra.cli.missing import gaps, said

__all__ = ["ArrowFile", "need_pyarrow", "write_arrow"]

#: Rows that are looked at for a hint.
_ROWS = 20_000
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
        Its columns.
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

    def __init__(self, source: Input) -> None:
        self.source = source
        need_pyarrow()
        with self._said():
            if source.format == "parquet":
                from pyarrow import parquet

                with parquet.ParquetFile(source.path) as file:
                    self._schema = file.schema_arrow
            else:
                self._schema = self._reader().schema
        self.names: tuple[str, ...] = tuple(self._schema.names)
        self.width = len(self.names)
        if not self.width:
            self._refuse("the file has no columns; it needs at least one row of numbers")
        check_names(source.name, self.names)
        self.index = self._index()

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
        import pyarrow as pa

        types = [self._schema.field(i).type for i in range(self.width)]
        wanted = [*numbers, *([] if text is None else [text])]
        table = self.table([self.names[i] for i in wanted])
        if not table.num_rows:
            self._refuse("there are no rows; it needs at least one row of numbers")
        single = all(pa.types.is_float32(types[i]) for i in numbers)
        rows = np.empty((table.num_rows, len(numbers)), np.float32 if single else np.float64)
        for j, i in enumerate(numbers):
            column = table.column(self.names[i])
            if not _is_number(types[i]):
                cell = shown(str(column[0].as_py()))
                self._refuse(
                    f"{self.where(0)}, {called(self.names, i)}: {cell} is not a number but "
                    f"{types[i]}; correct it{advice(self.names, self._kinds(), apart)}"
                )
            if pa.types.is_decimal(types[i]) or pa.types.is_boolean(types[i]):
                column = column.cast(pa.float64(), safe=False)
            rows[:, j] = column.to_numpy()
            bad = np.flatnonzero(np.isinf(rows[:, j]))
            if len(bad):
                self._refuse(
                    f"{self.where(int(bad[0]))}, {called(self.names, i)}: {rows[bad[0], j]} is "
                    "not a finite number; fill it or drop the row"
                )
        holes = gaps(rows)
        if holes.any() and not missing:
            row = int(holes.argmax())
            j = int(np.isnan(rows[row]).argmax())
            cell = "" if table.column(self.names[numbers[j]])[row].as_py() is None else "nan"
            what = said(cell, int(holes.sum()))
            self._refuse(f"{self.where(row)}, {called(self.names, numbers[j])}: {what}")
        if text is None:
            return rows, None
        cells = table.column(self.names[text]).to_pylist()
        return rows, ["" if cell is None else str(cell).strip() for cell in cells]

    def _kinds(self) -> list[Kind]:
        """Look at all columns, for a hint."""
        table = self.table()
        kinds = []
        for name, type_ in zip(self.names, self._schema.types, strict=True):
            kind = Kind(numbers=_is_number(type_))
            if kind.numbers:
                column = table.column(name)
                for value in column.slice(0, _ROWS).to_pylist():
                    kind.look(None if value is None or value != value else float(value))
                kind.holes = kind.holes or column.null_count > 0
            kinds.append(kind)
        return kinds

    def table(self, names: list[str] | None = None) -> Any:
        """Return columns, by default all, as a pyarrow.Table."""
        with self._said():
            if self.source.format == "parquet":
                from pyarrow import parquet

                with parquet.ParquetFile(self.source.path) as file:
                    return file.read(columns=names)
            found = self._reader().read_all()
            return found if names is None else found.select(names)

    def where(self, row: int) -> str:
        """Say where a row, counted from 0, is."""
        return f"row {row + 1} (from 1)"

    def _index(self) -> frozenset[int]:
        """Find what pandas says that it wrote of an index; one that only counts is not written."""
        try:
            told = json.loads((self._schema.metadata or {})[b"pandas"])["index_columns"]
            return frozenset(self.names.index(name) for name in told if name in self.names)
        except (KeyError, TypeError, ValueError):
            return frozenset()

    def _reader(self) -> Any:
        import pyarrow as pa

        mapped = pa.memory_map(str(self.source.path))
        start = mapped.read(6)
        mapped.seek(0)
        # The two forms of IPC: a file begins with its name, a stream does not.
        return pa.ipc.open_file(mapped) if start == b"ARROW1" else pa.ipc.open_stream(mapped)

    @contextmanager
    def _said(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.filename:
                raise
            reason = " ".join(str(error).split())[:100]
            kind = _NAMES[self.source.format]
            raise TableError(
                f"{self.source.name}: not {kind} file, or a damaged one ({reason}); write it again"
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
