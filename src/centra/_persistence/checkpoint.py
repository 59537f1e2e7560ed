"""The checkpoint of a fit: a file with which it goes on, in another process, on another day.

It is a container like a model file, written whole or not at all, without pickle. It holds
parameters, the state of the generator, centers, history and the best restart so far, and no labels.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.model import Record
from centra._lloyd.position import Best, Position, generator_of
from centra._persistence import container, schema
from centra._persistence.container import Arrays
from centra._persistence.estimators import ESTIMATORS
from centra._persistence.history import (
    centers_name,
    get_records,
    put_records,
    run_of,
    state_of_run,
)
from centra._persistence.save import parameters_of

__all__ = ["Checkpoint", "read"]

#: Seconds between two checkpoints at least, but for the first one.
EVERY = 30.0


class Checkpoint:
    """Writes where a fit is, to a file, at most every 30 seconds.

    Parameters
    ----------
    path : path-like
        The file.
    km : estimator
        Whose parameters the fit has.
    n_rows : int
        How many rows there are.

    Raises
    ------
    ValueError
        `init` is a function, which no file can hold.
    """

    def __init__(self, path: str | os.PathLike[str], km: Any, n_rows: int) -> None:
        if callable(km.init):
            raise ValueError(
                "a checkpoint cannot hold init, a function: call it yourself, and pass the centers "
                "that it returns as init"
            )
        self._path, self._km, self._n_rows = os.path.abspath(os.fspath(path)), km, n_rows
        self._due = -np.inf

    def __call__(self, position: Callable[[], Position]) -> None:
        """Write where the fit is, if it is time."""
        now = monotonic()
        if now >= self._due:
            write(self._path, self._km, self._n_rows, position())
            self._due = monotonic() + EVERY


def write(path: str, km: Any, n_rows: int, position: Position) -> None:
    """Write a checkpoint, whole or not at all."""
    arrays: Arrays = {"centers": position.centers}
    meta: dict[str, Any] = {
        "estimator": schema.CHECKPOINT,
        "of": type(km).__name__,
        "parameters": parameters_of(km, arrays),
        "n_rows": n_rows,
        "run": position.run,
        "iteration": position.iteration,
        "inertia": position.inertia,
        "shift": position.shift,
        "changed": position.changed,
        "runs": [state_of_run(run) for run in position.runs],
        # As text: states have integers of more than 64 bits.
        "random": json.dumps(position.random, default=_array),
        "best": None,
    }
    if position.before is not None:
        arrays["before"] = position.before
    put_records("records", position.records, arrays)
    best = position.best
    if best is not None:
        meta["best"] = {
            "run": best.run,
            "inertia": best.inertia,
            "n_iter": best.n_iter,
            "reason": best.reason,
        }
        arrays["best/centers"] = best.centers
        if best.before is not None:
            arrays["best/before"] = best.before
        put_records("best/records", best.records, arrays)
    container.write(path, meta, arrays)


def read(path: str | os.PathLike[str]) -> tuple[Any, Position, int]:
    """Read a checkpoint.

    Returns
    -------
    km : estimator
        Not fitted, with the parameters of the fit.
    position : Position
        Where it was.
    n_rows : int
        How many rows there were.

    Raises
    ------
    OSError
        The file is missing, or may not be read.
    ModelFileError
        It is no checkpoint, or damaged.
    """
    meta, arrays = container.read(path)
    if meta.get("estimator") != schema.CHECKPOINT:
        container.refuse(path, "it is a model, and no checkpoint of a fit; centra.load reads it")
    try:
        return _checked(meta, arrays)
    except MemoryError:
        raise
    except Exception as error:  # whatever else: a file is never the reason of another error
        what = " ".join(str(error).split())
        container.refuse(path, f"its contents do not fit together ({what}); fit again")


def _checked(meta: Mapping[str, Any], arrays: Arrays) -> tuple[Any, Position, int]:
    parameters = {
        name: arrays[value["array"]] if isinstance(value, dict) else value
        for name, value in meta["parameters"].items()
    }
    km = ESTIMATORS[str(meta["of"])](**parameters)
    km._validate_params()
    centers = _centers(arrays["centers"], (km.n_clusters, arrays["centers"].shape[1]))
    shape = centers.shape
    best = meta["best"]
    runs = tuple(map(run_of, meta["runs"]))
    iteration = _count(meta["iteration"])
    position = Position(
        run=_count(meta["run"]),
        iteration=iteration,
        centers=centers,
        before=_centers(arrays["before"], shape) if "before" in arrays else None,
        inertia=float(meta["inertia"]),
        shift=float(meta["shift"]),
        changed=_count(meta["changed"]),
        runs=runs,
        records=_records("records", iteration, shape, arrays),
        best=None
        if best is None
        else Best(
            run=_count(best["run"]),
            centers=_centers(arrays["best/centers"], shape),
            before=_centers(arrays["best/before"], shape) if "best/before" in arrays else None,
            inertia=float(best["inertia"]),
            n_iter=_count(best["n_iter"]),
            reason=best["reason"],
            records=_records("best/records", _count(best["n_iter"]) + 1, shape, arrays),
        ),
        random=json.loads(meta["random"], object_hook=_from_json),
    )
    if position.run != len(runs) or (best is None) != (not runs):
        raise ValueError("its restarts do not follow one another")
    if iteration >= km.max_iter:
        raise ValueError(f"iteration {iteration} is none of {km.max_iter}")
    generator_of(position.random)
    return km, position, _count(meta["n_rows"])


def _records(name: str, count: int, shape: tuple[int, ...], arrays: Arrays) -> tuple[Record, ...]:
    for column in ("inertia", "shift", "changed"):
        if arrays[f"{name}/{column}"].shape != (count,):
            raise ValueError(f"{name} are not {count}")
    for i in range(count):
        if (at := centers_name(name, i)) in arrays:
            arrays[at] = _centers(arrays[at], shape)
    return get_records(name, count, arrays)


def _centers(centers: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if centers.shape != shape or not np.isfinite(centers).all():
        raise ValueError(f"centers have the shape {centers.shape}, or are not finite")
    centers = np.ascontiguousarray(centers, dtype=np.float64)
    centers.setflags(write=False)
    return centers


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "values": value.tolist()}
    if isinstance(value, np.integer):
        return int(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _from_json(value: dict[str, Any]) -> Any:
    if set(value) == {"dtype", "values"}:
        return np.array(value["values"], dtype=value["dtype"])
    return value
