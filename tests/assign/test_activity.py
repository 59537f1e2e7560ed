"""Sparse rows against the centers that moved; means and inertia of the clusters that changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
import naive_numpy
from centra import _core
from centra._assign.assignment import Assignment
from centra._data.validate import prepare
from compare import check_same_fit
from forced import draw_filters

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = ("topics", "grid", "equal", "weak", "huge")


def rows(kind: str, n: int, d: int, dtype: Any = np.float64) -> np.ndarray:
    """Return rows of which most entries are zero."""
    rng = np.random.default_rng([n, d, len(kind)])
    X = rng.random((n, d)) * (rng.random((n, d)) < 0.2)
    if kind == "topics":  # some clusters stand still early, others late
        X *= rng.random((11, d))[rng.integers(0, 11, n)] < 0.4
    elif kind == "grid":  # ties, duplicates and rows of zeros
        X = np.round(3 * X)
    elif kind == "equal":
        X = np.repeat(X[: n // 20], 20, axis=0)[:n]
    elif kind == "weak":  # small beside what all have in common: float32 certifies little
        X[:, 0] = 1e5
    elif kind == "huge":
        X[:, 1] *= 1e30
    return X.astype(dtype)


def fit(monkeypatch: Any, engine: str, X: Any, start: Any, weights: Any = None, **how: Any) -> Any:
    """Fit with one filter, all centres kept."""
    monkeypatch.setenv("CENTRA_ENGINE", engine)
    given = {"n_init": 1, "max_iter": 40, "tol": 0.0, "keep_centers": True} | how
    return centra.KMeans(len(start), init=start, **given).fit(X, sample_weight=weights)


def some_start(X: np.ndarray, k: int, kind: str = "") -> np.ndarray:
    """Return rows to begin from; `kind` makes it harder."""
    start = X[np.random.default_rng(k).permutation(len(X))[:k]].astype(float)
    if kind == "doubled":  # equal centres, which part and meet
        start[k // 2 :] = start[: k - k // 2]
    elif kind == "outside":  # clusters that are empty at first, and take rows over
        start[-1] += 1 + start.max()
        start[-2] = -start.max()
    return start


def check_definition(X: np.ndarray, weights: Any, km: Any) -> None:
    """Hold every pass of a fit against the definitions."""
    every = np.ones(len(X)) if weights is None else weights
    for record in km.history_:
        centers = np.asarray(record.centers, dtype=float)
        labels = naive_numpy.assign(X, centers)
        assert record.inertia == naive_numpy.inertia(X, every, labels, centers)
    np.testing.assert_array_equal(km.labels_, labels)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("place", ["", "doubled", "outside"])
def test_activity_gives_the_bits_of_the_exhaustive_filter(
    monkeypatch: Any, kind: str, dtype: type, place: str
) -> None:
    X = rows(kind, 2500, 40, dtype)
    S = sp.csr_array(X)
    for k, weighted, n_threads in [(2, False, 1), (20, False, 2), (70, True, 3), (70, False, 1)]:
        weights = np.random.default_rng(k).integers(0, 3, len(X)) / 3 if weighted else None
        start = some_start(X, k, place)
        by_exhaustive = fit(monkeypatch, "exhaustive", S, start, weights, n_threads=2)
        for engine in ("activity", ""):
            by_activity = fit(monkeypatch, engine, S, start, weights, n_threads=n_threads)
            check_same_fit(by_exhaustive, by_activity)
            assert by_activity.engine_["sweeps"]["activity"] >= by_activity.n_iter_ - 1
        assert by_activity.engine_["changed"] == by_exhaustive.engine_["changed"]
        assert set(by_exhaustive.engine_["sweeps"]) == {"exhaustive"}


@pytest.mark.parametrize("kind", ["topics", "grid", "equal"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("place", ["", "doubled", "outside"])
@pytest.mark.parametrize("isa", _core.Workers.available())
def test_every_pass_is_the_definition(
    monkeypatch: Any, kind: str, weighted: bool, place: str, isa: str
) -> None:
    monkeypatch.setenv("CENTRA_ISA", isa)
    X = rows(kind, 300, 23)
    weights = np.random.default_rng(3).integers(0, 3, 300).astype(float) if weighted else None
    start = some_start(X, 17, place)
    km = fit(monkeypatch, "", sp.csr_array(X), start, weights)
    assert km.engine_["isa"] == isa
    check_definition(X, weights, km)
    # What did not change is known for dense rows too.
    dense = fit(monkeypatch, "", X, start, weights)
    check_definition(X, weights, dense)
    np.testing.assert_array_equal(dense.cluster_centers_, km.cluster_centers_)


@pytest.mark.parametrize("seed", range(6))
def test_filters_may_change_from_pass_to_pass(monkeypatch: Any, seed: int) -> None:
    kind, dtype = KINDS[seed % 5], (np.float32, np.float64)[seed % 2]
    X = rows(kind, 2500, 40, dtype)
    start = some_start(X, 40, ("", "doubled", "outside")[seed % 3])
    expected = fit(monkeypatch, "exhaustive", sp.csr_array(X), start)
    draw_filters(monkeypatch, np.random.default_rng(seed))
    mixed = fit(monkeypatch, "", sp.csr_array(X), start)
    check_same_fit(expected, mixed)
    if expected.n_iter_ > 8:
        assert {"exhaustive", "activity"} <= set(mixed.engine_["sweeps"])


def test_late_passes_score_few_centers(monkeypatch: Any) -> None:
    X = rows("topics", 6000, 60)
    start = some_start(X, 80)
    by_exhaustive, by_activity = (
        fit(monkeypatch, engine, sp.csr_array(X), start, max_iter=300).engine_
        for engine in ("exhaustive", "activity")
    )
    assert by_exhaustive["examined"] == by_exhaustive["rows"] == by_activity["rows"]
    assert by_activity["scored"] < 0.6 * by_exhaustive["scored"]
    assert by_activity["examined"] < 0.5 * by_exhaustive["examined"]


def test_nothing_is_known_after_other_centers() -> None:
    X = rows("topics", 500, 30)
    data = prepare(centra.KMeans(9), sp.csr_array(X), _core.Workers(2), weigh=True, reset=True)
    assignment = Assignment(data, 9)
    rng = np.random.default_rng(0)
    centers = X[:9].copy()
    for step in range(12):
        moved = rng.random(9) < 0.3
        before = centers.copy()
        centers[moved] = X[rng.integers(0, 500, moved.sum())]
        moved = (centers != before).any(axis=1)
        if step % 4 == 0:
            assignment._forget()
        assignment.assign(centers, moved)
        np.testing.assert_array_equal(assignment.labels, naive_numpy.assign(X, centers))
    assert assignment.passes["activity"] == 12
    assert assignment.counts["examined"] < assignment.counts["rows"]
    with pytest.raises(ValueError, match="NaN"):
        assignment.assign(np.full((9, 30), np.nan), np.ones(9, dtype=bool), within=True)


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_any_number_of_vectors_is_scored(monkeypatch: Any, isa: str, dtype: type) -> None:
    """One pass over the entries for up to eight vectors of centers, in one chain or two."""
    monkeypatch.setenv("CENTRA_ISA", isa)
    X = rows("grid", 300, 30, dtype)
    X[::7] = 0  # rows of no entries, and of one
    X[1::7, 1:] = 0
    differ = np.unique(np.round(8 * np.random.default_rng(0).random((600, 30))), axis=0) / 4
    for k in (*range(1, 20, 3), *range(24, 150, 8), 256, 400):
        for indices in (np.int32, np.int64):
            S = sp.csr_matrix(X)
            S.indices, S.indptr = S.indices.astype(indices), S.indptr.astype(indices)
            km = centra.KMeans(k, init=differ[:k], n_init=1, max_iter=1).fit(differ)
            labels = centra.assign(S, km.cluster_centers_)
            np.testing.assert_array_equal(labels, naive_numpy.assign(X, km.cluster_centers_))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("isa", _core.Workers.available())
def test_rows_that_are_left_out_keep_their_label(monkeypatch: Any, seed: int, isa: str) -> None:
    """Centers creep, jump, stand, meet and part; rows lie on bisectors of where they come to be."""
    monkeypatch.setenv("CENTRA_ISA", isa)
    rng = np.random.default_rng(seed)
    k, d, dtype = (3, 9, 20, 40)[seed % 4], 12, (np.float32, np.float64)[seed // 4]
    centers = np.round(4 * rng.random((k, d))) * (rng.random((k, d)) < 0.5) / 4
    X = centers[rng.integers(0, k, 400)] + np.round(2 * rng.random((400, d)) - 1) / 16
    X[:100] = (centers[rng.integers(0, k, 100)] + centers[rng.integers(0, k, 100)]) / 2
    X[100:120] = 0
    X = (X * (10.0 ** rng.integers(-3, 4) if seed % 3 else 1)).astype(dtype)
    data = prepare(centra.KMeans(k), sp.csr_array(X), _core.Workers(2), weigh=True, reset=True)
    assignment, unit = Assignment(data, k), X.max() / 2**10
    for step in range(60):
        before = centers
        centers = centers.copy()
        moved = rng.random(k) < rng.choice([0.0, 0.2, 1.0])
        far = rng.choice([0, 1, 1, 4, 64])  # on a grid, so that rows come to lie on bisectors
        centers[moved] += unit * far * rng.integers(-1, 2, (moved.sum(), d))
        if step % 9 == 8:
            centers[0] = centers[-1]
        elif step % 9 == 0:
            centers[0] += unit
        centers = centers.clip(X.min(axis=0), X.max(axis=0))  # or they need another frame
        assignment.assign(centers, (centers != before).any(axis=1))
        np.testing.assert_array_equal(assignment.labels, naive_numpy.assign(X, centers))
    assert assignment.passes["activity"] == 60
    assert assignment.counts["scored"] < 45 * len(X) * (k + 16)


def test_rows_are_left_out(monkeypatch: Any) -> None:
    rng = np.random.default_rng(5)
    X = rng.random((8, 60)) * (rng.random((8, 60)) < 0.3)
    X = X[rng.integers(0, 8, 3000)] * (1 + 0.1 * rng.random((3000, 60)))
    X[:40] = X[40:80] / 2 + X[80:120] / 2  # some go on changing
    start = some_start(X, 16)
    engines = ("exhaustive", "activity")
    whole, some = (fit(monkeypatch, engine, sp.csr_array(X), start) for engine in engines)
    check_same_fit(whole, some)
    assert some.engine_["scored"] < 0.5 * whole.engine_["scored"]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("layout", [np.asarray, sp.csr_array])
def test_large_sums_are_added_to_by_all_threads(weighted: bool, layout: Any) -> None:
    """More than 4 MB of sums: the clusters of one are changed by one thread at a time."""
    X = rows("topics", 700, 6000)
    weights = np.random.default_rng(1).integers(0, 3, len(X)) / 3 if weighted else None
    start = some_start(X, 60)
    fits = [
        centra.KMeans(60, init=start, n_init=1, max_iter=6, tol=0.0, n_threads=n_threads).fit(
            shape(X), sample_weight=weights
        )
        for shape, n_threads in [(np.asarray, 1), (layout, 1), (layout, 2), (layout, 5)]
    ]
    for other in fits[1:]:
        check_same_fit(fits[0], other)
    np.testing.assert_array_equal(fits[0].labels_, naive_numpy.assign(X, fits[0].cluster_centers_))
