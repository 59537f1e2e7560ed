r"""Tables of numbers in text files: `.csv` and `.tsv`.

Three readers, from fast to careful. pyarrow's, where it is installed and the file is worth its
import; NumPy's; both fast, and both only know that something is wrong. The `csv` module then reads
the file again, carefully, to say what is wrong and where. The careful reader is the definition of
what is accepted: UTF-8, or the encoding that is named, one row a line, the same number of cells in
every row, each cell of a column that is asked for a finite number, blank lines skipped, cells
perhaps in double quotes, the first row perhaps a header. `dialect` says what separates cells and
what a number is.
"""

from __future__ import annotations

import codecs
import csv
import importlib.util
import math
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NoReturn, TextIO

import numpy as np
from numpy.typing import NDArray

from centra._tables.columns import called, check_names, shown
from centra._tables.dialect import (
    PLAIN,
    Dialect,
    blank,
    may_separate,
    number,
    separator,
    what_may_be,
)
from centra._tables.header import is_header, may_be_names
from centra._tables.inputs import Input, TableError
from centra._tables.missing import WORDS, is_missing, said
from centra._tables.quotes import QuoteCheck, split_cells, wrong_quote
from centra._tables.suggestions import advice, kinds_of
from centra._tables.utf8 import Checked

__all__ = ["CsvFile"]

Floats = NDArray[np.float64]
Progress = Callable[[float], None] | None
#: Numbers, and perhaps a column of text.
Parts = tuple[Floats, "list[str] | None"]

#: Lines that are read between two reports of progress.
_LINES = 50_000
#: Files of fewer bytes are read before pyarrow is imported.
_WORTH = 1 << 20
#: ASCII's separators: white space to NumPy, but nothing that may stand around a number.
_SEPARATORS = "\x1c\x1d\x1e\x1f"


