r"""Tables of numbers in text files: `.csv` and `.tsv`.

Three readers, from fast to careful. pyarrow's, where it is installed and the file is worth its
import; NumPy's; both fast, and both only know that something is wrong. The `csv` module then reads
the file again, carefully, to understand what is more than plain numbers, and to say what is wrong
and where. The careful reader is the definition of what is accepted: UTF-8, or the encoding that is
named, one row a line, the same number of cells in every row, each cell of a column that is asked
for a finite number, blank lines skipped, cells perhaps in double quotes, the first row perhaps a
header. `dialect` says what separates cells and what a plain number is, `cells` what else is
understood.
"""

from __future__ import annotations

import csv
import importlib.util
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from centra._tables.arrow_text import ArrowForm, read_by_arrow
from centra._tables.careful import CarefulReader, Parts
from centra._tables.cells import proven_decimal
from centra._tables.columns import shown
from centra._tables.dialect import (
    PLAIN,
    Dialect,
    blank,
    separator,
    what_may_be,
)
from centra._tables.edges import names_of_two_rows, notes_below, said_of_lines, units_below
from centra._tables.encoding import encoding_of, readable_as
from centra._tables.errors import reason_of
from centra._tables.header import are_row_names, header_of, names_for
from centra._tables.inputs import Input, TableError
from centra._tables.layout import SAMPLE, layout_of
from centra._tables.lines import LinesFile, open_lines
from centra._tables.numpy_text import read_by_numpy
from centra._tables.quotes import split_cells, wrong_quote
from centra._tables.refusals import Refusal

__all__ = ["CsvFile"]

Floats = NDArray[np.float64]
Progress = Callable[[float], None] | None

