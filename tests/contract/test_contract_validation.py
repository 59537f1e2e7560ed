"""The contract, Signature, Validation and Warnings: what is refused, when, and in which words."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from beside import OURS, THEIRS, blobs, error_of, same_error, warnings_of
from sklearn.exceptions import ConvergenceWarning

X = blobs()


def test_signature() -> None:
    theirs = inspect.signature(THEIRS).parameters
    ours = inspect.signature(OURS).parameters
    assert list(ours)[: len(theirs)] == list(theirs)
    for name, parameter in theirs.items():
        assert (ours[name].kind, ours[name].default) == (parameter.kind, parameter.default)
    extra = list(ours)[len(theirs) :]
    assert extra == ["n_threads", "callbacks", "keep_centers", "memory"]
    for name in extra:
        assert (ours[name].kind, ours[name].default) == (inspect.Parameter.KEYWORD_ONLY, None)


WRONG: list[tuple[str, Any]] = [
    *[("n_clusters", value) for value in (0, -1, 2.0, "3", None, np.nan)],
    *[("max_iter", value) for value in (0, -5, 1.5, "1", None)],
    *[("tol", value) for value in (-1e-9, -np.inf, np.inf, np.nan, "0", None, 1j)],
    *[("n_init", value) for value in (0, -1, 1.0, "often", None)],
    *[("init", value) for value in ("k-means", "", 3, None)],
    *[("verbose", value) for value in (-1, 1.0, "loud", None)],
    *[("copy_x", value) for value in (2, None, "yes")],
    *[("algorithm", value) for value in ("full", "auto", None, 3)],
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_parameter_is_refused_by_fit_as_there(name: str, value: object) -> None:
    text = same_error(lambda Estimator: Estimator(**{name: value}).fit(X))
    assert text.startswith(f"The '{name}' parameter of KMeans must be")


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_init_accepts_anything(name: str, value: object) -> None:
    assert OURS(**{name: value}).get_params()[name] is value
    assert getattr(OURS().set_params(**{name: value}), name) is value


@pytest.mark.parametrize("value", ["seed", 1.5, -1, [1], 2**32])
def test_a_wrong_random_state_is_refused(value: object) -> None:
    # The text has one more kind of value than scikit-learn's: a Generator.
    kind, text = error_of(lambda: OURS(random_state=value).fit(X))
    assert issubclass(kind, ValueError)
    assert text.startswith("The 'random_state' parameter of KMeans must be")
    assert issubclass(error_of(lambda: THEIRS(random_state=value).fit(X))[0], ValueError)


@pytest.mark.parametrize("value", [0, -1, 1.5, "two", True])
def test_a_wrong_n_threads_is_refused(value: object) -> None:
    kind, text = error_of(lambda: OURS(n_threads=value).fit(X))
    assert issubclass(kind, (ValueError, TypeError))
    assert "n_threads" in text


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_clusters": np.int8(3), "n_init": np.uint64(2), "max_iter": np.int64(9)},
        {"tol": np.float32(0.5), "verbose": False},
        {"tol": 0, "verbose": np.bool_(False), "copy_x": np.bool_(True)},
        {"init": np.str_("random"), "algorithm": np.str_("elkan"), "n_clusters": 2},
    ],
)
def test_numbers_of_any_kind_are_accepted(parameters: dict[str, Any]) -> None:
    THEIRS(random_state=0, **parameters).fit(X)
    OURS(random_state=0, **parameters).fit(X)


def test_more_clusters_than_rows() -> None:
    text = same_error(lambda Estimator: Estimator(n_clusters=400).fit(X))
    assert text == "n_samples=120 should be >= n_clusters=400."


@pytest.mark.parametrize("as_callable", [False, True])
def test_centers_of_a_wrong_shape(as_callable: bool) -> None:
    for start, message in (
        (X[:4], "The shape of the initial centers (4, 4) does not match the number of clusters 3."),
        (
            X[:3, :2],
            "The shape of the initial centers (3, 2) does not match the number of "
            "features of the data 4.",
        ),
    ):
        init = (lambda X_, k, random_state, start=start: start) if as_callable else start
        text = same_error(
            lambda Estimator, init=init: Estimator(n_clusters=3, init=init, n_init=1).fit(X)
        )
        assert text == message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_value_that_is_not_finite(value: float, dtype: type, sparse: bool) -> None:
    bad = X.astype(dtype)
    bad[7, 2] = value
    data = sp.csr_matrix(bad) if sparse else bad
    kind, text = error_of(lambda: OURS().fit(data))
    _, theirs = error_of(lambda: THEIRS().fit(data))
    assert kind is ValueError
    assert text.startswith(theirs.splitlines()[0])
    good = OURS(random_state=0).fit(X.astype(dtype))
    for method in (good.predict, good.transform, good.score):
        kind, text = error_of(lambda method=method: method(data))
        assert kind is ValueError
        assert text.startswith(theirs.splitlines()[0])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_centers_that_are_not_finite(value: float) -> None:
    start = X[:3].copy()
    start[1, 1] = value
    kind, text = error_of(lambda: OURS(n_clusters=3, init=start).fit(X))
    assert kind is ValueError
    theirs = error_of(lambda: THEIRS(n_clusters=3, init=start).fit(X))[1]
    # scikit-learn's words, and which argument it is.
    named = theirs.splitlines()[0].replace("Input contains", "Input init contains")
    assert text.splitlines()[0] == named


@pytest.mark.parametrize("method", ["predict", "transform", "score"])
def test_another_number_of_features(method: str) -> None:
    def work(Estimator: type) -> object:
        return getattr(Estimator(random_state=0).fit(X), method)(X[:, :3])

    text = same_error(work)
    assert text == "X has 3 features, but KMeans is expecting 4 features as input."


@pytest.mark.parametrize(
    "data",
    [
        X[0],
        X[:, :, None],
        np.zeros((0, 3)),
        np.zeros((5, 0)),
        3.0,
        "text",
        np.array([["a", "b"]] * 9),
        X.astype(complex),
    ],
    ids=["1d", "3d", "no rows", "no columns", "scalar", "text", "words", "complex"],
)
def test_data_of_a_wrong_kind(data: object) -> None:
    same_error(lambda Estimator: Estimator(n_clusters=2).fit(data))


@pytest.mark.parametrize("method", ["predict", "transform", "score"])
def test_not_fitted(method: str) -> None:
    same_error(lambda Estimator: getattr(Estimator(), method)(X))


def test_weights_that_are_all_zero() -> None:
    text = same_error(lambda Estimator: Estimator().fit(X, sample_weight=np.zeros(120)))
    assert text == "Sample weights must contain at least one non-zero number."


@pytest.mark.parametrize("weights", [np.ones(3), np.ones((120, 1)), np.ones((120, 2))])
def test_weights_of_a_wrong_shape(weights: np.ndarray) -> None:
    text = same_error(lambda Estimator: Estimator().fit(X, sample_weight=weights))
    if weights.shape == (3,):
        assert text == "sample_weight.shape == (3,), expected (120,)!"


@pytest.mark.parametrize("value", [-1.0, -1e-300, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("method", ["fit", "score"])
def test_better_negative_and_non_finite_weights_are_refused(value: float, method: str) -> None:
    weights = np.ones(120)
    weights[5] = value
    km = OURS(n_clusters=2, random_state=0).fit(X)
    kind, text = error_of(lambda: getattr(km, method)(X, sample_weight=weights))
    assert kind is ValueError
    assert "weight" in text
    kind, text = error_of(lambda: km.fit(X, sample_weight=np.full(120, value)))
    assert kind is ValueError


def _csr(**changes: np.ndarray) -> Any:
    """Make a CSR matrix of 3 x 3, break a part of it, and slip it past SciPy's own checks."""
    S = sp.csr_matrix(np.array([[1.0, 0, 2], [0, 3, 0], [4, 0, 5]]))
    for name, value in changes.items():
        setattr(S, name, value)
    return S


