"""Stability: whether other rows from the same source would have given the same clusters.

Two fits, each to a random half of the sample, label all of it; the adjusted Rand index says how far
they agree (1: the same clusters, 0: no more than by chance).
Ben-Hur, Elisseeff and Guyon, "A stability based method for discovering structure in clustered
data", PSB 2002; von Luxburg, "Clustering stability: an overview", Found. Trends Mach. Learn. 2(3),
2010.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from centra._assign.nearest import nearest_labels
from centra._data.dataset import Dataset
from centra._lloyd.model import Model
from centra.selection.agreement import adjusted_rand
from centra.selection.samples import Fitter, Sample

Floats = NDArray[np.float64]

#: Agreement that is as good as the best.
AS_GOOD = 0.02
#: Clusters that agree less are hardly found again: of one Gaussian in two columns the best agree
#: 0.46, of two whose means are 3 standard deviations apart 0.98.
STABLE = 0.8


@dataclass(frozen=True)
class Stability:
    """How far two fits agree, for every k of a sweep.

    Attributes
    ----------
    ks : tuple of int
        Numbers of clusters.
    agreements : ndarray of shape (repeats, len(ks))
        Adjusted Rand index of two fits; NaN where it cannot be had.
    reasons : dict of int to str
        Why some are NaN.
    """

    ks: tuple[int, ...]
    agreements: Floats = field(repr=False)
    reasons: dict[int, str] = field(repr=False)

    @property
    def means(self) -> Floats:
        """Mean agreement for every k."""
        means: Floats = self.agreements.mean(axis=0)
        return means

    @property
    def deviations(self) -> Floats:
        """Standard deviation of the agreement for every k."""
        deviations: Floats = self.agreements.std(axis=0, ddof=1)
        return deviations

    @property
    def choice(self) -> int | None:
        """The largest k that agrees as well as the best, but for its standard error or 0.02.

        Few clusters are often found again even where there are more: the largest k counts. None
        where the best agrees less than 0.8, or where there are no numbers.
        """
        means, repeats = self.means, len(self.agreements)
        if np.isnan(means).all() or np.nanmax(means) < STABLE:
            return None
        slack = np.maximum(self.deviations / math.sqrt(repeats), AS_GOOD)
        as_good = means + slack >= np.nanmax(means)
        return self.ks[int(np.flatnonzero(as_good)[-1])]


def stability_of(
    sample: Sample,
    ks: Sequence[int],
    fitter: Fitter,
    seeds: np.random.SeedSequence,
    repeats: int,
    advance: Callable[[float], None] = lambda share: None,
) -> Stability:
    """Fit to random halves of a sample and compare what they say of all of it.

    Parameters
    ----------
    sample : Sample
        The rows.
    ks : sequence of int
        Numbers of clusters.
    fitter : Fitter
        How halves are fitted.
    seeds : SeedSequence
        What every repeat derives its draws from.
    repeats : int
        Number of pairs of halves.
    advance : callable
        Told what share of the work was done since it was last told.
    """
    half = len(sample) // 2
    different = sample.different(max(ks))
    reasons: dict[int, str] = {}
    for k in ks:
        if k == 1:
            reasons[k] = "one cluster is found again always"
        elif different < k and different < len(sample):
            reasons[k] = sample.has_only(different)
        elif k > half:
            reasons[k] = f"half of the sample has {half:,} rows"
    known = [k for k in ks if k not in reasons]
    agreements = np.full((repeats, len(ks)), np.nan)
    for at, child in enumerate(seeds.spawn(repeats) if known else ()):
        rng = np.random.default_rng(child)
        order = rng.permutation(len(sample))
        halves = [np.sort(order[:half]), np.sort(order[half:])]
        parts = [fitter.prepared(sample.part(rows)) for rows in halves]
        starts = [fitter.nests(part, known, rng) for part in parts]
        for k in known:
            one, other = (fitter.model(*both, k) for both in zip(parts, starts, strict=True))
            # Each labels its own half and the other's: all rows of the sample.
            by_one = [one.labels, labels_by(one, parts[1])]
            by_other = [labels_by(other, parts[0]), other.labels]
            agreements[at, ks.index(k)] = adjusted_rand(
                np.concatenate(by_one), np.concatenate(by_other)
            )
        advance(1 / repeats)
    return Stability(tuple(ks), agreements, reasons)


def labels_by(model: Model, data: Dataset) -> NDArray[np.int32]:
    """Return the nearest of a model's centres for every row of other data."""
    return nearest_labels(data, model.centers.astype(np.float64), keep=True)
