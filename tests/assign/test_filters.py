"""The filters: each, forced or mixed, gives the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
import compare
import naive_numpy
from centra import _core
from compare import check_same_fit
from forced import KINDS, check_means, draw_filters, fit, rows
from parts import WORST, Held, variants

# Duplicates, and 300 centres of 2,500 float32 rows, may leave fewer clusters than asked for.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_give_the_bits_of_the_exhaustive_filter(
    monkeypatch: Any, kind: str, d: int, dtype: type
) -> None:
    X = rows(kind, 2500, d, dtype)
    for k, weights, n_threads in [(1, None, 1), (7, "some", 3), (40, None, 2), (300, "some", 1)]:
        if weights is not None:
            weights = np.random.default_rng(k).integers(0, 4, len(X)) / 3
        by_exhaustive = fit(monkeypatch, "exhaustive", X, k, weights, n_threads=2)
        by_blocks = fit(monkeypatch, "blocks", X, k, weights, n_threads=n_threads)
        check_same_fit(by_exhaustive, by_blocks)
        assert set(by_exhaustive.engine_["sweeps"]) == {"exhaustive"}
        assert set(by_blocks.engine_["sweeps"]) == {"blocks"} or by_blocks.n_clusters == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 5, 16, 70])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hamerly_gives_the_bits_of_the_exhaustive_filter(
    monkeypatch: Any, kind: str, d: int, dtype: type
) -> None:
    X = rows(kind, 2500, d, dtype)
    for k, weights, n_threads in [(2, None, 1), (40, "some", 3), (300, None, 2)]:
        if weights is not None:
            weights = np.random.default_rng(k).integers(0, 4, len(X)) / 3
        by_exhaustive = fit(monkeypatch, "exhaustive", X, k, weights, n_threads=2)
        by_hamerly = fit(monkeypatch, "hamerly", X, k, weights, n_threads=n_threads)
        check_same_fit(by_exhaustive, by_hamerly)
        # One last pass may be to float32 centres beyond the rows.
        assert by_hamerly.engine_["sweeps"]["hamerly"] >= by_hamerly.n_iter_


@pytest.mark.parametrize("layout", ["C", "F", "backwards", "strided"])
def test_hamerly_in_every_layout_and_from_disk(
    monkeypatch: Any, tmp_path: Any, layout: str
) -> None:
    X = rows("uniform", 3000, 9)
    expected = fit(monkeypatch, "exhaustive", X, 25, max_iter=60)
    laid = compare.laid_out(X, layout) if layout != "C" else X
    monkeypatch.setenv("CENTRA_ENGINE", "hamerly")
    start = expected.history_[0].centers
    km = centra.KMeans(25, init=start, n_init=1, max_iter=60, tol=0).fit(laid)
    check_same_fit(expected, km)
    assert km.engine_["examined"] < 0.9 * km.engine_["rows"]
    np.save(tmp_path / "rows.npy", laid)
    source = centra.from_npy(tmp_path / "rows.npy", memory="40KB")
    check_same_fit(
        expected, centra.KMeans(25, init=start, n_init=1, max_iter=60, tol=0).fit(source)
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [2, 5, 16])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_filter_gives_the_bits_of_the_exhaustive_one_for_rows_in_blocks(
    monkeypatch: Any, kind: str, d: int, dtype: type
) -> None:
    X = rows(kind, 1200, d, dtype)
    weights = np.random.default_rng(d).integers(0, 4, len(X)) / 3
    by_exhaustive = fit(monkeypatch, "exhaustive", X, 30, weights)
    for engine in ("exhaustive", "blocks", "hamerly", ""):
        for _, source in variants(X, WORST):
            km = fit(
                monkeypatch, engine, source, 30, weights, init=by_exhaustive.history_[0].centers
            )
            check_same_fit(by_exhaustive, km)


@pytest.mark.parametrize("held", WORST, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_filters_may_change_from_pass_to_pass_for_rows_in_blocks(
    monkeypatch: Any, seed: int, held: Held
) -> None:
    X = rows(KINDS[seed], 2000, (2, 6)[seed % 2])
    expected = fit(monkeypatch, "exhaustive", X, 30)
    draw_filters(monkeypatch, np.random.default_rng(seed))
    start = expected.history_[0].centers
    check_same_fit(expected, fit(monkeypatch, "", held(X), 30, init=start))


def test_bounds_that_the_centers_cross_by_a_hair() -> None:
    """Rows a few ulps from bisectors, centres that creep: no bound may round the wrong way."""
    rng = np.random.default_rng(3)
    centers = np.sort(rng.random((12, 1)), axis=0)
    middles = 0.5 * (centers[1:] + centers[:-1])
    X = np.concatenate([np.nextafter(middles, 2), middles, np.nextafter(middles, -2), centers])
    X = np.repeat(np.concatenate([X, rng.random((300, 1))]), 7, axis=0)
    team, matrix = _core.Workers(1), _core.Matrix.dense(X)
    frame = _core.Frame(_core.column_stats(team, matrix), np.array([[-1.0], [2.0]]), False)
    reach = _core.CenterDrift(centers)
    labels, expiry = np.full(len(X), -1, np.int32), np.full(len(X), -np.inf, np.float32)
    examined = []
    for step in range(200):
        counts = _core.assign(team, matrix, centers, frame, labels, drift=reach, bounds=expiry)
        examined.append(counts["examined"])
        np.testing.assert_array_equal(labels, naive_numpy.assign(X, centers), f"step {step}")
        size = 10.0 ** rng.integers(-17, -3)
        centers = centers + size * rng.standard_normal(centers.shape) * (rng.random((12, 1)) < 0.3)
        reach.advance(frame, centers)
    assert 0 < np.mean(examined[1:]) < 0.7 * len(X)


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("n", [1, 31, 32, 33, 2047, 2049, 4500])
def test_blocks_give_the_labels_of_the_definition(monkeypatch: Any, isa: str, n: int) -> None:
    monkeypatch.setenv("CENTRA_ISA", isa)
    for kind in ("uniform", "grid", "crowded"):
        X = rows(kind, n, 2)
        km = fit(monkeypatch, "blocks", X, min(n, 20), max_iter=4)
        expected = naive_numpy.assign(X, km.cluster_centers_)
        np.testing.assert_array_equal(km.labels_, expected)


@pytest.mark.parametrize("seed", range(8))
def test_filters_may_change_from_pass_to_pass(monkeypatch: Any, seed: int) -> None:
    X = rows(KINDS[seed], 3000, 2)
    expected = fit(monkeypatch, "exhaustive", X, 30)
    draw_filters(monkeypatch, np.random.default_rng(seed))
    mixed = fit(monkeypatch, "", X, 30)
    check_same_fit(expected, mixed)
    assert sum(mixed.engine_["sweeps"].values()) == sum(expected.engine_["sweeps"].values())


@pytest.mark.parametrize("d", [1, 2, 6, 70])
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e4, 1e6])
@pytest.mark.parametrize("container", ["dense", "csr", "disk"])
def test_float32_centers_are_rounded_at_little_cost(
    monkeypatch: Any, tmp_path: Any, d: int, offset: float, container: str
) -> None:
    rng = np.random.default_rng(d)
    X = (rng.random((4000, d)) * 64 + offset).astype(np.float32)
    X[::3] = np.round(X[::3])
    rows: Any = X
    if container == "csr":
        rows = sp.csr_array(X)
    elif container == "disk":
        np.save(tmp_path / "rows.npy", X)
        rows = centra.from_npy(tmp_path / "rows.npy", memory=str(1000 * d * 4 + 7) + "B")
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    how = {"init": X[:9].astype(float), "n_init": 1, "tol": 0.0, "n_threads": 2}
    weights = None if container == "dense" else rng.integers(0, 3, 4000).astype(float)
    for max_iter in (1, 2, 30):
        km = centra.KMeans(9, max_iter=max_iter, **how).fit(rows, sample_weight=weights)
        centers = km.cluster_centers_.astype(float)
        np.testing.assert_array_equal(km.labels_, naive_numpy.assign(X, centers))
        every = np.ones(4000) if weights is None else weights
        assert km.inertia_ == naive_numpy.inertia(X, every, km.labels_, centers)
        np.testing.assert_array_equal(km.labels_, km.predict(rows))
        if offset < 1e4 and container != "csr":  # bounds left few rows to the last pass
            passes = sum(km.engine_["sweeps"].values())
            assert passes <= km.n_iter_ + 1 or km.engine_["examined"] <= 4000 * passes - 3000


def test_many_passes_leave_sums_that_are_those_of_the_labels(monkeypatch: Any) -> None:
    X = np.round(rows("uniform", 6000, 2) * 65536) / 65536
    km = fit(monkeypatch, "blocks", X, 60, max_iter=400)
    assert km.n_iter_ > 40
    check_means(X, km)


def test_centers_outside_the_rows_and_empty_clusters(monkeypatch: Any) -> None:
    X = rows("grid", 3000, 2)
    outside = np.concatenate([X[:5], [[1e4, 1e4], [-50.0, 3.0]], X[:1]])
    for start in (outside, np.full((9, 2), 3.0) + np.eye(9, 2)):
        a = fit(monkeypatch, "exhaustive", X, 9, init=start)
        b = fit(monkeypatch, "blocks", X, 9, init=start)
        check_same_fit(a, b)


def test_restarts_share_the_blocks(monkeypatch: Any) -> None:
    X = rows("uniform", 3000, 3)
    how = {"init": "k-means++", "n_init": 4, "random_state": 0, "tol": 1e-4}
    a, b = (fit(monkeypatch, engine, X, 12, **how) for engine in ("exhaustive", "blocks"))
    check_same_fit(a, b)
    assert a.runs_ == b.runs_


@pytest.mark.parametrize(("d", "filters"), [(2, {"blocks"}), (6, {"hamerly"})])
def test_rows_on_disk_score_as_few_pairs_as_in_memory(
    monkeypatch: Any, tmp_path: Any, d: int, filters: set[str]
) -> None:
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    X = rows("uniform", 20_000, d)
    np.save(tmp_path / "rows.npy", X)
    how = {"init": X[:100].copy(), "n_init": 1, "max_iter": 60, "tol": 0.0}
    there = centra.KMeans(100, **how).fit(X)
    disk = centra.from_npy(tmp_path / "rows.npy", memory=40_000 * 8 * d // 2)
    km = centra.KMeans(100, **how).fit(disk)
    check_same_fit(there, km)
    assert filters <= set(km.engine_["sweeps"])
    assert km.engine_["sweeps"] == there.engine_["sweeps"]
    # Half as many rows to a block: those that lie together fill twice the area.
    assert km.engine_["scored"] < 2 * there.engine_["scored"]


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_blocks_take_the_place_of_packed_rows(d: int) -> None:
    X = rows("uniform", 50_000, d)
    team, matrix = _core.Workers(2), _core.Matrix.dense(X)
    gate = _core.column_stats(team, matrix)
    frame = _core.Frame(gate, X[:2].copy(), False)
    blocks = _core.SpatialBlocks.sort(team, matrix, frame, gate)
    assert blocks is not None
    # With two copies of the labels: at most 32 bytes a row.
    assert blocks.nbytes / len(X) + 8 < 4 * d + 4 + 8 + 2
    np.testing.assert_array_equal(np.sort(blocks.order), np.arange(len(X)))
