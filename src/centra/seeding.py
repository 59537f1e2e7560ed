"""Seeding: where the first centres come from.

Every seeding is an object with one method, ``centers(data, rng)``; names such as ``"k-means++"``
are turned into these objects by the estimators. The draws from the random generator are
scikit-learn's, in scikit-learn's order, so that one ``random_state`` gives one answer in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from centra._core import Candidates, Gains, Kept, Urn
from centra.dataset import Dataset, refuse_masked
from centra.sources import MemorySource, Source
from centra.steps import Floors, Lower, Near, OwnDistances, RoundRows, Trials

Floats = NDArray[np.float64]


class Seeding(Protocol):
    """A way to choose the first centres."""

    @property
    def n_init(self) -> int:
        """How many restarts `n_init="auto"` makes."""
        ...

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the first centres, of shape (n_clusters, n_features)."""
        ...


def counted(data: Dataset) -> NDArray[np.intp] | None:
    """Return the rows that weigh something, in order; None where all do."""
    if data.weights is None or data.weights.all():
        return None
    return np.flatnonzero(data.weights)


def draw_by_weight(data: Dataset, rng: Any, size: int | None = None) -> Any:
    """Draw a row, or `size` different ones, each as likely as its share in the sum of the weights.

    Raises
    ------
    ValueError
        If there are not so many rows to draw.
    """
    rows, shares = counted(data), np.full(data.n_rows, 1.0 / data.n_rows)
    if data.weights is not None:
        weights = data.weights if rows is None else data.weights[rows]
        with np.errstate(over="ignore"):  # NumPy 1.26 tells of one where weights are subnormal
            shares = weights / weights.sum()
    if size is None:
        drawn = rng.choice(len(shares), p=shares)
    else:
        known = int(np.count_nonzero(shares))
        if known < size:
            raise ValueError(
                f'init="random" draws n_clusters={size} different rows, but only {known} rows have '
                "a share above 0 in the sum of sample_weight: ask for fewer clusters, or use "
                'init="k-means++", which may take a row twice.'
            )
        drawn = rng.choice(len(shares), size=size, replace=False, p=shares)
    return drawn if rows is None else rows[drawn]


def usual_trials(n_clusters: int) -> int:
    """Return how many candidates greedy k-means++ tries in every step, as scikit-learn."""
    return 2 + int(np.log(n_clusters))


