"""Parquet and Arrow files as pyarrow opens them, and as it writes them.

A file may be damaged, or change while it is read. It is read, not mapped into memory: a mapped file
that is cut short ends the process.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

from centra._tables.columns import shown
from centra._tables.errors import reason_of
from centra._tables.inputs import Input, TableError

__all__ = [
    "batches_of",
    "count_rows",
    "need_pyarrow",
    "opened_arrow",
    "refuse_other_columns",
    "said_of",
    "schema_of",
    "write_arrow",
]

#: Bytes that are read at a time, of each column, where a file is read in pieces.
BUFFER = 1 << 16
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


@contextmanager
def opened_arrow(
    file: Input, names: list[str] | None = None, *, in_pieces: bool = False
) -> Iterator[Any]:
    """Open a file, for columns of these names; so that little of it is in memory, if wanted."""
    import pyarrow as pa

    # The name in bytes: pyarrow would write it in UTF-8, which not every name is.
    with pa.OSFile(os.fsencode(file.path)) as stream:
        if file.format == "parquet":
            from pyarrow import parquet

            buffer = BUFFER if in_pieces else 0
            with parquet.ParquetFile(stream, buffer_size=buffer, pre_buffer=False) as reader:
                yield reader
            return
        # The two forms of IPC: a file begins with its name, a stream does not.
        is_file = stream.read(6) == b"ARROW1"
        opener = pa.ipc.open_file if is_file else pa.ipc.open_stream
        places = None
        if names is not None:
            stream.seek(0)
            with opener(stream) as reader:
                places = [reader.schema.get_field_index(name) for name in names]
        stream.seek(0)
        options = pa.ipc.IpcReadOptions(included_fields=places)
        with opener(stream, options=options) as reader:
            yield reader


def batches_of(file: Input, names: list[str], count: int = 1 << 16) -> Generator[Any, None, None]:
    """Yield columns as record batches that have been validated; of Parquet, of so many rows."""
    with opened_arrow(file, names, in_pieces=True) as reader:
        if file.format == "parquet":
            # One row group at a time: of several, all would be read ahead.
            batches = (
                batch
                for at in range(reader.num_row_groups)
                for batch in reader.iter_batches(
                    count, row_groups=[at], columns=names, use_threads=False
                )
            )
        elif hasattr(reader, "get_batch"):
            batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
        else:
            batches = reader
        for batch in batches:
            batch.validate(full=True)
            yield batch


def count_rows(file: Input, name: str) -> int:
    """Count the rows of a file; of an Arrow file, those of the column of this name."""
    if file.format == "parquet":
        with opened_arrow(file) as reader:
            return int(reader.metadata.num_rows)
    return sum(batch.num_rows for batch in batches_of(file, [name]))


def schema_of(file: Input) -> Any:
    """Return the columns of a file."""
    with said_of(file), opened_arrow(file) as reader:
        return reader.schema_arrow if file.format == "parquet" else reader.schema


def refuse_other_columns(file: Input, first: Input, schema: Any) -> None:
    """Refuse a file that has not all columns of the first one, of the same types.

    Raises
    ------
    TableError
        It names the column.
    """
    here = schema_of(file)
    for field in schema:
        at = here.get_field_index(field.name)
        if at < 0:
            raise TableError(
                f"{file.name}: has no column {shown(field.name)}, and {first.name} has; give files "
                "with the same columns"
            )
        if not here.field(at).type.equals(field.type):
            raise TableError(
                f"{file.name}: column {shown(field.name)} is {here.field(at).type}, and "
                f"{field.type} in {first.name}; give files with the same columns"
            )


@contextmanager
def said_of(file: Input) -> Iterator[None]:
    """Turn what pyarrow raises of a damaged file into a line.

    Raises
    ------
    TableError
        Something was raised.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, ArithmeticError, LookupError) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise TableError(
            f"{file.name}: not {_NAMES[file.format]} file, or a damaged one ({reason_of(error)}); "
            "write it again"
        ) from error


def write_arrow(file: BinaryIO, kind: str, tables: Iterable[Any]) -> None:
    """Write a pyarrow.Table, in pieces of which there is one at least, as "parquet" or "arrow"."""
    pa = need_pyarrow()
    with ExitStack() as stack:
        writer: Any = None
        for table in tables:
            if writer is not None:
                pass
            elif kind == "parquet":
                from pyarrow import parquet

                writer = stack.enter_context(parquet.ParquetWriter(file, table.schema))
            else:
                writer = stack.enter_context(pa.ipc.new_file(file, table.schema))
            writer.write_table(table)
