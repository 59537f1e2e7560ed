"""Columns that are latitude and longitude: a map has the longitude across, and one scale."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["latitude_and_longitude"]

_LATITUDE = frozenset({"lat", "latitude"})
_LONGITUDE = frozenset({"lon", "lng", "long", "longitude"})
#: Words of a name: "startLat" and "start_lat" have two.
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")


def latitude_and_longitude(
    names: Sequence[str], rows: NDArray[np.floating]
) -> tuple[int, int] | None:
    """Find out whether two columns are degrees on the Earth, by their names and values.

    Parameters
    ----------
    names : sequence of two str
        What the columns are called.
    rows : array of shape (n, 2)
        Their values.

    Returns
    -------
    pair : (int, int) or None
        Which column is the latitude and which the longitude.

    Examples
    --------
    >>> import numpy as np
    >>> from centra.plot.degrees import latitude_and_longitude
    >>> latitude_and_longitude(["lon", "lat"], np.array([[4.35, 50.85], [151.2, -33.9]]))
    (1, 0)
    >>> latitude_and_longitude(["lon", "lat"], np.array([[4.35, 50.85], [151.2, -339.0]]))
    """
    words = [{word.lower() for word in _WORD.findall(name)} for name in names]
    for lat, lon in ((0, 1), (1, 0)):
        if words[lat] & _LATITUDE and words[lon] & _LONGITUDE:
            low, high = rows.min(axis=0), rows.max(axis=0)
            on_earth = low[lat] >= -90 and high[lat] <= 90 and low[lon] >= -180 and high[lon] <= 360
            return (lat, lon) if on_earth else None
    return None
