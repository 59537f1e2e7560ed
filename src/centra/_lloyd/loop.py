"""The loop: Lloyd's algorithm, as in the textbook.

    until nothing changes:
        assign every row to its nearest center
        move every center to the mean of its rows

This file has the order of assignment and update, the rules when to stop, and the restarts. Where
rows live is in `sources`, how their nearest center is found in `_assign`, how centers move in
`update`. An iteration costs one pass over the rows. (Lloyd, "Least squares quantization in PCM",
IEEE Trans. Inf. Theory 28(2), 1982.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.assignment import Assignment
from centra._data.block_state import BlockState, Labels
from centra._data.dataset import Dataset
from centra._data.journal import reads
from centra._lloyd.model import Run
from centra._lloyd.position import Best, Position
from centra._lloyd.update import Means
from centra._seeding.base import Seeding
from centra.events import Emitter, Improved, Iterated, Reason, Started, Stopped

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """When to stop: after `max_iter` updates, or when the centers move no more than `tol`.

    `tol` is in parts of the mean variance of the columns.
    """

    max_iter: int
    tol: float

    def shift_of(self, data: Dataset) -> float:
        """Return how far centers may move in the last update, in squared units of the rows."""
        return self.tol * data.mean_variance if self.tol > 0 else 0.0


@dataclass(frozen=True)
class Variant:
    """What a variant of k-means replaces.

    Attributes
    ----------
    assigner : callable
        Makes the `Assignment` of a restart from data and a number of clusters: who gets which row.
    updater : callable
        Makes the `Means` of a restart: where a center goes.
    """

    assigner: Callable[[Dataset, int], Assignment] = Assignment
    updater: Callable[[], Means] = Means


KMEANS = Variant()


@dataclass(frozen=True)
class Descent:
    """Where one restart ended. Labels, centers and inertia belong to each other.

    Attributes
    ----------
    centers, inertia, n_iter, reason
        As in `Run`.
    before : ndarray or None
        The centers before the last update.
    assignment : Assignment
        Labels and sums.
    updater : Means
        What took the means.
    """

    centers: Floats
    inertia: float
    n_iter: int
    reason: Reason
    before: Floats | None
    assignment: Assignment
    updater: Means


def descend(
    data: Dataset,
    start: Floats,
    rule: Rule,
    emit: Emitter,
    run: int = 0,
    variant: Variant = KMEANS,
    begun: Position | None = None,
) -> Descent:
    """Run Lloyd's algorithm from given centers.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    start : ndarray of shape (n_clusters, n_features)
        The first centers.
    rule : Rule
        When to stop.
    emit : Emitter
        Takes every event, and says whether a listener wants to stop.
    run : int
        Number of the restart, for the events.
    variant : Variant
        Who gets which row, and where centers go.
    begun : Position or None
        Where it goes on, if it was interrupted; then `start` are its centers.

    Returns
    -------
    Descent
    """
    rows, updater = variant.assigner(data, len(start)), variant.updater()
    reason: Reason = "max_iter"
    centers, before, shift = start, None, 0.0
    rows.assign(centers)
    if data.total is None:
        rows.check_sums()
    tol = rule.shift_of(data)
    inertia = updater.inertia(rows, centers)
    first = 0
    if begun is not None:
        _check_begun(data, begun, inertia)
        first, before, shift, rows.changed = (
            begun.iteration, begun.before, begun.shift, begun.changed,
        )  # fmt: skip
    for iteration in range(first, rule.max_iter):
        emit(Iterated(run, iteration, inertia, shift, rows.changed, centers))
        if emit.stopped:
            emit(Stopped(run, iteration, inertia, "stopped", shift, tol))
            return Descent(centers, inertia, iteration, "stopped", before, rows, updater)

        update = updater.update(rows, centers)
        shift = update.shift
        if iteration > 0 and rows.changed == 0:
            reason = "strict"
        elif shift <= tol:
            reason = "tolerance"

        last = reason != "max_iter" or iteration == rule.max_iter - 1
        before, centers = centers, update.centers
        # The centers of float32 rows are rounded once in the end, which is one more pass.
        near = last and data.dtype == np.float32
        if shift > 0 or update.moved.any():
            rows.assign(centers, update.moved, update.within, near)
            inertia = updater.inertia(rows, centers)
        else:
            rows.changed = 0  # the same centers: nothing to assign anew
            if near:
                rows.remember()
        if reason != "max_iter":
            break
    n_iter = iteration + 1
    emit(Iterated(run, n_iter, inertia, shift, rows.changed, centers, final=True))
    emit(Stopped(run, n_iter, inertia, reason, shift, tol))
    return Descent(centers, inertia, n_iter, reason, before, rows, updater)


def best_of(
    data: Dataset,
    seeding: Seeding,
    n_init: int,
    n_clusters: int,
    rule: Rule,
    rng: Any,
    emit: Emitter,
    variant: Variant = KMEANS,
    begun: Position | None = None,
) -> tuple[Descent, tuple[Run, ...]]:
    """Descend from several starts; return the best end, and a line on each.

    A restart replaces the best one if its inertia is lower and its clustering another one.
    """
    best, runs = None, []
    states, budget = data.executor.states, data.budget
    if begun is not None:
        runs = list(begun.runs)
        best = None if begun.best is None else _best_of(data, begun.best, variant)
    for run in range(len(runs), n_init):
        if run:
            states(BlockState.forget_labels)
            if not budget.narrow:
                states(BlockState.forget_packed)  # seeding may take as much
            data.budget = budget.beside_best()
        start = seeding.centers(data, rng) if begun is None else begun.centers
        start.setflags(write=False)
        emit(Started(run, n_init, data.n_rows, data.n_features, n_clusters, rule.max_iter))
        end = descend(data, start, rule, emit, run, variant, begun)
        begun = None
        end.assignment.check_sums()
        converged = end.reason in ("strict", "tolerance")
        runs.append(Run(end.inertia, end.n_iter, converged, end.reason))
        if best is None or (end.inertia < best.inertia and not _same(data, n_clusters)):
            best = end
            states(BlockState.keep_best)
            emit(Improved(run, end.inertia))
        if emit.stopped:
            break
    assert best is not None
    data.budget = budget
    states(BlockState.restore_best)
    return best, tuple(runs)


def _check_begun(data: Dataset, begun: Position, inertia: float) -> None:
    """Refuse rows that are not those of the fit that goes on: the inertia is exact, and tells."""
    if inertia != begun.inertia:
        raise ValueError(
            f"{data.source.name} has other rows or weights than the fit that was interrupted: the "
            f"inertia of its centers is {inertia!r} here, and was {begun.inertia!r} there. Resume "
            "with the rows and weights of that fit."
        )


def _best_of(data: Dataset, best: Best, variant: Variant) -> Descent:
    """Return the best restart of a fit that goes on, with its labels in the states of the rows."""
    rows = variant.assigner(data, len(best.centers))
    rows.assign(best.centers)
    rows.check_sums()
    data.executor.states(BlockState.keep_best)
    return Descent(
        best.centers, best.inertia, best.n_iter, best.reason, best.before, rows, variant.updater()
    )


def _same(data: Dataset, n_clusters: int) -> bool:
    """Whether the clusters of today are those of the best restart, under whatever numbers.

    scikit-learn asks only whether every cluster lies in one of the best restart's, and so drops a
    better restart that divides some of them.
    """
    parts = data.executor.states(partial(_clusters_in_best, n_clusters=n_clusters))
    names = parts[0][0].copy()
    for name, _ in parts[1:]:
        names[names < 0] = name[names < 0]
    used = names[names >= 0]
    one_to_one = len(np.unique(used)) == len(used)
    return one_to_one and all(same and ((name < 0) | (name == names)).all() for name, same in parts)


@reads
def _clusters_in_best(state: BlockState, n_clusters: int) -> tuple[Labels, bool]:
    """Return the best restart's cluster of one row of each cluster, and whether all rows have it.

    -1 stands for a cluster without rows in the block.
    """
    now, best = state.labels, state.best
    name = np.full(n_clusters, -1, dtype=np.int32)
    name[now] = best
    return name, bool(np.array_equal(name[now], best))
