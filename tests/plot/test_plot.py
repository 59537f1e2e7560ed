"""The figures: what is on the axes must be what the model says."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import sklearn.cluster
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError

import centra
from centra.plot import palette
from centra.plot.regions import cells

matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra: centra[plot]")
matplotlib.use("agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.collections import PathCollection, PolyCollection  # noqa: E402
from matplotlib.colors import to_hex  # noqa: E402


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def seed_page() -> tuple[np.ndarray, centra.KMeans]:
    """The data, the bad start and the fit of the page that the project was born from."""
    X, _ = make_blobs(n_samples=1000, random_state=117117, cluster_std=1.5, centers=8)
    init = X[X[:, 1] < -8][:4]
    return X, centra.KMeans(n_clusters=4, init=init, n_init=1, random_state=1).fit(X)


def drawn_points(ax) -> dict[str, np.ndarray]:
    """Positions of the dots on axes, by colour, without the rings and dots of paths."""
    return {
        to_hex(dots.get_facecolor()[0]): np.asarray(dots.get_offsets())
        for dots in ax.collections
        if isinstance(dots, PathCollection) and dots.get_zorder() == 1.0
    }


def numbers(ax) -> dict[str, tuple[float, float]]:
    """The numbers on the discs, and where they stand."""
    return {text.get_text(): text.get_position() for text in ax.texts}


# --- clusters


def test_every_row_is_drawn_once_in_the_colour_of_its_cluster():
    X, km = seed_page()
    drawn = drawn_points(centra.plot.clusters(km, X))
    assert len(drawn) == 4
    for cluster in range(4):
        np.testing.assert_array_equal(drawn[palette.color(cluster)], X[km.labels_ == cluster])


def test_centers_bear_their_numbers():
    X, km = seed_page()
    found = numbers(centra.plot.clusters(km, X))
    assert list(found) == ["0", "1", "2", "3"]
    np.testing.assert_allclose(list(found.values()), km.cluster_centers_)


def test_rows_that_the_model_never_saw():
    _, km = seed_page()
    new = np.array([[0.0, 0.0], [0.0, 5.0], [-5.0, -5.0]])
    drawn = drawn_points(centra.plot.clusters(km, new))
    for cluster, row in zip(km.predict(new), new, strict=True):
        np.testing.assert_array_equal(drawn[palette.color(cluster)], [row])


def test_regions_lie_behind_the_points_and_reach_beyond_the_view():
    X, km = seed_page()
    ax = centra.plot.clusters(km, X)
    ax.figure.canvas.draw()
    (regions,) = (c for c in ax.collections if isinstance(c, PolyCollection))
    assert regions.get_zorder() < 1.0
    corners = np.concatenate([path.vertices for path in regions.get_paths()])
    assert corners[:, 0].min() < ax.get_xlim()[0] and corners[:, 0].max() > ax.get_xlim()[1]
    assert corners[:, 1].min() < ax.get_ylim()[0] and corners[:, 1].max() > ax.get_ylim()[1]


def test_all_points_and_centers_are_in_view():
    X, km = seed_page()
    ax = centra.plot.clusters(km, X)
    ax.figure.canvas.draw()
    for points in (X, km.cluster_centers_):
        assert ax.get_xlim()[0] < points[:, 0].min() and points[:, 0].max() < ax.get_xlim()[1]
        assert ax.get_ylim()[0] < points[:, 1].min() and points[:, 1].max() < ax.get_ylim()[1]


def test_distances_look_as_long_as_they_are_unless_columns_differ_widely():
    X, km = seed_page()
    assert centra.plot.clusters(km, X).get_aspect() == 1.0
    X = X * [1.0, 100.0]
    assert centra.plot.clusters(centra.KMeans(3, random_state=0).fit(X), X).get_aspect() == "auto"


def test_given_axes_are_used_and_shared_axes_too():
    X, km = seed_page()
    figure, axes = plt.subplots(1, 2, sharex=True, sharey=True)
    assert centra.plot.clusters(km, X, ax=axes[0]) is axes[0]
    assert centra.plot.clusters(km, X, axes[1]) is axes[1]
    figure.canvas.draw()
    assert plt.get_fignums() == [figure.number]


def test_drawing_says_nothing(capfd, caplog):
    X, km = seed_page()
    for ax in (centra.plot.clusters(km, X), centra.plot.iterations(km, X)[0]):
        ax.figure.canvas.draw()
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_columns_name_the_axes():
    pandas = pytest.importorskip("pandas", reason="pandas is optional")
    X, _ = seed_page()
    frame = pandas.DataFrame(X, columns=["length", "width"])
    km = centra.KMeans(3, random_state=0).fit(frame)
    ax = centra.plot.clusters(km, frame)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length", "width")
    axes = centra.plot.iterations(km, frame)
    assert (axes[-1].get_xlabel(), axes[0].get_ylabel()) == ("length", "width")


def test_more_than_two_columns_are_projected_and_the_axes_say_so():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 5)) * [9.0, 3.0, 1.0, 1.0, 1.0]
    km = centra.KMeans(3, random_state=0).fit(X)
    ax = centra.plot.clusters(km, X)
    variances = np.sort(np.linalg.eigvalsh(np.cov(X.T)))[::-1]
    for i, label in enumerate((ax.get_xlabel(), ax.get_ylabel())):
        assert label == f"PCA {i + 1} ({100 * variances[i] / variances.sum():.0f} % of variance)"
    assert not any(isinstance(c, PolyCollection) for c in ax.collections)
    # The projection is linear: a centre is drawn at the mean of its drawn rows.
    found = numbers(ax)
    for cluster, dots in enumerate(drawn_points(ax).values()):
        np.testing.assert_allclose(dots.mean(axis=0), found[str(cluster)], atol=0.05)


def test_a_projection_far_from_the_origin_keeps_its_shape():
    rng = np.random.default_rng(5)
    near = rng.integers(-8, 9, size=(200, 3)) * np.array([4.0, 2.0, 1.0])
    far = near + 2.0**40  # exact
    there = centra.plot.clusters(centra.KMeans(2, init=far[:2]).fit(far), far)
    here = centra.plot.clusters(centra.KMeans(2, init=near[:2]).fit(near), near)
    for a, b in zip(drawn_points(here).values(), drawn_points(there).values(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("columns", [2, 4])
@pytest.mark.parametrize("kind", ["list", "disk", "polars", "pyarrow"])
def test_rows_from_everywhere_that_a_fit_takes_them(kind, columns, tmp_path):
    rows = np.random.default_rng(3).random((200, columns)).astype(np.float32)
    expected = drawn_points(centra.plot.clusters(centra.KMeans(3, init=rows[:3]).fit(rows), rows))
    names = [f"c{i}" for i in range(columns)]
    if kind == "list":
        X = rows.tolist()
    elif kind == "disk":
        np.save(tmp_path / "rows.npy", rows)
        X = centra.from_npy(tmp_path / "rows.npy", memory="1MB")
    elif kind == "polars":
        X = pytest.importorskip("polars", reason="optional").DataFrame(rows, schema=names)
    else:
        arrow = pytest.importorskip("pyarrow", reason="optional")
        X = arrow.table(dict(zip(names, rows.T, strict=True)))
    model = centra.KMeans(3, init=rows[:3]).fit(X)
    found = drawn_points(centra.plot.clusters(model, X))
    assert list(found) == list(expected)
    for color, points in expected.items():
        np.testing.assert_allclose(found[color], points, atol=1e-12)
    assert len(centra.plot.iterations(model, X)) == min(model.n_iter_ + 1, 9)


def test_sparse_rows():
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is a dependency")
    X, _ = seed_page()
    wide = np.column_stack([X, np.zeros((len(X), 3))])
    km = centra.KMeans(4, random_state=0).fit(wide)
    dense, csr = (centra.plot.clusters(km, rows) for rows in (wide, sparse.csr_matrix(wide)))
    for a, b in zip(drawn_points(dense).values(), drawn_points(csr).values(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)
    flat = sparse.csr_matrix(np.abs(X))
    assert centra.plot.clusters(centra.KMeans(2, random_state=0).fit(flat), flat).collections


def test_one_column_is_a_histogram():
    X, _ = seed_page()
    X = X[:, :1]
    km = centra.KMeans(3, random_state=0).fit(X)
    ax = centra.plot.clusters(km, X)
    by_color: dict[str, float] = {}
    for bar in ax.patches:
        if bar.get_zorder() == 1.0:
            key = to_hex(bar.get_facecolor())
            by_color[key] = by_color.get(key, 0) + bar.get_height()
    expected = np.bincount(km.labels_)
    assert by_color == {palette.color(i): expected[i] for i in range(3)}
    assert [x for x, _ in numbers(ax).values()] == pytest.approx(km.cluster_centers_[:, 0])


def test_coinciding_centers_on_a_line():
    X = np.array([[0.0], [0.0], [4.0], [4.0]])
    km = centra.KMeans(2, init=np.array([[0.0], [4.0]])).fit(X)
    km.cluster_centers_ = np.array([[2.0], [2.0]])
    ax = centra.plot.clusters(km, X)
    spans = [p for p in ax.patches if p.get_zorder() == 0.4]
    assert [to_hex(p.get_facecolor()) for p in spans] == [to_hex(palette.tint(0))]


@pytest.mark.parametrize("columns", [1, 2, 3, 6])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_rows(rows, columns):
    X = np.arange(rows * columns, dtype=np.float64).reshape(rows, columns) ** 2
    km = centra.KMeans(n_clusters=min(rows, 2), random_state=0).fit(X)
    centra.plot.clusters(km, X).figure.canvas.draw()
    centra.plot.iterations(km, X)[0].figure.canvas.draw()


@pytest.mark.parametrize("value", [0.0, 3.0, -1e6, 1e-300])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_rows_that_are_all_equal(columns, value):
    X = np.full((20, columns), value)
    ax = centra.plot.clusters(centra.KMeans(n_clusters=1).fit(X), X)
    ax.figure.canvas.draw()
    assert list(numbers(ax)) == ["0"]


def test_a_constant_column_beside_one_that_varies():
    X = np.column_stack([np.arange(30.0), np.full(30, 7.0)])
    ax = centra.plot.clusters(centra.KMeans(3, random_state=0).fit(X), X)
    ax.figure.canvas.draw()
    assert ax.get_ylim()[0] < 7.0 < ax.get_ylim()[1]


def test_many_clusters_all_have_numbers_in_view():
    X = np.random.default_rng(0).random((400, 2))
    km = centra.KMeans(120, init=X[:120], max_iter=2).fit(X)
    ax = centra.plot.clusters(km, X)
    ax.figure.canvas.draw()
    assert list(numbers(ax)) == [str(i) for i in range(120)]
    assert min(text.get_fontsize() for text in ax.texts) >= 5


def test_the_same_figure_every_time(tmp_path):
    X, km = seed_page()
    pictures = []
    for name in ("a.png", "b.png"):
        centra.plot.iterations(km, X)[0].figure.savefig(tmp_path / name)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]


def test_clusters_refuses_with_a_word():
    X, km = seed_page()
    with pytest.raises(NotFittedError):
        centra.plot.clusters(centra.KMeans(), X)
    with pytest.raises(ValueError, match="3 features"):
        centra.plot.clusters(km, np.zeros((5, 3)))
    with pytest.raises(ValueError, match="NaN"):
        centra.plot.clusters(km, np.full((5, 2), np.nan))
    assert plt.get_fignums() == []


# --- iterations


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
        assert title.endswith(f"inertia {record.inertia:.6g}")


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


# --- regions


def owner_by_polygon(polygons: dict[int, np.ndarray], points: np.ndarray) -> np.ndarray:
    """The region in which each point lies, found by the polygons alone."""
    from matplotlib.path import Path

    owner = np.full(len(points), -1)
    for center, corners in polygons.items():
        inside = Path(corners).contains_points(points)
        assert not (inside & (owner >= 0)).any(), "regions overlap"
        owner[inside] = center
    return owner


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("k", [1, 2, 3, 30])
def test_a_point_in_a_region_is_nearest_to_its_center(k, offset):
    rng = np.random.default_rng(k)
    centers = rng.random((k, 2)) * [4.0, 3.0]
    points = rng.random((2000, 2)) * [6.0, 5.0] - 1.0
    polygons = cells(centers + offset, (-1 + offset, 5 + offset, -1 + offset, 4 + offset))
    owner = owner_by_polygon(polygons, points + offset)
    nearest = ((points[:, None] - centers[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (owner == nearest).mean() > 0.999  # the others lie on a border, to the last digits
    assert (owner >= 0).mean() > 0.999


@pytest.mark.parametrize(
    "centers",
    [
        [[1.0, 1.0], [1.0, 1.0], [3.0, 1.0]],  # twice the same
        [[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]],  # on a line
        [[1.0, 1.0], [1.0, 2.0], [2.0, 1.0], [2.0, 2.0]],  # four regions meet in one point
        [[1.0, 1.0], [np.nextafter(1.0, 2.0), 1.0]],  # one step of the last digit apart
        [[1.0, 1.0], [1.0 + 1e-9, 1.0], [1.0, 1.0 + 3e-9]],  # too close to be seen apart
    ],
)
def test_regions_of_centers_in_special_places(centers):
    centers = np.array(centers)
    polygons = cells(centers, (0.0, 4.0, 0.0, 3.0))
    area = 0.0
    for corners in polygons.values():
        x, y = corners.T
        area += abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert area == pytest.approx(12.0)
    assert min(polygons) == 0


# --- colours

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


# --- matplotlib, when and where


def test_importing_centra_does_not_import_matplotlib():
    code = (
        "import sys, centra, centra.plot, centra.tutorial; "
        "assert not any(m.partition('.')[0] == 'matplotlib' for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "draw",
    [
        centra.plot.clusters,
        centra.plot.iterations,
        centra.plot.animation,
        centra.plot.profiles,
        centra.plot.silhouette,
        lambda km, X: centra.plot.convergence(km),
        lambda km, X: centra.plot.overlap(km.report(X)),
        lambda km, X: centra.plot.margins(km.report(X)),
        lambda km, X: centra.plot.elbow({"k": [1], "inertia": [1.0]}),
        lambda km, X: centra.plot.criteria({"k": [1], "inertia": [1.0]}),
    ],
)
def test_without_matplotlib_the_error_says_what_to_install(draw, monkeypatch):
    X, km = seed_page()
    for name in [m for m in sys.modules if m.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Missing(), *sys.meta_path])
    with pytest.raises(ImportError, match=r'pip install "centra\[plot\]"'):
        draw(km, X)


class _Missing:
    """A finder that knows matplotlib to be absent."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
