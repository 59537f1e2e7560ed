"""Choosing the number of clusters: `sweep` fits several and compares them by many criteria."""

from __future__ import annotations

from centra.selection.criteria import Criterion
from centra.selection.gap import Gap
from centra.selection.result import Sweep
from centra.selection.stability import Stability
from centra.selection.sweeping import sweep
from centra.selection.verdict import Choice, Verdict

__all__ = ["Choice", "Criterion", "Gap", "Stability", "Sweep", "Verdict", "sweep"]


def __dir__() -> list[str]:
    return sorted(__all__)
