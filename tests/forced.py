"""Fits whose filter is forced or drawn, and rows that are hard on one filter or another."""

from __future__ import annotations

from typing import Any

import numpy as np

import centra
import naive_numpy
from centra._assign.choice import Choice, Kind

KINDS = ("uniform", "grid", "crowded", "far", "scaled", "equal", "line", "outlier", "huge")


def rows(kind: str, n: int, d: int, dtype: Any = np.float64) -> np.ndarray:
    """Return rows that are hard on blocks in one way or another."""
    rng = np.random.default_rng([n, d, len(kind)])
    X = rng.random((n, d))
    if kind == "grid":  # ties, and duplicates
        X = rng.integers(0, 7, size=(n, d)).astype(float)
    elif kind == "crowded":  # nearly all rows in one cell of any grid
        X = X * np.where(rng.random((n, 1)) < 0.9, 1e-6, 1.0)
    elif kind == "far":
        X = np.round(X * 16) / 16 + 1e6
    elif kind == "scaled":
        X = X * 10.0 ** np.arange(0, -3 * d, -3)
    elif kind == "equal":
        X = np.repeat(X[: max(1, n // 50)], 50, axis=0)[:n]
    elif kind == "line":
        X = np.repeat(X[:, :1], d, axis=1)
    elif kind == "blobs":  # labels settle soon, and bounds leave most rows out
        X = rng.integers(0, 9, size=(n, 1)) + 0.02 * X
    elif kind == "outlier":
        X[n // 2] = 1e9
    elif kind == "huge":  # numbers that overflow in a frame as small as the other columns
        X[:, 0] = np.finfo(dtype).max / 2
        X[:, 1:] *= 1e-12
    return X.astype(dtype)


def fit(monkeypatch: Any, engine: str, X: Any, k: int, weights: Any = None, **how: Any) -> Any:
    """Fit with one filter from the first rows that differ."""
    monkeypatch.setenv("CENTRA_ENGINE", engine)
    if "init" not in how:
        start = np.unique(X, axis=0)
        start = start[np.random.default_rng(k).permutation(len(start))[:k]].astype(float)
        how = how | {"init": start}
    given = {"n_init": 1, "max_iter": 25, "tol": 0.0, "keep_centers": True} | how
    return centra.KMeans(len(given["init"]) if given["n_init"] == 1 else k, **given).fit(
        X, sample_weight=weights
    )


def draw_filters(monkeypatch: Any, rng: np.random.Generator) -> None:
    """Let every pass from now on take a filter at random."""
    choose = Choice.filter

    def at_random(self: Choice, n_clusters: int, near: bool = False) -> Kind:
        self.forced = list(Kind)[rng.integers(len(Kind))]
        self.no_blocks = not self._narrow or self.forced is not Kind.BLOCKS
        return choose(self, n_clusters, near)

    monkeypatch.setattr(Choice, "filter", at_random)


def check_means(X: np.ndarray, km: Any) -> None:
    """Hold the centres against the exact means of the rows by label."""
    weights, sums = naive_numpy.sums(X, np.ones(len(X)), km.labels_, len(km.cluster_centers_))
    means = [[float(s / w) for s in row] for w, row in zip(weights, sums, strict=True)]
    np.testing.assert_array_equal(km.cluster_centers_, means)
