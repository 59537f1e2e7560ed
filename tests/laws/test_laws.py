"""Laws of k-means, each with the conditions under which it holds in floating point.

The first section is the whole law: a fit is the oracle's fit. The others say what a user may rely
on without knowing the oracle; where a law is false without a condition that one would easily
forget, the counterexample stands beside it. Laws hold however rows are held: ``held`` is memory, or
a source of several blocks (``parts.py``).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import centra
import naive
import naive_numpy
from compare import check_equal, check_same_fit, fit_from, same
from parts import WORST, Held
from strategies import (
    ANY_LAYOUT,
    GENTLE,
    HOLDERS,
    Problem,
    examples,
    grids,
    matrices,
    problems,
    starts_for,
    weights_for,
)

TOLS = st.sampled_from([0.0, 1e-4, 0.1])


def column(*values: float) -> np.ndarray:
    """Return the values as a matrix of one column."""
    return np.array(values, dtype=np.float64)[:, None]


def oracle(problem: Problem, tol: float = 0.0, max_iter: int = 300) -> naive.Fit:
    """Return the oracle's run of a problem."""
    X, weights, start = problem
    return naive.lloyd(X, start, weights, max_iter, tol, naive_numpy)


def has_empty(problem: Problem, run: naive.Fit) -> bool:
    """Tell whether a cluster was without weight anywhere along a run."""
    w = np.ones(len(problem.X)) if problem.weights is None else problem.weights
    return any(
        (np.bincount(r.labels, weights=w, minlength=problem.k) == 0).any() for r in run.history
    )


# ------------------------------------------------------------------------ a fit is the oracle's fit


@examples(300)
@given(problems(), TOLS, ANY_LAYOUT, st.sampled_from([1, 2, 3]))
def test_a_fit_from_a_start_is_the_oracles(problem, tol, held, n_threads):
    """Any data, weights and start whose inertia float64 can hold; any way to hold them."""
    X, w, start = problem
    km = fit_from(start, held(X), w, tol=tol, max_iter=20, n_threads=n_threads)
    check_equal(km, oracle(problem, tol, 20))


@examples(100)
@given(problems(), ANY_LAYOUT)
def test_assign_predict_transform_and_score_are_the_oracles(problem, held):
    """Any data; the start serves as the model (one update of it, that is)."""
    X, w, start = problem
    rows = held(X)
    for centers in (start, start.astype(np.float64)):
        assert centra.assign(rows, centers).tolist() == naive_numpy.assign(X, centers).tolist()
    km = fit_from(start, rows, w, max_iter=1)
    labels = naive_numpy.assign(X, km.cluster_centers_)
    assert km.predict(rows).tolist() == labels.tolist() == km.labels_.tolist()
    ones = np.ones(len(X)) if w is None else w
    wanted = -naive_numpy.inertia(X, ones, labels, km.cluster_centers_)
    assert km.score(rows, sample_weight=w) == wanted
    D = [naive_numpy.distances(X, c) for c in km.cluster_centers_]
    same(km.transform(rows), np.sqrt(np.array(D)).T.astype(X.dtype))


@examples(100)
@given(st.data(), ANY_LAYOUT, st.sampled_from([None, 1, 3]))
def test_kmeans_plusplus_picks_the_oracles_rows(data, held, trials):
    """Any data whose potential float64 can hold."""
    X = data.draw(matrices())
    w = data.draw(weights_for(len(X)))
    k = data.draw(st.integers(1, min(len(X), 8)))
    seed = data.draw(st.integers(0, 50))
    wanted = naive.seed_plusplus(X, k, np.random.RandomState(seed), w, trials, naive_numpy)
    centers, indices = centra.kmeans_plusplus(
        held(X), k, sample_weight=w, random_state=seed, n_local_trials=trials
    )
    assert indices.tolist() == wanted[1].tolist()
    same(centers, X[wanted[1]])


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@examples(60)
@given(st.data(), HOLDERS, st.sampled_from(["k-means++", "random"]), st.integers(1, 4))
def test_a_seeded_fit_with_restarts_is_the_oracles(data, held, init, n_init):
    """Any data; "random" needs as many rows of positive weight as clusters, as in NumPy."""
    X = data.draw(matrices())
    w = data.draw(weights_for(len(X)))
    k = data.draw(st.integers(1, min(len(X), 5)))
    assume(init != "random" or w is None or np.count_nonzero(w) >= k)
    seed = data.draw(st.integers(0, 50))
    seeding = naive.seed_plusplus if init == "k-means++" else naive.seed_random
    state = np.random.RandomState(seed)
    run = naive.fit(X, k, seeding, n_init, state, w, arithmetic=naive_numpy)
    km = centra.KMeans(k, init=init, n_init=n_init, random_state=seed)
    km.fit(held(X), sample_weight=w)
    check_equal(km, run)
    assert len(km.runs_) == n_init
    # Restarts are compared, and listed, before float32 data's centres are rounded to float32.
    assert X.dtype == np.float32 or km.inertia_ in [r.inertia for r in km.runs_]


