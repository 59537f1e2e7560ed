"""Ctrl-C that ends a fit early, and keeps what it has found."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from centra.events import Event, Started, Stopped

__all__ = ["until_interrupted"]


class until_interrupted:
    """A callback with which the first Ctrl-C ends a fit and keeps the best that it has found.

    Without it Ctrl-C is a KeyboardInterrupt, and the fit has no result. A second Ctrl-C is one all
    the same. It listens in the main thread only, as Python hands signals to that alone, and from
    the first to the last event of the fit.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> X = np.random.default_rng(0).normal(size=(500, 2))
    >>> km = centra.KMeans(4, random_state=0, callbacks=[centra.until_interrupted()]).fit(X)
    >>> km.runs_[0].reason  # "stopped" after a Ctrl-C
    'strict'
    """

    def __init__(self) -> None:
        self._before: Any = None
        self._listens = self._heard = False
        self._last = 0  # number of the last restart

    def __call__(self, event: Event) -> None:
        """Take an event; end the fit if Ctrl-C was heard."""
        match event:
            case Started():
                self._last = event.n_runs - 1
                if event.run == 0 or not self._listens:
                    self._begin()
            case Stopped() if event.reason == "stopped" or event.run == self._last:
                self._end()
            case _:
                pass
        if self._heard:
            raise StopIteration

    def _begin(self) -> None:
        self._heard = False
        if threading.current_thread() is threading.main_thread() and not self._listens:
            self._before = signal.signal(signal.SIGINT, self._hear)
            self._listens = True

    def _end(self) -> None:
        if self._listens and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)
            self._listens = False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        # A fit that ended with an error did not say so: then this Ctrl-C is for somebody else.
        fits = _in_fit(frame)
        if self._heard or not fits:
            self._end()
            if callable(self._before):
                self._before(number, frame)
            return
        self._heard = True

    def __getstate__(self) -> dict[str, Any]:
        """Carry nothing: who listens is a matter of the process."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Listen to nothing yet."""
        self.__init__()  # type: ignore[misc]


def _in_fit(frame: FrameType | None) -> bool:
    """Whether the loop is among the callers of a frame."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "centra._lloyd.loop":
            return True
        frame = frame.f_back
    return False
