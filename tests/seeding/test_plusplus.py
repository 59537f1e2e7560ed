"""Greedy k-means++ by pruning: the rows that the oracle picks, whatever rules rows out or not.

A row is left alone only where a bound proves that no candidate comes nearer to it, so the inputs
here make bounds tight or useless: ties, duplicates, offsets, far rows, both ends of the range. They
come through every path: dense and sparse rows, packed rows that are kept or not, any block, thread
count and instruction set, lists of taken rows that are short or overflow.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import centra
import naive
import naive_numpy
from bisectors import beside_bisectors
from centra._core import Workers
from centra._data.validate import prepare
from centra._seeding import passes
from centra._seeding.plusplus import PlusPlus, _Progress, potential
from centra._utils.threads import workers
from strategies import examples, matrices, weights_for

ISAS = Workers.available()


def oracle(X: np.ndarray, k: int, seed: int, weights: Any = None, trials: Any = None) -> list[int]:
    """Return the rows that the plain definition picks."""
    state = np.random.RandomState(seed)
    picked = naive.seed_plusplus(X, k, state, weights, trials, naive_numpy)[1]
    return [int(row) for row in picked]


def picks(rows: Any, k: int, seed: int, weights: Any = None, trials: Any = None) -> list[int]:
    """Return the rows that centra picks."""
    found = centra.kmeans_plusplus(
        rows, k, sample_weight=weights, random_state=seed, n_local_trials=trials
    )
    return [int(row) for row in found[1]]


def grid(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Whole numbers: distances, bounds and potentials tie."""
    return rng.integers(0, 5, size=(n, d)).astype(np.float64)


