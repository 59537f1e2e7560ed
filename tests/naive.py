"""The oracle: k-means as centra defines it, in plain Python and exact fractions.

Nothing here is fast and nothing is clever. A float is a fraction with a power of two below, so
``fractions.Fraction`` does the arithmetic of real numbers on floats without any error, and
``float(fraction)`` rounds once, to nearest, ties to even, subnormal numbers included. Whatever
centra computes has to equal what this page computes, bit for bit.

The page in one breath:

* a row belongs to the lowest-numbered centre among those that are exactly nearest;
* a centre is the exact weighted mean of its rows, rounded once;
* inertia is the exact weighted sum of squared distances, rounded once;
* a distance that is reported or drawn from is a float64 computation of one fixed order.

``lloyd`` and the seedings take an argument ``arithmetic``: any module that has this module's
functions ``assign``, ``sums``, ``inertia``, ``variance``, ``distances``, ``own_distances`` and
``running_sums``. ``naive_numpy`` is such a module, for larger data. The loop exists once.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from itertools import accumulate
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

PLAIN = sys.modules[__name__]


class Record(NamedTuple):
    """Entry i of a history: the centres after i updates, with their own labels."""

    inertia: float
    shift: float  # sum of squared distances that the centres moved in update i
    changed: int  # rows whose label is not the one of record i - 1
    centers: np.ndarray
    labels: np.ndarray


class Fit(NamedTuple):
    """What one run of Lloyd's algorithm ends with."""

    labels: np.ndarray
    centers: np.ndarray
    inertia: float
    n_iter: int
    reason: str  # "strict", "tolerance" or "max_iter"
    history: list[Record]


# ----------------------------------------------------------------- nearest, mean, inertia, variance


def squared_distance(x: Any, c: Any) -> Fraction:
    """Return |x - c|^2 in real arithmetic."""
    return sum(((Fraction(p) - Fraction(q)) ** 2 for p, q in zip(x, c, strict=True)), Fraction(0))


def nearest(x: Any, centers: Any) -> int:
    """Return the lowest index among the centres that are exactly nearest to x."""
    from_x = [squared_distance(x, c) for c in centers]
    return from_x.index(min(from_x))


def assign(X: Any, centers: Any) -> np.ndarray:
    """Return the label of every row."""
    centers = floats(centers)
    return np.array([nearest(x, centers) for x in floats(X)], dtype=np.int32)


def mean(rows: Any, weights: Any) -> list[float]:
    """Return the exact weighted mean of rows, each coordinate rounded once to float64."""
    total, coordinates = sums(rows, weights, [0] * len(rows), 1)
    return [float(s / total[0]) for s in coordinates[0]]


