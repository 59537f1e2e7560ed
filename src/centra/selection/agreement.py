"""How far two labellings of the same rows agree."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray


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
    from sklearn.metrics import adjusted_rand_score  # takes a while, and few need it

    with warnings.catch_warnings():
        # Some versions warn of labels that are mostly different, as if they were no labels.
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        return float(adjusted_rand_score(labels, clusters))
