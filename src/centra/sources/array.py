"""Rows of anything that has a shape, a dtype and slices: memmap, HDF5, zarr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra.sources.reading import Fill, ReadSource
from centra.sources.runs import runs


class ArraySource(ReadSource):
    """Rows of an array that is read by slices; see `from_array`."""

    def __init__(self, x: Any, memory: str | int = "256MB") -> None:
        missing = [name for name in ("shape", "dtype", "__getitem__") if not hasattr(x, name)]
        if missing:
            raise TypeError(
                f"from_array needs something with shape, dtype and slices; {type(x).__name__} has "
                f"no {missing[0]}."
            )
        shape = tuple(int(size) for size in x.shape)
        stored = np.dtype(x.dtype)
        if len(shape) != 2 or 0 in shape:
            raise ValueError(
                f"The array has shape {shape}; it needs at least one row and one column."
            )
        if stored.kind not in "fiub" or stored.itemsize > 8:
            raise ValueError(
                f"The array holds {stored}; it must hold real numbers of up to 64 bits."
            )
        self.x, self.name = x, f"the {type(x).__name__}"
        self.shape = (shape[0], shape[1])
        self.dtype = np.dtype(np.float32 if stored == np.float32 else np.float64)
        self.budget(memory)
        # Whole chunks, where one fits: a chunk that is cut is read twice.
        chunks = getattr(x, "chunks", None)
        tall = int(chunks[0]) if chunks and isinstance(chunks[0], int) else 1
        if tall <= self._block < self.shape[0]:
            self._block -= self._block % tall

    @contextmanager
    def opened(self) -> Iterator[Fill]:
        """Return what reads slices."""

        def fill(start: int, rows: NDArray[Any]) -> None:
            rows[...] = self.x[start : start + len(rows)]

        yield fill

    def take_ascending(
        self, rows: NDArray[np.intp], out: NDArray[np.float64], into: NDArray[np.intp]
    ) -> None:
        """Read slices about the rows: not every array takes lists of rows."""
        width = self.shape[1] * np.dtype(self.x.dtype).itemsize
        for part in runs(rows, width):
            first, last = int(rows[part][0]), int(rows[part][-1])
            out[into[part]] = np.asarray(self.x[first : last + 1])[rows[part] - first]

    def __repr__(self) -> str:
        """Say what is where."""
        return (
            f"from_array({type(self.x).__name__}): {self.shape[0]} x {self.shape[1]} {self.dtype}"
        )


def from_array(x: Any, memory: str | int = "256MB") -> ArraySource:
    """Return rows of an array that is read by slices; accepted wherever X is.

    Parameters
    ----------
    x : array
        Anything with ``shape``, ``dtype`` and slices of rows: a NumPy memmap, an HDF5 data set of
        h5py, a zarr array. It must not change during a fit. float32 and float64 are used as they
        are, other real types become float64 block by block.
    memory : str or int, default="256MB"
        The budget, as that of `from_npy`. Blocks are whole chunks of the array, where it has
        chunks.

    Returns
    -------
    ArraySource
        To pass as X to `KMeans.fit`, `predict` and the rest; the same bits as in memory.

    Raises
    ------
    TypeError
        If it has no shape, dtype or slices.
    ValueError
        If it has other than two dimensions, no rows, or no real numbers of up to 64 bits; or if
        the budget is less than a row.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> X = np.array([[0.0], [1.0], [10.0], [11.0]])  # an HDF5 data set, say
    >>> centra.KMeans(2, init=[[0.0], [10.0]]).fit(centra.from_array(X, memory="16B")).labels_
    array([0, 0, 1, 1], dtype=int32)
    """
    return ArraySource(x, memory)
