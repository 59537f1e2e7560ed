"""What estimators of the k-means family have in common: from parameters to a fitted model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import validate_parameter_constraints

from centra._data.budget import beside
from centra._data.dataset import Dataset
from centra._data.training_data import TrainingData
from centra._data.validate import prepare
from centra._lloyd.fingerprint import Fingerprint
from centra._lloyd.fit import fit
from centra._lloyd.listeners import Verbose
from centra._lloyd.model import Model
from centra._lloyd.position import Keep, Position
from centra._lloyd.sampled import Sampled
from centra._seeding.base import Seeding
from centra._seeding.given import Called, Given, RandomRows, check_centers
from centra._seeding.plusplus import PlusPlus
from centra._seeding.scalable import Parallel
from centra._utils.lazy import is_dask
from centra._utils.threads import workers
from centra.events import Listener


def prepared(km: Any, X: Any, **how: Any) -> Dataset:
    """Return validated rows for an estimator; see `prepare`."""
    if is_dask(X):
        from centra._dask.rows import prepare_dask

        return prepare_dask(km, X, workers(km.n_threads), **how)
    return prepare(km, X, workers(km.n_threads), **how)


#: Parameters that were accepted, of types that never change: many fits have the same ones, and to
#: check them takes as long as to fit a hundred rows.
_ACCEPTED: set[tuple[Any, ...]] = set()
_MOST_ACCEPTED = 256
_PLAIN = (bool, int, float, str, type(None))
#: k-means++ of more clusters reads rows so often that a warning says so, if they are not in memory.
MANY_READINGS = 200


def check_parameters(km: Any) -> None:
    """Refuse parameters that an estimator does not take.

    Raises
    ------
    ValueError
        In scikit-learn's words, where it has any.
    """
    given = {name: getattr(km, name) for name in km._parameter_constraints}
    plain = all(type(value) in _PLAIN for value in given.values())
    seen = (km._name, *((type(value), value) for value in given.values())) if plain else None
    if seen in _ACCEPTED:
        return
    validate_parameter_constraints(km._parameter_constraints, given, km._name)
    callbacks = km.callbacks if km.callbacks is not None else ()
    if isinstance(callbacks, str) or not all(map(callable, callbacks)):
        raise ValueError(
            "callbacks must be a list of functions that take an event, as in callbacks=[print]."
        )
    if isinstance(km.n_threads, bool):
        raise ValueError(f"n_threads={km.n_threads} must be a positive integer or None.")
    if seen is not None:
        if len(_ACCEPTED) >= _MOST_ACCEPTED:
            _ACCEPTED.clear()
        _ACCEPTED.add(seen)


def remember(km: Any, X: Any, sample_weight: Any) -> None:
    """Let views find the rows and weights of a fit, for as long as others keep them."""
    km._training_data = TrainingData(X, sample_weight)


def fit_prepared(
    km: Any,
    data: Dataset,
    seeding: Seeding | None = None,
    keep: Keep | None = None,
    begun: tuple[Position, int] | None = None,
) -> Model:
    """Fit an estimator to validated rows, from what `init` names or from another seeding.

    `keep` is told where the fit is; `begun` says where it goes on, and of how many rows it was.
    """
    data.allow(beside(km.memory, data.dense))
    if data.n_rows < km.n_clusters:
        raise ValueError(f"n_samples={data.n_rows} should be >= n_clusters={km.n_clusters}.")
    if seeding is None:
        seeding = _seeding(km, data)
    model = model_of(km, data, seeding, _count_restarts(km, seeding), keep, _checked(data, begun))
    take_over(km, model)
    return model


def _checked(data: Dataset, begun: tuple[Position, int] | None) -> Position | None:
    """Refuse rows of another shape than those of a fit that goes on."""
    if begun is None:
        return None
    position, n_rows = begun
    there = (n_rows, position.centers.shape[1])
    here = (data.n_rows, data.n_features)
    if here != there:
        raise ValueError(
            f"X has {here[0]} rows and {here[1]} columns, and the fit that was interrupted had "
            f"{there[0]} and {there[1]}. Resume with the rows of that fit."
        )
    return position


def model_of(
    km: Any,
    data: Dataset,
    seeding: Seeding,
    n_init: int,
    keep: Keep | None = None,
    begun: Position | None = None,
) -> Model:
    """Return the model that an estimator's parameters give."""
    listeners: list[Listener] = [Verbose()] if km.verbose else []
    return fit(
        data,
        seeding,
        km.n_clusters,
        n_init=n_init,
        max_iter=km.max_iter,
        tol=km.tol,
        rng=as_generator(km.random_state),
        listeners=[*listeners, *(km.callbacks or ())],
        keep_centers=km.keep_centers,
        keep=keep,
        begun=begun,
    )


