"""The state of a block of rows: what the process that reads them keeps between passes.

Labels belong to a pass and its centers. All else is a cache, which may be dropped at any moment: a
label depends on the row and the centers alone, so that what is lost can be found again by one pass.
Two blocks share nothing. `budget` says how many bytes a row this may take.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._core import (
    ColumnStats,
    Frame,
    Gains,
    Kept,
    Matrix,
    PackedRows,
    SpatialBlocks,
    WeightedSampler,
    Workers,
)
from centra._data.journal import Effect, has, reads

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]


@dataclass(eq=False)
class Seeding:
    """What seeding knows of every row: 20 bytes a row, or 12 without floors.

    Attributes
    ----------
    distances : ndarray of float64 of shape (n_rows,)
        Squared distance to the nearest of the centers chosen so far.
    nearest : ndarray of int32 of shape (n_rows,)
        That center.
    floors : ndarray of float64 of shape (n_rows,)
        What rules out candidates (`crates/core/src/seeding`); empty for rows rounded to bytes.
    sampler : WeightedSampler
        Exact sums of weight times distance, to draw rows by.
    packed : Kept or None
        Rows rounded to bytes, or packed in float32; None packs them anew in every pass.
    gains : Gains or None
        What the last candidates would gain, with lists of the rows that they would take.
    """

    distances: Floats
    nearest: Labels
    floors: Floats = field(default_factory=lambda: np.empty(0))
    sampler: WeightedSampler = field(default_factory=WeightedSampler)
    packed: Kept | None = None
    gains: Gains | None = None


@dataclass(eq=False)
class BlockState:
    """What is kept of the rows of one block.

    Attributes
    ----------
    start, n_rows : int
        Number of the first row, and how many there are.
    workers : Workers
        The threads of the process that holds the block.
    weights : ndarray of float64 of shape (n_rows,) or None
        Weights of the rows; None where each weighs 1.
    packed : PackedRows or None
        Rows packed in float32 or int16 (`crates/core/src/screen`).
    order : SpatialBlocks or None
        The rows in spatial order: neighbours lie together (`crates/core/src/prune`).
    bounds : ndarray of float32 of shape (n_rows,) or None
        Hamerly's bounds: how far centers may move before a label may change, since the start that
        `bounds_of` names.
    scores : ndarray of float32 of shape (n_rows, 3) or None
        Scores and bounds of sparse rows, since the start that `scores_of` names.
    seeding : Seeding or None
        What seeding knows of the rows, while it draws.
    """

    start: int
    n_rows: int
    workers: Workers
    weights: Floats | None = None
    packed: PackedRows | None = None
    order: SpatialBlocks | None = None
    bounds: NDArray[np.float32] | None = None
    bounds_of: int = 0
    scores: NDArray[np.float32] | None = None
    scores_of: int = 0
    seeding: Seeding | None = None
    _labels: Labels | None = None
    _ordered: Labels | None = None  # labels in spatial order; where there are, `_labels` are old
    _before: tuple[bool, Labels] | None = None
    _best: tuple[Labels, Labels | None, tuple[bool, Labels] | None] | None = None

    @property
    def rows(self) -> slice:
        """Where the rows lie among those of all blocks."""
        return slice(self.start, self.start + self.n_rows)

    # --- labels ----------------------------------------------------------------------------------

    @property
    def labels(self) -> Labels:
        """Labels of the rows, to be read and changed in place; -1 before the first pass."""
        if self._labels is None:
            self._labels = np.full(self.n_rows, -1, dtype=np.int32)
        if self._ordered is not None and self.order is not None:
            self.order.put(self._ordered, self._labels)
            self._ordered = None
        return self._labels

    def ordered_labels(self) -> Labels:
        """Return the labels in the spatial order, to be read and changed in place."""
        assert self.order is not None
        if self._ordered is None:
            self._ordered = self.order.take(self.workers, self.labels)
        return self._ordered

    @has(Effect.NO_LABELS)
    def forget_labels(self) -> None:
        """Begin anew, with arrays that nobody else holds; bounds and scores go with the labels."""
        self._labels = self._ordered = self._before = None
        self.bounds = self.scores = None

    @has(Effect.MEMORY)
    def remember_labels(self) -> None:
        """Keep a copy of the labels of today, for `changed_labels`."""
        ordered = self._ordered is not None
        self._before = ordered, (self.labels if self._ordered is None else self._ordered).copy()

    @reads
    def changed_labels(self) -> int | None:
        """Return how many labels differ from those that were remembered; None if none were."""
        if self._before is None:
            return None
        ordered, before = self._before
        if ordered and self._ordered is not None:
            return int(np.count_nonzero(self._ordered != before))
        return int(np.count_nonzero(self.labels != self._by_rows(ordered, before)))

    def _by_rows(self, ordered: bool, labels: Labels) -> Labels:
        """Return labels in the order of the rows."""
        if not ordered or self.order is None:
            return labels
        found = np.empty_like(labels)
        self.order.put(labels, found)
        return found

    @has(Effect.BEST)
    def keep_best(self) -> None:
        """Keep the labels as those of the best restart so far."""
        rows = self.labels if self._labels is None else self._labels
        self._best = rows, self._ordered, self._before

    @property
    def best(self) -> Labels:
        """Labels of the best restart so far."""
        assert self._best is not None
        labels, ordered, before = self._best
        if ordered is not None and self.order is not None:
            self.order.put(ordered, labels)
            self._best = labels, None, before
        return labels

    @has(Effect.MEMORY)
    def restore_best(self) -> None:
        """Make the labels those of the best restart, which are not kept beside them any more."""
        assert self._best is not None
        labels, ordered, before = self._best
        if self._labels is not labels:
            self.forget_labels()
            self._labels, self._ordered, self._before = labels, ordered, before
        self._best = None

    # --- caches ----------------------------------------------------------------------------------

    def packed_rows(self) -> PackedRows | None:
        """Return where packed rows of the block are kept; None if spatial order keeps its rows."""
        if self.order is not None:
            return None
        if self.packed is None:
            self.packed = PackedRows()
        return self.packed

    @reads  # a cache
    def forget_packed(self) -> None:
        """Make room."""
        self.packed = None

    @reads
    def packed_bytes(self) -> int:
        """Return how many bytes the packed rows take; those in spatial order are not counted."""
        return 0 if self.packed is None else self.packed.nbytes

    def sort(self, matrix: Matrix, frame: Frame, stats: ColumnStats) -> SpatialBlocks | None:
        """Return the rows in spatial order, made once; None if they cannot be sorted so."""
        if self.order is None:
            self.packed = None  # first, so that memory never holds both
            self.order = SpatialBlocks.sort(self.workers, matrix, frame, stats)
        return self.order

    @reads
    def is_sorted(self) -> bool:
        """Whether the rows are in spatial order."""
        return self.order is not None

    def bounds_since(self, epoch: int) -> NDArray[np.float32]:
        """Return the bounds that were begun at `epoch`, or new ones, of which nothing is known."""
        if self.bounds is None or self.bounds_of != epoch:
            self.bounds = np.full(self.n_rows, -np.inf, dtype=np.float32)
            self.bounds_of = epoch
        return self.bounds

    def scores_since(self, epoch: int) -> NDArray[np.float32]:
        """Return the scores that were begun at `epoch`, or new ones, of which nothing is known."""
        if self.scores is None or self.scores_of != epoch:
            self.scores = np.tile(UNKNOWN, (self.n_rows, 1))
            self.scores_of = epoch
        return self.scores

    def __getstate__(self) -> dict[str, Any]:
        """Carry labels alone: threads are the process's own, and caches are found again."""
        best = None
        if self._best is not None:
            before = self._best[2]
            best = self.best, None, before and (False, self._by_rows(*before))
        kept = {"labels": self.labels, "best": best}
        return {"start": self.start, "n_rows": self.n_rows, **kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take labels; threads and weights are given by the partition that holds the block."""
        self.__init__(state["start"], state["n_rows"], Workers(1))  # type: ignore[misc]
        self._labels, self._best = state["labels"], state["best"]


#: Scores of which nothing is known (`crates/core/src/screen/activity.rs`).
UNKNOWN = np.array([0.0, -np.inf, -np.inf], dtype=np.float32)
