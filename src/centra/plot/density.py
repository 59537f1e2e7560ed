"""Many rows: an image in which every cell shows whose rows are there, and how many.

Markers of a million rows lie on top of one another: what is drawn last wins, and ten rows look like
ten thousand. So rows are counted in the cells of a grid, about as fine as the pixels of the figure.
A cell has the colour of the cluster with most rows in it, mixed with white by the logarithm of its
count: paler where rows are few, and never so pale that a single row is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from centra.plot import palette
from centra.plot.plane import Points, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["counted", "draw", "shaded"]

#: Share of the cluster's colour in a cell with one row. The tint behind has a share of 0.13.
FAINT = 0.5
#: Cells per pixel of the axes. Fewer than one: an image that is shrunk would lose single rows.
_FINE = 0.85
_LAYER = 1.0  # where points lie


def draw(
    ax: Axes,
    xy: Points,
    labels: NDArray[np.integer],
    styles: NDArray[np.integer],
    view: View,
) -> None:
    """Draw rows as an image on axes that show them to `view`.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw; its limits are to be set afterwards.
    xy : array of shape (n, 2)
        Positions of the rows.
    labels : array of shape (n,)
        The cluster of each row.
    styles : array of shape (k,)
        The style of each cluster, as from `palette.assigned`.
    view : View
        What the axes will show.
    """
    wide, high = view.right - view.left, view.top - view.bottom
    across, up = _FINE * ax.bbox.width, _FINE * ax.bbox.height
    if view.to_scale:  # square cells, for axes with one scale for both directions
        side = max(wide / across, high / up)
        across, up = wide / side, high / side
    shape = max(round(up), 50), max(round(across), 50)
    majority, counts = counted(xy, labels, view, shape)
    ax.imshow(
        shaded(np.asarray(styles, dtype=np.intp)[majority], counts),
        extent=(view.left, view.right, view.bottom, view.top),
        origin="lower",
        interpolation="nearest",
        aspect="auto",
        zorder=_LAYER,
        gid="density",
    )


def counted(
    xy: Points, labels: NDArray[np.integer], view: View, shape: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Count rows in the cells of a grid.

    Parameters
    ----------
    xy : array of shape (n, 2)
        Positions of the rows, all of them in view.
    labels : array of shape (n,)
        The cluster of each row.
    view : View
        What the grid covers.
    shape : (int, int)
        Cells from bottom to top and from left to right.

    Returns
    -------
    majority : array of int of that shape
        The cluster with most rows in a cell, the lowest on a tie; -1 in a cell without rows.
    counts : array of int of that shape
        Rows in the cell, of all clusters.

    Examples
    --------
    >>> import numpy as np
    >>> from centra.plot.density import counted
    >>> from centra.plot.plane import View
    >>> xy = np.array([[0.1, 0.1], [0.2, 0.2], [0.3, 0.1], [0.9, 0.9]])
    >>> majority, counts = counted(xy, np.array([0, 3, 3, 1]), View(0, 1, 0, 1), (2, 2))
    >>> majority
    array([[ 3, -1],
           [-1,  1]])
    >>> counts
    array([[3, 0],
           [0, 1]])
    """
    up, across = shape
    i = _places(xy[:, 1], view.bottom, view.top, up)
    j = _places(xy[:, 0], view.left, view.right, across)
    k = int(labels.max()) + 1
    # Cells and clusters that occur, not all there could be: a thousand clusters are no grid each.
    occurring, rows = np.unique((i * across + j) * k + labels, return_counts=True)
    cells, clusters = occurring // k, occurring % k
    order = np.lexsort((clusters, -rows, cells))  # in each cell, its largest cluster comes first
    found, first = np.unique(cells[order], return_index=True)
    majority = np.full(up * across, -1, dtype=np.intp)
    majority[found] = clusters[order][first]
    counts = np.zeros(up * across, dtype=np.intp)
    np.add.at(counts, cells, rows)
    return majority.reshape(shape), counts.reshape(shape)


def shaded(majority: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Colour the cells of a grid.

    Parameters
    ----------
    majority, counts : arrays of int of one shape (m, n)
        As from `counted`, with the styles of clusters in their place.

    Returns
    -------
    image : array of uint8 of shape (m, n, 4)
        Red, green, blue and opacity; cells without rows are transparent.
    """
    colors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in palette.COLORS])
    most = max(int(counts.max()), 2)
    strength = FAINT + (1 - FAINT) * np.log(np.maximum(counts, 1)) / np.log(most)
    own = colors[majority % len(colors)]
    image = np.zeros((*counts.shape, 4), dtype=np.uint8)
    image[..., :3] = np.rint(255 - strength[..., None] * (255 - own))
    image[..., 3] = np.where(counts > 0, 255, 0)
    return image


def _places(values: Points, low: float, high: float, cells: int) -> NDArray[np.intp]:
    """Which of the equal cells from low to high each value lies in."""
    along = (values.astype(np.float64) - low) * (cells / (high - low))
    return np.clip(along, 0, cells - 1).astype(np.intp)
