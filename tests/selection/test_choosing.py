"""Gap, stability and the verdict, on rows whose number of clusters is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_info, threadpool_limits

import centra
from centra._estimators.base import prepared
from centra.selection import Choice, Gap, Stability, Verdict, samples
from centra.selection import gap as gaps
from centra.selection.gap import components, uniform
from centra.selection.samples import Sample
from centra.selection.verdict import by_extreme

#: Five clusters, one of them in the middle.
PLACES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [5.0, 5.0]])


def blobs(k: int, seed: int = 0, n: int = 100) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(at, 0.7, size=(n, 2)) for at in PLACES[:k]])


def noise(seed: int = 0, n: int = 600, d: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


# --- the truth is found


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_all_criteria_find_clusters_that_are_far_apart(k):
    s = centra.sweep(blobs(k), range(2, 8), random_state=0)
    assert {choice.criterion: choice.k for choice in s.best.choices} == dict.fromkeys(s.criteria, k)
    assert s.best.k == k and s.best.structure is True
    assert str(s.best).startswith(f"All 7 criteria pick k = {k}.")


@pytest.mark.parametrize("kind", ["Gaussian", "of five columns", "uniform"])
def test_rows_without_clusters(kind):
    rows = {
        "Gaussian": noise(),
        "of five columns": noise(1, d=5),
        "uniform": np.random.default_rng(0).uniform(size=(600, 3)),
    }[kind]
    s = centra.sweep(rows, range(2, 8), random_state=0)
    assert s.gap is not None and s.gap.choice == 1
    assert s.best.structure is False and s.best.k is None
    assert str(s.best).startswith("There may be no clusters at all: ")
    assert " Of the other 6 criteria, " in s.best.summary
    assert s.best["stability"].k is None
    assert "no k is stable" in s.best["stability"].why


def test_two_clusters_that_overlap():
    X = np.concatenate([noise(0), noise(1) + np.array([3.0, 0.0])])
    s = centra.sweep(X, range(2, 7), random_state=0)
    for criterion in ("silhouette", "simplified_silhouette", "bic", "gap", "stability"):
        assert s.best[criterion].k == 2, criterion


def test_clusters_around_one_in_the_middle_are_not_called_none():
    # The gap falls from 1 to 2 before it rises: the rule alone says 1 or 2.
    s = centra.sweep(blobs(5), range(2, 8), random_state=2, stability=False)
    assert s.gap is not None and s.gap.first in (1, 2) and s.gap.choice == 5
    assert "later gaps are higher by far" in s.best["gap"].why


def _verdict(**picks: int | None) -> Verdict:
    return Verdict(tuple(Choice(name, k, 0.0, "because.") for name, k in picks.items()))


@pytest.mark.parametrize(
    ("picks", "said"),
    [
        ({"bic": None}, "No criterion picks a number of clusters."),
        ({"bic": 4}, "The BIC picks k = 4."),
        ({"bic": 4, "gap": 4, "stability": 4}, "All 3 criteria pick k = 4."),
        (
            {"bic": 8, "gap": 3, "stability": 3},
            "2 of 3 criteria pick k = 3; others: k = 8 (BIC).",
        ),
        (
            {"bic": 8, "gap": 3, "stability": None, "silhouette": 3, "davies_bouldin": 5},
            "The criteria disagree: 2 of 5 pick k = 3; others: k = 5 (Davies-Bouldin "
            "index), k = 8 (BIC), none (stability).",
        ),
        (
            {"bic": 8, "gap": 3, "stability": 3, "silhouette": 8},
            "The criteria disagree: 2 of 4 pick k = 3 and k = 8 each.",
        ),
        (
            {"bic": 4, "stability": None},
            "The criteria disagree: 1 of 2 picks k = 4; others: none (stability).",
        ),
        (
            {"bic": 2, "gap": 1, "stability": 2, "silhouette": 4},
            "There may be no clusters at all: the gap statistic picks k = 1, and it alone compares "
            "with rows that have none. Of the other 3 criteria, 2 pick k = 2.",
        ),
        (
            {"gap": 1},
            "There may be no clusters at all: the gap statistic picks k = 1, and it alone compares "
            "with rows that have none.",
        ),
    ],
)
def test_the_first_sentence(picks: dict[str, int | None], said: str) -> None:
    assert _verdict(**picks).summary == said


def test_one_k_wins_no_contest():
    s = centra.sweep(blobs(3), [3], random_state=0, gap=False, stability=False)
    assert s.best.k is None and not s.best.votes
    assert "wins no contest" in s.best["silhouette"].why
    assert s.best.summary == "No criterion picks a number of clusters."


def test_numbers_that_look_alike_are_told_apart():
    values = np.array([0.93141, 0.93142, 0.5])
    assert by_extreme("silhouette", [2, 3, 4], values, "").why == (
        "0.93142 is the highest; next is k = 2 with 0.93141."
    )
    same = by_extreme("silhouette", [2, 3, 4], np.array([0.9, 0.9, 0.5]), "")
    assert same.k == 2 and same.why.endswith("that of k = 3 too: the lower k counts.")


def test_a_rise_of_inertia_is_said():
    X = blobs(5)
    s = centra.sweep(X, [4, 5], random_state=0, gap=False, stability=False)
    assert s.rises == () and "rises" not in str(s)
    worse = replace(s, columns={**s.columns, "inertia": np.array([10.0, 11.0])})
    assert worse.rises == (5,)
    assert "Inertia rises at k = 5" in str(worse) and "Inertia rises" in worse._repr_html_()


# --- the gap statistic


def gap(ks, values, errors) -> Gap:
    values, errors = np.array(values, dtype=float), np.array(errors, dtype=float)
    return Gap(tuple(ks), values, errors, values, values[None], {})


def test_the_rule_of_the_gap():
    assert gap([1, 2, 3], [0.1, 0.3, 0.2], [0.01] * 3).choice == 2
    assert gap([1, 2, 3], [0.1, 0.105, 0.2], [0.01] * 3).choice == 1  # within an error
    assert gap([1, 2, 3], [0.1, 0.2, 0.3], [0.01] * 3).choice == 3  # to the end
    assert gap([1, 4, 9], [0.1, 0.3, 0.2], [0.01] * 3).choice == 4  # the next one that was tried
    assert gap([1, 2, 3], [0.1, math.nan, 0.05], [0.01] * 3).choice == 1
    assert gap([1, 2], [math.nan] * 2, [0.0] * 2).choice is None
    high = gap([1, 2, 3, 4], [0.3, 0.2, 0.6, 0.5], [0.01] * 4)
    assert (high.first, high.choice) == (1, 3)
    low = gap([1, 2, 3, 4], [0.3, 0.2, 0.45, 0.4], [0.01] * 4)
    assert (low.first, low.choice) == (1, 1)


def test_the_gap_by_its_definition():
    s = centra.sweep(blobs(3), [2, 3], random_state=0, stability=False, repeats=4)
    found = s.gap
    assert found is not None and found.ks == (1, 2, 3)
    assert found.reference_logs.shape == (4, 3)
    np.testing.assert_allclose(found.values, found.reference_logs.mean(axis=0) - found.logs)
    deviation = np.sqrt(np.square(found.reference_logs - found.reference_logs.mean(axis=0)).mean(0))
    np.testing.assert_allclose(found.errors, deviation * np.sqrt(1 + 1 / 4))
    # Logs are those of rows in other units: their differences are those of the inertias.
    inertias = [centra.KMeans(k, random_state=0).fit(blobs(3)).inertia_ for k in (1, 3)]
    assert found.logs[2] - found.logs[0] == pytest.approx(np.log(inertias[1] / inertias[0]))
    assert s.columns["gap"].tolist() == found.values[1:].tolist()
    assert s.columns["gap_error"].tolist() == found.errors[1:].tolist()


def test_references_depend_on_the_seed_alone():
    X = blobs(3)
    a = centra.sweep(X, [2, 3, 9], random_state=5, stability=False, silhouette=False).gap
    b = centra.sweep(X, [3, 4], random_state=5).gap
    c = centra.sweep(X, [3, 4], random_state=6).gap
    assert a is not None and b is not None and c is not None
    assert a.reference_logs[:, [0, 2]].tolist() == b.reference_logs[:, [0, 1]].tolist()
    assert b.reference_logs.tolist() != c.reference_logs.tolist()


@pytest.mark.parametrize("shape", [(50, 4), (5, 40)])
def test_components_keep_all_distances(shape):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=shape) * 3 + 100
    weights = rng.integers(1, 4, size=shape[0]).astype(float)
    for each in (None, weights):
        places = components(Sample(rows, each))
        assert places.shape[1] <= min(shape)
        a = np.square(rows[:, None] - rows[None]).sum(axis=2)
        b = np.square(places[:, None] - places[None]).sum(axis=2)
        np.testing.assert_allclose(a / a.max(), b / b.max(), atol=1e-12)
        centred = places * np.sqrt(np.ones(len(rows)) if each is None else each)[:, None]
        products = centred.T @ centred
        np.testing.assert_allclose(products, np.diag(np.diag(products)), atol=1e-9 * products.max())


def test_gaps_that_cannot_be_had():
    same = centra.sweep(np.ones((5, 2)), [1], random_state=0)
    assert same.best["gap"].why == "all rows are the same."
    X = np.repeat([[0.0, 1.0], [4.0, 0.0], [9.0, 9.0]], 30, axis=0)
    few = centra.sweep(X, [2, 3], random_state=0)
    assert few.reasons["gap"] == {3: "all rows of the sample lie on their centres"}
    sparse = centra.sweep(sp.csr_array(X), [2], random_state=0)
    assert sparse.gap is None and "sparse" in sparse.reasons["gap"][2]
    assert np.isfinite(sparse.columns["stability"]).all()
    more = centra.sweep(noise(n=40), [2, 15], sample=12, random_state=0)
    assert more.reasons["gap"] == {15: "the sample has 12 rows"}
    assert more.reasons["stability"] == {15: "half of the sample has 6 rows"}


def test_components_are_the_sums_of_one_thread(monkeypatch):
    """Those of several threads are other sums, in the last bits."""
    seen: list[int] = []

    def spy(sample):
        seen.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
        return components(sample)

    monkeypatch.setattr(gaps, "components", spy)
    with threadpool_limits(2):
        centra.sweep(noise(n=50), [2], random_state=0, repeats=2, stability=False)
    assert set(seen) == {1}


def test_a_box_is_filled():
    low, high = np.array([-1.0, 0.0, 5.0]), np.array([1.0, 0.0, 5.5])
    places = uniform(low, high, 5000, np.random.default_rng(0))
    assert places.dtype == np.float32 and (places >= low).all() and (places <= high).all()
    np.testing.assert_allclose(places.mean(axis=0), (low + high) / 2, atol=0.03)
    np.testing.assert_allclose(places.var(axis=0), (high - low) ** 2 / 12, atol=0.01)


# --- stability


def stability(ks, means, deviation=0.0) -> Stability:
    means = np.array(means, dtype=float)
    return Stability(tuple(ks), np.stack([means - deviation, means + deviation]), {})


def test_the_rule_of_stability():
    assert stability([2, 3, 4], [1.0, 0.7, 0.99]).choice == 4  # as good as the best
    assert stability([2, 3, 4], [1.0, 0.7, 0.9]).choice == 2
    assert stability([2, 3], [1.0, 0.9], deviation=0.1).choice == 3  # but for chance
    assert stability([2, 3], [0.7, 0.6]).choice is None
    assert stability([1], [math.nan]).choice is None


def test_stability_is_about_the_same_rows_for_both_fits():
    s = centra.sweep(blobs(3), [3, 6], random_state=0, repeats=5, gap=False)
    found = s.stability
    assert found is not None and found.agreements.shape == (5, 2)
    assert (found.agreements[:, 0] == 1.0).all() and (found.agreements[:, 1] < 1.0).all()
    np.testing.assert_allclose(s.columns["stability_sd"], found.agreements.std(axis=0, ddof=1))
    assert adjusted_rand_score([0, 0, 1], [1, 1, 0]) == 1.0  # names do not matter


# --- the sample


def test_the_sample_is_stated_and_seeded():
    X = noise(n=500)
    a = centra.sweep(X, [2, 3], sample=100, repeats=2, random_state=0)
    b = centra.sweep(X, [2, 3], sample=100, repeats=2, random_state=0)
    c = centra.sweep(X, [2, 3], sample=100, repeats=2, random_state=1)
    assert a.sample_size == 100 and "on 100 of the rows" in str(a)
    for name in a.columns:
        np.testing.assert_array_equal(a.columns[name], b.columns[name])
    assert (a.columns["gap"] != c.columns["gap"]).all()


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_sample_has_the_type_of_the_rows(kind: str) -> None:
    X = noise(n=300, d=4).astype(kind)
    data = prepared(centra.KMeans(2), X, weigh=True, reset=True)
    for size in (200, 300):
        rows = samples.draw(data, size, np.random.default_rng(0)).rows
        assert rows.dtype == kind and len(rows) == size
        assert (rows[:, None] == X).all(axis=2).any(axis=1).all()


def test_wide_rows_make_a_smaller_sample(monkeypatch):
    monkeypatch.setattr(samples, "NUMBERS", 1000)
    s = centra.sweep(noise(n=500, d=10), [2], repeats=2, random_state=0)
    assert s.sample_size == 100


def test_rows_of_no_weight_are_not_in_the_sample():
    X = np.concatenate([blobs(2), np.full((50, 2), 1e6)])
    weights = np.repeat([1.0, 0.0], [200, 50])
    s = centra.sweep(X, [2, 3], sample_weight=weights, random_state=0)
    assert s.sample_size == 200
    assert s.best["gap"].k == 2 and s.best["stability"].k == 2


def test_restarts_are_those_of_the_fits():
    X = noise(n=200)
    one, more = (
        centra.sweep(X, [5], n_init=n, repeats=3, random_state=0, stability=False).gap
        for n in (1, 4)
    )
    assert one is not None and more is not None
    assert (more.reference_logs[:, 1] <= one.reference_logs[:, 1]).all()
    assert (more.reference_logs[:, 1] < one.reference_logs[:, 1]).any()
