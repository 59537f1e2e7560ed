"""Discs do not hide one another, and move no farther than they must."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from centra.plot.spread import spread


def test_discs_with_room_stay_where_they_are_to_the_last_bit():
    homes = np.random.default_rng(0).permutation(np.mgrid[:5, :5].reshape(2, -1).T) * 3.0 + 0.1
    np.testing.assert_array_equal(spread(homes, 1.4), homes)


@pytest.mark.parametrize("k", [2, 4, 9, 25, 80])
@pytest.mark.parametrize("wide", [0.0, 1e-9, 5.0, 60.0])
def test_no_two_overlap_where_there_is_room(k, wide):
    homes = 300 + wide * np.random.default_rng(k).random((k, 2))
    places = spread(homes, 10.0, (0, 600, 0, 600))
    assert pdist(places).min() >= 20 * 0.995
    assert places.min() >= 10 - 1e-9 and places.max() <= 590 + 1e-9
    # A heap of k discs covers some k times the place of one: nobody goes much farther.
    assert np.hypot(*(places - homes).T).max() <= 10 * (2 + 1.2 * np.sqrt(k))


def test_discs_at_an_edge_stay_within_it():
    homes = np.array([[1.0, 50.0], [2.0, 50.0], [3.0, 51.0]])
    places = spread(homes, 10.0, (0, 100, 0, 100))
    assert pdist(places).min() >= 20 * 0.995
    assert (places[:, 0] >= homes[:, 0].min() - 1e-9).all()


def test_who_is_outside_stays_there():
    homes = np.array([[50.0, 50.0], [50.0, 51.0], [-5.0, 50.0], [-5.0, 50.0]])
    places = spread(homes, 10.0, (0, 100, 0, 100))
    np.testing.assert_array_equal(places[2:], homes[2:])
    assert pdist(places[:2]).min() >= 20 * 0.995


def test_it_ends_where_there_is_no_room():
    assert np.isfinite(spread(np.zeros((200, 2)), 30.0, (-50, 50, -50, 50))).all()


def test_the_same_places_every_time():
    homes = np.random.default_rng(1).random((40, 2)) * 30
    np.testing.assert_array_equal(spread(homes, 5.0), spread(homes, 5.0))
