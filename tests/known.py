"""Rows whose number of clusters is known."""

from __future__ import annotations

import numpy as np

#: Five clusters, one of them in the middle.
PLACES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [5.0, 5.0]])


def blobs(k: int, seed: int = 0, n: int = 100) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(at, 0.7, size=(n, 2)) for at in PLACES[:k]])


def noise(seed: int = 0, n: int = 600, d: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))
