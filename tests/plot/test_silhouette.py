"""`plot.silhouette`: the bars are the values, longest first."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

import centra
from blobs import fitted, said, stacked, with_gid

pytestmark = pytest.mark.usefixtures("figures")


def longest(ax, cluster: int) -> float:
    corners = with_gid(ax, f"silhouette {cluster}").get_paths()[0].vertices
    return float(corners[:, 0].max())


def area(ax, cluster: int) -> float:
    x, y = with_gid(ax, f"silhouette {cluster}").get_paths()[0].vertices.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_a_models_silhouette_is_the_simplified_one_and_the_axis_says_so():
    X, km = fitted(4)
    ax = centra.plot.silhouette(km, X)
    assert ax.get_xlabel() == "simplified silhouette of each row (distances to centres)"
    near = np.sort(km.transform(X), axis=1)
    values = 1 - near[:, 0] / near[:, 1]
    for cluster in range(4):
        own = values[km.labels_ == cluster]
        assert longest(ax, cluster) == pytest.approx(own.max())
        assert area(ax, cluster) == pytest.approx(own.sum())  # bars one row high
        assert f"{own.mean():.2f}" in said(ax) and f"{len(own):,}" in said(ax)
    assert f"mean {values.mean():.2f}" in said(ax)


def test_values_that_were_computed_elsewhere():
    X, km = fitted(8)
    values = silhouette_samples(X, km.labels_)
    assert values.min() < 0
    ax = centra.plot.silhouette(values, labels=km.labels_)
    assert ax.get_xlabel() == "silhouette of each row"
    assert ax.get_xlim()[0] <= values.min()
    for cluster in range(8):
        assert longest(ax, cluster) == pytest.approx(values[km.labels_ == cluster].max())


def test_many_rows_have_an_outline_of_few_points():
    rng = np.random.default_rng(0)
    values, labels = rng.random(100_000), rng.integers(2, size=100_000)
    ax = centra.plot.silhouette(values, labels=labels)
    assert len(with_gid(ax, "silhouette 0").get_paths()[0].vertices) < 2000
    assert area(ax, 0) == pytest.approx(values[labels == 0].sum(), rel=1e-2)


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        ([0.1, 0.2], None, r"labels=km\.labels_"),
        ([0.1, 0.2], [0], "one number for every row"),
        ([], [], "one number for every row"),
        ([[0.1]], [[0]], "one number for every row"),
        ([0.1, 1.5], [0, 1], "silhouette of row 1 is 1.5"),
        ([np.nan, 0.5], [0, 1], "silhouette of row 0 is nan"),
        ([0.1, 0.5], [0, -1], "whole numbers from 0"),
        ([0.1, 0.5], [0.0, 1.0], "whole numbers from 0"),
    ],
)
def test_bad_values_are_named(values, labels, message):
    with pytest.raises(ValueError, match=message):
        centra.plot.silhouette(values, labels=labels)


def test_one_cluster_and_clusters_without_rows():
    X, km = fitted(1)
    assert said(centra.plot.silhouette(km, X)) == ["One cluster: a silhouette compares two."]
    X, km = stacked()
    ax = centra.plot.silhouette(km, X)
    ax.figure.canvas.draw()
    words = said(ax)
    assert words.count("0") == 3  # the number of a cluster, and twice no rows
    bottom, top = ax.get_ylim()
    places = [t.get_position()[1] for t in ax.texts if t.get_fontweight() == "bold"]
    assert len(places) == 4 and top < min(places) and max(places) < bottom


def test_many_clusters_of_unequal_size_keep_their_numbers_apart():
    rng = np.random.default_rng(0)
    labels = np.concatenate([np.zeros(5000, int), np.arange(40)])
    ax = centra.plot.silhouette(rng.random(len(labels)), labels=labels)
    places = np.array([t.get_position()[1] for t in ax.texts if t.get_fontweight() == "bold"])
    box = ax.get_window_extent().height * 72 / ax.figure.dpi
    points = np.diff(places) / (ax.get_ylim()[0] - ax.get_ylim()[1]) * box
    assert len(places) == 40 and points.min() > 5.5
