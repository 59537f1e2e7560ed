"""Clusters in another order: what `KMeans.relabel` does."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.nearest import nearest_labels
from centra._data.dataset import Dataset
from centra._estimators.rows import rows_of, training_rows
from centra._lloyd.fingerprint import (
    OTHER_LABELS,
    Fingerprint,
    check_computed,
    fingerprint_of,
    of_labels,
    order_since,
    why_changed,
)
from centra._lloyd.model import Record, check_parts
from centra._utils.escapes import for_terminal
from centra._utils.text import listed

__all__ = ["relabel"]

#: Names that an error lists.
MOST = 8

Floats = NDArray[np.floating]
Order = NDArray[np.intp]


def relabel(km: Any, order: Any, X: Any) -> None:
    """Put the clusters of a model in another order; see `KMeans.relabel`.

    Nothing of the model changes if anything is refused.
    """
    check_parts(km, "relabel")
    check_computed(km, "relabel")
    place = _since_the_fit(km)
    centers: Floats = np.asarray(km.cluster_centers_)
    fit = centers[np.argsort(place)]
    data = _rows_of_the_fit(km, X, fit)
    labels = nearest_labels(data, _exact(centers))
    known = fingerprint_of(km).labels
    if known is not None and of_labels(km.labels_) not in (known, of_labels(labels)):
        raise ValueError(f"relabel needs a {type(km).__name__} as its fit left it: {OTHER_LABELS}.")
    new = order_of(km, order, np.bincount(labels, minlength=len(centers)))
    centers = np.ascontiguousarray(centers[new])
    # Not the old labels renumbered: a row halfway between two centers goes to the lower number.
    labels = nearest_labels(data, _exact(centers))
    km.__dict__.update(
        cluster_centers_=centers,
        labels_=labels,
        history_=tuple(_reordered(record, place[new]) for record in km.history_),
        _fingerprint=Fingerprint.of(centers, labels, km.inertia_),
    )


def _since_the_fit(km: Any) -> Order:
    """Return which center of the fit each center is now: they may be in another order already."""
    place = order_since(km)
    if place is None:
        raise ValueError(
            f"relabel needs a {type(km).__name__} as its fit left it: {why_changed(km)}."
        )
    return np.array(place, dtype=np.intp)


def _rows_of_the_fit(km: Any, X: Any, centers: Floats) -> Dataset:
    """Return the rows of the fit, whose centers these are; those that were given must be they."""
    if X is None:
        return training_rows(km, "relabel", centers)
    data = rows_of(km, X, None, "relabel")
    known = fingerprint_of(km).labels
    if of_labels(nearest_labels(data, _exact(centers))) != (
        of_labels(km.labels_) if known is None else known
    ):
        raise ValueError(
            "X are not the rows that this model was fitted on: they have other labels; pass the "
            "rows of the fit, scaled as they were for it."
        )
    return data


def _exact(centers: Floats) -> NDArray[np.float64]:
    return np.ascontiguousarray(centers, dtype=np.float64)


def _reordered(record: Record, order: Order) -> Record:
    if record.centers is None:
        return record
    centers = np.ascontiguousarray(record.centers[order])
    centers.flags.writeable = False
    return replace(record, centers=centers)


def order_of(km: Any, order: Any, sizes: NDArray[np.intp]) -> Order:
    """Return which cluster of now comes first, second, and so on.

    Parameters
    ----------
    km : KMeans
        A fitted model.
    order : "size", str, int or array-like of int
        As `KMeans.relabel` takes it.
    sizes : ndarray of shape (n_clusters,)
        Rows of every cluster.

    Raises
    ------
    TypeError, ValueError
        If it is no order of these clusters.
    """
    k, d = np.shape(km.cluster_centers_)
    names = list(map(str, getattr(km, "feature_names_in_", ())))
    if isinstance(order, str):
        if order == "size" and "size" not in names:
            return np.argsort(-sizes, kind="stable")
        if order == "size":
            raise ValueError(
                'order="size" is the number of rows, and there is a column of this name too: give '
                f"the column by its number, {names.index('size')}, or the order itself, "
                f"np.argsort(-np.bincount(km.labels_, minlength={k}))"
            )
        if order not in names:
            known = [f"numbers from 0 to {d - 1}", *map(for_terminal, names)]
            raise ValueError(
                f'there is no order {order!r}: give "size", a column ({listed(known, MOST)}), or '
                "the clusters in their new order"
            )
        order = names.index(order)
    if isinstance(order, Integral) and not isinstance(order, bool | np.bool_):
        if not -d <= int(order) < d:
            raise ValueError(f"there is no column {order}; the model has columns 0 to {d - 1}")
        return np.argsort(km.cluster_centers_[:, int(order)], kind="stable")
    given = np.asarray(order)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise TypeError(
            f'order must be "size", a column, or the numbers of the {k} clusters in their new '
            f"order; got {type(order).__name__}"
        )
    if sorted(given.tolist()) != list(range(k)):
        raise ValueError(
            f"order must have each number from 0 to {k - 1} once, the first that of the cluster "
            f"which becomes 0; got {listed(list(map(str, given.tolist())), MOST)}"
        )
    return given.astype(np.intp)
