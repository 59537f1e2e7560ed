"""Discs that would hide one another are moved apart, as little as need be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

__all__ = ["spread"]

#: Rounds in which discs push one another; where they have no room it ends with some hidden.
_ROUNDS = 400
#: Discs that coincide leave in directions that no other two have.
_GOLDEN = np.pi * (3 - np.sqrt(5))

Floats = NDArray[np.float64]


def spread(
    homes: ArrayLike,
    radius: float,
    box: tuple[float, float, float, float] = (-np.inf, np.inf, -np.inf, np.inf),
) -> Floats:
    """Find places for discs of one size near their homes, so that no two overlap.

    Parameters
    ----------
    homes : array-like of shape (k, 2)
        Where the middles of the discs should be.
    radius : float
        Of the discs.
    box : (left, right, bottom, top)
        Discs are not moved over its sides. Those with a home outside it stay there.

    Returns
    -------
    places : array of shape (k, 2)
        The homes of discs that hide nothing, to the last bit; near them for the others.

    Examples
    --------
    >>> from centra.plot.spread import spread
    >>> spread([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]], 1.0).round(1)
    array([[-0.5,  0. ],
           [ 1.5,  0. ],
           [ 9. ,  0. ]])
    """
    homes = np.asarray(homes, dtype=np.float64)
    places = homes.copy()
    left, right, bottom, top = box
    low, high = np.array([left, bottom]), np.array([right, top])
    inside = np.flatnonzero(((low <= homes) & (homes <= high)).all(axis=1))
    here = homes[inside]
    least, most = np.minimum(low + radius, here), np.maximum(high - radius, here)
    now = np.clip(here + _nudge(here, radius), least, most)
    for _ in range(_ROUNDS):
        push = _push(now, 2 * radius)
        if push is None:
            break
        now = np.clip(now + push, least, most)
    places[inside] = now
    return places


def _nudge(homes: Floats, radius: float) -> Floats:
    """Move discs in heaps a little: those on a line would push one another along it for ever."""
    pairs = KDTree(homes).query_pairs(2 * radius * (1 - 1e-3), output_type="ndarray")
    heaped = np.bincount(pairs.ravel(), minlength=len(homes)) > 1
    turn = _GOLDEN * np.arange(len(homes))
    little = 0.1 * radius * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.where(heaped[:, None], little, 0.0)


def _push(now: Floats, wide: float) -> Floats | None:
    """How discs push one another apart; None where none does."""
    i, j = KDTree(now).query_pairs(wide * (1 - 1e-3), output_type="ndarray").T
    if not len(i):
        return None
    way = now[j] - now[i]
    far = np.hypot(*way.T)
    same = far < 1e-9 * wide
    turn = _GOLDEN * (i + j)
    way[same] = np.column_stack([np.cos(turn), np.sin(turn)])[same]
    way[~same] /= far[~same, None]
    half = way * ((wide - far) / 2)[:, None]
    push = np.zeros_like(now)
    np.add.at(push, j, half)
    np.add.at(push, i, -half)
    # In a heap all push at once, and their sum would throw discs far out.
    pushing = np.bincount(np.concatenate([i, j]), minlength=len(now))
    push /= np.maximum(1.0, 0.6 * pushing)[:, None]
    return push