class CsvFile:
    r"""A text file with a table in it.

    Parameters
    ----------
    source : Input
        The file.
    dialect : Dialect, optional
        What is known of how it is written. The first row names the columns, unless this is said,
        when it has text where the row below has a number, or no number at all. What separates cells
        is found out, but in a `.tsv` file it is a tab.

    Attributes
    ----------
    names : tuple of str, or None
        The header, where the file has one.
    width : int
        How many columns there are.
    delimiter : str
        What separates cells.
    index : frozenset of int
        Empty: that a column was an index is not written in the head of a text file.
    notes : tuple of str
        What was guessed, where the guess may be wrong.

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

    index: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def __init__(self, source: Input, dialect: Dialect = PLAIN) -> None:
        self.source, self.decimal = source, dialect.decimal
        self._is_utf8 = codecs.lookup(dialect.encoding).name == "utf-8"
        # utf-8-sig: spreadsheets begin a file with a byte order mark.
        self._encoding = "utf-8-sig" if self._is_utf8 else dialect.encoding
        with self._said():
            usual = "\t" if source.format == "tsv" else self._find_out()
            # A file of one column has none; with a decimal comma, it must not be the comma.
            self.delimiter = dialect.delimiter or usual or (";" if self.decimal == "," else ",")
            self._head(dialect.header)

    def _find_out(self) -> str | None:
        with self._open() as file:
            return separator(file, self.decimal)

    def _head(self, header: bool | None) -> None:
        """Read the first two rows, and tell whether the first is a header."""
        with self._open() as file:
            reader = split_cells(file, self.delimiter)
            rows = (row for row in reader if not blank(row))
            first = next(rows, None)
            lines = reader.line_num
            second = next(rows, [])
        if first is None:
            self.refuse("the file is empty; it needs at least one row of numbers")
        self.width = len(first)
        self.names: tuple[str, ...] | None = None
        self._skip = 0
        found = is_header(first, second, self.decimal) if header is None else header
        if found is None:
            self.refuse(
                "; ".join(
                    [
                        f"the first row, {shown(self.delimiter.join(first))}, may be names or "
                        "values; give --header or --no-header",
                        *(guess for cell in first for guess in self._guesses_at(cell)),
                    ]
                )
            )
        if found:
            self.names = tuple(cell.strip() for cell in first)
            self._skip = lines
            check_names(self.source.name, self.names)
        elif header is None and may_be_names(first, second):
            self.notes = (
                f"{self.source.name}: the first row is numbers and was read as a row: --header "
                "if it names the columns",
            )

    def read(
        self,
        numbers: Sequence[int],
        text: int | None,
        progress: Progress = None,
        *,
        missing: bool = False,
        apart: Collection[int | None] = (),
    ) -> Parts:
        """Read some columns.

        Parameters
        ----------
        numbers : sequence of int
            Positions, from 0, of columns of numbers.
        text : int or None
            The position of a column to take as it is.
        progress : callable, optional
            Called with the fraction of the file that has been read.
        missing : bool, default=False
            Whether numbers may be missing: NaN stands for them. Else they are refused.
        apart : collection of int, optional
            Columns that no hint proposes.

        Returns
        -------
        rows : ndarray of shape (n, len(numbers)), float64
        texts : list of n str, or None

        Raises
        ------
        TableError
            A row is ragged, a cell is missing or no finite number, there are no rows, or the
            encoding is another.
        """
        with self._said():
            found = self._read_by_arrow(list(numbers), text, progress, missing=missing)
            if found is None:
                found = self._read_by_numpy(list(numbers), text, progress)
            if found is not None:
                return found
            return self._read_carefully(numbers, text, missing=missing, apart=apart)

    def where(self, row: int) -> str:
        """Say on which line a row, counted from 0, is."""
        return f"line {next(islice(self.rows(), row, None))[0]}"

    def records(self) -> Iterator[list[str]]:
        """Give the cells of each row, the header aside."""
        return (row for _, row in self.rows())

    # --- three readers ----------------------------------------------------------------------------

    def _read_by_arrow(
        self, numbers: list[int], text: int | None, done: Progress, *, missing: bool = False
    ) -> Parts | None:
        """Read with pyarrow; None without it, for a small file, and at the first objection."""
        size = self.source.path.stat().st_size
        plain = self._is_utf8 and self.delimiter.isascii()
        if size < _WORTH or not plain or not _has_arrow():
            return None
        import pyarrow as pa
        from pyarrow import csv as arrow

        words = WORDS if missing else []
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
            if skipped and file.peek(3).startswith(codecs.BOM_UTF8):
                return None  # a mark that is not at the beginning of the file is text
            checked = Checked(file, size, done, self.delimiter)
            try:
                table = arrow.read_csv(
                    checked,
                    read_options=arrow.ReadOptions(column_names=names),
                    parse_options=arrow.ParseOptions(
                        delimiter=self.delimiter, newlines_in_values=True
                    ),
                    convert_options=arrow.ConvertOptions(
                        column_types=types,
                        include_columns=wanted,
                        # A lone empty cell is a blank line, which is no row.
                        null_values=[word for word in words if word or self.width > 1],
                        strings_can_be_null=False,
                        decimal_point=self.decimal,
                    ),
                )
            except (pa.ArrowException, ValueError):
                return None
        if not checked.is_strict:
            return None
        rows = np.empty((table.num_rows, len(numbers)))
        n_missing = 0
        for j, i in enumerate(numbers):
            column = table.column(str(i))
            rows[:, j] = column.to_numpy()
            n_missing += column.null_count
        if not len(rows) or np.count_nonzero(~np.isfinite(rows)) > n_missing:
            return None
        if text is None:
            return rows, None
        return rows, [cell.strip() for cell in table.column(str(text)).to_pylist()]

    def _read_by_numpy(self, numbers: list[int], text: int | None, done: Progress) -> Parts | None:
        """Read with numpy.loadtxt; None when it, or the rows, find anything to object to."""
        if self.decimal != ".":
            return None
        parts: list[Floats] = []
        texts: list[str] = []
        whole = numbers == list(range(self.width))
        with self._open() as file:
            size = os.fstat(file.fileno()).st_size or 1
            lines = (line for line in islice(file, self._skip, None) if not self._is_blank(line))
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
                # A cell of several lines may end in the next chunk: the careful reader has it.
                if part.shape != (len(chunk), len(numbers)) or not np.isfinite(part).all():
                    return None
                parts.append(part)
                joined = "".join(chunk)
                is_plain = _is_plain(joined)
                if '"' in joined and not self._is_in_order(joined):
                    return None
                if not whole or not is_plain:
                    # loadtxt has not looked at the other columns, and takes more characters for
                    # white space around a number.
                    try:
                        cells = list(split_cells(chunk, self.delimiter))
                    except csv.Error:
                        return None
                    if len(cells) != len(part) or any(len(row) != self.width for row in cells):
                        return None
                    if not (is_plain or all(_is_plain(row[i]) for row in cells for i in numbers)):
                        return None
                    if text is not None:
                        texts.extend(row[text].strip() for row in cells)
                if done is not None:
                    # The text layer forbids tell() while it iterates; the layer below has read
                    # ahead by a few kilobytes, which no bar shows.
                    done(file.buffer.tell() / size)
        return (np.concatenate(parts), texts if text is not None else None) if parts else None

    def _read_carefully(
        self,
        numbers: Sequence[int],
        text: int | None,
        *,
        missing: bool = False,
        apart: Collection[int | None] = (),
    ) -> Parts:
        """Read cell by cell; slow, and able to say where a cell is wrong."""
        values: list[list[float]] = []
        texts: list[str] = []
        holes: list[tuple[int, list[str]]] = []
        n_holes = 0
        for line, row in self.rows():
            if len(row) != self.width:
                first = "first row" if self.names is None else "header"
                cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                what = f"line {line} has {cells}, but the {first} has {self.width}"
                self.refuse("; ".join([what, *self._guesses(row)]))
            values.append([self._number(line, row, i, apart) for i in numbers])
            if any(map(math.isnan, values[-1])):
                n_holes += 1
                holes = holes or [(line, row)]
            if text is not None:
                texts.append(row[text].strip())
        if not values:
            self.refuse("a header and no rows; it needs at least one row of numbers")
        if holes and not missing:
            line, row = holes[0]
            at = next(i for i in numbers if is_missing(row[i]))
            self.refuse(f"line {line}, {called(self.names, at)}: {said(row[at], n_holes)}")
        return np.array(values, dtype=np.float64), texts if text is not None else None

    def _number(self, line: int, row: list[str], at: int, apart: Collection[int | None]) -> float:
        """Read a cell; NaN where it is missing."""
        cell = row[at]
        value = number(cell, self.decimal)
        if value is not None and math.isfinite(value):
            return value
        if is_missing(cell):
            return math.nan
        if value is None:
            kinds = kinds_of(self.records(), self.width, lambda cell: number(cell, self.decimal))
            what = f"{shown(cell)} is not a number; correct it" + advice(self.names, kinds, apart)
            alone = len(row) == 1
            guesses = what_may_be(cell, self.delimiter, self.decimal, alone=alone)
            what = "; ".join([what, *guesses])
        elif any(map(str.isdigit, cell)):
            what = f"{shown(cell)} is larger than float64 can hold; rescale the column"
        else:
            what = f"{shown(cell)} is not a finite number; fill it or drop the row"
        self.refuse(f"line {line}, {called(self.names, at)}: {what}")

    def _guesses(self, row: list[str]) -> list[str]:
        """Guess why a row has too few cells or too many, and say what to do."""
        # As it was before it was cut, should the mark that cut it be a decimal mark.
        whole = self.delimiter.join(row)
        guesses = what_may_be(whole, self.delimiter, self.decimal, alone=len(row) == 1)
        found = self._find_out()
        if not guesses and found not in (None, self.delimiter):
            guesses = [may_separate(str(found))]
        return guesses or ["complete the row or drop it"]

    def _guesses_at(self, cell: str) -> list[str]:
        """Guess why a cell of several is no number."""
        return what_may_be(cell, self.delimiter, self.decimal, alone=False)

    # --- what they share --------------------------------------------------------------------------

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give rows that are not blank, each with the line on which it ends, counted from 1."""
        with self._said(), self._open() as file:
            reader = split_cells(islice(file, self._skip, None), self.delimiter)
            for row in reader:
                if not blank(row):
                    yield reader.line_num + self._skip, row

    def refuse(self, what: str) -> NoReturn:
        """Raise what is wrong with the file."""
        raise TableError(f"{self.source.name}: {what}")

    def _is_blank(self, line: str) -> bool:
        """Whether a line has no cell; one of delimiters alone has several, all empty."""
        return line.isspace() and self.delimiter not in line

    def _is_in_order(self, lines: str) -> bool:
        """Whether all quotes are; perhaps no where they are, as loadtxt is not strict either."""
        if not self.delimiter.isascii():
            return False
        check = QuoteCheck(self.delimiter.encode())
        return check.feed(lines.encode()) and check.ends()

    def _open(self) -> TextIO:
        return open(self.source.path, encoding=self._encoding, newline="")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what the readers raise of a file into a line about it."""
        try:
            yield
        except UnicodeError as error:
            kind = "UTF-8" if self._is_utf8 else self._encoding
            byte = ""
            if isinstance(error, UnicodeDecodeError):
                byte = f" (byte {error.object[error.start]:#04x})"
            other = "cp1252" if self._is_utf8 else "utf-8"
            raise TableError(
                f"{self.source.name}: not {kind} text{byte}; say how it is written with "
                f"--encoding, for instance {other}, or save it as UTF-8"
            ) from error
        except csv.Error as error:
            with self._said(), self._open() as file:
                wrong = wrong_quote(file, self.delimiter)
            if wrong is not None:
                raise TableError(f"{self.source.name}: {wrong}") from error
            reason = " ".join(str(error).split())[:100]
            raise TableError(
                f"{self.source.name}: not a CSV file ({reason}); write it again"
            ) from error


def _is_plain(text: str) -> bool:
    """Whether a text has no white space but that which may stand around a number."""
    return text.isascii() and not any(each in text for each in _SEPARATORS)


def _has_arrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None
