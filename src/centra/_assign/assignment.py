"""The assignment of a restart: labels of all rows, and the exact sums of the clusters.

It makes one pass for every iteration, by the filter that `choice` takes. Rows that changed cluster
are moved from one exact sum to another, so that the update needs no pass of its own.
"""

from __future__ import annotations

from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from centra._assign.choice import Choice, Kind
from centra._assign.filters import (
    Activity,
    Assign,
    Assigned,
    Blocks,
    Exhaustive,
    Filter,
    Hamerly,
    Target,
)
from centra._assign.nearest import keeps, nearest_labels
from centra._assign.precision import Precision
from centra._core import CenterDrift, ClusterSums, SumFormats
from centra._data.block_state import BlockState
from centra._data.dataset import Dataset
from centra._data.journal import reads

Floats = NDArray[np.float64]

#: Starts of bounds and scores, numbered: none comes twice in a process.
_EPOCHS = count(1)
#: Names of the filters.
_NAMES = [kind.value for kind in Kind]


class Assignment:
    """Gives rows the label of their nearest center, pass after pass, and keeps the sums up to date.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    n_clusters : int
        Number of centers.

    Attributes
    ----------
    sums : ClusterSums
        Exact sums of the clusters by the labels.
    changed : int
        Labels that the last pass changed.
    counts : dict
        What was done, over all passes.
    passes : dict
        How many passes each filter made.
    precision : Precision
        Whether rows are screened in int16 first.
    """

    def __init__(self, data: Dataset, n_clusters: int) -> None:
        self.data, self.n_clusters = data, n_clusters
        data.executor.states(BlockState.forget_labels)
        self.sums = ClusterSums(n_clusters, data.plan)
        # Where passes cannot change the sums in place, they return the change.
        self._in_place: ClusterSums | None = self.sums if data.executor.in_place else None
        self._plan: SumFormats | None = None if data.executor.in_place else data.plan
        self.changed = 0
        self.counts: dict[str, int] = {}
        self.passes = dict.fromkeys(_NAMES, 0)
        self.precision = Precision(data)
        self._choice = Choice(data)
        self._drift: CenterDrift | None = None  # of the centers, since the bounds began
        self._active = 0  # passes since the start of the scores of sparse rows
        self._epoch = 0
        self._near = False  # whether the last pass kept bounds for the next one

    @property
    def labels(self) -> NDArray[np.int32]:
        """Labels of all rows; -1 before the first pass."""
        return self.data.executor.labels()

    def assign(
        self,
        centers: Floats,
        moved: NDArray[np.bool_] | None = None,
        within: bool = False,
        near: bool = False,
    ) -> None:
        """Give every row the label of its nearest center.

        Parameters
        ----------
        centers : ndarray of shape (n_clusters, n_features)
            The centers.
        moved : ndarray of bool of shape (n_clusters,) or None
            Which of them are others than in the last pass, if that is known.
        within : bool
            Whether they are known to lie in the box of the rows, as means do.
        near : bool
            Whether the centers of the next pass are near these: then bounds are kept for it, and
            `changed_since` tells how many labels both passes changed.
        """
        if near:
            self.remember()
        if not (within or self.data.holds(centers)):
            # Centers outside the box of the rows (a given start, say) need a frame of their own.
            self._forget()
            target = Target(centers, self.data.frame_for(centers), sums=self._in_place)
            self._run(Kind.EXHAUSTIVE, target, Exhaustive())
            return
        kind = self._choice.filter(len(centers), near or self._near)
        self._near = near
        max_norm = None
        int8 = kind is not Kind.BLOCKS and self.precision.int8(centers)
        if kind is not Kind.BLOCKS and not int8:
            max_norm = self.precision.max_norm(len(centers), again=True)
        keep = kind is not Kind.ACTIVITY and keeps(self.data, max_norm)
        keep = keep and (max_norm is None or self.precision.pays)
        target = Target(centers, self.data.frame, max_norm, keep, self._in_place, int8)
        self._run(kind, target, self._filter(kind, target, moved))

    def remember(self) -> None:
        """Remember the labels of today, for `changed_since`."""
        self.data.executor.states(BlockState.remember_labels)

    def changed_since(self, centers: Floats | None) -> int:
        """Return how many labels differ from those that were remembered, which belong to `centers`.

        Where none were, a pass finds them anew; without centers, all rows are counted.
        """
        counts = self.data.executor.states(BlockState.changed_labels)
        if None not in counts:
            return sum(count for count in counts if count is not None)
        if centers is None:
            return self.data.n_rows
        return int(np.count_nonzero(nearest_labels(self.data, centers) != self.labels))

    def distinct(self) -> int:
        """Return the number of clusters that have rows (of whatever weight)."""
        if self.data.weights is None:
            return int(np.count_nonzero(self.sums.weights()))
        used = self.data.executor.states(partial(_used, n_clusters=self.n_clusters))
        return int(np.count_nonzero(np.any(used, axis=0)))

    def check_sums(self) -> None:
        """Check that the sums over all clusters are what they were in the first pass over the rows.

        A row that was lost, counted twice or changed meanwhile shows in them.

        Raises
        ------
        ValueError
            If they are not.
        """
        total = self.sums.total()
        if self.data.total is None:
            self.data.total = total
        elif not total.equals(self.data.total):
            raise self.data.changed(
                "the sums of its clusters no longer add up to those of its rows"
            )

    @property
    def is_free(self) -> bool:
        """Whether filters and precisions are chosen here, and not forced (for tests)."""
        return self._choice.forced is None and not self.precision.forced

    def add(self, counts: dict[str, int]) -> None:
        """Take note of what was done."""
        known = self.counts
        for name, n in counts.items():
            known[name] = known.get(name, 0) + n

    def _filter(self, kind: Kind, target: Target, moved: NDArray[np.bool_] | None) -> Filter:
        if kind is Kind.HAMERLY:
            self._active = 0
            if self._drift is None:
                self._drift, self._epoch = CenterDrift(target.centers), next(_EPOCHS)
            else:
                self._drift.advance(target.frame, target.centers)
            return Hamerly(self._drift, self._epoch)
        self._drift = None
        if kind is Kind.ACTIVITY:
            if not self._active:
                self._epoch = next(_EPOCHS)
            self._active += 1
            return Activity(moved, self._epoch, self._active)
        self._active = 0
        return Blocks(self.data.stats) if kind is Kind.BLOCKS else Exhaustive()

    def _forget(self) -> None:
        """Keep nothing of the last pass but the labels."""
        self._drift, self._active, self._near = None, 0, False

    def _run(self, kind: Kind, target: Target, how: Filter) -> None:
        self.last: Assigned = self.data.run_first(Assign(target, how, self._plan))
        if self.last.change is not None:
            self.sums += self.last.change
        counts = self.last.counts
        self.changed = counts["changed"]
        self.passes[kind._value_] += 1  # what `value` is, without its detour
        self.add(counts)
        self._choice.note(kind, counts, self.n_clusters)
        self.precision.note(target.max_norm, counts, target.int8, self.n_clusters)


@reads
def _used(state: BlockState, n_clusters: int) -> NDArray[np.bool_]:
    """Return which clusters have rows of the block."""
    used = np.zeros(n_clusters, dtype=bool)
    used[state.labels] = True
    return used
