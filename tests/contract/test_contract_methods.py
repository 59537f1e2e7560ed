"""The contract, Fitted, Methods and Functions."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
import sklearn.cluster
from beside import OURS, THEIRS, assert_same_fit, blobs, error_of, pair
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

import centra

X = blobs()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fitted_attributes(dtype: type) -> None:
    theirs, ours = pair(X.astype(dtype), n_clusters=5, random_state=0)
    for name in ("cluster_centers_", "labels_"):
        a, b = getattr(theirs, name), getattr(ours, name)
        assert (b.dtype, b.shape, b.flags.c_contiguous) == (a.dtype, a.shape, True)
    assert ours.labels_.dtype == np.int32
    assert type(ours.inertia_) is float
    assert type(ours.n_iter_) is int
    assert ours.n_features_in_ == 4
    assert not hasattr(ours, "feature_names_in_")


def test_fit_returns_the_estimator() -> None:
    km = OURS(n_clusters=2, random_state=0)
    assert km.fit(X) is km
    assert km.fit(X, None, np.ones(len(X))) is km


def test_every_public_method_of_scikit_learn_is_there_with_its_signature() -> None:
    for name, method in inspect.getmembers(THEIRS, inspect.isfunction):
        if name.startswith("_"):
            continue
        theirs = inspect.signature(method).parameters
        ours = inspect.signature(getattr(OURS, name)).parameters
        # What centra has beside it can be given by name alone, and need not be.
        own = [p.name for p in ours.values() if p.name not in theirs]
        assert own == (["checkpoint"] if name == "fit" else [])
        assert all(ours[n].kind is ours[n].KEYWORD_ONLY and ours[n].default is None for n in own)
        assert [(p.name, p.kind, p.default) for p in ours.values() if p.name not in own] == [
            (p.name, p.kind, p.default) for p in theirs.values()
        ], name


@pytest.mark.parametrize("sparse", [False, True])
def test_methods_beside_scikit_learn(sparse: bool) -> None:
    theirs, ours = pair(X, n_clusters=5, random_state=0)
    query = np.random.default_rng(3).normal(size=(50, 4)) * 4
    data = sp.csr_matrix(query) if sparse else query
    weights = np.random.default_rng(4).uniform(size=50)
    np.testing.assert_array_equal(ours.predict(data), theirs.predict(data))
    assert ours.predict(data).dtype == np.int32
    np.testing.assert_allclose(ours.transform(data), theirs.transform(data), rtol=1e-9)
    np.testing.assert_allclose(ours.score(data), theirs.score(data), rtol=1e-12)
    np.testing.assert_allclose(
        ours.score(data, None, weights), theirs.score(data, None, weights), rtol=1e-12
    )
    np.testing.assert_array_equal(clone(ours).fit_predict(X), clone(theirs).fit_predict(X))
    np.testing.assert_allclose(
        clone(ours).fit_transform(X), clone(theirs).fit_transform(X), rtol=1e-9
    )


def test_fit_predict_and_fit_transform_take_weights() -> None:
    weights = np.random.default_rng(4).uniform(size=len(X))
    theirs, ours = pair(X, weights, n_clusters=5, random_state=0)
    np.testing.assert_array_equal(clone(ours).fit_predict(X, sample_weight=weights), theirs.labels_)
    np.testing.assert_allclose(
        clone(ours).fit_transform(X, sample_weight=weights), theirs.transform(X), rtol=1e-9
    )


def test_predict_takes_no_weights() -> None:
    km = OURS(n_clusters=2, random_state=0).fit(X)
    with pytest.raises(TypeError):
        km.predict(X, sample_weight=np.ones(len(X)))


def test_score_is_minus_the_inertia() -> None:
    weights = np.random.default_rng(4).uniform(size=len(X))
    km = OURS(n_clusters=3, random_state=0).fit(X, sample_weight=weights)
    assert km.score(X, sample_weight=weights) == pytest.approx(-km.inertia_, rel=1e-14)


@pytest.mark.parametrize("fitted", [np.float32, np.float64])
@pytest.mark.parametrize("asked", [np.float32, np.float64])
def test_better_any_float_after_any_float(fitted: type, asked: type) -> None:
    km = OURS(n_clusters=5, random_state=0).fit(X.astype(fitted))
    query = X.astype(asked)
    if fitted != asked:
        theirs = THEIRS(n_clusters=5, random_state=0).fit(X.astype(fitted))
        assert error_of(lambda: theirs.predict(query))[1].startswith("Buffer dtype mismatch")
    exact = km.cluster_centers_.astype(np.float64)
    distances = np.sqrt(((query.astype(np.float64)[:, None] - exact) ** 2).sum(axis=2))
    np.testing.assert_array_equal(km.predict(query), distances.argmin(axis=1))
    np.testing.assert_allclose(km.transform(query), distances, rtol=1e-6)
    assert km.transform(query).dtype == THEIRS(2, random_state=0).fit(query).transform(query).dtype
    np.testing.assert_allclose(km.score(query), -(distances.min(axis=1) ** 2).sum(), rtol=1e-6)


def test_predict_is_labels_for_every_container_of_x() -> None:
    for dtype in (np.float32, np.float64):
        for offset in (0.0, 1e3, 1e6):
            data = (X + offset).astype(dtype)
            km = OURS(n_clusters=5, random_state=0).fit(data)
            for other in (data, data.astype(np.float64), np.asfortranarray(data), data.tolist()):
                np.testing.assert_array_equal(km.predict(other), km.labels_)
            np.testing.assert_array_equal(km.predict(sp.csr_matrix(data)), km.labels_)


def test_get_feature_names_out_and_set_output() -> None:
    pd = pytest.importorskip("pandas", reason="set_output makes frames")
    theirs, ours = pair(X, n_clusters=3, random_state=0)
    names = ours.get_feature_names_out()
    assert list(names) == list(theirs.get_feature_names_out()) == ["kmeans0", "kmeans1", "kmeans2"]
    assert names.dtype == theirs.get_feature_names_out().dtype
    assert ours.set_output(transform="pandas") is ours
    frame = ours.transform(X)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["kmeans0", "kmeans1", "kmeans2"]
    error = error_of(lambda: OURS().get_feature_names_out())
    assert error == error_of(lambda: THEIRS().get_feature_names_out())


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_give_feature_names(library: str) -> None:
    frames = pytest.importorskip(library, reason=f"{library} makes the frame")
    frame = frames.DataFrame({name: X[:, i] for i, name in enumerate("abcd")})
    theirs, ours = pair(frame, n_clusters=3, random_state=0)
    assert list(ours.feature_names_in_) == list(theirs.feature_names_in_) == list("abcd")
    assert_same_fit(theirs, ours)
    np.testing.assert_array_equal(ours.predict(frame), ours.labels_)
    turned = frame[["b", "a", "c", "d"]]
    assert error_of(lambda: ours.predict(turned)) == error_of(lambda: theirs.predict(turned))
    with pytest.warns(UserWarning, match="X does not have valid feature names, but KMeans was"):
        ours.predict(X)


def test_pandas_nullable_columns() -> None:
    pd = pytest.importorskip("pandas", reason="nullable columns are pandas'")
    frame = pd.DataFrame(X, columns=list("abcd")).astype("Float64")
    ours = OURS(n_clusters=3, random_state=0).fit(frame)
    np.testing.assert_array_equal(ours.labels_, OURS(n_clusters=3, random_state=0).fit(X).labels_)
    frame.loc[3, "b"] = pd.NA
    kind, text = error_of(lambda: OURS(n_clusters=3).fit(frame))
    assert issubclass(kind, ValueError)
    assert "NaN" in text


def test_arrow_tables_are_accepted() -> None:
    pa = pytest.importorskip("pyarrow", reason="the table is Arrow's")
    table = pa.table({name: X[:, i] for i, name in enumerate("abcd")})
    ours = OURS(n_clusters=3, random_state=0).fit(table)
    np.testing.assert_array_equal(ours.labels_, OURS(n_clusters=3, random_state=0).fit(X).labels_)


def test_get_params_set_params_clone_and_repr() -> None:
    theirs, ours = THEIRS(n_clusters=3, tol=0.5), OURS(n_clusters=3, tol=0.5)
    assert ours.get_params().items() >= theirs.get_params().items()
    assert ours.set_params(n_clusters=4) is ours
    assert clone(ours).get_params() == ours.get_params()
    assert repr(ours) == "KMeans(n_clusters=4, tol=0.5)"
    kind, text = error_of(lambda: ours.set_params(shape=1))
    assert kind is ValueError
    assert text.startswith("Invalid parameter 'shape' for estimator KMeans")


def test_in_a_pipeline() -> None:
    from sklearn.preprocessing import StandardScaler

    theirs, ours = (
        make_pipeline(StandardScaler(), E(n_clusters=4, random_state=0)) for E in (THEIRS, OURS)
    )
    np.testing.assert_array_equal(ours.fit(X).predict(X), theirs.fit(X).predict(X))


def test_metadata_routing() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        from sklearn.preprocessing import StandardScaler

        weights = np.random.default_rng(0).uniform(size=len(X))
        labels = []
        for Estimator in (THEIRS, OURS):
            step = Estimator(n_clusters=4, random_state=0).set_fit_request(sample_weight=True)
            assert step.set_score_request(sample_weight=False) is step
            scaler = StandardScaler().set_fit_request(sample_weight=False)
            pipe = make_pipeline(scaler, step).fit(X, sample_weight=weights)
            labels.append(pipe.predict(X))
        np.testing.assert_array_equal(labels[0], labels[1])
        assert not hasattr(OURS, "set_predict_request")


# --- functions --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["k_means", "kmeans_plusplus"])
def test_signatures_of_functions(name: str) -> None:
    theirs = inspect.signature(getattr(sklearn.cluster, name)).parameters
    ours = inspect.signature(getattr(centra, name)).parameters
    assert [(p.name, p.kind, p.default) for p in ours.values()] == [
        (p.name, p.kind, p.default) for p in theirs.values()
    ]


@pytest.mark.parametrize("return_n_iter", [False, True])
def test_k_means(return_n_iter: bool) -> None:
    weights = np.random.default_rng(1).uniform(size=len(X))
    parameters: dict[str, Any] = {
        "sample_weight": weights,
        "n_init": 3,
        "random_state": 2,
        "return_n_iter": return_n_iter,
    }
    theirs = sklearn.cluster.k_means(X, 4, **parameters)
    ours = centra.k_means(X, 4, **parameters)
    assert len(ours) == len(theirs) == (4 if return_n_iter else 3)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-9)
    np.testing.assert_array_equal(ours[1], theirs[1])
    assert ours[2] == pytest.approx(theirs[2], rel=1e-12)
    assert ours[3:] == theirs[3:]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("k_means", {"n_clusters": 0}),
        ("k_means", {"n_clusters": 400}),
        ("k_means", {"n_clusters": 3, "algorithm": "auto"}),
        ("k_means", {"n_clusters": 3, "tol": -1.0}),
        ("kmeans_plusplus", {"n_clusters": 0}),
        ("kmeans_plusplus", {"n_clusters": 400}),
        ("kmeans_plusplus", {"n_clusters": 3, "n_local_trials": 0}),
        ("kmeans_plusplus", {"n_clusters": 3, "x_squared_norms": np.ones(3)}),
        ("kmeans_plusplus", {"n_clusters": 3, "sample_weight": np.ones(3)}),
    ],
)
def test_functions_refuse_what_scikit_learns_refuse(function: str, arguments: Any) -> None:
    theirs = error_of(lambda: getattr(sklearn.cluster, function)(X, **arguments))
    ours = error_of(lambda: getattr(centra, function)(X, **arguments))
    assert ours[0] is theirs[0]
    assert sorted(ours[1]) == sorted(theirs[1])


def test_kmeans_plusplus_returns() -> None:
    for dtype in (np.float32, np.float64, np.int64):
        data = (X * 10).astype(dtype)
        theirs = sklearn.cluster.kmeans_plusplus(data, 4, random_state=0)
        ours = centra.kmeans_plusplus(data, 4, random_state=0)
        for a, b in zip(theirs, ours, strict=True):
            assert (b.dtype, b.shape) == (a.dtype, a.shape)
        np.testing.assert_array_equal(ours[0], data[ours[1]])
    sparse = centra.kmeans_plusplus(sp.csr_matrix(X), 4, random_state=0)
    assert isinstance(sparse[0], np.ndarray)
    np.testing.assert_array_equal(sparse[0], X[sparse[1]])
