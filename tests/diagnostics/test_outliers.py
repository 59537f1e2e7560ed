"""`outlying`: single far rows are found, and none where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from centra._diagnostics.outliers import CORE, outlying
from clusterless import blobs, noise, sizes


def test_a_row_far_from_all_others() -> None:
    X = np.random.default_rng(0).normal(size=(300, 5))
    assert not outlying(X).any()
    X[7] = 12.0
    assert np.flatnonzero(outlying(X)).tolist() == [7]


def test_three_rows_near_each_other_and_one_alone() -> None:
    X = np.random.default_rng(0).normal(size=(400, 2))
    X[:3] = [[60.0, 0.0], [60.5, 0.0], [60.0, 1.0]]
    X[399] = [0.0, -80.0]
    assert np.flatnonzero(outlying(X)).tolist() == [0, 1, 2, 399]


def test_small_clusters_are_no_outliers() -> None:
    X = np.random.default_rng(0).normal(size=(400, 2))
    X[:20] += 60.0
    assert not outlying(X).any()


def test_one_row_unlike_many_that_are_alike() -> None:
    X = np.zeros((50, 2))
    X[49] = 1.0
    assert np.flatnonzero(outlying(X)).tolist() == [49]
    assert not outlying(np.zeros((50, 2))).any()
    assert not outlying(np.repeat([[0.0, 0], [5, 1], [1, 7]], 50, axis=0)).any()


def test_few_rows_show_nothing() -> None:
    assert not outlying(np.array([[0.0], [1.0], [99.0]])).any()
    assert not outlying(np.zeros((0, 3))).any()
    assert not outlying(np.zeros((40, 0))).any()


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_numbers_near_the_ends_of_float64(scale: float) -> None:
    X = np.random.default_rng(0).uniform(size=(100, 2))
    X[3] = 30.0
    assert np.flatnonzero(outlying(X * scale)).tolist() == [3]


def test_more_rows_than_all_distances_are_taken_of() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5 * CORE, 3)) + rng.choice([0.0, 9.0], size=(5 * CORE, 1))
    assert not outlying(X).any()
    rows = [0, 500, 4000, 9999]
    X[rows] = [[100, 0, 0], [0, 90, 0], [0, 0, -70], [-80, 80, 80]]
    assert np.flatnonzero(outlying(X)).tolist() == rows
    X[1000:1300] = rng.normal(size=(300, 3)) + 200.0  # a cluster, far away
    assert np.flatnonzero(outlying(X)).tolist() == rows


def test_scales_and_places_do_not_matter() -> None:
    X = np.random.default_rng(4).normal(size=(200, 3))
    X[5] += 25.0
    assert (outlying(X) == outlying(X.astype(np.float32) * 1000 + 7)).all()


@pytest.mark.slow
def test_tables_without_outliers_have_none() -> None:
    rng = np.random.default_rng(5)
    wrong = missed = 0
    for n, d, k in sizes(rng, 400):
        X = blobs(rng, n, d, k) if rng.random() < 0.5 else noise(rng, "gaussian", n, d)
        wrong += bool(outlying(X).any())
        far = X.mean(axis=0) + 4 * np.abs(X - X.mean(axis=0)).max(axis=0) * rng.choice([-1, 1], d)
        missed += not outlying(np.vstack([X, far]))[-1]
    assert wrong <= 4
    assert missed == 0
