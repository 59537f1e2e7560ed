"""The schema of a model file: every part, its type, shape and range, and that parts agree.

A file may come from anybody, so `check` looks at all of it before a model is made. `save` calls it
too, so that `load` accepts whatever `save` writes. Parts that are not named here are those of a
newer centra, and are ignored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.model import CONVERGED, REASONS, STARTS
from centra._persistence.estimators import ESTIMATORS
from centra._persistence.history import centers_name
from centra._utils.escapes import for_terminal
from centra._utils.text import listed
from centra.sources.sizes import parse_memory

__all__ = ["CHECKPOINT", "HISTORY", "KMEANS", "STANDARDIZED", "check"]

#: What a file calls a model.
KMEANS = "KMeans"
STANDARDIZED = "StandardScaler, KMeans"
CHECKPOINT = "checkpoint"
#: What the arrays of a model's records begin with.
HISTORY = "history"

_OUTPUTS = ("default", "pandas", "polars")
#: Characters of a text of the file that a message repeats, and names that it lists.
_LONG, _MOST = 40, 5


def _kmeans(**parameters: Any) -> Any:
    return ESTIMATORS[KMEANS](**parameters)


def check(meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse anything that is not a whole model whose parts agree.

    Parameters
    ----------
    meta : mapping
        Values as JSON has them.
    arrays : mapping of str to ndarray
        Arrays in the byte order of this machine.

    Raises
    ------
    ValueError
        A sentence that names the part, what it is, and what it must be.

    Examples
    --------
    >>> check({"estimator": "Forest"}, {})
    Traceback (most recent call last):
        ...
    ValueError: estimator is 'Forest', and this centra knows KMeans or StandardScaler, KMeans
    """
    estimator = _part(meta, "estimator")
    if estimator not in (KMEANS, STANDARDIZED):
        raise ValueError(
            f"estimator is {_said(estimator)}, and this centra knows {KMEANS} or {STANDARDIZED}"
        )
    k, d = _centers(arrays)
    n_rows = _labels(arrays, k)
    _parameters(_mapping(meta, "parameters"), arrays, (k, d))
    _names(meta, "feature_names_in", d)
    n_iter = _whole(_part(meta, "n_iter"), "n_iter")
    inertia = _number(_part(meta, "inertia"), "inertia")
    _history(arrays, n_iter, inertia, n_rows)
    _runs(_part(meta, "runs"), n_iter)
    _engine(_mapping(meta, "engine"))
    _output(_mapping(meta, "output"))
    if estimator == STANDARDIZED:
        _scaler(_mapping(meta, "scaler"), arrays, d)


def _centers(arrays: Mapping[str, NDArray[Any]]) -> tuple[int, int]:
    centers = _array(arrays, "cluster_centers", (np.float32, np.float64))
    if centers.ndim != 2 or 0 in centers.shape:
        raise ValueError(
            f"cluster_centers has shape {centers.shape}, and must have a row for each cluster and "
            "a column for each feature"
        )
    _finite(centers, "cluster_centers")
    return centers.shape


def _labels(arrays: Mapping[str, NDArray[Any]], k: int) -> int:
    labels = _array(arrays, "labels", (np.int32,))
    if labels.ndim != 1 or len(labels) < k:
        raise ValueError(
            f"labels has shape {labels.shape}, and must have one label for each row and as many "
            f"rows as clusters, {k}, at least"
        )
    if not 0 <= labels.min() <= labels.max() < k:
        raise ValueError(
            f"labels go from {labels.min()} to {labels.max()}, and must go from 0 to {k - 1}"
        )
    return len(labels)


