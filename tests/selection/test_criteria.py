"""Criteria of one clustering: against scikit-learn, and against their formulas written out."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.cluster import KMeans as Reference
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    pairwise_distances,
    silhouette_score,
)

import centra
from centra.selection import silhouette

SKLEARNS = {
    "silhouette": silhouette_score,
    "calinski_harabasz": calinski_harabasz_score,
    "davies_bouldin": davies_bouldin_score,
}
ALL = [*SKLEARNS, "simplified_silhouette", "bic"]


def rows(seed: int = 0, n: int = 300, d: int = 3) -> np.ndarray:
    """Clusters that overlap, away from the origin."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + rng.integers(0, 4, size=(n, 1)) * 2.5 + 10


def swept(X, ks=range(2, 8), **how) -> centra.Sweep:
    return centra.sweep(X, ks, random_state=0, gap=False, stability=False, **how)


def simplified(X, km, weights=None) -> float:
    """The definition, written out."""
    weights = np.ones(len(X)) if weights is None else weights
    distances = pairwise_distances(X, km.cluster_centers_.astype(np.float64))
    at = np.arange(len(X))
    own = distances[at, km.labels_]
    distances[at, km.labels_] = np.inf
    other = distances.min(axis=1)
    masses = np.bincount(km.labels_, weights=weights)
    widths = np.where(masses[km.labels_] > 1, (other - own) / np.maximum(own, other), 0.0)
    return float(np.average(widths, weights=weights))


@pytest.mark.parametrize("tol", [0.0, 1e-4, 0.1])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_scikit_learn_has_agrees_with_it(tol, dtype):
    X = rows().astype(dtype)
    s = swept(X, tol=tol)
    for at, km in enumerate(s.models.values()):
        for name, reference in SKLEARNS.items():
            # (Of float32 rows scikit-learn takes float32 means.)
            true = reference(X.astype(np.float64), km.labels_)
            assert s.columns[name][at] == pytest.approx(true, rel=1e-9), name
    assert "silhouette" not in s.reasons


def test_the_means_of_the_labels_are_not_the_centers_after_a_stop_by_tolerance():
    X = rows()
    s = swept(X, [5], tol=0.1)
    km = s.models[5]
    means = np.stack([X[km.labels_ == j].mean(axis=0) for j in range(5)])
    assert not np.allclose(means, km.cluster_centers_, rtol=1e-6)  # or this tests nothing
    assert s.columns["davies_bouldin"][0] == pytest.approx(davies_bouldin_score(X, km.labels_))


def test_an_offset_changes_nothing():
    X = np.round(rows() * 64) / 64
    a, b = swept(X), swept(X + 2.0**20)
    for name in ALL:
        np.testing.assert_allclose(a.columns[name], b.columns[name], rtol=1e-9)


def test_simplified_silhouette_is_that_of_the_two_nearest_centers():
    X = rows()
    s = swept(X)
    found = s.columns["simplified_silhouette"]
    np.testing.assert_allclose(found, [simplified(X, km) for km in s.models.values()], rtol=1e-12)


def test_bic_is_that_of_the_likelihood():
    X = rows()
    n, d = X.shape
    s = swept(X, range(1, 6))
    for k, km in s.models.items():
        sizes = np.bincount(km.labels_)
        means = np.stack([X[km.labels_ == j].mean(axis=0) for j in range(k)])
        squares = np.square(X - means[km.labels_]).sum(axis=1)
        variance = squares.sum() / (n * d)
        logs = np.log(sizes / n)[km.labels_] - d / 2 * np.log(2 * np.pi * variance)
        likelihood = (logs - squares / (2 * variance)).sum()
        expected = -2 * likelihood + ((k - 1) + k * d + 1) * np.log(n)
        assert s.columns["bic"][k - 1] == pytest.approx(expected, rel=1e-12)
        # No other variance is likelier.
        for other in (variance * 0.99, variance * 1.01):
            less = np.log(sizes / n)[km.labels_] - d / 2 * np.log(2 * np.pi * other)
            assert (less - squares / (2 * other)).sum() < likelihood


def test_bic_of_one_cluster_is_scikit_learns():
    from sklearn.mixture import GaussianMixture

    X = rows()
    s = swept(X, [1])
    mixture = GaussianMixture(1, covariance_type="spherical", reg_covar=0.0).fit(X)
    assert s.columns["bic"][0] == pytest.approx(mixture.bic(X), rel=1e-9)


def test_a_weight_is_as_many_rows():
    X = rows(1, n=80)
    weights = np.random.default_rng(1).integers(0, 4, size=len(X))
    many = np.repeat(X, weights, axis=0)
    for k in (2, 3, 5):
        init = X[weights > 0][:k]
        a = centra.sweep(X, [k], sample_weight=weights, init=init, gap=False, stability=False)
        b = centra.sweep(many, [k], init=init, gap=False, stability=False)
        np.testing.assert_array_equal(a.models[k].cluster_centers_, b.models[k].cluster_centers_)
        for name in ALL:
            assert a.columns[name] == pytest.approx(b.columns[name], rel=1e-9), (name, k)
        labels = b.models[k].labels_
        for name, reference in SKLEARNS.items():
            assert a.columns[name][0] == pytest.approx(reference(many, labels), rel=1e-9)


