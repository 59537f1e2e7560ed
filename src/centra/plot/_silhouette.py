"""`silhouette`: how much nearer each row is to its own cluster than to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from centra._diagnostics.overlap import Overlap, simplified_silhouettes
from centra.plot import ink, palette
from centra.plot.given import overlap_in, styles_of
from centra.plot.legible import (
    GREY,
    LEAST,
    apart,
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

__all__ = ["silhouette"]

#: Points on the outline of a cluster, at most: more than a screen has lines.
_OUTLINE = 500
#: Where the two columns of numbers end, in points from the right of the axes.
_MEAN, _ROWS = 38, 92

Floats = NDArray[np.float64]


def silhouette(
    given: Any,
    X: Any = None,
    ax: Axes | None = None,
    *,
    labels: ArrayLike | None = None,
) -> Axes:
    """Draw the silhouette: a bar for every row, cluster by cluster, the longest first.

    Of a model, a report or an overlap it is the *simplified* silhouette, (b - a) / max(a, b) with a
    the distance to the nearest centre and b to the second nearest. With centres in place of all
    other rows it costs no more than a report, and is never negative. The silhouette itself, with
    mean distances to rows, is drawn from values that were computed elsewhere. The axis says which.

    Parameters
    ----------
    given : KMeans, Report, Overlap or array-like of shape (n,)
        What to draw: a fitted model, what its report has found, or the value of every row, such as
        ``sklearn.metrics.silhouette_samples(X, km.labels_)``.
    X : array-like of shape (n, d), optional
        Rows for a model; by default those of its fit.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.
    labels : array-like of int of shape (n,), optional
        The cluster of every row, where values are given.

    Returns
    -------
    ax : matplotlib axes
        The axes. On the right stand the mean and the number of rows of each cluster.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    TypeError
        There is nothing in it to draw.
    ValueError
        Values have no labels, or not one each, or are not between -1 and 1.

    References
    ----------
    P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis", Journal of Computational and Applied Mathematics 20, 1987.
    E. R. Hruschka, L. N. de Castro and R. J. G. B. Campello, "Evolutionary algorithms for
    clustering gene-expression data", ICDM 2004 (the simplified silhouette).

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import silhouette
    >>> X = np.array([[0.0], [1.0], [2.0], [20.0], [21.0], [22.0]])
    >>> ax = silhouette(centra.KMeans(2, random_state=0).fit(X), X)
    >>> ax.get_xlabel()
    'simplified silhouette of each row (distances to centres)'
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    clusters: NDArray[np.integer]
    if isinstance(given, list | tuple | np.ndarray) or labels is not None:
        values, clusters, k = _checked(given, labels)
        styles: NDArray[np.integer] = np.arange(k)
        names = ["silhouette of each row", "silhouette"]
    else:
        found = overlap_in(given, X)
        values, clusters, k = _simplified(found), found.labels, len(found.sizes)
        styles = styles_of(given, found)
        names = [
            "simplified silhouette of each row (distances to centres)",
            "simplified silhouette of each row",
            "simplified silhouette",
        ]
    ax = axes_of(ax, 7.0, heights(k, each=0.32, least=3.4))
    if k == 1:
        say(ax, "One cluster: a silhouette compares two.")
        return ax
    _bars(ax, values, clusters, styles)
    ax.set_xlabel(longest(ax, *names))
    lend_to(ax)
    return ax


def _simplified(found: Overlap) -> Floats:
    widths = simplified_silhouettes(found.distances, found.rival_distances)
    return np.where(found.rival_distances > 0, widths, 0.0)


