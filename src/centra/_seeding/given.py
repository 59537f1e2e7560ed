"""Seedings that need no distances: rows at random, given centers, a function of the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import check_array

from centra._data.dataset import Dataset
from centra._data.validate import refuse_masked
from centra._seeding.base import draw_by_weight
from centra.sources import MemorySource, Source

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RandomRows:
    """Rows drawn at random without replacement, with probabilities proportional to weights."""

    n_clusters: int
    n_init: int = 10

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows."""
        return data.take(draw_by_weight(data, rng, self.n_clusters))


@dataclass(frozen=True)
class Given:
    """Centers that the user gives."""

    start: Floats
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return them."""
        return self.start


@dataclass(frozen=True)
class Called:
    """Centers that a function of the user returns.

    It is called as ``function(X, n_clusters, random_state=rng)`` with a copy of X whose columns
    have mean zero (dense X), as scikit-learn does; the mean is added to its answer.
    """

    function: Callable[..., Any]
    n_clusters: int
    n_init: int = 10

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Call it and check what it returns."""
        if not data.executor.gathers:
            raise ValueError(
                "init is a function, which needs all rows in one process: call it with a sample of "
                "them, and pass the centers that it returns."
            )
        source = data.source
        mean = np.zeros(source.shape[1])
        if source.sparse:
            X = copied(source)
        else:
            X = source.take(np.arange(source.shape[0]))
            mean = X.mean(axis=0)
            X = (X - mean).astype(source.dtype, copy=False)  # not in place: X may be the source's
        answer = self.function(X, self.n_clusters, random_state=rng)
        centers = check_centers(answer, self.n_clusters, source.shape[1], "init(X, ...)")
        return centers + mean


#: Numbers that are taken from a source at a time (32 MiB).
TAKE = 1 << 22


def copied(source: Source) -> Any:
    """Return a copy of sparse rows as a CSR matrix, wherever they live."""
    if isinstance(source, MemorySource):
        return source.X.copy()
    n, d = source.shape
    step = max(1, TAKE // d)
    parts = (source.take(np.arange(at, min(at + step, n))) for at in range(0, n, step))
    return sp.vstack([sp.csr_matrix(part) for part in parts], "csr", source.dtype)


def check_centers(given: Any, n_clusters: int, n_features: int, name: str = "init") -> Floats:
    """Return given centers as a C-ordered float64 array.

    Raises
    ------
    ValueError
        If they have another shape than (n_clusters, n_features) or are not finite.
    """
    refuse_masked(given, name, "fill them, as in centers.filled(number)")
    centers = check_array(
        given, dtype=np.float64, order="C", copy=True, input_name=name, ensure_min_samples=0
    )
    if centers.shape[0] != n_clusters:
        raise ValueError(
            f"The shape of the initial centers {centers.shape} does not match the number of "
            f"clusters {n_clusters}."
        )
    if centers.shape[1] != n_features:
        raise ValueError(
            f"The shape of the initial centers {centers.shape} does not match the number of "
            f"features of the data {n_features}."
        )
    return np.asarray(centers)