def sums(X: Any, weights: Any, labels: Any, k: int) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Return for each of k clusters the exact sum of w (a number) and of w x (a row)."""
    rows = floats(X)
    total = [Fraction(0)] * k
    coordinates = [[Fraction(0)] * len(rows[0]) for _ in range(k)]
    for x, w, j in zip(rows, weights, labels, strict=True):
        total[j] += Fraction(float(w))
        coordinates[j] = add(coordinates[j], x, Fraction(float(w)))
    return total, coordinates


def add(row: list[Fraction], x: Any, factor: Fraction) -> list[Fraction]:
    """Return row + factor x."""
    return [s + factor * Fraction(v) for s, v in zip(row, x, strict=True)]


def inertia(X: Any, weights: Any, labels: Any, centers: Any) -> float:
    """Return the exact sum of w |x - c|^2, c the centre that the label names, rounded once."""
    centers = floats(centers)
    exact = sum(
        Fraction(float(w)) * squared_distance(x, centers[j])
        for x, w, j in zip(floats(X), weights, labels, strict=True)
    )
    return float(exact)


def variance(X: Any) -> float:
    """Return the mean over columns of the (population) variance, exact, rounded once."""
    rows = floats(X)
    n, d = len(rows), len(rows[0])
    total = Fraction(0)
    for q in range(d):
        column = [Fraction(x[q]) for x in rows]
        middle = sum(column) / n
        total += sum((v - middle) ** 2 for v in column) / n
    return float(total / d)


def tolerance(X: Any, tol: float, arithmetic: ModuleType = PLAIN, weights: Any = None) -> float:
    """Return what a sum of squared centre shifts is compared with.

    Weights play no part, but that rows of weight 0 do not count.
    """
    some = np.asarray(X)[as_weights(weights, len(X)) > 0]
    return tol * arithmetic.variance(some) if tol > 0 else 0.0


# -------------------------------------------------------- distances that are reported or drawn from


def distance(x: Any, c: Any) -> float:
    """Return |x - c|^2 as centra reports it: float64, eight accumulators, nothing fused."""
    a = [0.0] * 8
    for q, (p, r) in enumerate(zip(x, c, strict=True)):
        difference = p - r
        a[q % 8] += difference * difference
    return ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))


def distances(X: Any, c: Any) -> list[float]:
    """Return the reported squared distance of every row to one point."""
    (point,) = floats([c])
    return [distance(x, point) for x in floats(X)]


def own_distances(X: Any, labels: Any, centers: Any) -> list[float]:
    """Return the reported squared distance of every row to the centre that its label names."""
    centers = floats(centers)
    return [distance(x, centers[j]) for x, j in zip(floats(X), labels, strict=True)]


def running_sums(values: Any) -> list[Fraction]:
    """Return the exact sums of the first 1, 2, ... of the values."""
    return list(accumulate(Fraction(float(v)) for v in values))


# --------------------------------------------------------------------------------------- the update


def update(X: Any, weights: Any, labels: Any, centers: Any, arithmetic: ModuleType = PLAIN) -> Any:
    """Return the centres that follow from labels, those of empty clusters relocated."""
    centers = np.asarray(centers, dtype=np.float64)
    k = len(centers)
    total, coordinates = arithmetic.sums(X, weights, labels, k)
    relocate(X, weights, labels, centers, total, coordinates, arithmetic)
    new = np.empty_like(centers)
    for j in range(k):
        if total[j] > 0:
            new[j] = [float(s / total[j]) for s in coordinates[j]]
    heaviest = total.index(max(total))
    for j in range(k):
        if total[j] == 0:
            new[j] = new[heaviest]
    return new


def relocate(
    X: Any,
    weights: Any,
    labels: Any,
    centers: Any,
    total: list[Fraction],
    coordinates: list[list[Fraction]],
    arithmetic: ModuleType = PLAIN,
) -> None:
    """Give each empty cluster (weight 0) the farthest row left, by changing the sums in place.

    A cluster that loses its last weight is empty in turn. At most k rows are taken, none of weight
    0: it would leave its new cluster as empty as it was, and is not to change anything.
    """
    queue = [j for j, w in enumerate(total) if w == 0]
    if not queue:
        return
    order = farthest_first(X, weights, labels, centers, arithmetic)
    if order[0][0] == 0:
        return
    rows = floats(X)
    for _, i in order[: len(total)]:
        if not queue:
            return
        founded, donor = queue.pop(0), int(labels[i])
        w = Fraction(float(weights[i]))
        had_weight = total[donor] > 0
        total[donor] -= w
        coordinates[donor] = add(coordinates[donor], rows[i], -w)
        if had_weight and total[donor] == 0:
            queue.append(donor)
        total[founded] += w
        coordinates[founded] = add(coordinates[founded], rows[i], w)


def farthest_first(
    X: Any, weights: Any, labels: Any, centers: Any, arithmetic: ModuleType = PLAIN
) -> list[tuple[float, int]]:
    """Return (reported squared distance to the own centre, row number), farthest row first.

    Equal distances: by what the row contains, ascending, column after column, then the heavier
    first. Never by row number, so a permuted X relocates the same rows. Rows of weight 0 are left
    out.
    """
    far = arithmetic.own_distances(X, labels, centers)
    rows = floats(X)
    some = [i for i in range(len(rows)) if weights[i] > 0]
    order = sorted(some, key=lambda i: (-far[i], rows[i], -float(weights[i])))
    return [(float(far[i]), i) for i in order]


# ----------------------------------------------------------------------------------------- the loop


def lloyd(
    X: Any,
    start: Any,
    weights: Any = None,
    max_iter: int = 300,
    tol: float = 1e-4,
    arithmetic: ModuleType = PLAIN,
) -> Fit:
    """Run Lloyd's algorithm from given centres."""
    run = descend(X, start, weights, max_iter, tol, arithmetic)
    return settle(X, run, weights, arithmetic)


def descend(
    X: Any,
    start: Any,
    weights: Any = None,
    max_iter: int = 300,
    tol: float = 1e-4,
    arithmetic: ModuleType = PLAIN,
) -> Fit:
    """Run the loop. Rows are float64 here, and so are the centres: float32 rows are copied."""
    X = np.asarray(X).astype(np.float64)
    weights = as_weights(weights, len(X))
    allowed = tolerance(X, tol, arithmetic, weights)
    centers, before = np.array(start, dtype=np.float64), np.full(len(X), -1)
    history = [record(X, weights, centers, 0.0, before, arithmetic)]
    reason = "max_iter"
    for i in range(max_iter):
        labels = history[i].labels
        new = update(X, weights, labels, centers, arithmetic)
        pairs = zip(floats(new), floats(centers), strict=True)
        shift = float(sum(Fraction(distance(p, q)) for p, q in pairs))
        if np.array_equal(labels, before):
            reason = "strict"
        elif shift <= allowed:
            reason = "tolerance"
        centers, before = new, labels
        history.append(record(X, weights, centers, shift, labels, arithmetic))
        if reason != "max_iter":
            break
    last = history[-1]
    return Fit(last.labels, centers, last.inertia, len(history) - 1, reason, history)


