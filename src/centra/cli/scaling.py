"""Columns in their own units and in standard deviations: whether both give the same answer.

Which of them is right nobody can tell from the numbers. So the command line looks at both, on a
sample of the rows, and says when they differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import centra
from centra._diagnostics.remark import Remark
from centra._diagnostics.values import rows_to_judge
from centra._tables.tables import Table
from centra._utils.sampling import sampled
from centra.cli.again import again
from centra.selection import Sweep
from centra.selection.agreement import adjusted_rand

__all__ = ["other_clusters", "other_number", "own_units", "picked"]

Floats = NDArray[np.float64]

#: Rows that are clustered once more in the other units, at most.
SAMPLE = 5_000
#: Where no standard deviation is so many times the median of them, nor the other way round, both
#: units are nearly the same.
ALIKE = 2.0
#: Clusterings are the same from this adjusted Rand index on.
SAME = 0.9
STARTS = 3


def own_units(table: Table, rows: Any) -> Floats | None:
    """Give a sample of a table's rows in the columns' own units, if they were clustered in others.

    Parameters
    ----------
    table : Table
        What was read.
    rows : ndarray or Source
        What was clustered.
    """
    if rows is table.rows:
        return None
    raw = np.asarray(table.rows)
    rows = len(raw) if table.weights is None else np.flatnonzero(table.weights)
    return np.asarray(raw[rows_to_judge(rows, raw.shape[1])], dtype=np.float64)


def other_clusters(km: centra.KMeans, table: Table, rows: Any) -> list[Remark]:
    """Say if the other units give other clusters.

    Parameters
    ----------
    km : KMeans
        The fit.
    table : Table
        What was read.
    rows : ndarray or Source
        What was clustered.

    Returns
    -------
    remarks : list of Remark
        One of the kind "scaling", or none.
    """
    both = _both(table, rows)
    k = len(km.cluster_centers_)
    if both is None or k < 2:
        return []
    own, other, weights, chosen = both
    if len(np.unique(other, axis=0)) < k:
        return []
    labels = km.labels_[chosen]
    rivals = [_from(other, labels, weights, k), _drawn(other, weights, k)]
    rival = min(rivals, key=lambda found: found[1])[0]
    # Where their clusters are better in our units too, ours got stuck: that is no matter of units.
    ours, theirs = _from(own, labels, weights, k), _from(own, rival, weights, k)
    if theirs[1] < ours[1]:
        ours = theirs
    rand = adjusted_rand(ours[0], rival)
    if rand >= SAME:
        return []
    first, command = _other(table, rows)
    text = f"{first} give {k} other clusters (adjusted Rand index {rand:.2f} with these): {command}"
    return [Remark("scaling", text, {"rand": rand, "k": k}, gravity=2)]


def other_number(found: Sweep, table: Table, rows: Any) -> list[Remark]:
    """Say if the other units give another number of clusters, or as many others.

    Parameters
    ----------
    found : Sweep
        The comparison of numbers of clusters.
    table : Table
        What was read.
    rows : ndarray or Source
        What was clustered.

    Returns
    -------
    remarks : list of Remark
        One of the kind "scaling", or none.
    """
    both = _both(table, rows)
    if both is None or not found.models:
        return []
    own, other, weights, chosen = both
    ks = sorted(found.models)
    if len(np.unique(other, axis=0)) < ks[-1]:
        return []
    rival = _answer(_sweep(other, ks, weights, found))
    ours = _answer(found)
    if rival == ours:
        return other_clusters(found.models[picked(found)], table, rows)
    if rival is None or ours is None:
        return []
    if len(chosen) < found.n_rows and _answer(_sweep(own, ks, weights, found)) != ours:
        return []  # the sample says something else by itself
    first, command = _other(table, rows)
    said = {0: "no clusters"}
    numbers = {"k": ours or None, "other": rival or None}
    text = f"{first} give another answer, {said.get(rival, f'k = {rival}')} in place of "
    text += f"{said.get(ours, f'k = {ours}')}: {command}"
    return [Remark("scaling", text, numbers, gravity=2)]


def picked(found: Sweep) -> int:
    """Return the number of clusters with most votes that was fitted, else the smallest one."""
    return next((k for k in found.best.votes if k in found.models), min(found.models))


def _other(table: Table, rows: Any) -> tuple[str, str]:
    """Name the other units, and write the command that takes them."""
    if rows is table.rows:
        return "Standardized columns", again(add="--standardize")
    return "Columns in their own units", again(without="--standardize")


def _both(table: Table, rows: Any) -> tuple[Floats, Floats, Floats | None, NDArray[np.intp]] | None:
    """Take a sample of the rows as they were clustered, and in the other units.

    None where they are nearly the same, or not in memory.
    """
    raw = table.rows
    if not isinstance(raw, np.ndarray) or raw.shape[1] < 2:
        return None
    weights = table.weights
    chosen = np.arange(len(raw)) if weights is None else np.flatnonzero(weights)
    chosen = sampled(chosen, SAMPLE)
    few = np.asarray(raw[chosen], dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        deviations = few.std(axis=0)
    varying = deviations > 0
    spread = deviations[varying]
    if len(spread) < 2 or not np.isfinite(spread).all():
        return None
    middle = float(np.median(spread))
    if spread.max() < ALIKE * middle and spread.min() * ALIKE > middle:
        return None
    own = few[:, varying]
    scaled = (own - own.mean(axis=0)) / spread
    own, other = (own, scaled) if rows is raw else (scaled, own)
    return own, other, None if weights is None else weights[chosen], chosen


def _from(
    X: Floats, labels: NDArray[np.integer], weights: Floats | None, k: int
) -> tuple[NDArray[np.int32], float]:
    """Cluster rows, starting at the means of given clusters."""
    each = np.ones(len(X)) if weights is None else weights
    sizes = np.bincount(labels, weights=each, minlength=k)
    sums = np.stack([np.bincount(labels, weights=each * x, minlength=k) for x in X.T], axis=1)
    filled = sizes > 0
    start = sums[filled] / sizes[filled, None]
    km = centra.KMeans(len(start), init=start, n_init=1).fit(X, sample_weight=weights)
    return km.labels_, km.inertia_


def _drawn(X: Floats, weights: Floats | None, k: int) -> tuple[NDArray[np.int32], float]:
    """Cluster rows from starts of their own."""
    km = centra.KMeans(k, n_init=STARTS, random_state=0).fit(X, sample_weight=weights)
    return km.labels_, km.inertia_


def _sweep(X: Floats, ks: list[int], weights: Floats | None, like: Sweep) -> Sweep:
    """Compare the same numbers of clusters by the criteria that were asked for."""
    return centra.sweep(
        X,
        ks,
        sample_weight=weights,
        silhouette=bool(np.isfinite(like.columns["silhouette"]).any()),
        gap=like.gap is not None,
        stability=like.stability is not None,
        random_state=0,
    )


def _answer(found: Sweep) -> int | None:
    """Give the number of clusters that most criteria pick; 0 if there are none, None if no k."""
    best = found.best
    if best.structure is False:
        return 0
    return next((k for k in best.votes if k > 1), None)
