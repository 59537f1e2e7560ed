"""Latitude and longitude are drawn as a map."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import drawn_points, numbers

pandas = pytest.importorskip("pandas", reason="names come with data frames")
pytestmark = pytest.mark.usefixtures("figures")


def places(n: int = 200) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack([rng.uniform(50, 51, n), rng.uniform(-30, 60, n)])  # latitude first


@pytest.mark.parametrize(
    "names",
    [("lat", "lon"), ("Latitude", "Longitude"), ("start_lat", "start_lng"), ("LAT", "LONG")],
)
def test_longitude_lies_across_with_one_scale(names):
    frame = pandas.DataFrame(places(), columns=list(names))
    km = centra.KMeans(4, random_state=0).fit(frame)
    ax = centra.plot.clusters(km, frame)
    assert (ax.get_xlabel(), ax.get_ylabel()) == names[::-1]
    assert ax.get_aspect() == 1.0  # of a strip that is 90 times wider than high, too
    found = drawn_points(ax)
    rows = np.concatenate(list(found.values()))
    assert len(rows) == len(frame) and rows[:, 0].min() < -20 and rows[:, 1].min() >= 50
    np.testing.assert_allclose(list(numbers(ax).values()), km.cluster_centers_[:, ::-1])
    axes = centra.plot.iterations(km, frame)
    assert axes[-1].get_xlabel() == names[1] and axes[0].get_ylabel() == names[0]
    assert centra.plot.animation(km, frame, dpi=20).frames


def test_that_order_is_kept_where_it_is_right_or_asked_for():
    frame = pandas.DataFrame(places()[:, ::-1], columns=["lon", "lat"])
    km = centra.KMeans(4, random_state=0).fit(frame)
    assert centra.plot.clusters(km, frame).get_xlabel() == "lon"
    ax = centra.plot.clusters(km, frame, columns=("lat", "lon"))
    assert ax.get_xlabel() == "lat" and ax.get_aspect() == 1.0


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (("lat", "lon"), [[0.0, 0.0], [91.0, 0.0]]),
        (("lat", "lon"), [[0.0, -181.0], [1.0, 0.0]]),
        (("flat", "balloon"), [[0.0, 0.0], [1.0, 1.0]]),
        (("lat", "width"), [[0.0, 0.0], [1.0, 1.0]]),
    ],
)
def test_what_is_no_place_on_earth(names, values):
    frame = pandas.DataFrame(values, columns=list(names))
    ax = centra.plot.clusters(centra.KMeans(1).fit(frame), frame)
    assert (ax.get_xlabel(), ax.get_ylabel()) == names
