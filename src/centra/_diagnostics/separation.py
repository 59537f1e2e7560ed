"""Separation: whether clusters are further apart than parts of rows without clusters would be.

k-means puts its centres where the rows at hand are, so that any rows look separated if there are
few of them or many columns. Each row is therefore held out: its margin is that to the centre which
its cluster would have without it (which follows from distances that are known, without a further
pass), in units of half the way to the rival. Margins of a cluster of Gaussian rows 6 standard
deviations from the next have a mean of three times their standard deviation. Of uniform rows that
were cut in parts it is 1.73 (the square root of 3), of half a Gaussian 1.32, of a tail that falls
off exponentially 1: no density that does not rise from the border on has more than 1.73.

Clusters are called separated from `LEAST` on. Measured error rates are in decision 0056.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._diagnostics.overlap import Overlap, medians_of
from centra._seeding.base import counted
from centra._utils.sampling import sampled

__all__ = [
    "FEW",
    "LEAST",
    "TINY",
    "Separation",
    "resolutions",
    "separation_of",
    "steps_of",
    "telling",
]

Floats = NDArray[np.float64]

#: Mean margin of separated clusters, in standard deviations: 0.37 above what parts of uniform rows
#: have, for clusters of many rows.
LEAST = 2.1
#: What rows without clusters have: 1.73, and what chance and k-means' search add to it.
REACHED = 1.9
#: What is added to both, divided by the mean number of rows of a cluster.
FEW_ROWS = 1.0
#: In many columns parts of rows without clusters have less: so much is taken off where rows have
#: four times as many independent columns as a cluster has rows, nothing from half as many on.
WIDE = 0.35
#: What a single cluster may fall short of that, divided by the root of its number of rows.
SLACK = 2.0
#: A cluster with less than this share of n / k may be the end of a tail, and has to exceed it by
#: so much, divided by the root of its number of rows.
SMALL, STRICTER = 0.5, 5.0
#: Fewer rows than these, or than this share of n / k, say nothing about the width of a cluster.
FEW, TINY = 3, 0.01
#: Rows, and numbers at most, of which the columns' resolutions are taken.
SAMPLE, NUMBERS = 20_000, 1 << 20
#: Numbers of a column that are closer than this share of its range are the same.
SAME = 1e-9


@dataclass(frozen=True)
class Separation:
    """How far clusters are apart, by rows that were held out.

    Attributes
    ----------
    apart : float
        Mean distance of centres of neighbours, in standard deviations of their rows; NaN where
        fewer than two clusters have the rows to tell.
    needed : float
        What separated clusters must exceed; NaN where `apart` is, as for `reached`.
    reached : float
        What rows without clusters reach.
    clear : bool
        Whether all clusters that have the rows to tell are separated.
    some : bool
        Whether one of them is, by itself.
    clusters : ndarray of shape (n_clusters,)
        The same of every cluster; NaN where it has too few rows.
    """

    apart: float
    needed: float
    reached: float
    clear: bool
    some: bool
    clusters: Floats = field(repr=False)


def separation_of(
    found: Overlap, centers: Floats, weights: Floats | None, steps: Floats
) -> Separation:
    """Measure the separation of clusters.

    Parameters
    ----------
    found : Overlap
        Of the rows: their two nearest centres.
    centers : ndarray of shape (n_clusters, n_features)
        The centres.
    weights : ndarray of shape (n_samples,) or None
        Weights of the rows.
    steps : ndarray of shape (n_features,)
        What numbers of a column are multiples of; see `resolutions`.

    Returns
    -------
    Separation
    """
    k = len(centers)
    ratios = np.full(k, np.nan)
    rows = np.flatnonzero(found.rivals >= 0)
    if weights is not None:
        rows = rows[weights[rows] > 0]
    labels = found.labels[rows]
    sizes = np.bincount(labels, minlength=k)
    typical = len(rows) / max(1, int(np.count_nonzero(sizes)))
    told = telling(sizes)
    if len(told) < 2:
        return Separation(np.nan, np.nan, np.nan, False, False, ratios)
    lower = WIDE * _width(found.distances[rows] ** 2, labels, sizes, len(steps))
    least, more = LEAST - lower, FEW_ROWS / typical
    needed, reached = least + more, REACHED - lower + more
    weighed = np.ones(len(rows)) if weights is None else weights[rows] / weights.max()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        margins, coarse = _held_out(found, centers, steps, rows, weighed)
    most = 2 * medians_of(margins, labels, k)
    # A row far out on the other side of its centre says nothing about the border.
    capped = np.where(most[labels] > 0, np.minimum(margins, most[labels]), margins)
    total = np.bincount(labels, weighed, k)[told]
    means = np.bincount(labels, weighed * capped, k)[told] / total
    squares = np.bincount(labels, weighed * capped**2, k)[told] / total
    bias = sizes[told] / (sizes[told] - 1)
    spread = np.maximum(squares - means**2, 0.0) * bias
    spread += np.bincount(labels, weighed * coarse, k)[told] / total
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios[told] = means / np.sqrt(spread)
        overall = float(means.mean() / np.sqrt(spread.mean()))
    roots = np.sqrt(sizes[told])
    small = sizes[told] < SMALL * typical
    limits = np.where(small, LEAST + STRICTER / roots, least - SLACK / roots)
    clear = overall > needed and bool((ratios[told] > limits).all() and (means > 0).all())
    some = bool((ratios[told] > LEAST + STRICTER / roots).any())
    return Separation(2 * overall, 2 * needed, 2 * reached, clear, some, 2 * ratios)


def resolutions(data: Dataset) -> Floats:
    """Return what the numbers of every column are multiples of: the least that two differ by.

    Answers from 1 to 5 have clusters between which no row lies, as there is no number between 1 and
    2. So much is added to their margins as rounding took away: variances of steps**2 / 12
    (Sheppard's correction).
    """
    rows = counted(data)
    size = min(SAMPLE, max(2, NUMBERS // max(1, data.n_features)))
    return steps_of(data.take(sampled(data.n_rows if rows is None else rows, size)))


def telling(sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the clusters with rows enough to say something of their border.

    Examples
    --------
    >>> telling(np.array([50, 2, 60]))
    array([0, 2])
    """
    typical = sizes.sum() / max(1, np.count_nonzero(sizes))
    return np.flatnonzero(sizes >= max(FEW, TINY * typical))


def steps_of(rows: Floats) -> Floats:
    """Return the least that two different numbers of every column differ by; 0 if all are alike.

    Examples
    --------
    >>> steps_of(np.array([[1.0, 7.0], [3.0, 7.0], [3.5, 7.0]]))
    array([0.5, 0. ])
    """
    sample = np.sort(rows, axis=0)
    with np.errstate(over="ignore"):
        gaps = np.diff(sample, axis=0)
        gaps[~(gaps > SAME * (sample[-1:] - sample[:1]))] = np.inf
    steps = gaps.min(axis=0, initial=np.inf)
    return np.where(np.isfinite(steps), steps, 0.0)


def _width(own: Floats, labels: NDArray[np.int32], sizes: NDArray[np.intp], d: int) -> float:
    """Return how wide rows are for their number, from 0 to 1.

    Squared distances from the mean of Gaussian rows with q independent columns have a variance of
    2 / q of their squared mean.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        means = (np.bincount(labels, own, len(sizes)) / np.maximum(sizes, 1))[labels]
        columns = 2 * np.mean(means**2) / np.mean((own - means) ** 2)
        ratio = min(float(columns), len(own), d) * int(np.count_nonzero(sizes)) / len(own)
    if not (np.isfinite(columns) and ratio > 0):
        return 0.0
    return float(np.clip((np.log2(ratio) + 1) / 3, 0.0, 1.0))


def _held_out(
    found: Overlap, centers: Floats, steps: Floats, rows: NDArray[np.intp], weighed: Floats
) -> tuple[Floats, Floats]:
    """Return margins without each row, in units of half the way; and variances of rounding."""
    k = len(centers)
    labels, rivals = found.labels[rows], found.rivals[rows]
    own, other = found.distances[rows] ** 2, found.rival_distances[rows] ** 2
    total = np.bincount(labels, weighed, k)[labels]
    # Without x its centre c is c - g (x - c).
    g = np.where(total > weighed, weighed / (total - weighed), 0.0)
    pairs, at = np.unique(labels.astype(np.intp) * k + rivals, return_inverse=True)
    ways = (centers[pairs // k] - centers[pairs % k]) ** 2
    between = ways.sum(axis=1)
    rounded = ((ways @ (steps**2 / 12)) / between)[at]
    squared = between[at]
    along = (other - own - squared) / 2
    squared = squared - 2 * g * along + g**2 * own
    alone = total <= weighed
    margins = np.where(alone | ~(squared > 0), 0.0, (other - (1 + g) ** 2 * own) / squared)
    return margins, np.where(squared > 0, 4 * rounded / squared, 0.0)
