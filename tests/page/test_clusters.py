"""What a page says of each cluster: portraits, profile, overlap, silhouettes, names of rows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

import centra
from centra._diagnostics.remark import Remark
from centra.page.content import content_of
from centra.page.wording import Wording, gravest_of


def _rows(n: int = 300, d: int = 3) -> pd.DataFrame:
    X = make_blobs(n, d, centers=4, random_state=0)[0]
    return pd.DataFrame(X, columns=[f"c{q}" for q in range(d)])


def test_portraits_and_deviations_are_those_of_all_rows() -> None:
    X = _rows()
    km = centra.KMeans(4, random_state=0, n_init=3).fit(X)
    (shown,) = content_of({4: km}, X)["models"]
    assert shown["portraits"] == list(km.report().portraits)
    means = X.groupby(km.labels_).mean()
    wanted = ((means - X.mean()) / X.std(ddof=0)).to_numpy()
    np.testing.assert_allclose(shown["deviations"], wanted, atol=0.006)
    assert shown["order"] == np.argsort(-np.abs(wanted).max(axis=0)).tolist()
    assert shown["columns"] == [0, 1, 2]


def test_scaled_rows_have_the_portraits_of_their_own_units() -> None:
    X = _rows()
    X["member"] = (X["c0"] > X["c0"].median()).astype(float)
    scaler = StandardScaler().fit(X)
    Z = scaler.transform(X)
    models = {2: centra.KMeans(2, init=Z[[0, 1]], n_init=1).fit(Z)}
    (shown,) = content_of(models, Z, scaler=scaler)["models"]
    (plain,) = content_of(models, Z)["models"]
    np.testing.assert_allclose(shown["deviations"], plain["deviations"], atol=0.011)
    assert any(" with member" in text for text in shown["portraits"])


def test_of_many_columns_those_that_differ_most_are_shown() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 80))
    X[:100, 70] += 9
    km = centra.KMeans(2, random_state=0).fit(X)
    (shown,) = content_of({2: km}, X)["models"]
    assert len(shown["columns"]) == 50 and shown["columns"] == sorted(shown["columns"])
    assert shown["columns"][shown["order"][0]] == 70
    picked = km.cluster_centers_[:, shown["columns"]]
    np.testing.assert_array_equal(shown["centers"], picked)


def test_overlap_and_silhouettes_are_those_of_the_report() -> None:
    X = _rows()
    km = centra.KMeans(5, random_state=0).fit(X)
    found = km.report().overlap
    (shown,) = content_of({5: km}, X)["models"]
    np.testing.assert_allclose(shown["overlap"], found.matrix, atol=5e-5)
    widths = 1 - found.distances / found.rival_distances
    for j, curve in enumerate(shown["silhouettes"]):
        assert curve == sorted(curve, reverse=True)
        own = widths[km.labels_ == j]
        np.testing.assert_allclose([curve[0], curve[-1]], [own.max(), own.min()], atol=6e-4)
    (one,) = content_of({1: centra.KMeans(1).fit(X)}, X)["models"]
    assert (
        one["overlap"] is None and one["silhouettes"] is None and one["portraits"] == ["all rows"]
    )


def test_rows_are_called_by_number_index_or_as_the_caller_says() -> None:
    X = _rows(20)
    km = centra.KMeans(2, random_state=0).fit(X)
    assert content_of({2: km}, X)["called"] is None
    named = X.set_axis([f"p{i}" for i in range(20)])
    assert content_of({2: km}, named)["called"][3] == "row p3"
    wording = Wording(rows=lambda rows: [f"line {row + 2}" for row in rows])
    assert content_of({2: km}, named, wording=wording)["called"][:2] == ["line 2", "line 3"]


def test_the_gravest_remark() -> None:
    good, bad = Remark("separate", "good", {}, 0), Remark("overlap", "bad")
    assert gravest_of(SimpleNamespace(remarks=(good,))) is None
    assert gravest_of(SimpleNamespace(remarks=(bad, good))) is bad
    grave = Remark("scale", "grave", {}, 3)
    assert gravest_of(SimpleNamespace(remarks=(bad, grave))) is grave


def test_the_verdict_is_that_of_the_report() -> None:
    X = np.random.default_rng(0).normal(size=(200, 2))
    km = centra.KMeans(3, random_state=0).fit(X)
    (shown,) = content_of({3: km}, X)["models"]
    assert shown["verdict"] == km.report(X).verdict != ""


def test_an_index_names_rows_on_the_page_as_in_the_report() -> None:
    X = pd.DataFrame(np.r_[np.random.default_rng(0).normal(size=(40, 2)), [[99.0, 99.0]]])
    X.index = [*(f"p{i}" for i in range(40)), "Total"]
    km = centra.KMeans(2, random_state=0).fit(X)
    (shown,) = content_of({2: km}, X)["models"]
    assert shown["remarks"] == [remark.text for remark in km.report(X).remarks]
    assert any("row Total" in text for text in shown["remarks"])


def test_wording_reaches_every_text() -> None:
    X = np.random.default_rng(0).normal(size=(200, 2))
    found = centra.sweep(X, (2, 3), random_state=0)
    wording = Wording(text=str.upper)
    content = content_of(found.models, X, sweep=found, wording=wording)
    texts = [content["headline"], *content["verdict"], *content["reasons"].values()]
    assert texts and all(text == text.upper() for text in texts)


@pytest.mark.parametrize("n", [1, 2, 500])
def test_rows_of_one_column_are_piled_up(n: int) -> None:
    X = np.sort(np.random.default_rng(0).normal(size=(n, 1)), axis=0)
    content = content_of({1: centra.KMeans(1).fit(X)}, X)
    heights = np.frombuffer(__import__("base64").b64decode(content["y"]), "<f4")
    assert heights.min() == 0 and heights.max() == int(heights.max()) < n
