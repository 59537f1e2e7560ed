"""Of several restarts the one with the lowest inertia is kept, unless it is the same clustering."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from parts import Parts

X = np.array([[2.0], [1.0], [0.0], [0.0], [2.0]])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_restart_that_divides_clusters_is_another_clustering() -> None:
    """The first start ends with two clusters, the second divides one of them in two."""
    rows = np.array([[4.0], [3.0], [1.0], [2.0], [0.0], [0.0]])
    for given in (rows, Parts(rows, [2]), Parts(rows, [1, 4], resident=True)):
        starts = iter([np.array([[4.0], [9.0], [6.0]]), np.array([[-3.0], [-1.0], [7.0]])])

        def init(X: object, k: int, random_state: object, starts: object = starts) -> np.ndarray:
            return next(starts) - rows.mean()  # rows come with their mean taken off

        km = centra.KMeans(3, init=init, n_init=2, max_iter=1, tol=0.0).fit(given)
        assert [run.inertia for run in km.runs_] == [3.75, 2.1875]
        assert km.inertia_ == 2.1875


def test_the_same_clusters_under_other_numbers_are_the_same() -> None:
    starts = iter([np.array([[0.0], [2.0]]), np.array([[2.0], [0.0]])])

    def init(X: object, k: int, random_state: object) -> np.ndarray:
        return next(starts) - 1.0  # rows come with their mean, 1, taken off

    km = centra.KMeans(2, init=init, n_init=2).fit(X)
    assert km.cluster_centers_[0, 0] < km.cluster_centers_[1, 0]
