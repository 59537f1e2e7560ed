"""The choice of a filter for every pass, by counts of what earlier passes did, never by a clock.

The unit of cost is one score, of a row against a center. So the same fit does the same work every
time. A wrong choice costs time and changes no label, since every filter is proved to change none.
"""

from __future__ import annotations

from enum import Enum

from centra._assign.precision import Pause, chosen
from centra._data.dataset import Dataset

#: What a row costs apart from its scores, in scores: measured, on two columns and more.
EXHAUSTIVE_ROW, BLOCKS_ROW = 8, 12
#: Half of what it costs to sort a row: sorting begins when passes have lost as much without.
SORT_ROW = 90
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


class Choice:
    """Chooses a filter, pass by pass.

    Parameters
    ----------
    data : Dataset
        The rows.
    """

    def __init__(self, data: Dataset) -> None:
        self._sparse, self._n_rows = data.sparse, data.n_rows
        self._narrow = data.budget.narrow
        name = chosen("CENTRA_ENGINE", "filter", [each.value for each in Kind], FORMER)
        self.forced = Kind(name) if name else None
        small = self.forced is None and data.n_rows < FEWEST_ROWS
        self.no_blocks = not self._narrow or small or self.forced not in (None, Kind.BLOCKS)
        self._sorted = False
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
        if self.forced is Kind.BLOCKS or self._lost > SORT_ROW * self._n_rows:
            return True
        return self._sorted and n_clusters > 1

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
