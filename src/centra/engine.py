"""The engine: which filter an assignment passes through.

Filters differ in cost, never in a label. They are chosen by counts of what earlier sweeps did, in
units of one score (a row against a centre), never by a clock: a fit does the same work every time.

* **tile**: every row against every centre, in certified float32 (crates/core/src/tile.rs).
* **boxes**: rows of up to four columns, sorted once so that neighbours lie together; a box of rows
  is scored against those centres only that may be nearest to one of its rows (boxes.rs).
"""

from __future__ import annotations

import os
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from centra._core import Boxes
from centra.dataset import Dataset
from centra.steps import AssignBoxes, Swept

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

#: What a row costs apart from its scores, in scores: measured, on two columns and more.
TILE_ROW, BOXES_ROW = 8, 12
#: Half of what it costs to sort a row: sorting begins when sweeps have lost as much without.
SORT_ROW = 150
#: One row in so many may be doubtful: they are taken from the source one by one.
MANY = 50
#: Fewer rows are not worth sorting.
FEWEST_ROWS = 4096


class Filter(Enum):
    """A way to find the nearest centres."""

    TILE = "tile"
    BOXES = "boxes"


def forced() -> Filter | None:
    """Return the filter that ``CENTRA_ENGINE`` names, for tests and benchmarks.

    Raises
    ------
    ValueError
        If there is no such filter.
    """
    name = os.environ.get("CENTRA_ENGINE", "").strip()
    if not name:
        return None
    try:
        return Filter(name)
    except ValueError:
        names = ", ".join(repr(each.value) for each in Filter)
        raise ValueError(f"CENTRA_ENGINE={name!r}: there is no such engine; use {names}.") from None


class Engine:
    """Assigns rows to their nearest centres, sweep after sweep, and keeps their labels.

    Parameters
    ----------
    data : Dataset
        Rows and weights.

    Attributes
    ----------
    counts : dict
        What was done, over all sweeps.
    sweeps : dict
        How many sweeps each filter made.
    """

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self.counts: dict[str, int] = {}
        self.sweeps = {each.value: 0 for each in Filter}
        self._labels = np.full(data.n_rows, -1, dtype=np.int32)
        self._boxed: Labels | None = None  # the same labels, in the order of the boxes
        self._behind = False  # whether only those in the order of the boxes are of today
        self._forced = forced()
        self._lost = 0
        self._useless = False
        # Centres near those of the last sweep, and the rows to look at when they come.
        self._doubtful: tuple[Floats, NDArray[np.intp]] | None = None

    @property
    def labels(self) -> Labels:
        """Labels of all rows; -1 before the first sweep."""
        if self._behind and self._boxed is not None and self.data.boxes is not None:
            self._labels[self.data.boxes.order] = self._boxed
            self._behind = False
        return self._labels

    def assign(self, centers: Floats, nearby: Floats | None = None) -> Swept:
        """Give every row the label of its nearest centre; return the change of the sums.

        With centres `nearby`, the next call may pass these, and then has few rows to look at.
        """
        doubtful, self._doubtful = self._doubtful, None
        if doubtful is not None and np.array_equal(doubtful[0], centers):
            swept = self.data.assign_some(centers, self.labels, doubtful[1])
            self._count(swept)
            return swept
        boxes = self._boxes(len(centers)) if self.data.holds(centers) else None
        if boxes is None:
            labels = self.labels
            self._boxed = None
            swept = self.data.assign(centers, labels, nearby=nearby)
            self._note(Filter.TILE, swept, len(centers))
            rows = swept.doubtful
            if nearby is not None and rows is not None and MANY * len(rows) <= len(labels):
                self._doubtful = (nearby, rows)
            return swept
        if self._boxed is None:
            self._boxed = self._labels[boxes.order]
        step = AssignBoxes(
            self.data.team,
            centers,
            self.data.frame,
            boxes,
            self._boxed,
            self.data.plan,
            self.data.weights,
        )
        self._behind = True
        swept = self.data.source.sweep(step)
        self._note(Filter.BOXES, swept, len(centers))
        return swept

    def _boxes(self, n_clusters: int) -> Boxes | None:
        """Return the boxes, if this sweep is to go through them."""
        if self._forced is Filter.TILE or self._useless:
            return None
        due = self._forced is Filter.BOXES or self._lost > SORT_ROW * self.data.n_rows
        if not due and not (self.data.sorted and n_clusters > 1):
            return None
        if self._forced is None and self.data.n_rows < FEWEST_ROWS:
            return None
        return self.data.boxes

    def _note(self, which: Filter, swept: Swept, n_clusters: int) -> None:
        self.sweeps[which.value] += 1
        counts = swept.counts
        self._count(swept)
        by_tile = counts["rows"] * (n_clusters + TILE_ROW)
        by_boxes = counts["rows"] * BOXES_ROW + 2 * counts["scored"]
        if which is Filter.TILE:
            self._lost += by_tile - counts["rows"] * BOXES_ROW
        elif by_boxes > by_tile and self._forced is None:
            self._useless = True

    def _count(self, swept: Swept) -> None:
        for name, n in swept.counts.items():
            self.counts[name] = self.counts.get(name, 0) + n
