"""How a text file writes a table: what separates its cells, what a number looks like in it.

What separates cells is found out unless it is said: the first of comma, semicolon, tab and vertical
bar that cuts every one of the first rows into the same number of cells, two at least. Separators
inside double quotes do not count. Where none does, the file has one column, or an error will say
what is wrong with its rows. With a decimal comma the comma is not tried.

The decimal mark is never guessed: ``1.234`` is one number in London and another in Berlin. It is
found out where cells prove it, see `cells`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from centra._tables.quotes import split_cells

__all__ = ["PLAIN", "Dialect", "blank", "may_separate", "number", "separator", "what_may_be"]

#: What may separate cells, in the order of trial, and what options call it.
SEPARATORS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
#: Rows by which it is found out, and lines that they may take.
_ROWS, _LINES = 20, 1000

_EXPONENT = r"([eE][+-]?\d+)?\s*"
# What all readers take for a number, by its decimal mark. Python's float() would also take "1_000".
# A decimal comma allows points between groups of three digits.
_NUMBERS = {
    ".": re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)" + _EXPONENT, re.ASCII),
    ",": re.compile(r"\s*[+-]?((\d{1,3}(\.\d{3})+|\d+)(,\d*)?|,\d+)" + _EXPONENT, re.ASCII),
}
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)
_GROUPED = {
    ".": re.compile(r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d*)?\s*", re.ASCII),
    ",": re.compile(r"(?!)"),
}


@dataclass(frozen=True)
class Dialect:
    """What the command line says of a text file.

    Parameters
    ----------
    header : bool or None
        Whether the first row names the columns; None to find out.
    delimiter : str or None
        What separates cells; None to find out.
    decimal : {".", ","}
        The decimal mark.
    encoding : str
        How the text is written in bytes, as Python calls it.
    thousands : str or None
        What groups thousands: ``,``, ``.``, a blank or ``'``; None to find out.
    missing : tuple of str
        Cells that stand for a missing number, beside the usual ones.
    finds_decimal : bool
        Whether the decimal mark may turn out to be a comma, where cells prove it.
    skip : int or None
        Lines above the table; None to find out, as well whether there are comments.
    comment : str or None
        What lines begin with that are not read; None to find out.
    """

    header: bool | None = None
    delimiter: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    finds_decimal: bool = False
    skip: int | None = None
    comment: str | None = None


#: A file of which nothing is known.
PLAIN = Dialect()


def separator(lines: Iterable[str], decimal: str) -> str | None:
    """Find out what separates cells.

    Parameters
    ----------
    lines : iterable of str
        The file, from its beginning.
    decimal : {".", ","}
        The decimal mark, which separates no cells.

    Returns
    -------
    delimiter : str or None
        One of `SEPARATORS`; None where none fits.

    Examples
    --------
    >>> separator(["a;b,c", "1;2"], "."), separator(['"a;b",c', "1,2"], ".")
    (';', ',')
    >>> separator(["x", "1,5"], ".") is None
    True
    """
    start = list(islice(lines, _LINES))
    for each in SEPARATORS:
        if each == decimal:
            continue
        rows = (row for row in split_cells(start, each) if not blank(row))
        widths: set[int] = set()
        # Rows before a quote that is not in order count; the reading will object to the quote.
        with suppress(csv.Error):
            widths.update(len(row) for row in islice(rows, _ROWS))
        if len(widths) == 1 and widths.pop() > 1:
            return each
    return None


def blank(row: list[str]) -> bool:
    """Whether a row is that of a blank line."""
    return not row or (len(row) == 1 and not row[0].strip())


def number(cell: str, decimal: str) -> float | None:
    """Read a cell: a number, perhaps not a finite one; None where it is none.

    Examples
    --------
    >>> number("-2.5e3", "."), number(" 1.234,5 ", ","), number("1,5", ".")
    (-2500.0, 1234.5, None)
    """
    if _NUMBERS[decimal].fullmatch(cell):
        if decimal == ",":
            cell = cell.replace(".", "").replace(",", ".")
        return float(cell)
    return float(cell) if _NOT_FINITE.fullmatch(cell) else None


def what_may_be(cell: str, delimiter: str, decimal: str, *, alone: bool) -> list[str]:
    """Guess why a cell is no number: what follows "if ...".

    Parameters
    ----------
    cell : str
        The cell.
    delimiter, decimal : str
        What separates cells, and the decimal mark, as they are now.
    alone : bool
        Whether the cell is all that there is in its row.

    Returns
    -------
    guesses : list of str
        Each a condition and what to do then; none that is so already.

    Examples
    --------
    >>> what_may_be("178,3", ";", ".", alone=False)
    ["if ',' is the decimal mark, give --decimal ,"]
    >>> what_may_be("oops", ",", ".", alone=False)
    []
    """
    found = []
    for each in SEPARATORS:
        parts = cell.split(each)
        if each in (delimiter, decimal) or len(parts) < 2:
            continue
        numbers = all(_is_number(part) for part in parts)
        if alone or (numbers and not (each == "," and _is_number(cell))):
            found.append(may_separate(each))
    other = "," if decimal == "." else "."
    if other in cell and _NUMBERS[other].fullmatch(cell):
        todo = f"give --decimal {other}" if decimal == "." else "leave out --decimal"
        found.append(f"if {other!r} is the decimal mark, {todo}")
    if _GROUPED[decimal].fullmatch(cell):
        found.append(f"if {other!r} groups thousands, give --thousands {other}")
    return found


def may_separate(each: str) -> str:
    """Say what to do if this separates cells."""
    return f"if {SEPARATORS[each]} separates the cells, give --delimiter {SEPARATORS[each]}"


def _is_number(cell: str) -> bool:
    return any(form.fullmatch(cell) for form in _NUMBERS.values())
