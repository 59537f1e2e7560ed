"""Double quotes in text files: strict, so that a stray quote is an error and swallows no rows.

A quote at the beginning of a cell opens it, the next one closes it, and after that the cell must
end; two quotes in a row inside stand for one. A quote later in a cell that did not begin with one
is a character like any other. These are the rules of Python's strict `csv` reader, which NumPy's
and pyarrow's readers do not keep to: they read ``"1"2`` as 12, and an open quote takes the rest of
the file into one cell.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["QuoteCheck", "split_cells", "wrong_quote"]

#: Characters of a cell at most: what a C long holds on every system. A long text is no error.
_LONGEST = 2**31 - 1


def split_cells(lines: Iterable[str], delimiter: str) -> Reader:
    r"""Return a strict `csv.reader`.

    Examples
    --------
    >>> list(split_cells(['"a, b",5" pipe'], ","))
    [['a, b', '5" pipe']]
    >>> list(split_cells(['"1"2,3'], ","))
    Traceback (most recent call last):
    _csv.Error: ',' expected after '"'
    """
    # The limit belongs to the process. It is only ever raised.
    if csv.field_size_limit() < _LONGEST:
        csv.field_size_limit(_LONGEST)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def wrong_quote(lines: Iterable[str], delimiter: str) -> str | None:
    r"""Find the first quote that a strict reader objects to.

    Parameters
    ----------
    lines : iterable of str
        The whole file, each line with its end.
    delimiter : str
        What separates cells.

    Returns
    -------
    what : str or None
        The line, what is wrong with it and what to do; None where all quotes are in order.

    Examples
    --------
    >>> print(wrong_quote(["x,y\n", '"1,2\n', "3,4\n"], ","))
    line 2: a quote (") opens a cell and is never closed; close it, or write "" for a quote in it
    """
    opened = 0  # the line whose quote is open
    for number, line in enumerate(lines, start=1):
        if not opened and '"' not in line:
            continue
        text, at = line.rstrip("\r\n"), 0
        while at <= len(text):
            if not opened:
                if not text.startswith('"', at):
                    at = text.find(delimiter, at) + 1
                    if not at:
                        break
                    continue
                opened, at = number, at + 1
            at = text.find('"', at) + 1
            if not at:
                break
            if text.startswith('"', at):  # doubled: a quote in the cell
                at += 1
                continue
            if at < len(text) and not text.startswith(delimiter, at):
                since = "" if opened == number else f", opened in line {opened},"
                return (
                    f"line {number}: text follows the quote that closes a cell{since}; put all "
                    'of the cell in quotes, with "" for a quote in it'
                )
            opened, at = 0, at + 1
    if opened:
        return (
            f'line {opened}: a quote (") opens a cell and is never closed; close it, or write "" '
            "for a quote in it"
        )
    return None


class QuoteCheck:
    r"""Whether all quotes of a file in bytes are in order; for readers that are not strict.

    It is fast, and sure of a yes only: a quote inside a cell without quotes is a no as well.

    Parameters
    ----------
    delimiter : bytes
        What separates cells, one byte.

    Examples
    --------
    >>> check = QuoteCheck(b",")
    >>> check.feed(b'"a, ""b"" c",1\n"d')
    True
    >>> check.feed(b'",2')
    True
    >>> check.ends()
    True
    """

    def __init__(self, delimiter: bytes) -> None:
        self._may_stand_beside = np.zeros(256, dtype=bool)
        self._may_stand_beside[list(b'"\r\n' + delimiter)] = True
        # The last two bytes: one that was looked at, and one whose successor was not yet known.
        self._tail = b"\n"
        self._is_open = False

    def feed(self, part: bytes) -> bool:
        """Look at the next bytes; False where a quote is not in order."""
        if b'"' not in part and b'"' not in self._tail:
            self._tail = (self._tail + part[-2:])[-2:]
            return True
        # Quotes are looked at between a byte before and a byte after.
        data = self._tail + part
        self._tail = data[-2:]
        codes = np.frombuffer(data, dtype=np.uint8)
        quotes = np.flatnonzero(codes[1:-1] == ord('"')) + 1
        opening, closing = quotes[self._is_open :: 2], quotes[not self._is_open :: 2]
        self._is_open ^= bool(len(quotes) % 2)
        beside = self._may_stand_beside
        return bool(beside[codes[opening - 1]].all() and beside[codes[closing + 1]].all())

    def ends(self) -> bool:
        """Look at the end of the file."""
        return self.feed(b"\n") and not self._is_open
