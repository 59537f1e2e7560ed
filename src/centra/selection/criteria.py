"""Criteria: numbers that say how good one clustering is, so that several can be compared.

Those of scikit-learn (silhouette, Calinski-Harabasz, Davies-Bouldin) are as it defines them: of
the labels and their means. (`cluster_centers_` are not the means where a fit stopped by `tol`.)
Weights count rows: a row of weight 3 is three equal rows, here and in every formula below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from centra._data.dataset import Dataset
from centra._data.passes import OwnDistances, TwoNearest
from centra._diagnostics.overlap import simplified_silhouettes
from centra._lloyd.model import Model
from centra._utils.text import count

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Criterion:
    """A way to compare numbers of clusters.

    Attributes
    ----------
    name : str
        Its column in the table.
    title : str
        What it is called in prose.
    better : {"higher", "lower", "rule"}
        Which k it picks: that of the highest or lowest number, or one by a rule of its own.
    meaning : str
        What it measures, in a sentence.
    source : str
        Where it is defined.
    """

    name: str
    title: str
    better: str
    meaning: str
    source: str


#: All criteria by name. Inertia is none of them: it falls with every cluster more.
CRITERIA: dict[str, Criterion] = {
    each.name: each
    for each in (
        Criterion(
            "silhouette",
            "silhouette",
            "higher",
            "Mean over rows of (b - a) / max(a, b), a the mean distance to the other rows of the "
            "own cluster, b the least mean distance to those of another; at most 1.",
            'Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of '
            'cluster analysis", J. Comput. Appl. Math. 20, 1987',
        ),
        Criterion(
            "simplified_silhouette",
            "simplified silhouette",
            "higher",
            "The same with a the distance to the own centre and b that to the second nearest.",
            'Hruschka, de Castro and Campello, "Evolutionary algorithms for clustering '
            'gene-expression data", ICDM 2004',
        ),
        Criterion(
            "calinski_harabasz",
            "Calinski-Harabasz index",
            "higher",
            "Scatter between clusters over scatter within, each by its degrees of freedom: "
            "(B / (k - 1)) / (W / (n - k)).",
            'Calinski and Harabasz, "A dendrite method for cluster analysis", Commun. Stat. 3(1), '
            "1974",
        ),
        Criterion(
            "davies_bouldin",
            "Davies-Bouldin index",
            "lower",
            "Mean over clusters of the largest (s_i + s_j) / |m_i - m_j|, s the mean distance of "
            "a cluster's rows to its mean m; at least 0.",
            'Davies and Bouldin, "A cluster separation measure", IEEE Trans. Pattern Anal. Mach. '
            "Intell. 1(2), 1979",
        ),
        Criterion(
            "bic",
            "BIC",
            "lower",
            "-2 log-likelihood + p log n of k spherical Gaussians with one variance, every row in "
            "its own cluster, p = k - 1 + k d + 1.",
            'Pelleg and Moore, "X-means: extending k-means with efficient estimation of the '
            'number of clusters", ICML 2000, section 3.2',
        ),
        Criterion(
            "gap",
            "gap statistic",
            "rule",
            "How much lower log inertia is than for rows drawn uniformly from a box; the smallest "
            "k whose gap is at least the next one's less its standard error, and with none after "
            "it that is higher by far.",
            'Tibshirani, Walther and Hastie, "Estimating the number of clusters in a data set via '
            'the gap statistic", J. R. Stat. Soc. B 63(2), 2001',
        ),
        Criterion(
            "stability",
            "stability",
            "rule",
            "Adjusted Rand index of what two fits, each to a random half of the sample, say of "
            "all of it; the largest k that agrees about as well as the best.",
            'Ben-Hur, Elisseeff and Guyon, "A stability based method for discovering structure in '
            'clustered data", PSB 2002; von Luxburg, "Clustering stability: an overview", Found. '
            "Trends Mach. Learn. 2(3), 2010",
        ),
    )
}


@dataclass(frozen=True)
class Clustering:
    """The clusters of a model that weigh something, numbered from 0 without holes.

    Attributes
    ----------
    labels : ndarray of int32 of shape (n_samples,)
        Cluster of every row; -1 for rows, all of weight 0, of clusters that weigh nothing.
    centers, means : ndarray of float64 of shape (n_clusters, n_features)
        The centres, and the means of the rows.
    masses : ndarray of float64 of shape (n_clusters,)
        What the clusters weigh: their rows, if rows have no weights.
    asked : int
        How many clusters the model was asked for; 0 where nobody says.
    """

    labels: NDArray[np.int32]
    centers: Floats
    means: Floats
    masses: Floats
    asked: int = 0

    @classmethod
    def of(cls, model: Model, weights: Floats | None) -> Clustering:
        """Leave out what weighs nothing: a criterion is one of the clusters that are there."""
        k = len(model.centers)
        masses = np.bincount(model.labels, weights=weights, minlength=k).astype(np.float64)
        centers, labels = model.centers.astype(np.float64), model.labels
        filled = masses > 0
        if not filled.all():
            number = np.where(filled, np.cumsum(filled) - 1, -1).astype(np.int32)
            labels = number[labels]
        kept = np.ascontiguousarray
        return cls(labels, kept(centers[filled]), kept(model.means[filled]), masses[filled], k)

    @property
    def total(self) -> float:
        """What all rows weigh together."""
        return float(self.masses.sum())

    def fewer(self) -> str | None:
        """Say that there are fewer clusters than were asked for, where rows are too few."""
        if len(self.masses) >= self.asked:
            return None
        return f"only {count(len(self.masses), 'cluster')} can be made of the different rows"

    def why_not(self) -> str | None:
        """Say why clusters cannot be compared with each other, if they cannot."""
        k = len(self.masses)
        if (fewer := self.fewer()) is not None:
            return fewer
        if k < 2:
            return "there is one cluster only"
        if self.total <= k:
            return "there are no more rows (by weight) than clusters"
        return None


@dataclass(frozen=True)
class Bench:
    """Measures clusterings of some rows; takes 20 bytes a row meanwhile."""

    data: Dataset

    def mean(self, values: Floats) -> float:
        """Return the weighted mean of a number per row."""
        weights = self.data.weights
        return float(np.average(values, weights=weights))

    def squares_to(self, centers: Floats, labels: NDArray[np.int32]) -> Floats:
        """Return the squared distance of every row to the centre of its label."""
        (squares,) = self.data.run(OwnDistances(centers, np.maximum(labels, 0))).whole()
        return squares

    def simplified_silhouette(self, found: Clustering) -> float:
        """Return the mean of (b - a) / max(a, b), b the distance to the second nearest centre.

        A row that is alone in its cluster counts 0, as in the silhouette.
        """
        labels = np.maximum(found.labels, 0)
        own, other, _ = self.data.run(TwoNearest(found.centers, labels)).rows.whole()
        if not other.max() < np.inf:
            raise OverflowError(
                "squared distances exceed the largest float64; divide X by a power of two"
            )
        own, other = np.sqrt(own, out=own), np.sqrt(other, out=other)
        return self.mean(neutral(simplified_silhouettes(own, other), labels, found.masses))

    def compare(self, found: Clustering) -> tuple[dict[str, float], dict[str, str]]:
        """Return the criteria of one clustering by name, and why some are NaN."""
        numbers: dict[str, float] = {}
        why_not = found.why_not()
        if why_not is None:
            numbers["simplified_silhouette"] = self.simplified_silhouette(found)
        squares = self.squares_to(found.means, found.labels)
        weights = self.data.weights
        within = float(squares.sum() if weights is None else weights @ squares)
        if why_not is None:
            numbers["calinski_harabasz"] = calinski_harabasz(found, within)
            distances = np.sqrt(squares, out=squares)
            if weights is not None:
                distances *= weights
            spread = np.bincount(np.maximum(found.labels, 0), weights=distances)
            numbers["davies_bouldin"] = davies_bouldin(found, spread / found.masses)
        reasons = {} if why_not is None else dict.fromkeys(NEED_TWO, why_not)
        fewer = found.fewer()
        if fewer is not None:
            reasons["bic"] = fewer
            return numbers, reasons
        numbers["bic"] = bic(found, within, self.data.n_features)
        if math.isnan(numbers["bic"]):
            reasons["bic"] = "most rows are a cluster of their own: no likelihood has a maximum"
        return numbers, reasons


#: Criteria that compare clusters with each other.
NEED_TWO = ("silhouette", "simplified_silhouette", "calinski_harabasz", "davies_bouldin")


def neutral(widths: Floats, labels: NDArray[np.int32], masses: Floats) -> Floats:
    """Set silhouettes to 0 where they say nothing: alone in a cluster, or 0 / 0."""
    alone = masses <= 1
    if alone.any():
        widths[alone[labels]] = 0.0
    widths[np.isnan(widths)] = 0.0
    return widths


def calinski_harabasz(found: Clustering, within: float) -> float:
    """Return (B / (k - 1)) / (W / (n - k)).

    Parameters
    ----------
    found : Clustering
        Of at least two clusters.
    within : float
        W, the sum of squared distances to the means.

    Returns
    -------
    index : float
        Infinite where every row lies on its mean (scikit-learn gives 1.0 there).
    """
    n, k, masses = found.total, len(found.masses), found.masses
    middle = masses @ found.means / n
    between = float(masses @ np.square(found.means - middle).sum(axis=1))
    return math.inf if within == 0 else (between / (k - 1)) / (within / (n - k))


def davies_bouldin(found: Clustering, spread: Floats) -> float:
    """Return the mean over clusters of the largest (s_i + s_j) / |m_i - m_j|.

    Parameters
    ----------
    found : Clustering
        Of at least two clusters.
    spread : ndarray of shape (n_clusters,)
        s, the mean distance of a cluster's rows to their mean.
    """
    apart = cdist(found.means, found.means)
    # As in scikit-learn, means that are the same are not compared.
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread) / apart).max(axis=1).mean())


def bic(found: Clustering, within: float, n_features: int) -> float:
    """Return the BIC of k spherical Gaussians with one variance; lower is better.

    With n rows in d columns, n_j of them in cluster j, and W their squared distances to the means,
    the likelihood is greatest for shares n_j / n and variance W / (n d) in every direction::

        log L = sum_j n_j log(n_j / n) - (n d / 2) (log(2 pi W / (n d)) + 1)
        BIC   = -2 log L + p log n,   p = (k - 1) + k d + 1

    Every row is in one cluster for sure, as in X-means (Pelleg and Moore, ICML 2000, section 3.2),
    whose score is -BIC / 2 but for two things: there the variance is divided by n - k, so that L is
    not at its maximum, and the density misses a power d.

    Parameters
    ----------
    found : Clustering
        The clusters.
    within : float
        W.
    n_features : int
        d.

    Returns
    -------
    bic : float
        If W is 0, minus infinity, which nothing can beat; NaN where that is so only because there
        are fewer than two rows a cluster.
    """
    if within == 0:
        return -math.inf if found.total >= 2 * len(found.masses) else math.nan
    n, k, d, masses = found.total, len(found.masses), n_features, found.masses
    spread = n * d / 2 * (math.log(2 * math.pi * within / (n * d)) + 1)
    likelihood = float(masses @ np.log(masses / n)) - spread
    return -2 * likelihood + (k + k * d) * math.log(n)
