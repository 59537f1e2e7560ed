"""scikit-learn's own tests of KMeans, from the installed package, run against centra.

Each function named in `RUN` is taken from `sklearn.cluster.tests.test_k_means` as it is, with its
parameters, and gets centra's `KMeans`, `k_means` and `kmeans_plusplus` where it says
scikit-learn's. Nothing is copied: a newer scikit-learn brings its newer tests, and a test that is
in neither list makes `test_every_function_is_decided_on` fail until someone decides.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import pytest
from sklearn.cluster import KMeans as TheirKMeans
from sklearn.cluster import MiniBatchKMeans
from sklearn.cluster.tests import test_k_means as theirs

import centra

OURS = {
    "KMeans": centra.KMeans,
    "k_means": centra.k_means,
    "kmeans_plusplus": centra.kmeans_plusplus,
}

#: Functions that use the public interface, wholly or in the parameters that are for KMeans.
RUN = (
    "test_all_init",
    "test_centers_not_mutated",
    "test_dense_sparse",
    "test_feature_names_out",
    "test_fit_transform",
    "test_float_precision",
    "test_fortran_aligned_data",
    "test_integer_input",
    "test_k_means_1_iteration",
    "test_k_means_function",
    "test_kmeans_convergence",
    "test_kmeans_copyx",
    "test_kmeans_elkan_iter_attribute",
    "test_kmeans_elkan_results",
    "test_kmeans_empty_cluster_relocated",
    "test_kmeans_init_fitted_centers",
    "test_kmeans_plusplus_dataorder",
    "test_kmeans_plusplus_norms",
    "test_kmeans_plusplus_output",
    "test_kmeans_plusplus_wrong_params",
    "test_kmeans_predict",
    "test_kmeans_relocated_clusters",
    "test_kmeans_results",
    "test_kmeans_verbose",
    "test_kmeans_warns_less_centers_than_unique_points",
    "test_kmeans_with_array_like_or_np_scalar_init",
    "test_n_init",
    "test_predict_dense_sparse",
    "test_predict_does_not_change_cluster_centers",
    "test_relocating_with_duplicates",
    "test_result_equal_in_diff_n_threads",
    "test_sample_weight_unchanged",
    "test_scaled_weights",
    "test_score_max_iter",
    "test_transform",
    "test_unit_weights_vs_no_weights",
    "test_warning_elkan_1_cluster",
    "test_warning_n_init_precomputed_centers",
    "test_weighted_vs_repeated",
    "test_wrong_params",
)

_MINIBATCH = "tests MiniBatchKMeans, which centra does not have yet"
_HELPER = "tests a private compiled helper of scikit-learn"
_N_INIT = "reads the private _n_init; test_contract_fit holds the number of restarts in runs_"
_INIT_CENTROIDS = (
    "calls the private _init_centroids; test_contract_draws holds weighted draws through "
    "kmeans_plusplus and fit"
)

#: Functions that are left out, each with the reason.
LEFT_OUT = {
    "test_minibatch_declared_convergence": _MINIBATCH,
    "test_minibatch_iter_steps": _MINIBATCH,
    "test_minibatch_kmeans_init_size": _MINIBATCH,
    "test_minibatch_kmeans_partial_fit_init": _MINIBATCH,
    "test_minibatch_kmeans_verbose": _MINIBATCH,
    "test_minibatch_kmeans_warning_init_size": _MINIBATCH,
    "test_minibatch_reassign": _MINIBATCH,
    "test_minibatch_sensible_reassign": _MINIBATCH,
    "test_minibatch_update_consistency": _MINIBATCH,
    "test_minibatch_with_many_reassignments": _MINIBATCH,
    "test_euclidean_distance": _HELPER,
    "test_inertia": _HELPER,
    "test_is_same_clustering": _HELPER,
    "test_relocate_empty_clusters": _HELPER,
    "test_kmeans_init_auto_with_initial_centroids": _N_INIT,
    "test_n_init_auto": _N_INIT,
    "test_sample_weight_init": _INIT_CENTROIDS,
    "test_sample_weight_zero": _INIT_CENTROIDS,
}


def _with_ours(function: Callable[..., None]) -> Callable[..., None]:
    """Build the same function over the same module, in which three names mean centra's."""
    twin = types.FunctionType(
        function.__code__,
        vars(theirs) | OURS,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__doc__ = function.__doc__
    marks = [_mark_with_ours(mark) for mark in getattr(function, "pytestmark", [])]
    twin.pytestmark = marks  # type: ignore[attr-defined]
    return twin


def _mark_with_ours(mark: pytest.Mark) -> pytest.Mark:
    """Put centra's class into a mark's parameters, and drop those that are for MiniBatchKMeans."""
    if mark.name != "parametrize":
        return mark
    names, values, *rest = mark.args
    kept = [_value_with_ours(value) for value in values if not _is_minibatch(value)]
    assert len(kept) == len(values) or "ids" not in mark.kwargs, "ids would move along"
    return pytest.Mark(mark.name, (names, kept, *rest), mark.kwargs, _ispytest=True)


def _is_minibatch(value: Any) -> bool:
    return value is MiniBatchKMeans or (isinstance(value, tuple) and MiniBatchKMeans in value)


def _value_with_ours(value: Any) -> Any:
    if isinstance(value, tuple) and any(part is TheirKMeans for part in value):
        return tuple(_value_with_ours(part) for part in value)
    return centra.KMeans if value is TheirKMeans else value


for _name in RUN:
    globals()[_name] = _with_ours(getattr(theirs, _name))


def test_every_function_is_decided_on() -> None:
    """Each of scikit-learn's test functions is in one of the two lists, and none is made up."""
    there = {
        name
        for name, value in vars(theirs).items()
        if name.startswith("test_") and inspect.isfunction(value)
    }
    assert there == set(RUN) | set(LEFT_OUT)
    assert not set(RUN) & set(LEFT_OUT)


def test_ours_is_what_runs() -> None:
    """The swap reaches the functions and their parameters: scikit-learn's class is nowhere left."""
    assert centra.KMeans is not TheirKMeans
    for name in RUN:
        function = globals()[name]
        assert function.__globals__["KMeans"] is centra.KMeans
        for mark in function.pytestmark:
            values = mark.args[1] if mark.name == "parametrize" else []
            flat = [part for v in values for part in (v if isinstance(v, tuple) else (v,))]
            assert not any(part is TheirKMeans or part is MiniBatchKMeans for part in flat)
