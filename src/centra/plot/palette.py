"""Colours and markers that tell clusters apart, for colour-blind readers too.

The eight colours start from the palette of Okabe and Ito, which was made for readers with any of
the three kinds of colour blindness but for print on paper: its yellow (contrast 1.3 : 1), orange
and sky blue (2.3 : 1) are too pale for small dots on a white screen. Here every colour has a
contrast of at least 3 : 1 with white, and any two stay at least 20 apart (CIE 1976 distance),
seen normally and through protanopia, deuteranopia and tritanopia; a test simulates them.

A second sign never relies on colour: each cluster has a marker, and no two of the first 64
styles have both in common. Beyond that, and always, the number at the centre tells.

Up to eight clusters have the colours in their order. With more, colours repeat, and `assigned`
chooses which clusters share one: never two whose regions touch. It looks at the centres alone, so
that every figure of a model, and its page, give a cluster the same colour.

References
----------
M. Okabe and K. Ito, "Color Universal Design", 2002 (revised 2008).
D. W. Matula and L. L. Beck, "Smallest-last ordering and clustering and graph coloring algorithms",
Journal of the ACM 30 (3), 1983.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import Delaunay, QhullError

__all__ = ["COLORS", "INK", "MARKERS", "assigned", "color", "marker", "tint", "weight"]

#: blue, vermilion, green, purple, near-black, orange, sky blue, olive
COLORS = ("#0051b1", "#b63700", "#008762", "#c07aac", "#222222", "#cf8500", "#3e96ff", "#7b8c46")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
#: areas that make markers of one nominal size look equally heavy
_WEIGHTS = {"s": 0.85, "^": 1.2, "D": 0.8, "v": 1.2, "P": 1.3, "X": 1.3, "p": 1.2}
#: text, outlines and paths
INK = "#1a1a1a"
#: With more clusters, regions are a few pixels wide, and colours follow the numbers.
_MOST = 400
#: Neighbours of a cluster in more than two columns. A graph of three nearest has in each part of it
#: a node of at most six edges, so that seven colours are enough.
_NEAREST = 3

Floats = NDArray[np.float64]


def assigned(centers: ArrayLike) -> NDArray[np.intp]:
    """Choose styles for clusters, so that neighbours differ in colour.

    Neighbours are clusters whose regions touch (one column or two), or each cluster and the three
    nearest to it (more columns). Colours are given greedily, first to the clusters with most
    neighbours: each takes, of the colours that none of its neighbours has, the one that is farthest
    away.

    Parameters
    ----------
    centers : array-like of shape (k, d)
        The centres, those at the end of the fit.

    Returns
    -------
    styles : array of int of shape (k,)
        What to give to `color`, `marker` and `tint` for each cluster; ``COLORS[style % 8]`` is its
        colour. Different numbers; 0 to k - 1 where colours do not repeat.

    Examples
    --------
    >>> import numpy as np
    >>> from centra.plot.palette import assigned
    >>> assigned([[0.0, 0.0], [1.0, 0.0]])
    array([0, 1])
    >>> ring = np.exp(2j * np.pi * np.arange(9) / 9)
    >>> assigned(np.column_stack([ring.real, ring.imag])) % 8
    array([0, 1, 2, 3, 4, 1, 5, 6, 7])
    """
    places = np.asarray(centers, dtype=np.float64)
    k = len(places)
    if not len(COLORS) < k <= _MOST:
        return np.arange(k)
    apart, touching = _neighbours(places)
    colors = np.full(k, -1)
    uses = np.zeros(len(COLORS), dtype=np.intp)
    # Colour and marker together tell 64 apart, if no colour has more than eight markers.
    most = max(len(MARKERS), -(-k // len(COLORS)))
    for cluster in _smallest_last(touching):
        farther = np.full(len(COLORS), np.inf)  # how far away the nearest of each colour is
        np.minimum.at(farther, colors[colors >= 0], apart[cluster, colors >= 0])
        taken = np.isin(np.arange(len(COLORS)), colors[touching[cluster]])
        free = ~taken & (uses < most)
        free = free if free.any() else ~taken
        colors[cluster] = np.where(free if free.any() else True, farther, -1.0).argmax()
        uses[colors[cluster]] += 1
    styles = np.empty(k, dtype=np.intp)
    # Colours in the order in which clusters first have them: the first cluster is blue, as ever.
    for new, first in enumerate(np.sort(np.unique(colors, return_index=True)[1])):
        own = np.flatnonzero(colors == colors[first])
        styles[own] = new + len(COLORS) * np.arange(len(own))
    return styles


def _neighbours(centers: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return how far apart clusters look, and which of them are neighbours."""
    k, d = centers.shape
    scaled = centers / (np.abs(centers).max() or 1.0)
    scaled = scaled - scaled.mean(axis=0)
    products = scaled @ scaled.T
    apart = _distances(products)
    if d > 2:  # figures show a projection: what is near to the eye counts, too
        values, vectors = np.linalg.eigh(products)
        seen = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))
        apart = np.minimum(apart, _distances(seen @ seen.T))
    if d <= 2:
        touching = _touching(scaled)
    else:
        touching = np.zeros((k, k), dtype=bool)
        near = np.argsort(_distances(products), axis=1, kind="stable")[:, :_NEAREST]
        touching[np.arange(k)[:, None], near] = True
    touching |= touching.T
    return apart, touching


