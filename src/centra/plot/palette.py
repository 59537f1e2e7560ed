"""Colours and markers that tell clusters apart, for colour-blind readers too.

The eight colours start from the palette of Okabe and Ito, which was made for readers with any of
the three kinds of colour blindness but for print on paper: its yellow (contrast 1.3 : 1), orange
and sky blue (2.3 : 1) are too pale for small dots on a white screen. Here every colour has a
contrast of at least 3 : 1 with white, and any two stay at least 20 apart (CIE 1976 distance),
seen normally and through protanopia, deuteranopia and tritanopia; a test simulates them.

A second sign never relies on colour: each cluster has a marker, and no two of the first 64
clusters have both in common. Beyond that, and always, the number at the centre tells.

References
----------
M. Okabe and K. Ito, "Color Universal Design", 2002 (revised 2008).
"""

from __future__ import annotations

__all__ = ["COLORS", "INK", "MARKERS", "color", "marker", "tint", "weight"]

#: blue, vermilion, green, purple, near-black, orange, sky blue, olive
COLORS = ("#0051b1", "#b63700", "#008762", "#c07aac", "#222222", "#cf8500", "#3e96ff", "#7b8c46")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
#: areas that make markers of one nominal size look equally heavy
_WEIGHTS = {"s": 0.85, "^": 1.2, "D": 0.8, "v": 1.2, "P": 1.3, "X": 1.3, "p": 1.2}
#: text, outlines and paths
INK = "#1a1a1a"


def color(cluster: int) -> str:
    """Give the colour of a cluster."""
    return COLORS[cluster % len(COLORS)]


def marker(cluster: int) -> str:
    """Give the marker of a cluster; it moves on by one whenever the colours start again."""
    return MARKERS[(cluster + cluster // len(COLORS)) % len(MARKERS)]


def weight(cluster: int) -> float:
    """Give the factor by which a cluster's marker needs more area than a circle."""
    return _WEIGHTS.get(marker(cluster), 1.0)


def tint(cluster: int, strength: float = 0.13) -> tuple[float, float, float]:
    """Mix the colour of a cluster into white, for the region behind its points.

    Parameters
    ----------
    cluster : int
        Which cluster.
    strength : float, default=0.13
        Share of the colour, from 0 (white) to 1.

    Returns
    -------
    rgb : tuple of three floats in [0, 1]
        An opaque colour: two regions that touch must not add up along their border.
    """
    digits = color(cluster)[1:]
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    mix = [1 - strength * (1 - channel) for channel in (red, green, blue)]
    return mix[0], mix[1], mix[2]
