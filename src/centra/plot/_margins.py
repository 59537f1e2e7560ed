"""`margins`: how far from its border each cluster's rows lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.overlap import Overlap
from centra.plot import palette
from centra.plot._overlap import in_percent
from centra.plot.given import overlap_in, styles_of
from centra.plot.legible import (
    GREY,
    LEAST,
    axes_of,
    beside,
    fitting,
    heights,
    lend_to,
    longest,
    say,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["margins"]

#: Zones are at least 1/20 of the picture wide: what lies farther off is counted, not drawn.
FARTHEST = 20.0
#: Where the two columns of numbers end, in points from the right of the axes.
_BETWEEN, _FARTHER = 52, 96
#: Bars from left to right, about.
_BARS = 60


def margins(given: Any, X: Any = None, ax: Axes | None = None, *, relative: bool = True) -> Axes:
    """Draw how far from their border rows lie, a histogram for each cluster.

    A row's margin is its distance to the bisector of its two nearest centres. Full colour are the
    rows between two clusters: those within the boundary zone. Beside each histogram stands their
    share (by weight), and the share of the rows that lie farther off than the picture shows.

    Parameters
    ----------
    given : Overlap, Report or KMeans
        ``km.report(X)``, its overlap, or a fitted model.
    X : array-like of shape (n, d), optional
        Rows for a model; by default those of its fit.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.
    relative : bool, default=True
        Whether margins are in units of the zone's half width, so that the zone ends at 1 for every
        pair of clusters; else they are in the units of X, and zones end where those pairs have it.

    Returns
    -------
    ax : matplotlib axes
        The axes; each histogram has the height of its own highest bar.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    TypeError
        There is no overlap in what was given.

    See Also
    --------
    overlap : Between which clusters the rows lie.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import margins
    >>> X = np.random.default_rng(0).normal(size=(500, 2))
    >>> ax = margins(centra.KMeans(2, random_state=0).fit(X).report(X))
    >>> ax.get_xlabel()
    'distance to the border / half width of the boundary zone'
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    found = overlap_in(given, X)
    k = len(found.sizes)
    ax = axes_of(ax, 7.5, heights(k, each=0.45, least=3.2))
    if k == 1:
        say(ax, "One cluster: there is no border.")
        return ax
    styles = styles_of(given, found)
    values = _relative(found) if relative else found.margins
    edges = _edges(values, relative)
    size = fitting(ax, k + 1, most=9.0)
    for cluster in range(k):
        rows = found.labels == cluster
        _strip(ax, cluster, int(styles[cluster]), values[rows], found.between[rows], edges)
        if size >= LEAST:
            _label(ax, found, cluster, int(np.count_nonzero(values[rows] > edges[-1])), size)
    if relative:
        ax.axvspan(0, 1, color="#ebebeb", linewidth=0, zorder=0.2)
        zone: dict[str, Any] = {"fontsize": 9, "color": GREY, "horizontalalignment": "left"}
        ax.annotate("boundary zone", (0, 1), (2, 4), ax.transAxes, "offset points", **zone)
    if size >= LEAST:
        for place, word in ((_BETWEEN, "between"), (_FARTHER, "farther")):
            beside(ax, np.inf, word, place, fontsize=9, color=GREY)
    ax.set_xlim(0, edges[-1])
    ax.set_ylim(k - 0.02, -0.02)
    ax.set_yticks([])
    ax.spines[["top", "left", "right"]].set_visible(False)
    short = "distance to the border"
    full = (
        f"{short} / half width of the boundary zone"
        if relative
        else f"{short}, in units of X (full colour: in the boundary zone)"
    )
    ax.set_xlabel(longest(ax, full, f"{short} / half width of zone" if relative else short))
    ax.set_ylabel("cluster", labelpad=22)
    lend_to(ax)
    return ax


def _relative(found: Overlap) -> NDArray[np.float64]:
    zones = found.zones[found.labels, found.rivals]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = found.margins / zones
    # Clusters without any width have zones without width: a row is on the border or far from it.
    return np.where(zones > 0, values, np.where(found.between, 0.0, np.inf))


def _edges(values: NDArray[np.float64], relative: bool) -> NDArray[np.float64]:
    """Edges of bars, from 0 on; one of them is the end of the zone."""
    finite = values[np.isfinite(values)]
    farthest = float(np.quantile(finite, 0.99)) if len(finite) else 0.0
    if not relative:
        return np.linspace(0, farthest if farthest > 0 else 1.0, _BARS + 1)
    farthest = min(max(farthest, 2.0), FARTHEST)
    per_zone = max(round(_BARS / farthest), 1)
    return np.arange(np.ceil(farthest * per_zone) + 1) / per_zone


def _strip(
    ax: Axes,
    cluster: int,
    style: int,
    values: NDArray[np.float64],
    between: NDArray[np.bool_],
    edges: NDArray[np.float64],
) -> None:
    inside = np.histogram(values[between], edges)[0]
    both = inside + np.histogram(values[~between], edges)[0]
    scale = 0.86 / max(int(both.max()), 1)
    floor = cluster + 0.94
    steps: dict[str, Any] = {"baseline": floor, "fill": True, "linewidth": 0}
    pale = palette.tint(style, 0.45)
    ax.stairs(floor - scale * both, edges, color=pale, zorder=1.0, gid=f"rows {cluster}", **steps)
    ax.stairs(
        floor - scale * inside, edges, color=palette.color(style), zorder=1.1, **steps
    ).set_gid(f"between {cluster}")
    ax.plot([0, edges[-1]], [floor, floor], color="#b0b0b0", linewidth=0.6, zorder=1.2)


def _label(ax: Axes, found: Overlap, cluster: int, beyond: int, size: float) -> None:
    """Write the number of the cluster on the left, and shares on the right."""
    across = ax.get_yaxis_transform()
    text: dict[str, Any] = {"fontsize": size, "color": palette.INK, "verticalalignment": "center"}
    y = cluster + 0.6
    ax.text(-0.015, y, str(cluster), transform=across, fontweight="bold", ha="right", **text)
    if not found.sizes[cluster]:
        beside(ax, y, "no rows", _BETWEEN, fontsize=size, color=GREY)
        return
    share = in_percent(100 * float(found.matrix[cluster].sum()))
    beside(ax, y, f"{share} %", _BETWEEN, fontsize=size, color=palette.INK)
    if beyond:
        farther = in_percent(100 * beyond / found.sizes[cluster])
        beside(ax, y, f"{farther} %", _FARTHER, fontsize=size, color=GREY)
