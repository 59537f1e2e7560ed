"""The verdict, on rows whose number of clusters is known."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import centra
from centra.selection import Choice, Verdict
from centra.selection.picks import by_extreme
from centra.selection.structure import NONE, Structure
from known import blobs, noise


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_all_criteria_find_clusters_that_are_far_apart(k):
    s = centra.sweep(blobs(k), range(2, 8), random_state=0)
    assert {choice.criterion: choice.k for choice in s.best.choices} == dict.fromkeys(s.criteria, k)
    assert s.best.k == k and s.best.structure is True
    assert str(s.best).startswith(f"There are probably {k} clusters: all 7 criteria pick k = {k}.")


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
    assert str(s.best).startswith("Nothing shows that there are clusters: ")
    assert not re.search("k = [2-9]", s.best.summary)
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
    assert "later gaps are higher" in s.best["gap"].why


def _verdict(there: bool | None = True, **picks: int | None) -> Verdict:
    choices = tuple(Choice(name, k, 0.0, "because.") for name, k in picks.items())
    return Verdict(choices, found=None if there is None else Structure(there, NONE))


@pytest.mark.parametrize(
    ("picks", "said"),
    [
        ({"bic": None}, "No criterion picks a number of clusters."),
        ({"bic": 4}, "There are probably 4 clusters: the BIC picks k = 4."),
        (
            {"bic": 4, "gap": 4, "stability": 4},
            "There are probably 4 clusters: all 3 criteria pick k = 4.",
        ),
        (
            {"bic": 4, "gap": 4},
            "There are probably 4 clusters: both criteria pick k = 4.",
        ),
        (
            {"bic": 8, "gap": 3, "stability": 3},
            "There are probably 3 clusters: 2 of 3 criteria pick k = 3; others: k = 8 (BIC).",
        ),
        (
            {"bic": 8, "gap": 3, "stability": None, "silhouette": 3, "davies_bouldin": 5},
            "There are probably clusters, but it is not clear how many: k = 3 has most votes (gap "
            "statistic, silhouette); others: k = 8 (BIC), k = 5 (Davies-Bouldin index), none "
            "(stability).",
        ),
        (
            {"bic": 8, "gap": 3, "stability": 3, "silhouette": 8},
            "There are probably clusters, but it is not clear how many: k = 3 has most votes (gap "
            "statistic, stability); others: k = 8 (BIC, silhouette).",
        ),
        (
            {"bic": 4, "stability": None},
            "There are probably clusters, but it is not clear how many: k = 4 has most votes "
            "(BIC); others: none (stability).",
        ),
        (
            {"bic": 4, "stability": 3},
            "There are probably clusters, but it is not clear how many: k = 3 (stability) and "
            "k = 4 (BIC) have as many votes.",
        ),
    ],
)
def test_the_first_sentence(picks: dict[str, int | None], said: str) -> None:
    assert _verdict(**picks).summary == said


def test_the_first_sentence_where_nothing_says_that_there_are_clusters() -> None:
    picks = {"bic": 2, "stability": 2, "silhouette": 4}
    assert _verdict(False, **picks).summary == NONE
    assert NONE.startswith("Nothing shows that there are clusters: ")
    assert _verdict(None, **picks, gap=1).summary == (
        "Nothing shows that there are clusters: the gap statistic picks k = 1."
    )


def test_the_first_sentence_where_that_was_not_tested() -> None:
    assert _verdict(None, bic=4, stability=4, silhouette=4).summary == (
        "If there are clusters, which was not tested, there are probably 4: all 3 criteria pick "
        "k = 4."
    )
    assert _verdict(None, bic=4, stability=3).summary == (
        "If there are clusters, which was not tested, it is not clear how many: k = 3 (stability) "
        "and k = 4 (BIC) have as many votes."
    )


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


def test_related_criteria_share_a_vote():
    found = _verdict(
        silhouette=2,
        simplified_silhouette=2,
        calinski_harabasz=2,
        davies_bouldin=3,
        bic=4,
        gap=4,
        stability=4,
    )
    assert list(found.votes) == [4, 2, 3] and found.most_votes == 4
    assert found.summary == (
        "There are probably clusters, but it is not clear how many: k = 4 has most votes (BIC, gap "
        "statistic, stability); others: k = 2 (silhouette, simplified silhouette, "
        "Calinski-Harabasz index), k = 3 (Davies-Bouldin index)."
    )
    fewer = _verdict(
        silhouette=2, simplified_silhouette=2, calinski_harabasz=2, davies_bouldin=2, bic=5, gap=5
    )
    assert fewer.summary == (
        "There are probably clusters, but it is not clear how many: k = 5 has most votes (BIC, gap "
        "statistic); others: k = 2 (silhouette, simplified silhouette, Calinski-Harabasz index, "
        "Davies-Bouldin index). (Silhouettes, Calinski-Harabasz and Davies-Bouldin share one "
        "vote; the gap statistic has two.)"
    )


def test_the_gap_statistic_has_two_votes_and_decides_between_equals():
    assert list(_verdict(bic=3, gap=5).votes) == [5, 3]
    assert list(_verdict(bic=3, stability=3, gap=5).votes) == [5, 3]
    assert list(_verdict(bic=3, stability=3, silhouette=3, gap=5).votes) == [3, 5]
    assert list(_verdict(None, bic=5, stability=3, gap=1).votes) == [1, 3, 5]
    assert _verdict(None, bic=5, stability=3, gap=1).most_votes == 3


def test_a_pick_of_one_is_no_k_to_look_up():
    assert _verdict(None, gap=1).k is None and _verdict(gap=1).most_votes is None
