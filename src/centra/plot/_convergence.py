"""`convergence`: how inertia fell, where the restarts ended, and when rows stopped moving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.model import Record, Run
from centra._utils.text import number
from centra.plot import palette
from centra.plot.given import history_of
from centra.plot.legible import GREY, axes_of, divide, lend_to, separate, whole_numbers
from centra.plot.named import as_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["convergence"]

#: Inertia that falls to less than this share of its start is drawn on a scale of logarithms.
_FAR = 0.1


def convergence(model: Any, ax: Axes | None = None) -> NDArray[Any]:
    """Draw how a fit came to its end: inertia over the iterations, and rows that changed cluster.

    The line is the best restart, from `history_`; a ring is where another restart ended, from
    `runs_`: how low, after how many iterations. Below, in a panel of its own, is how many rows
    changed cluster in each iteration, on a scale of logarithms.

    Parameters
    ----------
    model : KMeans
        A fitted model.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    axes : array of matplotlib axes, of shape (2,)
        The axes of the inertia, which are those given, made smaller; and the panel below.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    TypeError
        The model has no `history_`.

    See Also
    --------
    iterations : The same, as pictures of rows and centres.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import convergence
    >>> X = np.random.default_rng(0).random((200, 2))
    >>> axes = convergence(centra.KMeans(4, n_init=5, random_state=0).fit(X))
    >>> [ax.get_ylabel() for ax in axes]
    ['inertia', 'rows changed']
    >>> import matplotlib.pyplot as plt
    >>> plt.close(axes[0].figure)
    """
    history = history_of(model, "convergence")
    ax = axes_of(ax, 7.0, 4.8)
    best = min(model.runs_, key=lambda run: run.inertia)  # the first of the lowest, as in a fit
    others = [run for run in model.runs_ if run is not best]
    below = divide(ax, 0.28)
    last = max([history[-1].iteration, *(run.n_iter for run in others)])
    _inertia(ax, history, others, last)
    _changed(below, history, best)
    for each in (ax, below):
        each.set_xlim(-0.02 * last - 0.4, 1.02 * last + 0.4)
        whole_numbers(each.xaxis)
        separate(each.xaxis)
        each.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelbottom=False)
    below.set_xlabel("iteration")
    lend_to(ax)
    lend_to(below)
    axes: NDArray[Any] = np.array([ax, below], dtype=object)
    return axes


def _inertia(ax: Axes, history: Sequence[Record], others: Sequence[Run], last: int) -> None:
    values = [record.inertia for record in history]
    ax.plot(
        [record.iteration for record in history],
        values,
        color=palette.INK,
        linewidth=1.6,
        marker="o",
        markersize=3.5 if len(history) < 60 else 0,
        zorder=2.0,
        gid="inertia",
    )
    lowest = min([*values, *(run.inertia for run in others)])
    if 0 < lowest < _FAR * max(values):
        ax.set_yscale("log")
    end = (history[-1].iteration, values[-1])
    ax.plot(*end, "o", color=palette.color(1), markersize=7, zorder=4.0)
    said = number(values[-1])
    # Beneath the end nothing can be: no restart is better. On the left of it, if it is the last.
    side = "right" if end[0] > 0.7 * last else "left"
    near: dict[str, Any] = {"color": palette.color(1), "fontsize": 10, "fontweight": "bold"}
    ax.annotate(said, end, (0, -9), textcoords="offset points", ha=side, va="top", **near)
    words = [f"best of {len(others) + 1:,} restarts" if others else "one restart"]
    if others:
        ax.scatter(
            [run.n_iter for run in others],
            [run.inertia for run in others],
            s=34,
            facecolors="white",
            edgecolors=palette.color(0),
            linewidths=1.4,
            zorder=3.0,
            gid="restarts",
        )
        worst = max(run.inertia for run in others)
        words.append(f"rings: ends of the others,\nat most {number(worst)}")
    corner: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "va": "top"}
    ax.text(0.99, 0.97, "\n".join(words), color=GREY, fontsize=9, linespacing=1.4, **corner)
    ax.margins(y=0.14)
    if max(values) == 0:  # inertia is never negative
        ax.set_ylim(0, 1)
    separate(ax.yaxis)
    ax.set_ylabel("inertia")


def _changed(ax: Axes, history: Sequence[Record], best: Run) -> None:
    """Draw rows that changed cluster; at the start all rows do, which says nothing."""
    ax.bar(
        [record.iteration for record in history[1:]],
        [record.changed for record in history[1:]],
        width=0.7,
        color=palette.color(0),
        gid="changed",
    )
    most = max((record.changed for record in history[1:]), default=0)
    ax.set_yscale("symlog", linthresh=1, linscale=0.4)
    ax.set_ylim(0, 2.5 * max(most, 1))
    ticks = [10**i for i in range(0, 16) if 10**i <= max(most, 1)]
    ticks = ticks[:: 1 if len(ticks) < 5 else 2]
    ax.set_yticks([0, *ticks], ["0", *(f"{tick:,}" for tick in ticks)])
    ax.set_yticks([], minor=True)
    ax.set_ylabel("rows changed")
    reasons = {
        "strict": "ended: no row changed cluster",
        "tolerance": "ended: centres moved less than tol",
        "max_iter": "ended by max_iter, before it converged",
        "stopped": "ended by a callback",
    }
    corner: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "va": "top"}
    said = reasons.get(best.reason) or f"ended: {as_text(best.reason, 40)}"
    ax.text(0.99, 0.96, said, color=GREY, fontsize=9, **corner)
