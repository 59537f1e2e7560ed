"""Clusters of few rows, outliers and totals: said, and each row called by one name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import centra
from centra._diagnostics.remark import Remark
from centra._diagnostics.report import Report
from centra._diagnostics.sizes import about_total, single_rows, total_names, with_rows


def _found(report: Report, kind: str) -> list[Remark]:
    return [remark for remark in report.remarks if remark.kind == kind]


@pytest.mark.parametrize("n", [20, 100, 300, 919])
def test_a_cluster_of_one_row_is_named(n: int) -> None:
    X = np.random.default_rng(3).normal(size=(n, 5))
    X[7] = 40
    km = centra.KMeans(3, n_init=10, random_state=0).fit(X)
    assert np.bincount(km.labels_)[km.labels_[7]] == 1
    said = [remark.text for remark in _found(km.report(), "small")]
    assert any(f"holds a single row of {n}: row 7." in text for text in said)


def test_two_or_three_rows_are_named_where_clusters_are_large() -> None:
    X = np.random.default_rng(3).normal(size=(300, 2))
    X[[4, 90]] = [[50, 50], [50, 51]]
    report = centra.KMeans(2, random_state=0).fit(X).report(X)
    (remark,) = _found(report, "small")
    assert "holds 2 rows of 300: row 4, row 90. Outliers?" in remark.text
    assert remark.numbers["which"] == [4, 90]
    assert report.verdict == (
        "All but a few rows are in one cluster, and single rows count as clusters."
    )


def test_small_clusters_of_small_tables_are_not_called_outliers() -> None:
    X = np.repeat(np.arange(6.0) * 20, 3)[:, None] + np.tile([0.0, 1.0, 2.0], 6)[:, None]
    assert not _found(centra.KMeans(6, n_init=10, random_state=0).fit(X).report(X), "small")


def test_many_single_rows_are_counted() -> None:
    X = np.arange(20.0)[:, None]
    said = _found(centra.KMeans(20, random_state=0).fit(X).report(X), "small")
    assert len(said) == 6 and said[-1].text == "15 other clusters hold as few rows."


@pytest.mark.parametrize("n", [30, 300])
def test_outliers_are_named_in_small_tables_too(n: int) -> None:
    X = np.random.default_rng(0).normal(size=(n, 2))
    X[n // 2 :, 0] += 9
    X[3] = [-90, 0]
    km = centra.KMeans(2, init=[[0.0, 0.0], [9.0, 0.0]], n_init=1).fit(X)
    if np.bincount(km.labels_).min() == 1:
        pytest.fail("the outlier became a cluster")
    report = km.report()
    (remark,) = _found(report, "outliers")
    assert remark.numbers["rows"] == [3] and "row 3 lies" in remark.text
    assert not _found(report, "overlap") and not _found(report, "split")


def test_the_index_of_a_data_frame_names_rows() -> None:
    X = pd.DataFrame(np.random.default_rng(3).normal(size=(300, 2)), columns=["a", "b"])
    X.loc[7] = 40.0
    km = centra.KMeans(3, random_state=0).fit(X)
    assert "row 7." in _found(km.report(), "small")[0].text
    named = X.set_axis([f"town {i}" for i in range(300)])
    text = _found(km.report(named), "small")[0].text
    assert "row town 7." in text and "counted from 0" not in text
    dropped = X.drop(index=[0, 1, 2])
    assert (
        "row 7." in _found(centra.KMeans(3, random_state=0).fit(dropped).report(), "small")[0].text
    )


def test_a_row_of_totals_is_found_by_its_numbers() -> None:
    X = np.random.default_rng(0).uniform(10, 60, size=(40, 3)).round(1)
    assert not list(about_total(X))
    sums = X.sum(axis=0)
    (remark,) = about_total(np.vstack([X, sums + np.array([0.4, -0.3, 0.0])]))  # rounded
    assert remark.numbers == {"row": 40, "last": True, "sums": True} and remark.gravity == 2
    assert remark.text.startswith("The last row, row 40, holds the sums of all others in every col")
    (first,) = about_total(np.vstack([sums, X]))
    assert first.text.startswith("Row 0 holds the sums of all others in every column")
    assert not list(about_total(np.vstack([X, sums * 1.1])))
    report = centra.KMeans(2, random_state=0).fit(np.vstack([X, sums])).report(np.vstack([X, sums]))
    assert _found(report, "total")


def test_or_by_its_name() -> None:
    X = np.random.default_rng(0).uniform(10, 60, size=(9, 2))
    names = [f"k{i}" for i in range(8)] + ["Total "]
    (remark,) = about_total(X, names)
    assert "The last row, row 8, is called Total: leave it out" in remark.text
    assert total_names(["sum", "a", "b"]) == [0]
    assert total_names(["low", "average", "high", "low", "average"]) == []  # a class, not a name
    frame = pd.DataFrame(X, index=names)
    report = centra.KMeans(2, random_state=0).fit(frame).report(frame)
    assert "The last row, row Total, is called Total" in _found(report, "total")[0].text


def test_chance_makes_no_total() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        n, d = int(rng.integers(3, 40)), int(rng.integers(1, 4))
        assert not list(about_total(rng.integers(-2, 6, size=(n, d)).astype(float)))
        assert not list(about_total(rng.lognormal(size=(n, d))))


def test_a_sweep_names_rows_that_are_clusters() -> None:
    labels = {2: np.array([0, 0, 0, 1]), 3: np.array([0, 0, 2, 1])}
    (remark,) = single_rows(labels)
    assert remark.text.startswith(
        "Single rows are clusters of their own with k = 2, 3: row 2, row 3. Outliers?"
    )
    (remark,) = single_rows({2: labels[2]})
    assert with_rows(remark, lambda row: f"line {row + 2}").text == (
        "Line 5 is a cluster of its own with k = 2. An outlier?"
    )
    assert not list(single_rows({2: np.array([0, 0, 1, 1])}))


def test_other_remarks_keep_their_words() -> None:
    remark = Remark("large", "Cluster 0 holds 90% of the rows.", {"cluster": 0, "share": 0.9})
    assert with_rows(remark, str) == remark
    rest = Remark("small", "2 other clusters hold as few rows.", {"clusters": 2}, 2)
    assert with_rows(rest, str) == rest


def test_names_of_rows_are_values_too() -> None:
    remark = Remark("outliers", "", {"rows": [3, 1], "radii": [40.0, 11.0], "clusters": [2, 0]})
    assert with_rows(remark, lambda row: f"line {row + 2}").numbers["names"] == ["line 5", "line 3"]
