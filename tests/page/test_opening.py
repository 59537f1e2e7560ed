"""What part of the picture a page opens on."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from centra.page.content import content_of
from centra.page.opening import opening_of


def _points(n: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, 2))


def test_rows_without_outliers_are_all_shown() -> None:
    for points in (_points(5000), np.random.default_rng(0).standard_t(3, size=(5000, 2))):
        assert opening_of(points, points[:3]) is None


@pytest.mark.parametrize("n", [100, 1000, 5000])
def test_nearly_all_rows_are_where_it_opens(n: int) -> None:
    points = _points(n)
    points[3], points[50] = (1e4, 0.0), (-1e4, 0.0)
    found = opening_of(points, points[:1])
    assert found is not None and found["y"] is None  # one axis has no outliers
    low, high = found["x"]
    assert -6 < low < high < 6
    out = np.flatnonzero((points[:, 0] < low) | (points[:, 0] > high))
    assert out.tolist() == [3, 50] and found["rows"] == 2


def test_both_axes() -> None:
    points = _points(2000)
    points[3], points[50] = (1e4, 0.0), (0.0, 1e4)
    found = opening_of(points, points[:1])
    assert found is not None and found["x"] and found["y"] and found["rows"] == 2


def test_a_center_far_away_is_an_outlier_too() -> None:
    points = _points(1000)
    found = opening_of(points, np.array([[0.0, 0.0], [500.0, 0.0]]))
    assert found is not None and found["x"][1] < 6


def test_too_many_are_no_outliers() -> None:
    points = _points(1000)
    points[:3] += 1e4
    assert opening_of(points, points[:1]) is None
    few = _points(99)
    few[0] = 1e4
    assert opening_of(few, few) is None


def test_equal_rows_leave_nothing_to_open_on() -> None:
    points = np.zeros((1000, 2))
    points[0] = 5.0
    assert opening_of(points, points[:1]) is None


def test_a_page_with_outliers_says_where_it_opens() -> None:
    X = _points(1000)
    X[7] = 1e5
    km = centra.KMeans(2, n_init=5, random_state=0).fit(X)
    found = content_of({2: km}, X)["opening"]
    assert found["rows"] >= 1 and found["x"][1] < 6 > found["y"][1]
    assert content_of({2: km.fit(X[:7])}, X[:7])["opening"] is None
