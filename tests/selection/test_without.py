"""Sweeps of rows with outlying ones among them."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from known import blobs


def with_rows(far: list[list[float]], k: int = 3) -> np.ndarray:
    return np.concatenate([blobs(k), np.array(far)])


def test_single_rows_that_are_clusters():
    X = with_rows([[500.0, 0.0], [0.0, 700.0], [-600.0, -600.0]])
    s = centra.sweep(X, range(2, 9), random_state=0)
    assert s.best.summary == (
        "There are probably 3 clusters: all 7 criteria pick k = 3. k = 6 counts 3 single rows as "
        "clusters; without them k = 3."
    )
    assert s.without is not None and s.without.rows.tolist() == [300, 301, 302]
    # With the rows left in, six clusters are the three and the single rows.
    assert s.best.k is None and s.best.most_votes == 6
    assert np.bincount(s.models[6].labels_).tolist().count(100) == 3
    assert "k chosen without 3 outlying rows" in str(s)
    assert s.best["gap"].k == 3 and s.sample_size == 300


def test_one_row_such_as_a_total():
    X = blobs(3)
    s = centra.sweep(np.r_[X, X.sum(axis=0, keepdims=True)], range(2, 7), random_state=0)
    assert s.best.summary.endswith(" k = 4 counts 1 single row as a cluster; without it k = 3.")


def test_a_range_without_room_for_single_rows():
    X = with_rows([[500.0, 0.0], [0.0, 700.0], [-600.0, -600.0]])
    s = centra.sweep(X, range(2, 5), random_state=0, repeats=3)
    assert s.best.summary.startswith("There are probably 3 clusters: ")
    assert s.best.summary.endswith(" 3 outlying rows were left out of this.")
    assert s.best.k == s.best.most_votes == 3


def test_noise_with_an_outlying_row():
    X = np.r_[np.random.default_rng(0).normal(size=(300, 3)), [[90.0, 90.0, 90.0]]]
    s = centra.sweep(X, range(2, 7), random_state=0)
    assert s.best.summary.startswith("Nothing shows that there are clusters: ")


def test_rows_without_outlying_ones_are_judged_as_they_are():
    assert centra.sweep(blobs(3), [2, 3, 4], random_state=0, repeats=2).without is None


@pytest.mark.parametrize("flags", [{"gap": False}, {"stability": False}, {"silhouette": False}])
def test_what_was_not_asked_for_stays_so(flags):
    X = with_rows([[500.0, 0.0]])
    s = centra.sweep(X, range(2, 6), random_state=0, repeats=2, **flags)
    (name,) = flags
    assert name not in {choice.criterion for choice in s.best.choices}
    assert s.best.most_votes == 4
