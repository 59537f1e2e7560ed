"""`profiles`: which columns make a cluster different from the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from centra._data.dataset import Dataset
from centra._diagnostics.overlap import in_range
from centra._estimators.rows import rows_of
from centra._seeding.base import counted
from centra._utils.text import count
from centra.plot import palette
from centra.plot.given import check_model
from centra.plot.legible import LEAST, axes_of, fitting, heights, lend_to, say
from centra.plot.named import as_text, names_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = ["profiles"]

#: Entries of the rows that are looked at together.
_ENTRIES = 1 << 20

Floats = NDArray[np.float64]


def profiles(
    model: Any,
    X: Any = None,
    ax: Axes | None = None,
    *,
    top: int | None = 15,
    sample_weight: ArrayLike | None = None,
) -> Axes:
    """Draw which columns make a cluster different: centres against the mean of all rows.

    A cell is the centre's value in a column less the mean of the column, in standard deviations of
    the column: +2.0 says that the rows of this cluster are, on average, two standard deviations
    above all rows. The columns with the largest differences come first.

    Parameters
    ----------
    model : KMeans
        A fitted model; its `feature_names_in_`, if any, name the columns.
    X : array-like, sparse matrix, data frame or source of shape (n, d), optional
        The rows that the mean and the standard deviation are taken of; by default those of the fit,
        with their weights.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.
    top : int or None, default=15
        How many columns to show; None shows all.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows X.

    Returns
    -------
    ax : matplotlib axes
        The axes, one line for every column that is shown. Constant columns are not.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    ValueError
        X is not given and the rows of the fit are gone; X does not fit the model; or `top` is not
        a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import profiles
    >>> X = np.array([[0.0, 5.0, 1.0], [0.0, 6.0, 1.0], [9.0, 5.0, 1.0], [9.0, 6.0, 1.0]])
    >>> ax = profiles(centra.KMeans(2, init=X[1:3]).fit(X), X)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['column 0', 'column 1']
    >>> [text.get_text() for text in ax.texts]
    ['-1.0', '+1.0', '0.0', '0.0']
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    check_model(model)
    if top is not None and (isinstance(top, bool) or not top >= 1):
        raise ValueError(f"top={top!r} must be a positive number of columns, or None for all")
    mean, deviation = _spread(_rows(model, X, sample_weight))
    centers = np.asarray(model.cluster_centers_, dtype=np.float64)
    k, d = centers.shape
    varying = np.flatnonzero(deviation > 0)
    differences = (centers - mean)[:, varying] / deviation[varying]
    # Rounded: what differs in the last digits only is in the order of the columns.
    largest = np.abs(differences).max(axis=0, initial=0.0).round(9)
    order = np.argsort(-largest, kind="stable")[:top]
    shown = differences[:, order].T  # a line for each column: names are read across
    names = names_of(model, d)
    width = min(max(5.6, 3.0 + 0.42 * k), 14.0)
    ax = axes_of(ax, width, heights(len(order), each=0.32, least=2.6))
    if not len(order):
        say(ax, "All columns are constant: no cluster differs.")
        return ax
    _cells(ax, shown)
    ax.set_yticks(range(len(order)), [as_text(names[q]) for q in varying[order]])
    ax.tick_params(axis="y", labelsize=max(fitting(ax, len(order)), LEAST))
    ax.set_xlabel("cluster")
    ax.set_title(_title(len(order), d, d - len(varying)), fontsize=10, loc="left")
    lend_to(ax)
    return ax


def _title(shown: int, d: int, constant: int) -> str:
    said = "Centres against the mean of all rows,\nin standard deviations"
    notes = []
    if shown < d - constant:
        notes.append(f"{shown:,} of {count(d, 'column')}")
    if constant:
        notes.append(f"{constant:,} constant, left out")
    return said + (f" ({'; '.join(notes)})" if notes else "")


def _rows(model: Any, X: Any, sample_weight: ArrayLike | None) -> Dataset:
    return rows_of(model, X, sample_weight, "profiles")


def _spread(data: Dataset) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of every column, weighted; a constant one has 0.

    Rows of weight 0 have no part in either.
    """
    low = np.asarray(data.stats.low, dtype=np.float64)
    some, all_weights = counted(data), None
    if some is not None:
        low = data.take(some[:1])[0]
    if data.weights is not None:
        all_weights, _ = in_range(data.weights)
    total, mean, squares = 0.0, np.zeros_like(low), np.zeros_like(low)
    part = max(_ENTRIES // max(data.n_features, 1), 1)
    count = data.n_rows if some is None else len(some)
    for start in range(0, count, part):
        at = np.arange(start, min(start + part, count))
        at = at if some is None else some[at]
        rows = data.take(at) - low  # near the origin, whatever the columns' offsets
        weights = np.ones(len(at)) if all_weights is None else all_weights[at]
        total += weights.sum()
        mean += weights @ rows
        squares += weights @ np.square(rows)
    mean /= total
    variance = np.maximum(squares / total - np.square(mean), 0.0)
    constant = np.asarray(data.stats.low) == np.asarray(data.stats.high)
    return mean + low, np.where(constant, 0.0, np.sqrt(variance))


def _cells(ax: Axes, shown: Floats) -> None:
    lines, k = shown.shape
    most = max(float(np.abs(shown).max()), 1.0)
    mesh = ax.imshow(shown, cmap=_blue_to_red(), vmin=-most, vmax=most, aspect="auto", zorder=1.0)
    ax.set_yticks(np.arange(lines + 1) - 0.5, minor=True)
    ax.set_xticks(np.arange(k + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.0 if k <= 30 else 0.3, zorder=2.0)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    size = min(fitting(ax, k, letters=4.6), fitting(ax, lines))
    step = next((s for s in (1, 2, 5, 10, 20, 50) if k <= 40 * s), 100)
    ax.set_xticks(np.arange(0, k, step))
    ax.tick_params(axis="x", labelsize=min(9.0, max(size, 6.5)))
    if size < LEAST:
        scale = ax.figure.colorbar(mesh, ax=ax, shrink=0.7, pad=0.02)
        scale.set_label("standard deviations")
        scale.outline.set_visible(False)
        return
    middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center"}
    for i, j in np.ndindex(lines, k):
        dark = abs(shown[i, j]) > 0.62 * most
        ax.text(
            j,
            i,
            _signed(float(shown[i, j])),
            fontsize=size,
            color="white" if dark else palette.INK,
            zorder=3.0,
            **middle,
        )


def _signed(value: float) -> str:
    """Write a difference with its sign, and none where it is nothing."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def _blue_to_red() -> Colormap:
    """Blue to vermilion with white between, which all eyes tell apart."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = [palette.COLORS[0], "#86addc", "#ffffff", "#e0a184", palette.COLORS[1]]
    return LinearSegmentedColormap.from_list("centra-signed", ends)
