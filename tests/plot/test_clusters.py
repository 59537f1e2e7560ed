"""`plot.clusters`: what is on the axes is what the model says."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from sklearn.exceptions import NotFittedError

import centra
from blobs import drawn_points, numbers, seed_page
from centra.plot import palette

pytestmark = pytest.mark.usefixtures("figures")


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
