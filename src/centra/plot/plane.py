"""Where rows are drawn: on two columns, on a line, or on a projection.

For two columns the picture is the data. For more it is their projection on the two directions of
largest variance, and the axes say how much of the variance they show; or two columns that somebody
chose, and the axes say of how many. Latitude and longitude make a map: longitude across, one scale
for both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from centra._data.validate import prepare
from centra._diagnostics.degrees import is_degrees
from centra._utils.threads import workers
from centra.plot.named import names_of, numbers_of
from centra.sources import MemorySource, Source

__all__ = ["Plane", "View", "plane_of", "plane_of_rows"]

Points = NDArray[np.floating]
#: Rows that are taken at a time.
_PART = 1 << 16


@dataclass(frozen=True)
class View:
    """The part of the plane that is shown.

    Attributes
    ----------
    left, right, bottom, top : float
        The limits of the axes, in data units.
    equal : bool
        Whether both directions have one scale, whatever the shape.
    """

    left: float
    right: float
    bottom: float
    top: float
    equal: bool = False

    @property
    def ratio(self) -> float:
        """Height over width."""
        return (self.top - self.bottom) / (self.right - self.left)

    @property
    def to_scale(self) -> bool:
        """Whether both directions have one scale: a map, or what makes no sliver of a figure."""
        return self.equal or 0.25 <= self.ratio <= 4.0

    def frame(self) -> tuple[float, float, float, float]:
        """Give a much larger rectangle, so that axes that are widened or moved show no edge."""
        margin = 2 * max(self.right - self.left, self.top - self.bottom)
        return (self.left - margin, self.right + margin, self.bottom - margin, self.top + margin)


@dataclass(frozen=True)
class Plane:
    """Rows, ready to be drawn, and the way in which centres follow them.

    Attributes
    ----------
    points : array of shape (n, 1) or (n, 2)
        The rows, on the plane; one column where X has one.
    project : callable
        Takes centres (k, d) to the plane, (k, 1) or (k, 2).
    names : tuple of str
        What the axes are.
    projected : bool
        Whether rows have more columns than the plane. Then there are no regions: the cells of the
        centres are bodies in d dimensions, whose shadows overlap, and the cells of the projected
        centres would put points on the wrong side of a border.
    degrees : bool
        Whether the axes are latitude and longitude.
    """

    points: Points
    project: Callable[[Points], Points]
    names: tuple[str, ...]
    projected: bool
    degrees: bool = False

    def view(self, *centers: Points) -> View | None:
        """Find limits that show all points, and all of these centres, with a margin.

        Parameters
        ----------
        *centers : arrays of shape (k, 2)
            Centres, on the plane.

        Returns
        -------
        view : View or None
            None for one column.
        """
        if self.points.shape[1] == 1:
            return None
        shown = (self.points, *centers)
        low = np.min([part.min(axis=0) for part in shown], axis=0).astype(np.float64)
        high = np.max([part.max(axis=0) for part in shown], axis=0).astype(np.float64)
        span = high - low
        # A constant column still needs some width: that of the other, or of the number itself.
        least = span.max() or 0.1 * max(float(np.abs(high).max()), 10.0)
        margin = np.where(span > 0, 0.05 * span, 0.25 * least)
        left, bottom = (low - margin).tolist()
        right, top = (high + margin).tolist()
        return View(left, right, bottom, top, self.degrees)


def plane_of(model: Any, X: Any, columns: Sequence[int | str] | None = None) -> Plane:
    """Lay X out on a plane.

    Parameters
    ----------
    model : KMeans
        A fitted model; its `feature_names_in_`, if any, name the axes.
    X : array-like, sparse matrix, data frame or source of shape (n, d)
        The rows; all of them must fit into memory.
    columns : sequence of two int or str, optional
        Which columns lie across and up, by number or name; by default both, or a projection.

    Returns
    -------
    plane : Plane
        Rows and names.

    Raises
    ------
    ValueError
        X is not a table of finite numbers, or not with the model's columns; or `columns` are not
        two of them.
    """
    source = prepare(model, X, workers()).source
    n, d = source.shape
    every = names_of(model, d)
    if columns is not None:
        return _pair(source, numbers_of(columns, every), every)
    if d > 2 and isinstance(source, MemorySource) and source.sparse:
        return _projection(source.X.astype(np.float64), np.zeros(d))  # stays sparse
    return plane_of_rows(source.take(np.arange(n)), every)


def plane_of_rows(rows: Points, every: Sequence[str]) -> Plane:
    """Lay rows in memory out on a plane.

    Parameters
    ----------
    rows : array of shape (n, d)
        The rows.
    every : sequence of d str
        What the columns are called.

    Returns
    -------
    plane : Plane
        Their own one or two columns, or a projection of more.
    """
    if rows.shape[1] > 2:
        # Centred here, exactly enough for rows far from the origin: scikit-learn takes the mean
        # off the covariances, where the digits that matter may be gone.
        mean = rows.mean(axis=0)
        return _projection(rows - mean, mean)
    found = _degrees(rows, every) if rows.shape[1] == 2 else None
    if found == (0, 1):
        return _crossed(rows, every)
    return Plane(rows, np.asarray, tuple(every), projected=False, degrees=found is not None)


def _degrees(rows: Points, names: Sequence[str]) -> tuple[int, int] | None:
    """Say which of two columns is the latitude and which the longitude, if they are that."""
    return is_degrees(names, SimpleNamespace(low=rows.min(axis=0), high=rows.max(axis=0)))


def _crossed(rows: Points, every: Sequence[str]) -> Plane:
    """Latitude and longitude in this order: the second column lies across."""
    names = (every[1], every[0])
    turned = [1, 0]
    return Plane(
        rows[:, turned], lambda centers: centers[:, turned], names, projected=False, degrees=True
    )


def _pair(source: Source, pair: tuple[int, int], every: list[str]) -> Plane:
    """Two columns of the rows, taken in parts so that the others need not fit into memory."""
    n, d = source.shape
    at = list(pair)
    parts = [source.take(np.arange(i, min(i + _PART, n)))[:, at] for i in range(0, n, _PART)]
    beside = "" if d == 2 else f" (one of {d:,} columns)"
    names = tuple(every[column] + beside for column in pair)
    points = np.concatenate(parts)
    degrees = _degrees(points, [every[column] for column in pair]) is not None
    return Plane(points, lambda centers: centers[:, at], names, projected=d > 2, degrees=degrees)


def _projection(rows: Any, mean: Points) -> Plane:
    """Project rows, from which `mean` has been taken off, on their two main directions."""
    spread = rows.max(axis=0) - rows.min(axis=0)
    if not spread.sum() > 0:  # one row, or all rows equal: there is no direction to choose
        return Plane(
            np.zeros((rows.shape[0], 2)),
            lambda centers: np.zeros((len(centers), 2)),
            ("PCA 1 (no variance)", "PCA 2 (no variance)"),
            projected=True,
        )
    # For wide data scikit-learn may draw random numbers; one picture, always the same.
    pca = PCA(n_components=2, random_state=0)
    points = pca.fit_transform(rows)
    names = tuple(
        f"PCA {i + 1} ({100 * share:.0f} % of variance)"
        for i, share in enumerate(pca.explained_variance_ratio_)
    )
    return Plane(points, lambda centers: pca.transform(centers - mean), names, projected=True)
