"""The validated rows of a call, their weights, and what the first passes found of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._core import (
    ClusterSums,
    ColumnStats,
    Frame,
    Matrix,
    Moments,
    SumFormats,
    Workers,
    column_stats,
    max_norm,
)
from centra._data.budget import Budget
from centra._data.executor import Executor, LocalExecutor, Part, Pass
from centra._data.passes import PassStats, SumSquares
from centra._data.together import Together
from centra._utils.lazily import lazily
from centra.sources import MemorySource, Source

#: Of so many rows the lengths are measured: at least, at most, and so many numbers (2 MiB). One row
#: in about as many is longer.
FEWEST_MEASURED, MOST_MEASURED, NUMBERS_MEASURED = 64, 1024, 1 << 18

#: Fewer numbers are scored so fast that an origin of its own does not pay.
_FEW_NUMBERS = 1 << 14
#: Rows of which medians are taken: at most, at least (of wider rows none), and no more than have
#: so many numbers.
_MOST_SAMPLED, _FEWEST_SAMPLED, _NUMBERS_SAMPLED = 255, 9, 1 << 16
#: Rows that are so many times nearer to the middle than the farthest are left with some 6 bits.
_ALIKE = 512


@dataclass(eq=False)
class Dataset:
    """Validated rows and weights, and what the first pass found of the columns.

    Attributes
    ----------
    source : Source
        The rows.
    weights : ndarray of shape (n_samples,) or None
        float64, none negative, not all zero; None where every row weighs 1.
    executor : Executor
        Runs passes over the rows.
    stats : ColumnStats
        Ranges of the columns.
    budget : Budget
        What may be kept beside the rows.
    workers : Workers
        The threads of this process.
    total : ClusterSums or None
        Exact sums of all rows, as the first assignment took them; None before.
    """

    source: Source
    weights: NDArray[np.float64] | None
    executor: Executor
    stats: ColumnStats
    budget: Budget = field(init=False)
    workers: Workers = field(init=False)
    total: ClusterSums | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Give rows their weights."""
        self.budget = Budget(self.n_rows, self.n_features, self.source.sparse)
        self.workers = self.executor.workers
        self.executor.weigh(self.weights)

    def run(self, work: Pass[Part]) -> Part:
        """Run a pass over all rows; return what it found."""
        return self.executor.run(work)

    def run_first(self, work: Pass[Part]) -> Part:
        """Run a pass and, if rows are read anew for every pass, take their squares with it.

        Inertia and the tolerance need them. They are exact, so that it is the same when they are
        taken; they cannot be taken in the first pass of all, which tells how large sums may be.
        """
        known = self.__dict__
        if self.source.resident or not self.executor.in_place or "squares" in known:
            return self.run(work)
        passes: list[Any] = [work, SumSquares(self.plan, sums=False)]
        if self.weights is not None and "moments" not in known:
            passes.append(SumSquares(self.plan, sums=True, once=True))
        found, known["squares"], *more = self.run(Together(tuple(passes))).parts
        if more:
            (known["moments"],) = more
        return found  # type: ignore[no-any-return]

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, dense, as float64 of shape (len(rows), n_features)."""
        return self.executor.take(rows)

    @classmethod
    def of(cls, source: Source, weights: NDArray[np.float64] | None, workers: Workers) -> Dataset:
        """Return rows that need no validation."""
        executor = LocalExecutor(source, workers)
        return cls(source, weights, executor, executor.run(PassStats()))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.source.shape[0]

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.source.shape[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64: what fitted centers will have."""
        return self.source.dtype

    @property
    def sparse(self) -> bool:
        """Whether rows store only what is not zero."""
        return self.source.sparse

    @property
    def dense(self) -> NDArray[Any] | None:
        """The array that has the rows, if there is one."""
        held = isinstance(self.source, MemorySource) and not self.sparse
        return self.source.X if held else None  # type: ignore[attr-defined]

    @property
    def at_hand(self) -> bool:
        """Whether the rows stay in the memory of this process from pass to pass."""
        return self.executor.in_place and self.source.resident

    @lazily
    def plan(self) -> SumFormats:
        """Return the format of exact sums: how many limbs each column needs."""
        if self.weights is None:
            return SumFormats(self.stats)
        return SumFormats(
            self.stats, column_stats(self.workers, Matrix.dense(self.weights.reshape(-1, 1)))
        )

    @lazily
    def squares(self) -> Moments:
        """Exact sum of w x^2: what inertia needs besides the sums of clusters."""
        if self.weights is None and "moments" in self.__dict__:
            return self.moments
        return self.run(SumSquares(self.plan, sums=False))

    @lazily
    def moments(self) -> Moments:
        """Exact sums of x^2 and x over the rows that weigh something, each counted once."""
        return self.run(SumSquares(self.plan, sums=True, once=True))

    @lazily
    def mean_variance(self) -> float:
        """Mean over columns of the variance, unweighted, rounded once.

        Rows of weight 0 have no part in it. Where there are no weights, the sums of the columns are
        those that the first assignment took, if there was one: a pass less.
        """
        if self.weights is not None or self.total is None:
            return self.moments.mean_variance()
        variance = self.squares.mean_variance(self.total)
        if variance < 0:  # no exact variance is
            raise self.changed("its sums give a variance below 0")
        return variance

    @lazily
    def frame(self) -> Frame:
        """Origin and unit of the float32 filters, for centers among the rows."""
        return self.frame_for(np.stack([self.stats.low, self.stats.high]))

    @lazily
    def _some_rows(self) -> NDArray[np.float64] | None:
        """Return some rows, where outliers may have pulled means away from most of them; or None.

        They tell where the frame has its origin. They are the same whatever the blocks.
        """
        if self.sparse or self.n_rows * self.n_features < _FEW_NUMBERS or not self.stats.pulled:
            return None
        count = min(_MOST_SAMPLED, _NUMBERS_SAMPLED // self.n_features)
        if count < _FEWEST_SAMPLED:
            return None
        return self.evenly(count)

    @lazily
    def scattered(self) -> bool:
        """Whether the farthest rows are so far off that others are all alike in 15 bits."""
        some = self._some_rows
        if some is None:
            return False
        middle = np.median(some, axis=0)
        with np.errstate(over="ignore"):
            apart = np.median(np.linalg.norm(some - middle, axis=1))
            farthest = np.maximum(self.stats.high - middle, middle - self.stats.low).max()
        return bool(apart * _ALIKE < farthest)

    @lazily
    def max_norm(self) -> float:
        """How long rows are at most in the frame, but for few (dense rows only).

        It is the length of the longest of some rows, which lie evenly among all. Longer ones are
        scored in float32, whatever they are, so that no pass is needed to find the longest of all.
        """
        most = max(FEWEST_MEASURED, min(MOST_MEASURED, NUMBERS_MEASURED // self.n_features))
        count = min(self.n_rows, most)
        return max_norm(self.workers, Matrix.dense(self.evenly(count)), self.frame)

    def evenly(self, count: int) -> NDArray[np.float64]:
        """Return so many rows, which lie evenly among all."""
        return self.take(np.arange(count) * self.n_rows // count)

    def changed(self, how: str) -> ValueError:
        """Return the error for rows that are not what they were."""
        return ValueError(
            f"{self.source.name} changed during the fit: {how}. Let nothing change it before the "
            "fit is done, or fit a copy."
        )

    def allow(self, memory: int) -> None:
        """Let so many bytes be kept beside the rows, on top of 32 a row."""
        self.budget = replace(self.budget, memory=memory)

    def holds(self, centers: NDArray[np.float64]) -> bool:
        """Whether the frame holds these centers: they lie in the box of the rows."""
        return self.stats.holds(self.workers, centers)

    def frame_for(self, centers: NDArray[np.float64]) -> Frame:
        """Return a frame for centers that may lie outside the box of the rows."""
        return Frame(self.stats, centers, self.sparse, self._some_rows)

    def reported(self, centers: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return the centers of float32 rows as a fit reports them: rounded once to float32.

        None for float64 rows, and where float32 cannot hold a center.
        """
        if self.dtype == np.float64:
            return None
        with np.errstate(over="ignore"):
            rounded = centers.astype(np.float32)
        return rounded.astype(np.float64) if np.isfinite(rounded).all() else None
