"""The rows and weights of a fit, for views that come later, without keeping them in memory."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np


class TrainingData:
    """The X and sample_weight of a fit, for as long as others keep them.

    Parameters
    ----------
    X : object
        Rows. Lists, and other objects without weak references, are not remembered.
    sample_weight : object
        Weights; a number or None is kept as it is.
    """

    def __init__(self, X: Any, sample_weight: Any) -> None:
        self._rows = _weakly(X)
        self._number = sample_weight if np.isscalar(sample_weight) else None
        self._weighted = sample_weight is not None and self._number is None
        self._weights = _weakly(sample_weight) if self._weighted else _gone

    def get(self) -> tuple[Any, Any] | None:
        """Return both, or None if one of them is gone."""
        rows, weights = self._rows(), self._weights()
        if rows is None or (self._weighted and weights is None):
            return None
        return rows, weights if self._weighted else self._number


def rows_to_view(model: Any, X: Any, sample_weight: Any, view: str) -> tuple[Any, Any]:
    """Return what a view is to look at: rows with weights, or those of the fit if X is None.

    Raises
    ------
    ValueError
        X is None and the rows of the fit are gone.
    """
    if X is not None:
        return X, sample_weight
    kept: TrainingData | None = getattr(model, "_training_data", None)
    given = None if kept is None else kept.get()
    if given is None:
        raise ValueError(f"The rows of the fit are no longer in memory: pass X to {view}().")
    return given


def _weakly(what: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(what)
    except TypeError:
        return _gone


def _gone() -> None:
    return None
