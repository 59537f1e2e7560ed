"""Heavy tails: columns with many small values and few large ones, which logarithms would mend."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["skewed"]

Floats = NDArray[np.float64]

#: Skewness from which on a tail is heavy: an exponential distribution has 2.
HEAVY = 2.0
#: So many standard errors above 0, of Gaussian rows: sqrt(6 / n).
SURE = 4.0
#: Logarithms must leave at most this part of the skewness. Two groups of different sizes are skewed
#: too, but their logarithms are as much.
LEFT = 0.5
#: Fewer rows say nothing on tails.
FEWEST = 20


def skewed(values: Floats) -> dict[int, float]:
    """Find the columns of positive numbers with a heavy upper tail that logarithms take away.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_features)
        The rows, or a sample of them.

    Returns
    -------
    found : dict of int to float
        The skewness of each such column.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> values = np.column_stack([rng.normal(50, 5, 500), rng.lognormal(size=500)])
    >>> list(skewed(values))
    [1]
    """
    n = len(values)
    if n < FEWEST:
        return {}
    found = {}
    for at in np.flatnonzero((values > 0).all(axis=0)).tolist():
        column = values[:, at]
        raw = _skewness(column)
        if raw < max(HEAVY, SURE * math.sqrt(6 / n)):
            continue
        if abs(_skewness(np.log(column))) <= LEFT * raw:
            found[at] = raw
    return found


def _skewness(column: Floats) -> float:
    """Third moment about the mean in units of the standard deviation; 0 of a constant."""
    centered = column - column.mean()
    width = float(np.abs(centered).max())
    if width == 0 or not math.isfinite(width):
        return 0.0
    centered /= width
    variance = float((centered**2).mean())
    return float((centered**3).mean() / variance**1.5)
