"""Saving: a model as JSON values and arrays, which `container` writes.

What has no form in JSON is stored as null: a `random_state` that is a generator (its state has
changed since the fit), a callable `init` and `callbacks`. A model that is loaded predicts as
before; one that had a callable `init` needs a new one to be fitted again.
"""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from centra._lloyd.fingerprint import check_computed
from centra._lloyd.model import check_fit
from centra._persistence import container, schema
from centra._persistence.container import Arrays
from centra._persistence.estimators import ESTIMATORS
from centra._persistence.history import put_records, state_of_run

if TYPE_CHECKING:  # scikit-learn's are imported where a model needs them: it takes its time
    from sklearn.preprocessing import StandardScaler

__all__ = ["parts_of", "save", "to_state"]


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to one file, whole or not at all.

    The file is a zip archive of JSON and `.npy` arrays, without pickle, so that it can be read by
    other programs and opened without trusting its sender. Parameters, labels, centres, inertia,
    history and restarts come back with the same bits.

    Parameters
    ----------
    model : KMeans or sklearn.pipeline.Pipeline
        A fitted estimator; or a pipeline of a fitted `StandardScaler` and a `KMeans` that was
        fitted on what it gives.
    path : str or path-like
        The file to write; the suffix is free. A file that is there is replaced only once the new
        one is complete and on the disk.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        `model` has not been fitted.
    ValueError
        A pipeline of anything else; or a model that was changed after its fit, so that its parts no
        longer agree.
    OSError
        The file cannot be written, say because the disk is full; an earlier file is untouched.

    Notes
    -----
    Stored as null, because JSON has no form for them: a `random_state` that is a generator object,
    a callable `init`, `callbacks`. An `init` of centres comes back as a NumPy array.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from pathlib import Path
    >>> import centra
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [9.0, 9.0]])
    >>> km = centra.KMeans(n_clusters=2, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.centra"
    ...     km.save(path)
    ...     again = centra.load(path)
    >>> bool((again.labels_ == km.labels_).all())
    True
    """
    scaler, km = parts_of(model)
    check_fit(km, "save")
    check_computed(km, "save")
    meta, arrays = to_state(km)
    if scaler is not None:
        check_is_fitted(scaler)
        _add_scaler(scaler, km, meta, arrays)
    try:
        schema.check(meta, arrays)
    except ValueError as error:
        raise ValueError(
            f"this model was changed after its fit, and its parts do not fit together: {error}; "
            "fit it again, or undo the change"
        ) from error
    container.write(path, meta, arrays)


def parts_of(model: Any) -> tuple[StandardScaler | None, Any]:
    """Take a pipeline of two apart; a `KMeans` alone has no scaler.

    Parameters
    ----------
    model : KMeans or sklearn.pipeline.Pipeline
        What `load` returns.

    Returns
    -------
    scaler : sklearn.preprocessing.StandardScaler or None
    km : KMeans

    Raises
    ------
    ValueError
        A pipeline of anything else.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from centra import KMeans
    >>> parts_of(make_pipeline(StandardScaler(), KMeans(3)))
    (StandardScaler(), KMeans(n_clusters=3))
    """
    if not hasattr(model, "steps"):
        return None, model
    steps = [step for _, step in model.steps]
    kinds = [type(step).__name__ for step in steps]
    if kinds != ["StandardScaler", "KMeans"] or not isinstance(steps[1], ESTIMATORS[schema.KMEANS]):
        names = ", ".join(kinds)
        raise ValueError(
            f"only a pipeline of StandardScaler and centra's KMeans can be saved, not {names}"
        )
    return steps[0], steps[1]


def to_state(model: Any) -> tuple[dict[str, Any], Arrays]:
    """Take a fitted model apart into JSON values and arrays."""
    arrays: Arrays = {
        "cluster_centers": model.cluster_centers_,
        "labels": model.labels_,
    }
    put_records(schema.HISTORY, model.history_, arrays)
    parameters = parameters_of(model, arrays)
    names = getattr(model, "feature_names_in_", None)
    meta = {
        "estimator": schema.KMEANS,
        "parameters": parameters,
        "inertia": float(model.inertia_),
        "n_iter": int(model.n_iter_),
        "feature_names_in": None if names is None else [str(name) for name in names],
        "runs": [state_of_run(run) for run in model.runs_],
        # Counts and names, for the curious.
        "engine": engine_of(model),
        # What set_output() asked for; scikit-learn offers no public way to read it back.
        "output": dict(getattr(model, "_sklearn_output_config", {})),
    }
    return meta, arrays


def engine_of(model: Any) -> dict[str, Any]:
    """Return what a fit did, without what depends on where its rows were."""
    return {name: value for name, value in getattr(model, "engine_", {}).items() if name != "kept"}


def parameters_of(model: Any, arrays: Arrays) -> dict[str, Any]:
    """Return the parameters of a model in JSON's types; an array goes to the arrays."""
    parameters: dict[str, Any] = {}
    for name, value in model.get_params(deep=False).items():
        if name == "init" and not (value is None or isinstance(value, str) or callable(value)):
            arrays["init"] = _plain_array(value)
            parameters[name] = {"array": "init"}
        else:
            parameters[name] = _plain(value)
    return parameters


def _add_scaler(scaler: StandardScaler, km: Any, meta: dict[str, Any], arrays: Arrays) -> None:
    """Add a scaler to the state of the model behind it."""
    if not (scaler.with_mean and scaler.with_std):
        raise ValueError("only a StandardScaler with mean and scale can be saved")
    if len(scaler.mean_) != km.n_features_in_:
        raise ValueError(
            f"the scaler has {len(scaler.mean_)} means, and the KMeans {km.n_features_in_} columns"
            "; fit both on the same columns"
        )
    names = getattr(scaler, "feature_names_in_", None)
    meta["estimator"] = schema.STANDARDIZED
    meta["scaler"] = {
        # A sum of weights where rows had some.
        "n_samples_seen": float(np.max(scaler.n_samples_seen_)),
        "feature_names_in": None if names is None else [str(name) for name in names],
    }
    for name in ("mean", "scale", "var"):
        arrays[f"scaler/{name}"] = np.asarray(getattr(scaler, f"{name}_"), np.float64)


def _plain(value: Any) -> str | int | float | bool | None:
    """Give a parameter in JSON's types, and null for what has none."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and np.isfinite(float(value)):
        return float(value)
    return None


def _plain_array(value: Any) -> NDArray[Any]:
    """Give an `init` of centres, in any container that fit() takes, as an array of numbers."""
    array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
    return array if array.dtype.kind in "biuf" else array.astype(np.float64)
