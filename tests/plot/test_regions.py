"""Regions are those of the nearest centers."""

from __future__ import annotations

import numpy as np
import pytest

from centra.plot.regions import cells

pytestmark = pytest.mark.usefixtures("figures")


def owner_by_polygon(polygons: dict[int, np.ndarray], points: np.ndarray) -> np.ndarray:
    """The region in which each point lies, found by the polygons alone."""
    from matplotlib.path import Path

    owner = np.full(len(points), -1)
    for center, corners in polygons.items():
        inside = Path(corners).contains_points(points)
        assert not (inside & (owner >= 0)).any(), "regions overlap"
        owner[inside] = center
    return owner


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("k", [1, 2, 3, 30])
def test_a_point_in_a_region_is_nearest_to_its_center(k, offset):
    rng = np.random.default_rng(k)
    centers = rng.random((k, 2)) * [4.0, 3.0]
    points = rng.random((2000, 2)) * [6.0, 5.0] - 1.0
    polygons = cells(centers + offset, (-1 + offset, 5 + offset, -1 + offset, 4 + offset))
    owner = owner_by_polygon(polygons, points + offset)
    nearest = ((points[:, None] - centers[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (owner == nearest).mean() > 0.999  # the others lie on a border, to the last digits
    assert (owner >= 0).mean() > 0.999


@pytest.mark.parametrize(
    "centers",
    [
        [[1.0, 1.0], [1.0, 1.0], [3.0, 1.0]],  # twice the same
        [[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]],  # on a line
        [[1.0, 1.0], [1.0, 2.0], [2.0, 1.0], [2.0, 2.0]],  # four regions meet in one point
        [[1.0, 1.0], [np.nextafter(1.0, 2.0), 1.0]],  # one step of the last digit apart
        [[1.0, 1.0], [1.0 + 1e-9, 1.0], [1.0, 1.0 + 3e-9]],  # too close to be seen apart
    ],
)
def test_regions_of_centers_in_special_places(centers):
    centers = np.array(centers)
    polygons = cells(centers, (0.0, 4.0, 0.0, 3.0))
    area = 0.0
    for corners in polygons.values():
        x, y = corners.T
        area += abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert area == pytest.approx(12.0)
    assert min(polygons) == 0
