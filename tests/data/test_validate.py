"""Bad input: each gets the right answer or one clear error that names what and where.

Rows and weights here, in the order of the project's list. An error is "clear" here if it is
one of Python's ordinary exceptions and its text names the thing that is wrong; a panic of the
compiled core would be neither (pytest.raises would let it through), and a RuntimeWarning of NumPy
on the way is a failure, as warnings are errors in these tests. ``test_csr.py``
beside this, ``test_bad_parameters.py`` and ``test_bad_files.py`` go on.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

import centra
import naive
import naive_numpy
from centra import _core
from compare import check_equal, check_same_fit, fit_from, refuses, same

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3))
DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def column(*values: float, dtype: Any = np.float64) -> np.ndarray:
    """Return the values as a matrix of one column."""
    return np.array(values, dtype=dtype)[:, None]


@pytest.fixture
def fitted() -> centra.KMeans:
    """A model of three columns."""
    return centra.KMeans(3, random_state=0).fit(X)


# --------------------------------------------------------------------------- NaN, infinity, strings


@DTYPES
@pytest.mark.parametrize(
    ("value", "text"),
    [(np.nan, "contains NaN"), (np.inf, "contains inf"), (-np.inf, "contains inf")],
)
def test_nan_and_infinity(value, text, dtype, fitted):
    bad = X.astype(dtype)
    bad[17, 1] = value
    for rows in (bad, np.asfortranarray(bad), bad[::-1], sp.csr_matrix(bad)):
        refuses(f"Input X {text}", rows)
        for method in (fitted.predict, fitted.transform, fitted.score):
            with pytest.raises(ValueError, match=f"Input X {text}"):
                method(rows)
        with pytest.raises(ValueError, match=text):
            centra.assign(rows, X[:3])
        with pytest.raises(ValueError, match=text):
            centra.kmeans_plusplus(rows, 2, random_state=0)
        with pytest.raises(ValueError, match=text):
            centra.k_means(rows, 2, random_state=0)
    bad_centers = X[:3].copy()
    bad_centers[2, 0] = value
    with pytest.raises(ValueError, match=text):
        centra.assign(X, bad_centers)


def test_nan_in_the_last_row_of_many():
    """The check has to reach every block and every thread's share."""
    big = np.zeros((50_001, 3), dtype=np.float32)
    big[-1, -1] = np.nan
    refuses("contains NaN", big, n_threads=3)


def test_strings():
    refuses("could not convert string to float: 'a'", [["a", "b"], ["c", "d"]])
    refuses("could not convert", np.array([["a"], ["b"]], dtype=object))
    refuses("2D array|could not convert string to float: 'rows'", "rows")


# -------------------------------------------------------------------------- wrong shapes, zero rows


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([1.0, 2.0, 3.0], "Expected 2D array, got 1D array"),
        (np.zeros((3, 2, 2)), "with dim 3"),
        (5.0, "Expected 2D array, got scalar"),
        (np.zeros((5, 0)), r"Found array with 0 feature\(s\) \(shape=\(5, 0\)\)"),
        (np.zeros((0, 3)), r"Found array with 0 sample\(s\) \(shape=\(0, 3\)\)"),
        ([], "Expected 2D array|0 sample|0 feature"),
        ([[1.0, 2.0], [3.0]], "inhomogeneous|setting an array element"),
        (None, "Expected 2D array|NoneType"),
        (sp.csr_matrix((0, 3)), r"Found array with 0 sample\(s\)"),
    ],
)
def test_wrong_shapes_and_zero_rows(rows, text):
    refuses(text, rows)


def test_wrong_number_of_columns(fitted):
    for method in (fitted.predict, fitted.transform, fitted.score):
        for rows in (X[:, :2], sp.csr_matrix(X[:, :2])):
            with pytest.raises(ValueError, match="X has 2 features, but KMeans is expecting 3"):
                method(rows)
    with pytest.raises(ValueError, match=r"2.*3|3.*2"):
        centra.assign(X, X[:4, :2])


