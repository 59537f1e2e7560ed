"""Tables in workbooks of a spreadsheet (`.xlsx`), read by openpyxl.

openpyxl is slower than readers that are compiled, and it is the one that no file ends: it reads a
sheet row by row, and is Python. A workbook is a zip of texts; how much they unpack to is counted
before it reads them. It leaves out rows and cells that are not in order; those are refused.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from centra._tables.errors import TableError, reason_of
from centra._tables.grids import fill_grid, write_grid
from centra._tables.limits import CELLS, WORKBOOK
from centra._utils.optional import needed
from centra._utils.text import listed

__all__ = ["is_workbook", "sheet_as_text"]

_PART = 1 << 20
_PLACES = re.compile(rb"""<(?:\w+:)?(row|c)\s(?:[^>]*?\s)?r\s*=\s*["']([^"']*)["']""")
_REFERENCE = re.compile(rb"([A-Z]{0,3})([0-9]+)")
_LISTED = 5


def is_workbook(path: Path) -> bool:
    """Whether a zip is a workbook."""
    try:
        with zipfile.ZipFile(path) as file:
            return "xl/workbook.xml" in file.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, LookupError, NotImplementedError):
        return False


def sheet_as_text(path: Path, name: str, to: Path, sheet: str | None = None) -> list[str]:
    """Write a sheet as a text file.

    Parameters
    ----------
    path : Path
        The workbook.
    name : str
        What messages call it.
    to : Path
        Where to write.
    sheet : str, optional
        The name of a sheet; by default the first that has cells.

    Returns
    -------
    notes : list of str
        Which sheet was taken, if there are others.

    Raises
    ------
    TableError
        openpyxl is missing, the file is damaged or too large, or has no such sheet.
    """
    try:
        openpyxl = needed("openpyxl", "workbooks need", "excel", ", or save the sheet as .csv")
    except ImportError as error:
        raise TableError(f"{name}: {error}") from error
    try:
        with warnings.catch_warnings(action="ignore"):
            _check_parts(path, name)
            # A file, not its name: of which openpyxl asks a suffix.
            with open(path, "rb") as file:
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
                try:
                    return _write(book, name, to, sheet)
                finally:
                    book.close()
    except TableError:
        raise
    except (MemoryError, RecursionError) as error:
        raise TableError(f"{name}: is too large or too deep; save the sheet as .csv") from error
    except Exception as error:
        # openpyxl raises of a damaged file whatever its parts raise.
        if isinstance(error, OSError) and error.filename:
            raise
        raise TableError(
            f"{name}: not an .xlsx file, or a damaged one ({reason_of(error)}); save it again"
        ) from error


def _check_parts(path: Path, name: str) -> None:
    """Count what the parts of a workbook unpack to; see that the cells of sheets are in order."""
    most = WORKBOOK.of(path.stat().st_size)
    left = most
    with zipfile.ZipFile(path) as file:
        for member in file.infolist():
            if not member.filename.endswith((".xml", ".rels")):
                continue
            is_sheet = member.filename.startswith("xl/worksheets/")
            order, rest = _Order(name), b""
            with file.open(member) as part:
                while data := part.read(_PART):
                    left -= len(data)
                    if left < 0:
                        raise TableError(
                            f"{name}: becomes more than {most:,} bytes when it is unpacked; save "
                            "the sheet as .csv"
                        )
                    if is_sheet:
                        # A tag may end in the next part.
                        data = rest + data
                        end = data.rfind(b"<")
                        rest = data[max(end, 0) :]
                        order.check(data[: max(end, 0)])
                order.check(rest)


class _Order:
    """Whether rows and cells come in their order, each once."""

    def __init__(self, name: str) -> None:
        self._name, self._row, self._column = name, 0, 0

    def check(self, text: bytes) -> None:
        """Look at the next tags of a sheet."""
        for tag, place in _PLACES.findall(text):
            found = _REFERENCE.fullmatch(place)
            if found is None or bool(found[1]) != (tag == b"c") or len(found[2]) > 7:
                self._refuse(place)
            row = int(found[2])
            if tag == b"row":
                if row <= self._row:
                    self._refuse(place)
                self._row, self._column = row, 0
                continue
            column = 0
            for letter in found[1]:
                column = 26 * column + letter - 64
            if row != self._row or column <= self._column:
                self._refuse(place)
            self._column = column

    def _refuse(self, place: bytes) -> NoReturn:
        where = place.decode("ascii", "replace")[:20]
        raise TableError(
            f"{self._name}: not an .xlsx file, or a damaged one ({where!r} is out of order); save "
            "it again"
        )


def _write(book: Any, name: str, to: Path, sheet: str | None) -> list[str]:
    names = [each.title for each in book.worksheets]
    if sheet is not None:
        if sheet not in names:
            listing = listed([repr(each) for each in names], _LISTED)
            raise TableError(f"{name}: there is no sheet {sheet!r}; it has {listing}")
        taken = [sheet]
    else:
        taken = names
    for title in taken:
        if _write_sheet(book[title], name, to):
            others = [repr(each) for each in names if each != title]
            if sheet is None and others:
                return [
                    f"{name}: the sheet {title!r} was read, not {listed(others, 3)}; --sheet names "
                    "another"
                ]
            return []
    raise TableError(f"{name}: no sheet has a cell with anything in it")


def _write_sheet(sheet: Any, name: str, to: Path) -> bool:
    """Write a sheet; False where it has no cell with anything in it."""
    widths: set[int] = set()
    n_filled = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal n_filled
        for values in _rows(sheet):
            if values:
                n_filled += 1
                widths.add(len(values))
                if max(widths) * n_filled > CELLS:
                    raise TableError(
                        f"{name}: the sheet {sheet.title!r} has more than {CELLS:,} cells, most of "
                        "them empty; delete what stands far from the table"
                    )
            yield values

    write_grid(to, rows(), 0)
    if len(widths) > 1:
        fill_grid(to, max(widths))
    return n_filled > 0


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """Give the rows of a sheet, without empty cells at the end."""
    # What a sheet says of its size may be wrong, and is not needed.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        end = len(row)
        while end and (row[end - 1] is None or row[end - 1] == ""):
            end -= 1
        yield list(row[:end])
