"""Restarts and records of iterations, as JSON values and arrays: of model files and checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from centra._lloyd.model import Record, Run
from centra._persistence.container import Arrays

__all__ = ["centers_name", "get_records", "put_records", "run_of", "state_of_run"]

#: The arrays of numbers that records have, and their types.
_NUMBERS = (("inertia", np.float64), ("shift", np.float64), ("changed", np.int64))


def centers_name(name: str, iteration: int) -> str:
    """Return the name of the array of the centers after so many updates.

    Examples
    --------
    >>> centers_name("history", 3)
    'history/centers_000003'
    """
    return f"{name}/centers_{iteration:06d}"


def put_records(name: str, records: Iterable[Record], arrays: Arrays) -> None:
    """Add records to arrays; not to JSON, so that a fit of 300 iterations stays short to read."""
    records = tuple(records)
    for column, dtype in _NUMBERS:
        arrays[f"{name}/{column}"] = np.array([getattr(one, column) for one in records], dtype)
    for record in records:
        if record.centers is not None:
            arrays[centers_name(name, record.iteration)] = record.centers


def get_records(name: str, count: int, arrays: Mapping[str, Any]) -> tuple[Record, ...]:
    """Return the first `count` records of arrays, which are known to have as many.

    Centers are read-only, as a fit leaves them: history is not to be changed.
    """
    inertia, shift, changed = (arrays[f"{name}/{column}"] for column, _ in _NUMBERS)
    records = []
    for i in range(count):
        centers = arrays.get(centers_name(name, i))
        if centers is not None:
            centers.flags.writeable = False
        records.append(Record(i, float(inertia[i]), float(shift[i]), int(changed[i]), centers))
    return tuple(records)


def state_of_run(run: Run) -> dict[str, Any]:
    """Return a restart in JSON's types."""
    return {
        "inertia": float(run.inertia),
        "n_iter": int(run.n_iter),
        "converged": bool(run.converged),
        "reason": run.reason,
        "start": run.start,
    }


def run_of(state: Mapping[str, Any]) -> Run:
    """Return a restart; earlier versions did not say where it began."""
    return Run(
        inertia=float(state["inertia"]),
        n_iter=int(state["n_iter"]),
        converged=bool(state["converged"]),
        reason=state["reason"],
        start=state.get("start", "init"),
    )
