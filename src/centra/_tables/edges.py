"""Rows at the edges of a table that are none: units below its header, notes below its last row.

People write them for readers: "[kg]" below "weight", "Source: ..." below the table, a row of totals
that begins with the word where the other rows have a number. None of them has a number where the
table has some, which is how they are told from its rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from centra._tables.dialect import number
from centra._tables.missing import is_missing
from centra._utils.totals import TOTALS

__all__ = ["has_groups", "names_of_two_rows", "notes_below", "said_of_lines", "units_below"]

#: Rows below a header that may hold units or more names, and lines below a table, at most.
_UNITS, _NOTES = 2, 20
#: Rows of a table by which its columns of numbers are known, and the share of numbers in them.
_ROWS, _SHARE = 3, 0.8
_UNIT = re.compile(r"[\[(].*[\])]|[%‰€$£¥°]|\S{1,3}/\S{1,6}")


def _has_number(cell: str, decimal: str) -> bool:
    return any(map(str.isdigit, cell)) and number(cell.rstrip(" %€$"), decimal) is not None


def _of_numbers(rows: Sequence[Sequence[str]], width: int, decimal: str) -> list[int]:
    """Return the columns that hold numbers, by the cells that are not missing."""
    found = []
    for j in range(width):
        cells = [row[j] for row in rows if j < len(row) and not is_missing(row[j])]
        numbers = sum(any(map(str.isdigit, cell)) and cell[:1] not in "[(" for cell in cells)
        plain = sum(_has_number(cell, decimal) or _styled(cell) for cell in cells)
        if cells and min(numbers, plain) >= _SHARE * len(cells):
            found.append(j)
    return found


def _styled(cell: str) -> bool:
    """Whether a cell may be a number as people write them: mostly digits and marks."""
    return sum(each.isalpha() for each in cell) <= 3 and any(map(str.isdigit, cell))


def units_below(rows: Sequence[Sequence[str]], decimal: str) -> int:
    """Count the rows below a header that have units or more names in place of numbers.

    Parameters
    ----------
    rows : sequence of sequence of str
        The header and rows below it.
    decimal : {".", ","}
        The decimal mark.

    Examples
    --------
    >>> units_below([["t", "x"], ["[s]", "[kg]"], ["1", "2"], ["2", "4"], ["3", "5"]], ".")
    1
    >>> units_below([["t", "x"], ["A", "oops"], ["B", "2"], ["C", "4"], ["D", "5"]], ".")
    0
    """
    width = len(rows[0]) if rows else 0
    for n in range(_UNITS, 0, -1):
        above, body = rows[1 : 1 + n], rows[1 + n :]
        if len(body) < _ROWS or any(len(row) > width for row in above):
            continue
        places = _of_numbers(body, width, decimal)
        if all(_is_no_row(row, rows[0], places) for row in above):
            return n
    return 0


def _is_no_row(row: Sequence[str], header: Sequence[str], places: Sequence[int]) -> bool:
    cells = [row[j] for j in places if j < len(row) and row[j].strip()]
    if not cells or any(any(map(str.isdigit, cell)) and _styled(cell) for cell in cells):
        return False
    words = [cell for cell in cells if not is_missing(cell)]
    if len(words) < len(cells):
        return False
    named = any(not header[j].strip() for j in places if j < len(row) and row[j].strip())
    if named or all(_UNIT.fullmatch(cell.strip()) for cell in cells):
        return True
    # Several columns of numbers, and not one number: no row of the table.
    return len(cells) > 1 and len(cells) >= _SHARE * len(places)


def has_groups(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether a first row has names of groups, and names of columns that the next row lacks.

    Examples
    --------
    >>> rows = [["shop", "sales", ""], ["", "food", "other"], *[["a", "1", "2"]] * 3]
    >>> has_groups(rows, "."), has_groups([["May", "2024", ""], *rows[1:]], ".")
    (True, False)
    """
    n = units_below(rows, decimal)
    if not n or any(map(str.isdigit, "".join(rows[0]))):
        return False
    places = range(len(rows[0]))
    below = [any(j < len(row) and row[j].strip() for row in rows[1 : 1 + n]) for j in places]
    named = [bool(cell.strip()) for cell in rows[0]]
    pairs = set(zip(named, below, strict=True))
    return sum(named) > 1 and {(True, False), (False, True)} <= pairs


