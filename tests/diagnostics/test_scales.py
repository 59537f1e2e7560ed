"""Whether columns decide the clusters by the size of their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._diagnostics.remark import Remark
from centra._diagnostics.scales import shares_of

KINDS = {"scale", "identifier", "skewed", "binary", "degrees", "sum"}
Draw = Callable[[np.random.Generator], tuple[np.ndarray, list[int], bool]]


def _two(rng: np.random.Generator, n: int = 600, apart: float = 8.0) -> np.ndarray:
    """Give a column with two groups."""
    return apart * rng.integers(0, 2, n) + rng.normal(size=n)


#: Rows, the columns that decide by their scale, and whether one does alone.
SCALES: dict[str, Draw] = {
    "stripes": lambda rng: (np.column_stack([_two(rng), rng.normal(0, 30, 600)]), [1], True),
    "12 times": lambda rng: (np.column_stack([_two(rng), rng.normal(0, 12.5, 600)]), [1], True),
    "50 times": lambda rng: (np.column_stack([_two(rng), rng.normal(0, 50, 600)]), [1], True),
    "uniform": lambda rng: (np.column_stack([rng.uniform(0, 900, 600), _two(rng)]), [0], True),
    "income": lambda rng: (
        np.column_stack([rng.normal(40, 12, 600), rng.lognormal(10, 0.4, 600), _two(rng)]),
        [1],
        True,
    ),
    "grams among kilograms": lambda rng: (
        rng.normal(70, 10, (600, 6)) * [1, 1, 1000, 1, 1, 1],
        [2],
        True,
    ),
    "clusters in all, one in cents": lambda rng: (
        np.column_stack([_two(rng), _two(rng), _two(rng) * 100]),
        [2],
        True,
    ),
    "two large ones": lambda rng: (
        np.column_stack([rng.normal(0, 100, (600, 2)), rng.normal(0, 1, (600, 4))]),
        [0, 1],
        False,
    ),
    "x, y, z among answers": lambda rng: (
        np.column_stack([rng.integers(0, 2, (600, 6)), rng.normal(0, 5, (600, 3))]),
        [6, 7, 8],
        False,
    ),
    "far from 0": lambda rng: (
        np.column_stack([_two(rng), 1e6 + rng.normal(0, 40, 600)]),
        [1],
        True,
    ),
}


def _said(X: Any, k: int = 2, **more: Any) -> list[Remark]:
    km = centra.KMeans(k, random_state=0, n_init=3).fit(X, **more)
    return [each for each in km.report(X, *more.values()).remarks if each.kind == "scale"]


@pytest.mark.parametrize("k", [2, 5])
@pytest.mark.parametrize("which", SCALES)
def test_scales_that_decide_are_told(which: str, k: int) -> None:
    X, columns, alone = SCALES[which](np.random.default_rng(1))
    (said,) = _said(X, k)
    assert sorted(said.numbers["columns"]) == [str(at) for at in columns]
    assert said.numbers["share"] > 0.5 and said.numbers["times"] > 2 and said.gravity == 2
    if not alone:
        assert not said.numbers["alone"] and "alone" not in said.text
    elif k == 2:
        assert said.numbers["alone"] and "decides the clusters alone" in said.text


@pytest.mark.parametrize("which", SCALES)
def test_scaling_mends_it(which: str) -> None:
    X = SCALES[which](np.random.default_rng(1))[0]
    assert _said((X - X.mean(axis=0)) / X.std(axis=0)) == []


def test_sparse_rows_are_judged_too() -> None:
    rng = np.random.default_rng(0)
    X = sp.random(800, 300, 0.05, format="csr", random_state=0)
    X = sp.csr_matrix(X.multiply(np.where(np.arange(300) == 7, 400.0, 1.0)))
    (said,) = _said(X)
    assert said.numbers["columns"] == ["7"] and said.numbers["alone"]
    assert _said(sp.random(800, 300, 0.05, format="csr", random_state=rng)) == []


def test_rows_weigh() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([_two(rng), rng.normal(0, 30, 600)])
    weights = rng.integers(0, 3, 600).astype(float)
    (said,) = _said(X, sample_weight=weights)
    assert said.numbers["columns"] == ["1"]


def test_shares_are_those_of_the_sums_of_squares() -> None:
    rng = np.random.default_rng(0)
    X, labels, weights = rng.normal(size=(90, 4)), np.arange(90) % 3, rng.uniform(size=90)
    for rows in (X, sp.csr_matrix(X)):
        found = shares_of(rows, labels, weights, 4)
        mean = np.average(X, axis=0, weights=weights)
        np.testing.assert_allclose(
            found.total, np.average((X - mean) ** 2, axis=0, weights=weights)
        )
        each = [labels == j for j in range(3)]
        means = np.stack([np.average(X[of], axis=0, weights=weights[of]) for of in each])
        parts = np.array([weights[of].sum() for of in each]) / weights.sum()
        np.testing.assert_allclose(found.between, parts @ (means - mean) ** 2)
        assert found.share.sum() == pytest.approx(1)


def test_an_identifier_is_no_matter_of_scale() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([_two(rng), rng.permutation(600) * 1000.0])
    remarks = centra.KMeans(2, random_state=0).fit(X).report(X).remarks
    assert [each.kind for each in remarks if each.kind in ("scale", "identifier")] == ["identifier"]


def _blobs(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Give round Gaussians 6 standard deviations apart."""
    n, d = int(rng.choice([60, 200, 600])), int(rng.choice([2, 3, 5, 20]))
    k = int(rng.integers(2, 9))
    places = [np.zeros(d)]
    while len(places) < k:
        way = rng.normal(size=d)
        new = places[rng.integers(len(places))] + 6 * way / np.linalg.norm(way)
        if min(np.linalg.norm(new - old) for old in places) >= 5.99:
            places.append(new)
    return np.array(places)[np.arange(n) % k] + rng.normal(size=(n, d)) + 50, k


@pytest.mark.parametrize("seed", range(4))
def test_no_remark_on_columns_of_plain_blobs(seed: int) -> None:
    rng, wrong = np.random.default_rng(seed), []
    for _ in range(30):
        X, k = _blobs(rng)
        report = centra.KMeans(k, random_state=0, n_init=3).fit(X).report(X)
        wrong += [each.text for each in report.remarks if each.kind in KINDS]
    assert wrong == []


@pytest.mark.parametrize("draw", ["normal", "uniform"])
def test_no_remark_on_columns_of_noise(draw: str) -> None:
    rng, wrong = np.random.default_rng(5), []
    for _ in range(30):
        n, d, k = int(rng.choice([40, 300])), int(rng.choice([2, 5, 30])), int(rng.integers(2, 9))
        X = getattr(rng, draw)(size=(n, d)) + 3
        report = centra.KMeans(k, random_state=0).fit(X).report(X)
        wrong += [each.text for each in report.remarks if each.kind in KINDS]
    assert wrong == []
