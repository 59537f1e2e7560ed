"""`clusters`: one picture of a fitted model and the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.optional import pyplot
from centra.plot import density, ink, line, palette
from centra.plot.given import check_labels, check_model
from centra.plot.japanese import lend_font
from centra.plot.legible import LARGE, check_axes, name_axes, separate
from centra.plot.plane import Plane, Points, View, plane_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["clusters", "draw", "figure_size", "settle"]


def clusters(
    model: Any,
    X: Any,
    ax: Axes | None = None,
    *,
    columns: Sequence[int | str] | None = None,
) -> Axes:
    """Draw rows in the colours of their clusters, with the centres and their regions.

    Each centre is a disc with the number of its cluster, so that no colour has to be recognised.
    Discs that would hide one another are moved apart, and a line leads to the centre. From nine
    clusters on colours repeat, but not among neighbours. With two columns the Voronoi region of
    each centre is tinted behind the points: wherever a row lies, there it belongs; longitude lies
    across, whichever column it is. With more columns, rows and centres are projected on the two
    directions of largest variance (PCA), the axes say how much of the variance they show, and there
    are no regions; `columns` chooses two columns instead. With one column the picture is a
    histogram.

    Parameters
    ----------
    model : KMeans
        A fitted model.
    X : array-like or sparse matrix of shape (n, d)
        The rows to draw, those of the fit or others. All of them count: above 50,000 rows there is
        an image in place of markers, in which colour says whose rows are the most in a place and
        its strength how many there are, on a scale of logarithms.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure. Limits, aspect and axis labels are set.
    columns : sequence of two int or str, optional
        The columns to draw across and up, by number or by the name that the model knows.

    Returns
    -------
    ax : matplotlib axes
        The axes, to go on with: `ax.set_title`, `ax.figure.savefig`.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    ValueError
        X does not have the columns that the model was fitted with, or is not finite; or `columns`
        are not two of them; or the `labels_` of the model were changed after its fit.

    See Also
    --------
    iterations : How the fit came there.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> from centra.plot import clusters
    >>> X = np.array([[0.0, 0.0], [0.0, 2.0], [8.0, 1.0], [9.0, 1.0]])
    >>> ax = clusters(centra.KMeans(n_clusters=2, random_state=0).fit(X), X)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('column 0', 'column 1')
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    plt = pyplot()
    check_model(model)
    plane = plane_of(model, X, columns)
    labels = np.asarray(model.predict(X))
    check_labels(model, labels, "clusters")
    centers = plane.project(model.cluster_centers_)
    view = plane.view(centers)
    if ax is None:
        size = (7.0, 4.2) if view is None else figure_size(view)
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    check_axes(ax)
    draw(ax, plane, labels, centers, view, palette.assigned(model.cluster_centers_))
    lend_font([ax.title, ax.xaxis.label, ax.yaxis.label])
    return ax


def draw(
    ax: Axes,
    plane: Plane,
    labels: NDArray[np.integer],
    centers: Points,
    view: View | None,
    styles: NDArray[np.integer],
    *,
    steps: tuple[Points, ...] = (),
    scale: float = 1.0,
) -> None:
    """Draw one state of a clustering on given axes, and name them.

    Parameters
    ----------
    ax : matplotlib axes
        Where to draw.
    plane : Plane
        The rows, one column wide or two.
    labels : array of shape (n,)
        The cluster of each row.
    centers : array of shape (k, 1) or (k, 2)
        The centres, on the plane.
    view : View or None
        Limits of the axes; None for one column, of which there is a histogram.
    styles : array of shape (k,)
        The style of each cluster, as from `palette.assigned`.
    steps : tuple of arrays of the same shape, optional
        Where the centres were before, oldest first.
    scale : float, default=1.0
        Size of everything; small panels want less.
    """
    from centra.plot import discs

    if view is None:
        line.draw(ax, plane, labels, centers, styles, steps=steps, scale=scale)
        return
    crowded = len(plane.points) > ink.CROWD
    if not plane.projected:
        ink.regions(ax, centers, view, styles, crowded=crowded)
    if crowded:
        density.draw(ax, plane.points, labels, styles, view)
    else:  # dots shrink more than the rest: numbers are to be read
        ink.points(ax, plane.points, labels, styles, scale=scale**2)
    if steps:
        ink.paths(ax, (*steps, centers))
    discs.badges(ax, centers, styles, size=9.0 * scale)
    settle(ax, view)
    name_axes(ax, *plane.names)
    for axis in (ax.xaxis, ax.yaxis):
        separate(axis, LARGE)


def settle(ax: Axes, view: View) -> None:
    """Set limits, and one scale for both directions where that can be.

    Distances decide everything in k-means, so they should look as long as they are, and a border
    should stand upright on the line between two centres. Only columns of very different spread
    get a scale each.

    Parameters
    ----------
    ax : matplotlib axes
        The axes.
    view : View
        What they shall show, at least.
    """
    # auto=None: what a caller adds later may still widen the limits, and so may the aspect below
    ax.set_xlim(view.left, view.right, auto=None)
    ax.set_ylim(view.bottom, view.top, auto=None)
    if view.to_scale:
        # matplotlib can widen limits to fill the axes only while an axes has them for itself.
        shared = len(ax.get_shared_x_axes().get_siblings(ax)) > 1
        ax.set_aspect("equal", adjustable="box" if shared else "datalim")


def figure_size(view: View) -> tuple[float, float]:
    """Give width and height in inches of a figure that shows a view."""
    width = 7.0
    return width, width * min(max(view.ratio, 0.6), 1.15) if view.to_scale else 5.0
