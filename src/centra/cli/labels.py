"""Writing the clusters of rows: alone, or as a last column of the table that was read."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra._tables.arrows import ArrowFile, need_pyarrow, write_arrow
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


def write_labels(output: Path, kind: str, labels: Labels, name: str) -> None:
    """Write labels, whole or not at all, in one column; -1 is none, an empty cell or null.

    Parameters
    ----------
    output : Path
        The file, or ``-``.
    kind : {"csv", "tsv", "parquet", "arrow", "npy"}
        The format.
    labels : ndarray of shape (n,), int32
        The labels.
    name : str
        What the column is called.

    Raises
    ------
    OSError
        The file cannot be written; an earlier one is untouched.
    TableError
        pyarrow is needed and missing.
    """
    if kind in ("parquet", "arrow"):
        table = need_pyarrow().table({name: _arrow(labels)})
        with _sink(output) as file:
            write_arrow(file, kind, table)
        return
    with _sink(output) as file:
        if kind == "npy":
            npy.write_array(file, labels, allow_pickle=False)
            return
        head = io.StringIO()
        csv.writer(head, lineterminator="\n").writerow([name])
        file.write(head.getvalue().encode("utf-8"))
        for start in range(0, len(labels), _LINES):
            # A lone empty cell stands in quotes, as a line without anything is no row.
            lines = (_cell(label) or '""' for label in labels[start : start + _LINES].tolist())
            file.write(("\n".join(lines) + "\n").encode("ascii"))


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
            _check_rows(source, n_rows, labels)
            text.flush()
            text.detach()
        elif isinstance(reader, ArrowFile):
            table = reader.table()
            _check_rows(source, table.num_rows, labels)
            write_arrow(file, source.format, table.append_column(name, _arrow(labels)))
        elif isinstance(reader, NpyFile):
            rows = reader.columns()
            _check_rows(source, len(rows), labels)
            npy.write_array(file, np.column_stack([rows, labels]), allow_pickle=False)


def _check_rows(source: Input, n_rows: int, labels: Labels) -> None:
    """Refuse to write labels beside rows that they do not belong to."""
    if n_rows != len(labels):
        raise TableError(f"{source.name}: {CHANGED}")


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
