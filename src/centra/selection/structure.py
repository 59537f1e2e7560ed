"""Whether there are clusters at all: a test against rows that have none.

k-means lowers the inertia of any rows. The test says whether it lowers that of a sample further
than that of reference tables (`references`), for any k of a sweep: log(W_1 / W_k), W the inertia,
is compared with its mean over the tables, in units of its standard deviation. (The idea is that of
Liu, Hayes, Nobel and Marron, "Statistical significance of clustering for high-dimension,
low-sample size data", J. Am. Stat. Assoc. 103, 2008, whose reference is one Gaussian.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from threadpoolctl import threadpool_limits

from centra._utils.sampling import sampled
from centra.selection.gap import Gap
from centra.selection.references import References
from centra.selection.samples import Fitter, Sample
from centra.selection.stability import Stability

Floats = NDArray[np.float64]

#: Rows that the test is made of, at most, and of wide rows as many as hold so many numbers, but not
#: fewer than some: more do not show more.
ROWS, FEWEST_ROWS, SIZE = 1_000, 400, 20_000
#: Numbers of clusters that are tried, at most.
KS = 6
#: Reference tables, at least and at most; and numbers that they hold together, if that is between.
FEWEST, MOST, NUMBERS = 10, 24, 60_000
#: How likely rows without clusters are to pass the test at one k, if the tables are like them.
LEVEL = 0.015

ALL_THE_SAME = "All rows are the same: there are no clusters to find."
NONE = (
    "Nothing shows that there are clusters: rows without clusters, whose columns are spread and "
    "correlated like these, fall into groups as tight."
)
SOME = "Groups are tighter than those of rows without clusters that are spread like these."


@dataclass(frozen=True)
class Structure:
    """Whether there are clusters.

    Attributes
    ----------
    there : bool
        Whether they are tighter than those of rows without clusters, for any k.
    why : str
        What to say, a sentence.
    ks : tuple of int
        Numbers of clusters that were tried.
    scores : ndarray of shape (len(ks),)
        How much tighter, in standard deviations of the reference tables; infinite where all rows
        lie on their centres, NaN where those of a reference table do so too.
    least : float
        The score from which on there are clusters.
    """

    there: bool
    why: str
    ks: tuple[int, ...] = ()
    scores: Floats = field(default_factory=lambda: np.empty(0), repr=False)
    least: float = np.inf


@dataclass(frozen=True)
class StructureTest:
    """The test of one sample.

    Attributes
    ----------
    sample : Sample
        Dense rows.
    ks : sequence of int
        Numbers of clusters.
    fitter : Fitter
        How the sample and the tables are fitted.
    """

    sample: Sample
    ks: Sequence[int]
    fitter: Fitter

    def run(
        self,
        seeds: np.random.SeedSequence,
        gap: Gap | None = None,
        stability: Stability | None = None,
        advance: Callable[[float], None] = lambda share: None,
    ) -> Structure | None:
        """Test whether there are clusters; None where there are too few rows to tell.

        Parameters
        ----------
        seeds : SeedSequence
            What draws are derived from.
        gap, stability : Gap or None, Stability or None
            The k that the gap statistic picks is tried. Where it picks 1, even by the rule for
            clusters that are there, and stability none, there are none: reference tables are like
            the sample, not the same.
        advance : callable
            Told what share of the work was done since it was last told.
        """
        rng = np.random.default_rng(seeds)
        sample, ks = self.sample, self.ks
        rows = int(np.clip(SIZE // sample.rows.shape[1], FEWEST_ROWS, ROWS))
        if len(sample) > rows:
            sample = sample.part(sampled(len(sample), rows, rng))
        different = sample.different(max(ks))
        possible = [k for k in ks if 1 < k <= different and 2 * k <= len(sample)]
        tried = some_of(possible)
        likely = None if gap is None else gap.choice_of_clusters()
        if likely in possible:
            tried = sorted({*tried, likely})
        if different == 1 or not tried:
            advance(1.0)
            return Structure(False, ALL_THE_SAME) if different == 1 else None
        repeats = int(np.clip(NUMBERS // sample.rows.size, FEWEST, MOST))
        # One thread: the same sums for any number of threads, and none that waits for another.
        with threadpool_limits(1, user_api="blas"):
            references = References.like(sample, rng)
            own = falls_of(sample, tried, self.fitter, rng)
            others = np.empty((repeats, len(tried)))
            for at in range(repeats):
                others[at] = falls_of(references.draw(rng), tried, self.fitter, rng)
                advance(1 / repeats)
        with np.errstate(
            invalid="ignore", divide="ignore"
        ):  # where all rows of a table lie on their centres
            scores = (own - others.mean(axis=0)) / others.std(axis=0, ddof=1)
        least = float(stdtrit(repeats - 1, 1 - LEVEL) * np.sqrt(1 + 1 / repeats))
        there = bool((scores > least).any())
        if gap is not None and gap.choice_of_clusters(1) == 1:
            there &= stability is not None and stability.choice is not None
        return Structure(there, SOME if there else NONE, tuple(tried), scores, least)


def some_of(ks: Sequence[int]) -> list[int]:
    """Return all numbers, or of many some, at about equal ratios.

    Examples
    --------
    >>> some_of(range(2, 31))
    [2, 3, 6, 10, 17, 30]
    """
    ks = sorted(ks)
    if len(ks) <= KS:
        return list(ks)
    at = np.geomspace(ks[0], ks[-1], KS)
    return sorted({min(ks, key=lambda k: (abs(k - place), k)) for place in at})


def falls_of(sample: Sample, ks: Sequence[int], fitter: Fitter, rng: np.random.Generator) -> Floats:
    """Return log(W_1 / W_k) for every k: infinite where all rows lie on their centres."""
    data = fitter.prepared(sample)
    nests = fitter.nests(data, [1, *ks], rng)
    different = sample.different(max(ks))
    inertia = [fitter.model(data, nests, k).inertia if k < different else 0.0 for k in (1, *ks)]
    with np.errstate(divide="ignore", invalid="ignore"):
        falls: Floats = np.log(inertia[0] / np.array(inertia[1:]))
    return falls
