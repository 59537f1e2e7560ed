"""The oracle's arithmetic for larger data: the same numbers as ``naive``, much sooner.

Sums are taken in Python's unbounded integers, held in NumPy arrays of objects: a set of floats is
a set of integers times one common power of two, so nothing is ever rounded. Nearest centres are
found in float64 wherever the error bound of the distance leaves one candidate, and in integers
elsewhere. ``laws/test_naive.py`` holds every function here against its namesake in ``naive``.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np


def integers(*arrays: Any) -> tuple[list[np.ndarray], Fraction]:
    """Return arrays of Python integers and a power of two: array == integers * power, exactly."""
    doubles = [np.asarray(a, dtype=np.float64) for a in arrays]
    parts = [np.frexp(a) for a in doubles]
    used = [e[a != 0] for a, (_, e) in zip(doubles, parts, strict=True)]
    low = min((int(e.min()) for e in used if e.size), default=0)
    whole = []
    for mantissa, exponent in parts:
        units = (mantissa * 2.0**53).astype(np.int64).astype(object)
        steps = np.where(mantissa == 0, 0, exponent - low).astype(object)
        whole.append(np.left_shift(units, steps))
    return whole, Fraction(2) ** (low - 53)


def pairwise(X: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return the reported squared distances between X and c, of shapes (..., d), broadcast."""
    a: list[Any] = [0.0] * 8
    with np.errstate(over="ignore", invalid="ignore"):
        for q in range(X.shape[-1]):
            difference = X[..., q] - c[..., q]
            a[q % 8] = a[q % 8] + difference * difference
        return ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))


def assign(X: Any, centers: Any) -> np.ndarray:
    """Return the label of every row."""
    X, centers = np.asarray(X, dtype=np.float64), np.asarray(centers, dtype=np.float64)
    d = X.shape[1]
    # Twice the bound on the relative error of a float64 distance, and on what underflow adds:
    # a filter may be generous, every row that it leaves open is decided in integers.
    relative = 2 * (-(-d // 8) + 6) * 2.0**-53
    absolute = 2 * (d + 1) * 2.0**-1074
    labels = np.empty(len(X), dtype=np.int32)
    block = max(1, 2_000_000 // len(centers))
    for first in range(0, len(X), block):
        rows = X[first : first + block]
        D = pairwise(rows[:, None, :], centers[None, :, :])
        with np.errstate(over="ignore", invalid="ignore"):
            least = D.min(axis=1)
            open_ = ~(D * (1 - relative) - absolute > (least * (1 + relative) + absolute)[:, None])
        chosen = D.argmin(axis=1)
        for i in np.flatnonzero(open_.sum(axis=1) != 1):
            candidates = np.flatnonzero(open_[i]) if np.isfinite(D[i]).all() else range(D.shape[1])
            chosen[i] = nearest_of(rows[i], centers, candidates)
        labels[first : first + block] = chosen
    return labels


def nearest_of(x: np.ndarray, centers: np.ndarray, candidates: Any) -> int:
    """Return the lowest index among the candidates that are exactly nearest to x."""
    candidates = list(candidates)
    (row, points), _ = integers(x, centers[candidates])
    exact = ((points - row) ** 2).sum(axis=1).tolist()
    return int(candidates[exact.index(min(exact))])


def sums(X: Any, weights: Any, labels: Any, k: int) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Return for each of k clusters the exact sum of w (a number) and of w x (a row)."""
    (rows,), unit = integers(X)
    (w,), weight_unit = integers(weights)
    weighted = rows * w[:, None]
    labels = np.asarray(labels)
    total, coordinates = [], []
    for j in range(k):
        mine = labels == j
        total.append(Fraction(sum(w[mine].tolist())) * weight_unit)
        column_sums = [sum(column) for column in weighted[mine].T.tolist()]
        coordinates.append([Fraction(s) * unit * weight_unit for s in column_sums])
    return total, coordinates


def inertia(X: Any, weights: Any, labels: Any, centers: Any) -> float:
    """Return the exact sum of w |x - c|^2, c the centre that the label names, rounded once.

    Not the sum that ``naive`` forms: sum w |x|^2 - 2 sum c.S + sum W |c|^2, from the sums S and W.
    """
    (rows, points), unit = integers(X, centers)
    (w,), weight_unit = integers(weights)
    labels = np.asarray(labels)
    value = sum((w * (rows * rows).sum(axis=1)).tolist())
    for j in range(len(points)):
        mine = labels == j
        total = sum(w[mine].tolist())
        for c, column in zip(points[j].tolist(), rows[mine].T.tolist(), strict=True):
            S = sum(m * v for m, v in zip(w[mine].tolist(), column, strict=True))
            value += total * c * c - 2 * c * S
    return float(Fraction(value) * unit * unit * weight_unit)


def variance(X: Any) -> float:
    """Return the mean over columns of the (population) variance, exact, rounded once."""
    (rows,), unit = integers(X)
    n, d = rows.shape
    scaled = sum(n * sum(v * v for v in column) - sum(column) ** 2 for column in rows.T.tolist())
    return float(Fraction(scaled, n * n * d) * unit * unit)


def distances(X: Any, c: Any) -> np.ndarray:
    """Return the reported squared distance of every row to one point."""
    return pairwise(np.asarray(X, dtype=np.float64), np.asarray(c, dtype=np.float64))


def own_distances(X: Any, labels: Any, centers: Any) -> np.ndarray:
    """Return the reported squared distance of every row to the centre that its label names."""
    centers = np.asarray(centers, dtype=np.float64)
    return pairwise(np.asarray(X, dtype=np.float64), centers[np.asarray(labels)])


def running_sums(values: Any) -> list[Fraction]:
    """Return the exact sums of the first 1, 2, ... of the values."""
    (whole,), unit = integers(values)
    if unit < 1:
        denominator = unit.denominator
        return [Fraction(s, denominator) for s in accumulate(whole.tolist())]
    return [s * unit for s in accumulate(whole.tolist())]
