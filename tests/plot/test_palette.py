"""Colours and markers differ, for every kind of vision."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from centra.plot import palette
from centra.plot.palette import assigned

# Severity 1.0 of: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based
# model for simulation of color vision deficiency", IEEE TVCG 15 (6), 2009; on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    relative = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_colours_differ_for_every_kind_of_vision(vision):
    seen = [lab(np.asarray(VISION[vision]) @ linear(color)) for color in palette.COLORS]
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(a - b) > 20


def test_colours_stand_out_from_white():
    for color in palette.COLORS:
        assert 1.05 / (TO_XYZ[1] @ linear(color) + 0.05) >= 2.995


def test_colour_and_marker_together_are_unique_for_64_clusters():
    assert len({(palette.color(i), palette.marker(i)) for i in range(64)}) == 64
    assert len({palette.marker(i) for i in range(8)}) == 8


def apart_in_colour(centers: np.ndarray) -> np.ndarray:
    """Whether two clusters have different colours, for every pair."""
    colors = assigned(centers) % len(palette.COLORS)
    return colors[:, None] != colors[None, :]


@pytest.mark.parametrize("k", [9, 12, 25, 64, 200])
@pytest.mark.parametrize("seed", range(5))
def test_regions_that_touch_differ_in_colour(k, seed):
    from centra.plot.regions import cells

    centers = np.random.default_rng(seed).random((k, 2))
    polygons = cells(centers, (-1, 2, -1, 2))
    corners = {j: {tuple(corner) for corner in polygons[j].round(7)} for j in polygons}
    different = apart_in_colour(centers)
    for i, j in itertools.combinations(range(k), 2):
        if len(corners[i] & corners[j]) >= 2:  # a side in common
            assert different[i, j], (i, j)


@pytest.mark.parametrize("d", [1, 2, 3, 10, 300])
@pytest.mark.parametrize("k", [9, 25, 64, 150])
def test_nearest_clusters_differ_in_colour(k, d):
    for seed in range(3):
        centers = np.random.default_rng(seed).normal(size=(k, d))
        distances = ((centers[:, None] - centers[None]) ** 2).sum(axis=2)
        np.fill_diagonal(distances, np.inf)
        assert apart_in_colour(centers)[np.arange(k), distances.argmin(axis=1)].all()


def test_clusters_that_overlap_differ_in_colour():
    """By the report's own measure, in two columns and in many."""
    import centra

    for d in (2, 5, 12):
        X = np.random.default_rng(d).normal(size=(2000, d))
        km = centra.KMeans(16, n_init=1, random_state=0).fit(X)
        overlapping = km.report(X).overlap.pairs >= 0.1
        assert overlapping.any() or d == 12
        assert apart_in_colour(km.cluster_centers_)[overlapping].all()


@pytest.mark.parametrize(("k", "d"), [(9, 2), (33, 2), (56, 2), (56, 7)])
def test_colour_and_marker_tell_many_clusters_apart(k, d):
    for seed in range(5):
        styles = assigned(np.random.default_rng(seed).random((k, d)))
        assert len({(palette.color(s), palette.marker(s)) for s in styles}) == k


@pytest.mark.parametrize("k", [0, 1, 5, 8])
def test_up_to_eight_have_the_colours_in_order(k):
    assert assigned(np.zeros((k, 2))).tolist() == list(range(k))


@pytest.mark.parametrize(
    "centers",
    [
        np.zeros((12, 2)),
        np.zeros((12, 5)),
        np.column_stack([np.arange(12.0), 3 * np.arange(12.0)]),
        np.repeat(np.random.default_rng(0).random((6, 2)), 2, axis=0),
        np.random.default_rng(0).random((12, 2)) * 1e308,
        np.random.default_rng(0).random((12, 3)) * 1e-308,
        1e9 + np.random.default_rng(0).random((12, 2)),
        np.random.default_rng(0).random((401, 2)),
    ],
)
def test_centres_of_every_kind(centers):
    styles = assigned(centers)
    assert len(set(styles.tolist())) == len(centers) and (styles >= 0).all()
    np.testing.assert_array_equal(styles, assigned(centers.copy()))


def test_neighbours_on_a_line_differ():
    centers = np.random.default_rng(0).normal(size=(40, 1)) ** 3
    colors = assigned(centers)[np.argsort(centers[:, 0])] % len(palette.COLORS)
    assert (np.diff(colors) != 0).all()


def test_every_view_of_a_model_gives_a_cluster_the_same_colour():
    from matplotlib.colors import to_hex

    import centra
    from blobs import rows

    X = rows(900)
    km = centra.KMeans(20, random_state=0).fit(X)
    expected = [palette.color(style) for style in assigned(km.cluster_centers_)]
    places = drawn_points_by_cluster(centra.plot.clusters(km, X), X, km.labels_)
    assert places == expected
    assert drawn_points_by_cluster(centra.plot.iterations(km, X)[-1], X, km.labels_) == expected
    for given in (km.report(X), km.report(X).overlap):
        ax = centra.plot.silhouette(given)
        bars = {c.get_gid(): to_hex(c.get_facecolor()[0]) for c in ax.collections}
        assert [bars[f"silhouette {j}"] for j in range(20)] == expected
        ax = centra.plot.margins(given)
        found = {p.get_gid(): to_hex(p.get_facecolor()) for p in ax.patches}
        assert [found[f"between {j}"] for j in range(20)] == expected


def drawn_points_by_cluster(ax, X, labels) -> list[str]:
    from matplotlib.collections import PathCollection
    from matplotlib.colors import to_hex

    color_of = {
        tuple(place): to_hex(dots.get_facecolor()[0])
        for dots in ax.collections
        if isinstance(dots, PathCollection) and dots.get_zorder() == 1.0
        for place in np.asarray(dots.get_offsets())
    }
    return [color_of[tuple(X[labels == j][0])] for j in range(labels.max() + 1)]
