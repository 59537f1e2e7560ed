"""Random numbers of rows, drawn where the rows are.

Every row has a number of its own in every round: the one at its place in a stream of Philox, a
generator that can begin anywhere (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
as 1, 2, 3", SC 2011). So blocks draw by themselves, in any process, and the numbers do not depend
on how rows are cut. A row that weighs nothing has no number: with it or without it, the others have
the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._data.block_state import BlockState
from centra._data.dataset import Dataset
from centra._data.journal import reads

Floats = NDArray[np.float64]

#: Numbers that a step of Philox gives at once.
STEP = 4


@dataclass(frozen=True)
class Stream:
    """The numbers of all rows, in every round.

    Attributes
    ----------
    key : int
        What the numbers depend on, drawn once.
    before : dict of int to int or None
        How many rows before each block weigh something, by the number of its first row; None where
        all do.
    """

    key: int
    before: dict[int, int] | None = None

    @classmethod
    def of(cls, data: Dataset, rng: Any) -> Stream:
        """Draw a stream for some rows, with one number of a generator."""
        draw = rng.integers if isinstance(rng, np.random.Generator) else rng.randint
        key = int(draw(0, 2**63, dtype=np.uint64))
        weights = data.weights
        if weights is None or weights.all():
            return cls(key)
        counts = np.concatenate([[0], np.cumsum(weights > 0)])
        return cls(key, {start: int(counts[start]) for start in data.executor.states(_start)})

    def uniform(self, state: BlockState, turn: int) -> tuple[Floats, NDArray[np.intp] | None]:
        """Return the numbers of a block in a round, in [0, 1), and of which rows they are.

        Returns
        -------
        numbers : ndarray of float64
        rows : ndarray of int or None
            Their places in the block; None for all rows.
        """
        if self.before is None or state.weights is None:
            return self.numbers(turn, state.start, state.n_rows), None
        rows = np.flatnonzero(state.weights)
        return self.numbers(turn, self.before[state.start], len(rows)), rows

    def numbers(self, turn: int, first: int, count: int) -> Floats:
        """Return the numbers at some places of the stream of a round.

        Examples
        --------
        >>> stream = Stream(7)
        >>> bool((stream.numbers(1, 0, 9)[5:] == stream.numbers(1, 5, 4)).all())
        True
        """
        skip = first % STEP
        philox = np.random.Philox(key=self.key, counter=[first // STEP, turn, 0, 0])
        return np.random.Generator(philox).random(count + skip)[skip:]


@reads
def _start(state: BlockState) -> int:
    return state.start
