"""`KMeans.to_sklearn` gives scikit-learn's own fitted model."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn.cluster
from sklearn.base import clone

import centra

X = np.random.default_rng(0).normal(size=(200, 3)) + np.repeat([[0], [6], [12], [18]], 50, axis=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("how", [dict(), dict(init="k-means||"), dict(init="random", n_init=2)])
def test_it_is_the_same_clustering(dtype: Any, how: dict[str, Any]) -> None:
    rows = X.astype(dtype)
    km = centra.KMeans(4, random_state=0, **how).fit(rows)
    other = km.to_sklearn()
    assert type(other) is sklearn.cluster.KMeans
    assert other.cluster_centers_.tobytes() == km.cluster_centers_.tobytes()
    assert other.cluster_centers_.dtype == dtype
    assert np.array_equal(other.labels_, km.labels_) and other.labels_.dtype == np.int32
    assert (other.inertia_, other.n_iter_) == (km.inertia_, km.n_iter_)
    assert other.n_features_in_ == 3
    assert np.array_equal(other.predict(rows), km.predict(rows))
    assert np.array_equal(other.predict(sp.csr_matrix(rows)), km.predict(rows))
    assert other.transform(rows) == pytest.approx(km.transform(rows), rel=1e-4)
    assert other.score(rows) == pytest.approx(km.score(rows), rel=1e-4)
    assert np.array_equal(pickle.loads(pickle.dumps(other)).predict(rows), km.labels_)
    clone(other).fit(rows)  # it has parameters that it takes


def test_it_has_what_scikit_learns_fit_gives() -> None:
    km = centra.KMeans(4, random_state=0).fit(X)
    plain = sklearn.cluster.KMeans(4, random_state=0).fit(X)
    assert set(vars(km.to_sklearn())) == set(vars(plain))
    assert km.to_sklearn().get_params() == plain.get_params()


def test_names_and_parameters_go_along() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    km = centra.KMeans(4, random_state=np.random.default_rng(0), tol=0, max_iter=50).fit(frame)
    other = km.to_sklearn()
    assert other.feature_names_in_.tolist() == ["a", "b", "c"]
    assert np.array_equal(other.predict(frame), km.labels_)
    assert (other.tol, other.max_iter, other.random_state) == (0, 50, None)


def test_it_is_a_model_of_its_own() -> None:
    km = centra.KMeans(4, random_state=0).fit(X)
    other = km.to_sklearn()
    other.cluster_centers_[:] = 0
    other.labels_[:] = 0
    km.report()
    km.relabel("size")


def test_equal_centers_and_one_cluster() -> None:
    rows = np.repeat([[1.0, 2.0], [5.0, 6.0]], 4, axis=0)
    with pytest.warns(match="distinct clusters"):
        km = centra.KMeans(3, random_state=0).fit(rows)
    assert np.array_equal(km.to_sklearn().predict(rows), km.labels_)
    one = centra.KMeans(1, random_state=0).fit(rows)
    assert one.to_sklearn().predict(rows).tolist() == [0] * 8