@dataclass(frozen=True)
class PlusPlus:
    """Greedy k-means++.

    A row is drawn with a probability proportional to its weighted squared distance from the centres
    chosen so far; of `trials` such rows the one that lowers the potential most is taken.

    Parameters
    ----------
    n_clusters : int
        Number of centres.
    trials : int or None
        Candidates in every step; None for 2 + int(log(n_clusters)).

    References
    ----------
    Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, sections
    2.2 and 7 (the greedy variant).
    """

    n_clusters: int
    trials: int | None = None
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows."""
        return data.source.take(self.rows(data, rng))

    def rows(self, data: Dataset, rng: Any) -> NDArray[np.intp]:
        """Return the numbers of the chosen rows.

        Raises
        ------
        OverflowError
            If squared distances exceed the largest float64.
        """
        source = data.source
        trials = self.trials or usual_trials(self.n_clusters)
        chosen = np.empty(self.n_clusters, dtype=np.intp)
        chosen[0] = draw_by_weight(data, rng)
        if self.n_clusters == 1:
            return chosen
        progress = _Progress(data, self.n_clusters)
        progress.lower(source.take(chosen[:1])[0])
        for c in range(1, self.n_clusters):
            chosen[c] = progress.step(trials, rng)
        return chosen


def further(
    data: Dataset,
    centers: Floats,
    labels: NDArray[np.int32],
    n_clusters: int,
    trials: int,
    rng: Any,
) -> Floats:
    """Go on with greedy k-means++ where there are centres already.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    centers : ndarray of shape (n_centers, n_features)
        What there is.
    labels : ndarray of int32 of shape (n_samples,)
        The nearest of these, row by row.
    n_clusters : int
        How many centres there will be.
    trials : int
        Candidates in every step.
    rng : RandomState or Generator
        What to draw from.

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features)
        Those given, then rows.

    Raises
    ------
    OverflowError
        If squared distances exceed the largest float64.
    """
    progress = _Progress(data, n_clusters)
    progress.begin(centers, labels)
    while progress.count < n_clusters:
        progress.step(trials, rng)
    return progress.places


#: Bytes a row that a fit may take, and that distances and nearest centres take; and those of a
#: listed row: 16, half as much again while lists grow, twice that when threads merge theirs.
BESIDE, TAKEN, LISTED = 32, 8 + 4, 48
#: One row in so many is listed at least, and at most.
FEWEST, MOST = 24, 4
#: Fewer columns are as soon read and packed anew.
WIDE = 5
#: Bytes are given up for float32 when a step takes more distances in vain than this, for each row.
COARSE = 1
#: Steps between two looks at whether the nearest centres rule out rows.
PATIENCE = 32


class _Progress:
    """The centres chosen so far, and what every row has to do with them.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    n_clusters : int
        How many centres there will be.
    """

    def __init__(self, data: Dataset, n_clusters: int) -> None:
        n, d = data.source.shape
        self.data = data
        self.places = np.empty((n_clusters, d))
        self.count = 0
        nearest = np.zeros(n, dtype=np.int32)
        self.near = Near(np.full(n, np.inf), nearest, np.empty(0), data.frame, None)
        self.urn = Urn()
        self._rest = 0
        # Draws fall between these: rows before and after weigh nothing.
        rows = counted(data)
        self._first, self._last = (0, n - 1) if rows is None else (int(rows[0]), int(rows[-1]))
        self._leave_out()
        # Packed rows are kept where blocks stay in memory, if there is room for them.
        self._resident = data.source.resident and not data.source.sparse
        size, self._spare = Kept.row_bytes(d), 0
        if self._resident and d >= WIDE and size is not None:
            self._spare = data.memory // n + BESIDE - TAKEN - size - data.beside
        self._bytes = FEWEST * self._spare >= LISTED
        self._pack()

    def _pack(self) -> None:
        """Bring the rows into the form in which candidates are tried on them."""
        data = self.data
        if self._bytes:
            one_in = max(-(-LISTED // self._spare), MOST)
            self.near = replace(self.near, kept={}, list_one_in=one_in)
            data.source.sweep(RoundRows(data.team, self.near))
            return
        n, d = data.source.shape
        keep = self._resident and 4 * n * d <= data.memory
        self.near = replace(
            self.near, floors=np.empty(n), kept={} if keep else None, list_one_in=MOST
        )
        data.source.sweep(Floors(data.team, self.near))

    def _leave_out(self) -> None:
        """Let rows of weight 0 lie on a centre: no candidate gains by them, however far off."""
        if self.data.weights is not None:
            self.near.distances[self.data.weights == 0] = 0

    def begin(self, centers: Floats, labels: NDArray[np.int32]) -> None:
        """Take centres that are there, and which of them is nearest to each row."""
        data, near = self.data, self.near
        near.nearest[:] = labels
        data.source.sweep(OwnDistances(data.team, centers, near.nearest, near.distances))
        self._leave_out()
        self.urn.fill(data.team, near.distances, data.weights)
        self.count = len(centers)
        self.places[: self.count] = centers

    def step(self, trials: int, rng: Any) -> int:
        """Make the best of so many rows a centre; return its number."""
        # Each row as often as its share of the potential; rounding may pass the last row, and where
        # all rows lie on centres the first is drawn.
        drawn = np.clip(self.draw(rng.uniform(size=trials)), self._first, self._last)
        return int(drawn[self.choose(self.data.source.take(drawn))])

    def draw(self, shares: Floats) -> NDArray[np.intp]:
        """Return the row at each share of the potential; n where there is none."""
        potential, drawn = self.urn.draw(shares, self.near.distances, self.data.weights)
        if np.isinf(potential):
            raise OverflowError(
                "squared distances exceed the largest float64; divide X by a power of two"
            )
        return np.asarray(drawn, dtype=np.intp)

    def choose(self, places: Floats) -> int:
        """Make the candidate that lowers the potential most a centre; return which one it is."""
        best, gains = self._try(places)
        # The rows that all candidates would take may have been too many to list, not those of one.
        if self._give(gains, best) or self._give(self._gains(places[best : best + 1]), 0):
            self._append(places[best])
        else:
            self.lower(places[best])
        return best

    def _give(self, gains: Gains, candidate: int) -> bool:
        near, weights = self.near, self.data.weights
        return gains.take(candidate, self.count, near.distances, near.nearest, self.urn, weights)

    def _gains(self, places: Floats, look: bool = False, exactly: bool = False) -> Gains:
        data, near = self.data, self.near
        centers = self.places[: self.count if look else 0]
        ready = Candidates(data.team, near.frame, data.source.sparse, places, centers)
        return data.source.sweep(Trials(data.team, ready, near, data.weights, exactly))

    def _try(self, places: Floats) -> tuple[int, Gains]:
        look = self._rest == 0
        for exactly in (False, True):
            gains = self._gains(places, look, exactly)
            best = gains.best(self.near.distances, self.data.weights)
            if best is not None:
                # The filter by the nearest centre pays where it rules out one row in eight.
                pays = look and 8 * gains.skipped >= gains.rows
                self._rest = 0 if pays else (self._rest or PATIENCE) - 1
                if self._bytes and gains.missed > COARSE * gains.rows:
                    self._bytes = False
                    self._pack()
                return best, gains
        raise AssertionError("exact gains always have a largest")

    def _append(self, place: Floats) -> None:
        self.places[self.count] = place
        self.count += 1

    def lower(self, place: Floats) -> None:
        """Make a place a centre, by a pass over the rows."""
        near, data = self.near, self.data
        data.source.sweep(Lower(data.team, place, self.count, near))
        self.urn.fill(data.team, near.distances, data.weights)
        self._append(place)


@dataclass(frozen=True)
class RandomRows:
    """Rows drawn at random without replacement, with probabilities proportional to weights."""

    n_clusters: int
    n_init: int = 10

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows."""
        return data.source.take(draw_by_weight(data, rng, self.n_clusters))


