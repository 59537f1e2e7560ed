"""What a view was given: the overlap of clusters, the history of a fit; or an error.

Views compute no distances. They take what `KMeans.report` and the fit itself have found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from centra._diagnostics.overlap import Overlap
from centra._lloyd.fingerprint import OTHER_LABELS, check_unchanged, why_changed
from centra.plot.palette import assigned

if TYPE_CHECKING:
    from centra._lloyd.model import Record

__all__ = [
    "centers_of",
    "check_labels",
    "check_model",
    "evenly",
    "history_of",
    "overlap_in",
    "styles_of",
]


def overlap_in(given: Any, X: Any = None) -> Overlap:
    """Find the overlap in what a view was given.

    Parameters
    ----------
    given : Overlap, Report or KMeans
        A fitted model makes its report.
    X : array-like of shape (n, d), optional
        Rows for a model's report; by default those of its fit.

    Returns
    -------
    overlap : Overlap
        As it was found by the report.

    Raises
    ------
    TypeError
        There is no overlap in it.
    ValueError
        X is not given and the rows of the fit are gone.
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    """
    if isinstance(given, Overlap):
        return given
    found = getattr(given, "overlap", None)
    if isinstance(found, Overlap):
        return found
    if callable(getattr(given, "report", None)):
        check_model(given)
        report = given.report(X).overlap
        assert isinstance(report, Overlap)
        return report
    raise TypeError(
        f"this view draws what a report has found, and was given {_a(type(given).__name__)}: "
        "pass a fitted centra.KMeans, its report, or the report's overlap"
    )


def styles_of(given: Any, found: Overlap) -> NDArray[np.intp]:
    """Find the styles of clusters, which are the same in all views of a model.

    Parameters
    ----------
    given : Overlap, Report or KMeans
        What a view was given.
    found : Overlap
        The overlap in it.

    Returns
    -------
    styles : array of int of shape (k,)
        As from `palette.assigned`, where the centres are known; else the clusters' numbers.
    """
    centers = getattr(given, "cluster_centers_", found.centers)
    return np.arange(len(found.sizes)) if centers is None else assigned(centers)


def check_model(model: Any) -> None:
    """Say in a line what is wrong with what should be a fitted model.

    Parameters
    ----------
    model : object
        What a view was given.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    TypeError
        It is no model.
    """
    if isinstance(model, BaseEstimator):
        check_is_fitted(model, "cluster_centers_")
    elif isinstance(models := getattr(model, "models", None), dict) and models:
        raise TypeError(
            f"this view draws one model, and was given {_a(type(model).__name__)}: pass one of its "
            f"models, say .models[{next(iter(models))}]"
        )
    elif not hasattr(model, "cluster_centers_"):
        raise TypeError(
            f"this view draws a fitted centra.KMeans, and was given {_a(type(model).__name__)}"
        )


def check_labels(model: Any, labels: NDArray[np.integer], view: str) -> None:
    """Refuse to draw rows in other clusters than the model's own labels say.

    Parameters
    ----------
    model : KMeans
        A fitted model.
    labels : array of shape (n,)
        What it predicts for the rows that are drawn, those of its fit or others.
    view : str
        What wants to draw them.

    Raises
    ------
    ValueError
        Its `labels_` were changed after the fit, and these rows may be those that they are of.
    """
    given = getattr(model, "labels_", labels)
    other = len(given) == len(labels) and not np.array_equal(given, labels)
    if other and why_changed(model) == OTHER_LABELS:
        raise ValueError(
            f"{view} draws what predict gives, and this model says else: {OTHER_LABELS}."
        )


def history_of(model: Any, view: str) -> tuple[Record, ...]:
    """Return the records of a fit.

    Parameters
    ----------
    model : KMeans
        A fitted model.
    view : str
        What wants to draw them.

    Returns
    -------
    history : tuple of Record
        At least one.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The model is not fitted.
    TypeError
        The model has no `history_`.
    ValueError
        The model was changed after its fit.
    """
    check_model(model)
    history: tuple[Record, ...] | None = getattr(model, "history_", None)
    if not history:
        raise TypeError(
            f"{view} draws the history_ of a fit, and this {type(model).__name__} has none: "
            "fit a centra.KMeans"
        )
    check_unchanged(model, view)
    return history


def centers_of(history: Sequence[Record], view: str) -> list[NDArray[np.floating]]:
    """Return the centres of every record.

    Parameters
    ----------
    history : sequence of Record
        The records of a fit.
    view : str
        What wants to draw them.

    Returns
    -------
    centers : list of arrays of shape (k, d)
        As many as records.

    Raises
    ------
    ValueError
        The model kept no centres.
    """
    centers = [record.centers for record in history if record.centers is not None]
    if len(centers) < len(history):
        raise ValueError(
            f"{view} draws the centres of every iteration, and this model kept none: "
            "fit it with keep_centers=True"
        )
    return centers


def evenly(available: int, most: int) -> list[int]:
    """Choose indices, evenly, with the first and the last among them.

    Parameters
    ----------
    available : int
        How many there are.
    most : int
        How many may be chosen, at least two.

    Returns
    -------
    chosen : list of int
        In ascending order; all of them where they are few enough.

    Examples
    --------
    >>> from centra.plot.given import evenly
    >>> evenly(9, 3)
    [0, 4, 8]
    """
    if available <= most:
        return list(range(available))
    return [round(i * (available - 1) / (most - 1)) for i in range(most)]


def _a(name: str) -> str:
    return ("an " if name[:1].lower() in "aeio" else "a ") + name
