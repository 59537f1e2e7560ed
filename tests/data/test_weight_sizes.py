"""Weights near both ends of float64's range: exact answers, shares that hold, clear errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import centra
import naive
import naive_numpy
from centra._data.dataset import Dataset
from centra._data.validate import prepare
from centra._utils.threads import workers
from compare import check_equal, fit_from, refuses

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def prepared(X: Any, weights: Any) -> Dataset:
    """Return validated rows."""
    return prepare(centra.KMeans(), X, workers(), sample_weight=weights, weigh=True, reset=True)


LEAST, TINY, TOP = 5e-324, 2.0**-1022, 1.7e308
KINDS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "subnormal": lambda rng, n: rng.integers(1, 5, n) * LEAST,
    "about the smallest normal": lambda rng, n: rng.uniform(0.5, 2, n) * TINY,
    "all sizes": lambda rng, n: 10.0 ** rng.uniform(-320, 5, n),
    "all sizes, and 0": lambda rng, n: 10.0 ** rng.uniform(-320, 5, n) * (np.arange(n) % 2),
    "huge": lambda rng, n: rng.uniform(0.5, 2, n) * 2.0**1000 / n,
    "one huge": lambda rng, n: np.r_[rng.uniform(0, 1, n - 1), TOP],
    "one huge, others subnormal": lambda rng, n: np.r_[TOP, rng.integers(0, 3, n - 1) * LEAST],
}


@pytest.mark.parametrize("kind", KINDS)
def test_fits_are_the_oracles(kind: str) -> None:
    rng = np.random.default_rng(0)
    for seed in range(12):
        n, d, k = int(rng.integers(2, 25)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
        X = np.round(rng.normal(size=(n, d)) * 4) / (1, 3)[seed % 2]
        X, k, w = X.astype((float, np.float32)[seed % 3 == 0]), min(k, n), KINDS[kind](rng, n)
        start = X[rng.choice(n, k, replace=False)].astype(float)
        for tol in (0, 1e-4):
            try:
                run = naive.lloyd(X, start, w, 20, tol, naive_numpy)
            except OverflowError:
                refuses("inertia exceeds the largest float64", X, k, w, init=start, n_init=1)
                continue
            km = fit_from(start, X, w, max_iter=20, tol=tol)
            check_equal(km, run)
            assert km.score(X, sample_weight=w) == -run.inertia
        state = np.random.RandomState(seed)
        try:
            run = naive.fit(X, k, naive.seed_plusplus, 2, state, w, arithmetic=naive_numpy)
        except OverflowError:
            continue
        km = centra.KMeans(k, n_init=2, random_state=seed).fit(X, sample_weight=w)
        check_equal(km, run)


SCALES = (LEAST * 2, TINY, 2.0**-1000, 2.0**1000)


@pytest.mark.parametrize("scale", SCALES)
def test_a_report_is_that_of_weights_of_ordinary_size(scale: float) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 2)) + 2 * rng.integers(0, 3, size=(300, 1))
    w = rng.integers(1, 9, size=300).astype(float)
    km = centra.KMeans(4, random_state=0).fit(X, sample_weight=w)
    usual, found = km.report(X, w), km.report(X, w * scale)
    assert [remark.text for remark in found.remarks] == [remark.text for remark in usual.remarks]
    assert [remark.numbers for remark in found.remarks] == [r.numbers for r in usual.remarks]
    for name in ("radius", "zones", "matrix", "pairs", "between", "margins"):
        assert np.array_equal(getattr(found.overlap, name), getattr(usual.overlap, name)), name
    assert np.array_equal(found.overlap.weights, usual.overlap.weights * scale)
    assert np.allclose(found.overlap.inertia, usual.overlap.inertia * scale, rtol=1e-12, atol=LEAST)


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("scale", SCALES)
def test_profiles_are_those_of_weights_of_ordinary_size(scale: float) -> None:
    from centra.plot._profiles import _spread

    X, w = np.random.default_rng(2).normal(size=(50, 3)) + 7, np.arange(1.0, 51)
    spreads = [_spread(prepared(X, each)) for each in (w, w * scale)]
    assert np.array_equal(spreads[0], spreads[1])


def test_a_sum_beyond_float64_is_refused() -> None:
    X = np.random.default_rng(3).normal(size=(6, 2))
    text = "sum of sample_weight exceeds the largest float64: divide the weights by a power of two"
    km = centra.KMeans(2, random_state=0).fit(X)
    for weights in (np.full(6, 1e308), TOP, [TOP, TOP, 0, 0, 0, 0]):
        refuses(text, X, 2, weights)
        for call in (km.score, km.report):
            with pytest.raises(ValueError, match=text):
                call(X, sample_weight=weights)
        with pytest.raises(ValueError, match=text):
            centra.kmeans_plusplus(X, 2, sample_weight=weights)
    # What is proposed works, and is as said.
    w = np.array([1, 2, 3, 4, 5, 6]) * 2.0**1021
    refuses(text, X, 2, w)
    a, b = (
        centra.KMeans(2, random_state=0).fit(X, sample_weight=v) for v in (w / 2**21, w / 2**1021)
    )
    assert np.array_equal(a.cluster_centers_, b.cluster_centers_)
    assert a.inertia_ == b.inertia_ * 2.0**1000


@pytest.mark.usefixtures("figures")
def test_views_leave_out_rows_of_weight_0() -> None:
    """A row of weight 0, far off, makes no column the one that decides, and moves no mean."""
    from centra.plot._profiles import _spread

    rng = np.random.default_rng(4)
    X = rng.normal(size=(100, 3)) + np.repeat([[0.0], [9.0]], 50, axis=0)
    for far in (1e9, -1e200):
        rows, w = np.vstack([[[far, 0, 0]], X]), np.r_[0, np.ones(100)]
        few = centra.KMeans(2, random_state=0).fit(X)
        many = centra.KMeans(2, random_state=0).fit(rows, sample_weight=w)
        told: Any = [
            {remark.kind for remark in km.report(*given).remarks} - {"outliers"}
            for km, given in ((few, (X,)), (many, (rows, w)))
            if far == 1e9
        ]
        assert far != 1e9 or told[0] == told[1]
        a = _spread(prepared(X, None))
        b = _spread(prepared(rows, w))
        assert np.allclose(a, b, rtol=1e-12)
