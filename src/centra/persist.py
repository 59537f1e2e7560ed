"""A `KMeans` as JSON values and arrays, and back.

`store` keeps the bytes, this module says what a model is made of. What cannot be said in JSON is
not guessed at: a `random_state` that is a generator (its state has moved on since the fit), a
callable `init` and `callbacks` are stored as null. A model that is loaded predicts as before; one
that had a callable `init` asks for a new one when it is fitted again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from centra import store
from centra.kmeans import KMeans
from centra.model import Record, Run
from centra.store import Arrays

__all__ = ["load", "save"]

_CENTERS = "history/centers_{:06d}"


def save(model: KMeans, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to one file, whole or not at all.

    The file is a zip archive of JSON and `.npy` arrays, without pickle, so that it can be read by
    other programs and opened without trusting its sender. Parameters, labels, centres, inertia,
    history and restarts come back with the same bits.

    Parameters
    ----------
    model : KMeans
        A fitted estimator.
    path : str or path-like
        The file to write; the suffix is free. A file that is there is replaced only once the new
        one is complete and on the disk.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        `model` has not been fitted.
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
    check_is_fitted(model)
    meta, arrays = to_state(model)
    store.write(path, meta, arrays)


def load(path: str | os.PathLike[str]) -> KMeans:
    """Read a model that `KMeans.save` wrote.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    KMeans
        The fitted estimator.

    Raises
    ------
    OSError
        The file is missing, is a folder, or may not be read.
    ModelFileError
        It is not a model file, is damaged or cut short, or comes from a newer centra. It is a
        `ValueError` too.

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
        return from_state(meta, arrays)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
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
            arrays[_CENTERS.format(record.iteration)] = record.centers
    parameters: dict[str, Any] = {}
    for name, value in model.get_params(deep=False).items():
        if name == "init" and not isinstance(value, str) and not callable(value):
            arrays["init"] = _plain_array(value)
            parameters[name] = {"array": "init"}
        else:
            parameters[name] = _plain(value)
    names = getattr(model, "feature_names_in_", None)
    meta = {
        "estimator": "KMeans",
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
    """Put a model together again; the opposite of `to_state`, which checks what it is given."""
    if meta["estimator"] != "KMeans":
        raise ValueError(f"a {meta['estimator']} model, and this centra knows KMeans")
    parameters: dict[str, Any] = {
        name: arrays[value["array"]] if isinstance(value, dict) else value
        for name, value in meta["parameters"].items()
    }
    unknown = set(parameters) - set(KMeans().get_params(deep=False))
    if unknown:
        raise ValueError(f"unknown parameters {sorted(unknown)}, perhaps of a newer centra")
    model = KMeans(**parameters)
    centers, labels = arrays["cluster_centers"], arrays["labels"]
    _check_arrays(centers, labels)
    model.cluster_centers_ = centers
    model.labels_ = labels
    model.inertia_ = float(meta["inertia"])
    model.n_iter_ = int(meta["n_iter"])
    model.n_features_in_ = centers.shape[1]
    if meta["feature_names_in"] is not None:
        if len(meta["feature_names_in"]) != centers.shape[1]:
            raise ValueError("as many feature names as centres have columns are needed")
        model.feature_names_in_ = np.array(meta["feature_names_in"], dtype=object)
    model.history_ = _history(arrays, model.n_iter_)
    model.runs_ = tuple(
        Run(
            inertia=float(run["inertia"]),
            n_iter=int(run["n_iter"]),
            converged=bool(run["converged"]),
            reason=str(run["reason"]),
        )
        for run in meta["runs"]
    )
    if meta["engine"]:
        model.engine_ = meta["engine"]
    if meta["output"]:
        model.set_output(**meta["output"])
    return model


def _history(arrays: Arrays, n_iter: int) -> tuple[Record, ...]:
    inertia, shift, changed = (
        arrays[f"history/{name}"] for name in ("inertia", "shift", "changed")
    )
    if not len(inertia) == len(shift) == len(changed) == n_iter + 1:
        raise ValueError(f"{n_iter} iterations have {n_iter + 1} records, not {len(inertia)}")
    kept = [arrays.get(_CENTERS.format(i)) for i in range(n_iter + 1)]
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


def _check_arrays(centers: NDArray[Any], labels: NDArray[Any]) -> None:
    """Hold centres and labels against each other, so that nothing fails later and elsewhere."""
    if centers.ndim != 2 or centers.dtype not in (np.float32, np.float64):
        raise ValueError(f"centres of shape {centers.shape} and dtype {centers.dtype}")
    if not np.isfinite(centers).all():
        raise ValueError("centres that are not finite")
    if labels.ndim != 1 or labels.dtype != np.int32:
        raise ValueError(f"labels of shape {labels.shape} and dtype {labels.dtype}")
    if labels.size and not 0 <= labels.min() <= labels.max() < len(centers):
        raise ValueError(f"labels from {labels.min()} to {labels.max()} of {len(centers)} centres")


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
