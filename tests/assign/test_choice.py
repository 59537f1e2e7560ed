"""Which filter a pass takes: by the counts of passes before, never by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
import naive
from centra._assign.assignment import Assignment
from centra._assign.choice import sort_price, sorts_for_one_pass
from centra._data.dataset import Dataset
from centra._utils.threads import workers
from centra.sources import MemorySource
from forced import rows


def test_rows_that_cannot_be_sorted_take_the_exhaustive_filter(monkeypatch: Any) -> None:
    X = rows("uniform", 300, 5)
    monkeypatch.setenv("CENTRA_ENGINE", "hamerly")
    assert set(centra.KMeans(3).fit(sp.csr_array(X)).engine_["sweeps"]) == {"exhaustive"}
    monkeypatch.setenv("CENTRA_ENGINE", "blocks")
    for how in (X, sp.csr_array(X[:, :2])):
        km = centra.KMeans(3, random_state=0).fit(how)
        assert set(km.engine_["sweeps"]) == {"exhaustive"}


def test_an_unknown_filter_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setenv("CENTRA_ENGINE", "magic")
    with pytest.raises(
        ValueError, match=r"CENTRA_ENGINE='magic'.*set it to 'exhaustive', 'blocks', 'hamerly'"
    ):
        centra.KMeans(2).fit([[0.0], [1.0]])


def test_the_choice_follows_the_work(monkeypatch: Any) -> None:
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    X = np.random.default_rng(0).random((20_000, 2))

    def passes(X: Any, k: int) -> Any:
        start = X[:k].copy()
        return centra.KMeans(k, init=start, n_init=1, max_iter=12, tol=0).fit(X).engine_["sweeps"]

    assert passes(X, 250) == {"exhaustive": 1, "blocks": 12}
    assert passes(X, 400) == {"blocks": 13}  # a single pass without would cost as much
    assert passes(X, 3) == {"exhaustive": 13}
    assert set(passes(X[:1000], 100)) == {"exhaustive"}
    # Four columns and few rows: blocks are wide, which two passes over them show.
    wide = np.random.default_rng(0).random((5000, 4))
    assert passes(wide, 150)["exhaustive"] > 8
    # Rows that have settled are left out.
    fit = centra.KMeans(50, n_init=1, random_state=0, tol=0).fit(rows("uniform", 8000, 6))
    assert fit.n_iter_ > 40
    assert fit.engine_["sweeps"]["hamerly"] > fit.engine_["sweeps"]["exhaustive"]
    assert fit.engine_["examined"] < 0.7 * fit.engine_["rows"]


def test_rows_stay_sorted_for_the_next_restart(monkeypatch: Any) -> None:
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    X = np.random.default_rng(0).random((20_000, 2))
    data = Dataset.of(MemorySource(X), None, workers(1))
    for passes in ({"exhaustive": 1, "blocks": 1}, {"exhaustive": 0, "blocks": 2}):
        restart = Assignment(data, 250)
        restart.assign(X[:250].copy())
        restart.assign(X[250:500].copy())
        assert {name: restart.passes[name] for name in passes} == passes


def test_the_price_of_sorting_grows_with_the_rows() -> None:
    prices = [sort_price(n) for n in (5000, 1_000_000, 10_000_000, 100_000_000)]
    assert prices[0] == prices[1] < prices[2] < prices[3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_features", [1, 2, 3, 4])
def test_prediction_sorts_rows_where_that_pays(
    dtype: Any, n_features: int, monkeypatch: Any
) -> None:
    X = np.random.default_rng(n_features).random((30_000, n_features)).astype(dtype)
    X[::7] = X[3]  # equal rows, and rows on the centers
    centers = np.concatenate([X[:900], 0.5 * (X[100:200] + X[200:300])])
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    chosen = centra.assign(X, centers)
    found = {}
    for engine in ("exhaustive", "blocks"):
        monkeypatch.setenv("CENTRA_ENGINE", engine)
        found[engine] = centra.assign(X, centers)
        assert found[engine].dtype == chosen.dtype
        np.testing.assert_array_equal(found[engine], chosen)
    some = slice(85, 125)
    np.testing.assert_array_equal(chosen[some], naive.assign(X[some], centers))


def test_one_pass_is_sorted_for_many_centers_alone(monkeypatch: Any) -> None:
    def sorts(n: int, n_features: int, k: int) -> bool:
        source = MemorySource(np.zeros((n, n_features)))
        return sorts_for_one_pass(Dataset.of(source, None, workers(1)), k)

    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    assert sorts(100_000, 2, 1000)
    assert not sorts(100_000, 2, 100)
    assert not sorts(100_000, 5, 1000)
    assert not sorts(1000, 2, 1000)  # few rows
    assert not sorts(5000, 4, 1000)  # blocks as wide as clusters
    for engine, there in (("blocks", True), ("exhaustive", False)):
        monkeypatch.setenv("CENTRA_ENGINE", engine)
        assert sorts(100, 2, 3) is there
