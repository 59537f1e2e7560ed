"""Events: what the loop tells while it runs. Every listener gets each of them.

Verbose output, history, progress bars and users' callbacks are all listeners; the loop knows none
of them. A listener ends the fit early by raising ``StopIteration``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Why a restart ended.
Reason: TypeAlias = Literal["strict", "tolerance", "max_iter", "stopped"]


@dataclass(frozen=True)
class Started:
    """A restart begins: its first centres are chosen.

    Attributes
    ----------
    run : int
        Number of the restart, from 0.
    n_runs : int
        How many restarts there will be.
    n_rows, n_features, n_clusters, max_iter : int
        The size of the problem.
    """

    run: int
    n_runs: int
    n_rows: int
    n_features: int
    n_clusters: int
    max_iter: int


@dataclass(frozen=True)
class Iterated:
    """Every row has been assigned to its nearest centre.

    Attributes
    ----------
    run : int
        Number of the restart.
    iteration : int
        How many updates the centres have had; 0 is the start.
    inertia : float
        Weighted sum of squared distances to these centres, in squared units of X.
    shift : float
        Sum of the squared distances by which the last update moved the centres (0.0 at the start).
    changed : int
        Rows whose label differs from that of the event before (all rows at the start).
    centers : ndarray of shape (n_clusters, n_features)
        The centres, read-only.
    final : bool
        Whether these are the centres with which the restart ends.
    """

    run: int
    iteration: int
    inertia: float
    shift: float
    changed: int
    centers: NDArray[np.floating]
    final: bool = False


@dataclass(frozen=True)
class Stopped:
    """A restart has ended.

    Attributes
    ----------
    run : int
        Number of the restart.
    n_iter : int
        How many updates were made.
    inertia : float
        Inertia of the final centres.
    reason : {"strict", "tolerance", "max_iter", "stopped"}
        No label changed; the centres moved no more than `tol`; the limit was reached; a listener
        asked for it.
    shift, tol : float
        The last shift and the tolerance that it was compared with.
    """

    run: int
    n_iter: int
    inertia: float
    reason: Reason
    shift: float
    tol: float


@dataclass(frozen=True)
class Improved:
    """A restart is better than all before it.

    Attributes
    ----------
    run : int
        Number of the restart.
    inertia : float
        Its inertia.
    """

    run: int
    inertia: float


Event: TypeAlias = Started | Iterated | Stopped | Improved
Listener: TypeAlias = Callable[[Event], object]


class Emitter:
    """Hands every event to every listener.

    Attributes
    ----------
    stopped : bool
        Whether a listener has asked to end the fit.
    """

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = tuple(listeners)
        self.stopped = False

    def __call__(self, event: Event) -> None:
        """Hand an event to all listeners, also after one has asked to stop."""
        for listener in self._listeners:
            try:
                listener(event)
            except StopIteration:
                self.stopped = True
