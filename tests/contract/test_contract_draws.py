"""The contract, Random draws: one random_state gives scikit-learn's answer, draw by draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.cluster
from beside import OURS, THEIRS, Fresh, assert_same_fit, blobs, pair

import centra

X = blobs()


class Counting(np.random.RandomState):
    """A RandomState that writes down what it is asked for."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.calls: list[tuple[str, Any]] = []

    def choice(self, a: Any, size: Any = None, replace: bool = True, p: Any = None) -> Any:
        self.calls.append(("choice", (a, size, replace)))
        return super().choice(a, size, replace, p)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        self.calls.append(("uniform", size))
        return super().uniform(low, high, size)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [1, 2, 7, 40])
def test_kmeans_plusplus_draws_the_same_rows(seed: int, weighted: bool, k: int) -> None:
    weights = np.random.default_rng(seed).uniform(size=len(X)) if weighted else None
    theirs = sklearn.cluster.kmeans_plusplus(X, k, sample_weight=weights, random_state=seed)
    ours = centra.kmeans_plusplus(X, k, sample_weight=weights, random_state=seed)
    np.testing.assert_array_equal(ours[1], theirs[1])
    np.testing.assert_array_equal(ours[0], theirs[0])


@pytest.mark.parametrize("trials", [1, 2, 9])
def test_kmeans_plusplus_with_given_trials(trials: int) -> None:
    for seed in range(5):
        theirs = sklearn.cluster.kmeans_plusplus(X, 6, n_local_trials=trials, random_state=seed)
        ours = centra.kmeans_plusplus(X, 6, n_local_trials=trials, random_state=seed)
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_kmeans_plusplus_asks_for_the_draws_in_the_contracts_order() -> None:
    state = Counting(0)
    centra.kmeans_plusplus(X, 5, random_state=state)
    # choice(n, p=...) once, then 2 + int(ln 5) candidates for each further centre
    assert [name for name, _ in state.calls] == ["choice"] + ["uniform"] * 4
    assert state.calls[0][1][0] == len(X)
    assert [size for name, size in state.calls if name == "uniform"] == [3] * 4


@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize("n_init", [1, 4])
@pytest.mark.parametrize("seed", range(6))
def test_a_seeded_fit_is_scikit_learns(init: str, n_init: int, seed: int) -> None:
    theirs, ours = pair(X, n_clusters=6, init=init, n_init=n_init, random_state=seed)
    assert_same_fit(theirs, ours)


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_a_weighted_seeded_fit_is_scikit_learns(init: str) -> None:
    weights = np.random.default_rng(3).uniform(0.1, 4.0, len(X))
    for seed in range(6):
        theirs, ours = pair(X, weights, n_clusters=5, init=init, n_init=2, random_state=seed)
        assert_same_fit(theirs, ours)


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_sparse_data_draw_the_same(init: str) -> None:
    data = np.where(np.abs(X) < 2, 0.0, X)
    for seed in range(4):
        theirs, ours = pair(
            sp.csr_matrix(data), n_clusters=5, init=init, n_init=2, random_state=seed
        )
        assert_same_fit(theirs, ours)


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_a_generator_goes_on_where_scikit_learns_would(init: str) -> None:
    """A RandomState that is passed in is used up by the same number of draws."""
    states = np.random.RandomState(8), np.random.RandomState(8)
    for Estimator, state in zip((THEIRS, OURS), states, strict=True):
        Estimator(n_clusters=5, init=init, n_init=3, random_state=state).fit(X)
    assert states[0].random_sample() == states[1].random_sample()


def test_the_global_state_is_used_where_none_is_given() -> None:
    labels = []
    for Estimator in (THEIRS, OURS):
        np.random.seed(4)
        labels.append(Estimator(n_clusters=5).fit(X).labels_)
    np.testing.assert_array_equal(labels[0], labels[1])


def test_better_a_numpy_generator_is_accepted() -> None:
    first, again = (
        OURS(n_clusters=5, n_init=2, random_state=np.random.default_rng(5)).fit(X) for _ in "ab"
    )
    np.testing.assert_array_equal(first.labels_, again.labels_)
    generator = np.random.default_rng(5)
    OURS(n_clusters=5, random_state=generator).fit(X)
    assert generator.random() != np.random.default_rng(5).random()  # it was drawn from


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_rows_of_weight_zero_are_never_drawn(init: str) -> None:
    weights = np.zeros(len(X))
    weights[[3, 50, 99]] = [1.0, 0.5, 2.0]
    chosen = {tuple(row) for row in X[[3, 50, 99]]}
    for seed in range(10):
        starts = []
        km = OURS(n_clusters=3, init=init, n_init=1, random_state=seed, keep_centers=True)
        starts = km.fit(X, sample_weight=weights).history_[0].centers
        assert {tuple(row) for row in starts} <= chosen


def test_a_callable_draws_from_the_same_state() -> None:
    def init(data: np.ndarray, k: int, random_state: np.random.RandomState) -> np.ndarray:
        return data[random_state.permutation(len(data))[:k]]

    for seed in range(4):
        theirs, ours = pair(X, n_clusters=4, init=init, n_init=3, random_state=seed)
        assert_same_fit(theirs, ours)
    theirs, ours = pair(
        X, n_clusters=4, init=init, random_state=Fresh(lambda: np.random.RandomState(9))
    )
    assert_same_fit(theirs, ours)


def test_float32_draws_follow_the_float64_copy() -> None:
    data = X.astype(np.float32)
    for seed in range(6):
        theirs = sklearn.cluster.kmeans_plusplus(data.astype(np.float64), 6, random_state=seed)
        ours = centra.kmeans_plusplus(data, 6, random_state=seed)
        np.testing.assert_array_equal(ours[1], theirs[1])
        assert ours[0].dtype == np.float32