@pytest.mark.parametrize(
    "broken",
    [
        _csr(indices=np.array([0, 9, 1, 0, 2], np.int32)),
        _csr(indices=np.array([0, -1, 1, 0, 2], np.int32)),
        _csr(indptr=np.array([0, 2, 3, 50], np.int32)),
        _csr(indptr=np.array([0, 3, 2, 5], np.int32)),
        _csr(indptr=np.array([1, 2, 3, 5], np.int32)),
        _csr(indptr=np.array([0, 2, 5], np.int32)),
        _csr(data=np.array([1.0, 2.0])),
    ],
    ids=["index", "negative", "indptr end", "indptr order", "indptr start", "short", "data"],
)
def test_better_broken_csr_is_one_clear_error(broken: Any) -> None:
    kind, text = error_of(lambda: OURS(n_clusters=2).fit(broken))
    assert issubclass(kind, ValueError)
    assert text


def test_better_int64_indices_are_accepted() -> None:
    wide = sp.csr_array(X)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    assert error_of(lambda: THEIRS().fit(wide))[0] is ValueError
    ours = OURS(n_clusters=4, random_state=0).fit(wide)
    np.testing.assert_array_equal(ours.labels_, OURS(n_clusters=4, random_state=0).fit(X).labels_)


def test_better_duplicate_and_unsorted_entries_are_summed_and_sorted() -> None:
    indptr, indices = np.array([0, 3, 5, 6]), np.array([2, 0, 2, 1, 0, 2])
    messy = sp.csr_matrix((np.array([1.0, 2, 3, 4, 5, 6]), indices, indptr), shape=(3, 3))
    before = messy.indices.copy(), messy.data.copy()
    ours = OURS(n_clusters=2, random_state=0).fit(messy)
    np.testing.assert_array_equal(messy.indices, before[0])  # and the caller's matrix is as it was
    np.testing.assert_array_equal(messy.data, before[1])
    plain = OURS(n_clusters=2, random_state=0).fit(messy.toarray())
    np.testing.assert_array_equal(ours.cluster_centers_, plain.cluster_centers_)
    np.testing.assert_array_equal(ours.labels_, plain.labels_)


