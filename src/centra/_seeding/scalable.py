"""k-means||: first centers in a few passes over the rows, however many centers there are.

k-means++ takes a pass over the rows for every center. k-means|| draws many rows at a time, from the
same distribution, in a few rounds. k-means++ then chooses the centers among the rows that were
drawn. It is meant for rows on disk. (Bahmani and others, "Scalable k-means++", PVLDB 5(7), 2012.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.filters import Target, label_all
from centra._assign.nearest import target_of
from centra._data.block_state import BlockState
from centra._data.dataset import Dataset
from centra._data.executor import joined
from centra._data.journal import Effect, has, reads
from centra._data.passes import own_distances
from centra._seeding import passes
from centra._seeding.base import draw_by_weight
from centra._seeding.numbered import Stream
from centra._seeding.plusplus import PlusPlus, potential
from centra.sources import Block, MemorySource

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parallel:
    """k-means||, scalable k-means++.

    In every round each row is drawn by itself, with probability ``min(1, l w D / potential)``: D is
    its squared distance from what was drawn before, the potential the sum of w D, and l the number
    of rows that a round draws at most, on average. What was drawn, weighted with the rows that are
    nearest to it, is clustered by greedy k-means++.

    For one `random_state` the answer is the same whatever the threads, blocks or layout: the
    potential is exact, rounded once, and every row that weighs something has a random number of its
    own in every round (`numbered.py`).

    Parameters
    ----------
    n_clusters : int
        Number of centers.
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
        drawn = Dataset.of(MemorySource(places), weights, data.workers)
        return places[PlusPlus(self.n_clusters).rows(drawn, rng)]

    def candidates(self, data: Dataset, rng: Any) -> tuple[Floats, Floats]:
        """Return the rows that the rounds draw, and the weight of the rows nearest to each."""
        states = data.executor.states
        states(passes.begin)
        first = data.take(np.array([draw_by_weight(data, rng)]))
        data.run(passes.Lower(first[0], 0))
        drawn, count, done = [first], 1, 0
        stream = Stream.of(data, rng)
        while done < self.rounds or count < self.n_clusters:
            rows = self._draw(data, stream, done)
            if rows is None:
                break
            done += 1
            if rows.size:
                places = data.take(rows)
                drawn.append(places)
                data.run(Nearer(target_of(data, places), count))
                count += rows.size
        weights = sum(states(partial(_weights, count=count)))
        states(passes.end)
        return np.concatenate(drawn), np.asarray(weights, dtype=np.float64)

    def _draw(self, data: Dataset, stream: Stream, turn: int) -> NDArray[np.intp] | None:
        """Return the rows of one round, or None where all are drawn already."""
        whole, _ = potential(data)
        if whole == 0:
            return None
        limit = self.oversampling * self.n_clusters
        drawn = partial(_drawn, stream=stream, turn=turn, whole=whole, limit=limit)
        return joined(data.executor.states(drawn))


@has(Effect.SEEDING)
@dataclass(frozen=True)
class Nearer:
    """Lower distances to those to new places, numbered from `first`, where these are nearer."""

    places: Target
    first: int

    def run(self, block: Block, state: BlockState) -> int:
        """Update one block; returns its number of rows."""
        seeding = passes.seeding_of(state)
        labels = np.empty(state.n_rows, dtype=np.int32)
        label_all(self.places, block, state, labels, sums=False)
        own = own_distances(block, state, self.places.centers, labels)
        nearer = own < seeding.distances
        seeding.nearest[nearer] = labels[nearer] + self.first
        np.minimum(seeding.distances, own, out=seeding.distances)
        passes.fill(state)
        return state.n_rows


@reads
def _drawn(
    state: BlockState, stream: Stream, turn: int, whole: float, limit: float
) -> NDArray[np.intp]:
    """Return the rows whose weighted distance passes the limit that is drawn for them."""
    distances = passes.seeding_of(state).distances
    addends = distances if state.weights is None else state.weights * distances
    limits, rows = stream.uniform(state, turn)
    limits *= whole
    limits /= limit
    if rows is None:
        return state.start + np.flatnonzero(limits < addends)
    return state.start + rows[limits < addends[rows]]


@reads
def _weights(state: BlockState, count: int) -> Floats:
    """Return the weight of the rows nearest to each candidate."""
    nearest = passes.seeding_of(state).nearest
    return np.bincount(nearest, weights=state.weights, minlength=count).astype(np.float64)
