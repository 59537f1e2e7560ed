"""Precision: whether rows are screened in bytes or int16 first, or in float32 at once.

int16 makes twice as many products with one instruction, but rows for which it is too coarse are
scored twice. Where those are many, passes go back to float32. Bytes make four times as many, and
leave some centers of every row to float32; they pay where rows have many columns, there are many
centers, and lists are short, as some rows tell before the first pass. The choice is made by counts,
never by a clock.

It is safe because all have a certificate (crates/core/src/screen/certificate.rs,
screen/kernel/i16.rs, screen/shortlists/mod.rs): what int16 or bytes do not decide is scored in
float32, and what that does not decide is compared in real arithmetic.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from centra._core import Matrix, assign
from centra._data.dataset import Dataset

#: With fewer columns, or fewer centers, packing rows once more costs more than int16 saves.
FEWEST_COLUMNS, FEWEST_CLUSTERS = 5, 16
#: Rows that stay packed are half as much to read: from so many columns on that pays for any number
#: of centers.
KEPT_COLUMNS = 16
#: int16 has half the cost: it is given up when it leaves more than this share of the rows.
WORTH = 0.3
#: Of fewer columns, what is left to do with a score in bytes costs as much as its products.
BYTES_COLUMNS = 96
#: With fewer centers, or fewer products of a row with all of them, what a row costs besides weighs
#: more.
BYTES_CLUSTERS, BYTES_PRODUCTS = 256, 100_000
#: The instruction set that multiplies bytes faster than int16.
BYTES = "avx512"
#: Rows on which bytes are tried.
TRIED = 64
#: What it costs to score a center of a list, in products of bytes: so many a column, and so many.
LISTED_COLUMN, LISTED = 8, 2000
#: Passes before a filter that did not pay is tried again, doubled each time.
PAUSE = 8


def chosen(
    variable: str, what: str, names: Sequence[str], former: Mapping[str, str] | None = None
) -> str | None:
    """Return which of some names the environment asks for, for tests and benchmarks.

    `former` has the names of today by those of earlier versions.

    Raises
    ------
    ValueError
        If it asks for something else.
    """
    name = os.environ.get(variable, "").strip()
    name = (former or {}).get(name, name)
    if name and name not in names:
        among = (" or " if len(names) == 2 else ", ").join(map(repr, names))
        raise ValueError(f"{variable}={name!r}: there is no such {what}; set it to {among}.")
    return name or None


class Pause:
    """How long a filter that did not pay is left alone: twice as many passes each time."""

    def __init__(self) -> None:
        self._left, self._next = 0, PAUSE

    def __bool__(self) -> bool:
        """Whether it lasts."""
        return self._left > 0

    def begin(self) -> None:
        """Leave the filter alone from now on."""
        self._left, self._next = self._next, 2 * self._next

    def count_pass(self) -> None:
        """Take note of a pass without the filter."""
        self._left = max(0, self._left - 1)


class Precision:
    """Chooses a precision, pass by pass.

    Parameters
    ----------
    data : Dataset
        The rows.
    """

    def __init__(self, data: Dataset) -> None:
        self._data = data
        #: How many passes began in each precision.
        self.passes = {"int8": 0, "int16": 0, "float32": 0}
        self.forced = chosen("CENTRA_PRECISION", "precision", ("float32", "int16", "int8"))
        self._pause, self._pause_int8 = Pause(), Pause()
        self._int8 = False  # whether the last pass, or a try, did well in bytes
        if self.forced is None and data.scattered:
            self._pause.begin()
            self._pause_int8.begin()
        self._float32 = data.sparse or self.forced == "float32"

    def int8(self, centers: NDArray[np.float64]) -> bool:
        """Whether rows are to be screened in bytes.

        Where the pass before was not, bytes are tried on some rows first.
        """
        data = self._data
        if self.forced is not None or data.sparse:
            return self.forced == "int8" and not data.sparse
        k, columns = centers.shape
        if columns < BYTES_COLUMNS or k < BYTES_CLUSTERS or k * columns < BYTES_PRODUCTS:
            return False
        if self._pause_int8 or data.workers.isa != BYTES:
            return False
        if not self._int8:
            rows = data.evenly(min(data.n_rows, TRIED))
            labels = np.empty(len(rows), dtype=np.int32)
            counts = assign(
                data.workers, Matrix.dense(rows), centers, data.frame, labels, int8=True
            )
            self._judge(counts["listed"], counts["examined"] * k)
        return self._int8

    def _judge(self, listed: int, scored: int) -> None:
        """Go on with bytes, unless what they left cost more than half of their products."""
        columns = self._data.n_features
        self._int8 = 2 * listed * (LISTED_COLUMN * columns + LISTED) <= scored * columns
        if not self._int8:
            self._pause_int8.begin()

    def max_norm(self, n_clusters: int, again: bool) -> float | None:
        """Return how long rows are at most, if they are to be screened in int16; else None.

        `again` tells whether this pass can use rows that stay packed for more passes.
        """
        if self._float32:
            return None
        data = self._data
        if self.forced is None:
            columns = data.n_features
            worth = columns >= FEWEST_COLUMNS and n_clusters >= FEWEST_CLUSTERS
            worth = worth or (
                again and columns >= KEPT_COLUMNS and data.budget.packs_int16(data.workers)
            )
            if not worth or self._pause:
                return None
        return data.max_norm

    @property
    def pays(self) -> bool:
        """Whether int16 was used before and not given up: rows are not kept for a first try."""
        return self.passes["int16"] > 0 and not self._pause

    def note(
        self, max_norm: float | None, counts: dict[str, int], int8: bool, n_clusters: int
    ) -> None:
        """Learn from what a pass did."""
        if int8:
            self.passes["int8"] += 1
            if self.forced is None:
                self._judge(counts["listed"], counts["examined"] * n_clusters)
            return
        self._pause_int8.count_pass()
        self.passes["float32" if max_norm is None else "int16"] += 1
        if max_norm is None:
            self._pause.count_pass()
        elif self.forced is None and counts["repeated"] > WORTH * counts["examined"]:
            self._pause.begin()
