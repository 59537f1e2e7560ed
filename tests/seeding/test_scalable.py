"""k-means||: the candidates of a plain version of it, whatever the threads, blocks and layout."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

import centra
import naive
import naive_numpy
from centra._data.validate import prepare
from centra._seeding.scalable import Parallel
from centra._utils.threads import workers
from strategies import examples, matrices, weights_for


def oracle(
    X: np.ndarray, k: int, state: np.random.RandomState, weights: Any, rounds: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Return candidates and their weights, row by row; those of weight 0 take no part."""
    rows, w = naive.counting(X, weights)
    X = X[rows].astype(np.float64)
    drawn = [int(state.choice(len(X), p=w / w.sum()))]
    distances = np.array(naive_numpy.distances(X, X[drawn[0]]))
    nearest = np.zeros(len(X), dtype=int)
    key = int(state.randint(0, 2**63, dtype=np.uint64))
    done = 0
    while done < rounds or len(drawn) < k:
        potential = float(sum(Fraction(float(a)) for a in w * distances))
        if potential == 0:
            break
        philox = np.random.Philox(key=key, counter=[0, done, 0, 0])
        done += 1
        limits = np.random.Generator(philox).random(len(X)) * potential / (2.0 * k)
        rows = [i for i in range(len(X)) if limits[i] < w[i] * distances[i]]
        if rows:
            labels = naive_numpy.assign(X, X[rows])
            for i, label in enumerate(labels):
                new = naive.distance(X[i].tolist(), X[rows[label]].tolist())
                if new < distances[i]:
                    distances[i], nearest[i] = new, len(drawn) + label
            drawn += rows
    return X[drawn], np.bincount(nearest, w, minlength=len(drawn))


def candidates(rows: Any, k: int, seed: int, weights: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Return what centra draws."""
    data = prepare(centra.KMeans(), rows, workers(), sample_weight=weights, weigh=True, reset=True)
    return Parallel(k).candidates(data, np.random.RandomState(seed))


@examples(60)
@given(st.data())
def test_it_draws_the_oracles_candidates(data: Any) -> None:
    X = data.draw(matrices())
    w = data.draw(weights_for(len(X)))
    k = data.draw(st.integers(1, 4))
    places, weights = oracle(X, k, np.random.RandomState(1), w)
    for rows in (X, sp.csr_matrix(X)):
        found = candidates(rows, k, 1, w)
        assert np.array_equal(found[0], places)
        assert np.array_equal(found[1], weights)


@pytest.mark.parametrize("n_threads", [1, 3])
def test_threads_blocks_and_layout_change_nothing(n_threads: int, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(3000, 5)) + 100
    w = np.random.default_rng(1).integers(0, 3, size=3000).astype(float)
    np.save(tmp_path / "rows.npy", X)
    disk = centra.from_npy(tmp_path / "rows.npy", memory=777 * 40)

    def fit(rows: Any, n_threads: int) -> centra.KMeans:
        km = centra.KMeans(20, init="k-means||", random_state=3, max_iter=3, n_threads=n_threads)
        return km.fit(rows, sample_weight=w)

    first = fit(X, 1)
    for rows in (X, np.asfortranarray(X), sp.csr_matrix(X), disk):
        other = fit(rows, n_threads)
        assert np.array_equal(other.cluster_centers_, first.cluster_centers_)
        assert np.array_equal(other.labels_, first.labels_)


def test_it_seeds_about_as_well_as_plusplus() -> None:
    """And far better than rows at random, on clusters far apart."""
    rng = np.random.default_rng(2)
    X = rng.uniform(-100, 100, size=(30, 4))[rng.integers(0, 30, 4000)] + rng.normal(size=(4000, 4))
    first = {
        init: np.mean(
            [
                centra.KMeans(30, init=init, n_init=1, random_state=s).fit(X).history_[0].inertia
                for s in range(5)
            ]
        )
        for init in ("k-means++", "k-means||", "random")
    }
    assert first["k-means||"] < 1.5 * first["k-means++"] < first["random"] / 3


def test_the_adapters_take_it() -> None:
    X = np.random.default_rng(4).normal(size=(200, 2))
    km = centra.KMeans(5, init="k-means||", random_state=0).fit(X)
    assert len(km.runs_) == 1  # n_init="auto"
    found = centra.k_means(X, 5, init="k-means||", random_state=0)
    assert np.array_equal(found[0], km.cluster_centers_)
    assert len(centra.KMeans(5, init="k-means||", n_init=3, random_state=0).fit(X).runs_) == 3
    with pytest.raises(ValueError, match="init"):
        centra.KMeans(5, init="k-means|").fit(X)


def test_fewer_different_rows_than_centers() -> None:
    X = np.repeat(np.array([[0.0, 1.0], [2.0, 3.0], [9.0, 5.0]]), 20, axis=0)
    with pytest.warns(ConvergenceWarning, match=r"distinct clusters \(3\)"):
        km = centra.KMeans(7, init="k-means||", random_state=0).fit(X)
    assert km.inertia_ == 0
    km = centra.KMeans(1, init="k-means||", random_state=0).fit(np.ones((4, 2)))
    assert km.cluster_centers_.tolist() == [[1, 1]]


def test_squares_that_overflow_are_an_error() -> None:
    X = np.array([[0.0], [1e200], [2e200]])
    with pytest.raises(OverflowError, match="exceed the largest float64"):
        candidates(X, 2, 0)
