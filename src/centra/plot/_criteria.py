"""`elbow` and `criteria`: numbers over k, with the k that each of them chooses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.optional import pyplot
from centra.plot import palette
from centra.plot.legible import GREY, axes_of, fitting, lend_to, separate, whole_numbers
from centra.plot.named import as_text
from centra.selection.criteria import CRITERIA as criteria_of_sweeps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CRITERIA", "criteria", "elbow", "with_one"]

#: What criteria are called, and which of their values are good.
CRITERIA = {
    "inertia": ("inertia", "falls always: look for a bend"),
    **{
        name: (
            each.title.removesuffix(" index"),
            "low is good" if each.better == "lower" else "high is good",
        )
        for name, each in criteria_of_sweeps.items()
    },
}

#: Columns with the length of error bars, by what the bars are of, and what that is.
BARS = {
    "gap": (("gap_se", "gap_error"), "standard error"),
    "stability": (("stability_sd",), "standard deviation"),
}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Sweep:
    """Criteria over k, and what they chose."""

    k: NDArray[np.int64]
    values: dict[str, Floats]
    errors: dict[str, Floats]
    chosen: dict[str, int]

    def at(self, name: str, k: int) -> float:
        return float(self.values[name][np.searchsorted(self.k, k)])


def elbow(columns: Any, ax: Axes | None = None, *, chosen: Mapping[str, Any] | None = None) -> Axes:
    """Draw inertia over k, and mark the numbers of clusters that criteria chose.

    Inertia falls with every cluster more; where it falls much less than before is the elbow. There
    often is none, so the choices of criteria that have a best value are marked on the same curve.

    Parameters
    ----------
    columns : mapping of str to array-like of shape (m,), or an object with such `columns`
        Needs "k" and "inertia"; a data frame will do.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.
    chosen : mapping of str to int, optional
        The k that a criterion chose, by its name; by default what ``columns.best`` says, if that
        has such a mapping as `picks`, or `choices` with `criterion` and `k` each.

    Returns
    -------
    ax : matplotlib axes
        The axes.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        A column is missing or not as long as "k", or what was chosen is not among "k".

    See Also
    --------
    criteria : A panel for every criterion.

    Examples
    --------
    >>> from centra.plot import elbow
    >>> ax = elbow({"k": [1, 2, 3], "inertia": [90.0, 20.0, 15.0]}, chosen={"gap": 2})
    >>> [text.get_text() for text in ax.texts]
    ['k = 2: gap statistic']
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    found = _read(columns, chosen)
    if "inertia" not in found.values:
        raise ValueError('the elbow needs a column "inertia", and there is none')
    ax = axes_of(ax, 7.0, 4.2)
    _curve(ax, found.k, found.values["inertia"])
    ax.set_ylim(bottom=0)
    by_k: dict[int, list[str]] = {}
    for name, k in found.chosen.items():
        by_k.setdefault(k, []).append(_called(name))
    for k in by_k:
        _mark(ax, k, found.at("inertia", k), drop=True)
    # The curve falls, so that there is always room for words in the upper right corner.
    words = [_lines(k, names) for k, names in sorted(by_k.items())]
    corner: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "va": "top"}
    style: dict[str, Any] = {"color": palette.color(1), "fontsize": 9.5, "linespacing": 1.5}
    if words:
        ax.text(0.99, 0.97, "\n".join(words), **corner, **style)
    _tidy(ax, found.k)
    ax.set_ylabel("inertia")
    ax.set_xlabel("k, the number of clusters")
    lend_to(ax)
    return ax