# --------------------------------------------------------------------- an integer weight is a count


@given(problems(weights=("counts",)), HOLDERS)
def test_an_integer_weight_is_the_row_repeated(problem, held):
    """For a given start, tol=0, and no cluster ever empty. Then every bit is the same.

    tol must be 0, as the variance that tol multiplies is unweighted. No cluster may be empty, as
    relocation moves a weighted row whole, but one of the copies only.
    """
    X, w, start = problem
    assume(not has_empty(problem, oracle(problem)))
    repeats = w.astype(int)
    weighted = fit_from(start, held(X), w, tol=0)
    repeated = fit_from(start, held(X.repeat(repeats, axis=0)), tol=0)
    assert repeated.labels_.tolist() == weighted.labels_.repeat(repeats).tolist()
    same(repeated.cluster_centers_, weighted.cluster_centers_)
    assert repeated.n_iter_ == weighted.n_iter_
    assert [r.inertia for r in repeated.history_] == [r.inertia for r in weighted.history_]


def test_an_integer_weight_is_not_the_row_repeated_when_a_cluster_is_empty():
    """The counterexample to the law without its condition."""
    start = column(0, 100)
    weighted = fit_from(start, column(0, 5), [1, 2], max_iter=1)
    repeated = fit_from(start, column(0, 5, 5), max_iter=1)
    assert weighted.cluster_centers_.tolist() == [[0], [5]]
    assert repeated.cluster_centers_.tolist() == [[2.5], [5]]


# ------------------------------------------------------------------------------------- permutations


@given(problems(), HOLDERS, TOLS, st.randoms(use_true_random=False))
def test_a_permuted_X_permutes_the_labels(problem, held, tol, random):
    """For a given start, always: sums are exact, and empty clusters take rows by content."""
    X, w, start = problem
    order = list(range(len(X)))
    random.shuffle(order)
    a = fit_from(start, X, w, tol=tol, max_iter=20)
    moved = None if w is None else w[order]
    b = fit_from(start, held(X[order]), moved, tol=tol, max_iter=20)
    assert b.labels_.tolist() == a.labels_[order].tolist()
    b.labels_ = a.labels_
    check_same_fit(a, b)


# ------------------------------------------------------------------------- scaling by powers of two


def well_inside(a: np.ndarray, dtype: Any) -> bool:
    """Tell whether all numbers are 0 or inside dtype's normal range."""
    size = np.abs(a[a != 0].astype(np.float64))
    limits = np.finfo(dtype)
    return bool((size >= limits.tiny).all() and (size <= limits.max).all())


def coarse(a: np.ndarray) -> bool:
    """Tell whether all numbers are 0 or >= 2^-100: no difference of them, squared, underflows."""
    return bool((np.abs(a[a != 0]) >= 2.0**-100).all())


