"""How often sentences are wrong is measured, on tables of which the truth is known."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

import centra
from clusterless import NOISE, blobs, noise, places, sizes

TOOL = Path(__file__).parents[2] / "tools" / "error_rates.py"


def _separated(km: centra.KMeans, X: np.ndarray) -> bool:
    return any(remark.kind == "separate" for remark in km.report(X).remarks)


@pytest.mark.parametrize("kind", NOISE)
def test_noise_is_not_called_separated(kind: str) -> None:
    rng = np.random.default_rng(1)
    for n, d, k in [(60, 20, 3), (40, 100, 2), (300, 2, 4), (1000, 1, 5)]:
        X = noise(rng, kind, n, d)
        assert not _separated(centra.KMeans(k, random_state=0).fit(X), X)


@pytest.mark.parametrize(("n", "d", "k"), [(60, 20, 3), (120, 60, 4), (300, 2, 5), (1000, 1, 4)])
def test_blobs_are_called_separated(n: int, d: int, k: int) -> None:
    X = blobs(np.random.default_rng(2), n, d, k)
    assert _separated(centra.KMeans(k, n_init=10, random_state=0).fit(X), X)


def test_answers_from_one_to_five_are_no_clusters() -> None:
    X = np.random.default_rng(3).integers(1, 6, size=(500, 1)).astype(float)
    for k in (2, 3, 4, 5):
        report = centra.KMeans(k, random_state=0).fit(X).report(X)
        assert report.remarks[0].kind in ("split", "unclear") and "well" not in report.verdict


@pytest.mark.slow
def test_the_goals_hold_on_noise() -> None:
    rng = np.random.default_rng(4)
    wrong = believed = 0
    for at, (n, d, k) in enumerate(sizes(rng, 400)):
        X = noise(rng, NOISE[at % 4], n, d)
        with warnings.catch_warnings(action="ignore"):  # of fewer answers than clusters
            report = centra.KMeans(k, random_state=0).fit(X).report(X)
        wrong += any(remark.kind == "separate" for remark in report.remarks)
        believed += "well separated" in report.verdict
    assert wrong <= 4 and believed <= 4


@pytest.mark.slow
@pytest.mark.parametrize("every_size", [True, False])
def test_the_goals_hold_on_blobs(every_size: bool) -> None:
    """The clusters are looked for from their true centres: k-means often misses them elsewhere."""
    rng = np.random.default_rng(5)
    said = 0
    for n, d, k in sizes(rng, 400):
        if every_size:
            n, d = int(rng.integers(30, 2001)), int(rng.integers(1, 101))
        centers = places(rng, d, k, 6.0)
        X = centers[rng.permutation(np.arange(n) % k)] + rng.normal(size=(n, d))
        said += _separated(centra.KMeans(k, init=centers, n_init=1).fit(X), X)
    assert said >= (396 if every_size else 384)


def test_the_tool_measures_them() -> None:
    spec = importlib.util.spec_from_file_location("error_rates", TOOL)
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    found = tool.rates("blobs", 5)
    assert found["separate"] >= 0.6 and set(found) == {"believed", *tool.KINDS}
