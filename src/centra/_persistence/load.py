"""Loading: a model from the JSON values and arrays of a model file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.fingerprint import Fingerprint
from centra._persistence import container, schema
from centra._persistence.container import Arrays
from centra._persistence.estimators import ESTIMATORS
from centra._persistence.history import get_records, run_of

if TYPE_CHECKING:  # scikit-learn's are imported where a model needs them: it takes its time
    from sklearn.preprocessing import StandardScaler

__all__ = ["from_state", "load"]


def load(path: str | os.PathLike[str]) -> Any:
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
    meta, arrays = container.read(path)
    if meta.get("estimator") == schema.CHECKPOINT:
        container.refuse(
            path, "it is the checkpoint of a fit; centra.resume(path, X) goes on with it"
        )
    try:
        arrays = {name: _native(array) for name, array in arrays.items()}
        schema.check(meta, arrays)
        km = from_state(meta, arrays)
        if meta["estimator"] == schema.KMEANS:
            return km
        from sklearn.pipeline import make_pipeline

        return make_pipeline(_scaler(meta, arrays), km)
    except MemoryError:
        raise
    except Exception as error:  # whatever else: a file is never the reason of another error
        what = " ".join(str(error).split())
        container.refuse(path, f"its contents do not fit together ({what}); save the model again")


def from_state(meta: Mapping[str, Any], arrays: Arrays) -> Any:
    """Put a model together again, from what `centra._persistence.schema` has found to be one."""
    parameters: dict[str, Any] = {
        name: arrays[value["array"]] if isinstance(value, dict) else value
        for name, value in meta["parameters"].items()
    }
    model = ESTIMATORS[schema.KMEANS](**parameters)
    centers = np.ascontiguousarray(arrays["cluster_centers"])
    model.cluster_centers_ = centers
    model.labels_ = arrays["labels"]
    model.inertia_ = float(meta["inertia"])
    model.n_iter_ = int(meta["n_iter"])
    model.n_features_in_ = centers.shape[1]
    if meta["feature_names_in"] is not None:
        model.feature_names_in_ = np.array(meta["feature_names_in"], dtype=object)
    model.history_ = get_records(schema.HISTORY, model.n_iter_ + 1, arrays)
    model.runs_ = tuple(map(run_of, meta["runs"]))
    model._fingerprint = Fingerprint.of_model(model)
    if meta["engine"]:
        model.engine_ = meta["engine"]
    if meta["output"]:
        model.set_output(**meta["output"])
    return model


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


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """Give an array in the byte order of this machine, whichever wrote it."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