@given(problems(bends=GENTLE), HOLDERS, TOLS, st.integers(-60, 60))
def test_scaling_by_a_power_of_two_scales_the_centers(problem, held, tol, power):
    """For a given start, where nothing overflows and nothing that matters underflows.

    X, centres and their squared differences have to be zero or normal numbers before and after:
    a subnormal number is rounded at another place than its multiple. The centres of float32 data
    have to be normal float32 numbers. Then centres scale exactly, labels and n_iter_ stay, inertia
    scales by the square.
    """
    X, w, start = problem
    factor = 2.0**power
    run = oracle(problem, tol)
    assume(coarse(X) and coarse(start))
    for a in (X, start, run.centers):
        assume(well_inside(a, X.dtype) and well_inside(a.astype(np.float64) * factor, X.dtype))
    a = fit_from(start, X, w, tol=tol)
    b = fit_from(start * X.dtype.type(factor), held(X * X.dtype.type(factor)), w, tol=tol)
    same(b.cluster_centers_, a.cluster_centers_ * X.dtype.type(factor))
    assert b.labels_.tolist() == a.labels_.tolist()
    assert b.n_iter_ == a.n_iter_
    assert b.inertia_ == a.inertia_ * factor * factor


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@given(st.data(), HOLDERS, st.integers(-60, 60), st.integers(0, 20))
def test_scaling_by_a_power_of_two_scales_a_seeded_fit(data, held, power, seed):
    """Under the conditions of the law above: the draws compare potentials, which scale exactly."""
    X = data.draw(matrices(bends=GENTLE))
    w = data.draw(weights_for(len(X)))
    k = data.draw(st.integers(1, min(len(X), 5)))
    factor = X.dtype.type(2.0**power)
    assume(coarse(X) and well_inside(X, X.dtype) and well_inside(X * factor, X.dtype))
    a = centra.KMeans(k, random_state=seed).fit(X, sample_weight=w)
    for centers in (a.cluster_centers_, a.cluster_centers_.astype(np.float64) * factor):
        assume(well_inside(centers, X.dtype))
    b = centra.KMeans(k, random_state=seed).fit(held(X * factor), sample_weight=w)
    same(b.cluster_centers_, a.cluster_centers_ * factor)
    assert b.labels_.tolist() == a.labels_.tolist()


def test_scaling_is_not_exact_among_subnormals():
    """The counterexample to "barring overflow": underflow has to be barred, too."""
    X = column(5e-324, 0, 0)
    small = fit_from(column(0), X)
    large = fit_from(column(0), X * 2.0**100)
    assert small.cluster_centers_[0, 0] == 0
    assert large.cluster_centers_[0, 0] == 5e-324 * 2.0**100 / 3 > 0


# ------------------------------------------------------------------------------------------- shifts


@given(st.data(), HOLDERS, st.sampled_from([2.0**10, -(2.0**20), 3.0 * 2.0**30]))
def test_an_exact_shift_of_rows_and_centers_changes_no_label(data, held, s):
    """For centres that are given: where X + s and centres + s are exact, ties included."""
    X = data.draw(grids((12, 2), reach=40)) / 8
    centers = data.draw(starts_for(X))
    assume(((X + s) - s == X).all() and ((centers + s) - s == centers).all())
    assert centra.assign(held(X + s), centers + s).tolist() == centra.assign(X, centers).tolist()


@given(st.data(), HOLDERS, st.sampled_from([2.0**10, -(2.0**20), 3.0 * 2.0**30]))
def test_an_exact_shift_of_the_data_changes_no_label_of_a_fit(data, held, s):
    """Where X + s and start + s are exact, no cluster is empty, tol=0, and no row nearly ties.

    Nearly, as means are rounded: the mean of X + s is rounded at another place than the mean of X,
    by up to half an ulp of |mean + s|. A row has to be nearer to its centre, anywhere along the
    fit, by more than that can change. (Empty clusters: farthest rows compare rounded distances.)
    """
    X = data.draw(grids((12, 2), reach=40)) / 8
    problem = Problem(X, None, data.draw(starts_for(X)))
    moved = Problem(X + s, None, problem.start + s)
    assume((moved.X - s == X).all() and (moved.start - s == problem.start).all())
    run, other = oracle(problem), oracle(moved)
    assume(run.reason == other.reason == "strict" and not has_empty(problem, run))
    reach = np.abs(X).max() + np.abs(problem.start).max()
    slack = 16 * X.shape[1] * np.spacing(abs(s) + reach) * reach
    if problem.k > 1:
        for record in run.history:
            D = np.sort(naive_numpy.pairwise(X[:, None], record.centers[None]), axis=1)
            assume((D[:, 1] - D[:, 0] > slack).all())
    a = fit_from(problem.start, X, tol=0)
    b = fit_from(moved.start, held(moved.X), tol=0)
    assert a.labels_.tolist() == b.labels_.tolist()
    assert a.n_iter_ == b.n_iter_


