"""The origin of the frame: outliers do not pull it away, and no bit depends on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import centra
from answers import answer
from centra import _core
from centra._data.dataset import Dataset
from centra._utils.threads import workers
from centra.sources import MemorySource
from parts import Parts


def pulled(n: int = 12_000, d: int = 6) -> np.ndarray:
    """Return rows of which a few lie so far off that means lie where no row is."""
    X = np.random.default_rng(0).normal(size=(n, d))
    X[7] = 1e9
    X[:: n // 20, 2] = -np.geomspace(1e3, 1e8, len(X[:: n // 20]))
    return X


def fitted(X: Any, k: int = 20, **how: Any) -> Any:
    given = X[100 : 100 + k] if isinstance(X, np.ndarray) else pulled()[100 : 100 + k]
    return centra.KMeans(k, init=given, n_init=1, max_iter=5, tol=0, **how).fit(X)


def test_hardly_a_row_is_left_by_float32() -> None:
    counts = fitted(pulled(d=16)).engine_
    assert counts["compared"] < 0.02 * counts["rows"]


def test_the_means_are_taken_where_nothing_pulls_them() -> None:
    X = np.random.default_rng(1).normal(size=(20_000, 5))
    for rows, far in ((X, False), (X * 10.0 ** np.arange(5), False), (pulled(), True)):
        matrix = _core.Matrix.dense(rows)
        assert _core.column_stats(workers(1), matrix).pulled == far
    narrow = np.column_stack([1e6 * X[:, 0], np.r_[1.0, np.zeros(len(X) - 1)]])
    assert not _core.column_stats(workers(1), _core.Matrix.dense(narrow)).pulled


def test_the_sample_is_the_same_whatever_the_blocks() -> None:
    X = pulled()
    whole = Dataset.of(MemorySource(X), None, workers(2))._some_rows
    parts = Dataset.of(Parts(X, [5, 5000, 9001], resident=False), None, workers(1))._some_rows
    assert whole is not None and len(whole) == 255
    np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_bit_depends_on_the_origin(monkeypatch: Any, dtype: Any) -> None:
    X = pulled().astype(dtype)
    expected = answer(X, max_iter=6)
    for some in (None, X[:1].astype(float), np.full((3, 6), np.nan), np.full((1, 6), 1e300)):
        monkeypatch.setattr(Dataset, "_some_rows", some)
        assert answer(X, max_iter=6, n_threads=1) == expected


def test_a_sample_of_other_columns_is_refused() -> None:
    stats = _core.column_stats(workers(1), _core.Matrix.dense(pulled()))
    with pytest.raises(ValueError, match="another number of columns"):
        _core.Frame(stats, np.zeros((1, 6)), False, np.zeros((4, 5)))
