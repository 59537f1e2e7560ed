"""Seeding: where the first centers come from.

Every seeding is an object with a method ``centers(data, rng)``. The estimators make these objects
from names such as ``"k-means++"``. Random numbers are drawn as scikit-learn draws them, in the same
order, so that one ``random_state`` gives the same first centers in both.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra._data.budget import FEW_ROWS
from centra._data.dataset import Dataset

Floats = NDArray[np.float64]


class Seeding(Protocol):
    """A way to choose the first centers."""

    @property
    def n_init(self) -> int:
        """How many restarts `n_init="auto"` makes."""
        ...

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the first centers, of shape (n_clusters, n_features)."""
        ...


def counted(data: Dataset) -> NDArray[np.intp] | None:
    """Return the rows that weigh something, in order; None where all do."""
    if data.weights is None or data.weights.all():
        return None
    return np.flatnonzero(data.weights)


@lru_cache(maxsize=1)
def _kept_ends(n_rows: int) -> Floats:
    return _ends(n_rows)


def _ends(n_rows: int) -> Floats:
    ends = np.full(n_rows, 1.0 / n_rows).cumsum()
    ends /= ends[-1]
    return ends


def ends_of_shares(n_rows: int) -> Floats:
    """Return where the share of each row ends, all rows being equally likely; kept for few rows."""
    return _kept_ends(n_rows) if n_rows <= FEW_ROWS else _ends(n_rows)


def draw_by_weight(data: Dataset, rng: Any, size: int | None = None) -> Any:
    """Draw a row, or `size` different ones, each as likely as its share in the sum of the weights.

    Raises
    ------
    ValueError
        If there are not so many rows to draw.
    """
    if data.weights is None and size is None and type(rng) is np.random.RandomState:
        # What rng.choice draws (NumPy keeps its numbers as they are), without checking the shares.
        return ends_of_shares(data.n_rows).searchsorted(rng.random_sample(), side="right")
    rows, shares = counted(data), np.full(data.n_rows, 1.0 / data.n_rows)
    if data.weights is not None:
        weights = data.weights if rows is None else data.weights[rows]
        with np.errstate(over="ignore"):  # NumPy 1.26 tells of one where weights are subnormal
            shares = weights / weights.sum()
    if size is None:
        drawn = rng.choice(len(shares), p=shares)
    else:
        known = int(np.count_nonzero(shares))
        if known < size:
            raise ValueError(
                f'init="random" draws n_clusters={size} different rows, but only {known} rows have '
                "a share above 0 in the sum of sample_weight: ask for fewer clusters, or use "
                'init="k-means++", which may take a row twice.'
            )
        drawn = rng.choice(len(shares), size=size, replace=False, p=shares)
    return drawn if rows is None else rows[drawn]