def names_of_two_rows(header: Sequence[str], below: Sequence[Sequence[str]]) -> list[str]:
    """Join names of groups and of their columns, where a header has cells over several columns.

    Parameters
    ----------
    header : sequence of str
        The first row of names, in which a group's name stands above its first column.
    below : sequence of sequence of str
        Rows that `units_below` found.

    Examples
    --------
    >>> names_of_two_rows(["shop", "sales", ""], [["", "food", "other"]])
    ['shop', 'sales food', 'sales other']
    >>> names_of_two_rows(["shop", "sales"], [["", "EUR"]])
    ['shop', 'sales']
    """
    names = [cell.strip() for cell in header]
    second = next(
        (
            row
            for row in below
            if any(not name and j < len(row) and row[j].strip() for j, name in enumerate(names))
        ),
        None,
    )
    if second is None or not names:
        return names
    group, joined = "", []
    for j, name in enumerate(names):
        part = second[j].strip() if j < len(second) else ""
        group = name or (group if part else "")
        joined.append(f"{group} {part}".strip() if part else name)
    return joined


def notes_below(
    rows: Sequence[tuple[int, Sequence[str]]], width: int, decimal: str
) -> tuple[int, int] | None:
    """Find the lines below a table that are not its rows.

    Parameters
    ----------
    rows : sequence of (int, sequence of str)
        Its last rows, each with the number of the line on which it ends.
    width : int
        Cells of its rows.
    decimal : {".", ","}
        The decimal mark.

    Returns
    -------
    lines : (int, int) or None
        The line after the table's last, and the last line; None where all are rows.

    Examples
    --------
    >>> table = [(2, ["a", "1", "2"]), (3, ["b", "3", "4"]), (4, ["c", "5", "6"])]
    >>> notes_below([*table, (6, ["Source: a survey"])], 3, ".")
    (4, 6)
    """
    end = len(rows)
    while end > 0 and len(rows) - end < _NOTES and _is_note(rows[end - 1][1], width, decimal):
        end -= 1
    # A row with all but one cell empty may be a row of the table, unless something parts it.
    while end < len(rows) and not _stands_apart(rows, end, width):
        end += 1
    body = [row for _, row in rows[max(0, end - 1 - 5 * _NOTES) : end - 1]]
    if end and len(body) >= _ROWS:
        called = [j for j, cell in enumerate(rows[end - 1][1]) if cell.strip().lower() in TOTALS]
        if any(all(j < len(row) and number(row[j], decimal) for row in body) for j in called):
            end -= 1
    if end == len(rows) or not end:
        return None
    return rows[end - 1][0], rows[-1][0]


def _is_note(row: Sequence[str], width: int, decimal: str) -> bool:
    cells = [cell for cell in row if cell.strip()]
    if width < 2 or any(number(cell, decimal) is not None for cell in cells):
        return False
    return len(cells) <= 1 or (len(row) < width and not row[-1][-1:].isdigit())


def _stands_apart(rows: Sequence[tuple[int, Sequence[str]]], at: int, width: int) -> bool:
    """Whether a row has other cells than those of the table, or a blank line before it."""
    line, row = rows[at]
    if not any(cell.strip() for cell in row):
        return at + 1 < len(rows) and _stands_apart(rows, at + 1, width)
    blank_before = at > 0 and (
        rows[at - 1][0] + 1 < line or not any(cell.strip() for cell in rows[at - 1][1])
    )
    return len(row) < width or blank_before


def said_of_lines(first: int, last: int, where: str, unit: str = "line") -> str:
    """Say which lines are not read.

    Examples
    --------
    >>> said_of_lines(4, 4, "below the header")
    'line 4 stands below the header: not read'
    """
    if first == last:
        return f"{unit} {first} stands {where}: not read"
    return f"{unit}s {first} to {last} stand {where}: not read"
