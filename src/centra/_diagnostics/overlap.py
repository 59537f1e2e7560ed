"""Overlap: how the clusters of a model lie to each other, from every row's two nearest centres.

The *margin* of a row is its distance to the bisector of the nearest two centres. Whether that is
little depends on how wide the two clusters are towards each other: along the line through both
centres, a cluster's rows have a variance, pooled for the two clusters. If both were Gaussian with
that variance, a row on the line would belong to its own cluster with odds of exp(|c1 - c2| m / s²)
at a margin m. The **boundary zone** of two clusters is where these odds are below `ODDS`; rows
there are *between* the two. (Linear discriminant analysis along one line: Hastie, Tibshirani and
Friedman, "The Elements of Statistical Learning", 2nd ed., section 4.3.)

Centres without rows have no say, and neither have single rows far from all others of their cluster
(`REACH`) in how wide it is.

Of two Gaussians whose means are 6 standard deviations apart 0.4 % lie between, of two that are 4
apart 6 %, 3 apart 16 %; of one that two centres have cut in half 38 %, of a uniform strip 18 %.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from centra._data.dataset import Dataset
from centra._data.passes import TwoNearest

Floats = NDArray[np.float64]

#: Rows that belong to the nearest cluster with odds below 9 : 1 lie between it and the next.
ODDS = 9.0
#: Rows so many times as far from their centre as the median row have no say in how wide their
#: cluster is: one row alone could make it as wide as the way to the next.
REACH = 8.0
#: Weights are counted in units of the largest, divided by this.
WEIGHT_UNITS = 1 << 16


@dataclass(frozen=True)
class Overlap:
    """How the clusters of a model lie to each other.

    Attributes
    ----------
    labels : ndarray of int32 of shape (n_samples,)
        The cluster of every row.
    rivals : ndarray of int32 of shape (n_samples,)
        The second nearest of the centres that have rows; -1 where there is one only.
    distances : ndarray of float64 of shape (n_samples,)
        Distance to the own centre, in units of X.
    rival_distances : ndarray of float64 of shape (n_samples,)
        Distance to the second nearest centre; infinite where there is none.
    margins : ndarray of float64 of shape (n_samples,)
        Distance to the bisector of these two centres; infinite where there is none.
    between : ndarray of bool of shape (n_samples,)
        Whether the row lies in the boundary zone of the two clusters.
    sizes : ndarray of intp of shape (n_clusters,)
        Rows of every cluster.
    weights : ndarray of float64 of shape (n_clusters,)
        What they weigh.
    inertia : ndarray of float64 of shape (n_clusters,)
        Weighted sum of the squared distances to the centre, cluster by cluster.
    radius : ndarray of float64 of shape (n_clusters,)
        Root of the mean squared distance to the centre, of the rows that are not `far`; NaN for a
        cluster that weighs nothing.
    separation : ndarray of float64 of shape (n_clusters,)
        Distance to the nearest other centre that has rows; infinite where there is none, NaN for a
        cluster without rows.
    zones : ndarray of float64 of shape (n_clusters, n_clusters)
        How far the boundary zone of two clusters reaches from their bisector.
    matrix : ndarray of float64 of shape (n_clusters, n_clusters)
        Share of the weight of cluster i that lies between it and cluster j.
    pairs : ndarray of float64 of shape (n_clusters, n_clusters)
        Share of the weight of clusters i and j together that lies between them; symmetric.
    far : ndarray of bool of shape (n_samples,)
        Whether the row is more than `REACH` times as far from its centre as the median row of its
        cluster.
    centers : ndarray of float64 of shape (n_clusters, n_features), or None
        The centres, if they are known.
    """

    labels: NDArray[np.int32] = field(repr=False)
    rivals: NDArray[np.int32] = field(repr=False)
    distances: Floats = field(repr=False)
    rival_distances: Floats = field(repr=False)
    margins: Floats = field(repr=False)
    between: NDArray[np.bool_] = field(repr=False)
    sizes: NDArray[np.intp]
    weights: Floats
    inertia: Floats
    radius: Floats
    separation: Floats
    zones: Floats = field(repr=False)
    matrix: Floats = field(repr=False)
    pairs: Floats = field(repr=False)
    far: NDArray[np.bool_] = field(repr=False)
    centers: Floats | None = field(default=None, repr=False)

    @property
    def ambiguous(self) -> NDArray[np.intp]:
        """The rows between two clusters, those with the smallest margin first."""
        rows = np.flatnonzero(self.between)
        return rows[np.argsort(self.margins[rows], kind="stable")]


def overlap_of(data: Dataset, centers: Floats, labels: NDArray[np.int32]) -> Overlap:
    """Measure the overlap of clusters.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    centers : ndarray of shape (n_clusters, n_features)
        The centres.
    labels : ndarray of int32 of shape (n_samples,)
        The nearest of them, row by row.

    Returns
    -------
    Overlap

    Raises
    ------
    OverflowError
        If a squared distance exceeds the largest float64.
    """
    n, k = data.n_rows, len(centers)
    row_weights, exponent = None, 0
    if data.weights is not None:
        row_weights, exponent = in_range(data.weights)
    sizes = np.bincount(labels, minlength=k)
    filled = np.flatnonzero(sizes)
    own, other, rivals, variances, far = _two_nearest(
        data, centers, labels, filled, _in_units(row_weights)
    )
    weights = np.bincount(labels, weights=row_weights, minlength=k).astype(np.float64)
    weighted = own if row_weights is None else row_weights * own
    inertia = np.bincount(labels, weights=weighted, minlength=k).astype(np.float64)

    with np.errstate(over="ignore"):
        totals = np.ldexp(weights, exponent), np.ldexp(inertia, exponent)
    if not np.isfinite(totals).all():
        raise OverflowError("the inertia exceeds the largest float64; divide X by a power of two")

    apart = cdist(centers, centers)
    zones = _zones(apart, variances, weights)
    margins = np.full(n, np.inf)
    between = np.zeros(n, dtype=bool)
    if len(filled) > 1:
        ways = apart[labels, rivals]
        with np.errstate(divide="ignore", invalid="ignore"):
            # Centres that are the same have no bisector: their rows lie on it.
            margins = np.where(ways > 0, (other - own) / (2 * ways), 0.0)
        between = margins <= zones[labels, rivals]
    matrix, pairs = _shares_between(labels, rivals, between, row_weights, weights)
    nearest = np.full(k, np.nan)
    others = np.where(np.eye(k, dtype=bool), np.inf, apart)[np.ix_(filled, filled)]
    nearest[filled] = others.min(axis=1, initial=np.inf)
    counted = ~far if row_weights is None else np.where(far, 0.0, row_weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        radius = np.sqrt(
            np.bincount(labels, counted * own, k) / np.bincount(labels, counted, k).astype(float)
        )
    return Overlap(
        labels=labels,
        rivals=rivals,
        distances=np.sqrt(own),
        rival_distances=np.sqrt(other),
        margins=margins,
        between=between,
        sizes=sizes,
        weights=totals[0],
        inertia=totals[1],
        radius=radius,
        separation=nearest,
        zones=zones,
        matrix=matrix,
        pairs=pairs,
        far=far,
        centers=centers,
    )


def simplified_silhouettes(own: Floats, other: Floats) -> Floats:
    """Return (b - a) / max(a, b) of every row.

    Parameters
    ----------
    own, other : ndarray of shape (n_samples,)
        a, the distance to the own centre, and b, that to the nearest other one.

    Returns
    -------
    widths : ndarray of shape (n_samples,)
        NaN where both are 0, or where there is no other centre.

    References
    ----------
    Hruschka, de Castro and Campello, "Evolutionary algorithms for clustering gene-expression data",
    ICDM 2004.
    """
    with np.errstate(invalid="ignore"):
        widths: Floats = (other - own) / np.maximum(own, other)
    return widths


def medians_of(values: Floats, labels: NDArray[np.int32], n_clusters: int) -> Floats:
    """Return the median of every cluster's values; NaN where a cluster has none.

    Parameters
    ----------
    values : ndarray of shape (n,)
        A number for every row.
    labels : ndarray of shape (n,)
        Its cluster.
    n_clusters : int
        How many clusters there are.
    """
    sizes = np.bincount(labels, minlength=n_clusters)
    ends = np.cumsum(sizes)
    short = labels.astype(np.uint16) if n_clusters <= 1 << 16 else labels
    ordered = values[np.argsort(short, kind="stable")]
    medians = np.full(n_clusters, np.nan)
    for j in np.flatnonzero(sizes):
        some = ordered[ends[j] - sizes[j] : ends[j]]
        middle = len(some) // 2
        some.partition((middle - (len(some) + 1) % 2, middle))
        medians[j] = (some[middle - (len(some) + 1) % 2] + some[middle]) / 2
    return medians


def in_range(weights: Floats) -> tuple[Floats, int]:
    """Return weights in a unit, a power of two, in which sums and shares do not leave float64.

    Parameters
    ----------
    weights : ndarray of float64
        None negative, not all zero.

    Returns
    -------
    weights : ndarray of float64
        Times 2**-exponent.
    exponent : int
        0 unless the largest weight is near an end of float64's range.
    """
    exponent = int(np.frexp(weights.max())[1])
    if abs(exponent) < 900:
        return weights, 0
    return np.ldexp(weights, -exponent), exponent


def _two_nearest(
    data: Dataset,
    centers: Floats,
    labels: NDArray[np.int32],
    filled: NDArray[np.intp],
    units: NDArray[np.uint32] | None,
) -> tuple[Floats, Floats, NDArray[np.int32], Floats, NDArray[np.bool_]]:
    """Return squared distances to the own centre and the rival, rivals, variances, far rows.

    Only centres that have rows are looked at. Variances are those of cluster i on the way to
    centre j, in units of the squared way, without rows that are far.
    """
    k = len(centers)
    among, places = centers[filled], np.zeros(k, dtype=np.int32)
    places[filled] = np.arange(len(filled))
    found = data.run(TwoNearest(among, places[labels], units, shares=True))
    own, other, rivals = found.rows.whole()
    if not np.isfinite(own).all():
        raise OverflowError(
            "squared distances exceed the largest float64; divide X by a power of two"
        )
    typical = medians_of(own, labels, k)[labels]
    far = (own > REACH**2 * typical) & (typical > 0)
    if far.any():
        units = np.ones(len(far), np.uint32) if units is None else units
        found = data.run(
            TwoNearest(among, places[labels], np.where(far, np.uint32(0), units), shares=True)
        )
    assert found.shares is not None
    variances = np.zeros((k, k))
    variances[np.ix_(filled, filled)] = found.shares.moments()[1]
    if len(filled) < k:
        rivals = np.where(rivals < 0, -1, filled[rivals]).astype(np.int32)
    return own, other, rivals, variances, far


def _in_units(weights: Floats | None) -> NDArray[np.uint32] | None:
    if weights is None:
        return None
    units: NDArray[np.uint32] = np.rint(weights * (WEIGHT_UNITS / weights.max())).astype(np.uint32)
    return units


def _zones(apart: Floats, variances: Floats, weights: Floats) -> Floats:
    """Return s² log(odds) / |c1 - c2|: variances are in units of the squared way between them."""
    heavy = np.maximum(weights[:, None] + weights[None, :], np.finfo(np.float64).tiny)
    pooled = (weights[:, None] * variances + weights[None, :] * variances.T) / heavy
    zones: Floats = pooled * apart * np.log(ODDS)
    return zones


def _shares_between(
    labels: NDArray[np.int32],
    rivals: NDArray[np.int32],
    between: NDArray[np.bool_],
    row_weights: Floats | None,
    weights: Floats,
) -> tuple[Floats, Floats]:
    k = len(weights)
    cells = labels[between].astype(np.intp) * k + rivals[between]
    some = None if row_weights is None else row_weights[between]
    lying = np.bincount(cells, weights=some, minlength=k * k).reshape(k, k).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = np.nan_to_num(lying / weights[:, None])
        pairs = np.nan_to_num((lying + lying.T) / (weights[:, None] + weights[None, :]))
    return matrix, pairs
