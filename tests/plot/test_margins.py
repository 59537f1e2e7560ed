"""`plot.margins`: every row is counted where its margin lies."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import fitted, said, stacked, with_gid

pytestmark = pytest.mark.usefixtures("figures")


def heights(ax, gid: str) -> tuple[np.ndarray, np.ndarray]:
    """Heights of the bars above their line, and edges."""
    data = with_gid(ax, gid).get_data()
    return data.baseline - data.values, np.asarray(data.edges)


@pytest.mark.parametrize("relative", [True, False])
def test_bars_count_the_rows(relative):
    X, km = fitted(4)
    found = km.report(X).overlap
    ax = centra.plot.margins(found, relative=relative)
    values = found.margins
    if relative:
        values = values / found.zones[found.labels, found.rivals]
    for cluster in range(4):
        both, edges = heights(ax, f"rows {cluster}")
        inside, _ = heights(ax, f"between {cluster}")
        rows = found.labels == cluster
        expected = np.histogram(values[rows], edges)[0]
        between = np.histogram(values[rows & found.between], edges)[0]
        np.testing.assert_allclose(both, 0.86 * expected / expected.max(), atol=1e-12)
        np.testing.assert_allclose(inside, 0.86 * between / expected.max(), atol=1e-12)


def test_shares_are_the_reports():
    X, km = fitted(4)
    found = km.report(X).overlap
    words = said(centra.plot.margins(found))
    for share in found.matrix.sum(axis=1):
        percent = 100 * share
        assert ("<1 %" if 0 < percent < 0.5 else f"{percent:.0f} %") in words
    assert {"0", "1", "2", "3", "between", "farther", "boundary zone"} <= set(words)


def test_the_zone_ends_at_one_and_bars_do_too():
    X, km = fitted(4)
    ax = centra.plot.margins(km.report(X))
    inside, edges = heights(ax, "between 0")
    assert 1.0 in edges
    assert not inside[edges[:-1] >= 1.0].any()


def test_rows_that_are_farther_are_counted_in_words():
    X = np.array([[0.0], [1.0], [2.0], [1000.0], [1001.0], [1002.0]])
    ax = centra.plot.margins(centra.KMeans(2, init=X[[1, 4]]).fit(X).report(X))
    assert said(ax).count("100 %") == 2 and said(ax).count("0 %") == 2


def test_one_cluster_one_row_and_empty_clusters():
    X, km = fitted(1)
    assert said(centra.plot.margins(km.report(X))) == ["One cluster: there is no border."]
    centra.plot.margins(centra.KMeans(1).fit(X[:1]).report(X[:1]))
    X, km = stacked()
    for relative in (True, False):
        ax = centra.plot.margins(km.report(X), relative=relative)
        ax.figure.canvas.draw()
        assert said(ax).count("no rows") == 2


def test_many_clusters_keep_their_numbers():
    X, km = fitted(40, n=1500)
    ax = centra.plot.margins(km.report(X))
    ax.figure.canvas.draw()
    assert {str(i) for i in range(40)} <= set(said(ax))
    assert min(text.get_fontsize() for text in ax.texts) >= 5.5
