"""Discs of centres stand apart in every figure, whatever its size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import centra
from blobs import fitted, numbers, rows, seed_page, with_gid

pytestmark = pytest.mark.usefixtures("figures")


def middles(ax) -> np.ndarray:
    """Where discs are drawn, in pixels."""
    found = [line for line in ax.lines if str(line.get_gid()).startswith("center ")]
    return np.concatenate([line.get_transform().transform(line.get_xydata()) for line in found])


def widths(ax) -> float:
    disc = with_gid(ax, "center 0")
    return (disc.get_markersize() + disc.get_markeredgewidth()) * ax.figure.dpi / 72


@pytest.mark.parametrize("dpi", [50, 100, 217])
def test_the_first_iteration_of_a_bad_start(dpi):
    X, km = seed_page()
    axes = centra.plot.iterations(km, X)
    axes[0].figure.set_dpi(dpi)
    axes[0].figure.canvas.draw()
    for ax in axes:
        assert pdist(middles(ax)).min() >= 0.99 * widths(ax)
    # What is written at a centre is still at the centre: discs move on paper alone.
    np.testing.assert_array_equal(list(numbers(axes[0]).values()), km.history_[0].centers)


@pytest.mark.parametrize("d", [1, 2, 6])
@pytest.mark.parametrize("k", [2, 8, 25])
def test_centers_that_start_together(k, d):
    X = rows(300, d)
    start = X[0] + 1e-3 * np.arange(k)[:, None]
    axes = centra.plot.iterations(centra.KMeans(k, init=start, max_iter=3).fit(X), X)
    axes[0].figure.canvas.draw()
    for ax in axes:
        assert pdist(middles(ax)).min() >= 0.97 * widths(ax)
        low, high = ax.bbox.min, ax.bbox.max
        assert (low <= middles(ax)).all() and (middles(ax) <= high).all()


def test_a_line_leads_from_a_disc_to_its_centre():
    X, km = seed_page()
    ax = centra.plot.iterations(km, X)[0]
    ax.figure.canvas.draw()
    homes = ax.transData.transform(km.history_[0].centers)
    moved = np.hypot(*(middles(ax) - homes).T) > 0.3 * widths(ax) / 2
    assert moved.any()
    (ways,) = ax.findobj(lambda artist: hasattr(artist, "lead"))
    np.testing.assert_allclose(ways.dots.get_xydata(), homes[moved], atol=0.01)


def test_centers_with_room_stay_where_they_are():
    X, km = fitted(5)
    ax = centra.plot.clusters(km, X)
    ax.figure.canvas.draw()
    np.testing.assert_allclose(middles(ax), ax.transData.transform(km.cluster_centers_), atol=1e-6)


def test_figures_are_saved_in_every_format_and_pickled(tmp_path):
    import pickle

    X, km = seed_page()
    figure = centra.plot.iterations(km, X)[0].figure
    for kind in ("png", "svg", "pdf"):
        figure.savefig(tmp_path / f"a.{kind}", bbox_inches="tight")
    again = pickle.loads(pickle.dumps(figure))
    again.canvas.draw()
