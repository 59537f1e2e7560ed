"""Text files of plain numbers, read by `numpy.loadtxt`, which is fast and only objects."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from centra._tables.lines import LinesFile
from centra._tables.quotes import QuoteCheck, split_cells

__all__ = ["read_by_numpy"]

Floats = NDArray[np.float64]

#: Lines that are read between two reports of progress.
_LINES = 50_000
#: ASCII's separators: white space to NumPy, but nothing that may stand around a number.
_SEPARATORS = "\x1c\x1d\x1e\x1f"


def read_by_numpy(
    file: LinesFile,
    skip: int,
    width: int,
    delimiter: str,
    numbers: list[int],
    text: int | None,
    done: Callable[[float], None] | None,
) -> tuple[Floats, list[str] | None] | None:
    """Read some columns; None when NumPy, or the rows, find anything to object to.

    Parameters
    ----------
    file : LinesFile
        The lines of the file.
    skip : int
        Lines that stand above the rows.
    width : int
        Cells of a row.
    delimiter : str
        What separates them.
    numbers : list of int
        Positions of columns of numbers.
    text : int or None
        The position of a column to take as it is.
    done : callable or None
        Called with the fraction of the file that has been read.

    Returns
    -------
    rows : ndarray of shape (n, len(numbers)), float64
    texts : list of n str, or None
    """
    parts: list[Floats] = []
    texts: list[str] = []
    whole = numbers == list(range(width))
    # A line of delimiters alone has cells, all of them empty.
    lines = (x for x in islice(file, skip, None) if delimiter in x or not x.isspace())
    while chunk := list(islice(lines, _LINES)):
        try:
            part = np.loadtxt(
                chunk,
                delimiter=delimiter,
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
        if '"' in joined and not _is_in_order(joined, delimiter):
            return None
        if not whole or not is_plain:
            # loadtxt has not looked at the other columns, and takes more characters for white
            # space around a number.
            try:
                cells = list(split_cells(chunk, delimiter))
            except csv.Error:
                return None
            if len(cells) != len(part) or any(len(row) != width for row in cells):
                return None
            if not (is_plain or all(_is_plain(row[i]) for row in cells for i in numbers)):
                return None
            if text is not None:
                texts.extend(row[text].strip() for row in cells)
        if done is not None:
            done(file.part)
    return (np.concatenate(parts), texts if text is not None else None) if parts else None


def _is_plain(text: str) -> bool:
    """Whether a text has no white space but that which may stand around a number."""
    return text.isascii() and not any(each in text for each in _SEPARATORS)


def _is_in_order(lines: str, delimiter: str) -> bool:
    """Whether all quotes are; perhaps no where they are, as loadtxt is not strict either."""
    if not delimiter.isascii():
        return False
    check = QuoteCheck(delimiter.encode())
    return check.feed(lines.encode()) and check.ends()