def _distances(products: Floats) -> Floats:
    """Distances over their median, of products between points; none to themselves."""
    squares = np.diag(products)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0))
    apart = (apart / (np.median(apart) or 1.0)).round(9)
    np.fill_diagonal(apart, np.inf)
    return apart


def _touching(points: Floats) -> NDArray[np.bool_]:
    """Return whose regions touch, on a line or in a plane."""
    touching = np.zeros((len(points), len(points)), dtype=bool)
    rounded = points.round(9)
    different, first, which = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    along = np.lexsort(rounded.T[::-1])  # for points on a line, their order along it
    try:
        found = Delaunay(different) if points.shape[1] == 2 and len(different) > 3 else None
    except QhullError:  # they are on a line
        found = None
    if found is None:
        touching[along[:-1], along[1:]] = True
        return touching
    for a, b in ((0, 1), (1, 2), (2, 0)):
        touching[first[found.simplices[:, a]], first[found.simplices[:, b]]] = True
    for left_out, _, nearest in found.coplanar:  # by rounding in no triangle
        touching[first[left_out], first[nearest]] = True
    again = np.flatnonzero(first[which.ravel()] != np.arange(len(points)))  # centres that coincide
    touching[first[which.ravel()[again]], again] = True
    return touching


def _smallest_last(touching: NDArray[np.bool_]) -> list[int]:
    """Order nodes of a graph so that each has few neighbours before it."""
    edges = touching.sum(axis=1)
    left = np.ones(len(edges), dtype=bool)
    order = []
    for _ in range(len(edges)):
        node = int(np.where(left, edges, len(edges)).argmin())
        left[node] = False
        edges = edges - touching[node]
        order.append(node)
    return order[::-1]


def color(style: int) -> str:
    """Give the colour of a style: that of cluster j in ``assigned(centers)[j]``."""
    return COLORS[style % len(COLORS)]


def marker(style: int) -> str:
    """Give the marker of a style; it moves on by one whenever the colours start again."""
    return MARKERS[(style + style // len(COLORS)) % len(MARKERS)]


def weight(style: int) -> float:
    """Give the factor by which a style's marker needs more area than a circle."""
    return _WEIGHTS.get(marker(style), 1.0)


def tint(style: int, strength: float = 0.13) -> tuple[float, float, float]:
    """Mix the colour of a style into white, for the region behind the points of a cluster.

    Parameters
    ----------
    style : int
        As from `assigned`.
    strength : float, default=0.13
        Share of the colour, from 0 (white) to 1.

    Returns
    -------
    rgb : tuple of three floats in [0, 1]
        An opaque colour: two regions that touch must not add up along their border.
    """
    digits = color(style)[1:]
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    mix = [1 - strength * (1 - channel) for channel in (red, green, blue)]
    return mix[0], mix[1], mix[2]
