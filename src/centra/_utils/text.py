"""Counts, lists and tables as text, for all views."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["aligned", "count", "listed", "number", "times"]


def count(n: int, what: str) -> str:
    """Say how many, in words that agree.

    Examples
    --------
    >>> count(1, "row"), count(2500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def number(value: float, digits: int = 6) -> str:
    """Write a number in so many digits, or all before the point, with commas between thousands.

    Examples
    --------
    >>> number(0.01234567), number(4321.5), number(1234567.8), number(2e15)
    ('0.0123457', '4,321.5', '1,234,568', '2e+15')
    >>> number(0.98765, 3), number(98765.4, 3)
    ('0.988', '98,765')
    """
    whole = 10.0 ** (digits - 1) <= abs(value) < 1e15
    return f"{value:,.0f}" if whole else f"{value:,.{digits}g}"


def listed(names: Sequence[str], most: int) -> str:
    """Name the first of some things, and say how many more there are.

    Examples
    --------
    >>> listed(["a", "b"], 2), listed(["a", "b", "c"], 2)
    ('a, b', 'a, b and 1 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def times(ratio: float) -> str:
    """Say how many times something is: large numbers by their power of ten.

    Examples
    --------
    >>> times(1234.0), times(98765.0)
    ('1,234', '10^5')
    """
    return f"{ratio:,.0f}" if ratio < 10_000 else f"10^{math.log10(ratio):.0f}"


def aligned(heads: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    r"""Put cells under one another, flush right.

    Examples
    --------
    >>> print(*aligned(["cluster", "x"], [["0", "1.5"], ["1", "-20"]]), sep="\n")
    cluster    x
          0  1.5
          1  -20
    """
    table = [list(heads), *map(list, body)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        for row in table
    ]
