"""`overlap`: which clusters share a border zone, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra.plot import palette
from centra.plot.given import overlap_in
from centra.plot.legible import GREY, LEAST, axes_of, fitting, lend_to, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = ["NUMBERED", "overlap"]

#: With more clusters, cells are too small for numbers: there is a scale beside the matrix instead.
NUMBERED = 30


def overlap(given: Any, X: Any = None, ax: Axes | None = None) -> Axes:
    """Draw which clusters overlap: what share of each lies between it and every other.

    Line i, column j is the share of the rows of cluster i (by weight) that lie in the boundary zone
    between it and cluster j, in per cent: `Overlap.matrix`. Pairs without such rows stay empty.

    Parameters
    ----------
    given : Overlap, Report or KMeans
        ``km.report(X)``, its overlap, or a fitted model.
    X : array-like of shape (n, d), optional
        Rows for a model; by default those of its fit.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    ax : matplotlib axes
        The axes. Up to 30 clusters have their numbers in the cells; more have a scale beside.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    TypeError
        There is no overlap in what was given.

    See Also
    --------
    margins : How far from the borders all the rows lie.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import overlap
    >>> X = np.random.default_rng(0).normal(size=(500, 2))
    >>> ax = overlap(centra.KMeans(3, random_state=0).fit(X).report(X))
    >>> ax.get_xlabel()
    '... lie between it and this cluster'
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    found = overlap_in(given, X)
    k = len(found.matrix)
    side = min(max(4.2, 1.6 + 0.42 * k), 9.0)
    ax = axes_of(ax, side, side)
    if k == 1:
        say(ax, "One cluster: nothing can overlap.")
        return ax
    percent = 100 * found.matrix
    most = max(float(percent.max()), 10.0)  # a stray row in a thousand shall not look like much
    mesh = ax.imshow(percent, cmap=_blues(), vmin=0, vmax=most, aspect="equal", zorder=1.0)
    for i in range(k):  # a cluster does not overlap with itself: these cells say nothing
        ax.axvspan(i - 0.5, i + 0.5, 1 - (i + 1) / k, 1 - i / k, color="#e8e8e8", lw=0, zorder=2)
    _grid(ax, k)
    size = fitting(ax, k, letters=4.0)
    if k <= NUMBERED and size >= LEAST:
        _numbers(ax, percent, most, size)
    else:
        scale = ax.figure.colorbar(mesh, ax=ax, shrink=0.6, pad=0.02)
        scale.set_label("% of the rows")
        scale.outline.set_visible(False)
    ax.set_ylabel("% of this cluster's rows ...")
    ax.set_xlabel("... lie between it and this cluster")
    lend_to(ax)
    return ax


def _numbers(ax: Axes, percent: NDArray[np.float64], most: float, size: float) -> None:
    middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center"}
    for i, j in np.argwhere(percent > 0):
        dark = percent[i, j] > 0.45 * most
        ax.text(
            j,
            i,
            in_percent(percent[i, j]),
            fontsize=size,
            color="white" if dark else palette.INK,
            zorder=3.0,
            **middle,
        )


def in_percent(percent: float) -> str:
    """Write a share in per cent: whole numbers, and what is less than one as such.

    Examples
    --------
    >>> from centra.plot._overlap import in_percent
    >>> in_percent(31.4), in_percent(0.02), in_percent(0.0)
    ('31', '<1', '0')
    """
    if 0 < percent < 0.5:
        return "<1"
    return f"{percent:.0f}"


def _grid(ax: Axes, k: int) -> None:
    """Ticks that bear the numbers of clusters, all of them or every second, fifth, tenth."""
    size = fitting(ax, k, letters=len(str(k)) + 0.6)
    step = next((s for s in (1, 2, 5, 10, 20, 50) if s * size >= 6.5 or s * 12 > k), 100)
    ticks = np.arange(0, k, step)
    size = max(size, 6.5)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(ticks, [str(tick) for tick in ticks], fontsize=min(size, 9.0))
        axis.set_ticks(np.arange(k + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#e0e0e0", linewidth=0.6 if k <= NUMBERED else 0.2, zorder=2.5)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_color(GREY)


def _blues() -> Colormap:
    """White to the first colour of the palette, and on to its dark shade."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("centra", ["#ffffff", "#7ea9dd", "#0051b1", "#002a5c"])