def settle(X: Any, run: Fit, weights: Any = None, arithmetic: ModuleType = PLAIN) -> Fit:
    """Round the centres of float32 rows once, to float32; labels and inertia are then theirs."""
    if np.asarray(X).dtype != np.float32:
        return run
    narrow = run.centers.astype(np.float32)
    X, wide = np.asarray(X).astype(np.float64), narrow.astype(np.float64)
    before, shift = run.history[-2].labels, run.history[-1].shift
    last = record(X, as_weights(weights, len(X)), wide, shift, before, arithmetic)
    history = [*run.history[:-1], last._replace(centers=narrow)]
    return Fit(last.labels, narrow, last.inertia, run.n_iter, run.reason, history)


def record(
    X: Any, weights: Any, centers: Any, shift: float, before: Any, arithmetic: ModuleType
) -> Record:
    """Return the record of centres: their own labels, and what those cost."""
    labels = arithmetic.assign(X, centers)
    value = arithmetic.inertia(X, weights, labels, centers)
    return Record(value, shift, int(np.sum(labels != before)), centers, labels)


def as_weights(weights: Any, n: int) -> np.ndarray:
    """Return weights as float64; no weights are ones."""
    return np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)


def fit(
    X: Any,
    k: int,
    seeding: Any,
    n_init: int,
    random_state: Any,
    weights: Any = None,
    max_iter: int = 300,
    tol: float = 1e-4,
    arithmetic: ModuleType = PLAIN,
) -> Fit:
    """Return the best of n_init runs; the seedings draw one after the other from random_state.

    Runs are compared before any rounding to float32: the best one is the float64 copy's best one.
    """
    best: Fit | None = None
    for _ in range(n_init):
        start = seeding(X, k, random_state, weights, arithmetic=arithmetic)[0]
        run = descend(X, start, weights, max_iter, tol, arithmetic)
        if best is None or (
            run.inertia < best.inertia and not same_clustering(run.labels, best.labels)
        ):
            best = run
    assert best is not None
    return settle(X, best, weights, arithmetic)


def same_clustering(a: Any, b: Any) -> bool:
    """Tell whether labels a and b are the same up to a renaming of the clusters."""
    pairs = set(zip(np.asarray(a).tolist(), np.asarray(b).tolist(), strict=True))
    return len(pairs) == len({p for p, _ in pairs}) == len({q for _, q in pairs})


# -------------------------------------------------------------------------------------- the seeding


def seed_plusplus(
    X: Any,
    k: int,
    random_state: np.random.RandomState,
    weights: Any = None,
    trials: int | None = None,
    arithmetic: ModuleType = PLAIN,
) -> tuple[np.ndarray, np.ndarray]:
    """Return k rows as centres and their numbers: greedy k-means++, scikit-learn's draws.

    Potentials are exact sums of the float64 numbers w D, so a draw names the same row whatever
    the order of the sum. Rows of weight 0 take no part.
    """
    rows, w = counting(X, weights)
    everything = np.asarray(X)
    X = everything[rows]
    n = len(X)
    trials = 2 + int(math.log(k)) if trials is None else trials
    picked = [int(random_state.choice(n, p=shares(w)))]
    closest = np.array(arithmetic.distances(X, X[picked[0]]))
    for _ in range(1, k):
        reached = arithmetic.running_sums(w * closest)
        draws = random_state.uniform(size=trials) * float(reached[-1])
        best = None
        for draw in draws.tolist():
            i = first_at_least(reached, Fraction(draw))
            left = np.minimum(closest, arithmetic.distances(X, X[i]))
            potential = arithmetic.running_sums(w * left)[-1]
            if best is None or potential < best[0]:
                best = (potential, i, left)
        assert best is not None
        picked.append(best[1])
        closest = best[2]
    return everything[rows[picked]], rows[picked]


def counting(X: Any, weights: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the rows that weigh something, and their weights."""
    w = as_weights(weights, len(X))
    rows = np.flatnonzero(w)
    return rows, w[rows]


def first_at_least(ascending: list[Fraction], value: Fraction) -> int:
    """Return the first position whose entry is >= value, the last position if there is none."""
    for i, entry in enumerate(ascending):
        if entry >= value:
            return i
    return len(ascending) - 1


def shares(w: np.ndarray) -> np.ndarray:
    """Return each weight's share in the sum of all."""
    with np.errstate(over="ignore"):  # NumPy 1.26 tells of one where weights are subnormal
        return w / w.sum()


def seed_random(
    X: Any,
    k: int,
    random_state: np.random.RandomState,
    weights: Any = None,
    arithmetic: ModuleType = PLAIN,
) -> tuple[np.ndarray, np.ndarray]:
    """Return k different rows as centres and their numbers, drawn by weight."""
    rows, w = counting(X, weights)
    picked = rows[random_state.choice(len(rows), k, replace=False, p=shares(w))]
    return np.asarray(X)[picked], picked


def floats(X: Any) -> list[list[float]]:
    """Return X as lists of Python floats (a float32 number is exactly a float64 number)."""
    return np.asarray(X).astype(np.float64).tolist()
