"""One column: a histogram, every bar in the colours of the clusters whose rows it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from centra.plot import ink, palette
from centra.plot.legible import LARGE, name_axes, separate
from centra.plot.plane import Plane, Points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

#: Lanes on which centres stand above one another, at most.
_LANES = 4


def draw(
    ax: Axes,
    plane: Plane,
    labels: NDArray[np.integer],
    centers: Points,
    styles: NDArray[np.integer],
    *,
    steps: tuple[Points, ...] = (),
    scale: float = 1.0,
) -> None:
    """Draw the rows of one column as a stacked histogram, with the region of each centre.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw; limits are set.
    plane : Plane
        The rows, one column wide.
    labels : array of shape (n,)
        The cluster of each row.
    centers : array of shape (k, 1)
        The centres.
    styles : array of shape (k,)
        The style of each cluster, as from `palette.assigned`.
    steps : tuple of arrays of shape (k, 1), optional
        Where the centres were before, oldest first.
    scale : float, default=1.0
        Size of the numbers; small panels want less.
    """
    from centra.plot import discs

    values = plane.points[:, 0].astype(np.float64)
    now = centers[:, 0].astype(np.float64)
    low, high = min(values.min(), now.min()), max(values.max(), now.max())
    margin = 0.05 * (high - low) or 0.025 * max(abs(high), 10.0)
    # About the square root of the row count, as is usual, within what the eye can take in.
    bins = int(np.clip(np.sqrt(len(values)), 8, 120))
    edges = np.linspace(values.min(), values.max(), bins + 1)
    if edges[0] == edges[-1]:  # one value, one bar
        edges = np.array([edges[0] - 0.2 * margin, edges[0] + 0.2 * margin])

    # Where centres coincide the lowest index has the region, as it has the rows.
    places, order = np.unique(now, return_index=True)
    borders = (places[1:] + places[:-1]) / 2
    sides = [low - 100 * margin, *borders, high + 100 * margin]
    for cluster, left, right in zip(order, sides[:-1], sides[1:], strict=True):
        ax.axvspan(left, right, color=palette.tint(int(styles[cluster])), linewidth=0, zorder=0.4)
    for border in borders:
        ax.axvline(border, color="#808080", linewidth=0.7, zorder=0.5)

    floor = np.zeros(len(edges) - 1)
    for cluster, rows in ink.groups(labels):
        counts, _ = np.histogram(values[rows], bins=edges)
        ax.bar(
            edges[:-1],
            counts,
            np.diff(edges),
            bottom=floor,
            align="edge",
            color=palette.color(int(styles[cluster])),
            edgecolor="white",
            linewidth=0.3,
            zorder=1.0,
        )
        floor += counts

    # The centres stand in a strip of their own above the bars, many of them on several lanes.
    top = float(floor.max())
    size = discs.sized(len(now), 9.0 * scale)
    wide = discs.diameter(len(now), size)
    box = ax.get_window_extent()
    across, up = box.width * 72 / ax.figure.dpi, box.height * 72 / ax.figure.dpi
    lanes = int(np.clip(np.ceil(2 * len(now) * wide / across), 1, _LANES))
    share = min(max(1 / 6, (lanes * 1.15 + 0.4) * wide / up), 0.5)  # of the axes
    ceiling = top / (1 - share)
    levels = top + (ceiling - top) * (np.arange(lanes) + 0.6) / (lanes + 0.2)
    lane = np.empty(len(now), dtype=np.intp)  # the order of centres on a line never changes
    lane[np.argsort(now, kind="stable")] = np.arange(len(now)) % lanes

    def raised(positions: Points) -> Points:
        return np.column_stack([positions[:, 0], levels[lane]])

    if steps:
        ink.paths(ax, [raised(step) for step in (*steps, centers)])
    discs.badges(ax, raised(centers), styles, size=9.0 * scale, floor=top)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(0, ceiling)
    name_axes(ax, plane.names[0])
    ax.set_ylabel("rows")
    separate(ax.xaxis, LARGE)
    separate(ax.yaxis)
