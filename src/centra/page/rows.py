"""The rows of a page: validated, those that are drawn, where they lie, in which units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._data.validate import prepare
from centra._estimators.kmeans import KMeans
from centra._lloyd.model import check_fit
from centra._utils.row_names import row_name, row_names_of
from centra._utils.sampling import sampled
from centra._utils.threads import workers
from centra.plot.named import names_of
from centra.plot.plane import Plane, plane_of_rows
from centra.sources import MemorySource

Floats = NDArray[np.floating]

#: Stacks into which the rows of a single column are piled.
STACKS = 120


@dataclass(frozen=True)
class Drawn:
    """All rows, and the sample of them that is drawn.

    Attributes
    ----------
    data : Dataset
        All rows, and their weights.
    few : Dataset
        Those that are drawn, as they were clustered.
    rows : ndarray of shape (n_drawn,)
        Their numbers, from 0.
    values : ndarray of shape (n_drawn, n_features)
        What they hold, in the columns' own units.
    names : list of n_features str
        What the columns are called.
    called : list of n_drawn str, or None
        What the rows that are drawn are called; None for "row" and their numbers.
    index : list of n_rows str, or None
        What the index of a data frame calls all rows, if it does more than count them, and nobody
        else says how they are called.
    scaler : transformer or None
        What brought the columns to the units in which they were clustered.
    plane : Plane
        Where rows are drawn.
    """

    data: Dataset
    few: Dataset
    rows: NDArray[np.intp]
    values: Floats
    names: list[str]
    called: list[str] | None
    index: list[str] | None
    scaler: Any
    plane: Plane

    @property
    def points(self) -> Floats:
        """Places of the rows, of shape (n_drawn, 2); rows of a single column are piled up."""
        points = self.plane.points
        return points if points.shape[1] == 2 else np.column_stack([points[:, 0], _piled(points)])

    @property
    def axes(self) -> list[str]:
        """What both axes are; "" for one that is none."""
        return [*self.plane.names, ""][:2]

    def own(self, centers: Floats) -> Floats:
        """Give centres of shape (k, n_features) in the columns' own units."""
        return in_own_units(self.scaler, centers)

    def places(self, centers: Floats) -> Floats:
        """Give the places of centres, of shape (k, 2)."""
        given = centers.astype(np.float64)
        places = self.plane.project(given if self.plane.projected else self.own(given))
        if places.shape[1] == 2:
            return places
        below = -0.08 * max(float(_piled(self.plane.points).max(initial=0)), 1.0)
        return np.column_stack([places[:, 0], np.full(len(places), below)])


def drawn_of(
    models: Sequence[KMeans],
    X: Any,
    sample_weight: Any,
    sample: int,
    seed: int,
    scaler: Any,
    called: Callable[[list[int]], list[str]] | None = None,
) -> Drawn:
    """Validate the rows once for all models, and lay out those that are drawn.

    Parameters
    ----------
    models : sequence of KMeans
        Fitted models.
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows that they were fitted on.
    sample_weight : array-like of shape (n_samples,), float or None
        Their weights.
    sample : int
        Rows that are drawn, at most.
    seed : int
        Of the sample, if there are more.
    scaler : transformer or None
        What made X of rows in the columns' own units.
    called : callable or None
        Says what rows, counted from 0, are called.

    Raises
    ------
    TypeError
        If the scaler has no `inverse_transform`.
    ValueError
        If a model was fitted on other columns or another number of rows, or the scaler on another
        number of columns.
    """
    data = _rows_of(models, X, sample_weight)
    rows = sampled(data.n_rows, sample, seed)
    clustered = data.take(rows)
    few = prepare(models[0], MemorySource(clustered), data.workers)
    values = in_own_units(scaler, clustered)
    # Data frames leave their names with what was fitted on them, which is the scaler if it was.
    named = models[0] if scaler is None or hasattr(models[0], "feature_names_in_") else scaler
    names = names_of(named, data.n_features)
    # A projection is one of the rows as they were clustered: distances are distances there.
    plane = plane_of_rows(clustered if data.n_features > 2 else values, names)
    index = row_names_of(X) if called is None else None
    texts: list[str] | None = None
    if called is not None:
        texts = called(rows.tolist())
    elif index is not None:
        texts = [row_name(index, row) for row in rows.tolist()]
    return Drawn(data, few, rows, values, names, texts, index, scaler, plane)


def in_own_units(scaler: Any, rows: Floats) -> Floats:
    """Undo the scaling of rows or centres.

    Parameters
    ----------
    scaler : transformer or None
        What scaled them.
    rows : ndarray of shape (n, n_features)
        The rows.

    Returns
    -------
    rows : ndarray of shape (n, n_features)
        In the columns' own units; the same if there is no scaler.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> scaler = StandardScaler().fit([[10.0], [30.0]])
    >>> in_own_units(scaler, np.array([[0.0], [1.0]])).tolist()
    [[20.0], [30.0]]
    """
    if scaler is None:
        return rows
    if not hasattr(scaler, "inverse_transform"):
        raise TypeError(
            f"scaler must have inverse_transform, as StandardScaler has; got {scaler!r}"
        )
    fitted = getattr(scaler, "n_features_in_", rows.shape[1])
    if fitted != rows.shape[1]:
        raise ValueError(
            f"X has {rows.shape[1]} columns, but the scaler was fitted on {fitted}; give the "
            "scaler that made X."
        )
    return np.asarray(scaler.inverse_transform(rows), dtype=np.float64)


def _rows_of(models: Sequence[KMeans], X: Any, sample_weight: Any) -> Dataset:
    """Validate the rows once, for the first model, and again for those fitted on other columns."""
    for km in models:
        check_fit(km, "a page")
    first, *others = models
    data = prepare(first, X, workers(first.n_threads), sample_weight=sample_weight, weigh=True)
    for km in others:
        if names_of(km, km.n_features_in_) != names_of(first, data.n_features):
            prepare(km, X, data.workers)  # which says what is wrong
    for km in models:
        if len(km.labels_) != data.n_rows:
            raise ValueError(
                f"X has {data.n_rows:,} rows, but the model of k = {len(km.cluster_centers_)} was "
                f"fitted on {len(km.labels_):,}; pass the rows of the fit."
            )
    return data


def _piled(points: Floats) -> Floats:
    """Give the height of each row of a single column, on a pile of those that lie beside it."""
    values = points[:, 0].astype(np.float64)
    low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
    width = (high - low) / STACKS
    stacks = np.zeros(len(values), dtype=np.intp)
    if width > 0 and np.isfinite(width):
        stacks = np.minimum((values - low) / width, STACKS - 1).astype(np.intp)
    order = np.argsort(stacks, kind="stable")
    starts = np.cumsum(np.bincount(stacks, minlength=STACKS)) - np.bincount(
        stacks, minlength=STACKS
    )
    heights = np.empty(len(values))
    heights[order] = np.arange(len(values)) - starts[stacks[order]]
    return heights
