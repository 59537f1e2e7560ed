"""Rows in several blocks, as a source of one's own may yield them: resident or not, some empty.

Nothing about the rows may depend on how they are cut, so every law, identity and adversarial test
holds for ``variants`` of its rows too. ``Held`` is one way to hold rows, for hypothesis to draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.sparse as sp

from centra.sources import Block, Matrix, Source
from compare import laid_out


class Parts(Source):
    """Rows cut into blocks.

    Blocks that are not resident are copies, and spoiled as soon as the next one is asked for: a
    source that reads from elsewhere uses its memory again. So nothing may be kept of them.

    Parameters
    ----------
    X : ndarray or CSR matrix
        The rows.
    cuts : list of int
        Numbers of the first rows of all blocks but the first, in ascending order. Two equal ones
        have an empty block between them.
    resident : bool
        What the source says of itself.
    """

    def __init__(self, X: Any, cuts: list[int], resident: bool = False) -> None:
        self.X, self.resident = X, resident
        self.starts, self.stops = [0, *cuts], [*cuts, X.shape[0]]
        self.shape, self.dtype, self.sparse = X.shape, X.dtype, bool(sp.issparse(X))
        self.parts = [X[a:b] for a, b in zip(self.starts, self.stops, strict=True)]

    def blocks(self) -> Iterator[Block]:
        for start, part in zip(self.starts, self.parts, strict=True):
            rows = part if self.resident else part.copy()
            if self.sparse:
                yield Block(start, Matrix.csr(rows.data, rows.indices, rows.indptr, self.shape[1]))
            else:
                yield Block(start, Matrix.dense(rows))
            if not self.resident:
                (rows.data if self.sparse else rows)[...] = np.nan

    def take(self, rows: Any) -> np.ndarray:
        taken = self.X[rows]
        return np.ascontiguousarray(taken.toarray() if self.sparse else taken, dtype=np.float64)

    def __repr__(self) -> str:
        kind = "CSR" if self.sparse else "dense"
        return f"Parts({kind} {self.shape}, starts={self.starts}, resident={self.resident})"


def cuts_of(n: int, blocks: str) -> list[int]:
    """Return where to cut n rows: into so many blocks, or into seven that are "ragged".

    Of the ragged ones the first and the middle one are empty, and two hold one row.
    """
    if blocks == "ragged":
        return sorted(min(at, n) for at in (0, 1, n // 3, n // 3, 2 * n // 3, max(n - 1, 0)))
    count = int(blocks)
    return [n * i // count for i in range(1, count)]


class Held(NamedTuple):
    """A way to hold rows: in memory, in a layout of ``compare.LAYOUTS``, or cut into blocks."""

    layout: str = "C"
    blocks: str = ""  # "" is memory; "1", "2", "7" or "ragged" blocks otherwise
    resident: bool = False

    def __call__(self, X: Any) -> Any:
        """Hold rows in this way."""
        rows = laid_out(X, self.layout) if isinstance(X, np.ndarray) else X
        cuts = cuts_of(X.shape[0], self.blocks) if self.blocks else []
        return Parts(rows, cuts, self.resident) if self.blocks else rows

    def __str__(self) -> str:
        stays = "resident" if self.resident else "not resident"
        return f"{self.blocks} blocks, {self.layout}, {stays}" if self.blocks else self.layout


BLOCKS = ("1", "2", "7", "ragged")
#: All ways to cut dense rows (a CSR matrix stays one).
CUT = tuple(Held("C", blocks, resident) for blocks in BLOCKS for resident in (True, False))
#: Those in which most goes wrong, where a test cannot afford all of them.
WORST = (Held("C", "2", True), Held("C", "ragged", True), Held("C", "ragged", False))

#: Where to cut 6,000 rows: one block; two; seven; blocks without rows at both ends and within;
#: blocks of one row.
CUTS = ([], [3000], [857, 1714, 2571, 3428, 4285, 5142], [0, 3000, 3000, 6000], [1, 2, 5999])

in_blocks = pytest.mark.parametrize("held", CUT, ids=str)


def variants(X: Any, ways: tuple[Held, ...] = CUT) -> Iterator[tuple[str, Source]]:
    """Yield the rows cut in all ways, each with its name."""
    for held in ways:
        yield str(held), held(X)
