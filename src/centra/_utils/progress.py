"""Progress bars by tqdm, in terminals and notebooks, where somebody sees them."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from centra._utils.optional import needed
from centra.events import Event, Iterated, Started, Stopped

__all__ = ["Progress", "bar", "someone_looks"]


class Progress:
    """A progress bar for a fit, as one of its `callbacks`.

    It counts iterations, and shows inertia and the rows that changed cluster. Nobody knows how many
    iterations there will be, so there is no end to fill up to.

    Parameters
    ----------
    show : bool or None, default=None
        Whether to show it; None shows it on a terminal or in a notebook, if tqdm is installed.

    Raises
    ------
    ImportError
        When a fit starts, if `show` is True and tqdm is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from centra import KMeans, Progress
    >>> X = np.array([[0.0], [1.0], [20.0], [21.0]])
    >>> km = KMeans(2, random_state=0, callbacks=[Progress()]).fit(X)
    """

    def __init__(self, show: bool | None = None) -> None:
        self.show = show
        self._bar: Any = None

    def __call__(self, event: Event) -> None:
        """Take an event."""
        match event:
            case Started():
                self._close()  # of a fit that an error ended
                text = f"restart {event.run + 1} of {event.n_runs}" if event.n_runs > 1 else "fit"
                self._bar = bar(
                    self.show, "no Progress among the callbacks", desc=text, unit=" iterations"
                )
            case Iterated() if self._bar is not None:
                self._bar.set_postfix(
                    {"inertia": f"{event.inertia:.6g}", "changed": f"{event.changed:,}"},
                    refresh=False,
                )
                self._bar.update(event.iteration - self._bar.n)
            case Stopped():
                self._close()
            case _:
                pass

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the bar, which belongs to a process."""
        return {"show": self.show, "_bar": None}


def bar(wanted: bool | None, instead: str, **how: Any) -> Any:
    """Return a bar of tqdm, or None where there shall be none.

    Parameters
    ----------
    wanted : bool or None
        Whether to show it; None where standard error is a terminal, or in a notebook, if tqdm is
        installed.
    instead : str
        How to do without it, for the error.
    **how
        For tqdm.

    Returns
    -------
    bar : tqdm or None

    Raises
    ------
    ImportError
        If the bar is wanted and tqdm is missing.
    """
    if wanted or (wanted is None and someone_looks()):
        try:
            with warnings.catch_warnings():
                # A notebook without ipywidgets gets a bar of letters, which does as well.
                warnings.filterwarnings("ignore", message="IProgress not found")
                auto = needed("tqdm.auto", "a progress bar needs", "progress", f", or {instead}")
        except ImportError:
            if wanted:
                raise
            return None
        return auto.tqdm(leave=False, **how)
    return None


def someone_looks() -> bool:
    """Whether a bar would be seen: on a terminal, or in a notebook."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal or "ipykernel" in sys.modules
