"""`plot.profiles`: centres against the mean, in standard deviations."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import fitted, said, stacked

pytestmark = pytest.mark.usefixtures("figures")


def cells(ax) -> np.ndarray:
    return np.asarray(ax.images[0].get_array())


def names(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def test_cells_are_standardised_differences_with_the_largest_first():
    X, km = fitted(4, d=6)
    ax = centra.plot.profiles(km, X)
    expected = ((km.cluster_centers_ - X.mean(axis=0)) / X.std(axis=0)).T
    order = np.argsort(-np.abs(expected).max(axis=1))
    np.testing.assert_allclose(cells(ax), expected[order])
    assert names(ax) == [f"column {q}" for q in order]
    numbers = [f"{value:+.1f}" for value in expected[order].ravel()]
    assert said(ax) == ["0.0" if n in ("+0.0", "-0.0") else n for n in numbers]


def test_weights_count():
    X, _ = fitted(3, d=3)
    weights = np.random.default_rng(0).integers(1, 5, len(X)).astype(float)
    km = centra.KMeans(3, random_state=0).fit(X, sample_weight=weights)
    repeated = np.repeat(X, weights.astype(int), axis=0)
    expected = ((km.cluster_centers_ - repeated.mean(axis=0)) / repeated.std(axis=0)).T
    for ax in (centra.plot.profiles(km, X, sample_weight=weights), centra.plot.profiles(km)):
        np.testing.assert_allclose(np.sort(cells(ax), axis=0), np.sort(expected, axis=0))


def test_an_offset_costs_no_digits():
    X, _ = fitted(3, d=3)
    far = X + 2.0**30
    km = centra.KMeans(3, init=far[:3]).fit(far)
    near = centra.KMeans(3, init=(far[:3] - 2.0**30)).fit(far - 2.0**30)
    np.testing.assert_allclose(
        cells(centra.plot.profiles(km, far)),
        cells(centra.plot.profiles(near, far - 2.0**30)),
        atol=1e-6,
    )


def test_sparse_rows_and_rows_in_parts(monkeypatch):
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is a dependency")
    from centra.plot import _profiles as profile

    X, km = fitted(3, d=4)
    whole = cells(centra.plot.profiles(km, X))
    monkeypatch.setattr(profile, "_ENTRIES", 50)
    for rows in (X, sparse.csr_matrix(X)):
        np.testing.assert_allclose(cells(centra.plot.profiles(km, rows)), whole)


def test_top_chooses_columns_and_the_title_says_so():
    X, km = fitted(3, d=6)
    ax = centra.plot.profiles(km, X, top=2)
    assert len(names(ax)) == 2
    assert "2 of 6 columns" in ax.get_title(loc="left")
    assert len(names(centra.plot.profiles(km, X, top=None))) == 6


def test_constant_columns_are_left_out():
    X, _ = fitted(3, d=3)
    X = np.column_stack([np.full(len(X), 0.1), X])
    ax = centra.plot.profiles(centra.KMeans(3, random_state=0).fit(X), X)
    assert "column 0" not in names(ax) and "1 constant, left out" in ax.get_title(loc="left")
    same = np.full((5, 3), 0.1)
    ax = centra.plot.profiles(centra.KMeans(1).fit(same), same)
    assert said(ax) == ["All columns are constant: no cluster differs."]


def test_names_of_columns_and_long_ones_are_cut():
    pandas = pytest.importorskip("pandas", reason="pandas is optional")
    X, _ = fitted(3, d=2)
    frame = pandas.DataFrame(X, columns=["short", "y" * 60])
    ax = centra.plot.profiles(centra.KMeans(3, random_state=0).fit(frame), frame)
    assert set(map(len, names(ax))) == {5, 28}


@pytest.mark.parametrize("k", [1, 2, 12, 40, 130])
def test_any_number_of_clusters(k):
    X, km = fitted(k, n=1500, d=5)
    ax = centra.plot.profiles(km, X)
    ax.figure.canvas.draw()
    assert all(text.get_fontsize() >= 5.5 for text in ax.texts)
    assert bool(ax.texts) != (len(ax.figure.axes) == 2)  # numbers, or a scale


def test_one_row_one_column_and_empty_clusters():
    for X, km in (
        (np.ones((1, 1)), centra.KMeans(1).fit(np.ones((1, 1)))),
        (np.arange(4.0)[:, None], centra.KMeans(2, random_state=0).fit(np.arange(4.0)[:, None])),
        stacked(),
    ):
        centra.plot.profiles(km, X).figure.canvas.draw()


@pytest.mark.parametrize("top", [0, -1, True])
def test_bad_top(top):
    X, km = fitted(3)
    with pytest.raises(ValueError, match="top="):
        centra.plot.profiles(km, X, top=top)


def test_rows_that_are_gone():
    model = centra.KMeans(2, random_state=0).fit([[0.0], [1.0], [5.0]])
    with pytest.raises(ValueError, match="pass X to profiles"):
        centra.plot.profiles(model)
