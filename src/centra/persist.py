"""A `KMeans`, or one behind a `StandardScaler`, as JSON values and arrays, and back.

`store` keeps the bytes, this module says what a model is made of. What cannot be said in JSON is
not guessed at: a `random_state` that is a generator (its state has moved on since the fit), a
callable `init` and `callbacks` are stored as null. A model that is loaded predicts as before; one
that had a callable `init` asks for a new one when it is fitted again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from centra import schema, store
from centra._lloyd.model import Record, Run, check_fit
from centra.kmeans import KMeans
from centra.store import Arrays

if TYPE_CHECKING:  # scikit-learn's are imported where a model needs them: it takes its time
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

__all__ = ["load", "save"]


def save(model: KMeans | Pipeline, path: str | os.PathLike[str]) -> None:
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
    meta, arrays = to_state(km)
    if scaler is not None:
        check_is_fitted(scaler)
        _add_scaler(scaler, km, meta, arrays)
    try:
        schema.check(meta, arrays)
    except ValueError as error:
        raise ValueError(
            f"this model was changed after its fit, and its parts do not fit together: {error}; "
            "fit it again, or set back what was changed"
        ) from error
    store.write(path, meta, arrays)


def parts_of(model: KMeans | Pipeline) -> tuple[StandardScaler | None, KMeans]:
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
    if kinds != ["StandardScaler", "KMeans"] or not isinstance(steps[1], KMeans):
        names = ", ".join(kinds)
        raise ValueError(
            f"only a pipeline of StandardScaler and centra's KMeans can be saved, not {names}"
        )
    return steps[0], steps[1]


def load(path: str | os.PathLike[str]) -> KMeans:
    """Read a model that `KMeans.save` wrote.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    KMeans
        The fitted estimator. Where its columns were standardized (``centra fit --standardize``),
        a `sklearn.pipeline.Pipeline` of the `StandardScaler` and the `KMeans` behind it: it
        predicts from rows in their own units.

    Raises
    ------
    OSError
        The file is missing, is a folder, or may not be read.
    ModelFileError
        It is not a model file, is damaged or cut short, has parts that are wrong or do not agree,
        or comes from a newer centra. It is a `ValueError` too.

    See Also
    --------
    KMeans.save : The other direction, and what it leaves out.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import centra
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.centra"
    >>> centra.KMeans(2, random_state=0).fit(np.array([[0.0], [1.0], [9.0]])).save(path)
    >>> centra.load(path).predict([[0.2], [8.0]])
    array([0, 1], dtype=int32)
    """
    meta, arrays = store.read(path)
    try:
        arrays = {name: _native(array) for name, array in arrays.items()}
        schema.check(meta, arrays)
        km = from_state(meta, arrays)
        if meta["estimator"] == schema.KMEANS:
            return km
        from sklearn.pipeline import make_pipeline

        return make_pipeline(_scaler(meta, arrays), km)  # type: ignore[no-any-return]
    except MemoryError:
        raise
    except Exception as error:  # whatever else: a file is never the reason of another error
        what = " ".join(str(error).split())
        store.refuse(path, f"its contents do not fit together ({what}); save the model again")


def to_state(model: KMeans) -> tuple[dict[str, Any], Arrays]:
    """Take a fitted model apart into JSON values and arrays."""
    arrays: Arrays = {
        "cluster_centers": model.cluster_centers_,
        "labels": model.labels_,
        # As arrays rather than JSON: a fit of 300 iterations stays short to read.
        "history/inertia": np.array([record.inertia for record in model.history_], np.float64),
        "history/shift": np.array([record.shift for record in model.history_], np.float64),
        "history/changed": np.array([record.changed for record in model.history_], np.int64),
    }
    for record in model.history_:
        if record.centers is not None:
            arrays[schema.CENTERS.format(record.iteration)] = record.centers
    parameters: dict[str, Any] = {}
    for name, value in model.get_params(deep=False).items():
        if name == "init" and not (value is None or isinstance(value, str) or callable(value)):
            arrays["init"] = _plain_array(value)
            parameters[name] = {"array": "init"}
        else:
            parameters[name] = _plain(value)
    names = getattr(model, "feature_names_in_", None)
    meta = {
        "estimator": schema.KMEANS,
        "parameters": parameters,
        "inertia": float(model.inertia_),
        "n_iter": int(model.n_iter_),
        "feature_names_in": None if names is None else [str(name) for name in names],
        "runs": [
            {
                "inertia": float(run.inertia),
                "n_iter": int(run.n_iter),
                "converged": bool(run.converged),
                "reason": run.reason,
                "start": run.start,
            }
            for run in model.runs_
        ],
        # Counts and names, for the curious.
        "engine": dict(getattr(model, "engine_", {})),
        # What set_output() asked for; scikit-learn offers no public way to read it back.
        "output": dict(getattr(model, "_sklearn_output_config", {})),
    }
    return meta, arrays


def from_state(meta: Mapping[str, Any], arrays: Arrays) -> KMeans:
    """Put a model together again, from what `centra.schema` has found to be one."""
    parameters: dict[str, Any] = {
        name: arrays[value["array"]] if isinstance(value, dict) else value
        for name, value in meta["parameters"].items()
    }
    model = KMeans(**parameters)
    centers = np.ascontiguousarray(arrays["cluster_centers"])
    model.cluster_centers_ = centers
    model.labels_ = arrays["labels"]
    model.inertia_ = float(meta["inertia"])
    model.n_iter_ = int(meta["n_iter"])
    model.n_features_in_ = centers.shape[1]
    if meta["feature_names_in"] is not None:
        model.feature_names_in_ = np.array(meta["feature_names_in"], dtype=object)
    model.history_ = _history(arrays, model.n_iter_)
    model.runs_ = tuple(
        Run(
            inertia=float(run["inertia"]),
            n_iter=int(run["n_iter"]),
            converged=bool(run["converged"]),
            reason=str(run["reason"]),
            start=str(run.get("start", "init")),
        )
        for run in meta["runs"]
    )
    if meta["engine"]:
        model.engine_ = meta["engine"]
    if meta["output"]:
        model.set_output(**meta["output"])
    return model


def _add_scaler(scaler: StandardScaler, km: KMeans, meta: dict[str, Any], arrays: Arrays) -> None:
    """Add a scaler to the state of the model behind it."""
    if not (scaler.with_mean and scaler.with_std):
        raise ValueError("only a StandardScaler with mean and scale can be saved")
    if len(scaler.mean_) != km.n_features_in_:
        raise ValueError(f"{len(scaler.mean_)} means of {km.n_features_in_} columns")
    names = getattr(scaler, "feature_names_in_", None)
    meta["estimator"] = schema.STANDARDIZED
    meta["scaler"] = {
        # A sum of weights where rows had some.
        "n_samples_seen": float(np.max(scaler.n_samples_seen_)),
        "feature_names_in": None if names is None else [str(name) for name in names],
    }
    for name in ("mean", "scale", "var"):
        arrays[f"scaler/{name}"] = np.asarray(getattr(scaler, f"{name}_"), np.float64)


def _scaler(meta: Mapping[str, Any], arrays: Arrays) -> StandardScaler:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    mean, scale, var = (arrays[f"scaler/{name}"] for name in ("mean", "scale", "var"))
    scaler.mean_, scaler.scale_, scaler.var_ = mean, scale, var
    scaler.n_features_in_ = len(mean)
    scaler.n_samples_seen_ = meta["scaler"]["n_samples_seen"]
    names = meta["scaler"]["feature_names_in"]
    if names is not None:
        scaler.feature_names_in_ = np.array(names, dtype=object)
    return scaler


def _history(arrays: Arrays, n_iter: int) -> tuple[Record, ...]:
    inertia, shift, changed = (
        arrays[f"history/{name}"] for name in ("inertia", "shift", "changed")
    )
    kept = [arrays.get(schema.CENTERS.format(i)) for i in range(n_iter + 1)]
    for centers in kept:
        if centers is not None:
            centers.flags.writeable = False  # as a fit leaves them: history is not to be changed
    return tuple(
        Record(
            iteration=i,
            inertia=float(inertia[i]),
            shift=float(shift[i]),
            changed=int(changed[i]),
            centers=kept[i],
        )
        for i in range(n_iter + 1)
    )


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """Give an array in the byte order of this machine, whichever wrote it."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


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
