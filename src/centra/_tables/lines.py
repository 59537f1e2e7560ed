"""The lines of a text file as its readers get them: each in its place, and some of them blank.

What stands above a table, and comments, are read as blank lines, which every reader skips; so the
number of a line stays that of the file, as an editor shows it. What stands below it is not read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Lines", "cut_at_blanks", "open_lines"]

#: A cell between blanks, perhaps in quotes, in which blanks are none.
_CELL = re.compile(r'"(?:[^"]|"")*"(?=\s|$)|\S+')


@dataclass(frozen=True)
class Lines:
    """What of a file's lines is not the table's.

    Parameters
    ----------
    above : int
        Lines above the table, which are not read.
    comment : str
        Lines that begin with it are not read; empty for none.
    at_blanks : bool
        Whether any number of blanks and tabs separates cells: they become one tab.
    names_at : int or None
        The number, from 1, of a line that begins with `comment` and has the names of the columns.
    below : int or None
        The number of the first line below the table: from there on nothing is read.
    """

    above: int = 0
    comment: str = ""
    at_blanks: bool = False
    names_at: int | None = None
    below: int | None = None

    @property
    def changes(self) -> bool:
        """Whether lines below those above the table change."""
        return bool(self.comment) or self.at_blanks or self.below is not None

    def of(self, file: Iterator[str]) -> Iterator[str]:
        """Give the lines of a file as they are read."""
        for number, line in enumerate(file, start=1):
            if self.below is not None and number >= self.below:
                return
            if number == self.names_at:
                yield self.cut(line.removeprefix(self.comment).lstrip())
            elif number <= self.above or (self.comment and line.startswith(self.comment)):
                yield "\n"
            else:
                yield self.cut(line)

    def cut(self, line: str) -> str:
        """Put one tab between cells that any number of blanks separates."""
        return cut_at_blanks(line) if self.at_blanks else line


def cut_at_blanks(line: str) -> str:
    r"""Put one tab in the place of blanks, but not in quotes.

    Examples
    --------
    >>> cut_at_blanks('  3.25    "a  b"\n')
    '3.25\t"a  b"\n'
    """
    cells = _CELL.findall(line) if '"' in line else line.split()
    return "\t".join(cells) + "\n"


class LinesFile:
    """Lines to iterate over, and how much of the file has been read."""

    def __init__(self, lines: Iterator[str], bytes_read: object, size: int) -> None:
        self._lines, self._raw, self._size = lines, bytes_read, max(1, size)

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def __next__(self) -> str:
        """Give the next line."""
        return next(self._lines)

    @property
    def part(self) -> float:
        """Which part of the file has been read; the layer below reads ahead by some kilobytes."""
        at: int = self._raw.tell()  # type: ignore[attr-defined]
        return at / self._size


@contextmanager
def open_lines(path: Path, encoding: str, lines: Lines) -> Iterator[LinesFile]:
    """Open a text file to be read line by line.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        Its encoding.
    lines : Lines
        What is not the table's.

    Yields
    ------
    file : LinesFile
    """
    with open(path, encoding=encoding, newline="") as file:
        size = os.fstat(file.fileno()).st_size
        plain = not (lines.above or lines.changes)
        yield LinesFile(file if plain else lines.of(file), file.buffer, size)
