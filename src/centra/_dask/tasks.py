"""What the workers of a cluster run."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from centra._core import Workers
from centra._data.remote import Behind, Shard, merged
from centra._data.validate import array_of
from centra._utils.threads import workers
from centra.sources import Block, MemorySource, Source
from centra.sources.runs import taken


def look(block: Any) -> tuple[int, int, str, bool]:
    """Return rows, columns, dtype and whether it is sparse, of a block.

    Raises
    ------
    ValueError
        It has no numbers, or other than two dimensions.
    """
    rows = array_of(block)
    return rows.shape[0], rows.shape[1], rows.dtype.str, sp.issparse(rows)


def shard_of(runs: list[tuple[int, int]], dtype: str, width: int, *blocks: Any) -> Shard:
    """Make a shard of blocks.

    Parameters
    ----------
    runs : list of (int, int)
        The first row of every run, and how many of the blocks it has.
    dtype : str
        What all rows become.
    width : int
        Number of columns.
    blocks : array-like
        The blocks.
    """
    rows = (array_of(block).astype(dtype, copy=False) for block in blocks)
    return Shard([(first, Chunks(list(islice(rows, count)), width)) for first, count in runs])


def perform(shard: Shard, sent: bytes) -> Any:
    """Carry an order out."""
    order, before = pickle.loads(sent)
    return shard.perform(order, _workers(), before)


@dataclass(frozen=True)
class Joined:
    """The replies of several shards.

    Attributes
    ----------
    reply : object
        What they add up to; None if there is nothing.
    behind : tuple of int
        The shards that are behind.
    """

    reply: Any
    behind: tuple[int, ...] = ()


def join(shards: list[int], *replies: Any) -> Joined:
    """Add replies up, on a worker.

    Parameters
    ----------
    shards : list of int
        Whose replies these are; of those that are joined already, any number.
    replies : object
        Replies of shards, or `Joined`.
    """
    parts: list[Any] = []
    behind: list[int] = []
    for shard, reply in zip(shards, replies, strict=True):
        if isinstance(reply, Joined):
            parts.append(reply.reply)
            behind.extend(reply.behind)
        elif isinstance(reply, Behind):
            behind.append(shard)
        else:
            parts.append(reply)
    return Joined(merged(part for part in parts if part is not None), tuple(behind))


def take(shard: Shard, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return rows of a shard."""
    return shard.take(rows)


def _workers() -> Workers:
    """Return as many threads as this worker has."""
    try:
        from distributed import get_worker

        return workers(int(get_worker().state.nthreads))
    except (ImportError, ValueError):  # not in a worker
        return workers()


class Chunks(Source):
    """Consecutive blocks of rows in memory, borrowed."""

    resident = True

    def __init__(self, blocks: list[Any], width: int) -> None:
        self._rows = [MemorySource(block) for block in blocks]
        #: Number of the first row of every block, and of all rows.
        self._starts = np.cumsum([0, *(rows.shape[0] for rows in self._rows)])
        self.shape = (int(self._starts[-1]), width)
        self.dtype = blocks[0].dtype
        self.sparse = bool(sp.issparse(blocks[0]))

    def blocks(self) -> Any:
        """Yield the blocks."""
        for start, rows in zip(self._starts.tolist(), self._rows, strict=False):
            (block,) = rows.blocks()
            yield Block(start, block.matrix)

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, dense."""
        block = np.searchsorted(self._starts, rows, side="right") - 1
        return taken(rows, block, lambda at, some: self._rows[at].take(some - self._starts[at]))

    def __reduce__(self) -> Any:
        """Carry the rows; what the core borrows of them is made anew."""
        return Chunks, ([rows.X for rows in self._rows], self.shape[1])
