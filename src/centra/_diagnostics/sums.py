"""Totals: a column that is the sum of others, and so counts what they hold twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["sums_of"]

Floats = NDArray[np.float64]

#: Rows that are looked at, and columns at most: of more the answer takes long.
ROWS, COLUMNS = 500, 60
#: In fewer rows for each column a sum may be chance.
FEWEST = 3
#: A sum is exact to this part of the largest value.
EXACT = 1e-9


def sums_of(values: Floats) -> dict[int, list[int]]:
    """Find columns that are the sum of two or more others.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_features)
        The rows, or a sample of them, in the columns' own units.

    Returns
    -------
    found : dict of int to list of int
        For each such column those that it is the sum of.

    Examples
    --------
    >>> import numpy as np
    >>> food, rent, fun = np.random.default_rng(0).normal(100, 9, size=(3, 50))
    >>> sums_of(np.column_stack([food, food + rent, rent, fun]))
    {1: [0, 2]}
    """
    few = values[:ROWS]
    n, d = few.shape
    if not 3 <= d <= COLUMNS or n < FEWEST * d or not np.isfinite(few).all():
        return {}
    size = np.abs(few).max(axis=0)
    if not size.all():
        return {}
    # Without a sum (or another linear relation) no direction is left out.
    spread = np.linalg.svd(few / size, compute_uv=False)
    if spread[-1] > 1e-7 * spread[0]:
        return {}
    found = {}
    for at in range(d):
        others = np.delete(np.arange(d), at)
        factors = np.linalg.lstsq(few[:, others], few[:, at], rcond=None)[0]
        parts = others[np.abs(factors) > 0.5]
        if len(parts) < 2 or (few[:, at] == 0).all():
            continue
        if np.abs(values[:, parts].sum(axis=1) - values[:, at]).max() <= EXACT * size.max():
            found[at] = parts.tolist()
    return found
