"""Listeners of the loop: verbose output and history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.model import Record
from centra.events import Event, Improved, Iterated, Started, Stopped

#: Centres of a history are kept while they fit this many bytes, if not asked for otherwise.
HISTORY_BYTES = 64 << 20

_Fields: TypeAlias = tuple[int, float, float, int, "NDArray[np.floating] | None"]


class History:
    """Keeps a record of every iteration: of the best restart so far and of the one that runs.

    Parameters
    ----------
    keep_centers : bool or None
        Whether records hold centers; None while all those of a restart fit 64 MB, else none do.
    best, running : iterable of Record, optional
        The records of the best restart, and of the one that goes on, where a fit is resumed.
    """

    def __init__(
        self,
        keep_centers: bool | None,
        best: Iterable[Record] = (),
        running: Iterable[Record] | None = None,
    ) -> None:
        self._keep = keep_centers
        # What records are made of: they are made of the best restart's alone.
        self._best: list[_Fields] = [_fields(record) for record in best]
        self._running: list[_Fields] = []
        self._bytes = 0
        self._resumed = None if running is None else [_fields(record) for record in running]

    def __call__(self, event: Event) -> None:
        """Take an event."""
        match event:
            case Iterated():
                self._record(event)
            case Started():
                self._running, self._resumed = self._resumed or [], None
                size = 8 * int(event.n_clusters) * int(event.n_features)
                self._bytes = size * len(self._running)
            case Improved():
                self._best = self._running
            case _:
                pass

    def _record(self, event: Iterated) -> None:
        self._bytes += event.centers.nbytes
        keep = self._bytes <= HISTORY_BYTES if self._keep is None else self._keep
        if not keep and self._running and self._running[-1][-1] is not None:
            self._running = [(*fields[:-1], None) for fields in self._running]
        centers = event.centers if keep else None
        self._running.append((event.iteration, event.inertia, event.shift, event.changed, centers))

    def running(self) -> tuple[Record, ...]:
        """Return the records of the restart that runs."""
        return tuple(Record(*fields) for fields in self._running)

    def best(self) -> tuple[Record, ...]:
        """Return the records of the best restart."""
        return tuple(Record(*fields) for fields in self._best)


def _fields(record: Record) -> _Fields:
    return record.iteration, record.inertia, record.shift, record.changed, record.centers


class Verbose:
    """Prints what scikit-learn prints with ``verbose=1``."""

    def __call__(self, event: Event) -> None:
        """Print an event."""
        match event:
            case Started():
                print("Initialization complete")
            case Iterated(final=False):
                print(f"Iteration {event.iteration}, inertia {event.inertia}.")
            case Stopped(reason="strict"):
                print(f"Converged at iteration {event.n_iter - 1}: strict convergence.")
            case Stopped(reason="tolerance"):
                print(
                    f"Converged at iteration {event.n_iter - 1}: center shift {event.shift} "
                    f"within tolerance {event.tol}."
                )
            case _:
                pass
