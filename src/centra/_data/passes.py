"""Passes: what can be done with every block of rows. Each returns something that merges with ``+``.

A pass is a small object, and so is what it returns: both pickle. Numbers of single rows are kept in
the state of their block, or returned as `PerRow`. A new pass is a new class, here or in the package
that needs it; the loop has no branches for it.

Some passes carry an entry for every row, and are large wherever they go: `OwnDistances` with labels
and `TwoNearest`, which views use, and `Approach` of the seedings. What is written in place never
leaves this process: `AllDistances` with `out`, and assignments that keep sums in place
(`centra._assign.filters.Assign`) do not pickle.

Examples
--------
A pass that counts rows beyond a distance from the origin:

>>> from dataclasses import dataclass
>>> import numpy as np
>>> from centra._data.executor import LocalExecutor
>>> from centra._utils.threads import workers
>>> from centra.sources import MemorySource
>>> @dataclass(frozen=True)
... class CountFar:
...     radius: float
...     def run(self, block, state):
...         rows = block.matrix.take(np.arange(state.n_rows))
...         return int((np.linalg.norm(rows, axis=1) > self.radius).sum())
>>> LocalExecutor(MemorySource(np.array([[3.0, 4.0], [0.0, 1.0]])), workers(1)).run(CountFar(2.0))
1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra import _core
from centra._core import ColumnStats, Moments, SumFormats
from centra._data.block_state import BlockState
from centra._data.executor import joined
from centra._data.journal import reads
from centra.sources import Block

if TYPE_CHECKING:
    from centra._core import Shares

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]


@dataclass(frozen=True)
class PerRow:
    """Numbers of rows, block by block.

    Attributes
    ----------
    parts : tuple of (int, tuple of ndarray)
        The number of a block's first row, and arrays of one entry for every row of the block.
    """

    parts: tuple[tuple[int, tuple[NDArray[Any], ...]], ...]

    @classmethod
    def of(cls, state: BlockState, *arrays: NDArray[Any]) -> PerRow:
        """Return the numbers of one block."""
        return cls(((state.start, arrays),))

    def __add__(self, other: PerRow) -> PerRow:
        """Merge with the numbers of other blocks."""
        return PerRow(self.parts + other.parts)

    def whole(self) -> tuple[NDArray[Any], ...]:
        """Return the arrays for all rows, in their order."""
        ordered = [arrays for _, arrays in sorted(self.parts, key=lambda part: part[0])]
        return tuple(joined(list(arrays)) for arrays in zip(*ordered, strict=True))


@reads
@dataclass(frozen=True)
class PassStats:
    """The first pass: finiteness and ranges of the columns, and what exact `sums` need."""

    sums: bool = True

    def run(self, block: Block, state: BlockState) -> ColumnStats:
        """Look at every entry once."""
        return _core.column_stats(state.workers, block.matrix, self.sums)


@reads
@dataclass(frozen=True)
class SumSquares:
    """Exact sums of w x^2 and, if asked for, of x.

    `once` counts every row that weighs something once.
    """

    plan: SumFormats
    sums: bool
    once: bool = False

    def run(self, block: Block, state: BlockState) -> Moments:
        """Sum one block."""
        weights = state.weights
        if self.once and weights is not None:
            weights = None if weights.all() else (weights > 0).astype(np.float64)
        return _core.moments(state.workers, block.matrix, self.plan, weights, self.sums)


@reads
@dataclass(frozen=True)
class OwnDistances:
    """Squared distance of every row to the center of its label, one of all rows' or its state's."""

    centers: Floats
    labels: Labels | None = None

    def run(self, block: Block, state: BlockState) -> PerRow:
        """Measure one block."""
        labels = state.labels if self.labels is None else self.labels[state.rows]
        return PerRow.of(state, own_distances(block, state, self.centers, labels))


def own_distances(block: Block, state: BlockState, centers: Floats, labels: Labels) -> Floats:
    """Return the squared distance of every row of a block to the center of its label."""
    out = np.empty(state.n_rows)
    _core.own_distances(state.workers, block.matrix, centers, labels, out)
    return out


@reads
@dataclass(frozen=True)
class TwoNearest:
    """Squared distance of every row to its own center and to its rival, the nearest other one.

    If asked for, also how wide every cluster is towards every other center: sums of `shares`
    (`crates/core/src/distance/two_nearest.rs`), with weights as integers.
    """

    centers: Floats
    labels: Labels
    weights: NDArray[np.uint32] | None = None
    shares: bool = False

    def run(self, block: Block, state: BlockState) -> Rivals:
        """Measure one block."""
        n, rows = state.n_rows, state.rows
        own, other, rival = np.empty(n), np.empty(n), np.empty(n, dtype=np.int32)
        shares = _core.two_nearest(
            state.workers,
            block.matrix,
            self.centers,
            self.labels[rows],
            own,
            other,
            rival,
            None if self.weights is None else self.weights[rows],
            self.shares,
        )
        return Rivals(PerRow.of(state, own, other, rival), shares)


@dataclass(frozen=True)
class Rivals:
    """Distances to the own center and to the rival, and the rival, row by row; and shares."""

    rows: PerRow
    shares: Shares | None

    def __add__(self, other: Rivals) -> Rivals:
        """Merge with what other rows say."""
        shares = None
        if self.shares is not None and other.shares is not None:
            shares = self.shares + other.shares
        return Rivals(self.rows + other.rows, shares)


@reads
@dataclass(frozen=True)
class AllDistances:
    """Euclidean distance of every row to every center, float32 or float64.

    `out`, if given, takes those of all rows; it stays in this process.
    """

    centers: Floats
    dtype: np.dtype[Any]
    out: NDArray[np.floating] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Refuse to carry `out`: what is written into a copy is lost."""
        if self.out is not None:
            raise TypeError("a pass with out= does not pickle: leave out= away")
        return vars(self)

    def run(self, block: Block, state: BlockState) -> PerRow:
        """Measure one block."""
        shape = (state.n_rows, len(self.centers))
        out = np.empty(shape, self.dtype) if self.out is None else self.out[state.rows]
        if not _core.all_distances(state.workers, block.matrix, self.centers, out):
            single = out.dtype == np.float32
            remedy = "pass X.astype(np.float64)" if single else "divide X by a power of two"
            raise OverflowError(f"distances exceed the largest {out.dtype}; {remedy}")
        return PerRow.of(state, out)
