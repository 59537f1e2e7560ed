"""Overlap: two nearest centres, margins, boundary zones; on data whose overlap is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._data.passes import TwoNearest
from centra._data.validate import prepare
from centra._diagnostics.overlap import ODDS, Overlap
from centra._utils.threads import workers


def _overlap(km: centra.KMeans, X: Any, **how: Any) -> Overlap:
    return km.report(X, **how).overlap


def _fit(X: Any, k: int, **how: Any) -> centra.KMeans:
    return centra.KMeans(k, random_state=0, **how).fit(X)


def _normal(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _naive(X: np.ndarray, centers: np.ndarray) -> dict[str, np.ndarray]:
    """The definitions, row by row."""
    k = len(centers)
    squared = ((X[:, None, :] - centers[None]) ** 2).sum(axis=2)
    order = np.argsort(squared, axis=1, kind="stable")
    labels, rivals = order[:, 0], order[:, 1]
    rows = np.arange(len(X))
    own, other = squared[rows, labels], squared[rows, rivals]
    apart = np.sqrt(((centers[:, None] - centers[None]) ** 2).sum(axis=2))
    margins = (other - own) / (2 * apart[labels, rivals])
    zones = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            if i != j:
                total = 0.0
                for a, b in [(i, j), (j, i)]:
                    line = (centers[b] - centers[a]) / apart[a, b]
                    total += ((X[labels == a] - centers[a]) @ line).var() * (labels == a).sum()
                pooled = total / ((labels == i).sum() + (labels == j).sum())
                zones[i, j] = pooled * math.log(ODDS) / apart[i, j]
    between = margins <= zones[labels, rivals]
    matrix = np.zeros((k, k))
    np.add.at(matrix, (labels[between], rivals[between]), 1)
    matrix /= np.bincount(labels, minlength=k)[:, None]
    found = {"labels": labels, "rivals": rivals, "margins": margins, "zones": zones}
    return {**found, "between": between, "matrix": matrix, "distances": np.sqrt(own)}


@pytest.mark.parametrize(("n", "d", "k"), [(400, 2, 2), (500, 3, 7), (300, 20, 5)])
def test_it_is_what_the_definitions_say(n: int, d: int, k: int) -> None:
    X = np.random.default_rng(d).normal(size=(n, d))
    km = _fit(X, k)
    found, expected = _overlap(km, X), _naive(X, km.cluster_centers_)
    np.testing.assert_array_equal(found.labels, expected["labels"])
    np.testing.assert_array_equal(found.rivals, expected["rivals"])
    for name in ("margins", "distances", "matrix"):
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=1e-9, atol=1e-12)
    # Shares of the way are integers in units of 2^-20.
    np.testing.assert_allclose(found.zones, expected["zones"], rtol=1e-4)
    np.testing.assert_array_equal(found.between, expected["between"])
    np.testing.assert_allclose(found.inertia.sum(), km.inertia_)
    np.testing.assert_allclose(found.radius**2 * found.sizes, found.inertia)
    assert found.sizes.sum() == n


@pytest.mark.parametrize(("distance", "slack"), [(3, 0.06), (4, 0.015), (6, 0.001), (8, 0.0005)])
def test_two_gaussians_whose_overlap_is_known(distance: float, slack: float) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(100_000, 2))
    X[:50_000, 0] += distance
    found = _overlap(_fit(X, 2), X)
    reach = math.log(ODDS) / distance
    known = _normal(distance / 2 + reach) - _normal(distance / 2 - reach)
    assert abs(found.pairs[0, 1] - known) < slack


@pytest.mark.parametrize("columns", [1, 2, 20])
def test_a_gaussian_that_is_cut_in_half(columns: int) -> None:
    X = np.random.default_rng(2).normal(size=(40_000, columns))
    X[:, 0] *= 8
    # Half normals: variance 1 - 2/pi, means 2 sqrt(2/pi) apart, in units of the deviation.
    reach = (1 - 2 / math.pi) * math.log(ODDS) / (2 * math.sqrt(2 / math.pi))
    known = 2 * _normal(reach) - 1
    assert abs(_overlap(_fit(X, 2), X).pairs[0, 1] - known) < 0.02


def test_a_uniform_strip_that_is_cut_in_half() -> None:
    X = np.random.default_rng(3).uniform(size=(40_000, 2)) * [8, 1]
    known = 4 * math.log(ODDS) / 48
    assert abs(_overlap(_fit(X, 2), X).pairs[0, 1] - known) < 0.01


def _bits(found: Overlap) -> list[bytes]:
    return [found.zones.tobytes(), found.matrix.tobytes(), found.margins.tobytes()]


def test_threads_layout_and_blocks_change_no_bit(tmp_path: Any) -> None:
    X = np.random.default_rng(4).normal(size=(5000, 6))
    km = _fit(X, 5)
    expected = _bits(_overlap(km, X))
    np.save(tmp_path / "x.npy", X)
    disk = centra.from_npy(tmp_path / "x.npy", memory="32KB")
    for rows in (np.asfortranarray(X), sp.csr_matrix(X), disk):
        assert _bits(_overlap(km, rows)) == expected
    for n_threads in (1, 3):
        km.n_threads = n_threads
        assert _bits(_overlap(km, X)) == expected


def test_the_order_of_rows_changes_no_zone() -> None:
    X = np.random.default_rng(5).normal(size=(3000, 3))
    km, order = _fit(X, 4), np.random.default_rng(6).permutation(3000)
    one, other = _overlap(km, X), _overlap(km, X[order])
    assert one.zones.tobytes() == other.zones.tobytes()
    assert one.margins[order].tobytes() == other.margins.tobytes()


def test_powers_of_two_scale_what_has_a_unit() -> None:
    X = np.random.default_rng(7).normal(size=(3000, 3))
    one, other = _overlap(_fit(X, 4), X), _overlap(_fit(X * 64, 4), X * 64)
    np.testing.assert_array_equal(one.between, other.between)
    np.testing.assert_allclose(other.zones, 64 * one.zones)
    np.testing.assert_allclose(other.margins, 64 * one.margins)


def test_weights_are_rows_that_occur_more_than_once() -> None:
    rng = np.random.default_rng(8)
    X, weights = rng.normal(size=(2000, 2)), rng.integers(0, 5, 2000)
    km = centra.KMeans(3, init=X[:3], n_init=1).fit(X, sample_weight=weights)
    found = _overlap(km, X, sample_weight=weights.astype(float))
    many = _overlap(km, np.repeat(X, weights, axis=0))
    np.testing.assert_allclose(found.zones, many.zones, rtol=1e-6)
    np.testing.assert_allclose(found.matrix, many.matrix)
    np.testing.assert_allclose(found.inertia, many.inertia)
    np.testing.assert_allclose(found.weights, many.weights)


def test_one_cluster_has_no_rivals() -> None:
    X = np.random.default_rng(9).normal(size=(50, 2))
    found = _overlap(_fit(X, 1), X)
    assert (found.rivals == -1).all() and np.isinf(found.margins).all()
    assert not found.between.any() and found.ambiguous.size == 0
    assert np.isinf(found.separation).all() and found.matrix.tolist() == [[0.0]]


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_centers_that_are_the_same_and_clusters_without_rows() -> None:
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    found = _overlap(_fit(X, 3), X)
    empty = int(np.flatnonzero(found.sizes == 0)[0])
    assert np.isnan(found.radius[empty]) and found.matrix[empty].tolist() == [0.0] * 3
    assert np.isfinite(found.zones).all() and np.isfinite(found.pairs).all()


def test_ambiguous_rows_come_with_the_smallest_margin_first() -> None:
    X = np.random.default_rng(10).normal(size=(1000, 2))
    found = _overlap(_fit(X, 3), X)
    assert set(found.ambiguous) == set(np.flatnonzero(found.between))
    assert (np.diff(found.margins[found.ambiguous]) >= 0).all()


def test_distances_beyond_float64_are_refused() -> None:
    X = np.array([[1e160], [-1e160], [1e155]])
    km = centra.KMeans(2, init=[[1e150], [2e150]], n_init=1)
    km.cluster_centers_, km.n_features_in_ = np.array([[1e150], [2e150]]), 1
    km.runs_, km.history_ = (), ()
    with pytest.raises(OverflowError, match="divide X"):
        km.report(X)


def test_rivals_need_labels_of_centers() -> None:
    data = prepare(centra.KMeans(), np.zeros((2, 1)), workers(), reset=True)
    labels = np.array([0, 5], dtype=np.int32)
    with pytest.raises(ValueError, match="label"):
        data.run(TwoNearest(np.zeros((2, 1)), labels))


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_no_row_lies_between_its_cluster_and_one_without_rows() -> None:
    X = np.repeat([[0.0, 0.0], [5.0, 1.0], [1.0, 7.0]], 50, axis=0)
    found = _overlap(_fit(X, 5), X)
    assert (found.sizes > 0).sum() == 3
    assert not found.between.any() and not found.matrix.any() and not found.pairs.any()
    assert set(found.rivals) <= set(np.flatnonzero(found.sizes))
    assert (found.separation[found.sizes > 0] > 5).all()


def test_a_far_row_does_not_widen_its_cluster() -> None:
    X = np.random.default_rng(11).normal(size=(600, 2))
    X[:300, 0] += 9
    km = centra.KMeans(2, init=X[[0, -1]], n_init=1).fit(X)
    one = _overlap(km, X)
    other = _overlap(km, np.vstack([X, [[-300.0, 20.0]]]))
    assert np.flatnonzero(other.far).tolist() == [600] and not one.far.any()
    np.testing.assert_allclose(other.zones, one.zones, rtol=1e-3)
    np.testing.assert_allclose(other.radius, one.radius)
    assert other.pairs[0, 1] < 0.01
