"""The loop: Lloyd's algorithm, as in the textbook.

    until nothing changes:
        assign every row to its nearest centre
        move every centre to the mean of its rows

Where rows live, how the nearest centre is found fast and how sums stay exact is elsewhere; here is
only the order of things, the stop rules and the restarts (Lloyd, "Least squares quantization in
PCM", IEEE Trans. Inf. Theory 28(2), 1982).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._core import Ledger, Matrix, Tally, own_distances
from centra.dataset import Dataset
from centra.engine import Engine
from centra.events import Emitter, Improved, Iterated, Started, Stopped
from centra.model import Run
from centra.relocation import relocate
from centra.seeding import Seeding

Floats = NDArray[np.float64]


#: Bytes a row that the best restart keeps: labels, and how long they stand.
RESTART = 8


@dataclass(frozen=True)
class Rule:
    """When to stop: after `max_iter` updates, or when the centres move no more than `tol`."""

    max_iter: int
    tol: float


@dataclass(frozen=True)
class Descent:
    """Where one restart ended. Labels, centres and inertia belong to each other.

    Of one that a listener ended, `before` is the centres of the iteration before, if there was one.
    """

    centers: Floats
    inertia: float
    n_iter: int
    reason: str
    rows: Assignment
    before: Floats | None = None

    @property
    def labels(self) -> NDArray[np.int32]:
        """The nearest of these centres, row by row."""
        return self.rows.labels


@dataclass(frozen=True)
class Update:
    """Where the centres went: the means of the clusters.

    `moved` tells which are others than before, `shift` the sum of their squared distances.
    """

    centers: Floats
    moved: NDArray[np.bool_]
    shift: float


class Assignment:
    """The labels of all rows and the exact sums of the clusters, kept in step with each other.

    Attributes
    ----------
    engine : Engine
        Finds the nearest centres; keeps the labels, the sums, and counts of what it did.
    changed : int
        Labels that the last assignment changed.
    """

    def __init__(self, data: Dataset, n_clusters: int) -> None:
        self.data = data
        self.engine = Engine(data, n_clusters)
        self.changed = 0
        self._ledger = Ledger()  # of the sums, and the centres that the last update returned

    @property
    def labels(self) -> NDArray[np.int32]:
        """Labels of all rows; -1 before the first assignment."""
        return self.engine.labels

    @property
    def tally(self) -> Tally:
        """Exact sums of the clusters by these labels."""
        return self.engine.tally

    def assign(
        self,
        centers: Floats,
        nearby: Floats | None = None,
        moved: NDArray[np.bool_] | None = None,
    ) -> float:
        """Give every row the label of its nearest centre; return the inertia.

        Raises a ValueError where the rows are seen to have changed since their sums were taken.

        Centres `nearby` are those that the next assignment may be to. With `moved`, these centres
        are those of an update after the last assignment, and it tells which are others than then.
        """
        self.changed = self.engine.assign(centers, nearby, moved).counts["changed"]
        if moved is None:
            self._ledger = Ledger()
        inertia = self._ledger.inertia(self.data.team, self.tally, self.data.squares, centers)
        if inertia < 0:  # an exact sum of squares is not, of whatever rows
            raise ValueError(
                f"{self.data.source.name} changed during the fit: by its sums the inertia is "
                f"{inertia:.3g}. Change it when the fit is done, or fit a copy."
            )
        return inertia

    def distinct(self) -> int:
        """Return the number of clusters that have rows (of whatever weight)."""
        if self.data.weights is None:
            return int(np.count_nonzero(self.tally.weights()))
        return int(np.count_nonzero(np.bincount(self.labels)))

    def means(self, centers: Floats) -> Floats:
        """Return the exact mean of the rows of every label; the centre where there are none.

        For the centres of the last assignment.
        """
        means = np.empty(centers.shape)
        # What the last update took, and no row has joined or left since, is not taken again.
        self._ledger.advance(self.data.team, self.tally, centers, means)
        return means

    def update(self, centers: Floats) -> Update:
        """Return the mean of every cluster; an empty one takes the farthest row."""
        if self.tally.has_empty():
            return self._fill(centers)
        means = np.empty(centers.shape)
        moved, shift = self._ledger.advance(self.data.team, self.tally, centers, means)
        means.setflags(write=False)
        return Update(means, moved, held(shift))

    def _fill(self, centers: Floats) -> Update:
        """Return the means where there are empty clusters."""
        # These are means of other sums than the tally's, which the next update must not take over.
        self._ledger = Ledger()
        tally = relocate(self.data, self.tally, centers, self.labels)
        means = np.empty(centers.shape)
        Ledger().advance(self.data.team, tally, centers, means)
        # A cluster that must stay empty lies on the heaviest one.
        means[tally.weights() == 0] = means[tally.heaviest()]
        means.setflags(write=False)
        moved = (means != centers).any(axis=1)
        return Update(means, moved, shift_between(self.data, centers, means))


def shift_between(data: Dataset, before: Floats, after: Floats) -> float:
    """Return the sum of the squared distances between old and new centres, rounded once."""
    shifts = np.empty(len(before))
    rows = np.arange(len(before), dtype=np.int32)
    own_distances(data.team, Matrix.dense(after), before, rows, shifts)
    try:
        return held(math.fsum(shifts))
    except OverflowError:
        return held(math.inf)


def held(shift: float) -> float:
    """Return a sum of squared distances, if float64 holds it."""
    if math.isinf(shift):
        raise OverflowError("the centres move by more than float64 can hold; divide X")
    return shift


def descend(data: Dataset, start: Floats, rule: Rule, emit: Emitter, run: int = 0) -> Descent:
    """Run Lloyd's algorithm from given centres.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    start : ndarray of shape (n_clusters, n_features)
        The first centres.
    rule : Rule
        When to stop.
    emit : Emitter
        Takes every event, and says whether a listener wants to stop.
    run : int
        Number of the restart, for the events.

    Returns
    -------
    Descent
    """
    rows = Assignment(data, len(start))
    centers, before, shift, reason = start, None, 0.0, "max_iter"
    inertia = rows.assign(centers)
    for iteration in range(rule.max_iter):
        emit(Iterated(run, iteration, inertia, shift, rows.changed, centers))
        if emit.stopped:
            emit(Stopped(run, iteration, inertia, "stopped", shift, rule.tol))
            return Descent(centers, inertia, iteration, "stopped", rows, before)

        update = rows.update(centers)
        shift = update.shift
        if iteration > 0 and rows.changed == 0:
            reason = "strict"
        elif shift <= rule.tol:
            reason = "tolerance"

        last = reason != "max_iter" or iteration == rule.max_iter - 1
        reported = data.reported(update.centers) if last else None
        if reported is not None:
            rows.engine.remember()
        if shift > 0 or update.moved.any():
            inertia = rows.assign(update.centers, reported, update.moved)
        else:
            rows.changed = 0  # the same centres: nothing to assign anew
        before, centers = centers, update.centers
        if reason != "max_iter":
            break
    n_iter = iteration + 1
    emit(Iterated(run, n_iter, inertia, shift, rows.changed, centers, final=True))
    emit(Stopped(run, n_iter, inertia, reason, shift, rule.tol))
    return Descent(centers, inertia, n_iter, reason, rows)


def best_of(
    data: Dataset,
    seeding: Seeding,
    n_init: int,
    n_clusters: int,
    rule: Rule,
    rng: Any,
    emit: Emitter,
) -> tuple[Descent, int, tuple[Run, ...]]:
    """Descend from several starts; return the best end, its number, and a line on each.

    A restart replaces the best one if its inertia is lower and its clustering another one.
    """
    best, at, runs = None, 0, []
    for run in range(n_init):
        data.beside = RESTART if run else 0
        start = seeding.centers(data, rng)
        start.setflags(write=False)
        emit(Started(run, n_init, data.n_rows, data.n_features, n_clusters, rule.max_iter))
        end = descend(data, start, rule, emit, run)
        converged = end.reason in ("strict", "tolerance")
        runs.append(Run(end.inertia, end.n_iter, converged, end.reason))
        if best is None or (
            end.inertia < best.inertia and not same_clustering(end.labels, best.labels, n_clusters)
        ):
            best, at = end, run
            emit(Improved(run, end.inertia))
        if emit.stopped:
            break
    assert best is not None
    return best, at, tuple(runs)


def same_clustering(a: NDArray[np.int32], b: NDArray[np.int32], n_clusters: int) -> bool:
    """Whether every cluster of `a` lies in one cluster of `b`."""
    name = np.zeros(n_clusters, dtype=np.int32)
    name[a] = b
    return bool(np.array_equal(name[a], b))
