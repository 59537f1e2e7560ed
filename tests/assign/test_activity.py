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
