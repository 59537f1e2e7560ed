"""Numbers that stand for a missing one: -999, 99, 9999, as surveys and instruments write them.

To k-means they are measurements, farther from all others than any real one, so that rows without an
answer become a cluster of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CODES", "codes_of"]

Floats = NDArray[np.float64]

#: Numbers that are used so: of nines, eights and sevens, and those right below nines.
CODES = frozenset(
    float(sign + each)
    for sign in ("", "-")
    for each in (
        *("9", "99", "999", "9999", "99999", "999999", "99.9", "999.9", "9999.9", "99.99"),
        *("999.99", "8", "88", "888", "8888", "7", "77", "777", "7777", "98", "998", "9998"),
        *("97", "997", "9997", "96", "996"),
    )
)
#: Rows that must have it, and the share of rows that may.
LEAST, MOST = 2, 0.3
#: Other rows that show what measurements are like.
OTHERS = 10
#: Codes at one end of a column, at most: no answer, not asked, unknown.
TOGETHER = 4
#: How far it is from them, in their range; a negative one among numbers from 0.
FAR, BELOW = 1.0, 0.5


def codes_of(values: Floats) -> dict[int, dict[float, int]]:
    """Find numbers that may stand for missing ones.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_features)
        The rows, or a sample of them, in the columns' own units.

    Returns
    -------
    found : dict of int to dict of float to int
        For each such column, these numbers, each with how many rows have it.

    Examples
    --------
    >>> import numpy as np
    >>> answers = np.random.default_rng(0).integers(1, 6, size=(50, 2)).astype(float)
    >>> answers[[3, 7, 20], 1] = 99
    >>> codes_of(answers)
    {1: {99.0: 3}}
    """
    found = {}
    for at in range(values.shape[1]):
        codes = _codes(values[:, at])
        if codes:
            found[at] = codes
    return found


def _codes(column: Floats) -> dict[float, int]:
    """Take numbers off both ends of a column if they may be codes."""
    rest, counts = np.unique(column, return_counts=True)
    codes: dict[float, int] = {}
    for _ in range(2):  # what is at one end hides how far the other one is
        for high in (True, False):
            for n in range(1, min(TOGETHER, len(rest) - 2) + 1):
                inner = slice(0, -n) if high else slice(n, None)
                outer = slice(len(rest) - n, None) if high else slice(0, n)
                if _are_codes(rest[outer], counts[outer], rest[inner], counts[inner]):
                    codes |= dict(zip(rest[outer].tolist(), counts[outer].tolist(), strict=True))
                    rest, counts = rest[inner], counts[inner]
                    break
    return codes


def _are_codes(
    values: Floats, counts: NDArray[np.intp], others: Floats, left: NDArray[np.intp]
) -> bool:
    """Whether values at one end are codes, and far from all others."""
    n, n_left = int(counts.sum()), int(left.sum())
    if counts.min() < LEAST or n_left < OTHERS or n > MOST * (n + n_left):
        return False
    if not CODES.issuperset(values.tolist()):
        return False
    range_ = float(others[-1] - others[0])
    gap = max(float(values[0] - others[-1]), float(others[0] - values[-1]))
    below = values[-1] < 0 <= others[0]
    return bool(gap > (BELOW if below else FAR) * range_ > 0)