def test_weights_that_are_no_counts():
    X = rows(2, n=60)
    s = swept(X, [2, 3], sample_weight=np.full(len(X), 1 / 60))
    assert np.isnan(s.columns["calinski_harabasz"]).all()
    assert "by weight" in s.reasons["calinski_harabasz"][2]
    assert np.isfinite(s.columns["bic"]).all()


def test_sparse_rows_give_what_dense_ones_do():
    X = np.where(rows(3) > 14, rows(3), 0.0)
    dense, sparse = swept(X), swept(sp.csr_array(X))
    for name in ALL:
        np.testing.assert_allclose(dense.columns[name], sparse.columns[name], rtol=1e-9)


def test_rows_on_disk_give_what_rows_in_memory_do(tmp_path):
    X = rows(4, n=3000, d=4)
    np.save(tmp_path / "rows.npy", X)
    a = centra.sweep(X, [2, 3, 4], random_state=0, repeats=2)
    b = centra.sweep(
        centra.from_npy(tmp_path / "rows.npy", memory="32KB"), [2, 3, 4], random_state=0, repeats=2
    )
    for name in a.columns:
        np.testing.assert_array_equal(a.columns[name], b.columns[name])


def test_duplicates_and_more_clusters_than_distinct_rows():
    X = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 7.0]], 4, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        s = swept(X, range(2, 6))
    # k = 2: as scikit-learn; with 3 every row lies on its centre, and there are no more rows.
    labels = Reference(2, n_init=5, random_state=0).fit(X).labels_
    for name, reference in SKLEARNS.items():
        assert s.columns[name][0] == pytest.approx(reference(X, labels), rel=1e-9)
    perfect = {"silhouette": 1.0, "davies_bouldin": 0.0, "calinski_harabasz": math.inf}
    for name, best in {**perfect, "simplified_silhouette": 1.0, "bic": -math.inf}.items():
        assert s.columns[name][1] == best
        assert np.isnan(s.columns[name][2:]).all()
        assert s.reasons[name][4] == "only 3 clusters can be made of the different rows"
    for choice in s.best.choices:
        assert choice.k == 3 and "nothing can be better" in choice.why


def test_rows_that_are_clusters_of_their_own_are_no_perfect_clustering():
    X = np.r_[rows(5, n=6), rows(5, n=1)]  # one of them twice
    s = swept(X, [2, 3, 6])
    assert s.columns["inertia"][2] == 0.0 and math.isnan(s.columns["bic"][2])
    assert "a cluster of their own" in s.reasons["bic"][6]


def test_one_cluster_and_as_many_clusters_as_rows():
    X = rows(5, n=6)
    s = swept(X, [1, 2, 6])
    for name in [*SKLEARNS, "simplified_silhouette"]:
        assert np.isnan(s.columns[name]).tolist() == [True, False, True]
        assert s.reasons[name][1] == "there is one cluster only"
        assert "no more rows" in s.reasons[name][6]
    assert s.columns["inertia"][2] == 0.0


def test_a_row_alone_in_its_cluster_counts_zero():
    X = np.array([[0.0], [1.0], [100.0]])
    s = swept(X, [2])
    assert s.columns["silhouette"][0] == pytest.approx(silhouette_score(X, s.models[2].labels_))
    assert s.columns["simplified_silhouette"][0] == pytest.approx(2 / 3, rel=1e-2)


def test_the_silhouette_in_many_blocks_is_the_same(monkeypatch):
    X = rows(6, n=200)
    whole = swept(X).columns["silhouette"]
    monkeypatch.setattr(silhouette, "BLOCK", 8 * 200 * 7)
    np.testing.assert_allclose(swept(X).columns["silhouette"], whole, rtol=1e-13)


def test_the_silhouette_is_left_out_where_it_costs_too_much(monkeypatch):
    X = rows(7, n=200)
    monkeypatch.setattr(silhouette, "AFFORDABLE", 1e4)
    s = swept(X, [2, 3])
    assert np.isnan(s.columns["silhouette"]).all()
    assert "silhouette=True" in s.reasons["silhouette"][2]
    assert s.best["silhouette"].k is None and "silhouette=True" in s.best["silhouette"].why
    forced = swept(X, [2, 3], silhouette=True)
    assert np.isfinite(forced.columns["silhouette"]).all()


def test_what_is_affordable():
    assert silhouette.affordable(30_000, 2) and silhouette.affordable(10_000, 50)
    assert not silhouette.affordable(20_000, 50) and not silhouette.affordable(1_000_000, 2)


def test_distances_that_overflow_are_an_error():
    X = np.array([[0.0], [1.0], [1e160], [1e160]])
    with pytest.raises(OverflowError, match="divide X"):
        centra.sweep(X, [2], init=[[0.0], [1e160]], gap=False, stability=False)
