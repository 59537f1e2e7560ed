"""The verdict follows from the remarks, and the gravest decides."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.datasets import make_blobs

import centra
from centra._diagnostics.remark import Remark, gravest_first
from centra._diagnostics.verdict import verdict_of

SEPARATE = Remark("separate", "", {}, 0)


def test_the_gravest_comes_first_and_equals_stay_in_order() -> None:
    small, split, overlap = Remark("small", "", {}, 2), Remark("split", "", {}, 3), Remark("b", "")
    assert gravest_first([SEPARATE, overlap, small, split, Remark("c", "")]) == (
        split,
        small,
        overlap,
        Remark("c", ""),
        SEPARATE,
    )


@pytest.mark.parametrize(
    ("remarks", "verdict"),
    [
        ([SEPARATE], "The 4 clusters are well separated."),
        (
            [Remark("scale", "", {}, 2), SEPARATE],
            "The 4 clusters are well separated, but the scale of a column decides them.",
        ),
        (
            [Remark("unclear", "", {}, 3), Remark("total", "", {}, 2)],
            "Do not believe these 4 clusters without other evidence: rows without clusters, cut "
            "into parts, look the same, and a row of totals takes part.",
        ),
        ([Remark("overlap", "")], "Not all of the 4 clusters can be told apart: some overlap."),
        ([Remark("unclear", "")], "The 4 clusters are not clearly separated."),
        ([Remark("distinct", "", {"with_rows": 2}, 2)], "Only 2 of 4 centres have rows."),
        ([], "The rows are too few to tell whether the 4 clusters are separated."),
    ],
)
def test_what_is_said(remarks: list[Remark], verdict: str) -> None:
    assert verdict_of(remarks, 4) == verdict


def test_one_cluster() -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    assert "nothing is told apart" in centra.KMeans(1).fit(X).report(X).verdict


def test_of_blobs_of_noise_and_of_one_cluster_too_many() -> None:
    X, _ = make_blobs(600, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    fits = {k: centra.KMeans(k, n_init=5, random_state=0).fit(X).report(X) for k in (3, 4)}
    assert fits[3].verdict == "The 3 clusters are well separated."
    assert fits[4].verdict.startswith("Not all of the 4 clusters can be told apart")
    noise = np.random.default_rng(1).uniform(size=(600, 2))
    report = centra.KMeans(3, random_state=0).fit(noise).report(noise)
    assert report.verdict.startswith("Do not believe these 3 clusters")
    assert report.remarks[0].gravity == 3


def test_a_report_begins_with_it() -> None:
    X = np.repeat([[0.0, 0.0], [1.0, 5.0]], 20, axis=0)
    with warnings.catch_warnings(action="ignore"):
        report = centra.KMeans(3, random_state=0).fit(X).report(X)
    assert str(report).splitlines()[2] == report.verdict
    assert report.verdict in report._repr_html_()
