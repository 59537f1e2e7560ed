"""Rows made to be decided wrongly, against the oracle, through every compiled path.

A filter (scores in low precision, a bound) is safe if it never decides a row that it cannot decide.
So the rows here are as close to undecidable as floats allow: a few ulps beside the plane halfway
between two centres, exactly on it, or on top of several equal centres; in any number of columns
that a vectorised loop may treat in its own way; at scales and offsets that leave few digits. Each
array is looked at once more in sources of several blocks (``parts.py``).

``CENTRA_ISA`` chooses the instruction set when the package is loaded. The slow test at the end runs
this file, and the laws, once under each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import centra
import naive
import naive_numpy
from bisectors import beside_bisectors
from compare import check_equal, fit_from
from parts import WORST, variants

# Around 1, 2, 4, 8, 16 lanes and the blocks made of them; accumulators come by eight.
WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 50, 63, 64, 65, 100, 128, 129, 384]
WIDE = [1000, 1023, 1024, 4096]
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def check(X: np.ndarray, centers: np.ndarray, n_threads: int | None = None) -> np.ndarray:
    """Fail unless centra labels as the oracle does; return the labels."""
    wanted = naive_numpy.assign(X, centers)
    got = centra.assign(X, centers, n_threads=n_threads)
    wrong = np.flatnonzero(got != wanted)
    assert len(wrong) == 0, (
        f"{len(wrong)} of {len(X)} rows; row {wrong[0]} got {got[wrong[0]]}, not {wanted[wrong[0]]}"
    )
    for name, source in variants(X, WORST):
        assert np.array_equal(centra.assign(source, centers, n_threads=n_threads), wanted), name
    return wanted


def check_fit(run: naive.Fit, start: np.ndarray, X: np.ndarray, w: Any = None, **how: Any) -> None:
    """Fail unless a fit is the oracle's, of rows in memory and in blocks."""
    check_equal(fit_from(start, X, w, **how), run)
    for _, source in variants(X):
        check_equal(fit_from(start, source, w, **how), run)


# ------------------------------------------------------------------------ a few ulps off a bisector


@DTYPES
@pytest.mark.parametrize("d", WIDTHS)
def test_rows_a_few_ulps_beside_bisectors(d, dtype):
    rng = np.random.default_rng(d)
    for k, offset in ((2, 0.0), (5, 1e4), (17, -3.0), (40, 1e6)):
        centers = (rng.normal(size=(k, d)) + offset).astype(dtype).astype(np.float64)
        X = beside_bisectors(rng, centers, 120, dtype)
        check(X, centers)
        check(X, centers.astype(np.float32))


@DTYPES
@pytest.mark.parametrize("d", WIDE)
def test_rows_a_few_ulps_beside_bisectors_in_many_columns(d, dtype):
    rng = np.random.default_rng(d)
    centers = rng.normal(size=(6, d)).astype(dtype)
    check(beside_bisectors(rng, centers.astype(np.float64), 50, dtype), centers)


@DTYPES
def test_rows_beside_bisectors_of_float64_centers_that_float32_cannot_tell_apart(dtype):
    rng = np.random.default_rng(1)
    for d in (1, 2, 8, 33):
        one = rng.normal(size=(1, d))
        centers = one + rng.integers(-4, 5, size=(9, d)) * np.spacing(one)
        check(beside_bisectors(rng, centers, 150, dtype), centers)
        check((one + rng.normal(size=(150, d))).astype(dtype), centers)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_many_rows_beside_bisectors_of_many_centers(n_threads):
    """Enough rows and centres to fill every block of a kernel, and a last block of odd size."""
    rng = np.random.default_rng(2)
    for d, k, dtype in ((2, 300, np.float32), (6, 131, np.float64), (48, 70, np.float32)):
        centers = rng.normal(size=(k, d)).astype(dtype)
        X = rng.normal(size=(1501, d)).astype(dtype)
        X[::9] = beside_bisectors(rng, centers.astype(np.float64), len(X[::9]), dtype)
        check(X, centers, n_threads)


# --------------------------------------------------------------------------------------- exact ties