#: Files of fewer bytes are read before pyarrow is imported.
_WORTH = 1 << 20
#: Rows, and cells, by which it is told whether the comma is the decimal mark.
_SAMPLE, _CELLS = 1000, 100_000
#: Rows below the header by which it is told what it names.
_BELOW = 20
#: Rows at the end of the table by which it is told what stands below it.
_LAST = 150


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
    encoding : str
        How the text is encoded.
    empty_columns : frozenset of int
        Columns that have no cell with anything in it.

    Raises
    ------
    OSError
        The file cannot be read.
    TableError
        It is empty, is not UTF-8 or CSV, or may have a header or not.

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
    empty_columns: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def __init__(self, source: Input, dialect: Dialect = PLAIN) -> None:
        self.source, self.decimal = source, dialect.decimal
        self._careful = CarefulReader(self, dialect)
        encoding = encoding_of(source.path, dialect.encoding)
        self.encoding, self._is_utf8 = encoding.name, encoding.name == "utf-8-sig"
        with self._said():
            with open(source.path, encoding=self.encoding, newline="") as file:
                sample = list(islice(file, SAMPLE))
            layout = layout_of(sample, dialect, "\t" if source.format == "tsv" else None)
            self._lines = layout.lines
            # A file of one column has none; with a decimal comma, it must not be the comma.
            self.delimiter = layout.delimiter or (";" if self.decimal == "," else ",")
            self._note(encoding.note, *layout.notes)
            if dialect.finds_decimal:
                self._find_decimal(dialect.delimiter is not None)
            self._head(dialect.header)
            self.empty_columns = self._find_empty()
            if len(sample) < SAMPLE:
                self.find_end()

    def _note(self, *notes: str) -> None:
        self.notes += tuple(f"{self.source.name}: {note}" for note in notes if note)

    def _find_decimal(self, delimiter_is_known: bool) -> None:
        """Take the comma for the decimal mark where the first rows prove that it is."""
        if self._proven() == ",":
            self.decimal = ","
        elif self.delimiter == "," and not delimiter_is_known:
            with self._open() as file:
                other = separator(file, ",")
            if other is not None and self._proven(other) == ",":
                self.delimiter, self.decimal = other, ","
        if self.decimal == ",":
            self.notes += (f"{self.source.name}: ',' was read as the decimal mark",)

    def _proven(self, delimiter: str | None = None) -> str | None:
        """Find the decimal mark that cells below the first row prove."""
        with self._open() as file:
            # What stands above the table is blank lines here.
            rows = filter(None, split_cells(file, delimiter or self.delimiter))
            with suppress(csv.Error):
                next(rows, None)
                first = next(rows, [])
                n_rows = max(20, min(_SAMPLE, _CELLS // max(1, len(first))))
                return proven_decimal([first, *islice(rows, n_rows)])
        return None

    def other_delimiter(self) -> str | None:
        """Find out what separates cells, whatever was said of it."""
        return self._find_out()

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
            below = [(reader.line_num, row) for row in islice(rows, _BELOW)]
            self._below = [row for _, row in below]
        if first is None:
            self.refuse("the file is empty; it needs at least one row of numbers")
        second = self._below[0] if self._below else []
        if are_row_names(first, self._below, self.decimal):
            second = second[1:]
        self.width, self._skip = len(first), self._lines.above
        self.names: tuple[str, ...] | None = None
        told = header_of(first, second, self.decimal)
        found = told.found if header is None else header
        if found is None:
            what = "; ".join(
                [
                    f"the first row, {shown(self.delimiter.join(first))}, may be names or "
                    "values; give --header or --no-header",
                    *(guess for cell in first for guess in self._guesses_at(cell)),
                ]
            )
            raise Refusal(
                [f"{self.source.name}: {what}"],
                [{"--header": None}, {"--no-header": None}],
                is_choice=True,
            )
        if found:
            n = units_below([first, *self._below], self.decimal)
            if n:
                first = names_of_two_rows(first, self._below[:n])
                self._note(said_of_lines(below[0][0], below[n - 1][0], "below the header"))
                lines, self._below = below[n - 1][0], self._below[n:]
            self.names = names_for(first, self._below, self.decimal)
            self.width, self._skip = len(self.names), lines
        if header is None:
            self._note(told.note)

    def _find_empty(self) -> frozenset[int]:
        """Find columns without a cell that has anything in it; all rows are read to be sure."""
        found = set(range(self.width)) if self.width > 1 and self._below else set()
        for row in self._below:
            found -= {i for i, cell in enumerate(row) if cell.strip()}
        if found:
            for _, row in self.rows():
                found -= {i for i in found if i < len(row) and row[i].strip()}
                if not found:
                    break
        return frozenset(found if len(found) < self.width else ())

    def find_end(self) -> bool:
        """Leave out what stands below the table; whether there is anything."""
        last = deque(self.rows(), maxlen=_LAST)
        found = notes_below(list(last), self.width, self.decimal)
        if found is None:
            return False
        self._lines = replace(self._lines, below=found[0] + 1)
        at = next(line for line, _ in last if line > found[0])
        self._note(said_of_lines(at, found[1], "below the table"))
        return True

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
        careful = self._careful
        careful.forget()
        with self._said():
            careful.ask_of_points(numbers)
            found = self._read_fast(list(numbers), text, progress, missing=missing)
            if found is not None:
                return found
            # Columns of plain numbers need not be looked at cell by cell because of the others.
            plain = [i for i in numbers if i in careful.plain]
            if plain and len(plain) < len(numbers):
                found = self._read_fast(plain, text, progress, missing=missing)
            if found is not None:
                decimal, others = self.decimal, [i for i in numbers if i not in careful.plain]
                rest, _ = careful.read(others, None, missing=missing, apart=apart, chosen=numbers)
                if self.decimal == decimal and len(rest) == len(found[0]):
                    rows = np.empty((len(rest), len(numbers)))
                    is_plain = np.array([i in careful.plain for i in numbers])
                    rows[:, is_plain], rows[:, ~is_plain] = found[0], rest
                    return rows, found[1]
                careful.forget()
            return careful.read(numbers, text, missing=missing, apart=apart)

    @property
    def empty(self) -> list[int]:
        """Rows without a single cell, of those that were read last; numbers are missing there."""
        return self._careful.empty

    @property
    def texts(self) -> frozenset[int]:
        """Columns that hold text, as far as the first rows tell."""
        with self._said():
            return self._careful.texts

    @property
    def understood(self) -> tuple[str, ...]:
        """What was understood of the columns that were read last; a line, if anything was."""
        return self._careful.understood

    def _read_fast(
        self, numbers: list[int], text: int | None, done: Progress, *, missing: bool
    ) -> Parts | None:
        """Read with a fast reader; None at the first objection."""
        found = self._read_by_arrow(numbers, text, done, missing=missing)
        return self._read_by_numpy(numbers, text, done) if found is None else found

    def where(self, row: int) -> str:
        """Say on which line a row, counted from 0, is."""
        return self.called([row])[0]

    def place_of(self, line: int) -> str:
        """Say where a line is in what the text was made of."""
        made_of = self.source.made_of
        unit = {"": "line", "sheet": "row"}.get(made_of, "record")
        return f"{unit} {line - 1 if made_of == 'records' else line}"

    def called(self, rows: Sequence[int]) -> list[str]:
        """Say on which lines rows, counted from 0, are; it takes one reading of the file."""
        return [self.place_of(line) for line in self.lines(rows)]

    def lines(self, rows: Sequence[int]) -> list[int]:
        """Return the lines, counted from 1, on which rows are, counted from 0."""
        wanted, last = set(rows), max(rows, default=-1)
        at = {
            row: line
            for row, (line, _) in enumerate(islice(self.rows(), last + 1))
            if row in wanted
        }
        return [at[row] for row in rows]

    def stays(self, numbers: Sequence[int]) -> bool:
        """Whether columns stay on the disk: no text does."""
        return False

    def check_fits(self, what: str, width: int) -> None:
        """Refuse nothing: text is read whole."""

    def records(self) -> Iterator[list[str]]:
        """Give the cells of each row, the header aside."""
        return (row for _, row in self.rows())

    # --- three readers ----------------------------------------------------------------------------

    def _read_by_arrow(
        self, numbers: list[int], text: int | None, done: Progress, *, missing: bool = False
    ) -> Parts | None:
        """Read with pyarrow; None without it, for a small file, and at the first objection."""
        size = self.source.path.stat().st_size
        plain = self._is_utf8 and self.delimiter.isascii() and not self._lines.changes
        if size < _WORTH or not plain or not _has_arrow():
            return None
        form = ArrowForm(self._skip, self.width, self.delimiter, self.decimal)
        return read_by_arrow(self.source.path, form, numbers, text, done, missing=missing)

    def _read_by_numpy(self, numbers: list[int], text: int | None, done: Progress) -> Parts | None:
        """Read with numpy.loadtxt; None when it, or the rows, find anything to object to."""
        if self.decimal != ".":
            return None
        with self._open() as file:
            form = (self._skip, self.width, self.delimiter)
            return read_by_numpy(file, *form, numbers, text, done)

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
                    yield reader.line_num + self._skip, self._fitted(row)

    def _fitted(self, row: list[str]) -> list[str]:
        """Take away empty cells, or add them, where separators at the end of lines differ."""
        if len(row) > self.width and not any(cell.strip() for cell in row[self.width :]):
            del row[self.width :]
        elif len(row) < self.width and set(range(len(row), self.width)) <= self.empty_columns:
            row += [""] * (self.width - len(row))
        return row

    def refuse(self, what: str) -> NoReturn:
        """Raise what is wrong with the file."""
        raise TableError(f"{self.source.name}: {what}")

    def _open(self) -> AbstractContextManager[LinesFile]:
        return open_lines(self.source.path, self.encoding, self._lines)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what the readers raise of a file into a line about it."""
        try:
            yield
        except UnicodeError as error:
            kind = "UTF-8" if self._is_utf8 else self.encoding
            byte = ""
            if isinstance(error, UnicodeDecodeError):
                byte = f" (byte {error.object[error.start]:#04x})"
            other = readable_as(self.source.path)
            raise TableError(
                f"{self.source.name}: not {kind} text{byte}; say how it is written with "
                f"--encoding, for instance {other}, or save it as UTF-8"
            ) from error
        except csv.Error as error:
            with self._said(), self._open() as file:
                wrong = wrong_quote(file, self.delimiter)
            if wrong is not None:
                raise TableError(f"{self.source.name}: {wrong}") from error
            raise TableError(
                f"{self.source.name}: not a CSV file ({reason_of(error)}); write it again"
            ) from error


def _has_arrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None
