"""Filters: ways to find the nearest centers of a block's rows. They differ in cost alone.

* `Exhaustive`: every row is scored against every center, in float32 or int16 with a certificate
  (`crates/core/src/screen`). It is used where no other filter pays.
* `Blocks`: rows of up to four columns are sorted once, so that neighbours lie together. A spatial
  block of 32 neighbours is scored against those centers only that may be nearest to one of its rows
  (`crates/core/src/prune/blocks.rs`; Kanungo and others, IEEE TPAMI 24(7), 2002).
* `Hamerly`: as `Exhaustive`, but rows are left out whose bound says that the centers have not moved
  far enough to change their label. It is used for rows of five columns and more, once few labels
  change (`crates/core/src/prune/hamerly.rs`; Hamerly, SDM 2010).
* `Activity`: sparse rows are scored against the centers that moved, and against the others only
  where that does not decide (`crates/core/src/screen/activity.rs`; Kaukoranta, Fränti and
  Nevalainen, IEEE Trans. Image Process. 9(8), 2000); rows are left out whose bound holds for some
  passes more (`crates/core/src/assign/activity.rs`).

Each is proved, at the head of its file, to give every row the label of its nearest center.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra import _core
from centra._core import (
    CenterActivity,
    CenterDrift,
    ClusterSums,
    ColumnStats,
    Frame,
    SpatialBlocks,
    SumFormats,
)
from centra._data.block_state import BlockState, Labels
from centra._data.executor import Partition
from centra._data.journal import Effect, has, reads
from centra._data.passes import PerRow
from centra.sources import Block

Floats = NDArray[np.float64]
Counts = dict[str, int]


# (Those of every pass are not frozen, which takes longer to make: a fit of 1,000 rows feels it.)
@dataclass(eq=False)
class Target:
    """The centers to which rows are assigned.

    Attributes
    ----------
    centers : ndarray of float64 of shape (n_clusters, n_features)
        The centers.
    frame : Frame
        Origin and unit of the screens.
    max_norm : float or None
        The largest norm of the rows in the frame, for screening them in int16 first; None screens
        them in float32 at once.
    int8 : bool
        Whether rows are screened in bytes first.
    keep : bool
        Whether packed rows are kept for more passes.
    sums : ClusterSums or None
        Exact sums of the clusters, which follow the labels.
    """

    centers: Floats
    frame: Frame
    max_norm: float | None = None
    keep: bool = False
    sums: ClusterSums | None = None
    int8: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """Refuse to carry sums: what is added to a copy is lost."""
        if self.sums is not None:
            raise TypeError("sums that are kept in place do not pickle: give Assign a plan instead")
        return vars(self)


class Filter(Protocol):
    """A way to label the rows of a block with their nearest centers.

    One that has something to make ready for all blocks of a partition has a method
    ``begin(target, partition)``, which returns the filter to use.
    """

    def label(self, target: Target, block: Block, state: BlockState) -> Counts:
        """Label the rows of a block; return what was done."""
        ...


@dataclass(frozen=True)
class Exhaustive:
    """Every row against every center."""

    def label(self, target: Target, block: Block, state: BlockState) -> Counts:
        """Label the rows of a block."""
        return label_all(target, block, state, state.labels)


def label_all(
    target: Target, block: Block, state: BlockState, labels: Labels, sums: bool = True, **of: Any
) -> Counts:
    """Write the nearest center of every row into `labels`; sums follow if they are wanted.

    `of` is what a filter has of these rows, in the words of `_core.assign`.
    """
    counts = _core.assign(
        state.workers,
        block.matrix,
        target.centers,
        target.frame,
        labels,
        target.sums if sums else None,
        state.weights if sums else None,
        state.packed_rows() if target.keep else None,
        target.max_norm,
        int8=target.int8,
        **of,
    )
    return counts  # type: ignore[return-value]


@dataclass(frozen=True)
class Blocks:
    """Spatial blocks against the centers that may be nearest to one of their rows."""

    stats: ColumnStats

    def label(self, target: Target, block: Block, state: BlockState) -> Counts:
        """Label the rows of a block, which are sorted if they are not yet."""
        order = state.sort(block.matrix, target.frame, self.stats)
        if order is None:
            return label_all(target, block, state, state.labels)
        return label_all(target, block, state, state.ordered_labels(), blocks=order)


@dataclass(frozen=True)
class Hamerly:
    """Rows whose label may have changed, as the centers moved, against every center.

    Attributes
    ----------
    drift : CenterDrift
        How far the centers have moved since `epoch`.
    epoch : int
        A number of its own for every start; bounds of another start are not used.
    """

    drift: CenterDrift
    epoch: int

    def label(self, target: Target, block: Block, state: BlockState) -> Counts:
        """Label the rows of a block."""
        bounds = state.bounds_since(self.epoch)
        return label_all(target, block, state, state.labels, drift=self.drift, bounds=bounds)


@dataclass(frozen=True)
class Activity:
    """Sparse rows against the centers that moved, and the others where that does not decide.

    Attributes
    ----------
    moved : ndarray of bool of shape (n_clusters,) or None
        Which centers are others than in the pass before; None for all.
    epoch : int
        A number of its own for every start; scores of another start are not used.
    n_passes : int
        How many passes there were since the start: a partition that missed one begins anew.
    placed : CenterActivity or None
        The centers as the rows of a partition need them.
    """

    moved: NDArray[np.bool_] | None
    epoch: int
    n_passes: int
    placed: CenterActivity | None = None

    def begin(self, target: Target, partition: Partition) -> Activity:
        """Place the centers, once for all blocks."""
        before = partition.shared.get("activity")
        follows = before is not None and before[:2] == (self.epoch, self.n_passes - 1)
        placed, left = before[2:] if before is not None and follows else (CenterActivity(), None)
        partition.shared["activity"] = None  # if what follows is interrupted
        moved = self.moved if follows else None
        centers = target.centers
        placed.advance(partition.workers, target.frame, centers, moved, left)
        # What somebody may write into would be no centers of before.
        own = centers.flags.owndata and not centers.flags.writeable
        kept = centers if own else centers.copy()
        partition.shared["activity"] = (self.epoch, self.n_passes, placed, kept)
        return replace(self, placed=placed)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what a partition makes for itself."""
        return {**vars(self), "placed": None}

    def label(self, target: Target, block: Block, state: BlockState) -> Counts:
        """Label the rows of a block."""
        assert self.placed is not None
        scores = state.scores_since(self.epoch)
        return label_all(target, block, state, state.labels, activity=self.placed, scores=scores)


