"""Rows in Arrow files, read record batch by record batch within a budget of memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from centra.sources.arrow_columns import Columns, columns_of, need_pyarrow
from centra.sources.identity import Identity, changed, identity_at
from centra.sources.paths import Paths, files_of
from centra.sources.streamed import StreamedSource


@dataclass(frozen=True)
class FileBatch:
    """A record batch of a file.

    Attributes
    ----------
    path : str
        The file.
    number : int
        Its number in the file, from 0.
    n_rows : int
        How many rows it has.
    identity : Identity
        What told the file from another when it was opened first.
    """

    path: str
    number: int
    n_rows: int
    identity: Identity | None

    @property
    def name(self) -> str:
        """Where it is."""
        return f"{self.path}, record batch {self.number}"

    def batches(self, columns: Columns) -> Iterator[Any]:
        """Yield the batch, of these columns.

        Raises
        ------
        ValueError
            The file is damaged.
        """
        with _reader(self.path, self.name) as reader:
            batch = reader.get_batch(self.number)
            batch.validate(full=True)
            yield batch.select(list(columns.names))

    def check(self) -> None:
        """Refuse a file that is not what it was.

        Raises
        ------
        ValueError
            It changed, or is gone.
        """
        found = identity_at(self.path)
        if found != self.identity:
            raise changed(self.path, found is None, "from_arrow")


class ArrowSource(StreamedSource):
    """Rows of Arrow files; see `from_arrow`."""

    def __repr__(self) -> str:
        """Say what is where."""
        return f"from_arrow({self.name!r}): {self.shape[0]} x {self.shape[1]} {self.dtype}"


def from_arrow(
    path: Paths, columns: Sequence[str] | None = None, memory: str | int = "256MB"
) -> ArrowSource:
    """Return the rows of Arrow IPC files (Feather too), which stay on disk.

    Needs the extra ``tables``: ``pip install "centra[tables]"``.

    Parameters
    ----------
    path : path-like, folder, pattern such as ``"folder/*.arrow"``, or list of path-like
        The files, in the order of their names. A file is read, not mapped into memory: one that is
        cut short meanwhile would end the process. Streams cannot be read twice: see `from_stream`.
    columns : sequence of str, optional
        Columns to cluster by, as those of `from_parquet`.
    memory : str or int, default="256MB"
        The budget, as that of `from_npy`. One record batch of a file comes on top.

    Returns
    -------
    ArrowSource
        To pass as X to `KMeans.fit`, `predict` and the rest; the same bits as in memory.

    Raises
    ------
    ValueError
        If there is no file, one is no Arrow file, a column is not in all files or has no numbers,
        or the budget is less than a row. In a fit: if a value is missing, or a file has changed.
    ImportError
        If pyarrow is not installed.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import pyarrow as pa
    >>> import centra
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.arrow"
    >>> table = pa.table({"x": [0.0, 1.0, 10.0, 11.0]})
    >>> with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
    ...     writer.write_table(table)
    >>> centra.KMeans(2, init=[[0.0], [10.0]]).fit(centra.from_arrow(path)).labels_
    array([0, 0, 1, 1], dtype=int32)
    """
    need_pyarrow("from_arrow")
    files = files_of(path, "arrow")
    found: Columns | None = None
    parts: list[FileBatch] = []
    single = True
    for file in files:
        identity = identity_at(file)
        with _reader(file, file) as reader:
            counts = [reader.get_batch(at).num_rows for at in range(reader.num_record_batches)]
            wanted = columns if found is None else found.names
            here = columns_of(file, reader.schema, wanted, partial(_first_length, reader))
        found = found or here
        if here.widths != found.widths:
            raise ValueError(f"{file}: lists are not as long as those in {files[0]}.")
        single = single and here.single
        parts += [FileBatch(file, at, count, identity) for at, count in enumerate(counts)]
    assert found is not None, "files_of names one file at least"
    name = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} others"
    return ArrowSource(parts, Columns(found.names, found.widths, single), name, memory)


def _first_length(reader: Any, name: str) -> int:
    """Return the length of the first list in a column."""
    column = reader.get_batch(0).column(name) if reader.num_record_batches else []
    return len(column[0].as_py() or ()) if len(column) else 0


@contextmanager
def _reader(path: str, name: str) -> Iterator[Any]:
    """Open a file.

    Raises
    ------
    ValueError
        It is damaged, or no Arrow file.
    """
    import pyarrow as pa

    try:
        with pa.OSFile(os.fsencode(path)) as file, pa.ipc.open_file(file) as reader:
            yield reader
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{name} cannot be read as an Arrow file: {reason}") from error
