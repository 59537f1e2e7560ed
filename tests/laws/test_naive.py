"""The oracle itself: cases worked by hand, scikit-learn where nothing ties, and its fast twin."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans, kmeans_plusplus

import naive
import naive_numpy
from strategies import Problem, examples, matrices, problems, weights_for

ULP = 2.0**-52
LEAST = 5e-324  # the smallest positive float64
BOTH = pytest.mark.parametrize("arithmetic", [naive, naive_numpy], ids=["plain", "numpy"])


def column(*values: float) -> np.ndarray:
    """Return the values as a matrix of one column."""
    return np.array(values, dtype=np.float64)[:, None]


# ------------------------------------------------------------------------------- by hand: the parts


@BOTH
def test_nearest_takes_the_lowest_index_on_a_tie_and_only_then(arithmetic):
    centers = column(2, 0, 2)
    assert arithmetic.assign(column(1, 1 + ULP, 1 - ULP, 0, 2), centers).tolist() == [0, 0, 1, 1, 0]


@BOTH
def test_nearest_sees_what_float64_cannot(arithmetic):
    # |x - c|^2 is 1 + 2^-60 and 1: the same float64 number, but not the same number.
    assert arithmetic.assign([[0, 0]], [[1, 2.0**-30], [1, 0]]).tolist() == [1]
    # The squares underflow to zero; the distances are 2e-170 and 1e-170 all the same.
    assert arithmetic.assign(column(0), column(2e-170, 1e-170)).tolist() == [1]
    # The squares overflow, even the difference does.
    assert arithmetic.assign(column(1.7e308), column(-1.7e308, 1e308)).tolist() == [1]


def test_mean_is_rounded_once():
    assert naive.mean([[1.0], [1 + ULP], [1 + ULP]], [1, 1, 1]) == [1 + ULP]
    assert naive.mean([[0.1]] * 10, [1] * 10) == [0.1]  # 0.1 added ten times is not 1.0
    assert naive.mean([[1e300], [1.0], [-1e300]], [1, 1, 1]) == [1 / 3]
    assert naive.mean([[3.0, 0.0], [0.0, 8.0]], [1, 3]) == [0.75, 6.0]
    assert naive.mean([[0.3]], [0.1]) == [0.3]
    assert naive.mean([[0.3], [0.3]], [0.1, 0.7]) == [0.3]


def test_mean_rounds_subnormals_once_and_ties_to_even():
    assert naive.mean([[0.0], [LEAST]], [1, 1]) == [0.0]
    assert naive.mean([[LEAST], [2 * LEAST]], [1, 1]) == [2 * LEAST]
    assert naive.mean([[LEAST], [LEAST], [0.0]], [1, 1, 1]) == [LEAST]


@BOTH
def test_inertia(arithmetic):
    assert arithmetic.inertia(column(0, 2), [1, 1], [0, 0], column(1)) == 2.0
    assert arithmetic.inertia(column(0, 2), [3, 0.5], [0, 0], column(1)) == 3.5
    far = column(1e8, 1e8 + 2)  # the squares need 54 bits; the answer is 2
    assert arithmetic.inertia(far, [1, 1], [0, 0], column(1e8 + 1)) == 2.0
    with pytest.raises(OverflowError):
        arithmetic.inertia(column(1e300), [1], [0], column(0))


@BOTH
def test_tolerance(arithmetic):
    X = np.array([[0.0, 0.0], [2.0, 4.0]])  # variances 1 and 4
    assert naive.tolerance(X, 0.5, arithmetic) == 1.25
    assert naive.tolerance(X * 1e200, 0, arithmetic) == 0.0
    far = np.vstack([X, [[9.0, 9.0]]])
    assert naive.tolerance(far, 0.5, arithmetic, [3, 1, 0]) == 1.25


@BOTH
def test_reported_distance_follows_its_order(arithmetic):
    # Added one after the other to 1, each 2^-54 is lost; in the pairwise sum four of them are not.
    eight = [1.0] + [2.0**-27] * 7
    assert arithmetic.distances([eight], [0.0] * 8)[0] == 1 + ULP
    # 0.72 half-ulps of 1 are lost beside 1, 1.44 are not: columns 0 and 8 share an accumulator,
    # and columns 1 and 9.
    e = 1.2 * 2.0**-27
    row = [1.0, e, 0, 0, 0, 0, 0, 0, e]
    assert arithmetic.distances([row], [0.0] * 9)[0] == 1.0
    row = [1.0, e, 0, 0, 0, 0, 0, 0, 0, e]
    assert arithmetic.distances([row], [0.0] * 10)[0] == 1 + ULP
    assert arithmetic.distances([[3.0, 4.0]], [0.0, 0.0])[0] == 25.0


# -------------------------------------------------------------------------------- by hand: the loop


@BOTH
def test_a_run_by_hand(arithmetic):
    run = naive.lloyd(column(0, 1, 10, 11), column(0, 1), tol=0, arithmetic=arithmetic)
    assert [r.labels.tolist() for r in run.history] == [[0, 1, 1, 1]] + [[0, 0, 1, 1]] * 3
    assert [r.centers[:, 0].tolist() for r in run.history] == [
        [0, 1],
        [0, 22 / 3],
        [0.5, 10.5],
        [0.5, 10.5],
    ]
    assert [r.changed for r in run.history] == [4, 1, 0, 0]
    assert [r.inertia for r in run.history][::3] == [181.0, 1.0]
    assert (run.n_iter, run.reason, run.inertia) == (3, "strict", 1.0)
    assert run.history[2].shift == float(
        Fraction(0.25) + Fraction((10.5 - 22 / 3) * (10.5 - 22 / 3))
    )


@BOTH
def test_a_run_ends_by_tolerance_or_by_count(arithmetic):
    X = column(0, 1, 10, 11)
    run = naive.lloyd(X, column(0, 1), tol=1e3, arithmetic=arithmetic)
    assert (run.n_iter, run.reason, run.labels.tolist()) == (1, "tolerance", [0, 0, 1, 1])
    assert [r.changed for r in run.history] == [4, 1]
    run = naive.lloyd(X, column(0, 1), max_iter=2, tol=0, arithmetic=arithmetic)
    assert (run.n_iter, run.reason, len(run.history)) == (2, "max_iter", 3)
    run = naive.lloyd(X, column(0.5, 10.5), tol=0, arithmetic=arithmetic)
    assert (run.n_iter, run.reason, run.history[1].shift) == (1, "tolerance", 0.0)


@BOTH
def test_float32_rows_are_iterated_in_float64_and_rounded_at_the_end(arithmetic):
    X = column(0, 0, 1, 10).astype(np.float32)
    run = naive.lloyd(X, column(0, 10), tol=0, arithmetic=arithmetic)
    assert run.history[1].centers[0, 0] == 1 / 3
    third = np.float32(1 / 3)
    assert run.centers.dtype == np.float32 and run.centers[0, 0] == third
    c = Fraction(float(third))
    assert run.inertia == float(2 * c * c + (1 - c) ** 2) == run.history[-1].inertia


# -------------------------------------------------------------------------- by hand: empty clusters


def updated(rows, start, labels, weights=None):
    """Return one update's centres as a list, the labels checked on the way."""
    X, start = column(*rows), column(*start)
    assert naive.assign(X, start).tolist() == labels
    answers = []
    for arithmetic in (naive, naive_numpy):
        w = [1.0] * len(rows) if weights is None else weights
        answers.append(naive.update(X, w, labels, start, arithmetic)[:, 0].tolist())
    assert answers[0] == answers[1]
    return answers[0]