def test_an_exact_shift_may_change_labels_near_a_tie():
    """The counterexample to "no label off exact ties": rounding of the means decides.

    The second update's real means are 11/3 and 19/3, and 5 is halfway. Rounded, they do not tie;
    which of them is nearer to 5 depends on where they are rounded, so on the shift.
    """
    X, start = column(3, 4, 4, 5, 7, 7), column(3, 4)
    here, there = fit_from(start, X, tol=0), fit_from(start + 64, X + 64, tol=0)
    means = here.history_[2].centers
    assert means.tolist() == [[11 / 3], [19 / 3]]
    assert len({naive.squared_distance([5], c) for c in means.tolist()}) == 2
    assert here.labels_.tolist() == [0, 0, 0, 1, 1, 1]
    assert there.labels_.tolist() == [0, 0, 0, 0, 1, 1]


# --------------------------------------------------------------------------------------- equal rows


@given(problems(repeats=False), HOLDERS, st.randoms(use_true_random=False), TOLS)
def test_equal_rows_have_equal_labels(problem, held, random, tol):
    """Always, whatever their weights; -0.0 equals 0.0."""
    X, w, start = problem
    twice = [random.randrange(len(X)) for _ in range(2 * len(X))]
    rows = X[twice]
    rows[::2] += 0.0  # turns -0.0 into 0.0 in every other row
    weights = None if w is None else 0.5 + w[twice]
    km = fit_from(start, held(rows), weights, tol=tol, max_iter=20)
    first = {i: label for i, label in zip(twice, km.labels_.tolist(), strict=True)}
    assert km.labels_.tolist() == [first[i] for i in twice]


@example(1.7976931348623157e308, 1000, False, np.float64, Held())
@example(3.4028235e38, 1000, True, np.float32, Held())
@example(5e-324, 1000, True, np.float64, Held())
@example(0.1, 10, False, np.float64, Held())
@given(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(1, 400),
    st.booleans(),
    st.sampled_from([np.float32, np.float64]),
    HOLDERS,
)
def test_the_mean_of_equal_rows_is_the_row(value, m, weighted, dtype, held):
    """Always, for any weights (the mean of rows that are -0.0 is 0.0)."""
    X = np.full((m, 3), value, dtype=dtype)
    X[:, 1] /= 3
    X[:, 2] = 1
    w = np.linspace(0.1, 0.7, m) if weighted else None
    km = centra.KMeans(1).fit(held(X), sample_weight=w)
    same(km.cluster_centers_, X[:1])
    assert km.inertia_ == 0


# ------------------------------------------------------------------------------------------ inertia


@examples(150)
@given(problems(), HOLDERS, TOLS)
def test_inertia_never_rises_along_history(problem, held, tol):
    """Not even in the last bit, relocations included; except in float32 data's last record.

    Why nothing has to be added for rounding: the cost of a cluster is W |c - mean|^2 plus a
    constant, and the rounded mean is, coordinate by coordinate, the nearest of all float64
    numbers, the old centre among them. So the update lowers the real cost or keeps it, the exact
    assignment does, a relocated row costs nothing in its new cluster, and inertia_ is the real
    cost rounded once, which is monotone.

    float32 data's reported centres are rounded once more, to float32: that may raise the cost by
    W times the square of what the rounding moved.
    """
    X, w, start = problem
    km = fit_from(start, held(X), w, tol=tol, max_iter=20)
    values = [r.inertia for r in km.history_]
    exact = values[:-1] if X.dtype == np.float32 else values
    assert all(b <= a for a, b in pairwise(exact))
    if X.dtype == np.float32:
        weight = len(X) if w is None else w.sum()
        centers = np.abs(km.cluster_centers_.astype(np.float64)).max()
        moved = 0.51 * float(np.spacing(np.float32(centers)))
        rise = X.shape[1] * weight * moved * moved
        assert values[-1] <= values[-2] * (1 + 1e-15) + rise


