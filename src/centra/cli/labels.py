"""Writing the clusters of rows: alone, or as a last column of the table that was read."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra._tables.arrow_files import need_pyarrow, write_arrow
from centra._tables.arrows import ArrowFile
from centra._tables.columns import shown
from centra._tables.csvs import CsvFile
from centra._tables.inputs import CHANGED, STANDARD, Input, TableError, format_of
from centra._tables.npys import NpyFile
from centra._tables.tables import Reader
from centra._utils.atomic_write import write_whole
from centra._utils.terminal import copy_out
from centra.cli.written import wrote

__all__ = ["check_labels", "write_joined", "write_labels"]

Labels = NDArray[np.int32]
#: Lines that are made at a time.
_LINES = 50_000
#: Labels that are written at a time, at least.
_GATHERED = 1 << 20


def check_labels(output: Path, source: Input | None, join: bool) -> str:
    """Tell in which format the labels go out: by the suffix, or as the input came in.

    Raises
    ------
    TableError
        The suffix is not one that is known, or with --join not the input's.
    """
    if output == STANDARD:
        return "csv" if source is None else source.format
    kind = format_of(output)
    if join and source is not None and kind != source.format:
        raise TableError(
            f"{output}: --join writes the table in the format of {source.name}, {source.format}; "
            f"give a name that ends in .{source.format}"
        )
    return kind


def write_labels(
    output: Path, kind: str, parts: Iterable[Labels], n_rows: int, name: str
) -> NDArray[np.intp]:
    """Write labels as they come, whole or not at all, in one column; -1 is an empty cell or null.

    Parameters
    ----------
    output : Path
        The file, or ``-``.
    kind : {"csv", "tsv", "parquet", "arrow", "npy"}
        The format.
    parts : iterable of ndarray of int32
        The labels, row after row.
    n_rows : int
        How many there are.
    name : str
        What the column is called.

    Returns
    -------
    sizes : ndarray of int
        How many rows of each cluster were written, up to the last one that has any.

    Raises
    ------
    OSError
        The file cannot be written; an earlier one is untouched.
    TableError
        pyarrow is needed and missing.
    """
    sizes = _Sizes()
    parts = sizes.counted(_gathered(parts))
    with _sink(output) as file:
        if kind in ("parquet", "arrow"):
            table = need_pyarrow().table
            write_arrow(file, kind, (table({name: _arrow(part)}) for part in parts))
        elif kind == "npy":
            _npy_header(file, np.dtype(np.int32), (n_rows,))
            for part in parts:
                file.write(part.data)
        else:
            head = io.StringIO()
            csv.writer(head, lineterminator="\n").writerow([name])
            file.write(head.getvalue().encode("utf-8"))
            for part in parts:
                for start in range(0, len(part), _LINES):
                    # A lone empty cell stands in quotes, as a line without anything is no row.
                    cells = part[start : start + _LINES].tolist()
                    lines = (_cell(label) or '""' for label in cells)
                    file.write(("\n".join(lines) + "\n").encode("ascii"))
    return sizes.of


class _Sizes:
    """Counts the rows of every cluster as they come by."""

    def __init__(self) -> None:
        self.of: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def counted(self, parts: Iterable[Labels]) -> Iterator[Labels]:
        """Yield the same."""
        for part in parts:
            found = np.bincount(part[part >= 0], minlength=len(self.of))
            found[: len(self.of)] += self.of
            self.of = found
            yield part


def _gathered(parts: Iterable[Labels]) -> Iterator[Labels]:
    """Yield labels in fewer parts: what is written for each part of a file takes room in it."""
    waiting: list[Labels] = []
    for part in parts:
        waiting.append(part)
        if sum(map(len, waiting)) >= _GATHERED:
            yield np.concatenate(waiting) if len(waiting) > 1 else part
            waiting = []
    if waiting:
        yield np.concatenate(waiting)


def _npy_header(file: BinaryIO, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    head = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(file, head)


def write_joined(output: Path, source: Input, reader: Reader, labels: Labels, name: str) -> None:
    """Write the table that was read, all its columns, and a last one of labels.

    Parameters
    ----------
    output : Path
        The file, or ``-``.
    source : Input
        What was read; the format stays.
    reader : Reader
        The same, open.
    labels : ndarray of shape (n,), int32
        The labels.
    name : str
        What the last column is called.

    Raises
    ------
    OSError
        The file cannot be written; an earlier one is untouched.
    TableError
        The table has a column of that name, or the file changed since it was read.
    """
    if reader.names is not None and name in reader.names:
        raise TableError(
            f"{source.name}: has a column {shown(name)} already; give another name with --name"
        )
    beside = _Beside(source, labels)
    with _sink(output) as file, source.unchanged():
        if isinstance(reader, CsvFile):
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            writer = csv.writer(text, delimiter=reader.delimiter, lineterminator="\n")
            if reader.names is not None:
                writer.writerow([*reader.names, name])
            n_rows = 0
            for cells, label in zip(reader.records(), labels.tolist(), strict=False):
                cells.append(_cell(label))
                writer.writerow(cells)
                n_rows += 1
            beside.next(n_rows)
            text.flush()
            text.detach()
        elif isinstance(reader, ArrowFile):
            tables = (
                table.append_column(name, _arrow(beside.next(table.num_rows)))
                for table in reader.tables()
            )
            write_arrow(file, source.format, tables)
        elif isinstance(reader, NpyFile):
            for at, rows in enumerate(reader.pieces()):
                joined = np.column_stack([rows, beside.next(len(rows))])
                if not at:
                    _npy_header(file, joined.dtype, (len(labels), joined.shape[1]))
                file.write(joined.data)
        beside.end()


class _Beside:
    """Labels that are written beside rows, as they come; refuses rows they do not belong to."""

    def __init__(self, source: Input, labels: Labels) -> None:
        self._source, self._labels, self._done = source, labels, 0

    def next(self, count: int) -> Labels:
        """Return the labels of so many rows."""
        first, self._done = self._done, self._done + count
        if self._done > len(self._labels):
            raise TableError(f"{self._source.name}: {CHANGED}")
        return self._labels[first : self._done]

    def end(self) -> None:
        """Refuse an end before the last label."""
        if self._done != len(self._labels):
            raise TableError(f"{self._source.name}: {CHANGED}")


def _cell(label: int) -> str:
    return "" if label < 0 else str(label)


def _arrow(labels: Labels) -> Any:
    return need_pyarrow().chunked_array([need_pyarrow().array(labels, mask=labels < 0)])


@contextmanager
def _sink(output: Path) -> Iterator[BinaryIO]:
    """Open a file that appears whole, or collect what then goes to standard output."""
    if output != STANDARD:
        with write_whole(output) as file:
            yield file
        wrote(output)
        return
    with tempfile.TemporaryFile() as kept:
        yield kept
        kept.seek(0)
        copy_out(kept)
