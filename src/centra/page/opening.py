"""The part of the picture that a page shows first: not all of it where outliers lie far away."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

#: Share of the rows that may lie outside, on each axis; of few rows, this many.
OUTSIDE = 0.002
FEWEST = 2
#: Of fewer rows none is far enough from the others to be left out.
MANY = 100
#: How many times wider all must be than most.
WIDER = 5.0


def opening_of(points: Floats, centers: Floats) -> dict[str, Any] | None:
    """Find ranges of the axes that hold nearly all rows, if a few make the picture much wider.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        The rows that are drawn.
    centers : ndarray of shape (m, 2)
        All centres that may be drawn: those of clusters of outliers lie as far away.

    Returns
    -------
    opening : dict or None
        "x" and "y", the ranges, None for all of an axis, and "rows", how many lie outside; None if
        the picture opens on all.

    Examples
    --------
    >>> places = np.c_[np.arange(1000.0), np.zeros(1000)]
    >>> opening_of(places, places[:1])
    >>> places[7] = 1e6, 0
    >>> found = opening_of(places, places[:1])
    >>> [round(end) for end in found["x"]], found["y"], found["rows"]
    ([-50, 1049], None, 1)
    """
    n = len(points)
    if n < MANY:
        return None
    may = max(FEWEST, int(OUTSIDE * n))
    ranges = [_range(points[:, q], centers[:, q], may) for q in (0, 1)]
    if ranges == [None, None]:
        return None
    out = np.zeros(n, dtype=bool)
    for q, found in enumerate(ranges):
        if found is not None:
            out |= (points[:, q] < found[0]) | (points[:, q] > found[1])
    return {"x": ranges[0], "y": ranges[1], "rows": int(out.sum())}


def _range(values: Floats, centers: Floats, may: int) -> list[float] | None:
    """Give a range that leaves out a few values far from all others; None if all are not wider."""
    order = np.sort(values.astype(np.float64))
    lengths = order[len(order) - may - 1 :] - order[: may + 1]
    at = int(lengths.argmin())
    most = float(lengths[at])
    low, high = min(order[0], centers.min()), max(order[-1], centers.max())
    if not 0 < most * WIDER < high - low:
        return None
    # The shortest range of so many leaves out the same number always; those beside it are not far.
    near = order[np.abs(order - (order[at] + most / 2)) <= most]
    margin = 0.05 * float(near[-1] - near[0])
    return [float(near[0]) - margin, float(near[-1]) + margin]
