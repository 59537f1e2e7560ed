"""Where a fit is: what it takes to go on after an iteration, in another process, on another day.

Labels are not part of it: they follow from rows and centers, by one pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.listeners import History
from centra._lloyd.model import Record, Run
from centra.events import Event, Improved, Iterated, Reason, Started, Stopped

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Best:
    """The best restart so far.

    Attributes
    ----------
    run : int
        Its number.
    centers : ndarray of shape (n_clusters, n_features)
        Where it ended.
    before : ndarray or None
        Its centers before the last update.
    inertia, n_iter, reason
        As in `Run`.
    records : tuple of Record
        Its history.
    """

    run: int
    centers: Floats
    before: Floats | None
    inertia: float
    n_iter: int
    reason: Reason
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Position:
    """A fit after an iteration.

    Attributes
    ----------
    run, iteration : int
        Number of the restart and of the iteration.
    centers : ndarray of shape (n_clusters, n_features)
        The centers of this iteration.
    before : ndarray or None
        Those of the iteration before.
    inertia, shift, changed
        As in `centra.events.Iterated`.
    runs : tuple of Run
        The restarts that have ended.
    records : tuple of Record
        The iterations of this restart before this one.
    best : Best or None
        The best of the restarts that have ended.
    random : dict
        State of the generator.
    """

    run: int
    iteration: int
    centers: Floats
    before: Floats | None
    inertia: float
    shift: float
    changed: int
    runs: tuple[Run, ...]
    records: tuple[Record, ...]
    best: Best | None
    random: dict[str, Any]


#: Takes a function that returns where the fit is.
Keep = Callable[[Callable[[], Position]], None]


class Follower:
    """A listener that knows where a fit is, and says so after every iteration.

    Parameters
    ----------
    history : History
        Keeps the records; it hears of events first.
    rng : RandomState or Generator
        What the seeding draws from. Between two events of a restart it draws nothing.
    keep : callable
        Called after every iteration but the last of a restart.
    begun : Position or None
        Where the fit goes on.
    """

    def __init__(
        self, history: History, rng: Any, keep: Keep, begun: Position | None = None
    ) -> None:
        self._history, self._rng, self._keep = history, rng, keep
        self._runs = [] if begun is None else list(begun.runs)
        self._best = None if begun is None else begun.best
        self._before = None if begun is None else begun.before
        self._resumed = begun is not None
        self._now: Iterated | None = None
        self._ended: Stopped | None = None

    def __call__(self, event: Event) -> None:
        """Take an event."""
        match event:
            case Started():
                if not self._resumed:
                    self._before = None
                self._resumed, self._now = False, None
            case Iterated():
                if self._now is not None:
                    self._before = _floats(self._now)
                self._now = event
                if not event.final:
                    self._keep(self.position)
            case Stopped():
                converged = event.reason in ("strict", "tolerance")
                self._runs.append(Run(event.inertia, event.n_iter, converged, event.reason))
                self._ended = event
            case Improved():
                assert self._now is not None and self._ended is not None
                now, end = self._now, self._ended
                self._best = Best(
                    event.run, _floats(now), self._before, end.inertia, end.n_iter, end.reason,
                    self._history.best(),
                )  # fmt: skip

    def position(self) -> Position:
        """Return where the fit is, after the last event, which was an iteration."""
        now = self._now
        assert now is not None
        return Position(
            now.run,
            now.iteration,
            _floats(now),
            self._before,
            now.inertia,
            now.shift,
            now.changed,
            tuple(self._runs),
            self._history.running()[:-1],
            self._best,
            state_of(self._rng),
        )


def _floats(event: Iterated) -> Floats:
    return np.asarray(event.centers, dtype=np.float64)


def state_of(rng: Any) -> dict[str, Any]:
    """Return the state of a RandomState or a Generator, as a dict."""
    if isinstance(rng, np.random.Generator):
        return {"kind": "Generator", **rng.bit_generator.state}
    state: dict[str, Any] = rng.get_state(legacy=False)
    return {"kind": "RandomState", **state}


def generator_of(state: dict[str, Any]) -> Any:
    """Return a RandomState or a Generator in a state.

    Raises
    ------
    ValueError
        It is no state of one that NumPy has.
    """
    kind, rest = state["kind"], {name: value for name, value in state.items() if name != "kind"}
    made = getattr(np.random, str(rest.get("bit_generator")), None)
    if not (isinstance(made, type) and issubclass(made, np.random.BitGenerator)):
        raise ValueError(f"NumPy has no generator {rest.get('bit_generator')!r}")
    if kind == "Generator":
        bits = made()
        bits.state = rest
        return np.random.Generator(bits)
    rng = np.random.RandomState(made())
    rng.set_state(rest)
    return rng