@dataclass(frozen=True)
class Given:
    """Centres that the user gives."""

    start: Floats
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return them."""
        return self.start


@dataclass(frozen=True)
class Called:
    """Centres that a function of the user returns.

    It is called as ``function(X, n_clusters, random_state=rng)`` with a copy of X whose columns
    have mean zero (dense X), as scikit-learn does; the mean is added to its answer.
    """

    function: Callable[..., Any]
    n_clusters: int
    n_init: int = 10

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Call it and check what it returns."""
        source = data.source
        mean = np.zeros(source.shape[1])
        if source.sparse:
            X = copied(source)
        else:
            X = source.take(np.arange(source.shape[0]))
            mean = X.mean(axis=0)
            X = (X - mean).astype(source.dtype, copy=False)  # not in place: X may be the source's
        answer = self.function(X, self.n_clusters, random_state=rng)
        centers = check_centers(answer, self.n_clusters, source.shape[1], "init(X, ...)")
        return centers + mean


#: Numbers that are taken from a source at a time (32 MiB).
TAKE = 1 << 22


def copied(source: Source) -> Any:
    """Return a copy of sparse rows as a CSR matrix, wherever they live."""
    if isinstance(source, MemorySource):
        return source.X.copy()
    n, d = source.shape
    step = max(1, TAKE // d)
    parts = (source.take(np.arange(at, min(at + step, n))) for at in range(0, n, step))
    return sp.vstack([sp.csr_matrix(part) for part in parts], "csr", source.dtype)


def check_centers(given: Any, n_clusters: int, n_features: int, name: str = "init") -> Floats:
    """Return given centres as a C-ordered float64 array.

    Raises
    ------
    ValueError
        If they have another shape than (n_clusters, n_features) or are not finite.
    """
    from sklearn.utils import check_array

    refuse_masked(given, name, "centers need all their numbers")
    centers = check_array(
        given, dtype=np.float64, order="C", copy=True, input_name=name, ensure_min_samples=0
    )
    if centers.shape[0] != n_clusters:
        raise ValueError(
            f"The shape of the initial centers {centers.shape} does not match the number of "
            f"clusters {n_clusters}."
        )
    if centers.shape[1] != n_features:
        raise ValueError(
            f"The shape of the initial centers {centers.shape} does not match the number of "
            f"features of the data {n_features}."
        )
    return np.asarray(centers)