def criteria(
    columns: Any,
    ax: Axes | Iterable[Axes] | None = None,
    *,
    chosen: Mapping[str, Any] | None = None,
) -> NDArray[Any]:
    """Draw criteria over k, a panel for each, with the k that it chooses.

    Every panel says whether high or low values are good. Panels are drawn for inertia, the
    silhouettes, Calinski-Harabasz, Davies-Bouldin, BIC, the gap statistic and stability, as far as
    they are there with at least one finite value; places where a value is missing stay empty.

    Parameters
    ----------
    columns : mapping of str to array-like of shape (m,), or an object with such `columns`
        Needs "k"; may have "inertia", "silhouette", "simplified_silhouette", "calinski_harabasz",
        "davies_bouldin", "bic" (in the form of which low values are good), "gap", "stability", and
        for error bars "gap_se" or "gap_error" and "stability_sd". A data frame will do.
    ax : matplotlib axes or several of them, optional
        Where to draw: one axes, whose place the panels share, or one for each panel; by default a
        new figure.
    chosen : mapping of str to int, optional
        The k that a criterion chose, by its name; by default what ``columns.best`` says, if that
        has such a mapping as `picks`, or `choices` with `criterion` and `k` each.

    Returns
    -------
    axes : array of matplotlib axes, of shape (panels,)
        One for each criterion, in the order above.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        A column is not as long as "k", there is none to draw, there are too few axes, or what was
        chosen is not among "k".

    Examples
    --------
    >>> from centra.plot import criteria
    >>> table = {"k": [2, 3, 4], "davies_bouldin": [0.4, 0.3, 0.9], "gap": [0.2, 0.5, 0.4]}
    >>> axes = criteria(table, chosen={"davies_bouldin": 3, "gap": 3})
    >>> [ax.get_title(loc="left") for ax in axes]
    ['Davies-Bouldin', 'gap statistic']
    >>> import matplotlib.pyplot as plt
    >>> plt.close(axes[0].figure)
    """
    found = _read(columns, chosen)
    drawn = [name for name in CRITERIA if np.isfinite(found.values.get(name, np.nan)).any()]
    if not drawn:
        raise ValueError(f"there is no criterion among the columns: {', '.join(CRITERIA)}")
    axes = _places(ax, len(drawn))
    longest = max(len(CRITERIA[name][0]) for name in drawn)
    size = max(min(fitting(ax, 1, letters=longest + 7, most=10.0) for ax in axes), 7.0)
    for panel, name in zip(axes, drawn, strict=True):
        _curve(panel, found.k, found.values[name])
        title, good = CRITERIA[name]
        if name in found.errors:
            _errors(panel, found, name)
            good += f"; bars: {BARS[name][1]}"
        panel.set_title(title, loc="left", fontsize=size, fontweight="bold", pad=18)
        low: dict[str, Any] = {"fontsize": 8.5, "color": GREY}
        panel.annotate(good, (0, 1), (0, 5), panel.transAxes, "offset points", **low)
        if name in found.chosen:
            k = found.chosen[name]
            _mark(panel, k, found.at(name, k))
            red: dict[str, Any] = {"color": palette.color(1), "fontweight": "bold", "pad": 18}
            panel.set_title(f"k = {k}", loc="right", fontsize=size, **red)
        _tidy(panel, found.k)
        panel.set_xlabel("k")
        lend_to(panel)
    return axes


def _read(columns: Any, chosen: Mapping[str, Any] | None) -> _Sweep:
    if chosen is None:
        best = getattr(columns, "best", None)
        listed = {choice.criterion: choice for choice in getattr(best, "choices", ())}
        chosen = getattr(best, "picks", None) or listed
    inner = getattr(columns, "columns", columns)
    # The `columns` of a data frame are names: it is a mapping itself.
    table = inner if isinstance(inner, Mapping) else {name: columns[name] for name in inner}
    if "k" not in table:
        raise ValueError('there is no "k" among the columns')
    table = with_one(table, getattr(columns, "gap", None))
    numbers = np.asarray(table["k"])
    if numbers.ndim != 1 or not numbers.size or (numbers != np.rint(numbers)).any():
        raise ValueError('"k" must be whole numbers, one for every fit')
    order = np.argsort(numbers, kind="stable")
    k = numbers[order].astype(np.int64)
    if (np.diff(k) == 0).any():
        raise ValueError(f'"k" has {k[:-1][np.diff(k) == 0][0]} twice')
    bars = {column: name for name, (columns_of, _) in BARS.items() for column in columns_of}
    values, errors = {}, {}
    for name in (*CRITERIA, *bars):
        if table.get(name) is None:
            continue
        column = np.asarray(table[name], dtype=np.float64)
        if column.shape != k.shape:
            raise ValueError(f'"{name}" has shape {column.shape}, and "k" {k.shape}')
        if name in bars:
            errors[bars[name]] = column[order]
        else:
            values[name] = column[order]
    picked = {}
    for name, pick in chosen.items():
        at = getattr(pick, "k", pick)
        if at is None:
            continue
        if at not in k:
            raise ValueError(f"{name} chose k = {at}, which is not among {_listed(k)}")
        picked[name] = int(at)
    return _Sweep(k, values, errors, picked)