@dataclass(eq=False)
class Assigned:
    """What an assignment returns: counts of what was done, and the change of the sums.

    Attributes
    ----------
    counts : dict of str to int
        What was done.
    change : ClusterSums or None
        What the sums of the clusters change by; None where they were kept in place.
    """

    counts: Counts
    change: ClusterSums | None = None

    def __add__(self, other: Assigned) -> Assigned:
        """Merge with the assignment of other rows."""
        change = self.change
        if other.change is not None:
            change = other.change if change is None else change + other.change
        counts = {name: n + other.counts[name] for name, n in self.counts.items()}
        return Assigned(counts, change)


@has(Effect.LABELS)
@dataclass(eq=False)
class Assign:
    """The pass that gives every row the label of its nearest center.

    Attributes
    ----------
    target : Target
        The centers; with sums where these are kept in place.
    filter : Filter
        How to find the nearest one.
    plan : SumFormats or None
        How columns are split in the change of the sums, which comes back; None where there is none.
        A row counts as added with its first label, and as moved with every other one.
    """

    target: Target
    filter: Filter
    plan: SumFormats | None = None

    def again(self) -> Assign:
        """Return the pass that gives the same labels where none are known, without their sums."""
        return replace(self, filter=Exhaustive(), plan=None)

    def begin(self, partition: Partition) -> Assign:
        """Make the filter ready for all blocks of a partition."""
        begin = getattr(self.filter, "begin", None)
        return self if begin is None else replace(self, filter=begin(self.target, partition))

    def run(self, block: Block, state: BlockState) -> Assigned:
        """Assign one block."""
        if self.plan is None:
            return Assigned(self.filter.label(self.target, block, state))
        change = ClusterSums(len(self.target.centers), self.plan)
        target = replace(self.target, sums=change)
        return Assigned(self.filter.label(target, block, state), change)


@reads
@dataclass(frozen=True)
class Label:
    """The pass that returns the label of every row's nearest center; states keep theirs.

    With `stats`, rows are brought into spatial order for it, and that is forgotten again.
    """

    target: Target
    stats: ColumnStats | None = None

    def run(self, block: Block, state: BlockState) -> PerRow:
        """Label one block."""
        order = None
        if self.stats is not None:
            frame = self.target.frame
            order = SpatialBlocks.sort(state.workers, block.matrix, frame, self.stats)
        labels = np.empty(state.n_rows, dtype=np.int32)
        if order is None:
            label_all(self.target, block, state, labels, sums=False)
        else:
            ordered = np.empty_like(labels)
            label_all(self.target, block, state, ordered, sums=False, blocks=order)
            order.put(ordered, labels)
        return PerRow.of(state, labels)
