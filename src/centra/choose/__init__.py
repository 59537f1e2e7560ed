"""Choosing the number of clusters: `sweep` fits several and compares them by many criteria."""

from __future__ import annotations

from centra.choose.criteria import Criterion
from centra.choose.gap import Gap
from centra.choose.result import Sweep
from centra.choose.stability import Stability
from centra.choose.sweeping import sweep
from centra.choose.verdict import Choice, Verdict

__all__ = ["Choice", "Criterion", "Gap", "Stability", "Sweep", "Verdict", "sweep"]