def with_one(table: Mapping[str, Any], gap: Any) -> Mapping[str, Any]:
    """Put k = 1 before the others, where a gap statistic knows it and the columns do not."""
    if not (ks := getattr(gap, "ks", ())) or ks[0] != 1 or 1 in np.asarray(table["k"]):
        return table
    ones = {"k": 1, "gap": gap.values[0], "gap_error": gap.errors[0]}
    return {name: np.r_[ones.get(name, np.nan), table[name]] for name in table}


def _called(name: str) -> str:
    """Say what a criterion is called; of others than our own we know the name alone."""
    return CRITERIA[name][0] if name in CRITERIA else as_text(name)


def _listed(k: NDArray[np.int64]) -> str:
    shown = ", ".join(map(str, k[:12]))
    return shown if len(k) <= 12 else f"{shown}, ..., {k[-1]}"


def _curve(ax: Axes, k: NDArray[np.int64], values: Floats) -> None:
    ax.plot(
        k,
        np.where(np.isfinite(values), values, np.nan),
        color=palette.INK,
        linewidth=1.4,
        marker="o",
        markersize=4 if len(k) <= 40 else 2,
        zorder=2.0,
        gid="curve",
    )


def _errors(ax: Axes, found: _Sweep, name: str) -> None:
    values = found.values[name]
    lengths = np.where(np.isfinite(values), found.errors[name], np.nan)
    bars: dict[str, Any] = {"fmt": "none", "ecolor": GREY, "elinewidth": 1.0, "capsize": 2.5}
    ax.errorbar(found.k, values, lengths, zorder=1.5, **bars)


def _mark(ax: Axes, k: int, value: float, *, drop: bool = False) -> None:
    """Mark a choice: a dot on the curve, and a line that leads to its k."""
    color = palette.color(1)
    line: dict[str, Any] = {"color": color, "linewidth": 1.2, "linestyle": (0, (4, 3))}
    if drop and np.isfinite(value):  # from the curve down: what is above is for words
        ax.plot([k, k], [0, value], zorder=1.0, **line)
    else:
        ax.axvline(k, zorder=1.0, **line)
    if np.isfinite(value):
        ax.plot([k], [value], "o", color=color, markersize=8, zorder=3.0, gid="chosen")


def _lines(k: int, names: list[str]) -> str:
    """Say who chose k, in short lines that do not break within a name."""
    whole = [name.replace(" ", "\xa0") for name in names]
    said = fill(f"k\xa0=\xa0{k}: {', '.join(whole)}", 34, break_on_hyphens=False)
    return said.replace("\xa0", " ")


def _tidy(ax: Axes, k: NDArray[np.int64]) -> None:
    room = 0.4 + 0.02 * float(k[-1] - k[0])
    ax.set_xlim(k[0] - room, k[-1] + room)
    whole_numbers(ax.xaxis)
    separate(ax.yaxis)
    ax.spines[["top", "right"]].set_visible(False)
    ax.margins(y=0.12)


def _places(ax: Axes | Iterable[Axes] | None, panels: int) -> NDArray[Any]:
    """Axes for the panels: new ones, those that were given, or places within the one given."""
    plt = pyplot()
    across = min(panels, 4 if panels in (4, 7, 8) and ax is None else 3)
    down = math.ceil(panels / across)
    axes = np.empty(panels, dtype=object)
    if ax is None:
        figure = plt.figure(figsize=(3.1 * across + 0.3, 2.6 * down), layout="constrained")
        axes[:] = [figure.add_subplot(down, across, i + 1) for i in range(panels)]
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
        return axes
    if isinstance(ax, Iterable):
        given = list(np.ravel(np.asarray(list(ax), dtype=object)))
        if len(given) < panels:
            raise ValueError(f"{panels} criteria need as many axes, and {len(given)} were given")
        axes[:] = given[:panels]
        return axes
    ax.set_axis_off()
    wide, high = 1 / (across + 0.3 * (across - 1)), 1 / (down + 0.75 * (down - 1))
    for i in range(panels):
        row, column = divmod(i, across)
        place = (1.3 * wide * column, 1 - high - 1.75 * high * row, wide, high)
        axes[i] = ax.inset_axes(place)
    return axes
