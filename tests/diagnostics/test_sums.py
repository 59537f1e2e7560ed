"""Totals among the columns."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from centra._diagnostics.sums import sums_of


@pytest.mark.parametrize("seed", range(10))
def test_totals_are_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(40, 400)), int(rng.integers(2, 9))
    parts = np.round(rng.lognormal(3, 1, size=(n, d)), 2)
    X = np.column_stack([rng.normal(40, 9, n), parts, parts.sum(axis=1)])
    assert sums_of(X) == {d + 1: list(range(1, d + 1))}
    remarks = centra.KMeans(2, random_state=0).fit(X).report(X).remarks
    (said,) = (remark for remark in remarks if remark.kind == "sum")
    assert said.text.startswith(f"Column {d + 1} is the sum of 1, 2")
    assert said.numbers == {"column": str(d + 1), "parts": [str(at + 1) for at in range(d)]}


def test_other_relations_are_no_totals() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 100))
    assert sums_of(np.column_stack([a, b, 2 * a + b])) == {}
    assert sums_of(np.column_stack([a, a, b])) == {}
    assert sums_of(np.column_stack([a, b, c])) == {}
    assert sums_of(np.column_stack([a, b, a + b])[:8]) == {}
