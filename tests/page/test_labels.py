"""Labels beside the clusters of a page: what is counted, what is left out, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import centra
from centra.page.content import content_of
from centra.page.labels import labels_of

CLUSTERS = np.array([0, 0, 1, 1, 2, 2])


def _counts(given: Any) -> tuple[list[str], list[list[int]]]:
    (found,) = labels_of({"kind": given}, 6)
    return found.heads, found.against(CLUSTERS, 3)["counts"]


@pytest.mark.parametrize(
    "given",
    [
        ["b", "b", "a", "", "b", "a"],
        ["b", "b", "a", None, "b", "a"],
        ["b", "b", "a", np.nan, "b", "a"],
        np.array(["b", "b", "a", "", "b", "a"]),
        pd.Series(["b", "b", "a", None, "b", "a"], dtype="string"),
        pd.Series(["b", "b", "a", None, "b", "a"], dtype="category"),
    ],
    ids=["texts", "None", "NaN", "numpy", "pandas strings", "categories"],
)
def test_rows_are_counted_by_cluster_and_label_most_frequent_first(given: Any) -> None:
    assert _counts(given) == (["b", "a"], [[2, 0], [0, 1], [1, 1]])
    (found,) = labels_of({"kind": given}, 6)
    assert found.plain() == {"name": "kind", "heads": ["b", "a"], "missing": 1}


def test_numbers_are_labels_and_alike_texts_are_one() -> None:
    assert _counts([3, 3, 1, 1, 1, "3"])[0] == ["1", "3"]
    assert _counts(np.array([0, 0, 1, 1, 2, 2])) == (["0", "1", "2"], np.diag([2, 2, 2]).tolist())
    assert _counts([True, True, False, False, True, np.nan])[0] == ["True", "False"]


def test_many_labels_share_a_column_but_not_the_rand_index() -> None:
    y = np.repeat(np.arange(20), np.arange(20, 0, -1))
    clusters = np.arange(len(y)) % 3
    (found,) = labels_of({"y": y}, len(y))
    assert found.heads == [*map(str, range(12)), "8 others"]
    told = found.against(clusters, 3)
    assert np.sum(told["counts"], axis=0).tolist() == [*range(20, 8, -1), sum(range(1, 9))]
    assert told["rand"] == adjusted_rand_score(y, clusters)
    (found,) = labels_of({"y": y[y < 13]}, (y < 13).sum())
    assert found.heads[-1] == "1 other"


def test_rows_without_any_label() -> None:
    (found,) = labels_of({"kind": [None] * 6}, 6)
    assert found.against(CLUSTERS, 3) == {"rand": None, "counts": [[], [], []]}
    assert found.plain()["missing"] == 6


def test_the_page_compares_every_model() -> None:
    X = np.concatenate([np.full((20, 2), at) + np.eye(20, 2) for at in (0.0, 9.0, 30.0)])
    y = np.repeat(["a", "b", "c"], 20)
    models = {k: centra.KMeans(k, n_init=5, random_state=0).fit(X) for k in (2, 3)}
    content = content_of(models, X, labels={"kind": y, "half": y == "a"})
    assert [each["name"] for each in content["labels"]] == ["kind", "half"]
    for shown, km in zip(content["models"], models.values(), strict=True):
        kind, half = shown["labels"]
        assert kind["rand"] == adjusted_rand_score(y, km.labels_)
        table = pd.crosstab(km.labels_, y)
        assert kind["counts"] == table.to_numpy().tolist()
        assert half["rand"] == adjusted_rand_score(y == "a", km.labels_)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(TypeError, match=r'say \{"segment": y\}; got list'):
        labels_of(["a"] * 6, 6)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"labels 'kind' have shape \(6,\), but X has 7 rows"):
        labels_of({"kind": CLUSTERS}, 7)
