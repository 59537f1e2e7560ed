"""Single rows of a file: which are read at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Bytes between two rows that are read rather than passed over, and that are read at a time.
GAP, SPAN = 1 << 15, 1 << 20


def runs(ascending: NDArray[np.intp], width: int) -> Iterator[slice]:
    """Split ascending rows into runs that are read at once: no large gaps, no more than a span."""
    gaps = np.flatnonzero(np.diff(ascending) * width > GAP) + 1
    for first, last in pairwise([0, *gaps.tolist(), len(ascending)]):
        while first < last:
            most = int(ascending[first]) + max(1, SPAN // width)
            end = first + int(np.searchsorted(ascending[first:last], most))
            yield slice(first, end)
            first = end


def parts_of(ascending: NDArray[np.intp], starts: NDArray[np.intp]) -> Iterator[tuple[int, slice]]:
    """Say which of some ascending rows are in which part.

    Parameters
    ----------
    ascending : ndarray of int
        Rows.
    starts : ndarray of int
        The first row of every part, and the number of all rows.

    Yields
    ------
    part : int
        A part that has one of them at least.
    rows : slice
        Which they are.
    """
    ends = np.searchsorted(ascending, starts)
    for part, (first, last) in enumerate(pairwise(ends.tolist())):
        if first < last:
            yield part, slice(first, last)


def taken(
    rows: NDArray[np.intp],
    part: NDArray[np.intp],
    take: Callable[[int, NDArray[np.intp]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Take rows from several parts, in any order.

    Parameters
    ----------
    rows : ndarray of int of shape (n,)
        Rows, one at least.
    part : ndarray of int of shape (n,)
        The part that has each of them.
    take : callable
        Returns rows of a part, dense.
    """
    parts = [(part == at, take(int(at), rows[part == at])) for at in np.unique(part)]
    out = np.empty((len(rows), parts[0][1].shape[1]))
    for here, found in parts:
        out[here] = found
    return out
