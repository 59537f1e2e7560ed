"""The choice of a filter for every pass, by counts of what earlier passes did, never by a clock.

The unit of cost is one score, of a row against a center. So the same fit does the same work every
time. A wrong choice costs time and changes no label, since every filter is proved to change none.
"""

from __future__ import annotations

import math
from enum import Enum

from centra._assign.precision import Pause, chosen
from centra._data.block_state import BlockState
from centra._data.dataset import Dataset

#: What a row costs apart from its scores, in scores: measured, on two columns and more.
EXHAUSTIVE_ROW, BLOCKS_ROW = 8, 12
#: What it costs to sort a row, of so many rows, and how much more for every doubling: measured
#: (decision 0083).
SORT_ROW, SORT_DOUBLING, SORT_ROWS = 700, 30, 1_000_000
#: What it costs to bring the label of a row back into the order of the rows.
BACK_ROW = 60
#: Rows of a spatial block (`crates/core/src/prune/morton.rs`).
BLOCK = 32
#: Blocks of uniform rows meet as many cells of centers along a column as they are wide, times this,
#: and one: measured.
MET = 2.4
#: Bounds begin when one row in so many still changes its label: until then most
#: bounds are too small.
SETTLED = 16
#: They are given up, for some passes, when they leave more than this share of the rows.
WORTH = 0.8
#: Fewer rows are not worth sorting.
FEWEST_ROWS = 4096


class Kind(Enum):
    """The filters, by name (`centra._assign.filters`)."""

    EXHAUSTIVE = "exhaustive"
    BLOCKS = "blocks"
    HAMERLY = "hamerly"
    ACTIVITY = "activity"


#: What ``CENTRA_ENGINE`` may also say: the names of version 0.1.0.
FORMER = {"tile": "exhaustive", "boxes": "blocks", "bounds": "hamerly", "moved": "activity"}


def forced_filter() -> Kind | None:
    """Return the filter that the environment forces."""
    name = chosen("CENTRA_ENGINE", "filter", [each.value for each in Kind], FORMER)
    return Kind(name) if name else None


def sort_price(n_rows: int) -> float:
    """Return what it costs to sort a row of so many, in scores.

    It grows with their number, as more of them lie outside of the caches.
    """
    return SORT_ROW + SORT_DOUBLING * max(0.0, math.log2(n_rows / SORT_ROWS))


def likely_gain(n_rows: int, n_features: int, n_clusters: int) -> float:
    """Return how many scores a row a pass by blocks saves, if rows are uniform.

    Real rows crowd, and blocks of them meet fewer centers: so it is rather too low.
    """
    width = (BLOCK * n_clusters / n_rows) ** (1 / n_features)  # of a block, in cells of centers
    met = min(n_clusters, float((1 + MET * width) ** n_features))
    return n_clusters + EXHAUSTIVE_ROW - BLOCKS_ROW - 2 * met


def sorts_for_one_pass(data: Dataset, n_clusters: int) -> bool:
    """Whether rows are worth sorting for a single pass, whose labels go back to their order."""
    forced = forced_filter()
    if not data.budget.narrow or forced is not None:
        return data.budget.narrow and forced is Kind.BLOCKS
    rows, columns = data.n_rows, data.n_features
    gain = likely_gain(rows, columns, n_clusters)
    return rows >= FEWEST_ROWS and gain > sort_price(rows) + BACK_ROW


class Choice:
    """Chooses a filter, pass by pass.

    Parameters
    ----------
    data : Dataset
        The rows.
    """

    def __init__(self, data: Dataset) -> None:
        self._sparse, self._n_rows, self._n_features = data.sparse, data.n_rows, data.n_features
        self._narrow = data.budget.narrow
        self.forced = forced_filter()
        small = self.forced is None and data.n_rows < FEWEST_ROWS
        self.no_blocks = not self._narrow or small or self.forced not in (None, Kind.BLOCKS)
        # An earlier restart may have sorted the rows.
        self._sorted = not self.no_blocks and all(data.executor.states(BlockState.is_sorted))
        self._lost = 0
        self._settled, self._poor, self._pause = False, 0, Pause()

    def filter(self, n_clusters: int, near: bool = False) -> Kind:
        """Return the filter for centers among the rows; `near` as in `Assignment.assign`."""
        if self._blocks(n_clusters):
            self._sorted = True
            return Kind.BLOCKS
        if self.forced is not None:
            fits = self.forced is (Kind.ACTIVITY if self._sparse else Kind.HAMERLY)
            return self.forced if fits else Kind.EXHAUSTIVE
        if self._sparse:
            return Kind.ACTIVITY
        bounded = near or (self._settled and not self._narrow and not self._pause)
        return Kind.HAMERLY if bounded else Kind.EXHAUSTIVE

    def _blocks(self, n_clusters: int) -> bool:
        if self.no_blocks:
            return False
        if self.forced is Kind.BLOCKS:
            return True
        if self._sorted:
            return n_clusters > 1
        # Sorting begins when passes, this one counted, lose half of its price without: then it
        # costs no more than twice what the best choice would have, however many passes follow.
        loss = self._lost + likely_gain(self._n_rows, self._n_features, n_clusters) * self._n_rows
        return loss > 0.5 * sort_price(self._n_rows) * self._n_rows

    def note(self, kind: Kind, counts: dict[str, int], n_clusters: int) -> None:
        """Learn from what a pass did."""
        rows = counts["rows"]
        exhaustive = rows * (n_clusters + EXHAUSTIVE_ROW)
        blocks = rows * BLOCKS_ROW + 2 * counts["scored"]
        if kind is Kind.EXHAUSTIVE:
            self._lost += exhaustive - rows * BLOCKS_ROW
            self._pause.count_pass()
        elif kind is Kind.BLOCKS and blocks > exhaustive and self.forced is None:
            self.no_blocks = True
        elif kind is Kind.HAMERLY and counts["examined"] < rows:
            # (A pass that looked at all rows was the first, or as good as.)
            self._poor = self._poor + 1 if counts["examined"] > WORTH * rows else 0
            if self._poor == 3:
                self._poor = 0
                self._pause.begin()
        self._settled = counts["changed"] * SETTLED <= rows
