"""The certificate where rows or centers lie far off: it must not cost other rows theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import naive
import naive_numpy
from bisectors import beside_bisectors
from centra import _core
from compare import check_same_fit
from forced import fit

SPARSE = "csr"


def labelled(
    X: Any, centers: np.ndarray, isa: str, precision: str = "float32"
) -> tuple[np.ndarray, dict[str, int]]:
    """Return the labels that one pass over all centers gives, and what it did."""
    team, sparse = _core.Workers(2, isa), sp.issparse(X)
    if sparse:
        matrix = _core.Matrix.csr(X.data, X.indices, X.indptr, X.shape[1])
    else:
        matrix = _core.Matrix.dense(X)
    frame = _core.Frame(_core.column_stats(team, matrix), centers, sparse)
    longest = _core.max_norm(team, matrix, frame) if precision == "int16" else None
    labels = np.full(X.shape[0], -1, np.int32)
    counts = _core.assign(
        team, matrix, centers, frame, labels, max_norm=longest, int8=precision == "int8"
    )
    return labels, counts


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("precision", ["float32", "int16", "int8", SPARSE])
@pytest.mark.parametrize("far", [1e3, 1e6, 1e9, 1e15])
def test_one_far_center_costs_no_row_its_certificate(isa: str, precision: str, far: float) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(2000, 6))
    centers = np.concatenate([X[:20] + 0.25, np.full((1, 6), far)])
    rows = sp.csr_array(X) if precision == SPARSE else X
    labels, counts = labelled(rows, centers, isa, precision)
    np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers))
    assert counts["compared"] < len(X) / 100, counts


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_beside_bisectors_where_a_center_and_a_row_lie_far_off(
    isa: str, precision: str, dtype: Any
) -> None:
    rng = np.random.default_rng(2)
    for d in (1, 2, 5, 8, 33):
        for far in (1e2, 1e5, 1e10):
            centers = rng.normal(size=(17, d)).astype(dtype).astype(np.float64)
            X = beside_bisectors(rng, centers, 200, dtype)
            X[7] = dtype(far)
            centers[3] = far * np.where(np.arange(d) % 2, 1, -1)
            labels, _ = labelled(X, centers, isa, precision)
            np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers))


@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
@pytest.mark.parametrize("engine", ["exhaustive", "hamerly", "blocks"])
@pytest.mark.parametrize("d", [2, 9])
def test_fits_with_far_rows(monkeypatch: Any, engine: str, precision: str, d: int) -> None:
    rng = np.random.default_rng(d)
    X = rng.normal(size=(3000, d)) + 4 * rng.integers(0, 3, size=(3000, 1))
    X[[5, 2999]] = [[1e7], [-1e9]]
    start = X[[5, *range(10, 30)]]
    monkeypatch.setenv("CENTRA_PRECISION", precision)
    found = fit(monkeypatch, engine, X, 21, init=start, max_iter=6)
    monkeypatch.setenv("CENTRA_PRECISION", "float32")
    check_same_fit(fit(monkeypatch, "exhaustive", X, 21, init=start, max_iter=6), found)
    np.testing.assert_array_equal(found.labels_, naive_numpy.assign(X, found.cluster_centers_))


def two_camps(n: int, d: int, apart: float, dtype: Any = np.float64) -> np.ndarray:
    """Return rows of two camps, far from each other and from the middle, with structure in each."""
    rng = np.random.default_rng([n, d])
    X = rng.normal(size=(n, d))
    X[:, 0] += apart * rng.choice([-1.0, 1.0], n)
    X[::5] = np.round(X[::5])  # ties
    return X.astype(dtype)


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
@pytest.mark.parametrize("apart", [1e4, 1e6, 1e9, 1e13])
@pytest.mark.parametrize("d", [2, 3, 8, 19])
def test_rows_that_float32_leaves_are_labelled_by_the_definition(
    isa: str, precision: str, apart: float, d: int
) -> None:
    X = two_camps(700, d, apart)
    for k in (1, 2, 9, 40):
        # Some equal, some nearly so, and ties between rows of whole numbers.
        centers = np.concatenate([X[:k], X[: k // 3], X[5 : 5 + k // 4] + 1e-12])
        labels, counts = labelled(X, centers, isa, precision)
        np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers))
        if k == 40 and apart in (1e6, 1e9):
            assert counts["compared"] > 300, "float32 was to leave many"


@pytest.mark.parametrize("engine", ["exhaustive", "hamerly"])
@pytest.mark.parametrize("d", [3, 20])
def test_fits_of_two_camps(monkeypatch: Any, engine: str, d: int) -> None:
    X = two_camps(2500, d, 1e6)
    monkeypatch.setenv("CENTRA_PRECISION", "float32")
    found = fit(monkeypatch, engine, X, 12, max_iter=8)
    run = naive.lloyd(X, found.history_[0].centers, None, 8, 0, naive_numpy)
    np.testing.assert_array_equal(run.labels, found.labels_)
    np.testing.assert_array_equal(run.centers, found.cluster_centers_)
    assert float(run.inertia) == found.inertia_


@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
@pytest.mark.parametrize("far", [None, 1e5, 1e7])
def test_bounds_hold_beside_a_far_center(monkeypatch: Any, precision: str, far: float) -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(4000, 6)) + 30 * rng.integers(0, 4, size=(4000, 1))
    start = np.concatenate([[np.full(6, 30.0 * j + 1)] for j in range(4)] + [X[:1]])
    if far is not None:
        X[-1] = start[-1] = far
    monkeypatch.setenv("CENTRA_PRECISION", precision)
    km = fit(monkeypatch, "hamerly", X, 5, init=start, max_iter=8)
    np.testing.assert_array_equal(km.labels_, naive_numpy.assign(X, km.cluster_centers_))
    if precision != "int16" and far is not None:
        # One pass that looks at all rows, and perhaps one more.
        assert km.engine_["examined"] < 2.5 * len(X), km.engine_


@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
def test_bounds_hold_for_rows_that_float64_decides(monkeypatch: Any, precision: str) -> None:
    monkeypatch.setenv("CENTRA_PRECISION", precision)
    X = two_camps(4000, 6, 1e6)
    X[:, 1] += 40 * np.random.default_rng(4).integers(0, 3, 4000)
    start = np.array([[a * 1e6, 40.0 * b + 1, 0, 0, 0, 0] for a in (-1, 1) for b in range(3)])
    km = fit(monkeypatch, "hamerly", X, 6, init=start, max_iter=8)
    np.testing.assert_array_equal(km.labels_, naive_numpy.assign(X, km.cluster_centers_))
    assert km.engine_["compared"] > 3000
    assert km.engine_["examined"] < 2.5 * len(X), km.engine_
