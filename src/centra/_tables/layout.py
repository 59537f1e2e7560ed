"""Where the table of a text file begins, and how its lines are cut into cells.

The table is found by its shape: the first rows from which on all rows that are looked at have the
same number of cells, two at least, cut by the first of comma, semicolon, tab and vertical bar that
does so, or else by blanks, any number of them. What stands above it has no numbers and other
numbers of cells, or ends before a blank line: titles, dates, sources. Lines that begin with ``#``
above a table are comments, and so are those in it; the last of them may have the names. A first
line ``sep=;`` says what separates the cells.

Nothing is skipped that could be a row: a line of numbers is none of these.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from centra._tables.dialect import SEPARATORS, Dialect, blank, number
from centra._tables.edges import has_groups
from centra._tables.header import are_row_names, is_header
from centra._tables.lines import Lines, cut_at_blanks
from centra._tables.quotes import split_cells

__all__ = ["SAMPLE", "Layout", "layout_of"]

#: Lines that are looked at, rows by which the cut is found, and lines above a table at most.
SAMPLE, _ROWS, _ABOVE = 1000, 20, 20
#: Rows of numbers that are no accident.
_SURE = 10
_SAYS = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_COMMENT = "#"


@dataclass(frozen=True)
class Layout:
    """How to read a text file.

    Parameters
    ----------
    lines : Lines
        Which lines are not the table's, and how the others are read.
    delimiter : str or None
        What separates cells in lines as they are then read; None where nothing seems to.
    notes : tuple of str
        What was found out, where it may be wrong.
    """

    lines: Lines = field(default_factory=Lines)
    delimiter: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    """A row of the sample: where it begins, its cells, and whether a blank line is before it."""

    line: int
    cells: list[str]
    after_blank: bool

    @property
    def filled(self) -> int:
        return sum(bool(cell.strip()) for cell in self.cells)


def layout_of(sample: list[str], dialect: Dialect, usual: str | None = None) -> Layout:
    r"""Find out the layout.

    Parameters
    ----------
    sample : list of str
        The first lines of the file, each with its end.
    dialect : Dialect
        What is known of it.
    usual : str, optional
        What separates its cells by its suffix.

    Returns
    -------
    layout : Layout

    Examples
    --------
    >>> layout_of(["sep=;\n", "a;b\n", "1;2\n"], Dialect()).delimiter
    ';'
    >>> layout_of(["Sales\n", "\n", "x,y\n", "1,2\n"], Dialect()).lines.above
    2
    >>> layout_of(["x y\n", "1   20\n"], Dialect()).lines.at_blanks
    True
    """
    above, comment, names_at = dialect.skip or 0, dialect.comment or "", None
    delimiter, notes = dialect.delimiter or usual, []
    find = dialect.skip is None
    if find and sample and (says := _SAYS.fullmatch(sample[0])):
        delimiter, above, find = dialect.delimiter or says[1], 1, False
    first = next((i for i, line in enumerate(sample) if i >= above and not line.isspace()), None)
    if first is None:
        return Layout(Lines(above, comment), delimiter)
    found = not comment and dialect.skip is None and sample[first].startswith(_COMMENT)
    if found and not _is_header_all_the_same(sample[first:], dialect, delimiter):
        comment = _COMMENT
    shown = [
        "\n" if i < above or (comment and line.startswith(comment)) else line
        for i, line in enumerate(sample)
    ]
    cut = _cut(shown, dialect, delimiter, find=find)
    if cut is None:
        return Layout(Lines(above, comment), delimiter, _about_comments(comment, found, None))
    start, delimiter, at_blanks = cut
    if start > above:
        above = start
        notes.append(
            f"{_lines(1, above)} above the table: not read; --skip says how many there are"
        )
    if comment:
        names_at = _names_at(sample, comment, above, delimiter, dialect, at_blanks=at_blanks)
        notes += _about_comments(comment, found, names_at)
    return Layout(Lines(above, comment, at_blanks, names_at), delimiter, tuple(notes))


def _lines(first: int, last: int) -> str:
    return f"line {first} stands" if first == last else f"lines {first} to {last} stand"


def _about_comments(comment: str, found: bool, names_at: int | None) -> tuple[str, ...]:
    if not (comment and found):
        return ()
    names = "" if names_at is None else f", but line {names_at} has the names"
    return (f"lines that begin with {comment} are comments{names}; --skip 0 reads them as rows",)


# --- what separates cells, and where the table begins ---------------------------------------------

_Cut = tuple[int, str, bool]


def _cut(lines: list[str], dialect: Dialect, delimiter: str | None, *, find: bool) -> _Cut | None:
    """Find the first line of the table, what separates cells, and whether blanks do."""
    trials: list[tuple[str, bool]] = []
    if delimiter is None:
        trials = [(each, False) for each in SEPARATORS if each != dialect.decimal]
        trials.append(("\t", True))
    elif delimiter == " ":
        trials = [(" ", False), ("\t", True)]
    else:
        trials = [(delimiter, False)]
    best: _Cut | None = None
    for each, at_blanks in trials:
        rows = _rows([cut_at_blanks(x) for x in lines] if at_blanks else lines, each)
        start = _start(rows, dialect, find=find, at_blanks=at_blanks)
        if start is None:
            continue
        if start == 0:
            return 0, each, at_blanks
        line = rows[start].line
        if best is None or line < best[0]:
            best = line, each, at_blanks
    if best is None and delimiter == " ":
        return 0, " ", False
    return best


def _rows(lines: list[str], delimiter: str) -> list[_Row]:
    """Cut lines into rows; those before a quote that is not in order."""
    found: list[_Row] = []
    reader = split_cells(lines, delimiter)
    before, gap = 0, False
    with suppress(csv.Error):
        for cells in reader:
            if blank(cells) or not any(cell.strip() for cell in cells):
                gap = True
            else:
                found.append(_Row(before, cells, gap))
                gap = False
            before = reader.line_num
            if len(found) >= _ROWS + _ABOVE:
                break
    return found


def _start(rows: list[_Row], dialect: Dialect, *, find: bool, at_blanks: bool) -> int | None:
    """Return the row that the table begins with; None where these cells make no table."""
    if not rows:
        return None

    def is_number(cell: str) -> bool:
        return number(cell, dialect.decimal) is not None

    head = rows[:_ROWS]
    fits = _is_table([row.cells for row in head], dialect.decimal)
    if fits and at_blanks:
        # Words between blanks are no table: one of them must be a number in every row.
        fits = all(any(map(is_number, row.cells)) for row in head[1:] or head)
    cells = [row.cells for row in head]
    if fits and not (find and _has_title(head) and not has_groups(cells, dialect.decimal)):
        return 0
    if not find:
        return None
    for start in range(1, min(_ABOVE, len(rows) - 1) + 1):
        body = rows[start : start + _ROWS]
        width = len(body[-1].cells)
        titles = rows[:start]
        if (
            _are_titles(titles, width, is_number)
            and _is_table([row.cells for row in body], dialect.decimal)
            and _is_head(body, titles, dialect, is_number)
        ):
            return start
    return 0 if fits else None


def _is_table(rows: list[list[str]], decimal: str) -> bool:
    """Whether rows have one number of cells, two at least; perhaps not the first, see `header`."""
    widths = {len(row) for row in rows[1:] or rows}
    if len(widths) > 1:
        # A separator at the end of some lines adds an empty cell.
        widths = {len(_stripped(row)) for row in rows}
        return len(widths) == 1 and widths.pop() > 1
    width = widths.pop()
    if width < 2:
        return False
    first = rows[0]
    if len(first) == width:
        return True
    if len(first) > width:
        return len(_stripped(first)) <= width
    # One name fewer than cells: names of rows, or a separator at the end of every row.
    below = rows[1:]
    stray = all(len(_stripped(row)) <= len(first) for row in below) and len(first) > 1
    return stray or are_row_names(first, below, decimal)


def _stripped(row: list[str]) -> list[str]:
    """Return cells without empty ones at the end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _has_title(rows: list[_Row]) -> bool:
    """Whether the first of rows of one width may be a title: few of its cells are filled."""
    return rows[0].filled < max(row.filled for row in rows)


