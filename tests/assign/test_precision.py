"""Precision: rows screened in int16 first have the same bits, and the choice is by counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
import naive_numpy
from centra import _core
from compare import check_same_fit
from forced import KINDS, fit, rows

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 2, 5, 6, 7, 8, 9, 33, 130])
@pytest.mark.parametrize("engine", ["exhaustive", "hamerly"])
def test_int16_gives_the_bits_of_float32(monkeypatch: Any, kind: str, d: int, engine: str) -> None:
    X = rows(kind, 2100, d, np.float32 if d % 2 else np.float64)
    for k in (1, 20, 300):
        monkeypatch.setenv("CENTRA_PRECISION", "float32")
        expected = fit(monkeypatch, engine, X, k, max_iter=8)
        monkeypatch.setenv("CENTRA_PRECISION", "int16")
        km = fit(monkeypatch, engine, X, k, max_iter=8, n_threads=2)
        check_same_fit(expected, km)
        assert km.engine_["precision"].get("int16", 0) >= km.n_iter_
        assert set(expected.engine_["precision"]) == {"float32"}
        np.testing.assert_array_equal(km.labels_, km.predict(X))


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("d", [3, 5, 8, 31])
def test_int16_gives_the_labels_of_the_definition(isa: str, d: int) -> None:
    """Whatever is said about the longest row: what is too long is not decided in int16."""
    rng = np.random.default_rng(d)
    X = rng.standard_normal((400, d))
    X[::7] = np.round(X[::7])  # ties
    X[5] *= 40
    centers = np.concatenate([X[:20], np.round(X[20:40])])
    team, matrix = _core.Workers(1, isa), _core.Matrix.dense(X)
    gate = _core.column_stats(team, matrix)
    frame = _core.Frame(gate, np.stack([gate.low, gate.high]), False)
    longest = _core.max_norm(team, matrix, frame)
    for said in (longest, longest / 50, longest * 1e4, 0.0, np.inf, np.nan, -1.0):
        labels = np.full(len(X), -1, np.int32)
        counts = _core.assign(team, matrix, centers, frame, labels, max_norm=said)
        np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers), f"{said}")
        if said == longest:
            # One long row costs all others five bits.
            assert 0 < counts["repeated"] < 0.6 * len(X)


def test_centers_beyond_the_rows() -> None:
    rng = np.random.default_rng(0)
    X = rng.random((3000, 6))
    team, matrix = _core.Workers(2), _core.Matrix.dense(X)
    centers = rng.random((30, 6)) * 3 - 1
    frame = _core.Frame(_core.column_stats(team, matrix), centers, False)
    longest = _core.max_norm(team, matrix, frame)
    labels = np.full(len(X), -1, np.int32)
    _core.assign(team, matrix, centers, frame, labels, max_norm=longest)
    np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers))


def test_sparse_rows_have_no_longest() -> None:
    X = sp.csr_array(np.eye(3))
    team, matrix = _core.Workers(1), _core.Matrix.csr(X.data, X.indices, X.indptr, 3)
    frame = _core.Frame(_core.column_stats(team, matrix), np.eye(3), True)
    with pytest.raises(ValueError, match="int16"):
        _core.max_norm(team, matrix, frame)


def test_an_unknown_precision_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setenv("CENTRA_PRECISION", "bf16")
    with pytest.raises(
        ValueError, match=r"CENTRA_PRECISION='bf16'.*set it to 'float32', 'int16', 'int8'"
    ):
        centra.KMeans(2).fit([[0.0], [1.0]])


def test_the_choice_follows_the_counts(monkeypatch: Any) -> None:
    monkeypatch.delenv("CENTRA_PRECISION", raising=False)
    monkeypatch.setenv("CENTRA_ENGINE", "exhaustive")
    X = np.random.default_rng(0).random((8000, 12))

    def used(X: Any, k: int, **how: Any) -> Any:
        start = X[:k].copy()
        km = centra.KMeans(k, init=start, n_init=1, max_iter=12, tol=0, **how).fit(X)
        assert km.engine_["repeated"] <= km.engine_["rows"]
        return km.engine_["precision"]

    assert used(X, 40) == {"int16": 13}
    assert used(X, 4) == {"float32": 13}
    assert used(X[:, :3].copy(), 40) == {"float32": 13}
    # Where rows stay packed, few centres will do, from 16 columns on.
    wide = np.random.default_rng(0).random((8000, 16))
    assert used(wide, 4) == used(X, 4, memory="1GB") == {"float32": 13}
    assert used(wide, 4, memory="1GB") == {"int16": 13}
    # A row so far away that all others are alike in int16: it is not tried before the ninth pass.
    X[0] = 1e6
    assert used(X, 40) == {"int16": 1, "float32": 12}
