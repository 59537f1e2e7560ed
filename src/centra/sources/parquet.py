"""Rows in Parquet files, read row group by row group within a budget of memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from centra.sources.arrow_columns import Columns, columns_of, need_pyarrow
from centra.sources.identity import changed, identity_at
from centra.sources.paths import Paths, files_of
from centra.sources.streamed import StreamedSource

#: Rows of a batch.
BATCH = 1 << 13
#: What a column takes at most while it is decoded: its dictionary, a page as it is in the file and
#: the same page decoded, of 1 MB each as writers make them (and what the allocator adds).
PAGES, PAGE = 3, (1 << 20) * 5 // 4
#: Bytes that are read at a time, of each column.
BUFFER = 1 << 16


@dataclass(frozen=True)
class RowGroup:
    """A row group of a file, or those of its rows that a filter leaves.

    Attributes
    ----------
    fragment : pyarrow.dataset.Fragment
        What reads it.
    group : int
        Its number in the file, from 0.
    filter : pyarrow.compute.Expression or None
        Which rows are taken.
    n_rows : int
        How many those are.
    identity : object
        What told the file from another when it was opened first.
    """

    fragment: Any
    group: int
    filter: Any
    n_rows: int
    identity: Any

    @property
    def path(self) -> str:
        """The file."""
        return str(self.fragment.path)

    @property
    def name(self) -> str:
        """Where it is."""
        return f"{self.path}, row group {self.group}"

    def batches(self, columns: Columns) -> Iterator[Any]:
        """Yield record batches of these columns, one after the other, in this thread.

        Raises
        ------
        ValueError
            The file is damaged.
        """
        import pyarrow as pa

        read = self._streamed if self.filter is None else self._filtered
        try:
            yield from read(list(columns.names))
        except (pa.ArrowException, OSError) as error:
            self.check()
            reason = " ".join(str(error).split())
            raise ValueError(f"{self.name} cannot be read: {reason}") from error

    def _streamed(self, names: list[str]) -> Iterator[Any]:
        """Decode page by page: what a data set's scanner does would hold the row group twice.

        One thread decodes: several take no less time beside the computation, and keep memory.
        """
        import pyarrow as pa
        import pyarrow.dataset as ds
        from pyarrow import parquet as pq

        fragment = self.fragment
        stands = ds.get_partition_keys(fragment.partition_expression)
        own = [name for name in names if name in fragment.physical_schema.names]
        with pq.ParquetFile(
            self.path,
            filesystem=fragment.filesystem,
            metadata=fragment.metadata,
            buffer_size=BUFFER,
            pre_buffer=False,
        ) as file:
            if not own:  # folders stand for all of the columns
                count = file.metadata.row_group(self.group).num_rows
                yield pa.record_batch(
                    [pa.repeat(pa.scalar(stands[n]), count) for n in names], names
                )
                return
            for batch in file.iter_batches(
                BATCH, row_groups=[self.group], columns=own, use_threads=False
            ):
                arrays = [
                    batch.column(name)
                    if name in own
                    else pa.repeat(pa.scalar(stands[name]), batch.num_rows)
                    for name in names
                ]
                yield pa.record_batch(arrays, names)
        pa.default_memory_pool().release_unused()

    def _filtered(self, names: list[str]) -> Iterator[Any]:
        """Read the row group as a data set, which knows how filters are applied."""
        import pyarrow.dataset as ds

        options = ds.ParquetFragmentScanOptions(
            use_buffered_stream=True, buffer_size=BUFFER, pre_buffer=False
        )
        return iter(
            self.fragment.to_batches(
                schema=_schema(self.fragment),
                columns=names,
                filter=self.filter,
                batch_size=BATCH,
                batch_readahead=1,
                fragment_readahead=1,
                fragment_scan_options=options,
                use_threads=False,
            )
        )

    def check(self) -> None:
        """Refuse a file that is not what it was.

        Raises
        ------
        ValueError
            It changed, or is gone.
        """
        found = _identity(self.fragment.filesystem, self.path)
        if found != self.identity:
            raise changed(self.path, found is None, "from_parquet")


class ParquetSource(StreamedSource):
    """Rows of Parquet files; see `from_parquet`."""

    def __repr__(self) -> str:
        """Say what is where."""
        return f"from_parquet({self.name!r}): {self.shape[0]} x {self.shape[1]} {self.dtype}"


def from_parquet(
    path: Paths,
    columns: Sequence[str] | None = None,
    filters: Any = None,
    filesystem: Any = None,
    memory: str | int = "256MB",
) -> ParquetSource:
    """Return the rows of Parquet files, which stay on disk; accepted wherever X is.

    Needs the extra ``tables``: ``pip install "centra[tables]"``.

    Parameters
    ----------
    path : path-like, folder, pattern such as ``"folder/*.parquet"``, or list of path-like
        The files, in the order of their names. Folders called ``name=value`` within a folder are a
        column, as Hive and Spark write them.
    columns : sequence of str, optional
        Columns to cluster by: numbers, or lists of as many numbers (embeddings), each of which is
        a column. By default all; one without numbers is an error that proposes the others.
    filters : pyarrow.compute.Expression, optional
        Which rows are taken, as in ``pyarrow.compute.field("year") == 2026``. They are counted
        once, when the files are opened.
    filesystem : pyarrow.fs.FileSystem or fsspec file system, optional
        Where the files are, by default on this machine.
    memory : str or int, default="256MB"
        The budget, as that of `from_npy`. What decodes a file has its part in it, half at most:
        some 3 MB for every column, or with filters a row group. (Wider rows in a small budget take
        more.)

    Returns
    -------
    ParquetSource
        To pass as X to `KMeans.fit`, `predict` and the rest. The answer has the same bits as that
        of the rows in memory, in any order of the files. Names of columns become
        ``feature_names_in_``.

    Raises
    ------
    ValueError
        If there is no file, one is no Parquet file, a column is not in all files or has no
        numbers, or the budget is less than a row. In a fit: if a value is missing (with file, row
        group and row), or a file has changed.
    ImportError
        If pyarrow is not installed.

    Notes
    -----
    k-means++ looks single rows up, and a row costs reading its row group. For large files prefer
    ``init="k-means||"``.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import pyarrow as pa
    >>> import pyarrow.parquet as pq
    >>> import centra
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for i in range(2):
    ...     table = pa.table({"name": ["a", "b"], "x": [0.0 + 10 * i, 1.0 + 10 * i]})
    ...     pq.write_table(table, folder / f"part{i}.parquet")
    >>> rows = centra.from_parquet(folder, columns=["x"])
    >>> km = centra.KMeans(2, init=[[0.0], [10.0]]).fit(rows)
    >>> km.cluster_centers_.ravel(), km.feature_names_in_
    (array([ 0.5, 10.5]), array(['x'], dtype=object))
    """
    need_pyarrow("from_parquet")
    fragments = _fragments(path, filesystem)
    first = fragments[0]
    schema = _schema(first)
    found = columns_of(first.path, schema, columns, partial(_first_length, first))
    parts: list[RowGroup] = []
    single, decoding = found.single, 0
    for fragment in fragments:
        own = _schema(fragment)
        missing = [name for name in found.names if name not in own.names]
        if missing:
            raise ValueError(
                f"{fragment.path} has no column {missing[0]!r}, and {first.path} has; all files "
                "must have the columns that are used."
            )
        here = columns_of(fragment.path, own, found.names, partial(_first_length, fragment))
        if here.widths != found.widths:
            at = next(i for i, width in enumerate(here.widths) if width != found.widths[i])
            raise ValueError(
                f"{fragment.path}: the lists in column {found.names[at]!r} have {here.widths[at]} "
                f"numbers, and {found.widths[at]} in {first.path}; all must be equally long."
            )
        single = single and here.single
        identity = _identity(fragment.filesystem, fragment.path)
        decoding = max(decoding, _decoding(fragment.metadata, found.names, filters is not None))
        for group in fragment.split_by_row_group():
            (number,) = group.row_groups
            count = number.num_rows
            if filters is not None:
                count = group.scanner(schema=own, filter=filters).count_rows()
            parts.append(RowGroup(group, number.id, filters, count, identity))
    name = first.path if len(fragments) == 1 else f"{first.path} and {len(fragments) - 1} others"
    return ParquetSource(parts, Columns(found.names, found.widths, single), name, memory, decoding)


def _decoding(metadata: Any, names: Sequence[str], whole: bool) -> int:
    """Return how many bytes it takes to decode columns of the largest row group of a file."""
    groups = range(metadata.num_row_groups)
    rows = [metadata.row_group(at).num_rows for at in groups]
    if not rows:
        return 0
    largest = metadata.row_group(rows.index(max(rows)))
    chunks = [largest.column(at) for at in range(largest.num_columns)]
    # Of a list, the path has what is in it too.
    sizes = [
        chunk.total_uncompressed_size
        for chunk in chunks
        if chunk.path_in_schema in names or chunk.path_in_schema.partition(".")[0] in names
    ]
    return sum(PAGES * (size if whole else min(size, PAGE)) for size in sizes)


def _fragments(path: Paths, filesystem: Any) -> list[Any]:
    """Return the files, one after the other.

    Raises
    ------
    ValueError
        There are none, or one is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    where: Any = path
    local = filesystem is None and not _is_uri(path)
    if local and not (isinstance(path, str | os.PathLike) and os.path.isdir(path)):
        where = files_of(path, "parquet")
    elif isinstance(path, os.PathLike):
        where = os.fspath(path)
    try:
        found = ds.dataset(where, format="parquet", partitioning="hive", filesystem=filesystem)
        fragments = sorted(found.get_fragments(), key=lambda fragment: fragment.path)
        for fragment in fragments:
            fragment.ensure_complete_metadata()
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} cannot be read as Parquet: {reason}") from error
    if not fragments:
        raise ValueError(f"The folder {path} holds no Parquet file.")
    if isinstance(where, list):
        # As they were given: a pattern is sorted by `files_of`.
        places = {os.path.abspath(file): at for at, file in enumerate(where)}
        fragments.sort(key=lambda fragment: places.get(os.path.abspath(fragment.path), 0))
    return fragments


def _is_uri(path: Any) -> bool:
    return isinstance(path, str) and "://" in path


def _schema(fragment: Any) -> Any:
    """Return the columns of a file, with those that its folders stand for."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    schema = fragment.physical_schema
    for name, value in ds.get_partition_keys(fragment.partition_expression).items():
        if name not in schema.names:
            schema = schema.append(pa.field(name, pa.scalar(value).type))
    return schema


def _first_length(fragment: Any, name: str) -> int:
    """Return the length of the first list in a column."""
    for batch in fragment.to_batches(columns=[name], batch_size=1, batch_readahead=0):
        if batch.num_rows:
            value = batch.column(0)[0].as_py()
            return 0 if value is None else len(value)
    return 0


def _identity(filesystem: Any, path: str) -> Any:
    """Return what tells this state of a file from another; None if it is gone."""
    from pyarrow.fs import LocalFileSystem

    if isinstance(filesystem, LocalFileSystem):
        return identity_at(path)
    info = filesystem.get_file_info([path])[0]
    return (info.size, info.mtime_ns) if info.is_file else None
