"""Rows as close to undecidable as floats allow: a few ulps beside planes between centers."""

from __future__ import annotations

import numpy as np


def beside_bisectors(
    rng: np.random.Generator, centers: np.ndarray, n: int, dtype: type
) -> np.ndarray:
    """Return n rows halfway between pairs of centres, moved along the plane, then a few ulps."""
    k, d = centers.shape
    a, b = centers[rng.integers(0, k, n)], centers[rng.integers(0, k, n)]
    along = rng.normal(size=(n, d)) * 0.1 * np.abs(a - b).mean(axis=1, keepdims=True)
    normal = a - b
    size = (normal * normal).sum(axis=1, keepdims=True)
    size[size == 0] = 1
    along -= normal * ((along * normal).sum(axis=1, keepdims=True) / size)
    X = ((a / 2 + b / 2) + along * rng.integers(0, 2, (n, 1))).astype(dtype)
    touched = (np.arange(n), rng.integers(0, d, n))
    X[touched] += rng.integers(-3, 4, n).astype(dtype) * np.spacing(X[touched])
    return X