def test_warning_for_centers_and_many_inits() -> None:
    def work(Estimator: type) -> list[tuple[type[Warning], str]]:
        return warnings_of(lambda: Estimator(n_clusters=3, init=X[:3], n_init=5).fit(X))

    assert work(OURS) == work(THEIRS)
    assert work(OURS) == [
        (
            RuntimeWarning,
            "Explicit initial center position passed: performing only one init in KMeans instead "
            "of n_init=5.",
        )
    ]


def test_warning_for_elkan_with_one_cluster() -> None:
    def work(Estimator: type) -> list[tuple[type[Warning], str]]:
        return warnings_of(lambda: Estimator(n_clusters=1, algorithm="elkan").fit(X))

    assert work(OURS) == work(THEIRS)
    assert [kind for kind, _ in work(OURS)] == [RuntimeWarning]


def test_warning_for_fewer_distinct_rows_than_clusters() -> None:
    data = np.repeat([[0.0, 1.0], [2.0, 3.0]], 3, axis=0)

    def work(Estimator: type) -> list[tuple[type[Warning], str]]:
        return warnings_of(lambda: Estimator(n_clusters=4, random_state=0).fit(data))

    assert work(OURS) == work(THEIRS)
    assert work(OURS) == [
        (
            ConvergenceWarning,
            "Number of distinct clusters (2) found smaller than n_clusters (4). Possibly due to "
            "duplicate points in X.",
        )
    ]


def test_no_warning_at_max_iter() -> None:
    for Estimator in (THEIRS, OURS):
        assert warnings_of(lambda E=Estimator: E(max_iter=1, random_state=0).fit(X)) == []
