"""The contract, n_init, Order of a fit, One iteration, Empty clusters, Weights, Verbose."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from beside import OURS, THEIRS, assert_same_fit, blobs, pair
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

X = blobs()


@pytest.mark.parametrize(
    ("init", "runs"),
    [
        ("k-means++", 1),
        ("random", 10),
        (X[:5], 1),
        (X[:5].tolist(), 1),
        (lambda data, k, random_state: data[:k], 10),
    ],
    ids=["k-means++", "random", "array", "list", "callable"],
)
def test_n_init_auto(init: Any, runs: int) -> None:
    assert len(OURS(n_clusters=5, init=init, random_state=0).fit(X).runs_) == runs


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float32_and_float64_are_kept(dtype: type) -> None:
    assert OURS(random_state=0).fit(X.astype(dtype)).cluster_centers_.dtype == dtype


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, np.float16, bool, object, ">f8"])
def test_everything_else_becomes_float64(dtype: Any) -> None:
    data = (X > 3 if dtype is bool else X * 2).astype(dtype)
    start = np.unique(data.astype(float), axis=0)[:3]
    theirs, ours = (E(n_clusters=3, init=start, tol=0).fit(data) for E in (THEIRS, OURS))
    assert ours.cluster_centers_.dtype == theirs.cluster_centers_.dtype == np.float64
    assert ours.cluster_centers_.dtype.isnative
    if dtype not in (np.int8, np.int64, np.uint16, bool):  # integers tie
        assert_same_fit(theirs, ours)


@pytest.mark.parametrize("tol", [0.5, 0.1, 1e-2, 1e-4, 0])
def test_tol_is_relative_to_the_mean_variance(tol: float) -> None:
    for scale in (1e-3, 1.0, 1e4):
        theirs, ours = pair(X * scale, n_clusters=6, init=X[:6] * scale, tol=tol)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        assert ours.n_iter_ == theirs.n_iter_


def test_the_variance_is_unweighted() -> None:
    weights = np.where(X[:, 0] > 3, 1e-3, 50.0)
    for tol in (0.3, 0.03, 3e-3):
        theirs, ours = pair(X, weights, n_clusters=6, init=X[:6], tol=tol)
        assert_same_fit(theirs, ours)


@pytest.mark.parametrize("copy_x", [True, False])
@pytest.mark.parametrize("order", ["C", "F"])
def test_better_x_is_never_modified(copy_x: bool, order: Any) -> None:
    data = np.array(X, order=order)
    start = data[:4].copy()
    OURS(n_clusters=4, init=start, copy_x=copy_x).fit(data)
    OURS(n_clusters=4, init=lambda A, k, random_state: A[:k], copy_x=copy_x).fit(data)
    assert data.tobytes() == X.tobytes()
    assert start.tobytes() == X[:4].tobytes()
    data.flags.writeable = False
    OURS(n_clusters=4, random_state=0, copy_x=copy_x).fit(data)


def test_a_callable_is_given_centerd_data_and_its_answer_is_shifted_back() -> None:
    seen: list[tuple[np.ndarray, int, Any]] = []

    def init(data: np.ndarray, k: int, random_state: Any) -> np.ndarray:
        seen.append((data.copy(), k, random_state))
        data += 100.0  # it is a copy made for the callable alone
        return data[:k] - 100.0

    kept = X.copy()
    km = OURS(n_clusters=4, init=init, n_init=2, random_state=0, keep_centers=True).fit(X)
    np.testing.assert_array_equal(X, kept)
    assert len(seen) == 2
    for data, k, random_state in seen:
        np.testing.assert_allclose(data, X - X.mean(axis=0), rtol=0, atol=1e-12)
        assert k == 4
        assert isinstance(random_state, np.random.RandomState)
    np.testing.assert_allclose(km.history_[0].centers, X[:4], rtol=0, atol=1e-12)


def test_a_callable_is_given_sparse_data_as_they_are() -> None:
    seen: list[Any] = []

    def init(data: Any, k: int, random_state: Any) -> np.ndarray:
        seen.append(data)
        return data[:k].toarray()

    data = sp.csr_matrix(np.where(np.abs(X) < 2, 0.0, X))
    theirs, ours = pair(data, n_clusters=4, init=init, n_init=1)
    assert sp.issparse(seen[1])
    assert (seen[1] != data).nnz == 0
    assert_same_fit(theirs, ours)


def test_the_best_run_wins_and_only_a_lower_inertia_replaces_it() -> None:
    starts = iter([X[40:44], X[:4], X[40:44][::-1], X[80:84]])
    km = OURS(
        n_clusters=4,
        init=lambda data, k, random_state: next(starts) - X.mean(axis=0),
        n_init=4,
        keep_centers=True,
    ).fit(X)
    assert km.inertia_ == min(run.inertia for run in km.runs_)
    winner = next(i for i, run in enumerate(km.runs_) if run.inertia == km.inertia_)
    wanted = [X[40:44], X[:4], X[40:44][::-1], X[80:84]][winner]
    np.testing.assert_allclose(km.history_[0].centers, wanted, rtol=0, atol=1e-12)
    assert km.n_iter_ == km.runs_[winner].n_iter
    if winner == 0:  # run 2 is the same clustering, renamed: it must not replace run 0
        assert km.runs_[2].inertia == km.inertia_


def test_centers_are_in_the_coordinates_of_x() -> None:
    for offset in (0.0, 1e3, -1e6):
        km = OURS(n_clusters=3, random_state=0).fit(X + offset)
        for j in range(3):
            mean = (X + offset)[km.labels_ == j].mean(axis=0)
            np.testing.assert_allclose(km.cluster_centers_[j], mean, rtol=1e-12)


# --- equality ---------------------------------------------------------------------------------


@settings(max_examples=80)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 200),
    st.integers(1, 20),
    st.integers(1, 12),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 1e-4, 1e-2]),
    st.sampled_from(["lloyd", "elkan"]),
)
def test_equality_beside_scikit_learn(
    seed: int, n: int, d: int, k: int, weighted: bool, sparse: bool, tol: float, algorithm: str
) -> None:
    """Float64 data of random shape without ties: the same labels, iterations and centres."""
    rng = np.random.default_rng(seed)
    k = min(k, n)
    rows = rng.normal(size=(n, d)) + rng.uniform(-3, 3, (k, d))[rng.integers(k, size=n)]
    weights = rng.uniform(0.5, 2.0, n) if weighted else None
    data = sp.csr_matrix(rows) if sparse else rows
    if k == 1:
        algorithm = "lloyd"  # elkan with one cluster warns; that has its own test
    start = rows[rng.choice(n, k, replace=False)]
    theirs, ours = pair(
        data, weights, n_clusters=k, init=start, n_init=1, tol=tol, algorithm=algorithm
    )
    assert_same_fit(theirs, ours)


def test_lloyd_and_elkan_have_the_same_bits() -> None:
    a, b = (
        OURS(n_clusters=7, random_state=3, algorithm=name).fit(X) for name in ("lloyd", "elkan")
    )
    assert a.cluster_centers_.tobytes() == b.cluster_centers_.tobytes()
    assert (a.labels_.tobytes(), a.inertia_, a.n_iter_) == (
        b.labels_.tobytes(),
        b.inertia_,
        b.n_iter_,
    )


def test_float32_follows_scikit_learn_on_the_float64_copy() -> None:
    for seed in range(8):
        data = blobs(seed).astype(np.float32)
        theirs = THEIRS(n_clusters=5, init=data[:5].astype(np.float64)).fit(data.astype(np.float64))
        ours = OURS(n_clusters=5, init=data[:5]).fit(data)
        assert ours.n_iter_ == theirs.n_iter_
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        np.testing.assert_array_equal(
            ours.cluster_centers_, theirs.cluster_centers_.astype(np.float32)
        )


def test_exact_ties_go_to_the_lowest_index() -> None:
    data = np.array([[0.0], [2.0], [1.0]])
    km = OURS(n_clusters=2, init=[[2.0], [0.0]], tol=0).fit(data)
    assert km.labels_.tolist() == [1, 0, 0]
    assert km.history_[0].inertia == 1.0
    grid = np.array([[x, y] for x in range(6) for y in range(6)], dtype=float)
    centers = np.array([[0.0, 0], [4, 0], [0, 4], [4, 4], [2, 2]])
    model = OURS(n_clusters=5, init=centers, max_iter=1).fit(centers)
    distances = ((grid[:, None] - model.cluster_centers_) ** 2).sum(axis=2)  # exact: integers
    np.testing.assert_array_equal(model.predict(grid), distances.argmin(axis=1))


def test_a_difference_on_a_grid_is_a_tie() -> None:
    """Where ours and scikit-learn's labels differ, the two distances are equal."""
    rng = np.random.default_rng(1)
    grid = rng.integers(0, 12, (400, 3)).astype(float)
    centers = np.unique(grid, axis=0)[rng.permutation(60)[:20]]
    theirs, ours = (E(n_clusters=20, init=centers, max_iter=1).fit(centers) for E in (THEIRS, OURS))
    a, b = theirs.predict(grid), ours.predict(grid)
    to_a = ((grid - centers[a]) ** 2).sum(axis=1)
    to_b = ((grid - centers[b]) ** 2).sum(axis=1)
    np.testing.assert_array_equal(to_a, to_b)
    assert (b <= a).all()


