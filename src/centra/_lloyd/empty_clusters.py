"""Empty clusters: each takes over the row that is farthest from its own center.

This is scikit-learn's rule, made independent of the order of rows: they are ordered by distance
(descending), then by content (never by number), then by weight. A row of weight 0 is never taken. A
donor that loses all its weight becomes empty in turn. It costs one pass, in those iterations only
that have empty clusters.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from centra._assign.assignment import Assignment
from centra._core import ClusterSums
from centra._data.block_state import BlockState, Labels
from centra._data.journal import reads
from centra._data.passes import own_distances
from centra.sources import Block

Floats = NDArray[np.float64]

#: Numbers of a batch of rows that are compared by content.
BATCH = 1 << 21


def relocate(assignment: Assignment, centers: Floats) -> ClusterSums:
    """Return sums in which empty clusters hold a far row each, taken from its own cluster.

    Parameters
    ----------
    assignment : Assignment
        Labels and their sums, which are not changed.
    centers : ndarray of shape (n_clusters, n_features)
        The centers to which the labels belong: distances are measured to them, unweighted.
    """
    # Every cluster is founded at most once: emptied donors may come on top of those empty now.
    far = assignment.data.run(Farthest(centers, len(centers)))
    if not len(far.distances) or far.distances[0] <= 0:
        return assignment.sums
    sums = assignment.sums.copy()
    empty = deque(np.flatnonzero(sums.weights() == 0).tolist())
    for place, weight, donor in zip(far.rows, far.weights, far.labels.tolist(), strict=True):
        if not empty:
            break
        founded = empty.popleft()
        emptied_before = sums.weights()[donor] == 0
        sums.relocate(place, float(weight), donor, founded)
        if not emptied_before and sums.weights()[donor] == 0:
            empty.append(donor)
    return sums


@dataclass(frozen=True)
class Far:
    """The rows farthest from their own center, in order, `count` at most.

    Attributes
    ----------
    count : int
        How many are wanted.
    rows : ndarray of shape (n, n_features)
        What they hold.
    distances, weights : ndarray of shape (n,)
        Squared distances, descending, and weights.
    labels : ndarray of int32 of shape (n,)
        Their clusters.
    """

    count: int
    rows: Floats
    distances: Floats
    weights: Floats
    labels: Labels

    def __add__(self, other: Far) -> Far:
        """Merge with those of other rows."""
        both = Far(
            self.count,
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.distances, other.distances]),
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.labels, other.labels]),
        )
        return both.first()

    def first(self) -> Far:
        """Return the first `count` by distance (descending), content, and weight (descending)."""
        # The last key sorts first. (-0.0 and 0.0 are the same number: adding 0.0 makes them so.)
        keys = (-self.weights, *(self.rows + 0.0).T[::-1], -self.distances)
        order = np.lexsort(keys)[: self.count]
        return Far(
            self.count,
            self.rows[order],
            self.distances[order],
            self.weights[order],
            self.labels[order],
        )


@reads
@dataclass(frozen=True)
class Farthest:
    """The pass that finds the rows farthest from their own center, weight 0 left out."""

    centers: Floats
    count: int

    def run(self, block: Block, state: BlockState) -> Far:
        """Look at one block."""
        distances = own_distances(block, state, self.centers, state.labels)
        if state.weights is not None:
            distances[state.weights == 0] = -1  # behind all others: they found no cluster
        count = min(self.count, int(np.count_nonzero(distances >= 0)))
        if not count:
            return self._far(block, state, distances, np.empty(0, dtype=np.intp))
        threshold = largest(distances, count).min()
        found = self._far(block, state, distances, np.flatnonzero(distances > threshold))
        tied = np.flatnonzero(distances == threshold)
        # Any number of rows may tie: a batch at a time, so that their values stay within memory.
        batch = max(count, BATCH // block.matrix.shape[1])
        for start in range(0, len(tied), batch):
            found += self._far(block, state, distances, tied[start : start + batch])
        return found

    def _far(
        self, block: Block, state: BlockState, distances: Floats, rows: NDArray[np.intp]
    ) -> Far:
        weights = np.ones(len(rows)) if state.weights is None else state.weights[rows]
        values = block.matrix.take(rows)
        return Far(self.count, values, distances[rows], weights, state.labels[rows]).first()


def largest(distances: Floats, count: int) -> Floats:
    """Return the `count` largest, in any order, without a copy of all."""
    kept = distances[:0]
    for start in range(0, len(distances), BATCH // 8):
        kept = np.concatenate([kept, distances[start : start + BATCH // 8]])
        if len(kept) > count:
            kept = np.partition(kept, -count)[-count:]
    return kept
