"""Counts, lists and tables as text, for all views."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["aligned", "count", "listed", "times"]


def count(n: int, what: str) -> str:
    """Say how many, in words that agree.

    Examples
    --------
    >>> count(1, "row"), count(2500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{n:,} {what}" + ("" if n == 1 else "s")


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
