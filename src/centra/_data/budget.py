"""The budget: how many bytes may be kept beside the rows, to save time.

A fit may always take 32 bytes a row; what `memory` allows is added to that. Labels take 4. This is
the one place that decides what else is kept. No result depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from centra._core import Kept, PackedRows, Workers

#: Bytes a row that a fit may always take.
BESIDE = 32
#: Bytes a row that the best restart so far keeps: labels, and those before its last pass.
BEST = 4 + 4
#: Rows packed in float32 take 4 (d + 1) bytes, in spatial order 4 d + 9: with two copies of the
#: labels and bounds within 32 up to so many columns.
NARROW = 4
#: Bytes a row that distances and nearest centers take while seeding draws.
DRAWN = 8 + 4
#: Bytes of a row that a candidate would take, in a list: 16, and three times that while the list
#: moves into twice the room.
LISTED = 48
#: One row in so many can be listed at least, and at most.
FEWEST, MOST = 24, 4
#: Rows of fewer columns are read and packed anew in the same time.
WIDE = 5


@dataclass(frozen=True)
class Budget:
    """How many bytes may be kept beside some rows.

    Attributes
    ----------
    n_rows, n_features : int
        Their number, and that of their columns.
    sparse : bool
        Whether they store only what is not zero: nothing is packed of those.
    memory : int
        Bytes on top of 32 a row.
    taken : int
        Bytes a row that are taken by what is kept of other restarts.
    """

    n_rows: int
    n_features: int
    sparse: bool
    memory: int = 0
    taken: int = 0

    def beside_best(self) -> Budget:
        """Return what is left where labels of the best restart so far are kept."""
        return replace(self, taken=BEST)

    @property
    def narrow(self) -> bool:
        """Whether rows are kept in float32, packed or in spatial order."""
        return not self.sparse and self.n_features <= NARROW

    def packs_int16(self, workers: Workers) -> bool:
        """Whether rows may stay packed in int16."""
        if self.sparse:
            return False
        return self.n_rows * PackedRows.row_bytes(workers, self.n_features) <= self.memory

    @property
    def listed_one_in(self) -> int | None:
        """For how many rows seeding may list one, if rows are rounded to bytes; None if not."""
        size = None if self.sparse else Kept.row_bytes(self.n_features)
        if size is None or self.n_features < WIDE:
            return None
        spare = self.memory // self.n_rows + BESIDE - DRAWN - size - self.taken
        return max(-(-LISTED // spare), MOST) if FEWEST * spare >= LISTED else None

    @property
    def packs_for_seeding(self) -> bool:
        """Whether seeding may keep rows packed in float32."""
        return not self.sparse and 4 * self.n_rows * self.n_features <= self.memory
