"""Rows that are read as a stream of record batches: from Parquet and Arrow files.

A file is a list of *parts*, such as the row groups of a Parquet file. A part says how many rows it
has and reads them in order, batch by batch; so memory holds a batch beside the block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra.sources.arrow_columns import Columns, MissingNumber
from centra.sources.reading import Fill, ReadSource
from centra.sources.runs import parts_of


class Part(Protocol):
    """Some consecutive rows of a file. It pickles."""

    @property
    def n_rows(self) -> int:
        """How many there are."""
        ...

    @property
    def path(self) -> str:
        """The file."""
        ...

    @property
    def name(self) -> str:
        """Where they are, for messages."""
        ...

    def batches(self, columns: Columns) -> Iterator[Any]:
        """Yield record batches of these columns, in the order of the rows."""
        ...

    def check(self) -> None:
        """Refuse a file that is not what it was when it was opened first."""
        ...


class StreamedSource(ReadSource):
    """Rows of parts, one after the other.

    Parameters
    ----------
    parts : sequence of Part
        Where they are.
    columns : Columns
        What is taken of them.
    name : str
        What to call the rows.
    memory : str or int
        The budget.
    decoding : int, default=0
        Bytes that it takes to decode what is read.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        columns: Columns,
        name: str,
        memory: str | int,
        decoding: int = 0,
    ) -> None:
        self.name, self.columns, self._parts = name, columns, tuple(parts)
        counts = [part.n_rows for part in self._parts]
        self._starts = np.concatenate([[0], np.cumsum(counts, dtype=np.intp)])
        self.shape, self.dtype = (int(self._starts[-1]), columns.width), columns.dtype
        self.feature_names = columns.features
        if not self.shape[0]:
            raise ValueError(f"{name} has no rows; it needs at least one.")
        self.budget(memory, decoding)

    @contextmanager
    def opened(self) -> Iterator[Fill]:
        """Read one part after the other; what is read after a gap begins with its part."""
        self._check()
        rest: Iterator[NDArray[Any]] = iter(())
        left: NDArray[Any] | None = None
        due = -1

        def fill(start: int, rows: NDArray[Any]) -> None:
            nonlocal rest, left, due
            if start != due:
                rest, left = self._from(start), None
            done = 0
            while done < len(rows):
                if left is None or not len(left):
                    left = next(rest)
                count = min(len(left), len(rows) - done)
                rows[done : done + count] = left[:count]
                left, done = left[count:], done + count
            due = start + len(rows)

        yield fill
        self._check()

    def _from(self, start: int) -> Iterator[NDArray[Any]]:
        """Yield all rows from one on, batch by batch."""
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        skip = start - int(self._starts[first])
        for part in self._parts[first:]:
            for rows in self._rows_of(part):
                yield rows[skip:]
                skip = max(0, skip - len(rows))

    def _rows_of(self, part: Part) -> Iterator[NDArray[Any]]:
        """Yield the rows of a part, batch by batch, in one buffer.

        Raises
        ------
        ValueError
            A number is missing, or the part has other rows than it had.
        """
        buffer, done = np.empty((0, self.shape[1]), self.dtype), 0
        for batch in part.batches(self.columns):
            count = batch.num_rows
            if count > len(buffer):
                buffer = np.empty((count, self.shape[1]), self.dtype)
            try:
                self.columns.fill(batch, buffer[:count])
            except MissingNumber as error:
                raise ValueError(
                    f"{part.name}, row {done + error.row} of it: {error}. Fill it, or leave such "
                    "rows out."
                ) from None
            done += count
            if count:
                yield buffer[:count]
        if done != part.n_rows:
            raise ValueError(
                f"{part.name} gave {done} rows, and said that it has {part.n_rows}; write the file "
                "again."
            )

    def take_ascending(
        self, rows: NDArray[np.intp], out: NDArray[np.float64], into: NDArray[np.intp]
    ) -> None:
        """Read every part that has one of the rows, up to the last of them."""
        self._check()
        for at, here in parts_of(rows, self._starts):
            self._take(self._parts[at], rows[here] - self._starts[at], out, into[here])

    def _take(
        self, part: Part, within: NDArray[np.intp], out: NDArray[Any], into: NDArray[np.intp]
    ) -> None:
        first, done = 0, 0
        for rows in self._rows_of(part):
            last = int(np.searchsorted(within, first + len(rows)))
            out[into[done:last]] = rows[within[done:last] - first]
            first, done = first + len(rows), last
            if done == len(within):
                return

    def _check(self) -> None:
        for part in {part.path: part for part in self._parts}.values():
            part.check()