def test_empty_clusters_get_the_farthest_rows_in_order():
    assert updated([0, 1, 10], [0, 100, 200], [0, 0, 0]) == [0, 10, 1]


def test_a_donor_that_is_emptied_queues_up():
    assert updated([0, 1, 10], [0.25, 12, 100], [0, 0, 1]) == [0, 1, 10]


def test_equal_distances_go_by_content_then_by_weight_never_by_row_number():
    assert updated([1, -1], [0, 50], [0, 0]) == updated([-1, 1], [0, 50], [0, 0]) == [1, -1]
    for rows, weights in (([3, 3, 0], [1, 3, 1]), ([3, 3, 0], [3, 1, 1])):
        assert updated(rows, [0, 50], [0, 0, 0], weights) == [1.5, 3]


def test_nothing_is_relocated_when_every_row_is_on_its_center():
    assert updated([7, 7, 7], [7, 7, 9], [0, 0, 0]) == [7, 7, 7]


def test_a_cluster_that_stays_empty_copies_the_center_of_the_heaviest():
    # Clusters 0 and 1 weigh the same: the lower index is the one that is copied.
    assert updated([0, 4, 9], [0, 4, 50], [0, 1, 1], [1, 1, 0]) == [0, 4, 0]


def test_a_row_of_weight_0_founds_no_cluster():
    # 9 is farthest, but 0 and 4 are the rows that count: of equals the one whose content is less.
    assert updated([0, 4, 9], [2, 50], [0, 0, 0], [1, 1, 0]) == [4, 0]
    assert updated([0, 4, 9], [2, 50, 60], [0, 0, 0], [1, 0, 0]) == [0, 0, 0]


