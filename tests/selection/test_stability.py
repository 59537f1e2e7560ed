"""Stability, by its rule."""

from __future__ import annotations

import math

import numpy as np
from sklearn.metrics import adjusted_rand_score

import centra
from centra.selection import Stability
from known import blobs


def stability(ks, means, deviation=0.0) -> Stability:
    means = np.array(means, dtype=float)
    return Stability(tuple(ks), np.stack([means - deviation, means + deviation]), {})


def test_the_rule_of_stability():
    assert stability([2, 3, 4], [1.0, 0.7, 0.99]).choice == 4  # as good as the best
    assert stability([2, 3, 4], [1.0, 0.7, 0.9]).choice == 2
    assert stability([2, 3], [1.0, 0.9], deviation=0.1).choice == 3  # but for chance
    assert stability([2, 3], [0.7, 0.6]).choice is None
    assert stability([1], [math.nan]).choice is None


def test_stability_is_about_the_same_rows_for_both_fits():
    s = centra.sweep(blobs(3), [3, 6], random_state=0, repeats=5, gap=False)
    found = s.stability
    assert found is not None and found.agreements.shape == (5, 2)
    assert (found.agreements[:, 0] == 1.0).all() and (found.agreements[:, 1] < 1.0).all()
    np.testing.assert_allclose(s.columns["stability_sd"], found.agreements.std(axis=0, ddof=1))
    assert adjusted_rand_score([0, 0, 1], [1, 1, 0]) == 1.0  # names do not matter