# --------------------------------------------------------------------- few rows, few different rows


def test_one_row():
    km = centra.KMeans(1).fit([[1.0, 2.0]])
    assert km.cluster_centers_.tolist() == [[1.0, 2.0]]
    assert (km.labels_.tolist(), km.inertia_) == ([0], 0.0)
    refuses("n_samples=1 should be >= n_clusters=2.", [[1.0, 2.0]])


def test_more_clusters_than_rows():
    refuses("n_samples=30 should be >= n_clusters=31.", X, 31)
    refuses("n_samples=30 should be >= n_clusters=31.", X, 31, init=np.zeros((31, 3)))
    with pytest.raises(ValueError, match="n_samples=30 should be >= n_clusters=31"):
        centra.kmeans_plusplus(X, 31)
    with pytest.raises(ValueError, match="n_samples=30 should be >= n_clusters=31"):
        centra.k_means(X, 31)
    km = centra.KMeans(30, random_state=0).fit(X)  # as many as rows: each its own cluster
    assert sorted(km.labels_.tolist()) == list(range(30))
    assert km.inertia_ == 0


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_more_clusters_than_different_rows(init):
    rows = np.repeat(X[:2], 10, axis=0)
    text = re.escape("Number of distinct clusters (2) found smaller than n_clusters (4).")
    with pytest.warns(ConvergenceWarning, match=text):
        km = centra.KMeans(4, init=init, random_state=0).fit(rows)
    assert len(set(km.labels_.tolist())) == 2
    assert km.inertia_ == 0
    assert {tuple(c) for c in km.cluster_centers_} == {tuple(x) for x in X[:2]}
    assert km.predict(rows).tolist() == km.labels_.tolist()


@DTYPES
def test_all_rows_equal(dtype):
    rows = np.full((20, 3), 0.1, dtype=dtype)
    with pytest.warns(ConvergenceWarning, match=r"Number of distinct clusters \(1\)"):
        km = centra.KMeans(3, random_state=0).fit(rows)
    assert (km.cluster_centers_ == rows[0]).all()
    assert not km.labels_.any()
    assert km.inertia_ == 0


# ------------------------------------------------------------------------------------------ weights


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        (np.zeros(30), "Sample weights must contain at least one non-zero number."),
        (0, "Sample weights must contain at least one non-zero number."),
        (np.r_[np.ones(29), -1e-300], "(?i)negative"),
        (-np.ones(30), "(?i)negative"),
        (-1.0, "(?i)negative"),
        (np.r_[np.nan, np.ones(29)], "sample_weight.*NaN|NaN.*sample_weight"),
        (np.r_[np.inf, np.ones(29)], "sample_weight.*infinity|infinity.*sample_weight"),
        (np.nan, "sample_weight|[Ww]eight"),
        (np.ones(3), re.escape("sample_weight.shape == (3,), expected (30,)!")),
        (np.ones((30, 1)), "1D array or scalar"),
        (["a"] * 30, "could not convert|sample_weight"),
        (np.ones(30) * 1j, "(?i)complex|sample_weight"),
    ],
)
def test_weights_that_are_none(weights, text):
    """Zero altogether, negative, not finite, of a wrong shape, not numbers."""
    refuses(text, X, weights=weights)
    with pytest.raises((ValueError, TypeError), match=text):
        centra.kmeans_plusplus(X, 2, sample_weight=weights, random_state=0)
    with pytest.raises((ValueError, TypeError), match=text):
        centra.k_means(X, 2, sample_weight=weights, random_state=0)


def test_rows_of_weight_zero_count_for_nothing_but_get_a_label():
    w = np.r_[np.zeros(10), np.ones(20)]
    with_them = fit_from(X[10:13], X, w, tol=0)
    without = fit_from(X[10:13], X[10:], tol=0)
    same(with_them.cluster_centers_, without.cluster_centers_)
    assert with_them.inertia_ == without.inertia_
    assert with_them.labels_[10:].tolist() == without.labels_.tolist()


