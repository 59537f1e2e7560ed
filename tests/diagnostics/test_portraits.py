"""Portraits: what sets clusters apart, on rows where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import centra
from centra._diagnostics.portraits import Spreads, deviations_of, portraits_of

NO = np.zeros(1, dtype=bool)


def _portraits(X: pd.DataFrame, labels: np.ndarray, yes_no: tuple[str, ...] = ()) -> list[str]:
    groups = X.groupby(labels)
    spreads = Spreads(X.std(ddof=0).to_numpy(), np.array([name in yes_no for name in X]))
    return portraits_of(groups.mean().to_numpy(), groups.size().to_numpy(), spreads, list(X))


def _blobs(places: list[list[float]], sizes: list[int]) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(n, len(p))) + p for p, n in zip(places, sizes, strict=True)]
    names = ["weight", "length", "age", "noise"][: len(places[0])]
    return pd.DataFrame(np.vstack(parts), columns=names), np.repeat(np.arange(len(sizes)), sizes)


def test_two_clusters_differ_where_they_were_put_apart() -> None:
    X, labels = _blobs([[0, 0, 5, 0], [8, -4, 5, 0]], [100, 100])
    assert _portraits(X, labels) == ["low weight, high length", "high weight, low length"]


def test_the_column_that_differs_most_is_first_and_three_are_named() -> None:
    X, labels = _blobs([[0, 0, 0, 0], [2, 9, 4, 6], [2, 0, 0, 0]], [100, 100, 100])
    assert _portraits(X, labels)[1] == "high length, high noise, high age"


def test_units_do_not_matter() -> None:
    X, labels = _blobs([[0, 0, 0], [0, 6, 0], [6, 0, 0]], [60, 60, 60])
    assert _portraits(X * [1e-9, 1e6, 1] + [1, -1e12, 0], labels) == _portraits(X, labels)
    assert _portraits(X, labels)[1:] == ["high length, low weight", "high weight, low length"]


@pytest.mark.parametrize(
    ("deviation", "degree"),
    [(0.4, None), (0.6, "high"), (1.4, "high"), (1.6, "very high"), (-1.6, "very low")],
)
def test_degrees_are_deviations_in_all_rows(deviation: float, degree: str | None) -> None:
    # A fifth of the rows at the deviation, the others so that mean and variance are 0 and 1.
    centers = np.array([[deviation], [-deviation / 4]])
    sizes = np.array([200, 800])
    found = portraits_of(centers, sizes, Spreads(np.ones(1), NO), ["x"])[0]
    assert deviations_of(centers, sizes, np.ones(1))[0, 0] == pytest.approx(deviation)
    assert found == (f"{degree} x" if degree else "close to the average")


def test_a_large_cluster_is_held_against_what_its_size_allows() -> None:
    X, labels = _blobs([[0], [8]], [900, 100])
    assert _portraits(X, labels) == ["low weight", "very high weight"]


def test_one_row_far_away_does_not_make_the_others_average() -> None:
    X, labels = _blobs([[0, 0], [6, 0], [1e4, 0]], [100, 100, 1])
    assert _portraits(X, labels) == ["low weight", "high weight", "very high weight"]
    # Where there is nothing but one cluster and it, that cluster is the average.
    X, labels = _blobs([[0, 0], [1e4, 0]], [100, 1])
    assert _portraits(X, labels)[0] == "close to the average in all columns"


def test_few_rows_differ_by_chance() -> None:
    X, _ = _blobs([[0, 0, 0]], [1000])
    labels = np.arange(1000) % 250  # four rows each, at random
    plain = "close to the average in all columns"
    assert np.mean([text == plain for text in _portraits(X, labels)]) > 0.97


def test_columns_of_0_and_1_are_shares_of_rows() -> None:
    labels = np.repeat([0, 1, 2, 3, 4], 40)
    share = {0: 40, 1: 0, 2: 39, 3: 1, 4: 30}
    smoker = np.concatenate([np.arange(40) < n for n in share.values()]).astype(float)
    X = pd.DataFrame({"smoker": smoker})
    assert _portraits(X, labels, ("smoker",)) == [
        "all with smoker",
        "none with smoker",
        "nearly all with smoker",
        "hardly any with smoker",
        "close to the average",  # 75 %, of 55 % in all
    ]
    assert _portraits(X, labels)[:2] == ["high smoker", "low smoker"]


def test_constant_columns_and_clusters_without_rows() -> None:
    spreads = Spreads(np.array([2.0, 0.0]), np.zeros(2, dtype=bool))
    centers = np.array([[0.0, 7.0], [4.0, 7.0], [99.0, 7.0]])
    sizes = np.array([50, 50, 0])
    assert portraits_of(centers, sizes, spreads, ["x", "y"]) == ["low x", "high x", "no rows"]
    assert not deviations_of(centers, sizes, spreads.deviations)[2].any()
    assert portraits_of(centers[:1], sizes[:1], spreads, ["x", "y"]) == ["all rows"]


def test_numbers_of_any_size() -> None:
    X, labels = _blobs([[0, 0], [8, 0]], [60, 60])
    for size in (1e-300, 1e150):
        rows = (X * size).to_numpy()
        km = centra.KMeans(2, init=rows[[0, -1]], n_init=1, tol=0).fit(rows)
        assert (km.labels_ == labels).all()
        assert km.report().portraits == ("low 0", "high 0")


def test_names_are_safe_for_a_terminal_and_short() -> None:
    X, labels = _blobs([[0], [8]], [50, 50])
    X.columns = ["\x1b[31m" + "x" * 99]
    (text, _) = _portraits(X, labels)
    assert text.startswith("low \\x1b[31mxxx") and len(text) <= 36


def test_a_report_has_them(n: int = 300) -> None:
    X, _ = _blobs([[0, 0, 0], [9, 0, 0], [0, 0, 9]], [n, n, n])
    X["member"] = np.repeat([0.0, 1.0, 0.0], n)
    X.index = pd.RangeIndex(7, 7 + 3 * n)
    km = centra.KMeans(3, n_init=3, random_state=0).fit(X)
    report = km.report(X)
    truth = ["low weight", "all with member", "high age"]
    order = [int(km.labels_[n * at]) for at in range(3)]
    for at, text in zip(order, truth, strict=True):
        assert text in report.portraits[at]
    weighted = km.report(X, np.full(3 * n, 1e-300))
    assert weighted.portraits == report.portraits
    lines = str(report).splitlines()
    assert all(any(text in line for line in lines) for text in report.portraits)
