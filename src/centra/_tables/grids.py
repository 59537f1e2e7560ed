"""Rows of values, written as a text file that the reader of text files then reads.

Workbooks and JSON become text tables in this way, so that what a header is, which cells are numbers
and which are missing has one definition. Each row takes one line, so the number of a line is that
of the row.
"""

from __future__ import annotations

import csv
import datetime
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from centra._tables.quotes import split_cells

__all__ = ["as_cell", "fill_grid", "write_grid"]


def write_grid(path: Path, rows: Iterable[Sequence[Any]], width: int, *, empty: str = "") -> None:
    """Write rows as a CSV file in UTF-8, with commas and decimal points.

    Parameters
    ----------
    path : Path
        The file.
    rows : iterable of sequences
        Values, of which a row may have fewer than others.
    width : int
        Cells of the widest row.
    empty : str, default=""
        What to write in the first cell of a row without any value; nothing makes a blank line,
        which is no row.
    """
    with open(path, "w", encoding="utf-8", newline="", errors="backslashreplace") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            cells = [as_cell(value) for value in row]
            if empty and not any(cells):
                cells = [empty]
            if any(cells):
                writer.writerow([*cells, *[""] * (width - len(cells))])
            else:
                file.write("\n")


def fill_grid(path: Path, width: int) -> None:
    """Give all rows of a file that `write_grid` wrote as many cells, empty ones at their end.

    Parameters
    ----------
    path : Path
        The file.
    width : int
        Cells of the widest row.
    """
    filled = path.with_name("filled.csv")
    with open(path, encoding="utf-8", newline="") as file:
        write_grid(filled, split_cells(file, ","), width)
    filled.replace(path)


def as_cell(value: Any) -> str:
    r"""Write a value so that a number is read with the same bits.

    Examples
    --------
    >>> as_cell(0.1), as_cell(3), as_cell(None), as_cell("a\nb"), as_cell(True)
    ('0.1', '3', '', 'a b', 'True')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    # One row a line, whatever ends a line.
    return " ".join(str(value).splitlines()) if not isinstance(value, int) else str(value)