def test_weights_of_other_types():
    expected = fit_from(X[:3], X, np.arange(30.0))
    for w in (np.arange(30), np.arange(30, dtype=np.float32), list(range(30))):
        check_same_fit(fit_from(X[:3], X, w), expected)
    check_same_fit(fit_from(X[:3], X, 2), fit_from(X[:3], X, np.full(30, 2.0)))
    check_same_fit(
        fit_from(X[:3], X, np.arange(60.0)[::2]), fit_from(X[:3], X, 2 * np.arange(30.0))
    )


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e-30, 1e30, 1e290])
def test_weights_of_absurd_size(scale):
    rows = RNG.integers(-5, 6, size=(40, 2)).astype(float)
    w = np.round(RNG.uniform(1, 9, size=40)) * scale
    check_equal(fit_from(rows[:4], rows, w, tol=0), naive.lloyd(rows, rows[:4], w, tol=0))


def test_weights_that_are_1e300_apart():
    rows, w = column(0, 1, 10, 11), [1e-150, 1e150, 1e-150, 1e150]
    check_equal(fit_from(rows[::2], rows, w, tol=0), naive.lloyd(rows, rows[::2], w, tol=0))


# -------------------------------------------------------------------------------- absurd magnitudes


def test_an_inertia_that_float64_cannot_hold_is_one_error():
    for rows in (column(1e300, -1e300, 0), column(1.7e308, -1.7e308, 0)):
        for init in ("k-means++", rows[:1]):
            text = refuses("(?i)inertia|float64|too large|overflow", rows, 1, init=init)
            assert "\n" not in text.strip()


def test_a_center_far_off_is_no_infinity():
    """A start at 1e200 costs nothing while it has no rows; how far it then moves does not fit."""
    try:
        km = fit_from(column(0, 1e200), column(0, 1, 2))
    except (OverflowError, ValueError) as error:
        assert "float64" in str(error)
    else:
        assert np.isfinite([r.shift for r in km.history_]).all()


def test_a_row_at_1e200_that_weighs_nothing_harms_nobody():
    """Its squared distance overflows; times its weight it is 0, not NaN."""
    rows, w = column(0, 1, 10, 11, 1e200), np.array([1, 1, 1, 1, 0])
    for init in ("k-means++", "random"):
        try:
            km = centra.KMeans(2, init=init, n_init=5, random_state=0).fit(rows, sample_weight=w)
        except (OverflowError, ValueError) as error:
            assert "float64" in str(error)
        else:
            assert km.inertia_ == 1.0


def test_labels_are_right_where_squares_overflow():
    rows = column(1.7e308, -1.7e308, 1e300, -1e300)
    for centers in (column(-1e308, 1e308), column(-1e300, 1.7e308), rows):
        wanted = naive.assign(rows, centers).tolist()
        assert centra.assign(rows, centers).tolist() == wanted
    km = fit_from(column(1e300, -1e300), column(1e300, -1e300, 1e300), tol=0)
    assert (km.labels_.tolist(), km.inertia_) == ([0, 1, 0], 0.0)


def test_rows_1e_170_apart():
    """Squares underflow to 0; the nearest centre is the nearest all the same."""
    rows = column(0, 1e-170, 5e-170, 6e-170)
    assert centra.assign(rows, rows[::3]).tolist() == [0, 0, 1, 1]
    for tol in (0, 1e-4):
        run = naive.lloyd(rows, rows[:2], None, 10, tol)
        check_equal(fit_from(rows[:2], rows, max_iter=10, tol=tol), run)
    seeded = naive.seed_plusplus(rows, 2, np.random.RandomState(0))[1]
    assert centra.kmeans_plusplus(rows, 2, random_state=0)[1].tolist() == seeded.tolist()


@DTYPES
def test_denormals(dtype):
    least = np.finfo(dtype).smallest_subnormal
    rows = (RNG.integers(-6, 7, size=(40, 2)) * least).astype(dtype)
    run = naive.lloyd(rows, rows[:5], None, 10, 0, naive_numpy)
    check_equal(fit_from(rows[:5], rows, max_iter=10, tol=0), run)


