"""Latitude and longitude: two columns that are degrees on a sphere, not lengths on a plane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.remark import Remark
from centra._utils.escapes import for_terminal
from centra._utils.identifiers import words_of

__all__ = ["Ranges", "about_degrees", "is_degrees"]

Floats = NDArray[np.float64]

_LATITUDE = {"lat", "lats", "latitude", "latitud", "latitudine", "breitengrad"}
_LONGITUDE = {"lon", "lons", "lng", "long", "longitude", "longitud", "longitudine", "langengrad"}
#: Degrees from south to north in which one factor serves all rows.
REGION = 20.0


class Ranges(Protocol):
    """The ranges of columns."""

    @property
    def low(self) -> Any:
        """The smallest value of each."""
        ...

    @property
    def high(self) -> Any:
        """The largest value of each."""
        ...


def is_degrees(names: Sequence[str], stats: Ranges) -> tuple[int, int] | None:
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
        Which column is the latitude, and which the longitude. None where there are no two columns
        of such names with values from -90 to 90 and from -180 to 360.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ranges = SimpleNamespace(low=[-0.5, 3.0, 40.0], high=[7.0, 90.0, 52.0])
    >>> is_degrees(["lon", "price", "lat"], ranges)
    (2, 0)
    """
    low, high = np.asarray(stats.low), np.asarray(stats.high)
    north: dict[tuple[str, ...], int] = {}
    east: dict[tuple[str, ...], int] = {}
    for at, name in enumerate(names):
        words = words_of(str(name))
        for kind, found, least, most in (
            (_LATITUDE, north, -90.0, 90.0),
            (_LONGITUDE, east, -180.0, 360.0),
        ):
            if kind.intersection(words) and least <= low[at] and high[at] <= most:
                found.setdefault(tuple(word for word in words if word not in kind), at)
    for rest, at in north.items():
        if rest in east:
            return at, east[rest]
    return None


def about_degrees(values: Floats, names: Sequence[str]) -> Remark | None:
    """Say what distances in degrees are, if two columns are latitude and longitude.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_features)
        The rows, or a sample of them, in the columns' own units.
    names : sequence of str
        What the columns are called.

    Returns
    -------
    remark : Remark or None
        Of the kind "degrees".
    """
    pair = is_degrees(names, SimpleNamespace(low=values.min(axis=0), high=values.max(axis=0)))
    if pair is None:
        return None
    north, east = values[:, pair[0]], values[:, pair[1]]
    middle, reach = float(north.mean()), float(np.ptp(north))
    factor = math.cos(math.radians(middle))
    called = " and ".join(for_terminal(names[at]) for at in pair)
    text = f"Columns {called} are degrees: "
    if reach <= REGION and np.ptp(east) <= 180:
        text += (
            f"at latitude {middle:.0f} a degree of longitude is {factor:.2f} times as long as one "
            f"of latitude. Multiply {for_terminal(names[pair[1]])} by {factor:.2f}, or project "
            "both to metres."
        )
    else:
        text += (
            "a degree of longitude is shorter the farther it is from the equator, and 180 is next "
            "to -180. Put three columns in their place: cos(lat) cos(lon), cos(lat) sin(lon), "
            "sin(lat)."
        )
    numbers = {"columns": [names[at] for at in pair], "latitude": middle, "factor": factor}
    return Remark("degrees", text, numbers, gravity=1)
