"""Rows that do not fit into memory: read block by block in every pass, within a budget.

A source of this kind says how rows are read, from the first to the last. What is here cuts them
into blocks, reads the next block while the last one is used, and keeps the first blocks in memory
as far as the budget goes.

Why the first blocks, and always the same: passes go over all rows in one order. A cache of what was
used last would have dropped every block just before it is needed again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._core import Matrix
from centra.sources.ahead import BUFFERS, ahead
from centra.sources.base import Block, Source
from centra.sources.sizes import parse_memory

#: Bytes of a block, at most: long enough for threads to share, short enough to leave the budget to
#: what is kept.
BLOCK = 32 << 20
#: The part of the budget that two blocks may take, and what decodes rows.
SHARE = 2
#: Rows that are looked at first, for whether a narrower type holds them.
FIRST = 256

#: Fill an array with as many rows, from row `start` on. Calls come in ascending order.
Fill = Callable[[int, NDArray[Any]], None]


class ReadSource(Source):
    """Rows that are read in every pass.

    A subclass sets the attributes of `Source`, calls `budget`, and gives `opened` and
    `take_ascending`.
    """

    #: Rows of a block, and bytes for rows that stay in memory.
    _block: int = 1
    _room: int = 0
    #: The first blocks, as they are kept; None before a pass has ended.
    _kept: tuple[NDArray[Any], ...] | None = None

    def opened(self) -> AbstractContextManager[Fill]:
        """Return what reads rows, for one pass; it is closed when the pass ends.

        What it fills is contiguous and has the dtype of the source. It is called in another thread
        than the one that opens and closes it, and never twice at once.
        """
        raise NotImplementedError

    def take_ascending(
        self, rows: NDArray[np.intp], out: NDArray[np.float64], into: NDArray[np.intp]
    ) -> None:
        """Put rows, by ascending numbers, perhaps some twice, into these rows of an array."""
        raise NotImplementedError

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, reading little else.

        Raises
        ------
        IndexError
            There is no such row.
        """
        n, d = self.shape
        rows = np.where(rows < 0, rows + n, rows)
        order = np.argsort(rows, kind="stable")
        ascending, out = rows[order], np.empty((len(rows), d))
        if len(rows):
            if not 0 <= ascending[0] <= ascending[-1] < n:
                raise IndexError(
                    f"{self.name} has {n} rows; rows must be numbers from 0 to {n - 1}."
                )
            self.take_ascending(ascending, out, order)
        return out

    def budget(self, memory: str | int, decoding: int = 0) -> None:
        """Divide the budget: what decodes rows, two buffers of rows, and rows that stay in memory.

        What decodes takes half of it at most, whatever it needs.

        Raises
        ------
        ValueError
            If it cannot be read, or one row is larger.
        """
        size, (n, d) = parse_memory(memory), self.shape
        width = d * self.dtype.itemsize
        if size < width:
            raise ValueError(
                f"memory={memory!r} is too little for {self.name}: one of its rows takes {width} "
                "bytes. Allow a multiple of that."
            )
        size = max(width, size // SHARE, size - decoding)
        if n * width <= size:
            self._block, self._room, self.resident = n, n * width, True
            return
        rows = max(1, min(size // (SHARE * BUFFERS), BLOCK) // width)
        self._block, self._room = rows, max(0, size - BUFFERS * rows * width)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in blocks of one size; a thread reads the next one meanwhile."""
        with closing(self.arrays()) as arrays:
            for at, rows in enumerate(arrays):
                yield Block(at * self._block, Matrix.dense(rows))

    def arrays(self) -> Generator[NDArray[Any], None, None]:
        """Yield the rows of the blocks; an array is what it was until the next one is asked for."""
        with self.opened() as fill:
            read = self._read(fill)
            if self._block < self.shape[0]:
                read = ahead(read)
            with closing(read):
                yield from read

    def _read(self, fill: Fill) -> Generator[NDArray[Any], None, None]:
        """Yield the rows of every block: those that are kept, then those that are read."""
        (n, d), kept = self.shape, self._kept
        whole, room = self._block >= n, self._room
        turns = _Buffers((min(self._block, n), d), self.dtype)
        keeping: list[NDArray[Any]] | None = [] if kept is None else None
        for at, start in enumerate(range(0, n, self._block)):
            count = min(self._block, n - start)
            if kept is not None and at < len(kept):
                rows = kept[at]
                if rows.dtype != self.dtype:
                    rows = turns.next(count)
                    rows[...] = kept[at]
                yield rows
                continue
            rows = turns.next(count)
            fill(start, rows)
            if keeping is not None:
                # A buffer for all rows is used once: it is what is kept.
                found = rows if whole else narrowed(rows, room)
                if found is None:
                    self._kept, keeping = tuple(keeping), None
                else:
                    keeping.append(found)
                    room -= found.nbytes
            yield rows
        if keeping is not None:
            self._kept = tuple(keeping)

    def __getstate__(self) -> dict[str, Any]:
        """Leave behind what is kept of the rows: it can be read again."""
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}

    def __repr__(self) -> str:
        """Say what is where."""
        return f"{self.name}: {self.shape[0]} x {self.shape[1]} {self.dtype}"


class _Buffers:
    """Memory of two blocks, used in turn: one is read while the other is used."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[Any]) -> None:
        self._shape, self._dtype = shape, dtype
        self._made: list[NDArray[Any]] = []

    def next(self, count: int) -> NDArray[Any]:
        """Return room for so many rows; what was there two turns before is gone."""
        if len(self._made) < BUFFERS:
            self._made.append(np.empty(self._shape, self._dtype))
        else:
            self._made.append(self._made.pop(0))
        return self._made[-1][:count]


def narrowed(rows: NDArray[Any], room: int) -> NDArray[Any] | None:
    """Return a copy of rows that takes least, with the same numbers; None if there is no room.

    A number that another type holds exactly comes back as it was. The one exception is the sign of
    a zero, which integers drop: no distance, sum or label depends on it.

    Parameters
    ----------
    rows : ndarray of float32 or float64
        The numbers.
    room : int
        Bytes that the copy may take.

    Examples
    --------
    >>> import numpy as np
    >>> narrowed(np.array([[1.0, 255.0]]), 100).dtype, narrowed(np.array([[0.5, 2.0]]), 100).dtype
    (dtype('uint8'), dtype('float32'))
    """
    for kind in (np.uint8, np.int8, np.int16, np.float32):
        size = np.dtype(kind).itemsize
        if size >= rows.itemsize:
            break
        if rows.size * size > room:
            return None
        if _same(rows[:FIRST], kind) and _same(rows, kind):
            return rows.astype(kind)
    return rows.copy() if rows.nbytes <= room else None


def _same(rows: NDArray[Any], kind: type) -> bool:
    """Whether a type holds all the numbers exactly."""
    with np.errstate(invalid="ignore", over="ignore"):
        if np.issubdtype(kind, np.integer):
            limits = np.iinfo(kind)
            # False where anything is NaN.
            if not (rows.min() >= limits.min and rows.max() <= limits.max):
                return False
        return bool((rows.astype(kind) == rows).all())