def test_float32_near_its_maximum():
    top = np.finfo(np.float32).max
    rows = column(top, -top, top / 2, -top / 3, 0, top, dtype=np.float32)
    for k in (1, 2, 3):
        run = naive.lloyd(rows, rows[:k], None, 10, 1e-4)
        check_equal(fit_from(rows[:k], rows, max_iter=10), run)
    km = fit_from(rows[:2], rows)
    assert np.isfinite(km.cluster_centers_).all()
    try:
        distances = km.transform(rows)  # up to 2 top: beyond float32
    except (OverflowError, ValueError) as error:
        assert "float32" in str(error)
    else:
        assert np.isfinite(distances).all()


@DTYPES
@pytest.mark.parametrize("fill", [1e20, 1e36])
def test_fill_values_beside_small_clusters(fill, dtype):
    """A cluster of small rows keeps its mean, to the last bit."""
    small = (RNG.normal(size=(50, 2)) + np.array([[0.1, 5]])).astype(dtype)
    rows = np.vstack([small, np.full((5, 2), fill), [[fill, 3], [7, -fill]]]).astype(dtype)
    start = rows[[0, 1, 50, 56]]
    run = naive.lloyd(rows, start, None, 20, 0, naive_numpy)
    km = fit_from(start, rows, max_iter=20, tol=0)
    check_equal(km, run)
    assert np.abs(km.cluster_centers_[0]).max() < 10
    w = RNG.uniform(0.1, 2, size=len(rows))
    run = naive.lloyd(rows, start, w, 20, 0, naive_numpy)
    check_equal(fit_from(start, rows, w, max_iter=20, tol=0), run)


# --------------------------------------------------------------------------------- types of numbers


@pytest.mark.parametrize("code", [">f8", ">f4", "<f2", ">i4", "i1", "u1", "i8", "u8", "?", "g"])
def test_other_types_of_numbers(code):
    """Big-endian, float16, integers, booleans, long double: the fit of the float64 copy."""
    rows = np.abs(np.round(X * 3)).astype(code)
    kept = rows.copy()
    start = rows[:4].astype(np.float64)
    km = fit_from(start, rows, tol=0)
    # A big-endian float32 array may be taken as float32 or as float64: both are its values.
    dtype = km.cluster_centers_.dtype
    assert dtype == np.float64 or code == ">f4"
    check_same_fit(km, fit_from(start.astype(dtype), rows.astype(dtype), tol=0))
    assert km.predict(rows).tolist() == km.labels_.tolist()
    assert np.array_equal(rows, kept) and rows.dtype == kept.dtype


def test_integers_that_float64_rounds():
    rows = np.array([[2**53 + 1], [2**53 + 3], [0]])
    km = fit_from(rows[1:].astype(float), rows)
    check_same_fit(km, fit_from(rows[1:].astype(float), rows.astype(float)))


def test_complex():
    refuses("Complex data not supported", X + 1j)
    refuses("Complex data not supported", sp.csr_matrix(X + 1j))


def test_object_arrays():
    check_same_fit(fit_from(X[:3], X.astype(object)), fit_from(X[:3], X))
    for value in (None, {}, [1], object()):
        bad = X.astype(object)
        bad[3, 2] = value
        refuses(".", bad)


def test_records_are_no_matrix():
    refuses("dtype|DType|void|float|convert|2D", np.zeros((4, 2), dtype=[("a", "f8"), ("b", "f8")]))


def test_the_core_refuses_rows_without_columns() -> None:
    with pytest.raises(ValueError, match="array is empty"):
        _core.Matrix.dense(np.zeros((3, 0)))
    nothing = np.zeros(0, dtype=np.int32)
    with pytest.raises(ValueError, match="at least one column"):
        _core.Matrix.csr(np.zeros(0), nothing, np.zeros(4, dtype=np.int32), 0)
