"""The budget: how many bytes may be kept beside the rows, to save time.

A fit may always take 32 bytes a row; what `memory` allows is added to that: without a word, half of
the bytes of wide rows themselves. Labels take 4. This is the one place that decides what else is
kept. No result depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from centra._core import Kept, PackedRows, Workers
from centra.sources.sizes import parse_memory

#: Bytes a row that a fit may always take.
BESIDE = 32
#: What `memory` says for no more than these.
ALWAYS = "32B/row"
#: Bytes a row of these that labels, those of the best restart and of the pass before, and bounds
#: leave to packed rows: to their norms and errors.
LEFT = 12
#: Beside rows of more columns, in memory, a fit may take a part of their own bytes.
FEW_COLUMNS, PART = 16, 2
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
#: Of so few rows all that candidates would take may be listed: 1.2 MB at most for six candidates.
FEW_ROWS = 4096
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
        row = PackedRows.row_bytes(workers, self.n_features)
        return self.memory > 0 and self.n_rows * (row - LEFT) <= self.memory

    @property
    def listed_one_in(self) -> int | None:
        """For how many rows seeding may list one, if rows are rounded to bytes; None if not."""
        size = None if self.sparse else Kept.row_bytes(self.n_features)
        if size is None or self.n_features < WIDE:
            return None
        spare = self.memory // self.n_rows + BESIDE - DRAWN - size - self.taken
        return max(-(-LISTED // spare), MOST) if FEWEST * spare >= LISTED else None

    @property
    def usually_listed_one_in(self) -> int:
        """The same for rows that are not rounded to bytes; 0 for no limit."""
        return 0 if self.n_rows <= FEW_ROWS else MOST

    @property
    def packs_for_seeding(self) -> bool:
        """Whether seeding may keep rows packed in float32."""
        return not self.sparse and 4 * self.n_rows * self.n_features <= self.memory


def beside(memory: str | int | None, X: Any) -> int:
    """Return how many bytes may be kept beside rows, on top of 32 a row.

    Parameters
    ----------
    memory : str, int or None
        What the user says: an amount, ``"32B/row"`` for nothing, or None.
    X : ndarray or None
        Dense rows in memory; None for others. (Of a view that repeats its rows nothing is taken:
        they have fewer bytes than it seems.)

    Examples
    --------
    >>> import numpy as np
    >>> X = np.zeros((1000, 100))
    >>> beside(None, X), beside("32B/row", X), beside("1KB", X), beside(None, X[:, :16])
    (400000, 0, 1000, 0)
    """
    if memory is not None:
        return 0 if str(memory).replace(" ", "").upper() == ALWAYS.upper() else parse_memory(memory)
    if X is None or X.shape[1] <= FEW_COLUMNS or 0 in X.strides:
        return 0
    return int(X.nbytes) // PART
