"""What a page says about the choice of k: its first sentence, numbers over k, picks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import make_blobs

import centra
from centra.choose import Choice, Verdict
from centra.page.choice import choice_of, headline
from centra.page.content import content_of


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
            "The criteria disagree: 2 of 5 criteria pick k = 3; others: k = 5 (Davies-Bouldin "
            "index), k = 8 (BIC), none (stability).",
        ),
        (
            {"bic": 8, "gap": 3, "stability": 3, "silhouette": 8},
            "The criteria disagree: 2 of 4 criteria pick k = 3 and k = 8 each.",
        ),
        ({"bic": 4, "stability": None}, "1 of 2 criteria picks k = 4; others: none (stability)."),
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
    assert headline(_verdict(**picks)) == said


def test_rows_without_clusters_are_called_so_first() -> None:
    X = np.random.default_rng(0).uniform(size=(400, 2))
    found = centra.sweep(X, range(2, 6), random_state=0)
    assert found.best.structure is False
    content = content_of(found.models, X, sweep=found)
    assert content["headline"].startswith("There may be no clusters at all: ")
    assert content["picks"]["gap"] == 1 and content["criteria"]["k"] == [1, 2, 3, 4, 5]
    assert content["criteria"]["gap"] == found.gap.values.tolist()
    assert content["criteria"]["inertia"] == [None, *found.columns["inertia"].tolist()]
    assert content["spreads"]["gap"] == ["gap_error", "standard error"]
    assert content["verdict"][0].startswith("silhouette picks k = ")
    # k = 1 cannot be shown: what most of the criteria pick can.
    assert content["chosen"] == next(k for k in found.best.votes if k > 1)


def test_criteria_without_numbers_have_no_say() -> None:
    X = make_blobs(300, 2, centers=4, cluster_std=0.1, random_state=0)[0]
    found = centra.sweep(X, (2, 4, 5), random_state=0, gap=False, stability=False)
    assert choice_of(found.models, found)["headline"] == "All 5 criteria pick k = 4."
    late = {**found.columns, "silhouette": np.full(3, np.nan)}
    found = replace(
        found, columns=late, reasons={"silhouette": {2: "it takes long"}} | found.reasons
    )
    said = choice_of(found.models, found)
    assert said["headline"] == "All 4 criteria pick k = 4."
    assert said["verdict"][0] == "silhouette picks none: it takes long."
    assert said["chosen"] == 4 and said["criteria"]["k"] == [2, 4, 5]
    assert not {"gap", "stability"} & set(said["picks"]) and said["picks"]["silhouette"] is None


def test_models_alone_have_no_verdict() -> None:
    X = make_blobs(100, 2, random_state=0)[0]
    models = {k: centra.KMeans(k, random_state=0).fit(X) for k in (3, 2)}
    said = choice_of(models, None)
    assert (said["headline"], said["verdict"], said["picks"]) == ("", [], {})
    assert said["chosen"] == 2
    assert said["criteria"] == {"k": [2, 3], "inertia": [models[2].inertia_, models[3].inertia_]}
