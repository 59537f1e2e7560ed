"""The progress bar: silent for a second, and only where someone is looking.

A bar is of no use for work of a moment, nor in a log file. So a `Meter` starts a timer
with the work; only if the work is not done after a second, and standard error is a terminal, a bar
appears, and it is wiped when the work ends. rich is imported only where a bar may appear.
"""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from centra._utils.escapes import for_terminal
from centra.events import Iterated, Started

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

__all__ = ["Meter"]

PATIENCE = 1.0  # seconds


class Meter:
    """Show that work goes on: a context manager, and a callback for a fit.

    Parameters
    ----------
    text : str
        What is being done, say "reading points.csv".
    console : rich.console.Console, optional
        Where to draw; by default standard error. Nothing is drawn unless it is a terminal.
    patience : float, default=1.0
        Seconds of silence.

    Examples
    --------
    >>> with Meter("counting") as meter:
    ...     for i in range(3):
    ...         meter.show(f"counted to {i}", i / 3)
    """

    def __init__(
        self, text: str, *, console: Console | None = None, patience: float = PATIENCE
    ) -> None:
        self._progress = _bar(console)
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._done = False
        if self._progress is not None:
            self._task = self._progress.add_task(for_terminal(text), total=None)
            self._timer = threading.Timer(patience, self._appear)
            self._timer.daemon = True
        self._run, self._n_runs, self._max_iter = 0, 1, 1

    def __enter__(self) -> Meter:
        """Start the clock."""
        if self._timer is not None:
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the bar, if there is one."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._done = True
            # stop() alone would print an empty line
            if self._progress is not None and self._progress.live.is_started:
                self._progress.stop()

    def _appear(self) -> None:
        with self._lock:
            if self._progress is not None and not self._done:
                self._progress.start()

    def show(self, text: str | None = None, fraction: float | None = None) -> None:
        """Say how far the work is.

        Parameters
        ----------
        text : str, optional
            New text; None keeps the old.
        fraction : float, optional
            Done so far, from 0 to 1; None where nobody knows, which draws a bar that swings.
        """
        if self._progress is None:
            return
        total = None if fraction is None else 1.0
        said = None if text is None else for_terminal(text)
        self._progress.update(self._task, description=said, total=total, completed=fraction)

    def __call__(self, event: object) -> None:
        """Follow a fit, as one of its `callbacks`."""
        if isinstance(event, Started):
            self._run, self._n_runs, self._max_iter = event.run, event.n_runs, event.max_iter
        elif isinstance(event, Iterated):
            restart = f"restart {self._run + 1} of {self._n_runs}, " if self._n_runs > 1 else ""
            text = (
                f"{restart}iteration {event.iteration} of at most {self._max_iter}, "
                f"inertia {event.inertia:.6g}"
            )
            # A run may end long before max_iter; restarts are the only honest scale, if any.
            within = min(event.iteration / self._max_iter, 1.0)
            many = self._n_runs > 1
            self.show(text, (self._run + within) / self._n_runs if many else None)


def _bar(console: Console | None) -> Progress | None:
    """Make a bar that is not shown yet; None where nobody could see it."""
    if console is None and (sys.stderr is None or not sys.stderr.isatty()):
        return None
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True) if console is None else console
    if not console.is_terminal:
        return None
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        # Standard output may be going into a pipe: leave it alone.
        redirect_stdout=False,
        redirect_stderr=False,
    )
