"""Of several restarts the one with the lowest inertia is kept, unless it is the same clustering."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from parts import Parts

X = np.array([[2.0], [1.0], [0.0], [0.0], [2.0]])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_restart_that_divides_clusters_is_another_clustering() -> None:
    how = {"init": "random", "n_init": 3, "max_iter": 1, "tol": 0.0, "random_state": 504}
    for rows in (X, Parts(X, [2]), Parts(X, [1, 4], resident=True)):
        km = centra.KMeans(3, **how).fit(rows)
        assert [run.inertia for run in km.runs_] == [0.25, 0.25, 0.0]
        assert km.inertia_ == 0.0


def test_the_same_clusters_under_other_numbers_are_the_same() -> None:
    starts = iter([np.array([[0.0], [2.0]]), np.array([[2.0], [0.0]])])

    def init(X: object, k: int, random_state: object) -> np.ndarray:
        return next(starts) - 1.0  # rows come with their mean, 1, taken off

    km = centra.KMeans(2, init=init, n_init=2).fit(X)
    assert km.cluster_centers_[0, 0] < km.cluster_centers_[1, 0]
