"""`iterations`: small multiples of one fit, a panel per record of its history."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from centra._estimators.functions import assign
from centra._utils.optional import pyplot
from centra._utils.text import number
from centra.plot._clusters import draw
from centra.plot.given import centers_of, evenly, history_of
from centra.plot.japanese import lend_font
from centra.plot.palette import INK, assigned
from centra.plot.plane import plane_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["MOST", "iterations"]

#: panels in a figure, at most: more would be too small to read
MOST = 9
_SCALE = 0.8  # of markers and numbers, against a figure with one panel


def iterations(model: Any, X: Any, *, columns: Sequence[int | str] | None = None) -> NDArray[Any]:
    """Draw how a fit went, one panel per iteration, with the path of every centre.

    Panel i shows the centres after i updates, the rows assigned to them and, for two columns, the
    regions of the centres; panel 0 is the start. A line follows each centre from its start (the
    ring) through all its positions. More than nine records are thinned to nine, evenly, with the
    first and the last among them, and the figure says so.

    Parameters
    ----------
    model : KMeans
        A fitted model that kept its centres (see `keep_centers`).
    X : array-like or sparse matrix of shape (n, d)
        The rows to draw, usually those of the fit. For d > 2 they are projected, as by `clusters`.
    columns : sequence of two int or str, optional
        The columns to draw across and up, by number or by the name that the model knows.

    Returns
    -------
    axes : array of matplotlib axes, of shape (panels,)
        One per panel, in the order of iterations, in a new figure (``axes[0].figure``).

    Raises
    ------
    ImportError
        matplotlib is not installed.
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    TypeError
        The model has no `history_`.
    ValueError
        The model kept no centres, X does not fit the model, or `columns` are not two of its own.

    See Also
    --------
    clusters : The end alone.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import iterations
    >>> X = np.array([[0.0, 0.0], [0.0, 2.0], [8.0, 1.0], [9.0, 1.0]])
    >>> model = centra.KMeans(n_clusters=2, init=X[:2]).fit(X)
    >>> axes = iterations(model, X)
    >>> len(axes) == model.n_iter_ + 1
    True
    >>> import matplotlib.pyplot as plt
    >>> plt.close(axes[0].figure)
    """
    plt = pyplot()
    history = history_of(model, "iterations")
    centers = centers_of(history, "iterations")
    shown = evenly(len(history), MOST)
    plane = plane_of(model, X, columns)
    steps = [plane.project(each) for each in centers]
    view = plane.view(*steps)

    down, across = _grid(len(shown))
    wide = 3.0 if across > 2 else 4.0
    high = wide * (min(max(view.ratio, 0.5), 1.3) if view and view.to_scale else 0.75)
    figure = plt.figure(
        figsize=(wide * across + 0.6, (high + 0.3) * down + 0.9), layout="compressed"
    )
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    axes: NDArray[Any] = grid.ravel()[: len(shown)]
    styles = assigned(model.cluster_centers_)
    for ax, i in zip(axes, shown, strict=True):
        record = history[i]
        labels = assign(X, centers[i])
        draw(ax, plane, labels, steps[i], view, styles, steps=tuple(steps[:i]), scale=_SCALE)
        start = " (start)" if record.iteration == 0 else ""
        ax.set_title(
            f"iteration {record.iteration}{start}, inertia {number(record.inertia)}", fontsize=10
        )
    labelled = _tidy(grid, len(shown))
    texts = [*labelled, *(ax.title for ax in axes)]
    if len(shown) < len(history):
        texts.append(_say_which(figure, [history[i].iteration for i in shown], len(history)))
    _legend(figure)
    lend_font(texts)
    return axes


def _grid(panels: int) -> tuple[int, int]:
    """Rows and columns for up to nine panels, with at most one place left empty."""
    columns = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 3}[panels]
    return math.ceil(panels / columns), columns


def _tidy(grid: NDArray[Any], used: int) -> list[Text]:
    """Leave names to the outer axes. Those above a place that is not used are outer ones, too."""
    columns = grid.shape[1]
    labels = []
    for place, ax in enumerate(grid.flat):
        if place >= used:
            ax.remove()
            continue
        if place + columns >= used:
            ax.tick_params(labelbottom=True)
            labels.append(ax.xaxis.label)
        else:
            ax.set_xlabel("")
        if place % columns == 0:
            labels.append(ax.yaxis.label)
        else:
            ax.set_ylabel("")
    return labels


def _say_which(figure: Figure, numbers: list[int], available: int) -> Any:
    listed = ", ".join(map(str, numbers))
    return figure.suptitle(
        f"{len(numbers)} of {available:,} iterations, evenly chosen: {listed}", fontsize=11
    )


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    ring: dict[str, Any] = {"linestyle": "none", "marker": "o", "markerfacecolor": "white"}
    line: dict[str, Any] = {"color": INK, "linewidth": 1.2, "marker": "o", "markersize": 3}
    signs = {
        "centre, with the number of its cluster": {
            **ring,
            "markersize": 11,
            "markeredgewidth": 1.4,
        },
        "where it started": {**ring, "markersize": 5, "markeredgewidth": 1.2},
        "its way since then": line,
    }
    figure.legend(
        [Line2D([], [], markeredgecolor=INK, **sign) for sign in signs.values()],
        list(signs),
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=10,
        borderaxespad=0.2,
    )
