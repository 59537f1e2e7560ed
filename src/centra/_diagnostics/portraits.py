"""Portraits: what sets each cluster apart from the other rows, in words.

A column sets a cluster apart where the cluster's centre lies far from the mean of all rows. How far
is counted in standard deviations of the column (its *deviation*), so that units do not matter. A
cluster that has a share p of the rows has a deviation of at most sqrt((1 - p) / p), since it pulls
the mean towards itself: large clusters are held against that.

Clusters of so few rows that they are outliers have no part in the mean and the standard deviation:
one row far away would make all others look average.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._diagnostics.overlap import Overlap, in_range
from centra._diagnostics.separation import FEW, TINY
from centra._utils.escapes import short
from centra._utils.sampling import sampled

__all__ = ["Spreads", "counts_of", "deviations_of", "portraits_of", "spreads_of"]

Floats = NDArray[np.float64]

#: A column sets a cluster apart from this deviation on, or from this share of the largest that a
#: cluster of its size can have.
APART = 0.5
#: From this deviation on it is very high, or very low.
VERY = 1.5
#: The centre of n rows varies by chance: it must be this many standard errors from the mean.
ERRORS = 3.0
#: What is said where no column sets a cluster apart.
AVERAGE = "close to the average"
#: Columns that a portrait names.
MOST = 3
#: Shares of rows that are nearly all, and hardly any.
NEARLY = 0.95
#: Rows and entries of the sample that spreads are taken of.
SAMPLE = 20_000
ENTRIES = 1 << 22


@dataclass(frozen=True)
class Spreads:
    """How the rows vary in each column.

    Attributes
    ----------
    deviations : ndarray of shape (n_features,)
        Standard deviation of all rows, weighted; 0 for a constant column.
    yes_no : ndarray of bool of shape (n_features,)
        Columns that hold 0 and 1 and nothing else.
    """

    deviations: Floats
    yes_no: NDArray[np.bool_]


def spreads_of(data: Dataset, own: Callable[[Any], Any] | None = None) -> Spreads:
    """Measure the spread of the columns on a sample of the rows.

    Parameters
    ----------
    data : Dataset
        The rows and their weights.
    own : callable or None
        What brings rows to the columns' own units, if they were scaled.

    Returns
    -------
    Spreads
        In the columns' own units.
    """
    n = max(min(SAMPLE, ENTRIES // max(data.n_features, 1)), 2)
    rows = sampled(data.n_rows, n)
    sample = np.asarray(data.take(rows), dtype=np.float64)
    sample = sample if own is None else own(sample)
    weights = None if data.weights is None else data.weights[rows]
    if weights is None or not weights.any():
        weights = np.ones(len(rows))
    weights = weights / weights.max()
    constant = np.asarray(data.stats.low) == np.asarray(data.stats.high)
    near = sample - sample[0]  # near the origin, whatever the columns' offsets
    most = np.abs(near).max(axis=0)
    near /= np.where(most > 0, most, 1.0)  # squares of any numbers are numbers
    mean = weights @ near / weights.sum()
    deviations = most * np.sqrt(weights @ np.square(near - mean) / weights.sum())
    whole = np.rint(sample)
    yes_no = (np.abs(sample - whole) < 1e-9).all(axis=0)
    yes_no &= (whole.min(axis=0) == 0) & (whole.max(axis=0) == 1)
    return Spreads(np.where(constant, 0.0, deviations), yes_no & ~constant)


def counts_of(found: Overlap) -> Floats:
    """Return how many rows each cluster has, in proportion to what they weigh.

    Parameters
    ----------
    found : Overlap
        Of a model.

    Returns
    -------
    counts : ndarray of shape (n_clusters,)
        The clusters' sizes if all rows weigh the same.
    """
    weights, _ = in_range(found.weights)
    counts: Floats = weights * (found.sizes.sum() / weights.sum())
    return counts


def deviations_of(centers: Floats, sizes: Floats, spread: Floats) -> Floats:
    """Tell how far each centre lies from the mean of all rows, column by column.

    Parameters
    ----------
    centers : ndarray of shape (n_clusters, n_features)
        The centres.
    sizes : ndarray of shape (n_clusters,)
        How many rows each cluster has.
    spread : ndarray of shape (n_features,)
        The standard deviation of all rows, column by column.

    Returns
    -------
    deviations : ndarray of shape (n_clusters, n_features)
        In standard deviations of the rows, those of clusters of outliers left out; 0 in columns
        that are constant, and for clusters without rows.

    Examples
    --------
    >>> centers = np.array([[0.0, 5.0], [4.0, 5.0]])
    >>> deviations_of(centers, np.array([10, 10]), np.array([2.0, 1.0])).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    deviations, _ = _apart(centers, sizes, spread)
    return deviations


