"""One answer everywhere: the same bits however a source cuts its rows, and whether they stay.

Rows of one block are easy. What is kept of rows between passes (packed rows, spatial order, bounds,
scores, distances while seeding) belongs to a block: kept for another, it clusters the wrong rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from answers import K, answer, rows, sparse
from centra import _core
from parts import CUT, WORST, Held, Parts, in_blocks, variants

DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def differing(expected: Any, X: Any, ways: tuple[Held, ...] = CUT, **how: Any) -> list[str]:
    """Return the ways to cut the rows that give another answer."""
    return [name for name, source in variants(X, ways) if answer(source, **how) != expected]


@DTYPES
@pytest.mark.parametrize(
    ("d", "memory"), [(1, None), (2, None), (3, None), (8, None), (32, "50MB"), (32, None)]
)
def test_a_fit_from_a_start(d: int, memory: str | None, dtype: Any) -> None:
    X = rows(d, dtype)
    how = {"init": X[:K].astype(np.float64), "memory": memory}
    assert differing(answer(X, **how), X, **how) == []


@DTYPES
@pytest.mark.parametrize("d", [2, 6, 32])
@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random"])
def test_a_seeded_fit_with_weights_and_restarts(init: str, d: int, dtype: Any) -> None:
    X = rows(d, dtype, 700)
    weights = np.random.default_rng(d).integers(0, 4, len(X)) / 3
    how = {"init": init, "n_init": 2, "weights": weights, "memory": "20MB"}
    assert differing(answer(X, **how), X, **how) == []


@pytest.mark.parametrize("init", ["given", "k-means++", "k-means||"])
def test_sparse_rows(init: str) -> None:
    S = sparse()
    how = {"init": S[:K].toarray() if init == "given" else init}
    assert differing(answer(S, **how), S, **how) == []


@pytest.mark.parametrize("engine", ["exhaustive", "blocks", "hamerly", "activity"])
@pytest.mark.parametrize("precision", ["float32", "int16", "int8"])
def test_every_filter_forced(engine: str, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for X in (rows(3), rows(9, np.float32), sparse(400)):
        start = (X[:K].toarray() if sp.issparse(X) else X[:K]).astype(np.float64)
        how = {"init": start, "memory": "20MB", "n_threads": 2}
        expected = answer(X, **how)
        monkeypatch.setenv("CENTRA_ENGINE", engine)
        monkeypatch.setenv("CENTRA_PRECISION", precision)
        assert differing(expected, X, WORST, **how) == []
        monkeypatch.undo()


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("n_threads", [1, 3])
def test_instruction_sets_and_threads(
    isa: str, n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for X in (rows(2), rows(33, np.float32)):
        expected = answer(X)
        monkeypatch.setenv("CENTRA_ISA", isa)
        assert differing(expected, X, WORST, n_threads=n_threads) == []
        monkeypatch.undo()


def test_enough_rows_for_blocks_and_hamerly_to_be_chosen() -> None:
    """More than ``choice.FEWEST_ROWS``, and centres that settle."""
    for d, k in ((2, 60), (9, 60)):
        X = rows(d, n=9000)
        how = {"init": X[:: 9000 // k][:k].copy(), "max_iter": 40, "k": k}
        assert differing(answer(X, **how), X, WORST, **how) == []


@in_blocks
def test_what_a_fitted_model_says_of_rows(held: Held) -> None:
    for X in (rows(3), rows(12, np.float32), sparse(300)):
        km = centra.KMeans(K, random_state=0).fit(X)
        weights = np.arange(X.shape[0]) / 7
        assert km.predict(held(X)).tolist() == km.labels_.tolist()
        assert km.transform(held(X)).tobytes() == km.transform(X).tobytes()
        assert km.score(held(X), None, weights) == km.score(X, None, weights)


@in_blocks
def test_the_functions(held: Held) -> None:
    X = rows(4)
    assert centra.assign(held(X), X[:9]).tolist() == centra.assign(X, X[:9]).tolist()
    drawn = centra.kmeans_plusplus(held(X), 9, random_state=3)[1].tolist()
    assert drawn == centra.kmeans_plusplus(X, 9, random_state=3)[1].tolist()


@in_blocks
def test_empty_clusters_take_the_same_rows(held: Held) -> None:
    X = rows(2)
    start = np.vstack([X[:4], np.full((5, 2), 1e4) * np.arange(1, 6)[:, None]])
    assert answer(held(X), k=9, init=start) == answer(X, k=9, init=start)


def uneven(n: int) -> Iterator[list[int]]:
    """Yield cuts of n rows that are odd in one way each."""
    yield [0]  # the first block is empty
    yield [n]  # the last one is
    yield [0, 0, 0, n, n]
    yield [n // 2, n // 2]
    yield [1]
    yield [n - 1]
    yield list(range(1, n))  # every block is one row


@pytest.mark.parametrize("resident", [True, False])
def test_empty_blocks_and_blocks_of_one_row(resident: bool) -> None:
    for X in (rows(2, n=60), rows(6, np.float32, n=60), sparse(60)):
        for init in (X[:5].toarray() if sp.issparse(X) else X[:5].astype(float), "k-means++"):
            expected = answer(X, k=5, init=init)
            for cuts in uneven(60):
                assert answer(Parts(X, cuts, resident), k=5, init=init) == expected, cuts


def test_a_source_that_is_spoiled_behind_the_pass_is_what_parts_makes() -> None:
    """The helper does what it says, or the tests above would prove less."""
    X = rows(2, n=10)
    for name, source in variants(X):
        starts = [block.start for block in source.blocks()]
        assert starts[0] == 0 and starts == sorted(starts), name
        assert source.take(np.array([9, 0])).tolist() == X[[9, 0]].tolist()
    assert np.isfinite(X).all()