def _checked(given: Any, labels: ArrayLike | None) -> tuple[Floats, NDArray[np.intp], int]:
    values = np.asarray(given, dtype=np.float64)
    if labels is None:
        raise ValueError("the silhouette of rows needs their clusters: labels=km.labels_")
    clusters = np.asarray(labels)
    if values.ndim != 1 or values.shape != clusters.shape or not len(values):
        raise ValueError(
            f"values have shape {values.shape} and labels {clusters.shape}; both need one number "
            "for every row"
        )
    if not np.issubdtype(clusters.dtype, np.integer) or clusters.min() < 0:
        raise ValueError("labels must be whole numbers from 0")
    wrong = ~(np.abs(values) <= 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"the silhouette of row {row} is {values[row]}, and not between -1 and 1")
    return values, clusters.astype(np.intp), int(clusters.max()) + 1


def _bars(
    ax: Axes, values: Floats, clusters: NDArray[np.integer], styles: NDArray[np.integer]
) -> None:
    n, k = len(values), len(styles)
    gap = 0.15 * n / k
    top, middles, means, sizes = 0.0, np.zeros(k), np.full(k, np.nan), np.zeros(k, dtype=int)
    rows_of = dict(ink.groups(clusters))
    for cluster in range(k):
        own = np.sort(values[rows_of.get(cluster, [])])[::-1]
        sizes[cluster] = len(own)
        if len(own):
            means[cluster] = own.mean()
            _outline(
                ax, cluster, int(styles[cluster]), own, top + max(0.2 * n / k - len(own) / 2, 0)
            )
        height = max(len(own), 0.4 * n / k)  # an empty cluster needs a place for its number
        middles[cluster] = top + height / 2
        top += height + gap
    mean = float(values.mean())
    ax.axvline(mean, color=palette.INK, linewidth=1.0, linestyle=(0, (4, 3)), zorder=2.0)
    # Near the end it would cover the head of the numbers on the right.
    side = "center" if mean < 0.9 else "right"
    above: dict[str, Any] = {"fontsize": 9, "color": palette.INK, "horizontalalignment": side}
    ax.annotate(
        f"mean {mean:.2f}", (mean, 1), (0, 4), ax.get_xaxis_transform(), "offset points", **above
    )
    ax.set_ylim(top - gap, 0)
    low = min(0.0, float(values.min()))
    ax.set_xlim(1.04 * low, 1.0)
    if low < 0:
        ax.axvline(0, color=GREY, linewidth=0.6, zorder=2.0)
    ax.set_yticks([])
    ax.spines[["top", "left", "right"]].set_visible(False)
    ax.set_ylabel("cluster", labelpad=22)
    size = fitting(ax, k, most=9.0)
    if size >= LEAST:
        line = 1.2 * size * (top - gap) / (ax.get_window_extent().height * 72 / ax.figure.dpi)
        _labels(ax, apart(middles, line, top - gap), means, sizes, size)


def _outline(ax: Axes, cluster: int, style: int, longest_first: Floats, top: float) -> None:
    """Bars of one cluster; where there are more than pixels, every so many."""
    n = len(longest_first)
    at = np.unique(np.linspace(0, n - 1, min(n, _OUTLINE)).astype(int))
    lengths = np.append(longest_first[at], longest_first[-1])
    ax.fill_betweenx(
        np.append(top + at, top + n),
        0,
        lengths,
        step="post" if n <= _OUTLINE else None,
        color=palette.color(style),
        linewidth=0,
        zorder=1.0,
        gid=f"silhouette {cluster}",
    )


def _labels(
    ax: Axes, places: Floats, means: Floats, sizes: NDArray[np.integer], size: float
) -> None:
    across = ax.get_yaxis_transform()
    text: dict[str, Any] = {"fontsize": size, "verticalalignment": "center", "transform": across}
    for cluster, y in enumerate(places):
        ax.text(-0.015, y, str(cluster), ha="right", fontweight="bold", color=palette.INK, **text)
        if sizes[cluster]:
            beside(ax, y, f"{means[cluster]:.2f}", _MEAN, fontsize=size, color=palette.INK)
        beside(ax, y, f"{sizes[cluster]:,}", _ROWS, fontsize=size, color=GREY)
    for place, word in ((_MEAN, "mean"), (_ROWS, "rows")):
        beside(ax, np.inf, word, place, fontsize=9, color=GREY)
