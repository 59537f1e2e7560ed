"""`animation`: the way of the centres over the iterations, as an animation."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from centra._estimators.functions import assign
from centra._lloyd.model import Record
from centra._utils.atomic_write import write_whole
from centra._utils.escapes import for_html
from centra._utils.optional import pyplot
from centra._utils.text import count, number
from centra.plot._clusters import draw, figure_size
from centra.plot.given import centers_of, evenly, history_of
from centra.plot.japanese import lend_font
from centra.plot.palette import assigned
from centra.plot.plane import Points, plane_of
from centra.plot.slider import page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Film", "animation"]


@dataclass(frozen=True)
class Film:
    """Pictures of a fit, one for each iteration.

    In a notebook it shows itself, with a slider.

    Attributes
    ----------
    frames : tuple of bytes
        PNG images, all of one size.
    captions : tuple of str
        What each of them shows.
    seconds : float
        How long each of them stays.
    """

    frames: tuple[bytes, ...] = field(repr=False)
    captions: tuple[str, ...] = field(repr=False)
    seconds: float

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the film to a file, whole or not at all.

        Parameters
        ----------
        path : path-like
            ``.gif``, or ``.html`` for a page of its own with a slider, which the arrow keys move.

        Raises
        ------
        ValueError
            The name ends in something else.
        OSError
            The file cannot be written.
        """
        kind = _kind(path)
        content = self.gif() if kind == ".gif" else self.html().encode()
        with write_whole(path) as file:
            file.write(content)

    def html(self) -> str:
        """Return a page with a slider; it needs no network."""
        return page(self.frames, self.captions, self.seconds)

    def gif(self) -> bytes:
        """Return the film as GIF: for ever, with a rest at the end of each round."""
        from PIL import Image

        images = [Image.open(io.BytesIO(frame)).convert("RGB") for frame in self.frames]
        # One table of colours for all, or they would flicker: from the start and the end together.
        both = Image.new("RGB", (images[0].width, 2 * images[0].height))
        both.paste(images[0], (0, 0))
        both.paste(images[-1], (0, images[0].height))
        table = both.quantize(256)
        plain = [image.quantize(palette=table, dither=Image.Dither.NONE) for image in images]
        stay = round(1000 * self.seconds)
        file = io.BytesIO()
        plain[0].save(
            file,
            format="GIF",
            save_all=True,
            append_images=plain[1:],
            duration=[stay] * (len(plain) - 1) + [max(3 * stay, 1500)],
            loop=0,
        )
        return file.getvalue()

    def _repr_html_(self) -> str:
        from PIL import Image

        width, height = Image.open(io.BytesIO(self.frames[0])).size
        inside = for_html(self.html())
        style = f"width: {width + 40}px; max-width: 100%; height: {height + 110}px; border: 0"
        return f'<iframe title="k-means, step by step" style="{style}" srcdoc="{inside}"></iframe>'


def animation(
    model: Any,
    X: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    columns: Sequence[int | str] | None = None,
    seconds: float = 0.7,
    most: int = 60,
    dpi: float = 100.0,
) -> Film:
    """Draw how a fit went, as an animation: a picture for every iteration.

    Each picture is one panel of `iterations`: the centres after so many updates with the way that
    they have come, and the rows assigned to them.

    Parameters
    ----------
    model : KMeans
        A fitted model that kept its centres (see `keep_centers`).
    X : array-like, sparse matrix, data frame or source of shape (n, d)
        The rows to draw, usually those of the fit.
    path : path-like, optional
        A file to write as well: ``.gif``, or ``.html`` for a page with a slider.
    columns : sequence of two int or str, optional
        The columns to draw across and up, by number or by the name that the model knows.
    seconds : float, default=0.7
        How long each picture stays.
    most : int, default=60
        Pictures at most: longer fits are thinned evenly, with the first and the last among them.
    dpi : float, default=100.0
        Pixels per inch; a picture is 7 inches wide.

    Returns
    -------
    film : Film
        It has ``save(path)``, and shows itself in a notebook.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    TypeError
        The model has no `history_`.
    ValueError
        The model kept no centres, X or `columns` do not fit it, the name of the file ends in
        something else, or a number is not positive.
    OSError
        The file cannot be written.

    See Also
    --------
    iterations : The same side by side, for paper.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import animation
    >>> X = np.array([[0.0, 0.0], [0.0, 2.0], [8.0, 1.0], [9.0, 1.0]])
    >>> film = animation(centra.KMeans(n_clusters=2, init=X[:2]).fit(X), X)
    >>> film.captions[0]
    'iteration 0 (start), inertia 147'
    """
    pyplot()
    if path is not None:
        _kind(path)  # before anything is drawn
    for name, value, least in (("seconds", seconds, 0), ("most", most, 1), ("dpi", dpi, 0)):
        if not value > least:
            raise ValueError(f"{name}={value} must be greater than {least}")
    history = history_of(model, "animation")
    centers = centers_of(history, "animation")
    shown = evenly(len(history), most)
    captions = [_caption(history[i]) for i in shown]
    pictures = _pictures(model, X, centers, shown, captions, columns, dpi)
    film = Film(tuple(pictures), tuple(captions), seconds)
    if path is not None:
        film.save(path)
    return film


def _kind(path: str | os.PathLike[str]) -> str:
    kind = Path(path).suffix.lower()
    if kind not in (".gif", ".html"):
        raise ValueError(f"an animation is saved as .gif or .html, not as {os.fspath(path)!r}")
    return kind


def _caption(record: Record) -> str:
    said = f"iteration {record.iteration}"
    if record.iteration == 0:
        return f"{said} (start), inertia {number(record.inertia)}"
    return f"{said}, inertia {number(record.inertia)}, {count(record.changed, 'row')} changed"


def _pictures(
    model: Any,
    X: Any,
    centers: Sequence[Points],
    shown: Sequence[int],
    captions: Sequence[str],
    columns: Sequence[int | str] | None,
    dpi: float,
) -> list[bytes]:
    from matplotlib.figure import Figure

    plane = plane_of(model, X, columns)
    steps = [plane.project(each) for each in centers]
    view, styles = plane.view(*steps), assigned(model.cluster_centers_)
    # A figure of its own, which no window and no later call of pyplot knows.
    figure = Figure(figsize=(7.0, 4.4) if view is None else figure_size(view), dpi=dpi)
    figure.set_layout_engine("constrained")
    ax = figure.add_subplot()

    def paint(i: int, caption: str) -> None:
        ax.clear()
        labels = assign(X, centers[i])
        draw(ax, plane, labels, steps[i], view, styles, steps=tuple(steps[:i]))
        ax.set_title(caption, fontsize=11)
        lend_font([ax.title, ax.xaxis.label, ax.yaxis.label])

    # One layout for all, found on the first and then fixed: nothing shall jump but the centres.
    paint(shown[0], captions[0])
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    pictures = []
    for i, caption in zip(shown, captions, strict=True):
        paint(i, caption)
        pictures.append(_png(figure))
    return pictures


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
