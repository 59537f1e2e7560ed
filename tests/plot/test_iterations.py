"""`plot.iterations`: a panel for each record, with the assignment to its centers."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn.cluster
from sklearn.exceptions import NotFittedError

import centra
from blobs import drawn_points, numbers, seed_page
from centra._utils.text import number
from centra.plot import palette

pytestmark = pytest.mark.usefixtures("figures")


def test_a_panel_per_record_with_the_assignment_to_its_own_centers():
    X, km = seed_page()
    axes = centra.plot.iterations(km, X)
    assert len(axes) == len(km.history_) == km.n_iter_ + 1
    for ax, record in zip(axes, km.history_, strict=True):
        distances = ((X[:, None, :] - record.centers[None]) ** 2).sum(axis=2)
        labels = distances.argmin(axis=1)
        drawn = drawn_points(ax)
        for cluster in range(4):
            np.testing.assert_array_equal(drawn[palette.color(cluster)], X[labels == cluster])
        np.testing.assert_allclose(list(numbers(ax).values()), record.centers)
        title = ax.get_title()
        assert title.startswith(f"iteration {record.iteration}")
        assert title.endswith(f"inertia {number(record.inertia)}")


def test_paths_go_through_all_earlier_positions():
    X, km = seed_page()
    axes = centra.plot.iterations(km, X)
    for i, ax in enumerate(axes):
        lines = [line for line in ax.lines if line.get_zorder() == 3.0]
        assert len(lines) == (2 * 4 if i else 0)  # a dark line on a white one, for each centre
        for line in lines:
            way = np.column_stack(line.get_data())
            cluster = lines.index(line) % 4
            expected = [record.centers[cluster] for record in km.history_[: i + 1]]
            np.testing.assert_allclose(way, expected)


def test_long_histories_are_thinned_evenly_and_the_figure_says_so():
    X = np.random.default_rng(1).random((600, 2))
    km = centra.KMeans(12, init=X[:12], tol=0).fit(X)
    records = len(km.history_)
    assert records > 12, "the data must need many iterations"
    axes = centra.plot.iterations(km, X)
    shown = [int(ax.get_title().split()[1].rstrip(",")) for ax in axes]
    assert len(shown) == 9 and shown[0] == 0 and shown[-1] == records - 1
    steps = np.diff(shown)
    assert steps.max() - steps.min() <= 1
    said = axes[0].figure.get_suptitle()
    assert said.startswith(f"9 of {records} iterations")
    assert ", ".join(map(str, shown)) in said


@pytest.mark.parametrize("columns", [1, 4])
def test_iterations_for_one_column_and_for_many(columns):
    X = np.random.default_rng(2).random((200, columns))
    km = centra.KMeans(3, init=X[:3]).fit(X)
    axes = centra.plot.iterations(km, X)
    axes[0].figure.canvas.draw()
    assert axes[-1].get_xlabel().startswith("column 0" if columns == 1 else "PCA 1 (")


def test_iterations_refuses_with_a_word():
    X, _ = seed_page()
    with pytest.raises(NotFittedError):
        centra.plot.iterations(centra.KMeans(), X)
    forgetful = centra.KMeans(4, init=X[:4], keep_centers=False).fit(X)
    with pytest.raises(ValueError, match="keep_centers=True"):
        centra.plot.iterations(forgetful, X)
    stranger = sklearn.cluster.KMeans(4, random_state=0).fit(X)
    with pytest.raises(TypeError, match="history_"):
        centra.plot.iterations(stranger, X)
    assert plt.get_fignums() == []
