"""How far two labellings of the same rows agree."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

#: Pairs of labels that are counted in a table; a sweep compares small ones a hundred times.
FEW = 1 << 16


def adjusted_rand(labels: NDArray[np.integer], clusters: NDArray[np.integer]) -> float:
    """Return the adjusted Rand index: 1 for the same partition, about 0 for one made by chance.

    Parameters
    ----------
    labels, clusters : ndarray of shape (n_samples,)
        Whole numbers, at least one row.

    References
    ----------
    Hubert and Arabie, "Comparing partitions", J. Classification 2, 1985.
    """
    first, second = (int(each.max()) + 1 for each in (labels, clusters))
    if min(labels.min(), clusters.min()) >= 0 and first * second <= FEW:
        return _by_counts(labels, clusters, first, second)
    from sklearn.metrics import adjusted_rand_score  # takes a while, and few need it

    with warnings.catch_warnings():
        # Some versions warn of labels that are mostly different, as if they were no labels.
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        return float(adjusted_rand_score(labels, clusters))


def _by_counts(
    labels: NDArray[np.integer], clusters: NDArray[np.integer], first: int, second: int
) -> float:
    """Do as scikit-learn does, in the same whole numbers."""
    both = labels.astype(np.intp) * second + clusters
    counts = np.bincount(both, minlength=first * second).reshape(first, second)
    n = len(labels)
    together = int(np.square(counts).sum())
    of_labels = int(np.square(counts.sum(axis=1)).sum())
    of_clusters = int(np.square(counts.sum(axis=0)).sum())
    tp, fp, fn = together - n, of_labels - together, of_clusters - together
    tn = n * n - of_labels - of_clusters + together
    if fp == 0 and fn == 0:
        return 1.0
    return 2.0 * (tp * tn - fn * fp) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn))
