"""Centres as discs with the numbers of their clusters, which do not hide one another.

Where centres lie close together, as at the start of many fits, their discs are moved apart, and a
line leads from each to the place of its centre. How far is known only when the figure is drawn, at
its size and with its layout; so an artist that is drawn first moves the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D, IdentityTransform
from numpy.typing import NDArray

from centra.plot import palette
from centra.plot.plane import Points
from centra.plot.spread import spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["badges", "diameter", "sized"]

_LAYER = 4.0  # in front of everything
_EDGE = 0.16  # width of a disc's edge, of the height of its number

Floats = NDArray[np.float64]


def sized(k: int, size: float) -> float:
    """Give the height of the numbers on k discs in points, if it is `size` on a few."""
    return size * float(np.interp(k, [10, 30, 100, 400], [1.0, 0.85, 0.65, 0.45]))


def diameter(k: int, size: float) -> float:
    """Give the width of discs in points, whose numbers are so high, with their edges."""
    return size * (1.0 + 0.55 * len(str(k - 1)) + _EDGE)


def badges(
    ax: Axes,
    centers: Points,
    styles: NDArray[np.integer],
    *,
    size: float = 9.0,
    floor: float = -np.inf,
) -> None:
    """Mark each centre with a disc that bears the number of its cluster.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw.
    centers : array of shape (k, 2)
        The centres.
    styles : array of shape (k,)
        The style of each cluster, as from `palette.assigned`.
    size : float, default=9.0
        Height of the numbers in points, for a few centres; many get smaller ones.
    floor : float, default=-inf
        In data units; no disc is moved below it.
    """
    k = len(centers)
    size = sized(k, size)
    wide = diameter(k, size)
    moves = [Affine2D() for _ in range(k)]
    for cluster, (x, y) in enumerate(centers):
        # Disc and number are one layer: where there is no room to move, the upper one can be read.
        layer = _LAYER + cluster / k
        ax.plot(
            x,
            y,
            marker="o",
            markersize=wide - _EDGE * size,
            markerfacecolor="white",
            markeredgecolor=palette.color(int(styles[cluster])),
            markeredgewidth=_EDGE * size,
            zorder=layer,
            gid=f"center {cluster}",
            transform=ax.transData + moves[cluster],
        )
        ax.text(
            x,
            y,
            str(cluster),
            fontsize=size,
            fontweight="bold",
            color=palette.INK,
            horizontalalignment="center",
            verticalalignment="center_baseline",
            clip_on=True,
            zorder=layer + 0.5 / k,
            transform=ax.transData + moves[cluster],
        )
    if k > 1:
        ways = _Ways()
        ax.add_artist(ways)
        ax.add_artist(_Apart(ways, centers, moves, wide, floor))


class _Ways(Artist):
    """Lines from discs that were moved to the places of their centres, where there is a dot."""

    def __init__(self) -> None:
        super().__init__()
        self.set_zorder(_LAYER - 0.2)
        self.set_in_layout(False)
        seam: dict[str, Any] = {"color": "white", "linewidth": 2.6}
        way: dict[str, Any] = {"color": palette.INK, "linewidth": 0.8}
        dot: dict[str, Any] = {"color": palette.INK, "linestyle": "", "marker": "o"}
        self.lines = [Line2D([], [], **seam), Line2D([], [], **way)]
        self.dots = Line2D([], [], markersize=2.6, **dot)

    def lead(self, homes: Floats, places: Floats) -> None:
        """Draw these, in pixels."""
        gaps = np.full_like(homes, np.nan)
        ways = np.stack([homes, places, gaps], axis=1).reshape(-1, 2)
        for line in self.lines:
            line.set_data(ways[:, 0], ways[:, 1])
        self.dots.set_data(homes[:, 0], homes[:, 1])

    def draw(self, renderer: Any) -> None:
        """Draw the lines, and the dots upon them."""
        figure: Any = self.get_figure()
        for line in (*self.lines, self.dots):
            line.set_figure(figure)
            line.set_transform(IdentityTransform())
            line.draw(renderer)


class _Apart(Artist):
    """Moves discs apart, each time before they are drawn."""

    def __init__(
        self, ways: _Ways, centers: Points, moves: list[Affine2D], wide: float, floor: float
    ) -> None:
        super().__init__()
        self.set_zorder(-1.0)
        self.set_in_layout(False)
        self.homes, self.moves = np.asarray(centers, dtype=np.float64), moves
        self.ways, self.wide, self.floor = ways, wide, floor

    def draw(self, renderer: Any) -> None:
        """Say where the discs are to be drawn on these axes, at their present size."""
        ax: Any = self.axes
        homes = ax.transData.transform(self.homes)
        box = ax.get_window_extent()
        radius = (self.wide / 2 + 0.5) * ax.figure.dpi / 72
        bottom = box.y0
        if np.isfinite(self.floor):
            bottom = max(bottom, float(ax.transData.transform((self.homes[0, 0], self.floor))[1]))
        places = spread(homes, radius, (box.x0, box.x1, bottom, box.y1))
        for move, (x, y) in zip(self.moves, places - homes, strict=True):
            move.clear().translate(x, y)
        moved = np.hypot(*(places - homes).T) > 0.3 * radius
        self.ways.lead(homes[moved], places[moved])