def _are_titles(rows: list[_Row], width: int, is_number: Callable[[str], bool]) -> bool:
    """Whether rows may stand above a table of a width, the last of them right above it."""
    for at, row in enumerate(rows):
        cells = [cell for cell in row.cells if cell.strip()]
        numbers = [is_number(cell) for cell in cells]
        if numbers[0] and (all(numbers) or len(cells) >= width):
            return False
        if len(cells) == width and (any(numbers) or at == len(rows) - 1):
            return False
    return True


def _is_head(
    body: list[_Row], titles: list[_Row], dialect: Dialect, is_number: Callable[[str], bool]
) -> bool:
    """Whether rows begin with names, or with numbers after a blank line."""
    first = body[0]
    if not any(is_number(cell) for row in body[1:] or body for cell in row.cells):
        return False
    if len(body) > 1 and is_header(first.cells, body[1].cells, dialect.decimal):
        # The column of the rows' names may have none.
        filled = first.filled + (not first.cells[0].strip())
        is_full = filled >= max(row.filled for row in body)
        is_full |= has_groups([row.cells for row in body], dialect.decimal)
        return is_full or (first.after_blank and not body[1].after_blank)
    if first.after_blank and is_number(first.cells[-1]) and titles[-1].filled == 1:
        return True
    # scikit-learn's files begin with the numbers of rows and columns, and names of classes.
    counts = titles[-1].cells
    return (
        len(body) >= _SURE
        and is_number(counts[0])
        and not is_number(counts[-1])
        and all(is_number(cell) for row in body for cell in row.cells)
    )


# --- comments -------------------------------------------------------------------------------------


def _is_header_all_the_same(lines: list[str], dialect: Dialect, delimiter: str | None) -> bool:
    """Whether a first line that begins with ``#`` names a column so: "#,name,size"."""
    for each in [delimiter] if delimiter else SEPARATORS:
        rows = [row.cells for row in _rows(lines[:SAMPLE], each)][:_ROWS]
        after = lines[0].removeprefix(_COMMENT).lstrip()
        if (
            after.startswith(each)
            and len(rows) > 1
            and {len(row) for row in rows} == {len(rows[0])}
        ):
            return True
    return False


def _names_at(
    sample: list[str],
    comment: str,
    above: int,
    delimiter: str,
    dialect: Dialect,
    *,
    at_blanks: bool,
) -> int | None:
    """Find the line of a comment right above the rows that has a name for each of their cells."""
    at = above
    while at < len(sample) and (sample[at].isspace() or sample[at].startswith(comment)):
        at += 1
    if not 0 < at < len(sample) or not sample[at - 1].startswith(comment):
        return None
    pair = [sample[at - 1].removeprefix(comment).lstrip(), sample[at]]
    rows = _rows([cut_at_blanks(x) for x in pair] if at_blanks else pair, delimiter)
    if len(rows) < 2 or len(rows[0].cells) != len(rows[1].cells):
        return None
    below = [number(cell, dialect.decimal) is not None for cell in rows[1].cells]
    named = not any(number(cell, dialect.decimal) is not None for cell in rows[0].cells)
    return at if named and any(below) else None
