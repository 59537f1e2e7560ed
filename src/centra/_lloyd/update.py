"""The update: every center moves to the mean of its rows.

The means are taken from the exact sums that the assignment keeps, without a pass over the rows, and
rounded once. A cluster that no row joined or left keeps its mean.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from centra._assign.assignment import Assignment
from centra._core import Matrix, MeanCache, Workers, own_distances
from centra._data.dataset import Dataset
from centra._lloyd.empty_clusters import relocate

Floats = NDArray[np.float64]

#: Updates whose means the loop holds, and one more, which makes room for the next.
ROOMS = 3
#: References to an element of a list that nobody else holds: the list's, and that of who counts. (A
#: local variable would be counted by some versions of Python, and not by others.)
ALONE = 2


@dataclass(frozen=True)
class Update:
    """Where the centers went.

    Attributes
    ----------
    centers : ndarray of shape (n_clusters, n_features)
        The new centers, read-only.
    moved : ndarray of bool of shape (n_clusters,)
        Which are others than before.
    shift : float
        Sum of the squared distances between old and new centers.
    within : bool
        Whether they are known to lie in the box of the rows: means do, for the exact mean of
        numbers between two others, rounded once, lies between them.
    """

    centers: Floats
    moved: NDArray[np.bool_]
    shift: float
    within: bool = False


class Means:
    """The updater of k-means: the exact mean of the rows of every cluster, rounded once.

    It remembers means and inertia of clusters that no row has joined or left since.

    Examples
    --------
    An updater that damps: centers go half of the way.

    >>> import numpy as np
    >>> from centra._lloyd.update import Means, Update, shift_between
    >>> class Damped(Means):
    ...     def update(self, assignment, centers):
    ...         means = super().update(assignment, centers).centers
    ...         middle = (centers + means) / 2
    ...         shift = shift_between(assignment.data.workers, centers, middle)
    ...         return Update(middle, (middle != centers).any(axis=1), shift)
    """

    def __init__(self) -> None:
        self._cache = MeanCache()  # of the sums, and the centers that the last update returned
        self._returned: Floats | None = None
        self._rooms: list[Floats] = []  # of the last updates

    def inertia(self, assignment: Assignment, centers: Floats) -> float:
        """Return the inertia of the labels and these centers, to which they were assigned.

        Raises
        ------
        ValueError
            If the rows are seen to have changed since their sums were taken.
        """
        if centers is not self._returned:
            self._cache, self._returned = MeanCache(), None
        data = assignment.data
        return checked(
            self._cache.inertia(data.workers, assignment.sums, data.squares, centers), data
        )

    def means(self, assignment: Assignment, centers: Floats) -> Floats:
        """Return the mean of the rows of every label; the center where there are none."""
        means = np.empty(centers.shape)
        # What the last update took, and no row has joined or left since, is not taken again.
        self._cache.advance(assignment.data.workers, assignment.sums, centers, means)
        return means

    def update(self, assignment: Assignment, centers: Floats) -> Update:
        """Return the mean of every cluster; an empty one takes the farthest row."""
        if assignment.sums.has_empty():
            return self._fill(assignment, centers)
        means = self._room(centers)
        workers = assignment.data.workers
        moved, shift = self._cache.advance(workers, assignment.sums, centers, means)
        means.setflags(write=False)
        self._returned = means
        return Update(means, moved, finite(shift), within=True)

    def _room(self, centers: Floats) -> Floats:
        """Return an array for the next means: that of an earlier update, if nobody holds it.

        Clearing new pages takes as long as the means of sparse rows do.
        """
        room = None
        if len(self._rooms) == ROOMS:
            alone = sys.getrefcount(self._rooms[0]) == ALONE
            room = self._rooms.pop(0)
            if alone and room.shape == centers.shape:
                room.setflags(write=True)
            else:
                room = None
        if room is None:
            room = np.empty(centers.shape)
        self._rooms.append(room)
        return room

    def _fill(self, assignment: Assignment, centers: Floats) -> Update:
        """Return the means where there are empty clusters."""
        # These are means of other sums than the assignment's, which the next update must not take.
        self._cache, self._returned = MeanCache(), None
        sums = relocate(assignment, centers)
        means = np.empty(centers.shape)
        MeanCache().advance(assignment.data.workers, sums, centers, means)
        # A cluster that must stay empty lies on the heaviest one.
        means[sums.weights() == 0] = means[sums.heaviest()]
        means.setflags(write=False)
        moved = (means != centers).any(axis=1)
        shift = shift_between(assignment.data.workers, centers, means)
        return Update(means, moved, shift, within=True)


def checked(inertia: float, data: Dataset) -> float:
    """Return an inertia, if it is one of rows that did not change."""
    if inertia < 0:  # no exact sum of squares is
        raise data.changed(f"its sums give an inertia of {inertia:.3g}, which is below 0")
    return inertia


def shift_between(workers: Workers, before: Floats, after: Floats) -> float:
    """Return the sum of the squared distances between old and new centers, rounded once."""
    shifts = np.empty(len(before))
    rows = np.arange(len(before), dtype=np.int32)
    own_distances(workers, Matrix.dense(after), before, rows, shifts)
    try:
        return finite(math.fsum(shifts))
    except OverflowError:
        return finite(math.inf)


def finite(shift: float) -> float:
    """Return a sum of squared distances, if float64 holds it."""
    if math.isinf(shift):
        raise OverflowError(
            "the squared shift of the centres exceeds the largest float64; divide X by a power of "
            "two"
        )
    return shift
