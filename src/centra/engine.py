"""The engine: which filter an assignment passes through.

Filters differ in cost, never in a label. They are chosen by counts of what earlier sweeps did, in
units of one score (a row against a centre), never by a clock: a fit does the same work every time.

* **tile**: every row against every centre, in certified float32
  (crates/core/src/screen/kernel/tile.rs).
* **boxes**: rows of up to four columns, sorted once so that neighbours lie together; a box of rows
  is scored against those centres only that may be nearest to one of its rows (prune/blocks.rs).
* **bounds**: the tile, but for rows whose label stands, because the centres have not moved as far
  as the row's gap between its nearest centre and the others (prune/hamerly.rs).
* **moved**: sparse rows against the centres that moved, and against those that stood still only
  where that does not decide (screen/activity.rs).
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from centra._core import Boxes, Reach, Standing, Tally
from centra.dataset import Dataset
from centra.precision import Pause, Precision, chosen
from centra.steps import Assign, AssignBounded, AssignBoxes, Swept

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

#: What a row costs apart from its scores, in scores: measured, on two columns and more.
TILE_ROW, BOXES_ROW = 8, 12
#: Half of what it costs to sort a row: sorting begins when sweeps have lost as much without.
SORT_ROW = 90
#: Bounds begin when one row in so many still changes its label: until then most gaps are too small.
SETTLED = 16
#: They are given up, for some sweeps, when they leave more than this share of the rows to the tile.
WORTH = 0.8
#: One row in so many may be doubtful: they are taken from the source one by one.
MANY = 50
#: Fewer rows are not worth sorting.
FEWEST_ROWS = 4096


class Filter(Enum):
    """A way to find the nearest centres."""

    TILE = "tile"
    BOXES = "boxes"
    BOUNDS = "bounds"
    MOVED = "moved"


def nearest_labels(data: Dataset, centers: Floats, keep: bool = False) -> Labels:
    """Return the label of every row's nearest centre: one sweep.

    Nothing is kept of it unless `keep`: then packed rows are, if there is room, for others.
    """
    labels = np.empty(data.n_rows, dtype=np.int32)
    holds = data.holds(centers)
    longest = Precision(data).longest(len(centers), keep) if holds else None
    data.assign(centers, labels, holds=holds, longest=longest, keep=keep)
    return labels


class Engine:
    """Assigns rows to their nearest centres, sweep after sweep, and keeps their labels and sums.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    n_clusters : int
        Number of centres.

    Attributes
    ----------
    tally : Tally
        Sums by the labels.
    counts : dict
        What was done, over all sweeps.
    sweeps : dict
        How many sweeps each filter made.
    precision : Precision
        Whether rows are screened in int16 first.
    """

    def __init__(self, data: Dataset, n_clusters: int) -> None:
        self.data = data
        self.tally = Tally(n_clusters, data.plan)
        self.counts: dict[str, int] = {}
        self.sweeps = {each.value: 0 for each in Filter}
        self._labels = np.full(data.n_rows, -1, dtype=np.int32)
        self._boxed: Labels | None = None  # the labels of today, in the order of the boxes
        self._then = False, self._labels
        self.precision = Precision(data)
        name = chosen("CENTRA_ENGINE", "engine", [each.value for each in Filter])
        self._forced = Filter(name) if name else None
        self._lost = 0
        self._bounded = not (data.source.sparse or data.narrow)
        small = self._forced is None and data.n_rows < FEWEST_ROWS
        self._useless = small or self._forced not in (None, Filter.BOXES)
        self._reach: Reach | None = None  # of the rows' gaps; None while there are no bounds
        self._expiry = np.empty(0, dtype=np.float32)
        self._settled, self._poor, self._pause = False, 0, Pause()
        self._standing: Standing | None = None  # of the scores of sparse rows; None without them
        self._scores = np.empty((0, 2), dtype=np.float32)
        # Centres near those of the last sweep, and the rows to look at when they come.
        self._doubtful: tuple[Floats, NDArray[np.intp]] | None = None

    @property
    def labels(self) -> Labels:
        """Labels of all rows; -1 before the first sweep."""
        if self._boxed is not None and self.data.boxes is not None:
            self.data.boxes.put(self._boxed, self._labels)
            self._boxed = None
        return self._labels

    def remember(self) -> None:
        """Remember the labels of today."""
        boxed = self._boxed is not None
        self._then = boxed, (self._labels if self._boxed is None else self._boxed).copy()

    def changed_since(self) -> int:
        """Return how many rows have another label than when it was last asked to remember them."""
        was_boxed, then = self._then
        if was_boxed and self._boxed is not None:
            return int(np.count_nonzero(self._boxed != then))
        now = self.labels
        if was_boxed and self.data.boxes is not None:
            boxed, then = then, np.empty_like(now)
            self.data.boxes.put(boxed, then)
        return int(np.count_nonzero(now != then))

    def assign(
        self,
        centers: Floats,
        nearby: Floats | None = None,
        moved: NDArray[np.bool_] | None = None,
    ) -> Swept:
        """Give every row the label of its nearest centre; return what was done.

        With centres `nearby`, the next call may pass these, and then has few rows to look at. Those
        that are all means of rows come with `moved`: which are others than in the last call.
        """
        doubtful, self._doubtful = self._doubtful, None
        if doubtful is not None and np.array_equal(doubtful[0], centers):
            swept = self.data.assign_some(centers, self.labels, doubtful[1], self.tally)
            self._count(swept)
            self._standing = None
            return swept
        # The exact mean of numbers between two others, rounded once, lies between them.
        holds = moved is not None or self.data.holds(centers)
        which = self._choose(len(centers)) if holds else Filter.TILE
        longest = None
        if holds and which is not Filter.BOXES:
            longest = self.precision.longest(len(centers), again=True)
        if which is Filter.BOXES:
            swept = self._by_boxes(centers)
        elif which is Filter.BOUNDS:
            swept = self._by_bounds(centers, longest)
        else:
            self._reach = None
            if which is Filter.MOVED:
                swept = self._by_moved(centers, nearby, moved)
            else:
                self._standing = None
                swept = self.data.assign(centers, self.labels, self.tally, nearby, holds, longest)
            rows = swept.doubtful
            if nearby is not None and rows is not None and MANY * len(rows) <= self.data.n_rows:
                self._doubtful = (nearby, rows)
        self._note(which, swept, len(centers))
        self.precision.note(longest, swept.counts)
        return swept

    def _by_boxes(self, centers: Floats) -> Swept:
        data, boxes = self.data, self.data.boxes
        assert boxes is not None
        self._reach = None
        if self._boxed is None:
            self._boxed = boxes.take(self.data.team, self._labels)
        return data.source.sweep(
            AssignBoxes(
                data.team, centers, data.frame, boxes, self._boxed, self.tally, data.weights
            )
        )

    def _by_bounds(self, centers: Floats, longest: float | None) -> Swept:
        data = self.data
        if self._reach is None:
            self._reach = Reach(centers)
            self._expiry = np.full(data.n_rows, -np.inf, dtype=np.float32)
        else:
            self._reach.advance(data.frame, centers)
        return data.source.sweep(
            AssignBounded(
                data.team,
                centers,
                data.frame,
                self._reach,
                self.labels,
                self._expiry,
                self.tally,
                data.weights,
                longest,
                data.kept(longest),
            )
        )

    def _by_moved(
        self, centers: Floats, nearby: Floats | None, moved: NDArray[np.bool_] | None
    ) -> Swept:
        data = self.data
        if self._standing is None:
            self._standing, moved = Standing(), None
            self._scores = np.zeros((data.n_rows, 2), dtype=np.float32)
        self._standing.advance(data.team, data.frame, centers, moved, nearby)
        return data.source.sweep(
            Assign(
                data.team,
                centers,
                data.frame,
                self.labels,
                self.tally,
                data.weights,
                nearby=nearby,
                standing=self._standing,
                scores=self._scores,
            )
        )

    def _choose(self, n_clusters: int) -> Filter:
        if self._boxes(n_clusters) is not None:
            return Filter.BOXES
        sparse = self.data.source.sparse
        if self._forced is not None:
            fits = self._forced is (Filter.MOVED if sparse else Filter.BOUNDS)
            return self._forced if fits else Filter.TILE
        if sparse:
            return Filter.MOVED
        return Filter.BOUNDS if self._settled and not self._pause else Filter.TILE

    def _boxes(self, n_clusters: int) -> Boxes | None:
        """Return the boxes, if this sweep is to go through them."""
        if self._useless:
            return None
        due = self._forced is Filter.BOXES or self._lost > SORT_ROW * self.data.n_rows
        if not due and not (self.data.sorted and n_clusters > 1):
            return None
        return self.data.boxes

    def _note(self, which: Filter, swept: Swept, n_clusters: int) -> None:
        self.sweeps[which.value] += 1
        counts = swept.counts
        self._count(swept)
        rows = counts["rows"]
        by_tile = rows * (n_clusters + TILE_ROW)
        by_boxes = rows * BOXES_ROW + 2 * counts["scored"]
        if which is Filter.TILE:
            self._lost += by_tile - rows * BOXES_ROW
            self._pause.pass_sweep()
        elif which is Filter.BOXES and by_boxes > by_tile and self._forced is None:
            self._useless = True
        elif which is Filter.BOUNDS and counts["examined"] < rows:
            # (A sweep that looked at all rows was the first, or as good as.)
            self._poor = self._poor + 1 if counts["examined"] > WORTH * rows else 0
            if self._poor == 3:
                self._poor = 0
                self._pause.begin()
        self._settled = self._bounded and counts["changed"] * SETTLED <= rows

    def _count(self, swept: Swept) -> None:
        for name, n in swept.counts.items():
            self.counts[name] = self.counts.get(name, 0) + n
