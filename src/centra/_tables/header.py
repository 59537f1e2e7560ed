"""Whether the first row of a text file names the columns, and what the names are.

It does where it has text and the row below a number, or no number at all. Numbers are names where
they are years that follow one another, or 0, 1, 2, ... above numbers with decimals, as pandas
writes columns without names. A first row with text and numbers that cannot be names, as they have
decimals, is a row. All else is not guessed.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from centra._tables.dialect import number
from centra._tables.missing import is_missing

__all__ = ["Header", "are_row_names", "header_of", "is_header", "names_for"]

#: Fewer numbers than these follow one another by chance.
_NAMES = 3
#: Longer numbers count nothing; Python does not even read those of thousands of digits.
_DIGITS = 18

_IS_ROW = "the first row is numbers and was read as a row: --header if it names the columns"


@dataclass(frozen=True)
class Header:
    """What is taken for the names.

    Parameters
    ----------
    found : bool or None
        Whether the first row names the columns; None where it does not tell.
    note : str
        What was guessed, where it may be wrong.
    """

    found: bool | None
    note: str = ""


def header_of(first: list[str], second: list[str], decimal: str) -> Header:
    """Tell by the first two rows.

    Parameters
    ----------
    first, second : list of str
        The cells of the first two rows; the second may have none.
    decimal : {".", ","}
        The decimal mark.

    Examples
    --------
    >>> header_of(["id", "2019"], ["A", "1"], "."), header_of(["x", "y"], ["1", "2"], ".")
    (Header(found=None, note=''), Header(found=True, note=''))
    >>> header_of(["1990", "1991", "1992"], ["4.1", "3.9", "2.0"], ".").found
    True
    """
    # An empty cell is a missing number rather than a name: "1,,3" is a row with a hole. So is "NA",
    # unless all others are names: sodium.
    numbers = [number(cell, decimal) is not None for cell in first]
    text = [i for i, cell in enumerate(first) if not (numbers[i] or is_missing(cell))]
    counted = _are_counted(first, second, numbers, decimal)
    if counted:
        return Header(True, f"the first row, {counted}, names the columns: --no-header if not")
    if not text:
        may_be = bool(second) and _in_a_row(first)
        may_be = may_be and (
            not _in_a_row(second) or (_are_years(first) and not _are_years(second))
        )
        return Header(False, _IS_ROW if may_be else "")
    if not any(numbers) or not second:
        return Header(True)
    below = [second[i] for i in text if i < len(second)]
    if any(number(cell, decimal) is not None or is_missing(cell) for cell in below):
        return Header(True)
    whole = all(cell.strip().lstrip("+-").isdigit() for cell in itertools.compress(first, numbers))
    again = any(i < len(second) and first[i].strip() == second[i].strip() for i in text)
    if again or not whole:
        return Header(False, "the first row was read as a row: --header if it names the columns")
    return Header(None)


def is_header(first: list[str], second: list[str], decimal: str) -> bool | None:
    """Tell by the first two rows; None where they do not tell.

    Examples
    --------
    >>> is_header(["x", "y"], ["1", "2"], ".")
    True
    """
    return header_of(first, second, decimal).found


def _are_counted(first: list[str], second: list[str], numbers: list[bool], decimal: str) -> str:
    """Say what numbers are names: years, or 0, 1, 2, ...; nothing where they are none."""
    places = [i for i, each in enumerate(numbers) if each]
    cells = [first[i] for i in places]
    below = [second[i] for i in places if i < len(second)]
    leads = places[:1] == [1] and len(places) == len(first) - 1
    if len(cells) < 2 or not below or not (leads or len(cells) == len(first)):
        return ""
    least = 2 if leads else _NAMES
    if _in_a_row(cells, least) and _are_years(cells):
        if not (_in_a_row(below, least) and _are_years(below)):
            return "years"
    elif _in_a_row(cells, 2) and int(cells[0]) == 0:
        values = [each for each in below if number(each, decimal) is not None]
        if values and not any(each.strip().lstrip("+-").isdigit() for each in values):
            return "0, 1, 2, ..."
        if not first[0].strip() and not _in_a_row(below, 2):
            return "0, 1, 2, ..."
    return ""


def _are_years(row: list[str]) -> bool:
    return all(1000 <= int(cell) < 3000 for cell in row)


def _in_a_row(row: list[str], least: int = _NAMES) -> bool:
    cells = [cell.strip() for cell in row]
    if len(cells) < least or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    if max(map(len, cells)) > _DIGITS:
        return False
    return all(int(b) == int(a) + 1 for a, b in itertools.pairwise(cells))


# --- names for all cells of a row -----------------------------------------------------------------


def are_row_names(header: Sequence[str], rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether rows have one cell more than the header because the first is a name of the row.

    R writes tables so: the cells are text, or 1, 2, 3, ...

    Examples
    --------
    >>> are_row_names(["x", "y"], [["A", "1", "2"], ["B", "3", "4"]], ".")
    True
    >>> are_row_names(["x"], [["1", "5"], ["2", "5"]], ".")
    False
    """
    if not rows or any(len(row) != len(header) + 1 for row in rows):
        return False
    if all(not row[-1].strip() for row in rows):  # a separator at the end of every row
        return False
    first = [row[0] for row in rows]
    if all(number(cell, decimal) is None and cell.strip() for cell in first):
        return True
    counts = [str(i) for i in range(1, len(first) + 1)]
    return len(header) > 1 and len(first) > 1 and [cell.strip() for cell in first] == counts


def names_for(
    header: Sequence[str], rows: Sequence[Sequence[str]], decimal: str
) -> tuple[str, ...]:
    """Return a name for each cell of the rows: the header, with an empty one where it has none.

    Parameters
    ----------
    header : sequence of str
        The cells of the first row.
    rows : sequence of sequences of str
        Some rows below it.
    decimal : {".", ","}
        The decimal mark.

    Examples
    --------
    >>> names_for(["x", "y", ""], [["1", "2"], ["3", "4"]], ".")
    ('x', 'y')
    >>> names_for(["x", "y"], [["A", "1", "2"], ["B", "3", "4"]], ".")
    ('', 'x', 'y')
    """
    names = [cell.strip() for cell in header]
    if not rows:
        return tuple(names)
    if are_row_names(header, rows, decimal):
        return ("", *names)
    # A separator at the end of the header, or of rows, makes an empty cell.
    width = max(map(len, rows))
    while len(names) > width and not names[-1]:
        names.pop()
    if len(names) < width and all(not cell.strip() for row in rows for cell in row[len(names) :]):
        names += [""] * (width - len(names))
    return tuple(names)
