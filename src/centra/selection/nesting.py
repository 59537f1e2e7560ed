"""Seedings of many k from few: greedy k-means++ with one seed chooses rows that nest.

It draws the same candidates for every k that tries equally many for a centre (2 + int(log k)), so
the first rows that it chooses for 20 clusters are those it chooses for 8. One seeding for the
largest k of each such group serves them all, with the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._seeding.plusplus import PlusPlus, usual_trials

Floats = NDArray[np.float64]


class Nest:
    """First centres of every k, chosen together.

    Parameters
    ----------
    ks : iterable of int
        The numbers of clusters that will be asked for.
    seed : int
        What ``random_state`` would be for each.

    Examples
    --------
    >>> import centra
    >>> nest = Nest([2, 3, 4, 5, 6, 7], seed=0)
    >>> nest.groups  # three candidates a centre for k = 3 to 7
    {2: 2, 3: 7}
    """

    def __init__(self, ks: Iterable[int], seed: int) -> None:
        self.seed = seed
        self.groups: dict[int, int] = {}
        for k in ks:
            trials = usual_trials(k)
            self.groups[trials] = max(k, self.groups.get(trials, 0))
        self._centers: dict[int, Floats] = {}

    def seeding(self, k: int) -> Nested:
        """Return the seeding for k clusters."""
        return Nested(self, k)

    def centers(self, data: Dataset, k: int) -> Floats:
        """Return the first k rows that are chosen for the largest k of the group."""
        trials = usual_trials(k)
        if trials not in self._centers:
            chosen = PlusPlus(self.groups[trials]).centers(data, np.random.RandomState(self.seed))
            self._centers[trials] = chosen
        return self._centers[trials][:k].copy()


@dataclass(frozen=True)
class Nested:
    """The seeding of one k; see `Nest`. It draws nothing from the generator that it is given."""

    nest: Nest
    n_clusters: int
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows."""
        return self.nest.centers(data, self.n_clusters)
