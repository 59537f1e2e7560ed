"""Filters and precisions drawn anew for every sweep of a fit: the bits stay, and so do the sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import centra
import naive_numpy
from centra.engine import Engine, Filter
from centra.precision import Precision
from compare import check_same_fit

KINDS = ("uniform", "grid", "far", "blobs")


def rows(kind: str, n: int, d: int, dtype: Any) -> np.ndarray:
    rng = np.random.default_rng([n, d, len(kind)])
    X = rng.random((n, d))
    if kind == "grid":  # ties, and duplicates
        X = rng.integers(0, 5, size=(n, d)).astype(float)
    elif kind == "far":
        X = np.round(X * 16) / 16 + 1e6
    elif kind == "blobs":  # labels settle soon, and bounds leave most rows out
        X = rng.integers(0, 9, size=(n, 1)) + 0.02 * X
    return X.astype(dtype)


def draw_each_sweep(monkeypatch: Any, seed: int) -> None:
    """Let every sweep take a filter and a precision at random."""
    rng, choose = np.random.default_rng(seed), Engine._boxes

    def boxes(self: Engine, n_clusters: int) -> Any:
        self._forced = list(Filter)[rng.integers(3)]
        self._useless = self._forced is not Filter.BOXES
        return choose(self, n_clusters)

    def longest(self: Precision, n_clusters: int) -> float | None:
        return self._data.longest if rng.random() < 0.6 else None

    monkeypatch.setattr(Engine, "_boxes", boxes)
    monkeypatch.setattr(Precision, "longest", longest)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("memory", [None, "8MB"])
@pytest.mark.parametrize(("n", "d"), [(3000, 2), (3000, 5), (2500, 33), (1300, 600)])
def test_every_sweep_may_choose_anew(
    monkeypatch: Any, n: int, d: int, memory: str | None, seed: int
) -> None:
    X = rows(KINDS[seed], n, d, (np.float32, np.float64)[seed % 2])
    weights = np.random.default_rng(d).integers(0, 4, n) / 3 if seed == 2 else None
    start = np.unique(X, axis=0)
    start = start[np.random.default_rng(d).permutation(len(start))[:20]].astype(float)
    how = {"init": start, "n_init": 1, "max_iter": 12, "tol": 0.0, "keep_centers": True}
    monkeypatch.setenv("CENTRA_PRECISION", "float32")
    monkeypatch.setenv("CENTRA_ENGINE", "tile")
    expected = centra.KMeans(20, n_threads=1, **how).fit(X, sample_weight=weights)
    monkeypatch.setenv("CENTRA_PRECISION", "")
    monkeypatch.setenv("CENTRA_ENGINE", "")
    draw_each_sweep(monkeypatch, seed)
    for n_threads in (1, 2):
        mixed = centra.KMeans(20, n_threads=n_threads, memory=memory, **how)
        check_same_fit(expected, mixed.fit(X, sample_weight=weights))


@pytest.mark.parametrize("engine", ["tile", "bounds", "boxes"])
def test_hundreds_of_sweeps_leave_the_sums_of_the_labels(monkeypatch: Any, engine: str) -> None:
    monkeypatch.setenv("CENTRA_ENGINE", engine)
    X = np.random.default_rng(5).random((20_000, 1))
    # From one end of the line, centres have far to go.
    start = np.sort(X, axis=0)[: 5 * 60 : 5]
    km = centra.KMeans(60, init=start, n_init=1, tol=0.0, max_iter=2000).fit(X)
    assert km.n_iter_ > 1000
    weights, sums = naive_numpy.sums(X, np.ones(len(X)), km.labels_, 60)
    means = [[float(s / w) for s in row] for w, row in zip(weights, sums, strict=True)]
    np.testing.assert_array_equal(km.cluster_centers_, means)
    np.testing.assert_array_equal(km.labels_, naive_numpy.assign(X, km.cluster_centers_))
