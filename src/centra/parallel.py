"""k-means||: first centres in a few passes over the rows, however many centres there are.

k-means++ passes over the rows once for every centre. k-means|| draws many rows at a time, from the
same distribution, in a few rounds; what it drew is then thinned to the centres by k-means++.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._core import Urn
from centra.dataset import Dataset
from centra.engine import nearest_labels
from centra.seeding import PlusPlus, counted, draw_by_weight
from centra.sources import MemorySource
from centra.steps import OwnDistances, PassGate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parallel:
    """k-means||, scalable k-means++.

    In every round each row is drawn by itself, with probability ``min(1, l w D / potential)``: D is
    its squared distance from what was drawn before, the potential the sum of w D, and l the number
    of rows that a round draws at most, on average. What was drawn, weighted with the rows that are
    nearest to it, is clustered by greedy k-means++.

    For one `random_state` the answer is the same whatever the threads, blocks or layout: the
    potential is exact, rounded once, and a round takes one number from the generator for each row
    that weighs something.

    Parameters
    ----------
    n_clusters : int
        Number of centres.
    oversampling : float
        l, as a multiple of `n_clusters`.
    rounds : int
        Rounds to make; more are made until there are `n_clusters` candidates, unless all
        distances are zero before.

    References
    ----------
    Bahmani, Moseley, Vattani, Kumar and Vassilvitskii, "Scalable k-means++", PVLDB 5(7), 2012,
    algorithm 2; l = 2 k and 5 rounds are what section 5 recommends.
    """

    n_clusters: int
    oversampling: float = 2.0
    rounds: int = 5
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows.

        Raises
        ------
        OverflowError
            If squared distances exceed the largest float64.
        """
        places, weights = self.candidates(data, rng)
        source = MemorySource(places)
        drawn = Dataset(source, weights, data.team, source.sweep(PassGate(data.team)))
        return places[PlusPlus(self.n_clusters).rows(drawn, rng)]

    def candidates(self, data: Dataset, rng: Any) -> tuple[Floats, Floats]:
        """Return the rows that the rounds draw, and the weight of the rows nearest to each."""
        n = data.n_rows
        nearest, distances = np.zeros(n, dtype=np.int32), np.empty(n)
        first = data.source.take(np.array([draw_by_weight(data, rng)]))
        data.source.sweep(OwnDistances(data.team, first, nearest, distances))
        drawn, count, done = [first], 1, 0
        while done < self.rounds or count < self.n_clusters:
            rows = self._draw(data, distances, rng)
            if rows is None:
                break
            done += 1
            if rows.size:
                drawn.append(data.source.take(rows))
                _approach(data, drawn[-1], count, nearest, distances)
                count += rows.size
        weights = np.bincount(nearest, weights=data.weights, minlength=count)
        return np.concatenate(drawn), weights.astype(np.float64)

    def _draw(self, data: Dataset, distances: Floats, rng: Any) -> NDArray[np.intp] | None:
        """Return the rows of one round, or None where all are drawn already."""
        if data.weights is not None:
            distances[data.weights == 0] = 0  # of no account, however far they are
        urn = Urn()
        urn.fill(data.team, distances, data.weights)
        potential, _ = urn.draw(np.empty(0), distances, data.weights)
        if np.isinf(potential):
            raise OverflowError(
                "squared distances exceed the largest float64; divide X by a power of two"
            )
        if potential == 0:
            return None
        addends = distances if data.weights is None else data.weights * distances
        rows = counted(data)
        if rows is not None:
            addends = addends[rows]
        limits = rng.uniform(size=len(addends))
        limits *= potential
        limits /= self.oversampling * self.n_clusters
        drawn = np.flatnonzero(limits < addends)
        return drawn if rows is None else rows[drawn]


def _approach(
    data: Dataset, places: Floats, first: int, nearest: NDArray[np.int32], distances: Floats
) -> None:
    """Lower distances to those to new places, numbered from `first`, where these are nearer."""
    labels, own = nearest_labels(data, places), np.empty(data.n_rows)
    data.source.sweep(OwnDistances(data.team, places, labels, own))
    nearer = own < distances
    nearest[nearer] = labels[nearer] + first
    np.minimum(distances, own, out=distances)
