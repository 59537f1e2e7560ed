"""The rows and weights of a fit, for views that come later, without keeping them in memory.

A data frame goes on living: columns are added, put in another order, rescaled. Of one that has
other columns by now, those of the fit are taken, by name; whether their values are still those of
the fit, `centra._estimators.rows` finds out.
"""

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
        self._columns = _columns(X)
        self._number = sample_weight if np.isscalar(sample_weight) else None
        self._weighted = sample_weight is not None and self._number is None
        self._weights = _weakly(sample_weight) if self._weighted else _gone

    def get(self) -> tuple[Any, Any] | None:
        """Return both, or None if one of them is gone.

        Raises
        ------
        ValueError
            If the rows lack a column of the fit by now.
        """
        rows, weights = self._rows(), self._weights()
        if rows is None or (self._weighted and weights is None):
            return None
        return self._of_the_fit(rows), weights if self._weighted else self._number

    def _of_the_fit(self, rows: Any) -> Any:
        """Take the columns of the fit from a frame that has got others."""
        now = _columns(rows)
        if self._columns is None or now == self._columns:
            return rows
        missing = [name for name in self._columns if now is None or now.count(name) != 1]
        if missing:
            raise ValueError(f"they have no column {missing[0]!r} any more, or several")
        return rows[list(self._columns)]


def _columns(X: Any) -> list[Any] | None:
    """Return the names of a data frame's columns, which may be numbers.

    Arrow's tables have columns under this name, and never change.
    """
    columns = None if hasattr(X, "column_names") else getattr(X, "columns", None)
    return list(columns) if columns is not None and hasattr(X, "__getitem__") else None


def _weakly(what: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(what)
    except TypeError:
        return _gone


def _gone() -> None:
    return None
