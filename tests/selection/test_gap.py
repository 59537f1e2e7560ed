"""The gap statistic, by its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_info, threadpool_limits

import centra
from centra.selection import Gap
from centra.selection import gap as gaps
from centra.selection.gap import components, uniform
from centra.selection.samples import Sample
from known import blobs, noise


def gap(ks, values, errors) -> Gap:
    values, errors = np.array(values, dtype=float), np.array(errors, dtype=float)
    return Gap(tuple(ks), values, errors, values, values[None], {})


def test_the_rule_of_the_gap():
    assert gap([1, 2, 3], [0.1, 0.3, 0.2], [0.01] * 3).choice == 2
    assert gap([1, 2, 3], [0.1, 0.105, 0.2], [0.01] * 3).choice == 1  # within an error
    assert gap([1, 2, 3], [0.1, 0.2, 0.3], [0.01] * 3).choice == 3  # to the end
    assert gap([1, 4, 9], [0.1, 0.3, 0.2], [0.01] * 3).choice == 4  # the next one that was tried
    assert gap([1, 2, 3], [0.1, math.nan, 0.05], [0.01] * 3).choice == 1
    assert gap([1, 2], [math.nan] * 2, [0.0] * 2).choice is None
    high = gap([1, 2, 3, 4], [0.3, 0.2, 0.6, 0.5], [0.01] * 4)
    assert (high.first, high.choice) == (1, 3)
    low = gap([1, 2, 3, 4], [0.3, 0.2, 0.45, 0.4], [0.01] * 4)
    assert (low.first, low.choice) == (1, 1)


def test_the_gap_by_its_definition():
    s = centra.sweep(blobs(3), [2, 3], random_state=0, stability=False, repeats=4)
    found = s.gap
    assert found is not None and found.ks == (1, 2, 3)
    assert found.reference_logs.shape == (4, 3)
    np.testing.assert_allclose(found.values, found.reference_logs.mean(axis=0) - found.logs)
    deviation = np.sqrt(np.square(found.reference_logs - found.reference_logs.mean(axis=0)).mean(0))
    np.testing.assert_allclose(found.errors, deviation * np.sqrt(1 + 1 / 4))
    # Logs are those of rows in other units: their differences are those of the inertias.
    inertias = [centra.KMeans(k, random_state=0).fit(blobs(3)).inertia_ for k in (1, 3)]
    assert found.logs[2] - found.logs[0] == pytest.approx(np.log(inertias[1] / inertias[0]))
    assert s.columns["gap"].tolist() == found.values[1:].tolist()
    assert s.columns["gap_error"].tolist() == found.errors[1:].tolist()


def test_references_depend_on_the_seed_alone():
    X = blobs(3)
    a = centra.sweep(X, [2, 3, 9], random_state=5, stability=False, silhouette=False).gap
    b = centra.sweep(X, [3, 4], random_state=5).gap
    c = centra.sweep(X, [3, 4], random_state=6).gap
    assert a is not None and b is not None and c is not None
    assert a.reference_logs[:, [0, 2]].tolist() == b.reference_logs[:, [0, 1]].tolist()
    assert b.reference_logs.tolist() != c.reference_logs.tolist()


@pytest.mark.parametrize("shape", [(50, 4), (5, 40)])
def test_components_keep_all_distances(shape):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=shape) * 3 + 100
    weights = rng.integers(1, 4, size=shape[0]).astype(float)
    for each in (None, weights):
        places = components(Sample(rows, each))
        assert places.shape[1] <= min(shape)
        a = np.square(rows[:, None] - rows[None]).sum(axis=2)
        b = np.square(places[:, None] - places[None]).sum(axis=2)
        np.testing.assert_allclose(a / a.max(), b / b.max(), atol=1e-12)
        centred = places * np.sqrt(np.ones(len(rows)) if each is None else each)[:, None]
        products = centred.T @ centred
        np.testing.assert_allclose(products, np.diag(np.diag(products)), atol=1e-9 * products.max())


def test_gaps_that_cannot_be_had():
    same = centra.sweep(np.ones((5, 2)), [1], random_state=0)
    assert same.best["gap"].why == "all rows are the same."
    X = np.repeat([[0.0, 1.0], [4.0, 0.0], [9.0, 9.0]], 30, axis=0)
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        few = centra.sweep(X, [2, 3, 4], random_state=0)
    # Inertia 0 is the best there is.
    assert few.columns["gap"][1] == math.inf and few.best["gap"].k == 3
    assert few.reasons["gap"] == {4: "the sample has 3 different rows"}
    assert few.reasons["stability"] == {4: "the sample has 3 different rows"}
    pairs = centra.sweep(np.repeat(noise(n=3), 1, axis=0), [1, 2, 3], random_state=0)
    assert pairs.reasons["gap"] == {3: "most rows of the sample are a cluster of their own"}
    sparse = centra.sweep(sp.csr_array(X), [2], random_state=0)
    assert sparse.gap is None and "sparse" in sparse.reasons["gap"][2]
    assert np.isfinite(sparse.columns["stability"]).all()
    more = centra.sweep(noise(n=40), [2, 15], sample=12, random_state=0)
    assert more.reasons["gap"] == {15: "the sample has 12 rows"}
    assert more.reasons["stability"] == {15: "half of the sample has 6 rows"}


def test_components_are_the_sums_of_one_thread(monkeypatch):
    """Those of several threads are other sums, in the last bits."""
    seen: list[int] = []

    def spy(sample):
        seen.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
        return components(sample)

    monkeypatch.setattr(gaps, "components", spy)
    with threadpool_limits(2):
        centra.sweep(noise(n=50), [2], random_state=0, repeats=2, stability=False)
    assert set(seen) == {1}


def test_a_box_is_filled():
    low, high = np.array([-1.0, 0.0, 5.0]), np.array([1.0, 0.0, 5.5])
    places = uniform(low, high, 5000, np.random.default_rng(0))
    assert places.dtype == np.float32 and (places >= low).all() and (places <= high).all()
    np.testing.assert_allclose(places.mean(axis=0), (low + high) / 2, atol=0.03)
    np.testing.assert_allclose(places.var(axis=0), (high - low) ** 2 / 12, atol=0.01)
