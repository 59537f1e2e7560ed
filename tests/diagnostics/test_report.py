"""`KMeans.report`: remarks on data where the truth is known."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

import centra
from remarked import around, kinds, one


def test_clusters_that_are_apart() -> None:
    X = around([[0, 0], [20, 0], [0, 20]])
    report = centra.KMeans(3, random_state=0).fit(X).report(X)
    assert kinds(report) == ["separate"]
    assert str(one(report, "separate")) == (
        "The clusters are well separated: no row lies between two of them."
    )


def test_two_of_four_overlap() -> None:
    X = around([[0, 0], [3, 0], [30, 0], [0, 30]])
    km = centra.KMeans(4, random_state=0, n_init=5).fit(X)
    remark = one(km.report(X), "overlap")
    pair = {int(j) for j in km.predict([[0.0, 0.0], [3.0, 0.0]])}
    assert set(remark.numbers["clusters"]) == pair
    assert 0.1 < remark.numbers["share"] < 0.25
    i, j = sorted(pair)
    share = f"{remark.numbers['share']:.0%}"
    assert remark.text == f"Clusters {i} and {j} overlap: {share} of their rows lie between them."


def test_one_cluster_in_three_parts() -> None:
    X = np.random.default_rng(0).normal(size=(3000, 2))
    report = centra.KMeans(3, random_state=0).fit(X).report(X)
    remark = one(report, "split")
    assert "may be parts of fewer clusters, or of none" in remark.text
    assert remark.numbers["share"] > 0.3
    assert kinds(report).count("overlap") == 3


def _stop(event: object) -> None:
    raise StopIteration


def test_a_small_cluster_that_leans_on_a_large_one() -> None:
    X = np.random.default_rng(1).normal(size=(20_000, 2))
    start = [[0.0, 0.0], [3.4, 0.0]]  # the second has the tail beyond 1.7
    km = centra.KMeans(2, init=start, callbacks=[_stop]).fit(X)
    remark = one(km.report(X), "overlap")
    assert remark.text.endswith("of the rows of cluster 1 lie between it and the larger cluster 0.")
    assert remark.numbers["share"] > 0.25


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_more_clusters_than_distinct_rows() -> None:
    X = np.repeat([[0.0, 0.0], [1.0, 1.0]], 10, axis=0)
    remark = one(centra.KMeans(4, random_state=0).fit(X).report(X), "distinct")
    assert remark.numbers == {"n_clusters": 4, "with_rows": 2}
    assert remark.text.startswith("k is larger than the number of distinct rows")


def test_a_fit_that_was_cut_short() -> None:
    X = np.random.default_rng(3).normal(size=(5000, 2))
    km = centra.KMeans(8, init="random", n_init=1, max_iter=2, random_state=0).fit(X)
    remark = one(km.report(X), "unconverged")
    assert remark.numbers == {"n_iter": 2, "changed": km.history_[-1].changed}


def test_restarts_that_disagree() -> None:
    X = around([[0, 0], [10, 0], [0, 10], [10, 10], [20, 20], [30, 0]])
    km = centra.KMeans(6, init="random", n_init=8, random_state=1).fit(X)
    remark = one(km.report(X), "restarts")
    assert remark.numbers["n_init"] == 8 and 1 <= remark.numbers["alike"] < 8
    assert remark.numbers["worst"] > 0.01


def test_an_outlier_is_a_cluster_of_its_own() -> None:
    X = np.concatenate([around([[0, 0], [20, 0]]), [[500.0, 500.0]]])
    report = centra.KMeans(3, random_state=0).fit(X).report(X)
    remark = one(report, "small")
    assert remark.text.endswith(
        " holds a single row of 2,001: row 2000. An outlier? Rows are counted from 0."
    )
    assert remark.gravity == 2 and report.remarks[0] == remark
    assert report.verdict == (
        "The 3 clusters are well separated, but single rows count as clusters."
    )
    X = np.concatenate([around([[0, 0]], 5000), around([[50, 0], [0, 50]], 200)])
    report = centra.KMeans(3, random_state=0).fit(X).report(X)
    assert one(report, "large").numbers["share"] == pytest.approx(5000 / 5200)


def test_it_prints_remarks_and_a_table() -> None:
    X = around([[0, 0], [3, 0]])
    report = centra.KMeans(2, random_state=0).fit(X).report(X)
    lines = str(report).splitlines()
    assert lines[0].startswith("2 clusters of 2,000 rows x 2 columns, inertia ")
    assert lines[2] == report.verdict and lines[4].startswith("* ") and lines[-1].split()[0] == "1"
    table = pd.DataFrame(report.clusters)
    assert table["rows"].sum() == 2000 and table["nearest"].tolist() == [1, 0]
    assert table["inertia"].sum() == pytest.approx(report.inertia)


def test_it_shows_itself_in_notebooks_and_names_are_text() -> None:
    X = pd.DataFrame(around([[0, 0], [3, 0]]), columns=["<img src=x>", "y"])
    X["<img src=x>"] = 1.0
    page = centra.KMeans(2, random_state=0).fit(X).report(X)._repr_html_()
    assert "&lt;img src=x&gt;" in page and "<img" not in page
    assert page.count("<tr>") == 3 and page.count("<li>") >= 1


# --- whose rows -----------------------------------------------------------------------------------


def test_the_rows_of_the_fit_are_remembered_while_they_live() -> None:
    X = around([[0, 0], [3, 0]])
    km = centra.KMeans(2, random_state=0).fit(X)
    assert str(km.report()) == str(km.report(X))
    del X
    gc.collect()
    with pytest.raises(ValueError, match="no longer in memory: pass X"):
        km.report()


@pytest.mark.parametrize("weights", [2.0, None, np.linspace(0, 1, 2000)])
def test_their_weights_too(weights: Any) -> None:
    X = around([[0, 0], [3, 0]])
    km = centra.KMeans(2, random_state=0).fit(X, sample_weight=weights)
    assert str(km.report()) == str(km.report(X, sample_weight=weights))


def test_weights_that_are_gone() -> None:
    X = around([[0, 0], [3, 0]])
    km = centra.KMeans(2, random_state=0).fit(X, sample_weight=np.ones(2000))
    gc.collect()
    with pytest.raises(ValueError, match="no longer in memory"):
        km.report()


def test_copies_do_not_take_the_rows_along() -> None:
    X = around([[0, 0], [3, 0]])
    km = centra.KMeans(2, random_state=0).fit(X)
    for other in (copy.deepcopy(km), pickle.loads(pickle.dumps(km))):
        with pytest.raises(ValueError, match="pass X"):
            other.report()
        assert str(other.report(X)) == str(km.report())


def test_a_list_is_not_remembered() -> None:
    km = centra.KMeans(2, random_state=0).fit([[0.0], [1.0], [9.0]])
    with pytest.raises(ValueError, match="pass X"):
        km.report()


def test_other_rows_and_a_loaded_model(tmp_path: Any) -> None:
    X = around([[0, 0], [3, 0]])
    km = centra.KMeans(2, random_state=0).fit(X)
    km.save(tmp_path / "two.centra")
    again = centra.load(tmp_path / "two.centra")
    assert str(again.report(X)) == str(km.report(X))
    assert km.report(X[:100]).n_rows == 100
    with pytest.raises(ValueError, match="3 features, but KMeans is expecting 2"):
        km.report(np.zeros((5, 3)))


def test_it_is_for_fitted_models() -> None:
    with pytest.raises(ValueError, match="not fitted"):
        centra.KMeans(2).report([[0.0]])


# --- outliers, and clusters of a handful of rows --------------------------------------------------


def test_an_outlier_is_named_by_its_row() -> None:
    X = around([[0, 0], [30, 0]], n=300)
    X[17] = [0, 500]
    report = centra.KMeans(2, init=X[[0, -1]]).fit(X).report(X)
    remark = one(report, "outliers")
    assert remark.numbers["rows"] == [17]
    assert "row 17 " in remark.text.lower() and remark.numbers["radii"][0] > 10


def test_there_are_no_outliers_among_gaussians() -> None:
    X = np.random.default_rng(0).normal(size=(100_000, 1))
    assert "outliers" not in kinds(centra.KMeans(2, random_state=0).fit(X).report(X))


def test_clusters_of_a_handful_of_rows_are_not_called_well_separated() -> None:
    few = np.array([[0.0], [1.0], [9.0]])
    assert kinds(centra.KMeans(2, random_state=0).fit(few).report(few)) == ["small"]
    tail = np.random.default_rng(0).pareto(1.0, size=(3000, 2))
    found = kinds(centra.KMeans(2, random_state=0).fit(tail).report(tail))
    assert "separate" not in found and "small" in found


def test_a_cut_through_a_tail_is_not_called_well_separated() -> None:
    for seed in range(5):
        X = np.exp(np.random.default_rng(seed).normal(size=(2000, 3)))
        for k in (2, 3, 4):
            found = kinds(centra.KMeans(k, random_state=0).fit(X).report(X))
            assert "separate" not in found


def test_an_empty_cluster_overlaps_with_none() -> None:
    X = np.ones((50, 2))
    with pytest.warns(ConvergenceWarning):
        km = centra.KMeans(2, random_state=0).fit(X)
    assert kinds(km.report(X)) == ["distinct", "constant"]
