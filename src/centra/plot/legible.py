"""Legible text in figures: sizes that fit, labels moved apart, a sentence in place of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from centra._utils.optional import pyplot
from centra.plot.japanese import lend_font
from centra.plot.named import as_text
from centra.plot.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = [
    "GREY",
    "LARGE",
    "LEAST",
    "apart",
    "axes_of",
    "beside",
    "check_axes",
    "divide",
    "fitting",
    "heights",
    "lend_to",
    "longest",
    "name_axes",
    "say",
    "separate",
    "whole_numbers",
]

#: Numbers smaller than this, in points, are left out: nobody could read them.
LEAST = 5.5
#: Values of columns have commas from here on: "1,998" would be no year.
LARGE = 10_000
#: Letters that a name on an axis has room for, at least.
_SHORTEST = 14
#: Words that explain, lighter than those that tell; a contrast of 7 : 1 with white.
GREY = "#595959"


def axes_of(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the axes that were given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib axes or None
        What a caller passed.
    width, height : float
        Size of the new figure in inches.

    Returns
    -------
    ax : matplotlib axes
        Where to draw.

    Raises
    ------
    TypeError
        Something else was passed, say rows.
    """
    plt = pyplot()
    if ax is not None:
        check_axes(ax)
        return ax
    made: Axes = plt.subplots(figsize=(width, height), layout="constrained")[1]
    return made


def check_axes(ax: Any) -> None:
    """Say in a line that something is no axes."""
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be matplotlib axes, and is of type {type(ax).__name__}")


def divide(ax: Axes, share: float) -> Axes:
    """Take a part of the place of some axes for other axes below them.

    Parameters
    ----------
    ax : matplotlib axes
        They become smaller. Within a grid they stay in their cell, for any layout engine.
    share : float
        What part of the height goes to the new axes.

    Returns
    -------
    below : matplotlib axes
        New axes in the same figure.
    """
    figure: Any = ax.figure
    cell = ax.get_subplotspec()
    if cell is not None:
        parts = cell.subgridspec(2, 1, height_ratios=[1 - share, share])
        ax.set_subplotspec(parts[0])
        made: Axes = figure.add_subplot(parts[1])
        return made
    box = ax.get_position()
    ax.set_position(
        (box.x0, box.y0 + 1.3 * share * box.height, box.width, (1 - 1.3 * share) * box.height)
    )
    free: Axes = figure.add_axes((box.x0, box.y0, box.width, share * box.height))
    return free


def heights(parts: int, *, each: float, least: float, most: float = 12.0) -> float:
    """Give the height of a figure with so many lines.

    Parameters
    ----------
    parts : int
        Lines.
    each : float
        Height of a line in inches.
    least, most : float
        Limits of the figure, in inches.

    Returns
    -------
    height : float
        In inches.
    """
    return min(max(least, 1.2 + each * parts), most)


def fitting(ax: Axes, lines: int, *, letters: float = 0.0, most: float = 9.0) -> float:
    """Find the size of text that stands in each of equal parts of the axes.

    Parameters
    ----------
    ax : matplotlib axes
        Where the text will stand.
    lines : int
        How many parts there are.
    letters : float, default=0.0
        If positive, the parts are columns, and texts so many letters wide; else they are lines.
    most : float, default=9.0
        Largest size, in points.

    Returns
    -------
    size : float
        In points; below `LEAST` the text is better left out.
    """
    box = ax.get_window_extent()
    inch = 72 / ax.figure.dpi
    if letters:
        # A digit of DejaVu Sans is 0.64 of its size wide.
        return float(min(most, box.width * inch / max(lines, 1) / (0.64 * letters)))
    return float(min(most, 0.8 * box.height * inch / max(lines, 1)))


