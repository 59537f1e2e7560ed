"""A remark: one thing worth knowing about a clustering or its columns, with its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["MOST", "Remark"]

#: Remarks of one kind that are spelled out, and names that a remark lists.
MOST = 5


@dataclass(frozen=True)
class Remark:
    """One thing worth knowing.

    Attributes
    ----------
    kind : str
        What it is about: "overlap", "scale", "constant", "identifier", "distinct", "small",
        "large", "outliers", "unconverged", "restarts", "split" or "separate".
    text : str
        The remark, a sentence.
    numbers : dict
        The numbers behind it.
    """

    kind: str
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Give the sentence."""
        return self.text
