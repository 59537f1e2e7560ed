"""The passes of k-means++ over the rows, and what it does with the state of their blocks alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra import _core
from centra._core import Candidates, ExactSum, Frame, Gains, Kept
from centra._data.block_state import BlockState, Labels, Seeding
from centra._data.executor import Partition
from centra._data.journal import Effect, has, reads
from centra._data.passes import own_distances
from centra.sources import Block

Floats = NDArray[np.float64]


@has(Effect.NO_SEEDING)
def begin(state: BlockState) -> None:
    """Begin without centers. Rows of weight 0 get the distance 0, so that they are never drawn."""
    distances = np.full(state.n_rows, np.inf)
    if state.weights is not None:
        distances[state.weights == 0] = 0
    state.seeding = Seeding(distances, np.zeros(state.n_rows, dtype=np.int32))


@has(Effect.NO_SEEDING)
def end(state: BlockState) -> None:
    """Forget what seeding knew."""
    state.seeding = None


def seeding_of(state: BlockState) -> Seeding:
    """Return what seeding knows of the rows of a block."""
    assert state.seeding is not None, "seeding has not begun"
    return state.seeding


@has(Effect.SEEDING)
@dataclass(frozen=True)
class Pack:
    """Bring rows into the form in which candidates are tried on them: in bytes, or with floors.

    Attributes
    ----------
    frame : Frame
        Origin and unit of the filters.
    rounded : bool
        Whether rows are rounded to bytes, which are kept.
    keep : bool
        Whether rows packed in float32 are kept.
    """

    frame: Frame
    rounded: bool
    keep: bool

    def run(self, block: Block, state: BlockState) -> int:
        """Pack one block; returns its number of rows."""
        seeding, matrix = seeding_of(state), block.matrix
        seeding.packed = Kept() if self.rounded or self.keep else None
        if self.rounded:
            assert seeding.packed is not None
            seeding.floors = np.empty(0)
            _core.round_rows(state.workers, matrix, self.frame, seeding.packed)
        else:
            seeding.floors = np.empty(state.n_rows)
            _core.floors(state.workers, matrix, self.frame, seeding.floors, seeding.packed)
        return state.n_rows


@has(Effect.SEEDING)
@dataclass(eq=False)
class Lower:
    """Lower every row's distance to that to one more center, where it is nearer."""

    center: Floats
    label: int

    def run(self, block: Block, state: BlockState) -> int:
        """Update one block; returns its number of rows."""
        seeding = seeding_of(state)
        distances, nearest = seeding.distances, seeding.nearest
        _core.lower(state.workers, block.matrix, self.center, self.label, distances, nearest)
        fill(state)
        return state.n_rows


@has(Effect.SEEDING)
@dataclass(frozen=True)
class Approach:
    """Take the centers that there are, and the label of every row of all blocks among them."""

    centers: Floats
    labels: Labels

    def run(self, block: Block, state: BlockState) -> int:
        """Update one block; returns its number of rows."""
        seeding = seeding_of(state)
        seeding.nearest[:] = self.labels[state.rows]
        distances = own_distances(block, state, self.centers, seeding.nearest)
        np.minimum(seeding.distances, distances, out=seeding.distances)
        fill(state)
        return state.n_rows


@has(Effect.TRIAL)
@dataclass(eq=False)  # not frozen, which takes longer to make: there is one in every step
class Trials:
    """What each of several candidates would gain: how far it would lower the potential.

    Attributes
    ----------
    frame : Frame
        Origin and unit of the filters.
    sparse : bool
        Whether rows are sparse.
    places : ndarray of shape (n_candidates, n_features)
        The candidates.
    centers : ndarray of shape (n_centers, n_features)
        Centers that may rule out rows; none to do without.
    exactly : bool
        Whether gains are summed in integers at once.
    list_one_in : int
        Lists of rows that candidates would take hold one for so many rows; 0 for no limit.
    ready : Candidates or None
        The candidates as the rows of a partition need them.
    """

    frame: Frame
    sparse: bool
    places: Floats
    centers: Floats
    exactly: bool
    list_one_in: int
    ready: Candidates | None = None

    def begin(self, partition: Partition) -> Trials:
        """Make the candidates ready, once for all blocks."""
        message = (self.frame, self.sparse, self.places, self.centers)
        ready = Candidates(partition.workers, *message)
        return Trials(*message, self.exactly, self.list_one_in, ready)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what a partition makes for itself."""
        return {**vars(self), "ready": None}

    def run(self, block: Block, state: BlockState) -> Gains:
        """Try them on one block; its state keeps the lists."""
        seeding = seeding_of(state)
        assert self.ready is not None
        seeding.gains = _core.trials(
            state.workers,
            block.matrix,
            self.frame,
            self.ready,
            seeding.distances,
            seeding.nearest,
            seeding.floors,
            seeding.packed,
            state.weights,
            self.exactly,
            self.list_one_in,
        )
        return seeding.gains


# --- without the rows: for `Executor.states` ---------------------------------------------------


def fill(state: BlockState) -> None:
    """Sum weight times distance anew."""
    seeding = seeding_of(state)
    seeding.sampler.fill(state.workers, seeding.distances, state.weights)


@reads
def total(state: BlockState) -> tuple[int, ExactSum]:
    """Return the number of the first row, and the exact sum of weight times distance."""
    return state.start, seeding_of(state).sampler.total()


@reads
def draw(state: BlockState, values: Floats, before: dict[int, ExactSum]) -> NDArray[np.intp]:
    """Return for each value the first row at which the exact running sum reaches it.

    `before` has the sum of all blocks before, by the number of a block's first row. Where none
    reaches it, the number is beyond all rows.
    """
    seeding = seeding_of(state)
    sampler, start = seeding.sampler, state.start
    return sampler.draw(values, before[start], start, seeding.distances, state.weights)


@reads
def gains_exactly(state: BlockState) -> Gains:
    """Return the gains of the last trials in integers, from the lists."""
    seeding = seeding_of(state)
    assert seeding.gains is not None
    return seeding.gains.exactly(seeding.distances, state.weights)


@has(Effect.TAKING)
def take(state: BlockState, candidate: int, label: int) -> None:
    """Give a candidate of the last trials the rows that it takes, which were listed."""
    seeding = seeding_of(state)
    assert seeding.gains is not None
    seeding.gains.take(
        candidate, label, seeding.distances, seeding.nearest, seeding.sampler, state.weights
    )
