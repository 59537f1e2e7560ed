"""Voronoi cells: the region of each centre, as a polygon.

A point belongs to the centre that is nearest, so the border between two clusters is the
perpendicular bisector of their centres, and the region of a centre is convex. Qhull computes all
of them. It leaves the outermost regions open and wants at least four points that are not on a
line; both are answered by mirroring the centres in the four sides of a frame. The border between a
centre inside the frame and its mirror image is the side itself, so that every region comes out
closed and cut off at the frame, for one centre as for a thousand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

__all__ = ["cells"]


def cells(
    centers: NDArray[np.floating], frame: tuple[float, float, float, float]
) -> dict[int, NDArray[np.float64]]:
    """Compute the polygon of each centre within a frame.

    Parameters
    ----------
    centers : array of shape (k, 2)
        The centres, all of them strictly inside the frame.
    frame : (left, right, bottom, top)
        Sides of the rectangle that is divided up.

    Returns
    -------
    polygons : dict of int to array of shape (m, 2)
        Corners in order, by the index of the centre. Where centres coincide, the lowest index has
        the region, as it has the points; the others have none.

    References
    ----------
    F. Aurenhammer, "Voronoi diagrams: a survey of a fundamental geometric data structure",
    ACM Computing Surveys 23 (3), 1991.

    Examples
    --------
    >>> import numpy as np
    >>> from centra.plot.regions import cells
    >>> left = cells(np.array([[1.0, 1.0], [3.0, 1.0]]), (0, 4, 0, 2))[0]
    >>> left.min(axis=0), left.max(axis=0)
    (array([0., 0.]), array([2., 2.]))
    """
    corner = np.array([frame[0], frame[2]], dtype=np.float64)
    size = np.array([frame[1] - frame[0], frame[3] - frame[2]], dtype=np.float64)
    scale = size.max()  # one scale for both directions, or bisectors would turn
    # Far from the origin the fourfold sums inside Qhull would eat the digits that matter. What is
    # closer than any eye can see counts as coinciding: Qhull's own rounding would mix it up.
    scaled = np.round((np.asarray(centers, dtype=np.float64) - corner) / scale, 10)
    inside, first = np.unique(scaled, axis=0, return_index=True)
    side = size / scale
    flip_x, flip_y = np.array([-1.0, 1.0]), np.array([1.0, -1.0])
    mirrored = [
        inside * flip_x,
        inside * flip_x + [2 * side[0], 0.0],
        inside * flip_y,
        inside * flip_y + [0.0, 2 * side[1]],
    ]
    diagram = Voronoi(np.concatenate([inside, *mirrored]))
    polygons = {}
    for point, center in enumerate(first):
        region = diagram.regions[diagram.point_region[point]]
        corners = diagram.vertices[region]
        about = corners - corners.mean(axis=0)
        order = np.argsort(np.arctan2(about[:, 1], about[:, 0]))
        polygons[int(center)] = corners[order] * scale + corner
    return polygons
