"""Outlying rows: single rows, or very few, that lie far from all others.

Rows are joined by single linkage: the two nearest groups first. A small group that joins a large
one is outlying if the gap between the two is more than `GAP` times the size of the large one: the
distance from its median within which nine tenths of its rows lie. The gap is compared with a size
and not with the gaps between other rows: those depend on how many rows there are, and grow towards
the tail of any distribution.

It costs the distances between `CORE` rows, and those of the other rows to these.
(Single linkage: Gower and Ross, "Minimum spanning trees and single linkage cluster analysis",
Applied Statistics 18, 1969.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist

from centra._utils.sampling import sampled

__all__ = ["outlying"]

Floats = NDArray[np.float64]

#: Sizes of the large group between it and an outlying one: of Gaussian rows, uniform ones and blobs
#: 1.5 at most in 99 % of tables, in any number of columns.
GAP = 2.0
#: The share of a group's rows that its size covers.
COVERED = 0.9
#: A group to which others are outlying has so many rows at least.
LARGE = 10
#: An outlying group has at most one row of `RARE`; in a small table three, and one of `SPARSE`.
RARE = 200
FEW = 3
SPARSE = 30
#: Rows of which all distances are taken.
CORE = 2_000
#: Distances that are computed at a time.
BLOCK = 1 << 22
#: The size of a group is taken anew when it has grown by this factor.
GROWN = 1.1


def outlying(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which rows lie far from all others.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        All finite, in the scales in which they are clustered.

    Returns
    -------
    far : ndarray of bool of shape (n,)
        All False for fewer than eleven rows: they do not show how large a group is.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.append(np.arange(20.0), 99.0)[:, None]
    >>> np.flatnonzero(outlying(rows))
    array([20])
    """
    n = len(rows)
    far = np.zeros(n, dtype=bool)
    if n <= LARGE or not rows.shape[1]:
        return far
    rows = _in_range(rows)
    core = sampled(n, CORE)
    most = max(1, n // RARE, min(FEW, n // SPARSE))
    tree = _Tree(rows[core])
    found = tree.outlying(max(min(FEW, most), most * len(core) // n))
    far[core] = found
    if n > len(core):
        kept, rest = np.flatnonzero(~found), np.delete(np.arange(n), core)
        nearest, gaps = _nearest(rows[rest], tree.rows[kept])
        for row, leaf, gap in zip(rest, kept[nearest], gaps, strict=True):
            far[row] = gap > tree.least and tree.beyond(int(leaf), float(gap))
        far[_in_large_groups(rows, np.flatnonzero(far), tree.least, most)] = False
    return far


class _Tree:
    """The tree of single linkage, and the sizes of its groups.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Its leaves.
    """

    def __init__(self, rows: Floats) -> None:
        self.rows = rows
        n = len(rows)
        merges = linkage(rows, "single")
        self.children = merges[:, :2].astype(np.intp)
        self.heights = merges[:, 2]
        self.counts = np.concatenate([np.ones(n, np.intp), merges[:, 3].astype(np.intp)])
        self.parents = np.full(2 * n - 1, -1, dtype=np.intp)
        self.parents[self.children.ravel()] = np.repeat(np.arange(n, 2 * n - 1), 2)
        #: Leaves so ordered that those of every group are neighbours, and where each group begins.
        self.begins = np.zeros(2 * n - 1, dtype=np.intp)
        for group in range(2 * n - 2, n - 1, -1):
            left, right = self.children[group - n]
            self.begins[left] = self.begins[group]
            self.begins[right] = self.begins[group] + self.counts[left]
        self.order = np.empty(n, dtype=np.intp)
        self.order[self.begins[:n]] = np.arange(n)
        self.reaches = self._reaches()
        large = self.counts >= LARGE
        #: No gap up to this makes a row outlying.
        self.least = float(self.reaches[large].min(initial=np.inf))

    def leaves(self, group: Any) -> NDArray[np.intp]:
        """Return the rows of a group."""
        return self.order[self.begins[group] : self.begins[group] + self.counts[group]]

    def outlying(self, most: int) -> NDArray[np.bool_]:
        """Tell which rows are outlying in groups of at most so many."""
        n = len(self.rows)
        far = np.zeros(n, dtype=bool)
        for (one, other), gap in zip(self.children, self.heights, strict=True):
            small, large = (one, other) if self.counts[one] < self.counts[other] else (other, one)
            few = self.counts[small] <= most and self.counts[large] >= LARGE
            if few and gap > self.reaches[large]:
                far[self.leaves(small)] = True
        return far

    def beyond(self, leaf: int, gap: float) -> bool:
        """Tell whether a further row, so far from a leaf, is outlying to the leaf's group."""
        group = leaf
        while (up := self.parents[group]) >= 0 and self.heights[up - len(self.rows)] < gap:
            group = int(up)
        return bool(self.counts[group] >= LARGE and gap > self.reaches[group])

    def _reaches(self) -> Floats:
        """Return how far from each group rows are outlying; infinite where it is not large."""
        n = len(self.rows)
        reaches = np.full(2 * n - 1, np.inf)
        taken = np.zeros(2 * n - 1, dtype=np.intp)  # rows of the group whose size was taken
        for group in np.flatnonzero(self.counts >= LARGE):
            left, right = self.children[group - n]
            larger = left if self.counts[left] >= self.counts[right] else right
            if self.counts[group] <= GROWN * taken[larger]:
                reaches[group], taken[group] = reaches[larger], taken[larger]
                continue
            rows = self.rows[self.leaves(group)]
            distances = np.linalg.norm(rows - np.median(rows, axis=0), axis=1)
            reaches[group] = GAP * np.quantile(distances, COVERED)
            taken[group] = self.counts[group]
        return reaches


def _in_range(rows: NDArray[Any]) -> Floats:
    """Return rows in a unit, a power of two, in which squares do not leave float64."""
    exact = rows.astype(np.float64, copy=False)
    exponent = int(np.frexp(np.abs(exact).max())[1])
    return exact if abs(exponent) < 400 else np.ldexp(exact, -exponent)


def _nearest(rows: Floats, others: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return which of the others is nearest to each row, and how far away it is."""
    step = max(1, BLOCK // len(others))
    nearest, gaps = np.empty(len(rows), dtype=np.intp), np.empty(len(rows))
    for start in range(0, len(rows), step):
        found = cdist(rows[start : start + step], others)
        nearest[start : start + step] = found.argmin(axis=1)
        gaps[start : start + step] = found.min(axis=1)
    return nearest, gaps


def _in_large_groups(
    rows: Floats, which: NDArray[np.intp], gap: float, most: int
) -> NDArray[np.intp]:
    """Return those of some rows that are more than so many within a gap of each other."""
    if len(which) <= most:
        return which[:0]
    if len(which) > CORE:
        return which  # a twentieth of the rows is not outlying
    groups = fcluster(linkage(rows[which], "single"), gap, "distance")
    return which[np.bincount(groups)[groups] > most]