def clustered(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Tight clusters far apart: most rows are ruled out by their nearest centre."""
    centers = rng.uniform(-50, 50, size=(12, d))
    return centers[rng.integers(0, 12, n)] + rng.normal(size=(n, d))


def noise(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Numbers of all bits: rows are ruled out by scores or not at all."""
    return rng.uniform(size=(n, d))


def far(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """A few rows 1e12 away take the unit of the filter with them."""
    X = rng.normal(size=(n, d))
    X[rng.choice(n, 3, replace=False)] *= 1e12
    return X


def copies(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Few different rows: candidates are equal, and distances fall to zero."""
    return rng.normal(size=(9, d))[rng.integers(0, 9, n)]


FAMILIES = [grid, clustered, noise, far, copies]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("d", [1, 16, 70])
def test_it_picks_the_oracles_rows(family: Any, d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece of 2048 rows, and an odd last one; 1 and 3 threads, every instruction set."""
    rng = np.random.default_rng(d)
    X = family(rng, 2100, d)
    weights = rng.integers(0, 3, size=len(X)) * rng.uniform(0.5, 1, size=len(X))
    for w in (None, weights):
        wanted = oracle(X, 12, 7, w)
        for isa in ISAS:
            for n_threads in (1, 3):
                monkeypatch.setenv("CENTRA_ISA", isa)
                monkeypatch.setenv("CENTRA_NUM_THREADS", str(n_threads))
                assert picks(X, 12, 7, w) == wanted
        assert picks(sp.csr_matrix(X), 12, 7, w) == wanted
        assert picks(np.asfortranarray(X), 12, 7, w) == wanted


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("offset", [1e6, -1e9, 1e15])
def test_at_an_offset(family: Any, offset: float) -> None:
    """Where float32, and then float64, has few digits left for what differs."""
    rng = np.random.default_rng(3)
    X = family(rng, 800, 5) + offset
    wanted = oracle(X, 15, 1)
    assert picks(X, 15, 1) == picks(sp.csr_matrix(X), 15, 1) == wanted
    narrow = X.astype(np.float32)
    assert picks(narrow, 15, 1) == oracle(narrow, 15, 1)


@pytest.mark.parametrize("exponent", [-1070, -540, -500, -140, 120, 400, 490])
def test_at_the_ends_of_the_range(exponent: int) -> None:
    """Squares that underflow, or nearly overflow; a potential that overflows is an error."""
    rng = np.random.default_rng(exponent + 2000)
    for base in (grid(rng, 600, 3) - 2, noise(rng, 600, 3)):
        X = np.ldexp(base, exponent)
        wanted = oracle(X, 15, 2)
        assert picks(X, 15, 2) == picks(sp.csr_matrix(X), 15, 2) == wanted
    with pytest.raises(OverflowError, match="exceed the largest float64"):
        picks(np.ldexp(noise(rng, 600, 3), 512), 15, 2)


def test_columns_of_different_scales() -> None:
    """Some columns are lost beside others in the filter, and still decide."""
    rng = np.random.default_rng(5)
    X = grid(rng, 800, 6) * 2.0 ** np.array([-40, -20, 0, 0, 20, 30])
    assert picks(X, 30, 4) == picks(sp.csr_matrix(X), 30, 4) == oracle(X, 30, 4)


@pytest.mark.parametrize("trials", [1, 7, 9, 25, 33, 60])
def test_any_number_of_trials(trials: int) -> None:
    """Candidates fill groups and words of bits, or leave them ragged."""
    rng = np.random.default_rng(trials)
    for X in (grid(rng, 600, 3), noise(rng, 600, 3)):
        wanted = oracle(X, 8, 3, None, trials)
        assert picks(X, 8, 3, None, trials) == wanted
        assert picks(sp.csr_matrix(X), 8, 3, None, trials) == wanted


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_of_a_file(family: Any, tmp_path: Path) -> None:
    """Rows that are packed anew in every step; blocks of one row, of odd sizes, and one of all."""
    rng = np.random.default_rng(6)
    X = family(rng, 700, 4)
    weights = rng.integers(0, 3, size=len(X)).astype(float)
    np.save(tmp_path / "rows.npy", X)
    wanted = oracle(X, 12, 5, weights)
    for rows in (1, 37, 333, 700):
        source = centra.from_npy(tmp_path / "rows.npy", memory=rows * 32)
        assert picks(source, 12, 5, weights) == wanted


def test_more_centers_than_different_rows() -> None:
    """All distances are zero in the end, and every draw falls on the first row."""
    X = np.repeat(np.array([[0.0, 1.0], [2.0, 3.0], [5.0, 5.0]]), 900, axis=0)
    for rows in (X, sp.csr_matrix(X)):
        assert picks(rows, 10, 0) == oracle(X, 10, 0)
    alike = np.full((50, 2), 0.1)
    assert picks(alike, 5, 0) == oracle(alike, 5, 0)


def test_many_centers_of_many_rows() -> None:
    """Long enough for the filter by the nearest centre to be left out and looked at again."""
    rng = np.random.default_rng(8)
    for X in (noise(rng, 500, 2), noise(rng, 500, 10), clustered(rng, 500, 10)):
        assert picks(X, 100, 9) == oracle(X, 100, 9)


@pytest.mark.parametrize("d", [1, 2, 7, 8, 16, 33, 64, 65, 130])
@pytest.mark.parametrize("offset", [0.0, 1e4, -1e6])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_distances_are_the_least_in_every_bit(d: int, offset: float, dtype: type) -> None:
    """Rows a few ulps beside the plane halfway between two centres: which is nearer is close.

    Picks would not tell: a row that is wrongly left alone changes a potential by next to nothing.
    """
    rng = np.random.default_rng(d)
    for scale in (1.0, 1e-9):
        centers = (rng.normal(size=(24, d)) * scale + offset).astype(dtype).astype(np.float64)
        X = np.vstack([centers.astype(dtype), beside_bisectors(rng, centers, 600, dtype)])
        for rows in (X, sp.csr_matrix(X)):
            check_distances(rows, X, 24)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("power", [0, -520, 480])
def test_distances_are_the_least_in_any_family(family: Any, power: int) -> None:
    X = np.ldexp(
        family(np.random.default_rng(9), 900, 4), min(power, 440 if family is far else power)
    )
    for rows in (X, sp.csr_matrix(X)):
        check_distances(rows, X, 40)


@pytest.mark.parametrize("share", [0.001, 0.03, 0.2])
def test_distances_of_wide_sparse_rows(share: float) -> None:
    """Columns in which a row and a candidate have nothing are left out, if these are most."""
    rng = np.random.default_rng(8)
    X = np.where(rng.random((400, 203)) < share, rng.normal(size=(400, 203)), 0.0)
    X[::7] = rng.normal(size=203)  # some rows are full
    check_distances(sp.csr_matrix(X), X, 30)
    w = rng.random(400)
    assert picks(sp.csr_matrix(X), 12, 3, w, 20) == oracle(X, 12, 3, w, 20)


def check_distances(rows: Any, X: np.ndarray, k: int) -> None:
    """Take the first k rows as centres, one after the other, and fail where a distance is off."""
    data = prepare(centra.KMeans(), rows, workers(3), weigh=True, reset=True)
    places = X.astype(np.float64)
    progress = _Progress(data, k)
    progress.lower(places[0])
    least = np.asarray(naive_numpy.distances(X, places[0]))
    for c in range(1, k):
        progress._rest = 0  # always look at the nearest centres, whether that pays or not
        assert progress.choose(places[[c, c]]) == 0
        least = np.minimum(least, naive_numpy.distances(X, places[c]))
        (seeding,) = data.executor.states(passes.seeding_of)
        assert np.array_equal(seeding.distances, least)
    own = naive_numpy.own_distances(X, seeding.nearest, places[:k])
    assert np.array_equal(own, least)
    total = sum(Fraction(float(x)) for x in least)
    assert potential(data)[0] == float(total)


@examples(60)
@given(st.data())
def test_small_problems_made_to_hurt(data: Any) -> None:
    """Any data of the strategies, dense and sparse."""
    X = data.draw(matrices())
    w = data.draw(weights_for(len(X)))
    k = data.draw(st.integers(1, len(X)))
    trials = data.draw(st.sampled_from([None, 1, 5, 40]))
    wanted = oracle(X, k, 11, w, trials)
    assert picks(X, k, 11, w, trials) == wanted
    assert picks(sp.csr_matrix(X), k, 11, w, trials) == wanted


@pytest.mark.parametrize("memory", [None, 1, "1GB", 10_000_000])
def test_memory_changes_no_bit(memory: str | int | None) -> None:
    X = np.random.default_rng(0).random((2000, 6))
    expected = centra.KMeans(20, random_state=0).fit(X)
    km = centra.KMeans(20, random_state=0, memory=memory).fit(X)
    np.testing.assert_array_equal(km.history_[0].centers, expected.history_[0].centers)
    assert km.inertia_ == expected.inertia_


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("d", [1, 4, 6, 16, 70])
def test_bytes_that_are_never_given_up(
    family: Any, d: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However coarse they are for these rows: then they let more pass; the answer is the same."""
    monkeypatch.setattr("centra._data.budget.WIDE", 1)
    monkeypatch.setattr("centra._seeding.plusplus.COARSE", 1000)
    rng = np.random.default_rng(d + 20)
    X = family(rng, 2100, d)
    weights = rng.integers(0, 3, size=len(X)) * rng.uniform(0.5, 1, size=len(X))
    for isa in ISAS:
        monkeypatch.setenv("CENTRA_ISA", isa)
        for w in (None, weights):
            data = prepare(centra.KMeans(), X, workers(2), weigh=True, reset=True, sample_weight=w)
            data.allow(1 << 20)
            picked = PlusPlus(12).rows(data, np.random.RandomState(7))
            assert picked.tolist() == oracle(X, 12, 7, w)


def test_bytes_are_kept_where_they_fit_and_pay() -> None:
    """16 columns and 2 bytes fit the 32 bytes a row beside 14; far rows make all others alike."""
    rng = np.random.default_rng(9)

    def in_bytes(X: np.ndarray, memory: int = 0, beside: int = 0) -> bool:
        data = prepare(centra.KMeans(), X, workers(2), weigh=True, reset=True)
        data.budget = replace(data.budget, memory=memory, taken=beside)
        progress = _Progress(data, 3)
        progress.lower(X[0].astype(np.float64))
        progress.choose(X[1:4].astype(np.float64))
        return progress._rounded

    for dtype in (np.float32, np.float64):
        assert in_bytes(noise(rng, 500, 16).astype(dtype))
        assert not in_bytes(noise(rng, 500, 16).astype(dtype), beside=8)
        assert not in_bytes(noise(rng, 500, 17).astype(dtype))
        assert in_bytes(noise(rng, 500, 17).astype(dtype), memory=4 * 500)
        assert in_bytes(noise(rng, 500, 8).astype(dtype), beside=8)
        assert not in_bytes(noise(rng, 500, 4).astype(dtype))
        assert not in_bytes(far(rng, 500, 16).astype(dtype))


@pytest.mark.parametrize("memory", ["much", "", 0, -1, 1.5])
def test_a_memory_that_is_none_is_refused(memory: object) -> None:
    with pytest.raises(ValueError, match="memory"):
        centra.KMeans(2, memory=memory).fit([[0.0], [1.0]])