def _seeding(km: Any, data: Dataset) -> Seeding:
    if isinstance(km.init, str) and km.init == "sampled":
        restarts = 1 if km.n_init == "auto" else int(km.n_init)  # of the sample's fit
        return Sampled(km.n_clusters, km.max_iter, km.tol, restarts, beside(km.memory, None))
    if isinstance(km.init, str) and km.init == "k-means++":
        _check_readings(km, data)
    return as_seeding(km.init, km.n_clusters, data.n_features)


def _check_readings(km: Any, data: Dataset) -> None:
    """Warn of a seeding that reads rows, which are not in memory, hundreds of times."""
    if km.n_clusters > MANY_READINGS and not data.at_hand:
        warnings.warn(
            f"init='k-means++' reads all rows twice for each of the {km.n_clusters} centres, and "
            "they are not in memory. init='k-means||' reads them about a dozen times in all, and "
            "init='sampled' once.",
            RuntimeWarning,
            stacklevel=6,
        )


def _count_restarts(km: Any, seeding: Seeding) -> int:
    if km.algorithm == "elkan" and km.n_clusters == 1:
        warnings.warn(
            "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.",
            RuntimeWarning,
            stacklevel=5,
        )
    if km.n_init == "auto" or isinstance(seeding, Sampled):
        return seeding.n_init
    if isinstance(seeding, Given) and km.n_init != 1:
        warnings.warn(
            "Explicit initial center position passed: performing only one init in "
            f"{type(km).__name__} instead of n_init={km.n_init}.",
            RuntimeWarning,
            stacklevel=5,
        )
        return 1
    return int(km.n_init)


def take_over(km: Any, model: Model) -> None:
    """Make a model that of an estimator."""
    km.cluster_centers_ = model.centers
    km.labels_ = model.labels
    km.inertia_ = model.inertia
    km.n_iter_ = model.n_iter
    km.history_ = model.history
    km.runs_ = model.runs
    km.engine_ = model.engine
    km._fingerprint = Fingerprint.of(model.centers, model.labels, model.inertia)
    if model.distinct < km.n_clusters:
        warnings.warn(
            f"Number of distinct clusters ({model.distinct}) found smaller than n_clusters "
            f"({km.n_clusters}). Possibly due to duplicate points in X.",
            ConvergenceWarning,
            stacklevel=5,
        )


#: What `init` may name.
SEEDINGS: dict[str, Callable[[int], Seeding]] = {
    "k-means++": PlusPlus,
    "k-means||": Parallel,
    "random": RandomRows,
}


def as_seeding(init: Any, n_clusters: int, n_features: int) -> Seeding:
    """Return the seeding that the parameter `init` names."""
    if isinstance(init, str):
        return SEEDINGS[init](n_clusters)
    if callable(init):
        return Called(init, n_clusters)
    return Given(check_centers(init, n_clusters, n_features))


def as_generator(random_state: Any) -> Any:
    """Return a RandomState as scikit-learn does, or a Generator as it is."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    return check_random_state(random_state)
