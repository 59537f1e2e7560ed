"""Latitude and longitude are told by their names and ranges."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import centra
from centra._diagnostics.degrees import about_degrees, is_degrees

PAIRS = [
    ("lat", "lon"),
    ("Latitude", "Longitude"),
    ("LATITUDE", "LONGITUDE"),
    ("lat", "lng"),
    ("start_lat", "start_lng"),
    ("pickupLatitude", "pickupLongitude"),
    ("Lat (deg)", "Long (deg)"),
    ("geo.lat", "geo.lon"),
    ("Breitengrad", "L\u00e4ngengrad"),
    ("latitud", "longitud"),
]


def _frame(north: str, east: str, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    place = np.where(rng.random(200) < 0.5, 0, 1)
    return pd.DataFrame(
        {
            east: np.array([2.35, 13.4])[place] + rng.normal(0, 0.2, 200),
            "price": rng.normal(0, 0.3, 200),
            north: np.array([48.9, 52.5])[place] + rng.normal(0, 0.2, 200),
        }
    )


@pytest.mark.parametrize("pair", PAIRS)
def test_degrees_are_told(pair: tuple[str, str]) -> None:
    X = _frame(*pair)
    remarks = centra.KMeans(2, random_state=0).fit(X).report(X).remarks
    (said,) = (remark for remark in remarks if remark.kind == "degrees")
    assert said.numbers["columns"] == list(pair)
    assert said.numbers["factor"] == pytest.approx(np.cos(np.radians(X[pair[0]].mean())))
    assert f"Multiply {pair[1]} by 0.63" in said.text


def test_the_factor_makes_degrees_alike() -> None:
    """What is advised: distances are then those on the Earth, to some percent."""
    from sklearn.metrics.pairwise import haversine_distances

    X = _frame("lat", "lon")[["lat", "lon"]].to_numpy()
    said = about_degrees(X, ["lat", "lon"])
    assert said is not None
    plane = X * [1, round(said.numbers["factor"], 2)]
    true = haversine_distances(np.radians(X))[0, 1:]
    found = np.radians(np.linalg.norm(plane - plane[0], axis=1))[1:]
    np.testing.assert_allclose(found, true, rtol=0.06)


def test_of_the_whole_earth_unit_vectors_are_advised() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.uniform(-60, 70, 300), rng.uniform(-180, 180, 300)])
    said = about_degrees(X, ["lat", "lon"])
    assert said is not None and "cos(lat) cos(lon), cos(lat) sin(lon), sin(lat)" in said.text
    lat, lon = np.radians(X.T)
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1)


@pytest.mark.parametrize(
    "names", [("lat", "price"), ("flat", "long"), ("plate", "lon"), ("0", "1"), ("end_lat", "lon")]
)
def test_other_names_are_no_degrees(names: tuple[str, str]) -> None:
    assert is_degrees(names, SimpleNamespace(low=[0, 0], high=[50, 50])) is None


def test_projected_places_are_no_degrees() -> None:
    ranges = SimpleNamespace(low=[4.1e6, 3e5], high=[5.2e6, 8e5])
    assert is_degrees(["lat", "lon"], ranges) is None
