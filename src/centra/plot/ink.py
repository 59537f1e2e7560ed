"""What is put on the axes: regions at the back, then points and paths; `discs` come in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra.plot import palette
from centra.plot.plane import Points, View
from centra.plot.regions import cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CROWD", "groups", "paths", "points", "regions"]

#: above this many rows, there is an image of how many lie where in place of a marker each
CROWD = 50_000

_REGIONS, _POINTS, _PATHS = 0.5, 1.0, 3.0  # back to front


def groups(labels: NDArray[np.integer]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Walk through the clusters that have rows.

    Parameters
    ----------
    labels : array of shape (n,)
        The cluster of each row.

    Yields
    ------
    cluster : int
        Clusters in ascending order.
    rows : array of int
        Its rows, in ascending order.
    """
    order = np.argsort(labels, kind="stable")
    found, starts = np.unique(labels[order], return_index=True)
    for cluster, rows in zip(found, np.split(order, starts[1:]), strict=True):
        yield int(cluster), rows


def points(
    ax: Axes,
    xy: Points,
    labels: NDArray[np.integer],
    styles: NDArray[np.integer],
    *,
    scale: float = 1.0,
) -> None:
    """Draw every row as a marker of its cluster.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw.
    xy : array of shape (n, 2)
        Positions of the rows.
    labels : array of shape (n,)
        The cluster of each row.
    styles : array of shape (k,)
        The style of each cluster, as from `palette.assigned`.
    scale : float, default=1.0
        Markers are this much wider than usual.
    """
    n = len(xy)
    for cluster, rows in groups(labels):
        x, y, style = xy[rows, 0], xy[rows, 1], int(styles[cluster])
        # Ink per row shrinks as rows grow in number, so that dense places keep their structure.
        area = scale**2 * float(np.interp(np.log10(n), [1.5, 2.5, 4.0, 4.7], [46, 26, 9, 4]))
        ax.scatter(
            x,
            y,
            s=area * palette.weight(style),
            marker=palette.marker(style),
            color=palette.color(style),
            edgecolors="white",
            linewidths=0.25 if area > 6 else 0.0,
            zorder=_POINTS,
        )


def regions(
    ax: Axes,
    centers: Points,
    view: View,
    styles: NDArray[np.integer],
    *,
    crowded: bool = False,
) -> None:
    """Draw the Voronoi region of each centre, lightly, behind everything else.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw.
    centers : array of shape (k, 2)
        The centres.
    view : View
        What the axes will show.
    styles : array of shape (k,)
        The style of each cluster, as from `palette.assigned`.
    crowded : bool, default=False
        Whether so many points lie on top that the borders need to be drawn above them as well.
    """
    from matplotlib.collections import PolyCollection

    polygons = cells(centers, view.frame())
    ax.add_collection(
        PolyCollection(
            list(polygons.values()),
            facecolors=[palette.tint(int(styles[cluster])) for cluster in polygons],
            edgecolors="#808080",
            linewidths=0.7,
            zorder=_REGIONS,
            gid="regions",
        ),
        autolim=False,  # the regions go on beyond the view
    )
    if crowded:
        borders = PolyCollection(
            list(polygons.values()),
            facecolors="none",
            edgecolors="white",
            linewidths=1.0,
            zorder=_POINTS + 0.5,
            gid="borders",
        )
        ax.add_collection(borders, autolim=False)


def paths(ax: Axes, steps: Sequence[Points]) -> None:
    """Draw the way that each centre has come, from a ring at its start.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw.
    steps : sequence of arrays of shape (k, 2)
        Positions of all centres, oldest first; the newest are where the centres are now.
    """
    way = np.stack(steps)  # (step, k, 2)
    below: dict[str, Any] = {"color": "white", "linewidth": 3.2, "solid_capstyle": "round"}
    above: dict[str, Any] = {"color": palette.INK, "linewidth": 1.2, "solid_capstyle": "round"}
    for style in (below, above):  # a dark line with a white seam is seen on any ground
        ax.plot(way[:, :, 0], way[:, :, 1], zorder=_PATHS, **style)
    between = way[1:-1].reshape(-1, 2)
    over = _PATHS + 0.1
    ax.scatter(between[:, 0], between[:, 1], s=9, color=palette.INK, linewidths=0, zorder=over)
    ring: dict[str, Any] = {"color": "white", "edgecolors": palette.INK, "linewidths": 1.2}
    ax.scatter(way[0, :, 0], way[0, :, 1], s=26, zorder=over + 0.1, **ring)
