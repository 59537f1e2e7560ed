"""Rows that can be read only once: written to a file within a folder of yours, and read from it."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.lib import format as npy

from centra.sources.arrow_columns import Columns, MissingNumber, columns_of, need_pyarrow
from centra.sources.npy import NpySource


def from_stream(
    x: Any,
    scratch: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    memory: str | int = "256MB",
) -> NpySource:
    """Return the rows of a stream, which is written once to a file in a folder of yours.

    Needs the extra ``tables``: ``pip install "centra[tables]"``.

    Parameters
    ----------
    x : object with ``__arrow_c_stream__``, or path of a CSV file
        A frame of polars or pandas, a relation of DuckDB, a ``RecordBatchReader``, a table. It is
        read once, batch by batch. A CSV file has a header, commas, and numbers as programs write
        them.
    scratch : path-like
        A folder with room for the numbers of these columns. The file in it can be read by its
        owner alone, and goes with the source.
    columns : sequence of str, optional
        Columns to cluster by, as those of `from_parquet`.
    memory : str or int, default="256MB"
        The budget, as that of `from_npy`.

    Returns
    -------
    NpySource
        To pass as X to `KMeans.fit`, `predict` and the rest; the same bits as in memory.

    Raises
    ------
    TypeError
        If x is no stream.
    ValueError
        If a column has no numbers, a value is missing (with its row), or there are no rows.
    OSError
        If the folder is not there, or is full; nothing is left in it.
    ImportError
        If pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import pyarrow as pa
    >>> import centra
    >>> batches = pa.table({"x": [0.0, 1.0, 10.0, 11.0]}).to_reader()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = centra.from_stream(batches, scratch=folder)
    ...     labels = centra.KMeans(2, init=[[0.0], [10.0]]).fit(rows).labels_
    >>> labels
    array([0, 0, 1, 1], dtype=int32)
    """
    need_pyarrow("from_stream")
    handle, path = tempfile.mkstemp(prefix="centra-", suffix=".npy", dir=scratch)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file, _reader(x) as reader:
            _write(reader, columns, file)
        source = NpySource(path, memory)
    except BaseException:
        _remove(path)
        raise
    source.name = f"the {type(x).__name__}" if not isinstance(x, str) else x
    weakref.finalize(source, _remove, path)
    return source


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


@contextmanager
def _reader(x: Any) -> Iterator[Any]:
    """Open a stream of record batches.

    Raises
    ------
    TypeError
        It is none.
    """
    import pyarrow as pa
    from pyarrow import csv

    if isinstance(x, str | os.PathLike):
        with csv.open_csv(os.fspath(x)) as reader:
            yield reader
    elif isinstance(x, pa.RecordBatchReader):
        yield x
    elif hasattr(x, "__arrow_c_stream__"):
        yield pa.RecordBatchReader.from_stream(x)
    else:
        raise TypeError(
            f"from_stream needs something with __arrow_c_stream__ or the path of a CSV file, not "
            f"{type(x).__name__}."
        )


def _write(reader: Any, wanted: Sequence[str] | None, file: Any) -> None:
    """Write the rows of a stream as an .npy file."""
    found: Columns | None = None
    n_rows, at = 0, 0
    for batch in reader:
        if found is None and (batch.num_rows or not _needs_rows(reader.schema)):
            found = _columns(reader, wanted, batch)
            at = _header(file, 0, found)
        if found is None or not batch.num_rows:
            continue
        rows = np.empty((batch.num_rows, found.width), found.dtype)
        try:
            found.fill(batch.select(list(found.names)), rows)
        except MissingNumber as error:
            raise ValueError(
                f"The stream, row {n_rows + error.row}: {error}. Fill it, or leave such rows out."
            ) from None
        file.write(rows.data)
        n_rows += len(rows)
    if found is None or not n_rows:
        raise ValueError("The stream has no rows; it needs at least one.")
    file.seek(0)
    if _header(file, n_rows, found) != at:
        raise AssertionError("a header has room for any number of rows")


def _needs_rows(schema: Any) -> bool:
    from pyarrow import types

    return any(types.is_list(kind) or types.is_large_list(kind) for kind in schema.types)


def _columns(reader: Any, wanted: Sequence[str] | None, batch: Any) -> Columns:
    def length(name: str) -> int:
        value = batch.column(name)[0].as_py() if batch.num_rows else None
        return len(value or ())

    return columns_of("The stream", reader.schema, wanted, length)


def _header(file: Any, n_rows: int, columns: Columns) -> int:
    """Write the header; return where it ends, which is the same for any number of rows."""
    npy.write_array_header_1_0(
        file,
        {
            "descr": npy.dtype_to_descr(columns.dtype),
            "fortran_order": False,
            "shape": (n_rows, columns.width),
        },
    )
    return int(file.tell())
