"""Small fits: several steps of the loop are taken in one call, and handed to it one by one.

An iteration over a thousand rows is less work than the calls that it is made of. Where no listener
looks on, the compiled core updates and assigns in turn (`crates/core/src/assign/steps.rs`), by the
functions that single calls use, from the same sums: every bit is the same. This is a variant of the
two parts that the loop uses (`centra._lloyd.loop`), which stays as it is: it asks for an update, an
assignment and an inertia, and gets what is known already. It alone decides when to stop. The core
ends before an assignment that may be the last, so that labels are never ahead of the loop then.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra import _core
from centra._assign.assignment import Assignment
from centra._assign.choice import FEWEST_ROWS, Kind
from centra._data.block_state import BlockState
from centra._data.dataset import Dataset
from centra._lloyd.loop import Rule, Variant
from centra._lloyd.update import Means, Update, checked, finite
from centra.sources import Block, MemorySource

if TYPE_CHECKING:
    from centra._core import Step

Floats = NDArray[np.float64]

#: A fit is small if a pass multiplies no more pairs of numbers: some 20 microseconds.
SMALL = 1 << 18
#: Steps of a call at most.
STEPS = 64


def is_small(data: Dataset, n_clusters: int) -> bool:
    """Whether steps may be taken together: few dense rows in one block, in this process."""
    one = data.executor.in_place and isinstance(data.source, MemorySource) and not data.sparse
    few = data.n_rows < FEWEST_ROWS and data.n_rows * data.n_features * int(n_clusters) <= SMALL
    return one and few


def small_fits(rule: Rule) -> Variant:
    """Return k-means with several steps in a call."""
    return Variant(AheadAssignment, partial(AheadMeans, rule))


@dataclass(eq=False)
class Steps:
    """Updates and assignments in turn, over the block that has all rows. It is none for elsewhere.

    Attributes
    ----------
    assignment : Assignment
        Labels and sums, which are changed in place.
    centers : ndarray of shape (n_clusters, n_features)
        The centers of the labels.
    cache : MeanCache
        Of the sums and the centers.
    most : int
        Return after so many updates.
    shift : float
        Return after an update that shifts the centers no more.
    """

    assignment: Assignment
    centers: Floats
    cache: _core.MeanCache
    most: int
    shift: float

    def run(self, block: Block, state: BlockState) -> tuple[list[Step], dict[str, int]]:
        """Take the steps."""
        data = self.assignment.data
        return _core.steps(
            state.workers,
            block.matrix,
            self.centers,
            data.frame,
            state.labels,
            self.assignment.sums,
            self.cache,
            data.squares,
            self.most,
            self.shift,
            state.weights,
            state.packed_rows() if data.budget.narrow else None,
        )


class AheadAssignment(Assignment):
    """An assignment that may have been made already.

    Attributes
    ----------
    made : int or None
        How many labels changed in the assignment that the loop asks for next; None if it is still
        to be made.
    """

    made: int | None = None

    def assign(self, centers: Floats, *how: Any) -> None:
        """Give every row the label of its nearest center, unless that is done."""
        if self.made is None:
            super().assign(centers, *how)
            return
        self.changed, self.made = self.made, None

    def take_steps(self, steps: Steps) -> list[Step]:
        """Take steps, and note what was done."""
        self._forget()
        taken, counts = self.data.executor.run(steps)
        n_passes = sum(assigned is not None for *_, assigned in taken)
        self.passes[Kind.EXHAUSTIVE.value] += n_passes
        self.precision.passes["float32"] += n_passes
        self.add(counts)
        return taken


class AheadMeans(Means):
    """An updater that has updates taken several at a time.

    Parameters
    ----------
    rule : Rule
        When the loop will stop.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule, self._left = rule, int(rule.max_iter)
        self._steps: deque[Step] = deque()
        self._inertia: float | None = None  # of the centers that were returned last

    def update(self, assignment: Assignment, centers: Floats) -> Update:
        """Return the mean of every cluster; an empty one takes the farthest row."""
        assert isinstance(assignment, AheadAssignment)
        if not self._steps and assignment.changed and assignment.is_free:
            self._steps.extend(self._take(assignment, centers))
        self._left -= 1
        self._inertia = None
        if not self._steps:
            return super().update(assignment, centers)
        self._returned, moved, shift, assigned = self._steps.popleft()
        if assigned is not None:
            assignment.made, self._inertia = assigned
        return Update(self._returned, moved, finite(shift), within=True)

    def _take(self, assignment: AheadAssignment, centers: Floats) -> list[Step]:
        if centers is not self._returned:
            self._cache = _core.MeanCache()
        shift = self._rule.shift_of(assignment.data)
        most = min(self._left, STEPS)
        return assignment.take_steps(Steps(assignment, centers, self._cache, most, shift))

    def inertia(self, assignment: Assignment, centers: Floats) -> float:
        """Return the inertia of the labels and these centers, to which they were assigned."""
        if self._inertia is None or centers is not self._returned:
            return super().inertia(assignment, centers)
        return checked(self._inertia, assignment.data)
