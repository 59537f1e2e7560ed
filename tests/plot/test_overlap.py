"""`plot.overlap`: the matrix is the report's."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import fitted, said, stacked
from centra.plot._overlap import in_percent

pytestmark = pytest.mark.usefixtures("figures")


def cells(ax) -> np.ndarray:
    return np.asarray(ax.images[0].get_array())


def test_the_matrix_is_the_reports_in_per_cent():
    X, km = fitted(6)
    report = km.report(X)
    ax = centra.plot.overlap(report)
    np.testing.assert_array_equal(cells(ax), 100 * report.overlap.matrix)
    assert (ax.get_ylabel(), ax.get_xlabel()) == (
        "% of this cluster's rows ...",
        "... lie between it and this cluster",
    )


def test_numbers_stand_in_their_cells_and_zeros_are_quiet():
    X, km = fitted(6)
    matrix = km.report(X).overlap.matrix
    ax = centra.plot.overlap(km, None)
    found = {
        (round(t.get_position()[1]), round(t.get_position()[0])): t.get_text() for t in ax.texts
    }
    assert found == {(i, j): in_percent(100 * matrix[i, j]) for i, j in np.argwhere(matrix > 0)}


@pytest.mark.parametrize("k", [2, 30, 31, 40, 120])
def test_many_clusters_have_a_scale_in_place_of_numbers(k):
    X, km = fitted(k, n=1500)
    ax = centra.plot.overlap(km.report(X))
    ax.figure.canvas.draw()
    scales = [other for other in ax.figure.axes if other is not ax]
    assert bool(said(ax)) == (k <= 30)
    assert [s.get_ylabel() for s in scales] == ([] if k <= 30 else ["% of the rows"])
    sizes = {label.get_fontsize() for label in ax.get_xticklabels()}
    assert min(sizes) >= 6
    ticks = [int(label.get_text()) for label in ax.get_xticklabels()]
    assert ticks == list(range(0, k, ticks[1]))


def test_small_axes_get_a_scale_too():
    import matplotlib.pyplot as plt

    X, km = fitted(20)
    _, ax = plt.subplots(figsize=(2, 2))
    assert not said(centra.plot.overlap(km.report(X), ax=ax))


def test_one_cluster():
    X, km = fitted(1)
    assert said(centra.plot.overlap(km.report(X))) == ["One cluster: nothing can overlap."]


def test_empty_clusters_and_one_row():
    X, km = stacked()
    centra.plot.overlap(km.report(X)).figure.canvas.draw()
    one = centra.KMeans(1).fit(X[:1])
    centra.plot.overlap(one.report(X[:1])).figure.canvas.draw()


def test_clusters_far_apart_have_an_empty_matrix():
    X = np.array([[0.0], [1.0], [1000.0], [1001.0]])
    ax = centra.plot.overlap(centra.KMeans(2, init=X[[0, 2]]).fit(X).report(X))
    assert not said(ax) and not cells(ax).any()


def test_shares_in_words():
    assert [in_percent(x) for x in (0, 0.4, 0.6, 99.4, 100)] == ["0", "<1", "1", "99", "100"]
