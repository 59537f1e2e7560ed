"""Words and tables as all views write them: counts that agree, cells under one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["aligned", "count", "html_table"]


def count(n: int, what: str) -> str:
    """Say how many, in words that agree.

    Examples
    --------
    >>> count(1, "row"), count(2500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{n:,} {what}" + ("" if n == 1 else "s")


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


def html_table(heads: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Write a table for a notebook; cells are HTML already.

    Examples
    --------
    >>> html_table(["k"], [["2"]])
    '<table><thead><tr><th>k</th></tr></thead><tbody><tr><td>2</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{cell}</th>" for cell in heads)
    lines = ("".join(f"<td>{cell}</td>" for cell in row) for row in body)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
