"""Remarks on columns, on data where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import centra
from remarked import around, kinds, one


def test_a_column_of_another_scale() -> None:
    X = pd.DataFrame(around([[0, 0], [8, 8]]), columns=["age", "height"])
    X["income"] = np.random.default_rng(2).normal(size=len(X)) * 1e5
    remark = one(centra.KMeans(2, random_state=0).fit(X).report(X), "scale")
    assert remark.numbers["columns"] == ["income"] and remark.numbers["alone"]
    assert remark.numbers["times"] > 1e7 and remark.gravity == 2
    assert "Column income decides the clusters alone: a fit on it gives the same" in remark.text
    assert "its variance is 10^9 times that of any other. Scale the columns" in remark.text
    assert "scale" not in kinds(centra.KMeans(2, random_state=0).fit(X * [1, 1, 1e-5]).report())


def test_columns_that_are_constant() -> None:
    X = np.column_stack([around([[0, 0], [20, 0]]), np.ones(2000), np.zeros(2000)])
    remark = one(centra.KMeans(2, random_state=0).fit(X).report(X), "constant")
    assert remark.text == "2 columns are constant and cannot tell rows apart: 2, 3."


@pytest.mark.parametrize("missing", [0, 40])
def test_a_running_number_is_told(missing: int) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(around([[0, 0], [30, 0]], n=120), columns=["x", "y"])
    X["customer"] = rng.permutation(np.sort(rng.permutation(120 + missing)[:120]) + 1001)
    report = centra.KMeans(2, random_state=0).fit(X).report(X)
    remark = one(report, "identifier")
    assert remark.numbers == {"columns": ["customer"], "reasons": ["a running number"]}
    assert remark.gravity == 2


def test_whole_numbers_of_which_some_are_alike_are_no_running_number() -> None:
    X = np.random.default_rng(0).integers(0, 200, size=(150, 2)).astype(float)
    assert "identifier" not in kinds(centra.KMeans(2, random_state=0).fit(X).report(X))