def test_inertia_may_rise_in_the_last_record_of_float32_data():
    """The counterexample that gives the law its exception."""
    X = (1e6 + column(0, 0.0625, 0.0625)).astype(np.float32)
    km = fit_from(column(1e6).astype(np.float32), X, tol=0)
    values = [r.inertia for r in km.history_]
    assert km.cluster_centers_[0, 0] == X[1, 0]
    assert values[-1] > values[-2]


# ----------------------------------------------------------------- the fit, predict, and two dtypes


@examples(100)
@given(problems(), HOLDERS, TOLS)
def test_predict_gives_the_labels(problem, held, tol):
    """Always, for the training rows in either dtype, whatever ended the fit."""
    X, w, start = problem
    km = fit_from(start, held(X), w, tol=tol, max_iter=3)
    assert km.predict(X).tolist() == km.labels_.tolist()
    assert km.predict(held(X)).tolist() == km.labels_.tolist()
    assert km.predict(held(X.astype(np.float64))).tolist() == km.labels_.tolist()


@pytest.mark.parametrize("held", [Held(), *WORST], ids=str)
@pytest.mark.parametrize("offset", [0, 1e3, 1e4, 1e6, -1e6])
def test_predict_gives_the_labels_at_an_offset(offset, held):
    """float32 rows that have few digits left; thousands of rows, so that the fast paths run."""
    rng = np.random.default_rng(7)
    X = (rng.normal(size=(5000, 6)) + offset).astype(np.float32)
    km = centra.KMeans(12, random_state=0, max_iter=15).fit(held(X))
    assert np.array_equal(km.predict(held(X)), km.labels_)
    assert np.array_equal(km.predict(X.astype(np.float64)), km.labels_)
    assert np.array_equal(km.labels_, naive_numpy.assign(X, km.cluster_centers_))


@examples(100)
@given(problems(dtypes=(np.float32,)), HOLDERS, TOLS)
def test_float32_data_follow_their_float64_copy(problem, held, tol):
    """Always: n_iter_, and every record but the last one's inertia, labels and centres."""
    X, w, start = problem
    narrow = fit_from(start, held(X), w, tol=tol, max_iter=20)
    wide = fit_from(start.astype(np.float64), X.astype(np.float64), w, tol=tol, max_iter=20)
    assert narrow.n_iter_ == wide.n_iter_
    same(narrow.cluster_centers_, wide.cluster_centers_.astype(np.float32))
    for a, b in zip(narrow.history_[:-1], wide.history_[:-1], strict=True):
        assert (a.inertia, a.shift, a.changed) == (b.inertia, b.shift, b.changed)
        same(a.centers, b.centers)
    assert narrow.history_[-1].shift == wide.history_[-1].shift


def test_rounding_the_centers_to_float32_may_change_labels_and_is_counted():
    """Means 8 and 9/4, at an offset where float32 has spacing 1/2: 9/4 becomes 2, and 5 ties."""
    X = (2.0**22 + column(0, 1, 3, 5, 8, 8)).astype(np.float32)
    problem = Problem(X, None, X[[4, 2]])
    run = oracle(problem)
    assert run.history[-2].labels.tolist() == [1, 1, 1, 1, 0, 0]
    assert run.labels.tolist() == [1, 1, 1, 0, 0, 0]
    assert run.history[-1].changed == 1
    check_equal(fit_from(problem.start, X, tol=0), run)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@given(matrices(dtypes=(np.float32,)), HOLDERS, st.integers(1, 5), st.integers(0, 20))
def test_seeded_float32_fits_follow_their_float64_copy(X, held, k, seed):
    """Always: the same draws, and the same restart wins."""
    k = min(k, len(X))
    narrow = centra.KMeans(k, n_init=3, random_state=seed).fit(held(X))
    wide = centra.KMeans(k, n_init=3, random_state=seed).fit(X.astype(np.float64))
    assert narrow.runs_ == wide.runs_
    same(narrow.cluster_centers_, wide.cluster_centers_.astype(np.float32))
