"""Samples of rows."""

from __future__ import annotations

import numpy as np

from centra._utils.sampling import sampled


def test_all_rows_where_they_are_few() -> None:
    assert sampled(4, 4).tolist() == [0, 1, 2, 3]
    assert sampled(np.array([2, 5]), 9).tolist() == [2, 5]


def test_a_sample_is_ascending_without_repeats_and_the_same_again() -> None:
    rows = np.arange(10, 1010)
    some = sampled(rows, 100)
    assert len(some) == 100 and (np.diff(some) > 0).all() and np.isin(some, rows).all()
    assert np.array_equal(some, sampled(rows, 100))
    assert np.array_equal(some - 10, sampled(1000, 100))
    assert not np.array_equal(some, sampled(rows, 100, 1))


def test_it_draws_as_numpy_does() -> None:
    """Samples of earlier versions stay what they were."""
    rows = np.flatnonzero(np.arange(500) % 3)
    expected = np.sort(np.random.default_rng(7).choice(rows, 50, replace=False))
    assert np.array_equal(sampled(rows, 50, 7), expected)
    assert np.array_equal(sampled(rows, 50, np.random.default_rng(7)), expected)
