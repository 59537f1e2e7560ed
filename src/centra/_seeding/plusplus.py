"""Greedy k-means++: rows far from the centers chosen so far become centers.

Every center costs a pass over the rows, in which its candidates are tried. Most rows need no exact
distance: filters rule them out, with their proofs in `crates/core/src/seeding`. The sums are exact,
so that the same row is drawn whatever the blocks or threads. (Arthur and Vassilvitskii, "k-means++:
the advantages of careful seeding", SODA 2007; Raff, "Exact acceleration of k-means++ and
k-means||", IJCAI 2021.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._core import ExactSum, Gains
from centra._data.dataset import Dataset
from centra._seeding import passes
from centra._seeding.base import counted, draw_by_weight

Floats = NDArray[np.float64]


def usual_trials(n_clusters: int) -> int:
    """Return how many candidates greedy k-means++ tries for every center, as scikit-learn."""
    return 2 + int(np.log(n_clusters))


@dataclass(frozen=True)
class PlusPlus:
    """Greedy k-means++.

    A row is drawn with a probability proportional to its weighted squared distance from the centers
    chosen so far; of `trials` such rows the one that lowers the potential most is taken.

    Parameters
    ----------
    n_clusters : int
        Number of centers.
    trials : int or None
        Candidates for every center; None for 2 + int(log(n_clusters)).

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
        return data.take(self.rows(data, rng))

    def rows(self, data: Dataset, rng: Any) -> NDArray[np.intp]:
        """Return the numbers of the chosen rows.

        Raises
        ------
        OverflowError
            If squared distances exceed the largest float64.
        """
        trials = self.trials or usual_trials(self.n_clusters)
        chosen = np.empty(self.n_clusters, dtype=np.intp)
        chosen[0] = draw_by_weight(data, rng)
        if self.n_clusters == 1:
            return chosen
        progress = _Progress(data, self.n_clusters)
        progress.lower(data.take(chosen[:1])[0])
        for c in range(1, self.n_clusters):
            chosen[c] = progress.step(trials, rng)
        progress.end()
        return chosen


def further(
    data: Dataset,
    centers: Floats,
    labels: NDArray[np.int32],
    n_clusters: int,
    trials: int,
    rng: Any,
) -> Floats:
    """Go on with greedy k-means++ where there are centers already.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    centers : ndarray of shape (n_centers, n_features)
        The centers that there are.
    labels : ndarray of int32 of shape (n_samples,)
        The nearest of these, row by row.
    n_clusters : int
        How many centers there will be.
    trials : int
        Candidates for every center.
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
    progress.end()
    return progress.places


#: Bytes are given up for float32 when one center takes more distances in vain than this, for each
#: row.
COARSE = 1
#: Centers that are chosen between two looks at whether the nearest center rules out rows.
PATIENCE = 32


class _Progress:
    """The centers chosen so far, with the distance of every row to the nearest of them.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    n_clusters : int
        How many centers there will be.
    """

    def __init__(self, data: Dataset, n_clusters: int) -> None:
        self.data, self.run = data, data.executor.run
        self.states = data.executor.states
        self.places = np.empty((n_clusters, data.n_features))
        self.count = 0
        self._rest = 0
        # Draws fall between these: rows before and after weigh nothing.
        rows = counted(data)
        ends = (0, data.n_rows - 1) if rows is None else (rows[0], rows[-1])
        self._first, self._last = np.array(ends, dtype=np.intp)
        self.states(passes.begin)
        one_in = data.budget.listed_one_in
        self._usual = data.budget.usually_listed_one_in
        self._rounded, self._list_one_in = one_in is not None, one_in or self._usual
        self._pack()

    def _pack(self) -> None:
        """Bring the rows into the form in which candidates are tried on them."""
        if not self._rounded:
            self._list_one_in = self._usual
        keep = self.data.budget.packs_for_seeding
        self.run(passes.Pack(self.data.frame, self._rounded, keep))

    def begin(self, centers: Floats, labels: NDArray[np.int32]) -> None:
        """Take the centers that there are, and which of them is nearest to each row."""
        self.run(passes.Approach(centers, labels))
        self.count = len(centers)
        self.places[: self.count] = centers

    def end(self) -> None:
        """Forget the distances of the rows."""
        self.states(passes.end)

    def step(self, trials: int, rng: Any) -> int:
        """Draw candidates and make the best of them a center; return the number of its row."""
        # Each row is as likely as its share of the potential. Rounding may pass the last row; where
        # all rows lie on centers, the first is drawn.
        drawn = draw(self.data, rng.uniform(size=trials))
        drawn = np.minimum(drawn, self._last)
        if self._first > 0:
            drawn = np.maximum(drawn, self._first)
        return int(drawn[self.choose(self.data.take(drawn))])

    def choose(self, places: Floats) -> int:
        """Make the candidate that lowers the potential most a center; return which one it is."""
        best, gains = self._try(places)
        # The rows that all candidates would take may have been too many to list, not those of one.
        if self._give(gains, best) or self._give(self._gains(places[best : best + 1]), 0):
            self._append(places[best])
        else:
            self.lower(places[best])
        return best

    def _give(self, gains: Gains, candidate: int) -> bool:
        if gains.listed:
            self.states(partial(passes.take, candidate=candidate, label=self.count))
        return gains.listed

    def _gains(self, places: Floats, look: bool = False, exactly: bool = False) -> Gains:
        data = self.data
        centers = self.places[: self.count if look else 0]
        one_in = self._list_one_in
        return self.run(passes.Trials(data.frame, data.sparse, places, centers, exactly, one_in))

    def _try(self, places: Floats) -> tuple[int, Gains]:
        look = self._rest == 0
        gains = self._gains(places, look)
        best = gains.best()
        if best is None and gains.listed:
            best = reduce(add, self.states(passes.gains_exactly)).best()
        if best is None:
            gains = self._gains(places, look, exactly=True)
            best = gains.best()
        assert best is not None, "exact gains always have a largest"
        # The filter by the nearest center pays where it rules out one row in eight.
        pays = look and 8 * gains.skipped >= gains.rows
        self._rest = 0 if pays else (self._rest or PATIENCE) - 1
        if self._rounded and gains.missed > COARSE * gains.rows:
            self._rounded = False
            self._pack()
        return best, gains

    def _append(self, place: Floats) -> None:
        self.places[self.count] = place
        self.count += 1

    def lower(self, place: Floats) -> None:
        """Make a place a center, by a pass over the rows."""
        self.run(passes.Lower(place, self.count))
        self._append(place)


def draw(data: Dataset, shares: Floats) -> NDArray[np.intp]:
    """Return the row at each share of the potential; a number beyond all rows where there is none.

    Raises
    ------
    OverflowError
        If squared distances exceed the largest float64.
    """
    whole, before = potential(data)
    values = shares * whole
    rows = data.executor.states(partial(passes.draw, values=values, before=before))
    return np.min(rows, axis=0) if len(rows) > 1 else rows[0]


#: The sum before the first row.
_NOTHING = ExactSum()


def potential(data: Dataset) -> tuple[float, dict[int, ExactSum]]:
    """Return the exact sum of weight times distance, rounded once; and that before each block.

    Raises
    ------
    OverflowError
        If squared distances exceed the largest float64.
    """
    (start, running), *others = data.executor.states(passes.total)
    before = {start: _NOTHING}
    for start, part in others:
        before[start] = running
        running = running + part
    whole = float(running)
    if np.isinf(whole):
        raise OverflowError(
            "squared distances exceed the largest float64; divide X by a power of two"
        )
    return whole, before
