"""Empty clusters: each takes over the row that is farthest from its own centre.

scikit-learn's rule, with its accidents removed: rows are ordered by distance (descending), then by
content (never by number), then by weight; a row of weight 0 is never taken; a donor that loses all
its weight becomes empty in turn.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from centra._core import Tally
from centra.dataset import Dataset
from centra.steps import OwnDistances

#: Numbers of a batch of rows that are compared by content.
BATCH = 1 << 21


def relocate(
    data: Dataset, tally: Tally, centers: NDArray[np.float64], labels: NDArray[np.int32]
) -> Tally:
    """Return a tally in which empty clusters hold a far row each, taken from its own cluster.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    tally : Tally
        Sums by the given labels; not changed.
    centers : ndarray of shape (n_clusters, n_features)
        The centres to which the labels belong: distances are measured to them, unweighted.
    labels : ndarray of shape (n_samples,)
        The labels; not changed either.
    """
    distances = np.empty(data.n_rows)
    data.source.sweep(OwnDistances(data.team, centers, labels, distances))
    if data.weights is not None:
        distances[data.weights == 0] = -1  # behind all others: they found no cluster
    if distances.max() <= 0:
        return tally
    tally = tally.copy()
    empty = deque(np.flatnonzero(tally.weights() == 0).tolist())
    # Every cluster is founded at most once: emptied donors may come on top of those empty now.
    rows, places = farthest(data, distances, len(centers))
    for row, place in zip(rows, places, strict=True):
        if not empty:
            break
        donor, founded = int(labels[row]), empty.popleft()
        weight = 1.0 if data.weights is None else float(data.weights[row])
        emptied_before = tally.weights()[donor] == 0
        tally.relocate(place, weight, donor, founded)
        if not emptied_before and tally.weights()[donor] == 0:
            empty.append(donor)
    return tally


def farthest(
    data: Dataset, distances: NDArray[np.float64], count: int
) -> tuple[list[int], NDArray[np.float64]]:
    """Return numbers and values of the rows with the largest distances, none negative, in order."""
    count = min(count, int(np.count_nonzero(distances >= 0)))
    threshold = largest(distances, count).min()
    rows = np.flatnonzero(distances > threshold)
    tied = np.flatnonzero(distances == threshold)
    # Any number of rows may tie: a batch at a time, so that their values stay within some memory.
    batch = max(count, BATCH // data.n_features)
    kept = tied[:0]
    for start in range(0, len(tied), batch):
        kept = _in_order(data, distances, np.append(kept, tied[start : start + batch]))
        kept = kept[: count - len(rows)]
    rows = _in_order(data, distances, np.append(rows, kept))
    return rows.tolist(), data.source.take(rows)


def largest(distances: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the `count` largest, in any order, without a copy of all."""
    kept = distances[:0]
    for start in range(0, len(distances), BATCH // 8):
        kept = np.concatenate([kept, distances[start : start + BATCH // 8]])
        if len(kept) > count:
            kept = np.partition(kept, -count)[-count:]
    return kept


def _in_order(
    data: Dataset, distances: NDArray[np.float64], rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Sort rows by distance (descending), content (ascending), weight (descending)."""
    values = data.source.take(rows)
    weights = np.ones(len(rows)) if data.weights is None else data.weights[rows]
    # The last key sorts first. (-0.0 and 0.0 are the same number: adding 0.0 makes them so.)
    keys = (-weights, *(values + 0.0).T[::-1], -distances[rows])
    return rows[np.lexsort(keys)]
