"""Executors: who runs a pass over all rows. The loop, the seedings and the views know only these.

A *pass* says what to do with every block of rows. What it returns for two blocks merges with an
exact ``+``, in any order, so that the result does not depend on where blocks are. A *partition* is
some blocks, with their states, in one process. `LocalExecutor` has one partition, in this process,
and costs what a function call costs.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from centra._core import Workers
from centra._data.block_state import BlockState
from centra.sources import Block, Source

Part = TypeVar("Part")
Part_co = TypeVar("Part_co", covariant=True)


class Pass(Protocol[Part_co]):
    """Something to do with every block of rows. It pickles, and so does what it returns."""

    def run(self, block: Block, state: BlockState) -> Part_co:
        """Do it with one block; what comes back merges with ``+``."""
        ...


class Partition:
    """Some blocks of rows with their states, in one process, and the threads of that process.

    Parameters
    ----------
    source : Source
        Where the rows come from, block by block.
    workers : Workers
        Threads and instruction set.
    first : int
        Number of the first row, among those of all partitions.
    """

    def __init__(self, source: Source, workers: Workers, first: int = 0) -> None:
        self.source, self.workers, self.first = source, workers, first
        self.states: list[BlockState] = []
        #: What passes keep for all blocks, by name: caches as well.
        self.shared: dict[str, Any] = {}

    def run(self, work: Pass[Part]) -> Part:
        """Run a pass over the blocks; merge what comes back."""
        begin = getattr(work, "begin", None)
        if begin is not None:
            work = begin(self)
        done: Part | None = None
        states, first = self.states, self.first
        blocks = self.source.checked_blocks()
        try:
            for at, block in enumerate(blocks):
                start, n_rows = first + block.start, block.matrix.shape[0]
                if at == len(states):  # the first pass
                    states.append(BlockState(start, n_rows, self.workers))
                state = states[at]
                if state.start != start or state.n_rows != n_rows:
                    raise self._changed(at, start, state, n_rows)
                part = work.run(block, state)
                done = part if done is None else done + part  # type: ignore[operator]
        finally:
            # Where a pass fails midway: files are closed and threads ended now, not later.
            if isinstance(blocks, Generator):
                blocks.close()
        assert done is not None, "a source has rows"
        return done

    def weigh(self, weights: NDArray[np.float64] | None) -> None:
        """Give every row its weight; weights are those of the rows of the partition."""
        for state in self.states:
            begin = state.start - self.first
            rows = slice(begin, begin + state.n_rows)
            state.weights = None if weights is None else weights[rows]

    def _changed(self, at: int, start: int, before: BlockState, n_rows: int) -> ValueError:
        """Return the error for a block that is not what it was in the pass before."""
        return ValueError(
            f"{self.source.name}: block {at} has {n_rows} rows from row {start} on, and had "
            f"{before.n_rows} from row {before.start} on in the pass before. In every pass, "
            "blocks() must yield the same blocks."
        )


class Executor(Protocol):
    """Runs passes over all rows, wherever they are."""

    @property
    def in_place(self) -> bool:
        """Whether passes run in this process, so that they may change what they carry.

        Elsewhere they change a copy, and return the change instead.
        """
        ...

    @property
    def gathers(self) -> bool:
        """Whether something of every row may be brought to this process, such as labels."""
        ...

    @property
    def workers(self) -> Workers:
        """The threads of this process."""
        ...

    def run(self, work: Pass[Part]) -> Part:
        """Run a pass over all rows; return what it found."""
        ...

    def states(self, of: Callable[[BlockState], Part]) -> list[Part]:
        """Return something of the state of every block, in the order of their rows.

        The function may change the state. It pickles, and so does what it returns.
        """
        ...

    def weigh(self, weights: NDArray[np.float64] | None) -> None:
        """Give every row its weight, when a pass has seen the blocks; None where each weighs 1."""
        ...

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, dense, as float64 of shape (len(rows), n_features)."""
        ...

    def labels(self) -> NDArray[np.int32]:
        """Return the labels of all rows."""
        ...


class LocalExecutor:
    """One partition, in this process.

    Parameters
    ----------
    source : Source
        The rows.
    workers : Workers
        Threads and instruction set.
    """

    in_place = True
    gathers = True

    def __init__(self, source: Source, workers: Workers) -> None:
        self._partition = Partition(source, workers)
        self.run = self._partition.run
        self.weigh = self._partition.weigh
        self.take = source.take

    @property
    def workers(self) -> Workers:
        """The threads of this process."""
        return self._partition.workers

    def states(self, of: Callable[[BlockState], Part]) -> list[Part]:
        """Return something of the state of every block, without its rows."""
        return [of(state) for state in self._partition.states]

    def labels(self) -> NDArray[np.int32]:
        """Return the labels of all rows."""
        return joined(self.states(lambda state: state.labels))


def joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Return arrays one after the other; a single one as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