# --- one iteration ----------------------------------------------------------------------------


def test_stops() -> None:
    strict = OURS(n_clusters=4, init=X[:4], tol=0).fit(X)
    assert [run.reason for run in strict.runs_] == ["strict"]
    assert strict.history_[-1].changed == 0
    loose = OURS(n_clusters=4, init=X[:4], tol=0.3).fit(X)
    assert [run.reason for run in loose.runs_] == ["tolerance"]
    assert loose.n_iter_ < strict.n_iter_
    assert loose.history_[-1].shift <= 0.3 * X.var(axis=0).mean()
    short = OURS(n_clusters=4, init=X[:4], tol=0, max_iter=2).fit(X)
    assert (short.n_iter_, short.runs_[0].reason, short.runs_[0].converged) == (
        2,
        "max_iter",
        False,
    )
    assert len(short.history_) == 3


@pytest.mark.parametrize("max_iter", [1, 2, 3, 5, 8])
def test_a_stop_on_the_way_is_scikit_learns(max_iter: int) -> None:
    theirs, ours = pair(X, n_clusters=6, init=X[:6], max_iter=max_iter, tol=0)
    assert_same_fit(theirs, ours)
    np.testing.assert_array_equal(ours.predict(X), ours.labels_)


def test_inertia_is_of_the_final_centers_with_the_weights() -> None:
    weights = np.random.default_rng(2).uniform(0.0, 3.0, len(X))
    km = OURS(n_clusters=4, init=X[:4], max_iter=2, tol=0).fit(X, sample_weight=weights)
    squares = ((X - km.cluster_centers_[km.labels_]) ** 2).sum(axis=1)
    np.testing.assert_allclose(km.inertia_, (weights * squares).sum(), rtol=1e-13)


