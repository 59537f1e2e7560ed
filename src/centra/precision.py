"""Precision: whether rows are screened in int16 first, or in float32 at once.

Both are filters with a certificate (crates/core/src/short.rs, screen.rs): what int16 does not
decide is scored in float32, and what that does not decide is compared in real arithmetic. int16 has
twice as many products to an instruction. Rows for which it is too coarse are scored twice; where
those are many, sweeps go back to float32. The choice is made by counts, never by a clock.
"""

from __future__ import annotations

import os

from centra.dataset import Dataset

#: Fewer columns, or centres, are not worth packing rows once more.
FEWEST_COLUMNS, FEWEST_CLUSTERS = 5, 16
#: int16 has half the cost: it is given up when it leaves more than this share of the rows.
WORTH = 0.3
#: Sweeps before it is tried again, doubled each time.
PAUSE = 8


def forced() -> bool | None:
    """Return whether ``CENTRA_PRECISION`` asks for int16 (or float32), for tests and benchmarks.

    Raises
    ------
    ValueError
        If there is no such precision.
    """
    name = os.environ.get("CENTRA_PRECISION", "").strip()
    if name not in ("", "float32", "int16"):
        raise ValueError(
            f"CENTRA_PRECISION={name!r}: there is no such precision; use 'float32' or 'int16'."
        )
    return None if not name else name == "int16"


class Precision:
    """Chooses a precision, sweep by sweep.

    Parameters
    ----------
    data : Dataset
        The rows.
    """

    def __init__(self, data: Dataset) -> None:
        self._data = data
        self._forced = forced()
        self._pause, self._patience = 0, PAUSE
        #: How many sweeps began in each precision.
        self.sweeps = {"int16": 0, "float32": 0}

    def longest(self, n_clusters: int) -> float | None:
        """Return how long rows are at most, if they are to be screened in int16; else None."""
        data = self._data
        if data.source.sparse or self._forced is False:
            return None
        if self._forced is None:
            worth = data.n_features >= FEWEST_COLUMNS and n_clusters >= FEWEST_CLUSTERS
            if not worth or self._pause:
                return None
        return data.longest

    def note(self, longest: float | None, counts: dict[str, int]) -> None:
        """Learn from what a sweep did."""
        self.sweeps["float32" if longest is None else "int16"] += 1
        if longest is None:
            self._pause = max(0, self._pause - 1)
        elif self._forced is None and counts["repeated"] > WORTH * counts["examined"]:
            self._pause, self._patience = self._patience, 2 * self._patience
