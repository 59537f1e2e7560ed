r"""Tables of numbers in text files: `.csv` and `.tsv`.

Three readers, from fast to careful. pyarrow's, where it is installed and the file is worth its
import; NumPy's; both fast, and both only know that something is wrong. The `csv` module then reads
the file again, carefully, to say what is wrong and where. The careful reader is the definition of
what is accepted: UTF-8, one row a line, the same number of cells in every row, each cell of a
column that is asked for a finite number, blank lines skipped, cells perhaps in double quotes, the
first row perhaps a header.
"""

from __future__ import annotations

import codecs
import csv
import importlib.util
import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NoReturn, TextIO

import numpy as np
from numpy.typing import NDArray

from centra.cli.columns import called, check_names, shown, suggested
from centra.cli.inputs import Input, TableError

__all__ = ["CsvFile"]

Floats = NDArray[np.float64]
Progress = Callable[[float], None] | None
#: Numbers, and perhaps a column of text.
Parts = tuple[Floats, "list[str] | None"]

#: Lines that are read between two reports of progress.
_LINES = 50_000
#: Files of fewer bytes are read before pyarrow is imported.
_WORTH = 1 << 20
# What all readers take for a number. Python's float() would also take "1_000".
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)


class CsvFile:
    r"""A text file with a table in it.

    Parameters
    ----------
    source : Input
        The file, in UTF-8.
    header : bool, optional
        Whether the first row names the columns. By default it does when it has text where the row
        below has a number, or no number at all.
    delimiter : str, optional
        What separates cells: by default a comma, or a tab in a `.tsv` file.

    Attributes
    ----------
    names : tuple of str, or None
        The header, where the file has one.
    width : int
        How many columns there are.

    Raises
    ------
    OSError
        The file cannot be read.
    TableError
        It is empty, is not UTF-8 or CSV, names two columns alike, or may have a header or not.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "points.csv"
    ...     _ = path.write_text("id,x,y\nA,1,2\nB,3,4.5\n")
    ...     file = CsvFile(Input(path, "points.csv", "csv"))
    ...     rows, ids = file.read([1, 2], 0)
    >>> file.names
    ('id', 'x', 'y')
    >>> rows
    array([[1. , 2. ],
           [3. , 4.5]])
    >>> ids
    ['A', 'B']
    """

    def __init__(
        self, source: Input, *, header: bool | None = None, delimiter: str | None = None
    ) -> None:
        self.source = source
        self.delimiter = delimiter or ("\t" if source.format == "tsv" else ",")
        with _said(source.name):
            self._head(header)

    def _head(self, header: bool | None) -> None:
        """Read the first two rows, and tell whether the first is a header."""
        with self._open() as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            rows = (row for row in reader if not _blank(row))
            first = next(rows, None)
            lines = reader.line_num
            second = next(rows, [])
        if first is None:
            self._refuse("the file is empty; it needs at least one row of numbers")
        self.width = len(first)
        self.names: tuple[str, ...] | None = None
        self._skip = 0
        if self._is_header(first, second) if header is None else header:
            self.names = tuple(cell.strip() for cell in first)
            self._skip = lines
            check_names(self.source.name, self.names)

    def _is_header(self, first: list[str], second: list[str]) -> bool:
        # An empty cell is a missing number rather than a name: "1,,3" is a row with a hole.
        text = [i for i, cell in enumerate(first) if cell.strip() and not _like_number(cell)]
        if not text:
            return False
        if not any(map(_like_number, first)) or not second:
            return True
        if any(_like_number(cell) or not cell.strip() for cell in _at(second, text)):
            return True
        self._refuse(
            f"the first row, {shown(self.delimiter.join(first))}, may be names or values; "
            "give --header or --no-header"
        )

    def read(self, numbers: Sequence[int], text: int | None, progress: Progress = None) -> Parts:
        """Read some columns.

        Parameters
        ----------
        numbers : sequence of int
            Positions, from 0, of columns of numbers.
        text : int or None
            The position of a column to take as it is.
        progress : callable, optional
            Called with the fraction of the file that has been read.

        Returns
        -------
        rows : ndarray of shape (n, len(numbers)), float64
        texts : list of n str, or None

        Raises
        ------
        TableError
            A row is ragged, a cell is no finite number, there are no rows, or it is not UTF-8.
        """
        with _said(self.source.name):
            for reader in (self._read_by_arrow, self._read_by_numpy):
                found = reader(list(numbers), text, progress)
                if found is not None:
                    return found
            return self._read_carefully(numbers, text)

    def where(self, row: int) -> str:
        """Say on which line a row, counted from 0, is."""
        with self._open() as file:
            line = next(islice(self._rows(file), row, None))[0]
        return f"line {line}"

    def records(self) -> Iterator[list[str]]:
        """Give the cells of each row, the header aside."""
        with _said(self.source.name), self._open() as file:
            for _, row in self._rows(file):
                yield row

    # --- three readers ----------------------------------------------------------------------------

    def _read_by_arrow(self, numbers: list[int], text: int | None, done: Progress) -> Parts | None:
        """Read with pyarrow; None without it, for a small file, and at the first objection."""
        size = self.source.path.stat().st_size
        if size < _WORTH or not self.delimiter.isascii() or not _has_arrow():
            return None
        import pyarrow as pa
        from pyarrow import csv as arrow

        names = [str(i) for i in range(self.width)]
        types = {str(i): pa.float64() for i in numbers}
        wanted = [str(i) for i in numbers]
        if text is not None:
            types[str(text)] = pa.string()
            wanted.append(str(text))
        with open(self.source.path, "rb") as file:
            skipped = b"".join(file.readline() for _ in range(self._skip))
            if skipped.count(b"\r") != skipped.count(b"\r\n"):  # its lines end in another way
                return None
            try:
                table = arrow.read_csv(
                    _Checked(file, size, done),
                    read_options=arrow.ReadOptions(column_names=names),
                    parse_options=arrow.ParseOptions(
                        delimiter=self.delimiter, newlines_in_values=True
                    ),
                    convert_options=arrow.ConvertOptions(
                        column_types=types,
                        include_columns=wanted,
                        null_values=[],
                        strings_can_be_null=False,
                    ),
                )
            except (pa.ArrowException, ValueError):
                return None
        rows = np.empty((table.num_rows, len(numbers)))
        for j, i in enumerate(numbers):
            rows[:, j] = table.column(str(i)).to_numpy()
        if not len(rows) or not np.isfinite(rows).all():
            return None
        if text is None:
            return rows, None
        return rows, [cell.strip() for cell in table.column(str(text)).to_pylist()]

    def _read_by_numpy(self, numbers: list[int], text: int | None, done: Progress) -> Parts | None:
        """Read with numpy.loadtxt; None when it, or the rows, find anything to object to."""
        parts: list[Floats] = []
        texts: list[str] = []
        whole = numbers == list(range(self.width))
        with self._open() as file:
            size = os.fstat(file.fileno()).st_size or 1
            lines = (line for line in islice(file, self._skip, None) if not line.isspace())
            while chunk := list(islice(lines, _LINES)):
                try:
                    part = np.loadtxt(
                        chunk,
                        delimiter=self.delimiter,
                        quotechar='"',
                        comments=None,
                        ndmin=2,
                        dtype=np.float64,
                        usecols=None if whole else numbers,
                    )
                except (ValueError, OverflowError):
                    return None
                if part.shape[1] != len(numbers) or not np.isfinite(part).all():
                    return None
                parts.append(part)
                if not whole:  # loadtxt has not looked at the other columns
                    cells = list(csv.reader(chunk, delimiter=self.delimiter))
                    if len(cells) != len(part) or any(len(row) != self.width for row in cells):
                        return None
                    if text is not None:
                        texts.extend(row[text].strip() for row in cells)
                if done is not None:
                    # The text layer forbids tell() while it iterates; the layer below has read
                    # ahead by a few kilobytes, which no bar shows.
                    done(file.buffer.tell() / size)
        return (np.concatenate(parts), texts if text is not None else None) if parts else None

    def _read_carefully(self, numbers: Sequence[int], text: int | None) -> Parts:
        """Read cell by cell; slow, and able to say where a cell is wrong."""
        values: list[list[float]] = []
        texts: list[str] = []
        with self._open() as file:
            for line, row in self._rows(file):
                if len(row) != self.width:
                    first = "first row" if self.names is None else "header"
                    cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                    what = f"line {line} has {cells}, but the {first} has {self.width}"
                    self._refuse(what + self._hint(row))
                values.append([self._number(line, row, i) for i in numbers])
                if text is not None:
                    texts.append(row[text].strip())
        if not values:
            self._refuse("a header and no rows; it needs at least one row of numbers")
        return np.array(values, dtype=np.float64), texts if text is not None else None

    # --- what they share --------------------------------------------------------------------------

    def _open(self) -> TextIO:
        # utf-8-sig: spreadsheets begin a file with a byte order mark.
        return open(self.source.path, encoding="utf-8-sig", newline="")

    def _rows(self, file: TextIO) -> Iterator[tuple[int, list[str]]]:
        """Give rows that are not blank, each with the line on which it ends, counted from 1."""
        reader = csv.reader(islice(file, self._skip, None), delimiter=self.delimiter)
        for row in reader:
            if not _blank(row):
                yield reader.line_num + self._skip, row

    def _number(self, line: int, row: list[str], at: int) -> float:
        cell = row[at]
        if _NUMBER.fullmatch(cell):
            value = float(cell)
            if np.isfinite(value):
                return value
            what = f"{shown(cell)} is larger than float64 can hold; rescale the column"
        elif not cell.strip():
            what = "the cell is empty; fill it or drop the row"
        elif _NOT_FINITE.fullmatch(cell):
            what = f"{shown(cell)} is not a finite number; fill it or drop the row"
        else:
            others = [i for i, other in enumerate(row) if _NUMBER.fullmatch(other)]
            choice = suggested(self.names, others)
            what = f"{shown(cell)} is not a number; correct it, or choose columns with {choice}"
            what += self._hint([cell])
        self._refuse(f"line {line}, {called(self.names, at)}: {what}")

    def _hint(self, row: list[str]) -> str:
        """Guess at a separator that was not expected."""
        for sep, name in ((";", "';'"), ("\t", "tab"), (",", "','")):
            if len(row) == 1 and sep in row[0]:
                return f"; if {name} separates the cells, give --delimiter {name}"
        return "; complete the row or drop it" if len(row) != 1 else ""

    def _refuse(self, what: str) -> NoReturn:
        raise TableError(f"{self.source.name}: {what}")


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Turn what the readers raise of a file into a line about it."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise TableError(
            f"{name}: not UTF-8 text (byte {error.object[error.start]:#04x}); save it as UTF-8, "
            "or give a .npy file"
        ) from error
    except csv.Error as error:
        reason = " ".join(str(error).split())[:100]
        raise TableError(f"{name}: not a CSV file ({reason}); write it again") from error


class _Checked(io.RawIOBase):
    """A file as pyarrow reads it, which holds every byte against UTF-8 and tells its progress.

    pyarrow looks only at the text that it is asked for; the other readers look at all of it.
    """

    def __init__(self, file: Any, size: int, done: Progress) -> None:
        super().__init__()
        self._file, self._size, self._done = file, size, done
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part: bytes = self._file.read(size)
        self._decode(part, not part)
        if self._done is not None:
            self._done(self._file.tell() / self._size)
        return part


def _has_arrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


def _like_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _NOT_FINITE.fullmatch(cell))


def _at(row: list[str], positions: list[int]) -> list[str]:
    return [row[i] for i in positions if i < len(row)]


def _blank(row: list[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())
