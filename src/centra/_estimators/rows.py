"""The rows that a view looks at: those it was given, or those of the fit, if they are unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.assignment import Assignment
from centra._data.dataset import Dataset
from centra._data.training_data import TrainingData
from centra._data.validate import prepare
from centra._lloyd.fingerprint import check_unchanged, fingerprint_of, of_labels
from centra._lloyd.update import Means
from centra._utils.threads import workers

__all__ = ["rows_of", "training_rows"]


def rows_of(km: Any, X: Any, sample_weight: Any, view: str) -> Dataset:
    """Return the rows that a view is to look at, validated.

    Parameters
    ----------
    km : KMeans
        A fitted model.
    X : array-like, sparse matrix, data frame, source or None
        Rows; None for those of the fit.
    sample_weight : array-like of shape (n_samples,), float or None
        Weights of X. Those of the fit have their own.
    view : str
        What asks, as the user called it.

    Raises
    ------
    ValueError
        If X is None and the rows of the fit are gone, or are others by now; or as `prepare`.
    """
    if X is not None:
        return _prepared(km, X, sample_weight)
    check_unchanged(km, view)
    return training_rows(km, view)


def training_rows(km: Any, view: str, centers: NDArray[np.floating] | None = None) -> Dataset:
    """Return the rows of the fit, which must give its labels and its inertia, to the last bit.

    Both are exact, so that any other value of any row shows, but for one that no view could tell
    from that of the fit. `centers` are those of the fit, where the model's are in another order.
    """
    kept: TrainingData | None = getattr(km, "_training_data", None)
    try:
        given = None if kept is None else kept.get()
        if given is not None:
            data = _prepared(km, *given)
    except (TypeError, ValueError) as error:
        raise _changed(str(error).splitlines()[0].rstrip("."), view) from error
    if given is None:
        raise ValueError(f"The rows of the fit are no longer in memory: pass X to {view}().")
    fit = fingerprint_of(km)
    if data.n_rows != len(km.labels_):
        raise _changed(f"there are {data.n_rows:,}, and {len(km.labels_):,} were fitted", view)
    places = np.ascontiguousarray(km.cluster_centers_ if centers is None else centers, np.float64)
    assignment = Assignment(data, len(places))
    assignment.assign(places)
    inertia = Means().inertia(assignment, places)
    if inertia != fit.inertia:
        raise _changed(
            f"their inertia is {inertia:.6g}, and that of the fit {fit.inertia:.6g}", view
        )
    if of_labels(assignment.labels) != fit.labels:
        raise _changed("they are in another order", view)
    return data


def _prepared(km: Any, X: Any, sample_weight: Any) -> Dataset:
    threads = workers(getattr(km, "n_threads", None))
    return prepare(km, X, threads, sample_weight=sample_weight, weigh=True)


def _changed(how: str, view: str) -> ValueError:
    return ValueError(
        f"The rows of the fit were changed after it ({how}): pass X to {view}() as it was, or fit "
        "again."
    )