def _parameters(
    given: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], shape: tuple[int, int]
) -> None:
    unknown = sorted(set(given) - set(_kmeans().get_params(deep=False)))
    if unknown:
        names = listed([_said(name) for name in unknown[: _MOST + 1]], _MOST)
        raise ValueError(f"parameters has {names}, which this version of centra does not know")
    init = given.get("init", "k-means++")
    if isinstance(init, dict):
        if init != {"array": "init"}:
            raise ValueError('parameters: init must be a name, null, or {"array": "init"}')
        _starts(arrays, shape)
    elif init is not None and not isinstance(init, str):
        raise ValueError(f"parameters: init is {_said(init)}, and must be a name or null")
    for name, value in given.items():
        if isinstance(value, list) or (isinstance(value, dict) and name != "init"):
            raise ValueError(f"parameters: {name} is {_said(value)}, and must be a single value")
    # Functions have no form in JSON: both are null, and an init of null was a function.
    if given.get("callbacks") is not None:
        raise ValueError("parameters: callbacks must be null")
    named = isinstance(init, str)
    _kmeans(**{**given, "init": init if named else "random"})._validate_params()
    _memory(given.get("memory"))
    n_clusters = given.get("n_clusters", _kmeans().n_clusters)
    if n_clusters != shape[0]:
        raise ValueError(f"n_clusters is {n_clusters}, and there are {shape[0]} centres")


def _memory(memory: Any) -> None:
    if memory is None:
        return
    try:
        if len(str(memory)) <= _LONG:  # a text of a million spaces would take its reader hours
            parse_memory(memory)
            return
    except ValueError:
        pass
    raise ValueError(
        f"parameters: memory is {_said(memory)}, and must be an amount such as '256MB'"
    )


def _starts(arrays: Mapping[str, NDArray[Any]], shape: tuple[int, int]) -> None:
    start = arrays.get("init")
    if start is None:
        raise ValueError("the array 'init' is missing")
    if start.shape != shape:
        raise ValueError(f"init has shape {start.shape}, and the centres have {shape}")
    _finite(start, "init")


def _names(meta: Mapping[str, Any], part: str, d: int) -> None:
    names = _part(meta, part)
    if names is None:
        return
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{part} is {_said(names)}, and must be null or a list of texts")
    if len(names) != d:
        raise ValueError(f"{part} has {len(names)} names, and the centres have {d} columns")


def _history(arrays: Mapping[str, NDArray[Any]], n_iter: int, inertia: float, n_rows: int) -> None:
    for name, dtype in (("inertia", np.float64), ("shift", np.float64), ("changed", np.int64)):
        values = _array(arrays, f"history/{name}", (dtype,))
        if values.shape != (n_iter + 1,):
            raise ValueError(
                f"history/{name} has shape {values.shape}, and n_iter = {n_iter} makes "
                f"{n_iter + 1} records"
            )
        _finite(values, f"history/{name}")
        if values.min() < 0:
            raise ValueError(f"history/{name} has {values.min():g}, and cannot be below 0")
    if arrays["history/inertia"][-1] != inertia:
        last = arrays["history/inertia"][-1]
        raise ValueError(f"the history ends with inertia {last:g}, and the model's is {inertia:g}")
    most = arrays["history/changed"].max()
    if most > n_rows:
        raise ValueError(f"history/changed has {most}, and there are {n_rows} rows only")
    _way(arrays, n_iter)


def _way(arrays: Mapping[str, NDArray[Any]], n_iter: int) -> None:
    """Check the centers of all records: kept for each or for none, the last those of the model."""
    kept = [arrays.get(centers_name(HISTORY, i)) for i in range(n_iter + 1)]
    if all(centers is None for centers in kept):
        return
    final = arrays["cluster_centers"]
    for i, centers in enumerate(kept):
        name = centers_name(HISTORY, i)
        if centers is None:
            raise ValueError(f"the array {name!r} is missing, and other records have theirs")
        if centers.dtype not in (np.float32, np.float64) or centers.shape != final.shape:
            raise ValueError(
                f"{name} is {centers.dtype} of shape {centers.shape}, and must be floats of shape "
                f"{final.shape}"
            )
        _finite(centers, name)
    if not np.array_equal(arrays[centers_name(HISTORY, n_iter)], final):
        raise ValueError("the history ends with other centres than the model's")


def _runs(runs: Any, n_iter: int) -> None:
    if not isinstance(runs, list) or not runs:
        raise ValueError(f"runs is {_said(runs)}, and must be a list of one restart or more")
    for at, run in enumerate(runs):
        what = f"runs[{at}]"
        if not isinstance(run, dict):
            raise ValueError(f"{what} is {_said(run)}, and must have the parts of a restart")
        _number(_part(run, "inertia", what), f"{what}: inertia")
        _whole(_part(run, "n_iter", what), f"{what}: n_iter")
        reason, converged = _part(run, "reason", what), _part(run, "converged", what)
        _one_of(reason, REASONS, f"{what}: reason")
        if converged is not (reason in CONVERGED):
            raise ValueError(
                f"{what}: converged is {_said(converged)}, and its reason is {reason!r}"
            )
        # Files that were written before there were starts have none.
        _one_of(run.get("start", "init"), STARTS, f"{what}: start")
    if all(run["n_iter"] != n_iter for run in runs):
        raise ValueError(f"n_iter is {n_iter}, and no run has this n_iter")


