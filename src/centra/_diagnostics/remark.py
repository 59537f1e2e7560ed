"""A remark: one thing worth knowing about a clustering or its columns, with its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MOST", "Remark", "gravest_first"]

#: Remarks of one kind that are spelled out, and names that a remark lists.
MOST = 5


@dataclass(frozen=True)
class Remark:
    """One thing worth knowing.

    Attributes
    ----------
    kind : str
        What it is about: "overlap", "scale", "constant", "identifier", "code", "skewed",
        "degrees", "sum", "binary", "distinct", "small", "large", "outliers", "total",
        "unconverged", "restarts", "split", "unclear" or "separate".
    text : str
        The remark, a sentence.
    numbers : dict
        The numbers behind it.
    gravity : int
        3 where the clusters should not be believed, 2 where something that is perhaps not meant
        decides them (a scale, an identifier, one row), 1 for what is worth knowing, 0 for good
        news.
    """

    kind: str
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)
    gravity: int = 1

    def __str__(self) -> str:
        """Give the sentence."""
        return self.text


def gravest_first(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Sort remarks by their gravity; those of the same gravity stay in their order.

    Examples
    --------
    >>> [each.kind for each in gravest_first([Remark("large", ""), Remark("split", "", {}, 3)])]
    ['split', 'large']
    """
    return tuple(sorted(remarks, key=lambda remark: -remark.gravity))
