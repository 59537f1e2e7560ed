"""Ticks whose thousands are separated, as they are in texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import ScalarFormatter

__all__ = ["Thousands"]


class Thousands(ScalarFormatter):
    """What matplotlib writes at ticks, with commas between thousands.

    Parameters
    ----------
    least : float
        The smallest number that makes an axis need commas.
    """

    def __init__(self, least: float) -> None:
        super().__init__()
        self.least = least
        self.largest = 0.0

    def set_locs(self, locs: Any) -> None:
        """Take the ticks of the axis: one that needs commas brings them to all."""
        super().set_locs(locs)
        self.largest = float(np.abs(np.asarray(locs, dtype=np.float64)).max(initial=0.0))

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write the number at a tick."""
        written: str = super().__call__(x, pos)
        if self.largest < self.least:
            return written
        whole, point, rest = written.partition(".")
        digits = whole.lstrip("-\N{MINUS SIGN}")
        if not digits.isdecimal() or "e" in rest:
            return written
        sign = whole[: len(whole) - len(digits)]
        return f"{sign}{int(digits):,}{point}{rest}"
