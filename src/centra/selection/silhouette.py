"""The exact silhouette of many clusterings from one pass over all pairs of rows.

Distances are made a block of rows at a time and are never kept. What a silhouette needs of them
are sums over the clusters of each clustering. Those are sums of sums over *cells*, rows that lie
together in every clustering: rows are added up to cells once, and cells to clusters for every k.
(Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._data.passes import AllDistances
from centra.selection.criteria import Clustering, neutral

Floats = NDArray[np.float64]

#: Bytes of a block of distances.
BLOCK = 16 << 20
#: Work that is done unasked, in products of numbers: some ten seconds on two cores.
AFFORDABLE = 1e10
#: What a distance costs beside its columns, in columns: a square root, and its place in the sums.
A_PAIR = 8


def affordable(n_rows: int, n_features: int) -> bool:
    """Whether n_rows² distances take seconds."""
    return float(n_rows) ** 2 * (n_features + A_PAIR) <= AFFORDABLE


def exact_silhouettes(
    data: Dataset,
    clusterings: Sequence[Clustering],
    advance: Callable[[float], None] = lambda share: None,
) -> list[float]:
    """Return the mean silhouette of each clustering.

    Parameters
    ----------
    data : Dataset
        Rows and weights. A weight counts rows: of three equal rows, two are at distance 0 from
        the third.
    clusterings : sequence of Clustering
        Each of at least two clusters.
    advance : callable
        Told what share of the work was done since it was last told.

    Returns
    -------
    silhouettes : list of float

    Raises
    ------
    OverflowError
        If a distance exceeds the largest float64.
    """
    if not clusterings:
        return []
    n = data.n_rows
    weights = np.ones(n) if data.weights is None else data.weights
    labels = np.stack([np.maximum(found.labels, 0) for found in clusterings], axis=1)
    cells, cell = np.unique(labels, axis=0, return_inverse=True)
    cell = cell.ravel()
    into_cells = sp.csr_array((weights, (cell, np.arange(n))), shape=(len(cells), n))
    into_clusters = [
        _membership(cells[:, at], len(found.masses)) for at, found in enumerate(clusterings)
    ]
    size = max(1, min(n, BLOCK // (8 * max(n, data.n_features))))
    sums = np.zeros(len(clusterings))
    for start in range(0, n, size):
        block = np.arange(start, min(start + size, n))
        distances = np.empty((n, len(block)))
        data.run(AllDistances(data.take(block), distances.dtype, distances))
        by_cell: Floats = np.asarray(into_cells @ distances)
        for at, found in enumerate(clusterings):
            by_cluster: Floats = np.asarray(into_clusters[at] @ by_cell)
            widths = _widths(by_cluster, labels[block, at], found.masses)
            sums[at] += weights[block] @ widths
        advance(len(block) / n)
    return [float(total / found.total) for total, found in zip(sums, clusterings, strict=True)]


def _membership(cluster: NDArray[np.int32], n_clusters: int) -> sp.csr_array:
    ones, cells = np.ones(len(cluster)), np.arange(len(cluster))
    return sp.csr_array((ones, (cluster, cells)), shape=(n_clusters, len(cluster)))


def _widths(sums: Floats, labels: NDArray[np.int32], masses: Floats) -> Floats:
    """Return (b - a) / max(a, b) of some rows from the sums of their distances by cluster."""
    rows, own = np.arange(len(labels)), masses[labels]
    with np.errstate(divide="ignore", invalid="ignore"):
        within = sums[labels, rows] / (own - 1)  # the row itself is at distance 0
        means = sums / masses[:, None]
        means[labels, rows] = np.inf
        other = means.min(axis=0)
        return neutral((other - within) / np.maximum(within, other), labels, masses)
