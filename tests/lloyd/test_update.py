"""The update: where centers go, and into which arrays."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._lloyd.update import ROOMS, Means

X = np.random.default_rng(3).random((400, 5))


@pytest.mark.parametrize("layout", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("hold", [lambda c: c, lambda c: c[1:], memoryview, lambda c: c.T])
def test_means_that_somebody_holds_stay_what_they_are(layout: Any, keep: bool, hold: Any) -> None:
    held, seen = [], []

    def callback(event: Any) -> None:
        if isinstance(event, centra.events.Iterated) and event.iteration % 3:
            held.append(hold(event.centers))
            seen.append(np.array(held[-1]))

    km = centra.KMeans(
        9, init=X[:9], n_init=1, max_iter=30, tol=0.0, callbacks=[callback], keep_centers=keep
    ).fit(layout(X))
    assert km.n_iter_ > 6
    for held_then, seen_then in zip(held, seen, strict=True):
        np.testing.assert_array_equal(held_then, seen_then)


def test_means_go_where_earlier_ones_were_that_nobody_holds() -> None:
    means, centers = Means(), np.zeros((3, 2))
    first = weakref.ref(means._room(centers))
    for _ in range(ROOMS):
        last = means._room(centers)
    assert last is first()
    others = [means._room(centers) for _ in range(2 * ROOMS)]
    assert len({id(one) for one in others}) == 2 * ROOMS
    assert means._room(np.zeros((4, 2))).shape == (4, 2)
