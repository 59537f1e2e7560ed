"""What a page says about the choice of k: its first sentence, numbers over k, picks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.datasets import make_blobs

import centra
from centra.page.choice import choice_of
from centra.page.content import content_of


def test_rows_without_clusters_are_called_so_first() -> None:
    X = np.random.default_rng(0).uniform(size=(400, 2))
    found = centra.sweep(X, range(2, 6), random_state=0)
    assert found.best.structure is False
    content = content_of(found.models, X, sweep=found)
    assert content["headline"].startswith("Nothing shows that there are clusters: ")
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
    assert choice_of(found.models, found)["headline"] == (
        "If there are clusters, which was not tested, there are probably 4: all 5 criteria pick "
        "k = 4."
    )
    late = {**found.columns, "silhouette": np.full(3, np.nan)}
    found = replace(
        found, columns=late, reasons={"silhouette": {2: "it takes long"}} | found.reasons
    )
    said = choice_of(found.models, found)
    assert said["headline"].endswith(" there are probably 4: all 4 criteria pick k = 4.")
    assert said["verdict"][0] == "silhouette is not computed: it takes long."
    assert said["chosen"] == 4 and said["criteria"]["k"] == [2, 4, 5]
    assert not {"gap", "stability"} & set(said["picks"]) and said["picks"]["silhouette"] is None


def test_models_alone_have_no_verdict() -> None:
    X = make_blobs(100, 2, random_state=0)[0]
    models = {k: centra.KMeans(k, random_state=0).fit(X) for k in (3, 2)}
    said = choice_of(models, None)
    assert (said["headline"], said["verdict"], said["picks"]) == ("", [], {})
    assert said["chosen"] == 2
    assert said["criteria"] == {"k": [2, 3], "inertia": [models[2].inertia_, models[3].inertia_]}