@DTYPES
@pytest.mark.parametrize("d", [1, 2, 3, 4, 7, 8, 9, 16, 17, 33, 64])
def test_integer_grids_tie(d, dtype):
    rng = np.random.default_rng(d)
    reach = 40 if d == 1 else 4
    X = rng.integers(-reach, reach + 1, size=(600, d)).astype(dtype)
    for k in (2, 7, 30, 90):
        check(X, X[rng.choice(600, k, replace=False)])
        check(X * dtype(2.0**-40), X[:k] * dtype(2.0**-40))
    halves = X[:20] / dtype(2) + X[20:40] / dtype(2)
    check(X, halves)


@DTYPES
def test_a_tie_of_all_centers(dtype):
    """All centres equal, then all centres at one distance: label 0 both times."""
    for d in (2, 8, 30):
        X = np.vstack([np.zeros((5, d)), np.ones((5, d))]).astype(dtype)
        assert not check(X, np.full((50, d), 3, dtype=dtype)).any()
        around = np.vstack([np.eye(d), -np.eye(d)]).astype(dtype)
        assert not check(X[:5], around).any()


def test_the_first_index_wins_in_any_place():
    """Equal nearest centres at any two places among many, near and far from each other."""
    rng = np.random.default_rng(3)
    for k in (9, 16, 33, 64, 129):
        for first in (0, 1, 6, 7, k // 2):
            for second in sorted({first + 1, (first + k) // 2, k - 1}):
                centers = rng.normal(size=(k, 3)) + 10
                centers[[first, second]] = 0
                X = rng.normal(size=(20, 3)).astype(np.float32)
                assert (check(X, centers) == first).all()


# --------------------------------------------------------------------------------------- duplicates


@DTYPES
def test_duplicates_of_rows_and_centers(dtype):
    rng = np.random.default_rng(4)
    for d in (1, 3, 10, 40):
        few = rng.normal(size=(12, d)).astype(dtype)
        X = few[rng.integers(0, 12, 700)]
        check(X, few[rng.integers(0, 12, 50)])
        check(X, np.repeat(few, 5, axis=0))
        nudged = np.repeat(few, 3, axis=0)
        nudged[1::3] = np.nextafter(nudged[1::3], dtype(9))
        nudged[2::3] = np.nextafter(nudged[2::3], dtype(-9))
        check(X, nudged)


# ---------------------------------------------------------------------------- scales and magnitudes


@DTYPES
@pytest.mark.parametrize("d", [2, 5, 9, 32, 100])
def test_mixed_column_scales(d, dtype):
    """The column that decides is 10^12 times smaller than the one that does not."""
    rng = np.random.default_rng(d)
    scales = 10.0 ** rng.integers(-6, 7, size=d)
    scales[:2] = 1e6, 1e-6
    centers = (rng.integers(-2, 3, size=(25, d)) * scales).astype(dtype)
    centers[:, 0] = centers[0, 0]
    X = (rng.integers(-2, 3, size=(500, d)) * scales).astype(dtype)
    X[::2] = beside_bisectors(rng, centers.astype(np.float64), 250, dtype)
    check(X, centers)
    check(X + dtype(1e5), centers + dtype(1e5))


def test_the_ends_of_the_range():
    """Squares that underflow to 0 or overflow to infinity, in the kernel's dtype or in float64."""
    rng = np.random.default_rng(5)
    for d in (1, 3, 8, 20):
        for exponent in (-1074, -1060, -540, -150, -126, -70, 60, 126, 500, 511, 1000, 1022):
            X = rng.integers(-3, 4, size=(60, d)) * 2.0 ** (exponent - 2)
            check(X, X[:7])
            check(X, X[:7] / 2 + X[7:14] / 2)
            check(np.vstack([X, np.ones((9, d))]), np.vstack([X[:5], np.ones((1, d))]))
        for exponent in (-149, -140, -75, -63, 60, 64, 120, 125):
            X = (rng.integers(-3, 4, size=(60, d)) * 2.0**exponent).astype(np.float32)
            check(X, X[:7])
            check(X, X[:7].astype(np.float64) / 2 + X[7:14].astype(np.float64) / 2)


def test_one_far_center_or_row_does_not_blind_the_rest():
    """A centre at 1e18 makes any error bound that uses the largest norm useless, or wrong."""
    rng = np.random.default_rng(6)
    for dtype in (np.float32, np.float64):
        for far in (1e8, 1e18, 1e30):
            centers = rng.normal(size=(20, 5)).astype(dtype)
            X = rng.normal(size=(400, 5)).astype(dtype)
            X[::3] = beside_bisectors(rng, centers.astype(np.float64), len(X[::3]), dtype)
            centers[7] = far
            check(X, centers)
            X[11] = -far
            check(X, centers)


# --------------------------------------------------------------------------------------- whole fits


@DTYPES
@pytest.mark.parametrize("d", [1, 2, 5, 8, 17])
def test_fits_of_integer_grids(d, dtype):
    rng = np.random.default_rng(d)
    X = rng.integers(-4, 5, size=(500, d)).astype(dtype)
    w = rng.integers(0, 3, size=500).astype(float)
    for k, weights in ((3, None), (12, w), (40, None)):
        run = naive.lloyd(X, X[:k], weights, 12, 0, naive_numpy)
        check_fit(run, X[:k], X, weights, max_iter=12, tol=0)


def test_the_heaviest_cluster_is_found_exactly():
    """2^53 + 1 is heavier than 2^53, though not as a float64 number."""
    X = np.array([[0.0], [10.0], [10.0], [99.0]])
    w = np.array([2.0**53, 2.0**53, 1.0, 0.0])
    start = np.array([[0.0], [10.0], [70.0]])
    run = naive.lloyd(X, start, w, 1, 0)
    assert run.centers.tolist() == [[0.0], [10.0], [10.0]]
    check_fit(run, start, X, w, max_iter=1, tol=0)


@DTYPES
def test_a_fit_of_duplicates_with_more_centers_than_places(dtype):
    rng = np.random.default_rng(8)
    X = rng.normal(size=(6, 3)).astype(dtype)[rng.integers(0, 6, 200)]
    run = naive.lloyd(X, X[:15], None, 12, 0, naive_numpy)
    check_fit(run, X[:15], X, max_iter=12, tol=0)


@DTYPES
@pytest.mark.parametrize("offset", [1e3, 1e6])
def test_fits_of_mixed_scales_at_an_offset(offset, dtype):
    rng = np.random.default_rng(9)
    scales = np.array([1e-3, 1, 1e4, 1])
    X = (rng.normal(size=(1200, 4)) * scales + offset).astype(dtype)
    w = rng.uniform(0, 2, size=1200)
    run = naive.lloyd(X, X[:10], w, 10, 1e-4, naive_numpy)
    check_fit(run, X[:10], X, w, max_iter=10)


@pytest.mark.parametrize("n_threads", [1, 3])
def test_a_longer_fit_of_more_rows(n_threads):
    """Sums are kept by difference after the first update: they must not drift in 40 of them."""
    X = np.random.default_rng(10).normal(size=(5000, 3)) + 1e4
    run = naive.lloyd(X, X[:25], None, 40, 0, naive_numpy)
    assert run.n_iter == 40
    check_fit(run, X[:25], X, max_iter=40, tol=0, n_threads=n_threads)


# ----------------------------------------------------------------------------- slow, and exhaustive


@pytest.mark.slow
@pytest.mark.parametrize("isa", ["scalar", "avx2", "avx512", "amx"])
def test_all_of_this_under_every_instruction_set(isa):
    """The files' quick tests in a process of their own, as the choice is made at loading."""

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "CENTRA_ISA": isa},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
        )

    probe = python("-c", "import centra; centra.assign([[0.0]], [[0.0]])")
    if isa != "scalar" and "ValueError" in probe.stderr:
        pytest.skip(f"this machine has no {isa}: {probe.stderr.splitlines()[-1]}")
    files = [__file__, str(Path(__file__).with_name("test_laws.py"))]
    done = python("-m", "pytest", "-q", "-x", "-m", "not slow", *files)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.slow
@DTYPES
def test_many_million_comparisons_beside_bisectors(dtype):
    rng = np.random.default_rng(11)
    for d in (1, 2, 3, 8, 13, 32, 50, 96):
        for k in (3, 20, 150):
            for offset in (0.0, 1e3, 1e6):
                centers = (rng.normal(size=(k, d)) + offset).astype(dtype)
                X = beside_bisectors(rng, centers.astype(np.float64), 4000, dtype)
                check(X, centers)
