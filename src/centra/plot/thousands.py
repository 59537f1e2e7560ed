"""Ticks whose thousands are separated, as they are in texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import Formatter, ScalarFormatter

__all__ = ["Thousands"]

#: Letters of a tick and digits after its point, at most; longer numbers are written with a power.
_LETTERS, _DIGITS = 9, 5


class Thousands(ScalarFormatter):
    """Ticks with commas between thousands; large and small ones each with its power of ten.

    Where that takes too many letters, numbers are written as by matplotlib, with what they have in
    common beside the axis.

    Parameters
    ----------
    least : float
        The smallest number that makes an axis need commas.
    """

    def __init__(self, least: float) -> None:
        super().__init__()
        self.least = least
        self.written: dict[float, str] = {}

    def set_locs(self, locs: Any) -> None:
        """Take the ticks of the axis, which are written alike."""
        super().set_locs(locs)
        self.written = _written([float(at) for at in locs], self.least)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write the number at a tick."""
        found = self.written.get(float(x))
        return str(super().__call__(x, pos)) if found is None else str(Formatter.fix_minus(found))

    def get_offset(self) -> str:
        """Return what stands beside the axis."""
        return "" if self.written else str(super().get_offset())


def _written(ticks: list[float], least: float) -> dict[float, str]:
    """Write all ticks of an axis in one way; none of them, if that would take too many letters."""
    largest = max(map(abs, ticks), default=0.0)
    if not largest or not np.isfinite(largest):
        return {}
    comma = "," if largest >= least else ""
    step = np.diff(np.unique(ticks)).min(initial=largest)
    for power in (0, int(np.floor(np.log10(largest)))):
        unit = 10.0**power
        for digits in range(_DIGITS + 1):
            if all(abs(at / unit - round(at / unit, digits)) < 1e-3 * step / unit for at in ticks):
                break
        else:
            continue
        ends = f"e{power}" if power else ""
        texts = [f"{at / unit:{comma}.{digits}f}{ends}" if at else "" for at in ticks]
        if max(map(len, texts)) <= _LETTERS:
            zero = "0" if power else f"{0:.{digits}f}"
            return {at: text or zero for at, text in zip(ticks, texts, strict=True)}
    return {}
