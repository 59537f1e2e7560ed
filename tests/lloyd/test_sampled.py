"""First centers from a sample: which rows it has, wherever they are, and how good they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._data.validate import prepare
from centra._lloyd import sampled as module
from centra._lloyd.sampled import Sampled
from centra._utils.threads import workers
from compare import check_same_fit
from parts import Parts

RNG = np.random.default_rng(0)
X = np.round(RNG.normal(size=(3000, 4)) * 64) / 64 + 5 * RNG.integers(0, 4, size=(3000, 1))
WEIGHTS = RNG.integers(0, 3, len(X)).astype(float)


def oracle(weights: Any, count: int, seed: int) -> np.ndarray:
    """Return the rows with the smallest numbers."""
    rows = np.arange(len(X)) if weights is None else np.flatnonzero(weights)
    key = int(np.random.RandomState(seed).randint(0, 2**63, dtype=np.uint64))
    philox = np.random.Philox(key=key, counter=[0, 0, 0, 0])
    numbers = np.random.Generator(philox).random(len(rows))
    return np.sort(rows[np.argsort(numbers)[:count]])


def drawn(rows: Any, weights: Any, memory: int, k: int = 3, seed: int = 7) -> np.ndarray:
    data = prepare(centra.KMeans(), rows, workers(), sample_weight=weights, weigh=True, reset=True)
    return Sampled(k, 10, 0.0, memory=memory).rows(data, np.random.RandomState(seed))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("count", [60, 61, 500, 1900, 2999, 5000])
def test_the_rows_of_a_sample(weights: Any, count: int) -> None:
    expected = oracle(weights, count, 7)
    for rows in (X, Parts(X, [0, 1, 1000, 2999]), sp.csr_matrix(X)):
        assert np.array_equal(drawn(rows, weights, count * 4 * 8), expected)
    assert np.array_equal(drawn(X, weights, 1), oracle(weights, module.FEWEST * 3, 7))


def test_every_row_is_as_likely() -> None:
    counts = np.zeros(len(X))
    for seed in range(200):
        counts[drawn(X, None, 300 * 32, seed=seed)] += 1
    # 200 draws of a tenth: 20 on average, with a standard deviation of 4.2.
    assert counts.sum() == 200 * 300 and counts.max() < 20 + 6 * 4.3
    halves = counts[:1500].sum() / counts.sum()
    assert abs(halves - 0.5) < 0.02


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_the_same_answer_everywhere(tmp_path: Path, weights: Any, dtype: str) -> None:
    rows = X.astype(dtype)
    np.save(tmp_path / "rows.npy", rows)
    disk = centra.from_npy(tmp_path / "rows.npy", memory=20_000)

    def fit(rows: Any, threads: int) -> centra.KMeans:
        km = centra.KMeans(
            5, init="sampled", n_init=2, random_state=1, memory=10_000, n_threads=threads
        )
        return km.fit(rows, sample_weight=weights)

    first = fit(rows, 1)
    assert len(first.runs_) == 1
    for other in (np.asfortranarray(rows), Parts(rows, [10, 2000]), disk):
        check_same_fit(first, fit(other, 3))
    sparse = fit(sp.csr_matrix(rows), 2)
    assert np.array_equal(sparse.labels_, first.labels_)


def test_it_starts_near_the_end() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40_000, 6))  # without clusters: k-means++ is far from the end
    how = {"n_init": 1, "random_state": 0, "memory": 10_000 * 48}
    above = {}
    for init in ("sampled", "k-means++"):
        km = centra.KMeans(40, init=init, **how).fit(rows)
        above[init] = km.history_[1].inertia / km.inertia_ - 1
    assert above["sampled"] < above["k-means++"] / 5


def test_a_sample_of_all_rows() -> None:
    km = centra.KMeans(4, init="sampled", random_state=0, tol=0).fit(X)
    assert km.n_iter_ == 1 and km.runs_[0].converged


def test_rows_that_are_few_or_equal() -> None:
    km = centra.KMeans(3, init="sampled", random_state=0).fit([[0.0], [1.0], [9.0]])
    assert km.inertia_ == 0
    with pytest.warns(Warning, match="distinct clusters"):
        centra.KMeans(3, init="sampled", random_state=0).fit(np.ones((50, 2)))
