"""Clusters in another order: `KMeans.relabel`."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.nearest import nearest_labels
from centra._data.dataset import Dataset
from centra._estimators.rows import rows_of, training_rows
from centra._lloyd.fingerprint import Fingerprint, of_labels, order_since
from centra._lloyd.model import Record, check_fit
from centra._utils.escapes import for_terminal
from centra._utils.text import listed

__all__ = ["relabel"]

#: Names that an error lists.
MOST = 8


def relabel(km: Any, order: Any, X: Any) -> None:
    """Put the clusters of a model in another order; see `KMeans.relabel`."""
    centers, place = _state(km)
    data = training_rows(km, "relabel") if X is None else rows_of(km, X, None, "relabel")
    fit = np.ascontiguousarray(centers[np.argsort(place)], dtype=np.float64)
    if X is not None and of_labels(nearest_labels(data, fit)) != km._fingerprint.labels:
        raise ValueError(
            "X are not the rows that this model was fitted on: their labels are others; pass the "
            "rows of the fit, scaled as they were for it."
        )
    new = _order(km, order, centers, np.bincount(nearest_labels(data, fit), minlength=len(fit)), place)
    _take_over(km, centers[new], place[new], data)


def _state(km: Any) -> tuple[NDArray[np.floating], NDArray[np.intp]]:
    """Return the centers, and which of those of the fit each of them is."""
    raise NotImplementedError
