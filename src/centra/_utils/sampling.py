"""A sample of rows: the same ones every time, in their order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["sampled"]


def sampled(
    rows: NDArray[np.intp] | int, most: int, rng: np.random.Generator | int = 0
) -> NDArray[np.intp]:
    """Return rows, or so many of them, drawn without replacement.

    Parameters
    ----------
    rows : ndarray of shape (n,), or int
        Numbers of rows, ascending; or how many there are, counted from 0.
    most : int
        How many are returned at most.
    rng : Generator or int, default=0
        What to draw from, if there are more; an int is the seed of a new one.

    Returns
    -------
    some : ndarray of shape (min(n, most),)
        Ascending.

    Examples
    --------
    >>> sampled(3, 5), len(sampled(np.arange(100), 5))
    (array([0, 1, 2]), 5)
    """
    rows = np.arange(rows) if isinstance(rows, int) else rows
    if len(rows) <= most:
        return rows
    return rows[np.sort(np.random.default_rng(rng).choice(len(rows), most, replace=False))]
