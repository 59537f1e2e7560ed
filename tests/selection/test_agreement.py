"""The adjusted Rand index, without a word on labels that are mostly different."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from centra.selection.agreement import adjusted_rand


def test_it_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    for n in (2, 50, 5000):
        for _ in range(20):
            a, b = rng.integers(0, 4, n), rng.integers(0, 3, n)
            assert adjusted_rand(a, b) == adjusted_rand_score(a, b)
            assert adjusted_rand(a - 1, b) == adjusted_rand_score(a - 1, b)
            near = np.where(rng.random(n) < 0.9, a, b)
            assert adjusted_rand(a, near) == adjusted_rand_score(a, near)


def test_labels_that_are_mostly_different() -> None:
    assert adjusted_rand(np.arange(30), np.arange(30) % 2) == 0.0
    assert adjusted_rand(np.arange(30), np.arange(30)[::-1]) == 1.0
