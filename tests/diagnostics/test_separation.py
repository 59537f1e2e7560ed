"""Separation by rows held out, against fits without each row; and the steps of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import centra
from centra._assign.nearest import nearest_labels
from centra._diagnostics.overlap import overlap_of
from centra._diagnostics.separation import Separation, separation_of, steps_of
from centra._estimators.base import prepared


def _separation(X: Any, centers: np.ndarray, weights: Any = None) -> Separation:
    data = prepared(centra.KMeans(len(centers)), X, sample_weight=weights, weigh=True, reset=True)
    found = overlap_of(data, centers, nearest_labels(data, centers))
    return separation_of(found, centers, data.weights, np.zeros(X.shape[1]))


def _naive(X: np.ndarray, centers: np.ndarray) -> tuple[float, list[float]]:
    """Leave every row out of its centre, one by one."""
    squared = ((X[:, None] - centers) ** 2).sum(axis=2)
    order = np.argsort(squared, axis=1)
    labels, rivals = order[:, 0], order[:, 1]
    margins = np.empty(len(X))
    for i, x in enumerate(X):
        others = labels == labels[i]
        others[i] = False
        own, rival = X[others].mean(axis=0), centers[rivals[i]]
        way = ((own - rival) ** 2).sum()
        margins[i] = (((x - rival) ** 2).sum() - ((x - own) ** 2).sum()) / way
    means, variances = [], []
    for j in range(len(centers)):
        some = margins[labels == j]
        if np.median(some) > 0:
            some = np.minimum(some, 2 * np.median(some))
        means.append(some.mean())
        variances.append(some.var(ddof=1))
    each = [2 * mean / variance**0.5 for mean, variance in zip(means, variances, strict=True)]
    return 2 * np.mean(means) / np.mean(variances) ** 0.5, each


@pytest.mark.parametrize(("n", "d", "k"), [(60, 3, 2), (200, 10, 4)])
def test_it_is_what_leaving_rows_out_gives(n: int, d: int, k: int) -> None:
    X = np.random.default_rng(d).normal(size=(n, d))
    centers = centra.KMeans(k, random_state=0, tol=0).fit(X).cluster_centers_
    found, (apart, each) = _separation(X, centers), _naive(X, centers)
    assert found.apart == pytest.approx(apart)
    np.testing.assert_allclose(found.clusters, each)


def test_two_gaussians_are_as_far_apart_as_they_are() -> None:
    rng = np.random.default_rng(0)
    for way in (6.0, 9.0):
        X = rng.normal(size=(20_000, 2)) + np.repeat([[0, 0], [way, 0]], 10_000, axis=0)
        found = _separation(X, np.array([[0.0, 0.0], [way, 0.0]]))
        assert found.clear and found.some and found.apart == pytest.approx(way, rel=0.08)


def test_a_uniform_column_cut_in_half_has_twice_the_root_of_three() -> None:
    X = np.linspace(-1, 1, 10_001)[:, None]
    found = _separation(X, np.array([[-0.5], [0.5]]))
    assert found.apart == pytest.approx(2 * 3**0.5, rel=1e-2) and not found.clear


def test_the_end_of_a_tail_is_not_separated_from_the_bulk() -> None:
    X = np.random.default_rng(0).exponential(size=(5000, 1))
    centers = centra.KMeans(2, random_state=0).fit(X).cluster_centers_
    found = _separation(X, centers)
    assert not found.clear and np.nanmin(found.clusters) < 3


def test_far_rows_do_not_make_clusters_that_are_apart_unclear() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 2)) + np.repeat([[0, 0], [9, 0]], 200, axis=0)
    X[0] = [-60, 0]
    assert _separation(X, np.array([[-0.3, 0.0], [9.0, 0.0]])).clear


def test_weights_are_rows_that_occur_more_than_once_and_none_is_no_row() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 2)) + np.repeat([[0, 0], [8, 0], [0, 8]], 100, axis=0)
    centers = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
    weights = rng.choice([0.0, 1.0], 300)
    some, part = _separation(X, centers, weights), _separation(X[weights > 0], centers)
    assert some.apart == pytest.approx(part.apart)
    assert _separation(X, centers, np.full(300, 3.0)).apart == pytest.approx(
        _separation(X, centers).apart
    )


def test_few_rows_tell_nothing() -> None:
    found = _separation(np.array([[0.0], [1.0], [9.0]]), np.array([[0.5], [9.0]]))
    assert np.isnan(found.apart) and not found.clear
    found = _separation(np.ones((9, 2)), np.array([[1.0, 1.0], [1.0, 1.0]]))
    assert np.isnan(found.apart) and not found.clear


def test_steps_of_columns() -> None:
    X = np.array([[1.0, 0.1 + 0.2, 5.0], [4.0, 0.3, 5.0], [2.0, 0.7, 5.0]])
    np.testing.assert_allclose(steps_of(X), [1.0, 0.4, 0.0])
    assert steps_of(np.zeros((1, 2))).tolist() == [0.0, 0.0]


def test_threads_change_nothing() -> None:
    X = np.random.default_rng(5).normal(size=(4000, 3))
    km = centra.KMeans(3, random_state=0, n_threads=1).fit(X)
    one = [remark.numbers for remark in km.report(X).remarks]
    km.n_threads = 2
    assert [remark.numbers for remark in km.report(X).remarks] == one
