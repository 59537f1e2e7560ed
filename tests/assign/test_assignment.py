"""Filters and precisions drawn anew for every pass of a fit: the bits stay, and so do the sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive_numpy
from centra._assign.precision import Precision
from compare import check_same_fit
from forced import check_means, draw_filters, fit, rows

KINDS = ("uniform", "grid", "far", "blobs")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("memory", [None, "8MB"])
@pytest.mark.parametrize(("n", "d"), [(3000, 2), (3000, 5), (2500, 33), (1300, 600)])
def test_every_pass_may_choose_anew(
    monkeypatch: Any, n: int, d: int, memory: str | None, seed: int
) -> None:
    X = rows(KINDS[seed], n, d, (np.float32, np.float64)[seed % 2])
    weights = np.random.default_rng(d).integers(0, 4, n) / 3 if seed == 2 else None
    monkeypatch.setenv("CENTRA_PRECISION", "float32")
    expected = fit(monkeypatch, "exhaustive", X, 20, weights, max_iter=12, n_threads=1)
    monkeypatch.delenv("CENTRA_PRECISION")
    rng = np.random.default_rng(seed)
    draw_filters(monkeypatch, rng)

    def max_norm(self: Precision, n_clusters: int, again: bool) -> float | None:
        return self._data.max_norm if rng.random() < 0.6 else None

    monkeypatch.setattr(Precision, "max_norm", max_norm)
    for n_threads in (1, 2):
        how = {"max_iter": 12, "n_threads": n_threads, "memory": memory}
        check_same_fit(expected, fit(monkeypatch, "", X, 20, weights, **how))


@pytest.mark.parametrize("engine", ["exhaustive", "hamerly", "blocks"])
def test_hundreds_of_passes_leave_the_sums_of_the_labels(monkeypatch: Any, engine: str) -> None:
    X = np.random.default_rng(5).random((20_000, 1))
    # From one end of the line, centres have far to go.
    start = np.sort(X, axis=0)[: 5 * 60 : 5]
    km = fit(monkeypatch, engine, X, 60, init=start, max_iter=2000)
    assert km.n_iter_ > 1000
    check_means(X, km)
    np.testing.assert_array_equal(km.labels_, naive_numpy.assign(X, km.cluster_centers_))