# --- empty clusters ---------------------------------------------------------------------------


def test_the_farthest_row_founds_the_cluster_that_is_empty() -> None:
    data = np.array([[0.0, 0], [1, 0], [0, 1.5], [9, 9.5], [10, 10]])
    start = np.array([[0.0, 0], [50, 50], [11, 10]])
    theirs, ours = pair(data, n_clusters=3, init=start)
    assert_same_fit(theirs, ours)


@pytest.mark.parametrize("seed", range(8))
def test_relocation_beside_scikit_learn(seed: int) -> None:
    """Centres far away, one at a time, in data without ties: there is one right answer."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(60, 3))
    start = np.vstack([data[:3], [[100.0, 100, 100]]])
    weights = rng.uniform(0.5, 2.0, 60)
    for w in (None, weights):
        theirs, ours = pair(data, w, n_clusters=4, init=start, tol=0)
        assert_same_fit(theirs, ours)


def test_better_labels_centers_and_inertia_agree_after_a_relocation() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        data = rng.integers(0, 5, (15, 2)).astype(float)
        start = np.vstack([data[:2], rng.uniform(50, 60, (3, 2))])
        for max_iter in (1, 2, 300):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                km = OURS(n_clusters=5, init=start, max_iter=max_iter).fit(data)
            np.testing.assert_array_equal(km.predict(data), km.labels_)
            squares = ((data - km.cluster_centers_[km.labels_]) ** 2).sum()
            np.testing.assert_allclose(km.inertia_, squares, rtol=1e-12, atol=1e-12)


def test_better_rows_of_equal_distance_are_chosen_by_content() -> None:
    data = np.array([[0.0, 0], [3, 0], [-3, 0], [0, 3], [0, -3]])
    start = np.array([[0.0, 0], [90, 90]])
    wanted = OURS(n_clusters=2, init=start).fit(data).cluster_centers_
    for seed in range(6):
        shuffled = np.random.default_rng(seed).permutation(data)
        km = OURS(n_clusters=2, init=start).fit(shuffled)
        np.testing.assert_array_equal(km.cluster_centers_, wanted)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_nothing_moves_when_every_distance_is_zero() -> None:
    data = np.repeat([[1.0, 2.0], [5.0, 6.0]], 4, axis=0)
    theirs, ours = pair(data, n_clusters=3, init=np.vstack([data[0], data[-1], data[0]]))
    assert_same_fit(theirs, ours)


# --- weights ----------------------------------------------------------------------------------


def test_no_weights_are_ones_and_a_scalar_is_all() -> None:
    plain = OURS(n_clusters=5, random_state=1).fit(X)
    for weights in (np.ones(len(X)), 1.0, np.ones(len(X), dtype=int), [1] * len(X)):
        km = OURS(n_clusters=5, random_state=1).fit(X, sample_weight=weights)
        assert km.cluster_centers_.tobytes() == plain.cluster_centers_.tobytes()
        assert km.inertia_ == plain.inertia_
    theirs, ours = pair(X, 2.5, n_clusters=5, random_state=1)
    assert_same_fit(theirs, ours)


def test_weights_are_not_normalised() -> None:
    weights = np.random.default_rng(7).uniform(0.1, 2, len(X))
    theirs, ours = pair(X, 1000 * weights, n_clusters=5, random_state=1)
    assert_same_fit(theirs, ours)
    one = OURS(n_clusters=5, random_state=1).fit(X, sample_weight=weights)
    np.testing.assert_allclose(ours.inertia_, 1000 * one.inertia_, rtol=1e-12)


@pytest.mark.parametrize("start", [X[:5], lambda data, k, random_state: data[:k]])
def test_weights_do_not_touch_a_start_that_is_given(start: Any) -> None:
    weights = np.zeros(len(X))
    weights[60:] = 1.0
    km = OURS(n_clusters=5, init=start, n_init=1, keep_centers=True).fit(X, sample_weight=weights)
    np.testing.assert_allclose(km.history_[0].centers, X[:5], rtol=0, atol=1e-12)


def test_an_integer_weight_is_a_repeated_row() -> None:
    counts = np.random.default_rng(5).integers(1, 6, len(X))
    weighted = OURS(n_clusters=5, init=X[:5], tol=0).fit(X, sample_weight=counts)
    repeated = OURS(n_clusters=5, init=X[:5], tol=0).fit(np.repeat(X, counts, axis=0))
    assert weighted.cluster_centers_.tobytes() == repeated.cluster_centers_.tobytes()
    np.testing.assert_array_equal(np.repeat(weighted.labels_, counts), repeated.labels_)
    np.testing.assert_allclose(weighted.inertia_, repeated.inertia_, rtol=1e-14)


# --- verbose ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tol", [0, 1e-2])
@pytest.mark.parametrize("n_init", [1, 3])
@pytest.mark.parametrize("algorithm", ["lloyd", "elkan"])
def test_verbose_prints_what_scikit_learn_prints(
    tol: float, n_init: int, algorithm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of lloyd: for elkan scikit-learn prints an inertia of other centres."""
    printed = []
    for Estimator, name in ((THEIRS, "lloyd"), (OURS, algorithm)):
        km = Estimator(
            n_clusters=4, init="random", n_init=n_init, tol=tol, random_state=1, algorithm=name
        )
        km.set_params(verbose=1).fit(X)
        printed.append(capsys.readouterr().out)
    theirs, ours = (text.splitlines() for text in printed)
    number = r"[0-9.e+-]+[0-9]"
    assert [re.sub(number, "#", line) for line in ours] == [
        re.sub(number, "#", line) for line in theirs
    ]
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(
            [float(text) for text in re.findall(number, mine)],
            [float(text) for text in re.findall(number, other)],
            rtol=1e-6,
            atol=1e-12,
        )
    assert ours[0] == "Initialization complete"
    assert ours[1].startswith("Iteration 0, inertia ")


def test_quiet_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    OURS(n_clusters=4, random_state=1).fit(X)
    assert capsys.readouterr() == ("", "")
