"""Reference tables: rows that have no clusters, but are in other ways like those of a sample.

Every column has one peak: the distribution of one peak that is nearest to the column's own, so that
long tails, bounds and the steps of a scale stay, and gaps between clusters are filled. Columns hang
together as those of the sample do, by the correlation of their normal scores: rows are normal ones
with that correlation, and each column is then taken to its own distribution. (That is a Gaussian
copula; of Gaussian rows it is a random rotation, Langsrud, "Rotation tests", Stat. Comput. 15,
2005. The nearest decreasing density: Grenander, Skand. Aktuarietidskr. 39, 1956.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from sklearn import config_context
from sklearn.isotonic import isotonic_regression

from centra.selection.samples import Sample

Floats = NDArray[np.float64]

#: Places of a column's peak that are tried.
PEAKS = 8
#: Places at which a column's distribution is taken, at most: its quantiles.
PLACES = 129
#: Columns up to which correlations are corrected for ties.
CORRECTED = 500
#: The least share of a normal score that is taken to be left where there are ties.
LEAST_LEFT = 0.1


@dataclass(frozen=True)
class Column:
    """How one column of reference tables is spread.

    Attributes
    ----------
    places, cdf : ndarray
        Its distribution function, linear between places.
    first, step : float
        Values are `first` and whole steps from there; step 0 if they may be any.
    two : bool
        Whether there are only the first and the last place: values of such a column are names, not
        numbers that were rounded.
    """

    places: Floats
    cdf: Floats
    first: float
    step: float
    two: bool = False

    def at(self, shares: Floats) -> Floats:
        """Return the values below which given shares of the rows lie."""
        if self.two:
            either: Floats = self.places[(shares >= self.cdf[0]).astype(np.intp)]
            return either
        values: Floats = np.interp(shares, self.cdf, self.places)
        if self.step > 0:
            values = self.first + np.rint((values - self.first) / self.step) * self.step
        return values


@dataclass(frozen=True)
class References:
    """What reference tables of a sample are drawn from.

    Attributes
    ----------
    columns : list of Column
        How each column is spread.
    mixing : ndarray of shape (n_sources, n_features)
        What makes the normal scores of a row of as many independent ones.
    weights : ndarray of shape (n_samples,) or None
        Weights of rows.
    n : int
        Number of rows.
    """

    columns: list[Column]
    mixing: Floats
    weights: Floats | None
    n: int

    @classmethod
    def like(cls, sample: Sample, rng: np.random.Generator) -> References:
        """Learn from a dense sample, in which not all rows are the same."""
        rows = np.asarray(sample.rows, dtype=np.float64)
        rows = rows[:, (rows != rows[0]).any(axis=0)]
        shares = np.full(len(rows), 1 / len(rows))
        if sample.weights is not None:
            shares = sample.weights / sample.weights.sum()
        alone = rows.shape[1] == 1
        # Checks of parameters take longer than what is checked.
        with config_context(skip_parameter_validation=True):
            columns = [spread_of(column, shares, alone, rng) for column in rows.T]
        scores = np.column_stack([normal_scores(column, shares) for column in rows.T])
        return cls(columns, _mixing(scores, shares), sample.weights, len(rows))

    def draw(self, rng: np.random.Generator) -> Sample:
        """Draw a table."""
        sources = rng.normal(size=(self.n, len(self.mixing)))
        if self.n > len(self.mixing):
            # As many rows of exactly this mean and correlation, not only on average.
            sources -= sources.mean(axis=0)
            q, r = np.linalg.qr(sources)
            sources = q * np.sign(np.diag(r)) * np.sqrt(self.n)
        shares = ndtr(sources @ self.mixing)
        rows = np.column_stack(
            [column.at(share) for column, share in zip(self.columns, shares.T, strict=True)]
        )
        weights = self.weights
        return Sample(rows, None if weights is None else rng.permutation(weights))


def spread_of(values: Floats, shares: Floats, alone: bool, rng: np.random.Generator) -> Column:
    """Find the distribution of one peak that is nearest to that of a column.

    Equal values are spread over the step between different ones, as if they had been rounded. Two
    different values stay as they are, unless the column is alone: then nothing else tells clusters.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Not all the same.
    shares : ndarray of shape (n_samples,)
        What each row weighs; 1 together.
    alone : bool
        Whether there is no other column.
    rng : Generator
        What spreads equal values.
    """
    different = np.unique(values)
    first, step = float(different[0]), 0.0
    if len(different) == 2 and not alone:
        share = float(shares[values == different[0]].sum())
        return Column(different, np.array([share, 1.0]), first, step, two=True)
    if 2 < len(different) < len(values):
        step = float(np.diff(different).min())
        values = values + rng.uniform(-step / 2, step / 2, size=len(values))
    order = np.argsort(values, kind="stable")
    places, masses = values[order], shares[order]
    masses = (masses[:-1] + masses[1:]) / 2
    masses /= masses.sum()
    if len(places) > PLACES:
        at = np.linspace(0, len(places) - 1, PLACES).astype(np.intp)
        places, masses = places[at], np.add.reduceat(masses, at[:-1])
    return Column(places, one_peak(places, masses), first, step)


def one_peak(places: Floats, masses: Floats) -> Floats:
    """Return the nearest distribution function that rises ever faster, and then ever slower.

    Parameters
    ----------
    places : ndarray of shape (m,)
        In ascending order.
    masses : ndarray of shape (m - 1,)
        What lies between a place and the next; 1 together.

    Returns
    -------
    cdf : ndarray of shape (m,)
        At the places. Of several peaks, at quantiles, that whose largest error is the smallest.

    Examples
    --------
    >>> one_peak(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.4, 0.2, 0.4])).round(2).tolist()
    [0.0, 0.4, 0.7, 1.0]
    """
    lengths = np.maximum(np.diff(places), (places[-1] - places[0]) * 1e-9)
    density = masses / lengths
    own: Floats = np.r_[0.0, np.cumsum(masses)]
    best, error = own, math.inf
    for peak in np.unique(np.linspace(0, len(masses) - 1, PEAKS).round().astype(int)):
        fitted = np.empty_like(density)
        left, right = slice(0, peak), slice(peak, None)
        if peak:
            fitted[left] = isotonic_regression(density[left], sample_weight=lengths[left])
        fitted[right] = isotonic_regression(
            density[right], sample_weight=lengths[right], increasing=False
        )
        cdf = np.r_[0.0, np.cumsum(fitted * lengths)]
        off = float(np.abs(cdf - own).max())
        if off < error:
            best, error = cdf / cdf[-1], off
    return best


def normal_scores(values: Floats, shares: Floats) -> Floats:
    """Return what values would be if they were normal; equal ones are the mean of theirs."""
    different, which = np.unique(values, return_inverse=True)
    of_each = np.bincount(which, weights=shares, minlength=len(different))
    bounds = ndtri(np.clip(np.cumsum(of_each)[:-1], 0.0, 1.0))
    heights = np.r_[0.0, np.exp(-np.square(bounds) / 2) / np.sqrt(2 * np.pi), 0.0]
    scores: Floats = -np.diff(heights) / of_each
    return scores[which]


def _mixing(scores: Floats, shares: Floats) -> Floats:
    """Factor the correlation of normal scores, whatever ties leave of it."""
    n, d = scores.shape
    scores = scores - shares @ scores
    left = np.sqrt(shares @ np.square(scores))
    if d > min(n - 1, CORRECTED):
        _, sizes, directions = np.linalg.svd(
            scores / left * np.sqrt(shares)[:, None], full_matrices=False
        )
        kept = sizes > sizes[0] * 1e-8
        wide: Floats = sizes[kept, None] * directions[kept]
        return wide
    # Scores of ties are means over ranges of scores, with a variance of v < 1: a correlation of r
    # becomes r v of one column and v of the other.
    scores /= np.square(np.clip(left, LEAST_LEFT, 1.0))
    correlation = (scores * shares[:, None]).T @ scores
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    mixing: Floats = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
    mixing /= np.sqrt(np.square(mixing).sum(axis=0))
    return mixing
