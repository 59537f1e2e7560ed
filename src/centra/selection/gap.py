"""The gap statistic: how much lower inertia is than that of rows without any clusters.

Tibshirani, Walther and Hastie, "Estimating the number of clusters in a data set via the gap
statistic", J. R. Stat. Soc. B 63(2), 2001.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from centra.selection.samples import Fitter, Sample

Floats = NDArray[np.float64]

#: A later gap is higher by far if it is so by this, a fifth of the inertia, and a standard error.
#: Of rows without clusters (Gaussian, exponential, uniform in boxes and discs) the highest is 0.05
#: above the one chosen, 0.14 at most; of Gaussians 3.5 standard deviations apart 0.27 and more.
FAR = 0.2
#: The same where the test of structure has found clusters: in many columns these lower log inertia
#: by less (decision 0060).
NEAR = 0.05


#: Starts of the sample's own fits at least, unless `n_init` is given: one that got stuck hides the
#: right k, as those of uniform rows do not.
OWN_STARTS = 5


@dataclass(frozen=True)
class Gap:
    """The gap statistic of a sample for k = 1 and every k of a sweep.

    Attributes
    ----------
    ks : tuple of int
        1 and the others.
    values : ndarray of shape (len(ks),)
        Mean log inertia of the reference sets less that of the sample: infinite where all rows of
        the sample lie on their centres, NaN where it cannot be had.
    errors : ndarray of shape (len(ks),)
        Its standard error: the references' standard deviation times sqrt(1 + 1 / repeats).
    logs : ndarray of shape (len(ks),)
        Log inertia of the sample.
    reference_logs : ndarray of shape (repeats, len(ks))
        Log inertia of the reference sets.
    reasons : dict of int to str
        Why some are NaN.
    """

    ks: tuple[int, ...]
    values: Floats
    errors: Floats
    logs: Floats = field(repr=False)
    reference_logs: Floats = field(repr=False)
    reasons: dict[int, str] = field(repr=False)

    @property
    def first(self) -> int | None:
        """The smallest k whose gap is at least the next one's less its standard error.

        The rule of the paper. The largest k where the gap rises to the end; None where there are no
        gaps.
        """
        return self._smallest(math.inf)

    @property
    def choice(self) -> int | None:
        """The smallest such k that has no gap after it which is higher by far.

        The gap of clusters around one in the middle, or of clusters of clusters, falls before it
        rises: the rule alone may find no clusters where they are plain to see.
        """
        return self._smallest(FAR)

    def choice_of_clusters(self, least: int = 2) -> int | None:
        """Return the smallest such k from `least` on, where it is known that there are clusters.

        Then a later gap need not be higher by far.
        """
        return self._smallest(NEAR, least)

    def _smallest(self, far: float, least: int = 1) -> int | None:
        known = [
            at for at, k in enumerate(self.ks) if k >= least and not math.isnan(self.values[at])
        ]
        for number, (at, after) in enumerate(pairwise(known)):
            lower = self.values - self.errors
            rest = known[number + 1 :]
            if self.values[at] >= max(lower[after], lower[rest].max() - far):
                return self.ks[at]
        return self.ks[known[-1]] if known else None


def gap_statistic(
    sample: Sample,
    ks: Sequence[int],
    fitter: Fitter,
    seeds: np.random.SeedSequence,
    repeats: int,
    advance: Callable[[float], None] = lambda share: None,
) -> Gap:
    """Compare the log inertia of a sample with that of reference sets.

    The reference sets are uniform in the box of the sample's principal components (the paper's
    choice b), with the sample's weights; they depend on the seeds and the sample, not on `ks`.

    Parameters
    ----------
    sample : Sample
        Dense rows.
    ks : sequence of int
        Numbers of clusters; 1 is added.
    fitter : Fitter
        How both are fitted.
    seeds : SeedSequence
        What every repeat derives its draws from.
    repeats : int
        Number of reference sets.
    advance : callable
        Told what share of the work was done since it was last told.
    """
    ks = tuple(sorted({1, *ks}))
    reasons: dict[int, str] = {}
    # One thread: the same sums for any number of threads, and none that waits for another.
    with threadpool_limits(1, user_api="blas"):
        places = components(sample)
    different = sample.different(max(ks))
    for k in ks:
        if places.shape[1] == 0:
            reasons[k] = "all rows are the same"
        elif k > different:
            reasons[k] = sample.has_only(different)
        elif k == different and 2 * k > len(sample):
            reasons[k] = "most rows of the sample are a cluster of their own"
    known = [k for k in ks if k not in reasons]
    logs = np.full(len(ks), np.nan)
    reference_logs = np.full((repeats, len(ks)), np.nan)
    own, *others = seeds.spawn(repeats + 1)
    low, high = (places.min(axis=0), places.max(axis=0)) if known else (places[:0], places[:0])
    for at, child in enumerate([own, *others]):
        if not known:
            break
        rng = np.random.default_rng(child)
        # Rotated rows are as good as rows: distances are the same.
        rows = places if at == 0 else uniform(low, high, len(sample), rng)
        data = fitter.prepared(Sample(rows, sample.weights))
        nests = fitter.nests(data, known, rng, OWN_STARTS if at == 0 else 1)
        for k in known:
            into = logs if at == 0 else reference_logs[at - 1]
            # So many different rows lie on their centres, whatever rounding says.
            on_them = at == 0 and k == different
            inertia = 0.0 if on_them else fitter.model(data, nests, k).inertia
            into[ks.index(k)] = math.log(inertia) if inertia > 0 else -math.inf
        advance(1 / (repeats + 1))
    values = reference_logs.mean(axis=0) - logs
    errors = reference_logs.std(axis=0) * math.sqrt(1 + 1 / repeats)
    errors[np.isnan(values)] = np.nan
    return Gap(ks, values, errors, logs, reference_logs, reasons)


def uniform(low: Floats, high: Floats, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw n rows from a box, in float32: half as much to read, and log inertia is no other."""
    rows = rng.random(size=(n, len(low)), dtype=np.float32)
    rows *= (high - low).astype(np.float32)
    rows += low.astype(np.float32)
    return rows


def components(sample: Sample) -> Floats:
    """Return the rows in their principal components, in units of the largest deviation.

    Components in which all rows are the same are left out. Units do not matter: a factor is added
    to all logs alike.
    """
    rows, weights = sample.rows.astype(np.float64, copy=False), sample.weights
    centred = rows - np.average(rows, axis=0, weights=weights)
    unit = np.abs(centred).max()
    if unit == 0:
        return np.empty((len(rows), 0))
    centred /= unit
    weighed = centred if weights is None else centred * np.sqrt(weights / weights.max())[:, None]
    # The smaller of the two: columns by columns, or rows by rows.
    wide = rows.shape[1] > rows.shape[0]
    values, vectors = np.linalg.eigh(weighed @ weighed.T if wide else weighed.T @ weighed)
    kept = values > values[-1] * len(values) * np.finfo(np.float64).eps
    directions = vectors[:, kept]
    if wide:
        directions = weighed.T @ directions / np.sqrt(values[kept])
    # A direction has two signs; which one comes out is nobody's choice.
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, np.arange(directions.shape[1])])
    places: Floats = np.ascontiguousarray(centred @ directions)
    return places
