"""Latitude and longitude: two columns that are degrees on a sphere, not lengths on a plane."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["is_degrees"]

_LATITUDE = frozenset({"lat", "latitude"})
_LONGITUDE = frozenset({"lon", "lng", "long", "longitude"})
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")


def is_degrees(names: Sequence[str], stats: Any) -> tuple[int, int] | None:
    """Find a column of latitudes and the one of longitudes that belongs to it.

    Parameters
    ----------
    names : sequence of str
        What the columns are called.
    stats : object with `low` and `high`
        Ranges of the columns, in their order, as `Dataset.stats` has them.

    Returns
    -------
    pair : tuple of int, or None
        Which column is the latitude, and which the longitude.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> is_degrees(["lon", "lat"], SimpleNamespace(low=[-0.5, 40.0], high=[7.0, 52.0]))
    (1, 0)
    """
    low, high = np.asarray(stats.low), np.asarray(stats.high)
    words = [{word.lower() for word in _WORD.findall(str(name))} for name in names]
    north = [
        at
        for at, each in enumerate(words)
        if each & _LATITUDE and low[at] >= -90 and high[at] <= 90
    ]
    east = [
        at
        for at, each in enumerate(words)
        if each & _LONGITUDE and low[at] >= -180 and high[at] <= 360
    ]
    return (north[0], east[0]) if north and east else None