def apart(places: Any, least: float, end: float = np.inf) -> NDArray[np.float64]:
    """Move labels apart, as little as possible in the sum of squares.

    Parameters
    ----------
    places : array-like of shape (n,)
        Where labels should stand, in ascending order.
    least : float
        Distance that two need.
    end : float, default=inf
        The last of them stands half that distance before it, at most; the first half that distance
        after 0 at least, if an end is given.

    Returns
    -------
    places : array of shape (n,)
        Where they can stand.

    Examples
    --------
    >>> from centra.plot.legible import apart
    >>> apart([0.0, 0.0, 5.0], 1.0)
    array([-0.5,  0.5,  5. ])
    >>> apart([0.0, 0.0, 5.0], 1.0, end=5.0)
    array([0.5, 1.5, 4.5])
    """
    steps = least * np.arange(len(places))
    low, high = (0.5 * least, end - steps[-1] - 0.5 * least) if np.isfinite(end) else (None, None)
    shifted = np.asarray(places, dtype=np.float64) - steps
    moved: NDArray[np.float64] = isotonic_regression(shifted, y_min=low, y_max=high) + steps
    return moved


def beside(ax: Axes, y: float, words: str, points: float, **style: Any) -> None:
    """Write words on the right of the axes, so that they end at a column.

    Parameters
    ----------
    ax : matplotlib axes
        Beside which to write.
    y : float
        At what height, in the units of the y axis; infinite writes above the axes.
    words : str
        What to write.
    points : float
        Where they end: points to the right of the axes.
    **style
        For matplotlib's text.
    """
    above = np.isinf(y)
    ax.annotate(
        words,
        (1, 1 if above else y),
        (points, 4 if above else 0),
        ax.transAxes if above else ax.get_yaxis_transform(),
        "offset points",
        ha="right",
        va="bottom" if above else "center",
        annotation_clip=False,
        **style,
    )


def say(ax: Axes, sentence: str) -> None:
    """Put a sentence where there is nothing to draw.

    Parameters
    ----------
    ax : matplotlib axes
        Where to; its ticks go.
    sentence : str
        What there is to say.
    """
    ax.set(xticks=[], yticks=[])
    middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center"}
    ax.text(0.5, 0.5, sentence, transform=ax.transAxes, color=INK, wrap=True, **middle)
    lend_to(ax)


def name_axes(ax: Axes, across: str, up: str | None = None) -> None:
    """Name the axes after columns, in as many letters as they have room for.

    Parameters
    ----------
    ax : matplotlib axes
        The axes.
    across, up : str
        What the columns are called.
    """
    box = ax.get_window_extent()
    ax.set_xlabel(as_text(across, max(int(1.1 * _letters(ax, box.width)), _SHORTEST)))
    if up is not None:
        ax.set_ylabel(as_text(up, max(int(1.1 * _letters(ax, box.height)), _SHORTEST)))


def longest(ax: Axes, *labels: str) -> str:
    """Choose what the axes have room for below them.

    Parameters
    ----------
    ax : matplotlib axes
        The axes.
    *labels : str
        What to write, the longest and best first.

    Returns
    -------
    label : str
        The first that fits, or the last.
    """
    letters = 1.1 * _letters(ax, ax.get_window_extent().width)
    return next((label for label in labels if len(label) <= letters), labels[-1])


def _letters(ax: Axes, pixels: float) -> float:
    """Say how many letters of a label stand in some pixels."""
    size: Any = ax.xaxis.label.get_fontsize()
    return float(pixels * 72 / ax.figure.dpi / (0.6 * size))


def separate(axis: Axis, least: float = 1000) -> None:
    """Let the ticks of an axis have commas between thousands.

    Parameters
    ----------
    axis : matplotlib axis
        If its ticks are written in another way than matplotlib's usual one, they stay so.
    least : float, default=1000
        The smallest number that makes the axis need them.
    """
    from matplotlib.ticker import ScalarFormatter

    from centra.plot.thousands import Thousands

    if type(axis.get_major_formatter()) is ScalarFormatter:
        axis.set_major_formatter(Thousands(least))


def whole_numbers(axis: Axis) -> None:
    """Let an axis have ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))


def lend_to(ax: Axes) -> None:
    """Let the texts on the axes fall back on the Japanese font, as `lend_font` does.

    Bold ones are numbers and words of our own; the font is not bold, and matplotlib would say so.
    """
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    texts = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts, *ticks]
    lend_font(text for text in texts if text.get_fontweight() != "bold")
