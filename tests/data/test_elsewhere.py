"""One answer everywhere: the bits of a fit in memory, from partitions that hear pickles alone."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from answers import ROWS, K, answer, dataset, rows, sparse
from centra._assign.assignment import Assignment
from centra._assign.filters import Assign, Exhaustive, Target
from centra._core import ClusterSums
from centra._data.passes import AllDistances, PassStats
from elsewhere import Child, Elsewhere

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
COUNTS = (1, 2, 3)


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Fit rows that are elsewhere, and return the answer; and how they are held."""
    held: list[Elsewhere] = []

    def fit(X: Any, count: int, where: dict[str, Any] | None = None, **how: Any) -> Any:
        def executor(source: Any, team: Any) -> Elsewhere:
            held.append(Elsewhere(source, team, count, **where or {}))
            return held[-1]

        with monkeypatch.context() as patch:
            patch.setattr("centra._data.validate.LocalExecutor", executor)
            found = answer(X, **how)
        assert held[-1].messages > 0
        return found, held[-1]

    yield fit
    for each in held:
        for place in each.places:
            if isinstance(place, Child):
                place.close()


def differing(there: Any, X: Any, **how: Any) -> list[int]:
    """Return the numbers of partitions that give another answer than memory."""
    expected = answer(X, **how)
    return [count for count in COUNTS if there(X, count, **how)[0] != expected]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [2, 9, 32])
@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random", "given"])
def test_a_fit_with_weights_and_restarts(there: Any, init: str, d: int, dtype: Any) -> None:
    X = rows(d, dtype, 600)
    weights = np.random.default_rng(d).integers(0, 4, len(X)) / 3
    how = {"init": X[:K].astype(float), "n_init": 1} if init == "given" else {"init": init}
    how = {"n_init": 3, "memory": "20MB"} | how
    assert differing(there, X, **how) == []
    assert differing(there, X, **how, weights=weights) == []


@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random", "given"])
def test_sparse_rows(there: Any, init: str) -> None:
    S = sparse(500)
    weights = np.random.default_rng(1).integers(0, 3, 500) / 7
    how = {"init": S[:K].toarray(), "n_init": 1} if init == "given" else {"init": init}
    assert differing(there, S, **{"n_init": 3, "weights": weights} | how) == []


@pytest.mark.parametrize("engine", ["exhaustive", "blocks", "hamerly", "activity"])
@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
def test_every_filter_forced(
    there: Any, engine: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for X in (rows(3), rows(9, np.float32), sparse(400)):
        start = (X[:K].toarray() if sp.issparse(X) else X[:K]).astype(np.float64)
        how = {"init": start, "memory": "20MB"}
        expected = answer(X, **how)
        monkeypatch.setenv("CENTRA_ENGINE", engine)
        monkeypatch.setenv("CENTRA_PRECISION", precision)
        for count in COUNTS:
            assert there(X, count, **how)[0] == expected, (X.shape, count)
            assert there(X, count, {"loses": 0.3}, **how)[0] == expected, (X.shape, count)
        monkeypatch.undo()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_empty_clusters(there: Any, dtype: Any) -> None:
    X = rows(2, dtype)
    far = np.full((5, 2), 1e4) * np.arange(1, 6)[:, None]
    start = np.vstack([X[:4], far]).astype(np.float64)
    weights = np.random.default_rng(3).integers(0, 3, len(X)).astype(float)
    for how in ({}, {"weights": weights}):
        assert differing(there, X, k=9, init=start, **how) == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_partitions_that_lose_all_they_know(there: Any, dtype: Any) -> None:
    X = rows(9, dtype)
    start = X[:K].astype(np.float64)
    weights = np.random.default_rng(4).integers(0, 4, len(X)) / 3
    for how in ({}, {"weights": weights}):
        found, held = there(X, 3, {"loses": 0.4}, init=start, **how)
        assert held.lost > 2
        assert found == answer(X, init=start, **how)


def test_a_bad_entry_is_named_by_its_row(there: Any) -> None:
    X = rows(3)
    X[[1400, 700], [2, 1]] = np.nan
    said = []
    for fit in (answer, lambda X: there(X, 3)):
        with pytest.raises(ValueError, match="NaN") as error:
            fit(X)
        said.append(str(error.value))
    assert said[0] == said[1]


def test_real_processes(there: Any) -> None:
    X = rows(6, np.float32, 300)
    how = {"n_init": 2, "weights": np.arange(300) % 4 / 3, "k": 5}
    found, held = there(X, 3, {"hold": Child}, **how)
    assert len({place.process.pid for place in held.places}) == 3
    assert found == answer(X, **how)


def test_sums_by_changes_are_those_in_place() -> None:
    centers, here = ROWS[:12].copy(), Assignment(dataset([]), 12)
    data = dataset([])
    data.executor = Elsewhere(data.source, data.workers, 3)
    data.executor.run(PassStats())
    there = Assignment(data, 12)
    rng = np.random.default_rng(0)
    for _ in range(5):
        here.assign(centers)
        there.assign(centers)
        assert there.sums.equals(here.sums)
        assert there.changed == here.changed
        assert here.last.change is None and there.last.change is not None
        centers = centers + 0.1 * rng.standard_normal(centers.shape)


def test_what_is_written_in_place_stays_in_this_process() -> None:
    data = dataset([])
    target = Target(ROWS[:3].copy(), data.frame, sums=ClusterSums(3, data.plan))
    for work in (
        Assign(target, Exhaustive()),
        AllDistances(ROWS[:3].copy(), np.dtype(float), np.empty((len(ROWS), 3))),
    ):
        with pytest.raises(TypeError, match=r"do(es)? not pickle"):
            pickle.dumps(work)
