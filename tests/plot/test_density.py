"""Many rows as an image: what is counted, and how it is coloured."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import with_gid
from centra.plot import density, ink, palette
from centra.plot.plane import View

pytestmark = pytest.mark.usefixtures("figures")


def test_counts_and_majorities_are_those_of_a_plain_loop():
    rng = np.random.default_rng(0)
    xy, labels = rng.random((3000, 2)), rng.integers(4, size=3000)
    majority, counts = density.counted(xy, labels, View(0, 1, 0, 1), (7, 5))
    for i in range(7):
        for j in range(5):
            here = labels[(xy[:, 1] * 7 // 1 == i) & (xy[:, 0] * 5 // 1 == j)]
            assert counts[i, j] == len(here)
            assert majority[i, j] == np.bincount(here).argmax()  # the lowest on a tie


def test_the_border_of_the_view_belongs_to_it():
    xy = np.array([[0.0, 0.0], [2.0, 4.0]])
    _, counts = density.counted(xy, np.array([0, 0]), View(0, 2, 0, 4), (3, 3))
    assert counts[0, 0] == counts[2, 2] == 1 and counts.sum() == 2


def test_a_thousand_clusters_need_no_thousand_grids():
    labels = np.arange(1000) * 1_000_000
    xy = np.random.default_rng(0).random((1000, 2))
    majority, _ = density.counted(xy, labels, View(0, 1, 0, 1), (300, 300))
    assert set(majority[majority >= 0]) <= set(labels)


def test_colour_is_the_majority_and_strength_the_count():
    image = density.shaded(np.array([[1, 1, -1]]), np.array([[1, 100, 0]]))
    few, many, none = image[0]
    assert none[3] == 0 and few[3] == many[3] == 255
    full = [int(palette.color(1)[i : i + 2], 16) for i in (1, 3, 5)]
    assert many[:3].tolist() == full
    np.testing.assert_allclose(few[:3], 255 - density.FAINT * (255 - np.array(full)), atol=0.5)


@pytest.mark.parametrize("counts", [[[0]], [[1]], [[2]]])
def test_few_rows_in_a_cell(counts):
    image = density.shaded(np.array([[0]]), np.array(counts))
    assert image[0, 0, 3] == (255 if counts[0][0] else 0)


@pytest.mark.parametrize("columns", [2, 3])
def test_every_row_is_in_the_image_and_none_is_a_marker(columns, monkeypatch):
    seen = []
    shaded = density.shaded
    monkeypatch.setattr(density, "shaded", lambda *a: seen.append(a) or shaded(*a))
    X = np.random.default_rng(0).random((ink.CROWD + 1, columns))
    km = centra.KMeans(3, init=X[:3], max_iter=2).fit(X)
    ax = centra.plot.clusters(km, X)
    ax.figure.canvas.draw()
    assert seen[0][1].sum() == len(X)
    left, right, bottom, top = with_gid(ax, "density").get_extent()
    assert ax.get_xlim()[0] <= left < right <= ax.get_xlim()[1]
    assert ax.get_ylim()[0] <= bottom < top <= ax.get_ylim()[1]
    assert not ax.lines or all(len(line.get_xdata()) == 1 for line in ax.lines)  # the badges


def test_panels_of_many_rows():
    X = np.random.default_rng(0).random((ink.CROWD + 1, 2))
    axes = centra.plot.iterations(centra.KMeans(3, init=X[:3], max_iter=2).fit(X), X)
    for ax in axes:
        assert with_gid(ax, "density").get_array().shape[2] == 4


@pytest.mark.parametrize("value", [0.0, 1e100, -1e-300])
def test_many_equal_rows(value):
    X = np.full((ink.CROWD + 1, 2), value)
    X[0] = value / 2
    centra.plot.clusters(centra.KMeans(1).fit(X), X).figure.canvas.draw()
