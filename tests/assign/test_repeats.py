"""Equal rows of a block are labelled once: the bits stay, and fewer scores are taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
import naive_numpy
from compare import check_equal, check_same_fit
from forced import fit


def repeated(n: int, d: int, dtype: Any, kinds: int = 40) -> np.ndarray:
    """Return rows of which most equal others, some are alone, and some differ in a sign of zero."""
    rng = np.random.default_rng([n, d])
    X = np.round(rng.normal(size=(kinds, d)), 1)[rng.integers(0, kinds, n)]
    X[::11] = rng.normal(size=X[::11].shape)
    X[:, 1] *= rng.choice([0.0, -0.0], n)
    X[:, 2] = 1e6 * (X[:, 2] > 0)  # float32 leaves some
    return X.astype(dtype)


@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
@pytest.mark.parametrize("engine", ["exhaustive", "hamerly"])
@pytest.mark.parametrize("d", [3, 5, 8, 35])
def test_the_bits_are_the_oracle_s(monkeypatch: Any, engine: str, precision: str, d: int) -> None:
    monkeypatch.setenv("CENTRA_PRECISION", precision)
    X = repeated(3000, d, np.float64)
    weights = np.random.default_rng(d).integers(0, 4, len(X)) / 3
    start = np.unique(X, axis=0)[::61][:17]
    for w in (None, weights):
        run = naive.lloyd(X, start, w, 6, 0, naive_numpy)
        check_equal(fit(monkeypatch, engine, X, 17, w, init=start, max_iter=6), run)


@pytest.mark.parametrize("engine", ["exhaustive", "hamerly"])
def test_layouts_types_and_threads_change_nothing(monkeypatch: Any, engine: str) -> None:
    X = repeated(5000, 9, np.float32)
    start = np.unique(X, axis=0)[::71][:17].astype(float)
    expected = fit(monkeypatch, engine, X, 17, init=start, max_iter=8, n_threads=1)
    for other in (np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        found = fit(monkeypatch, engine, other, 17, init=start, max_iter=8, n_threads=3)
        check_same_fit(expected, found)
    kept = fit(monkeypatch, engine, X, 17, init=start, max_iter=8, memory="1GB")
    check_same_fit(expected, kept)


def test_fewer_scores_are_taken(monkeypatch: Any) -> None:
    def scored(X: np.ndarray) -> float:
        counts = fit(monkeypatch, "exhaustive", X, 17, max_iter=3).engine_
        return counts["scored"] / counts["rows"]

    X = repeated(5000, 9, np.float64)
    assert scored(X) < 0.6 * scored(X + np.random.default_rng(0).normal(size=X.shape))