def portraits_of(
    centers: Floats, sizes: Floats, spreads: Spreads, names: Sequence[str]
) -> list[str]:
    """Say what sets each cluster apart.

    Parameters
    ----------
    centers : ndarray of shape (n_clusters, n_features)
        The centres.
    sizes : ndarray of shape (n_clusters,)
        How many rows each cluster has.
    spreads : Spreads
        How the rows vary.
    names : sequence of str
        What the columns are called.

    Returns
    -------
    portraits : list of str
        One for each cluster: at most three columns, the one in which it differs most first.

    Examples
    --------
    >>> centers = np.array([[0.0, 5.0, 1.0], [4.0, 5.1, 0.0]])
    >>> spreads = Spreads(np.array([2.0, 1.0, 0.5]), np.array([False, False, True]))
    >>> portraits_of(centers, np.array([50, 50]), spreads, ["weight", "age", "smoker"])
    ['low weight, all with smoker', 'high weight, none with smoker']
    """
    if len(centers) == 1:
        return ["all rows"]
    deviations, within = _apart(centers, sizes, spreads.deviations)
    total, k = max(float(sizes.sum()), 1.0), np.count_nonzero(sizes)
    shares = sizes / total
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = np.sqrt((1 - shares) / shares)
        freedom = np.sqrt(total / max(total - k, 1.0))  # each centre has taken one row's worth
        chance = ERRORS * freedom * within / np.sqrt(sizes)[:, None]
    needed = APART * np.minimum(largest, 1.0)[:, None]
    apart = (deviations != 0) & (np.abs(deviations) >= np.maximum(needed, chance))
    found = []
    for j, size in enumerate(sizes):
        order = np.argsort(-np.abs(deviations[j]).round(9), kind="stable")
        columns = [int(q) for q in order if apart[j, q]][:MOST]
        said = [
            _share(float(centers[j, q]), names[q])
            if spreads.yes_no[q]
            else f"{_degree(float(deviations[j, q]))} {short(names[q], 32)}"
            for q in columns
        ]
        if size == 0:
            found.append("no rows")
        else:
            found.append(", ".join(said) or AVERAGE + (" in all columns" if len(names) > 1 else ""))
    return found


def _apart(centers: Floats, sizes: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return deviations, and the spread within clusters in the same unit, column by column."""
    k, total = len(sizes), max(sizes.sum(), 1)
    # Clusters of a few rows are no part of the average.
    usual = sizes >= max(FEW, TINY * total / k)
    if not usual.any():
        usual = sizes > 0
    varies = spread > 0
    # In standard deviations of all rows, from the largest cluster: large offsets cost no digits.
    near = (centers - centers[int(np.argmax(sizes))]) / np.where(varies, spread, 1.0)
    near = np.where(varies & (sizes > 0)[:, None], near, 0.0)
    within = 1.0 - _between(near, sizes)[1]
    # Where clusters hold one value each, what is left within them is the rounding of a difference.
    within = np.where(within < 1e-12, 0.0, within)
    mean, between = _between(near[usual], sizes[usual])
    unit = np.sqrt(within + between)
    varies = varies & (unit > 0)
    unit = np.where(varies, unit, 1.0)
    deviations = np.where(varies & (sizes > 0)[:, None], (near - mean) / unit, 0.0)
    return deviations, np.sqrt(within) / unit


def _between(centers: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Return the mean of the rows of some clusters, and the variance of the centres about it."""
    shares = sizes / max(sizes.sum(), 1)
    mean = shares @ centers
    return mean, shares @ np.square(centers - mean)


def _degree(deviation: float) -> str:
    degree = "high" if deviation > 0 else "low"
    return f"very {degree}" if abs(deviation) >= VERY else degree


def _share(share: float, name: str) -> str:
    name = short(name, 32)
    if share > 1 - 1e-9:
        return f"all with {name}"
    if share < 1e-9:
        return f"none with {name}"
    if share >= NEARLY:
        return f"nearly all with {name}"
    if share <= 1 - NEARLY:
        return f"hardly any with {name}"
    return f"{100 * share:.0f} % with {name}"
