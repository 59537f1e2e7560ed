"""The adjusted Rand index, without a word on labels that are mostly different."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from centra.selection.agreement import adjusted_rand


def test_it_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        a, b = rng.integers(0, 4, 50), rng.integers(0, 3, 50)
        assert adjusted_rand(a, b) == adjusted_rand_score(a, b)


def test_labels_that_are_mostly_different() -> None:
    assert adjusted_rand(np.arange(30), np.arange(30) % 2) == 0.0
    assert adjusted_rand(np.arange(30), np.arange(30)[::-1]) == 1.0