def test_emptied_donors_form_a_chain():
    # 20 founds 3 and leaves 2 empty, 8 founds 2 anew and leaves 1 empty, 1 founds 1.
    assert updated([0, 1, 8, 20], [0, 6, 16, 100], [0, 0, 1, 2]) == [0, 1, 8, 20]


# ------------------------------------------------------------------------------ beside scikit-learn


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("weighted", [False, True])
def test_lloyd_is_scikit_learns_where_nothing_ties(seed, weighted):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(400, 3)) + rng.integers(0, 3, size=(400, 1))
    w = rng.uniform(0.1, 3, size=400) if weighted else None
    tol = (0, 1e-4, 1e-2)[seed % 3]
    theirs = KMeans(7, init=X[:7], n_init=1, tol=tol).fit(X, sample_weight=w)
    ours = naive.lloyd(X, X[:7], w, tol=tol, arithmetic=naive_numpy)
    assert ours.n_iter == theirs.n_iter_
    assert np.array_equal(ours.labels, theirs.labels_)
    assert np.allclose(ours.centers, theirs.cluster_centers_, rtol=0, atol=1e-12)
    assert ours.inertia == pytest.approx(theirs.inertia_, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("weighted", [False, True])
def test_seeding_draws_what_scikit_learn_draws(seed, weighted):
    rng = np.random.default_rng(100 + seed)
    X = rng.normal(size=(300, 2))
    w = rng.uniform(0.1, 3, size=300) if weighted else None
    k, trials = (5, None) if seed % 2 else (12, 3)
    _, theirs = kmeans_plusplus(X, k, sample_weight=w, random_state=seed, n_local_trials=trials)
    _, ours = naive.seed_plusplus(X, k, np.random.RandomState(seed), w, trials, naive_numpy)
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    ("init", "seeding", "n_init"),
    [("k-means++", naive.seed_plusplus, 3), ("random", naive.seed_random, 4)],
)
def test_a_whole_fit_is_scikit_learns(init, seeding, n_init):
    X = np.random.default_rng(5).normal(size=(250, 2))
    for seed in range(4):
        theirs = KMeans(6, init=init, n_init=n_init, random_state=seed).fit(X)
        state = np.random.RandomState(seed)
        ours = naive.fit(X, 6, seeding, n_init, state, arithmetic=naive_numpy)
        assert np.array_equal(ours.labels, theirs.labels_)
        assert ours.n_iter == theirs.n_iter_


# -------------------------------------------------------------------- the fast twin beside the page


def equal_runs(a: naive.Fit, b: naive.Fit) -> None:
    """Fail unless two runs have the same bits."""
    assert (a.n_iter, a.reason, a.inertia) == (b.n_iter, b.reason, b.inertia)
    for p, q in zip(a.history, b.history, strict=True):
        assert (p.inertia, p.shift, p.changed) == (q.inertia, q.shift, q.changed)
        assert p.centers.tobytes() == q.centers.tobytes()
        assert p.labels.tolist() == q.labels.tolist()


@given(problems(), st.sampled_from([0.0, 1e-4, 0.1]))
def test_the_numpy_oracle_is_the_plain_one(problem: Problem, tol: float):
    X, w, start = problem
    a, b = (naive.lloyd(X, start, w, 12, tol, m) for m in (naive, naive_numpy))
    equal_runs(a, b)


@examples(30)
@given(st.data())
def test_the_numpy_seeding_is_the_plain_one(data):
    X = data.draw(matrices())
    w = data.draw(weights_for(len(X)))
    k = data.draw(st.integers(1, len(X)))
    picks = [
        naive.seed_plusplus(X, k, np.random.RandomState(3), w, None, m)[1].tolist()
        for m in (naive, naive_numpy)
    ]
    assert picks[0] == picks[1]


@examples(100)
@given(st.data())
def test_integers_are_the_floats(data):
    values = data.draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
    (whole,), unit = naive_numpy.integers(values)
    assert [m * unit for m in whole.tolist()] == [Fraction(v) for v in values]


@pytest.mark.parametrize("d", [1, 2, 7, 8, 9, 30])
def test_the_numpy_oracle_decides_near_ties_as_the_plain_one(d):
    rng = np.random.default_rng(d)
    centers = rng.normal(size=(5, d))
    pairs = rng.integers(0, 5, size=(60, 2))
    X = centers[pairs].mean(axis=1)
    X[:, 0] += rng.integers(-2, 3, size=60) * np.spacing(X[:, 0])
    assert naive_numpy.assign(X, centers).tolist() == naive.assign(X, centers).tolist()
