"""Tables of numbers in files: `.csv` in, labels out.

A `.npy` file needs nothing here: `centra.from_npy` knows all about it. A `.csv` file is read by
NumPy's C reader, which is fast and only knows that something is wrong; the `csv` module then reads
it again, carefully, to say what is wrong and where. The careful reader is the definition of what
is accepted: UTF-8, one row a line, the same number of cells in every row, each cell a finite
number, blank lines skipped, cells perhaps in double quotes, the first row perhaps a header.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn, TextIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra.errors import CentraError
from centra.whole import write_whole

__all__ = ["Table", "TableError", "check_finite", "read_csv", "write_labels"]

#: Lines that are read between two reports of progress.
_LINES = 50_000
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": ","}
# What both readers take for a number. Python's float() would also take "1_000".
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)


class TableError(CentraError):
    """A file that is not a table of numbers: one line that says where and what to do."""


@dataclass(frozen=True)
class Table:
    """Rows that were read from a file.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The numbers.
    names : tuple of str, or None
        The header, where the file has one.
    """

    rows: NDArray[np.float64]
    names: tuple[str, ...] | None


def read_csv(
    path: Path,
    *,
    header: bool | None = None,
    delimiter: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> Table:
    r"""Read a table of numbers from a text file.

    Parameters
    ----------
    path : Path
        The file, in UTF-8.
    header : bool, optional
        Whether the first row names the columns. By default it does when it has a cell that is
        not a number.
    delimiter : str, optional
        What separates cells: by default a comma, or a tab in a `.tsv` file.
    progress : callable, optional
        Called with the fraction of the file that has been read.

    Returns
    -------
    Table
        The numbers and the header.

    Raises
    ------
    OSError
        The file cannot be read.
    TableError
        A row is ragged, a cell is no finite number, there are no rows, or it is not UTF-8.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "points.csv"
    ...     _ = path.write_text("x,y\n1,2\n3,4.5\n")
    ...     table = read_csv(path)
    >>> table.names
    ('x', 'y')
    >>> table.rows
    array([[1. , 2. ],
           [3. , 4.5]])
    """
    sep = _DELIMITERS.get(path.suffix.lower(), ",") if delimiter is None else delimiter
    try:
        names = _header(path, sep, header)
        rows = _read_fast(path, sep, names is not None, progress)
        if rows is None or (names is not None and len(names) != rows.shape[1]):
            rows = _read_carefully(path, sep, names)
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path}: not UTF-8 text (byte {error.object[error.start]:#04x}); save it as UTF-8, "
            "or give a .npy file"
        ) from error
    except csv.Error as error:
        raise TableError(f"{path}: not a CSV file ({_short(error)}); write it again") from error
    return Table(rows, names)


def check_finite(path: Path, rows: NDArray[Any]) -> None:
    """Refuse NaN and infinity, naming the first one's place.

    Parameters
    ----------
    path : Path
        The file, for the message.
    rows : ndarray of shape (n, d)
        Its numbers; read in blocks, so that a mapped file stays on the disk.

    Raises
    ------
    TableError
        There is one.
    """
    block = max(1, (1 << 20) // max(1, rows.shape[1]))
    for start in range(0, len(rows), block):
        bad = np.argwhere(~np.isfinite(rows[start : start + block]))
        if len(bad):
            row, column = int(bad[0, 0]) + start, int(bad[0, 1])
            value = rows[row, column]
            _refuse(
                path, f"row {row}, column {column} (from 0) is {value}; fill it or drop the row"
            )


def write_labels(path: Path, labels: NDArray[np.int32]) -> None:
    """Write labels, whole or not at all.

    Parameters
    ----------
    path : Path
        A `.npy` file holds the array; a `.csv` file one label a line under the header `label`.
    labels : ndarray of shape (n,), int32
        The labels.

    Raises
    ------
    OSError
        The file cannot be written; an earlier one is untouched.
    """
    with write_whole(path) as file:
        if path.suffix.lower() == ".npy":
            npy.write_array(file, labels, allow_pickle=False)
            return
        file.write(b"label\n")
        for start in range(0, len(labels), _LINES):
            lines = map(str, labels[start : start + _LINES].tolist())
            file.write(("\n".join(lines) + "\n").encode("ascii"))


def _open(path: Path) -> TextIO:
    # utf-8-sig: spreadsheets begin a file with a byte order mark.
    return open(path, encoding="utf-8-sig", newline="")


def _header(path: Path, sep: str, header: bool | None) -> tuple[str, ...] | None:
    """Return the names in the first row that is not blank, if it is a header."""
    with _open(path) as file:
        first = next((row for row in csv.reader(file, delimiter=sep) if _cells(row)), None)
    if first is None:
        _refuse(path, "the file is empty; it needs at least one row of numbers")
    # An empty cell is a missing number rather than a name: "1,,3" is a row with a hole.
    plain = all(
        not cell.strip() or _NUMBER.fullmatch(cell) or _NOT_FINITE.fullmatch(cell) for cell in first
    )
    if header is False or (header is None and plain):
        return None
    return tuple(cell.strip() for cell in first)


def _read_fast(
    path: Path, sep: str, skip: bool, progress: Callable[[float], None] | None
) -> NDArray[np.float64] | None:
    """Read with numpy.loadtxt; None when it, or the rows, find anything to object to."""
    parts: list[NDArray[np.float64]] = []
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size or 1
        lines = (line for line in file if not line.isspace())
        if skip:
            next(lines)
        while chunk := list(islice(lines, _LINES)):
            try:
                part = np.loadtxt(
                    chunk, delimiter=sep, quotechar='"', comments=None, ndmin=2, dtype=np.float64
                )
            except (ValueError, OverflowError):
                return None
            if (parts and part.shape[1] != parts[0].shape[1]) or not np.isfinite(part).all():
                return None
            parts.append(part)
            if progress is not None:
                # The text layer forbids tell() while it iterates; the layer below has read ahead
                # by a few kilobytes, which no bar shows.
                progress(file.buffer.tell() / size)
    return np.concatenate(parts) if parts else None


def _read_carefully(path: Path, sep: str, names: tuple[str, ...] | None) -> NDArray[np.float64]:
    """Read cell by cell; slow, and able to say where a cell is wrong."""
    width = None if names is None else len(names)
    values: list[list[float]] = []
    with _open(path) as file:
        for line, row in _rows(file, sep, skip=names is not None):
            if width is None:
                width = len(row)
            if len(row) != width:
                first = "first row" if names is None else "header"
                what = f"line {line} has {len(row)} cells, but the {first} has {width}"
                _refuse(path, what + _hint(row))
            values.append(
                [_number(path, line, i, cell, names) for i, cell in enumerate(row, start=1)]
            )
    if not values:
        _refuse(path, "a header and no rows; it needs at least one row of numbers")
    return np.array(values, dtype=np.float64)


def _rows(file: TextIO, sep: str, *, skip: bool) -> Iterator[tuple[int, list[str]]]:
    """Give rows that are not blank, each with the line on which it ends, counted from 1."""
    reader = csv.reader(file, delimiter=sep)
    for row in reader:
        if not _cells(row):
            continue
        if skip:
            skip = False
            continue
        yield reader.line_num, row


def _cells(row: list[str]) -> bool:
    return len(row) > 1 or (len(row) == 1 and row[0].strip() != "")


def _number(path: Path, line: int, column: int, cell: str, names: tuple[str, ...] | None) -> float:
    if _NUMBER.fullmatch(cell):
        value = float(cell)
        if np.isfinite(value):
            return value
        what = f"{_shown(cell)} is larger than float64 can hold; rescale the column"
    elif not cell.strip():
        what = "is empty; fill it or drop the row"
    elif _NOT_FINITE.fullmatch(cell):
        what = f"{_shown(cell)} is not a finite number; fill it or drop the row"
    else:
        what = f"{_shown(cell)} is not a number; leave the column out, or turn it into numbers"
        what += _hint([cell])
    name = f" ({_shown(names[column - 1])})" if names is not None else ""
    _refuse(path, f"line {line}, column {column}{name}: {what}")


def _hint(row: list[str]) -> str:
    """Guess at a separator that was not expected."""
    for sep, name in ((";", "';'"), ("\t", "tab"), (",", "','")):
        if len(row) == 1 and sep in row[0]:
            return f"; if {name} separates the cells, give --delimiter {name}"
    return "; complete the row or drop it" if len(row) != 1 else ""


def _shown(cell: str) -> str:
    cell = cell.strip()
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


def _refuse(path: Path, what: str) -> NoReturn:
    raise TableError(f"{path}: {what}")
