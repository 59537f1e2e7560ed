"""Shortlists: rows screened in bytes have the labels of the definition, and fits the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import centra
import naive_numpy
from bisectors import beside_bisectors
from centra import _core
from compare import check_same_fit
from forced import KINDS, fit, rows

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def check_labels(X: np.ndarray, centers: np.ndarray, isa: str, frame: Any = None) -> dict[str, int]:
    """Hold labels by bytes against the definition."""
    team, matrix = _core.Workers(2, isa), _core.Matrix.dense(X)
    if frame is None:
        frame = _core.Frame(_core.column_stats(team, matrix), centers, False)
    labels = np.full(len(X), -1, np.int32)
    counts = _core.assign(team, matrix, centers, frame, labels, int8=True)
    np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers), isa)
    return dict(counts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 5, 8, 33, 130])
@pytest.mark.parametrize("engine", ["exhaustive", "hamerly"])
def test_bytes_give_the_bits_of_float32(monkeypatch: Any, kind: str, d: int, engine: str) -> None:
    X = rows(kind, 2100, d, np.float32 if d % 2 else np.float64)
    for k in (1, 20, 300):
        monkeypatch.setenv("CENTRA_PRECISION", "float32")
        expected = fit(monkeypatch, engine, X, k, max_iter=8)
        monkeypatch.setenv("CENTRA_PRECISION", "int8")
        km = fit(monkeypatch, engine, X, k, max_iter=8, n_threads=2)
        check_same_fit(expected, km)
        assert km.engine_["precision"].get("int8", 0) >= km.n_iter_
        np.testing.assert_array_equal(km.labels_, km.predict(X))


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [2, 16, 31])
def test_rows_between_centers(isa: str, dtype: type, d: int) -> None:
    rng = np.random.default_rng(d)
    for k in (2, 17, 130):
        centers = rng.standard_normal((k, d)).astype(dtype).astype(float)
        X = beside_bisectors(rng, centers, 300, dtype)
        check_labels(X, centers, isa)
        # Centers next to each other: every row has all of them on its list.
        near = centers[:1] + centers * 1e-7
        counts = check_labels(beside_bisectors(rng, near, 60, dtype), near, isa)
        assert counts["compared"] > 0


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_limits_and_what_lies_far(isa: str, dtype: type) -> None:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((200, 12)).astype(dtype)
    centers = X[:70].astype(float)
    centers[3] = centers[60]  # duplicates
    X[5] = centers[7] = 0
    X[9:12] = np.sign(X[9:12])  # every byte at its limit
    check_labels(X, centers, isa)
    far = X.copy()
    far[17] *= 1e6
    check_labels(far, centers, isa)
    away = centers.copy()
    away[11] *= 1e6
    check_labels(X, away, isa)
    check_labels(far, away, isa)
    check_labels(np.zeros_like(X), centers, isa)
    check_labels(X, np.zeros_like(centers), isa)
    # Numbers whose squares are lost in float32, beside one that is not.
    tiny = X * np.asarray(1e-30, dtype)
    check_labels(tiny, tiny[:70].astype(float), isa)
    tiny[4] = 1
    check_labels(tiny, tiny[:70].astype(float), isa)
    # Ties of integers.
    whole = rng.integers(-3, 4, (300, 5)).astype(dtype)
    check_labels(whole, whole[:64].astype(float), isa)


@pytest.mark.parametrize("isa", _core.Workers.available())
def test_rows_beyond_their_frame(isa: str) -> None:
    """What is said of a frame changes how much is decided, and no label."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((300, 9))
    team = _core.Workers(1, isa)
    small = _core.Frame(
        _core.column_stats(team, _core.Matrix.dense(X * 1e-9)), X[:40] * 1e-9, False
    )
    check_labels(X, X[:40].copy(), isa, small)
    check_labels(X * 1e60, X[:40] * 1e60, isa, small)


def test_layouts() -> None:
    rng = np.random.default_rng(3)
    X = rng.standard_normal((900, 24))
    centers = X[:80].copy()
    expected = naive_numpy.assign(X, centers)
    wide = np.asfortranarray(X)
    for given in (
        wide,
        np.repeat(X, 2, axis=1)[:, ::2],
        X[::-1][::-1],
        X.astype(">f8").astype(float),
    ):
        np.testing.assert_array_equal(check_rows(given, centers), expected)


def check_rows(X: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Label rows by bytes."""
    team, matrix = _core.Workers(2), _core.Matrix.dense(X)
    labels = np.full(len(X), -1, np.int32)
    frame = _core.Frame(_core.column_stats(team, matrix), centers, False)
    _core.assign(team, matrix, centers, frame, labels, int8=True)
    return labels


@pytest.mark.skipif("avx512" not in _core.Workers.available(), reason="bytes are not chosen")
def test_the_choice_follows_the_counts(monkeypatch: Any) -> None:
    monkeypatch.delenv("CENTRA_PRECISION", raising=False)
    monkeypatch.setenv("CENTRA_ENGINE", "exhaustive")
    monkeypatch.setenv("CENTRA_ISA", "avx512")
    X = np.random.default_rng(0).standard_normal((4000, 100))

    def used(X: Any, k: int) -> Any:
        km = centra.KMeans(k, init=X[:k].copy(), n_init=1, max_iter=6, tol=0).fit(X)
        return km.engine_["precision"]

    assert set(used(X, 40)) == {"int16"}
    assert set(used(X, 1000)) == {"int8"}
    # A column beside which all others are nothing, in bytes and in int16: some rows tell.
    X[:, 0] *= 1e7
    assert "int8" not in used(X, 1000)
    # All distances are much alike.
    assert "int8" not in used(np.random.default_rng(1).standard_normal((700, 4000)), 300)


@pytest.mark.skipif("avx512" not in _core.Workers.available(), reason="bytes are not chosen")
def test_passes_that_bytes_leave_too_much_of_end_them(monkeypatch: Any) -> None:
    """What does well on the rows that are tried may do badly on others: once."""
    monkeypatch.delenv("CENTRA_PRECISION", raising=False)
    monkeypatch.setenv("CENTRA_ENGINE", "exhaustive")
    monkeypatch.setenv("CENTRA_ISA", "avx512")
    X = np.random.default_rng(0).standard_normal((6400, 100))
    start = X[:1000].copy()
    start[:, 0] = 0
    # (Every hundredth row is tried.)
    others = np.flatnonzero(np.arange(len(X)) % 100)
    X[others, 0] = np.resize([3000, -3000], len(others))
    km = centra.KMeans(1000, init=start, n_init=1, max_iter=3, tol=0).fit(X)
    assert km.engine_["precision"]["int8"] == 1
    monkeypatch.setenv("CENTRA_PRECISION", "float32")
    check_same_fit(km, centra.KMeans(1000, init=start, n_init=1, max_iter=3, tol=0).fit(X))
