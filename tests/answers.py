"""What a fit answers, every bit of it, and rows on which anything that is not exact shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

import centra
from centra._data.validate import prepare
from centra._utils.threads import workers
from parts import Parts

N, K = 1500, 20
#: Rows on a grid: ties, and rows that are equal.
ROWS = np.round(np.random.default_rng(0).normal(size=(6000, 2)) * 64) / 64


def rows(d: int, dtype: Any = np.float64, n: int = N) -> np.ndarray:
    """Return clustered rows, whose blocks differ much: a neighbour's state is never right."""
    rng = np.random.default_rng([n, d])
    X = (
        rng.normal(size=(n, d))
        + 6 * rng.integers(0, 3, size=(n, 1))
        + np.linspace(0, 9, n)[:, None]
    )
    X[::7] = np.round(X[::7])
    return X.astype(dtype)


def sparse(n: int = N, d: int = 40) -> sp.csr_matrix:
    """Return rows of which most entries are not stored."""
    rng = np.random.default_rng(n)
    return sp.csr_matrix(np.where(rng.random((n, d)) < 0.8, 0, rng.integers(-3, 9, (n, d)) / 7))


def answer(X: Any, weights: Any = None, k: int = K, **how: Any) -> tuple[Any, ...]:
    """Return everything that must not differ."""
    how = {"max_iter": 20, "tol": 0.0, "random_state": 5, "n_init": 1} | how
    km = centra.KMeans(k, **how).fit(X, sample_weight=weights)
    history = [(r.inertia, r.shift, r.changed, r.centers.tobytes()) for r in km.history_]
    return km.inertia_, km.n_iter_, km.labels_.tobytes(), km.cluster_centers_.tobytes(), history


def dataset(cuts: list[int], weights: Any = None) -> Any:
    """Return `ROWS` in blocks, validated."""
    source = Parts(ROWS, cuts, resident=True)
    return prepare(
        centra.KMeans(), source, workers(2), sample_weight=weights, weigh=True, reset=True
    )
