"""Which columns to propose in an error, where a chosen column has no numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice

from centra._tables.columns import Names, shown
from centra._tables.missing import is_missing

__all__ = ["Kind", "advice", "kinds_of"]

#: Columns that are spelled out.
_MOST = 8
#: Rows that are looked at.
_ROWS = 20_000
#: Rows from which on 7, 8, 9, ... is a running number.
_COUNTS = 10
# What a shell would not leave as it is.
_SPECIAL = set(" \"'$&;()|<>*?`\\!#~")


@dataclass
class Kind:
    """What a column is made of, as far as it was looked at.

    Parameters
    ----------
    numbers : bool
        Whether its cells are finite numbers, or missing.
    holes : bool
        Whether some are missing.
    counts : bool
        Whether each number is one more than that above.
    """

    numbers: bool = True
    holes: bool = False
    counts: bool = True
    _rows: int = field(default=0, repr=False)
    _last: float = field(default=0.0, repr=False)

    @property
    def worth(self) -> bool:
        """Whether to cluster by it: running numbers tell nothing."""
        return self.numbers and self._rows > 0 and not (self.counts and self._rows >= _COUNTS)

    def look(self, value: float | None) -> None:
        """Look at one more cell; None is a missing one."""
        if value is None:
            self.holes, self.counts = True, False
            return
        self.counts = self.counts and (not self._rows or value == self._last + 1)
        self._rows, self._last = self._rows + 1, value


def kinds_of(
    rows: Iterable[list[str]], width: int, read: Callable[[str], float | None]
) -> list[Kind]:
    """Look at the first rows of a text file.

    Parameters
    ----------
    rows : iterable of list of str
        Their cells.
    width : int
        How many columns there are.
    read : callable
        Gives a cell's number, None where it is none.

    Returns
    -------
    kinds : list of Kind, one for each column
    """
    kinds = [Kind() for _ in range(width)]
    for row in islice(rows, _ROWS):
        for kind, cell in zip(kinds, row, strict=False):
            if not kind.numbers:
                continue
            value = None if is_missing(cell) else read(cell)
            kind.numbers = is_missing(cell) or (value is not None and abs(value) < float("inf"))
            if kind.numbers:
                kind.look(value)
    return kinds


def advice(names: Names, kinds: list[Kind], apart: Collection[int | None]) -> str:
    """Propose columns, in words that follow "correct it"; nothing where there are none.

    Parameters
    ----------
    names : tuple of str or None
        Names of the columns.
    kinds : list of Kind
        What they are made of.
    apart : collection of int
        Columns of another use.

    Examples
    --------
    >>> from centra._tables.dialect import number
    >>> rows = [["A", "1", ""], ["B", "5", "3"]]
    >>> kinds = kinds_of(rows, 3, lambda cell: number(cell, "."))
    >>> advice(("id", "x", "y"), kinds, [])
    ', or choose columns with --columns x,y --drop-missing'
    """
    good = [i for i, kind in enumerate(kinds) if kind.worth and i not in apart]
    if not good:
        return ""
    tokens = [str(i + 1) if names is None else _quoted(names[i]) for i in good]
    text = ",".join(tokens)
    if len(good) > _MOST or not text.isprintable() or set(text) & _SPECIAL or "" in tokens:
        some = f" ({shown(tokens[0])} is one)" if names is not None and tokens[0] else ""
        return f", or name the columns of numbers with --columns{some}"
    drop = " --drop-missing" if any(kinds[i].holes for i in good) else ""
    return f", or choose columns with --columns {text}{drop}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"') else name