def _engine(engine: Mapping[str, Any]) -> None:
    """Check counts, counts by name, and the name of the instruction set."""
    for name, value in engine.items():
        counts = value if isinstance(value, dict) else {name: value}
        for each, number in counts.items():
            what = "engine: " + for_terminal(each, _LONG)
            if each == "isa" and value is number:
                if not isinstance(number, str) or not re.fullmatch(r"[a-z0-9_.-]{1,20}", number):
                    raise ValueError(f"{what} is {_said(number)}, and must be a short name")
            elif each == "n_threads" and value is number:
                _whole(number, what, least=1)
            else:
                _number(number, what)
    for name in ("sweeps", "precision"):
        if not isinstance(engine.get(name, {}), dict):
            raise ValueError(f"engine: {name} must have counts by name")


def _output(output: Mapping[str, Any]) -> None:
    if set(output) - {"transform"}:
        raise ValueError("output has parts other than transform")
    if output:
        _one_of(output["transform"], _OUTPUTS, "output: transform")


def _scaler(scaler: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], d: int) -> None:
    for name in ("mean", "scale", "var"):
        values = _array(arrays, f"scaler/{name}", (np.float64,))
        if values.shape != (d,):
            raise ValueError(f"scaler/{name} has shape {values.shape}, and must have {(d,)}")
        _finite(values, f"scaler/{name}")
    scale, var = arrays["scaler/scale"], arrays["scaler/var"]
    if var.min() < 0:
        raise ValueError(f"scaler/var has {var.min():g}, and cannot be below 0")
    if not ((scale == 1) | np.isclose(scale, np.sqrt(var), rtol=1e-9, atol=0)).all() or 0 in scale:
        raise ValueError("scaler/scale must be the root of scaler/var, and 1 where that is 0")
    seen = _number(_part(scaler, "n_samples_seen", "scaler"), "scaler: n_samples_seen")
    if seen == 0:
        raise ValueError("scaler: n_samples_seen must be above 0")
    _names(scaler, "feature_names_in", d)


# --- parts of any kind ---------------------------------------------------------------------------


def _part(values: Mapping[str, Any], name: str, where: str = "") -> Any:
    if name not in values:
        raise ValueError(f"{where}{': ' if where else ''}{name} is missing")
    return values[name]


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = _part(values, name)
    if not isinstance(found, dict):
        raise ValueError(f"{name} is {_said(found)}, and must have parts with names")
    return found


def _whole(value: Any, what: str, least: int = 0) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{what} is {_said(value)}, and must be a whole number from {least} on")
    return value


def _number(value: Any, what: str) -> float:
    if type(value) not in (int, float) or not 0 <= value < math.inf:
        raise ValueError(f"{what} is {_said(value)}, and must be a number from 0 on")
    return float(value)


def _one_of(value: Any, known: tuple[str, ...], what: str) -> None:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{what} is {_said(value)}, and must be one of {', '.join(known)}")


def _array(
    arrays: Mapping[str, NDArray[Any]], name: str, dtypes: tuple[type[np.generic], ...]
) -> NDArray[Any]:
    array = arrays.get(name)
    if array is None:
        raise ValueError(f"the array {name!r} is missing")
    if array.dtype not in dtypes:
        wanted = " or ".join(dtype.__name__ for dtype in dtypes)
        raise ValueError(f"{name} has dtype {array.dtype}, and must have {wanted}")
    return array


def _finite(array: NDArray[Any], name: str) -> None:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has NaN or infinity, and must have finite numbers")


def _said(value: Any) -> str:
    """Name a value of the file in a message, whatever it is."""
    if isinstance(value, str):
        return for_terminal(repr(value[:_LONG]) + "..." * (len(value) > _LONG))
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "a mapping" if isinstance(value, dict) else str(value)
