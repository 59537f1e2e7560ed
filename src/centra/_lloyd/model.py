"""The frozen result of a fit: centers, labels, history, restarts and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from centra._assign.nearest import nearest_labels
from centra._data.validate import prepare
from centra._lloyd.fingerprint import check_unchanged
from centra._utils.threads import workers
from centra._utils.types import Start
from centra.events import Reason

#: The attributes that only a fit, or a model file, gives to an estimator.
OF_A_FIT = ("labels_", "inertia_", "n_iter_", "n_features_in_", "history_", "runs_")


def is_whole(km: Any) -> bool:
    """Whether an estimator has all that a fit gives, and not centers alone that somebody set."""
    return all(hasattr(km, name) for name in ("cluster_centers_", *OF_A_FIT))


def check_fit(km: Any, view: str, needed: tuple[str, ...] = OF_A_FIT) -> None:
    """Refuse an estimator without a fit, and one that was changed after it.

    Parameters
    ----------
    km : KMeans
        The estimator.
    view : str
        What needs the fit.
    needed : tuple of str
        What it needs of it.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If there was no fit.
    ValueError
        If its parts are no longer those of one fit.
    """
    check_parts(km, view, needed)
    check_unchanged(km, view)


def check_parts(km: Any, view: str, needed: tuple[str, ...] = OF_A_FIT) -> None:
    """Refuse an estimator without a fit; centers that were set by hand are none.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it lacks any of what a fit gives.
    """
    check_is_fitted(km, "cluster_centers_")
    for missing in (name for name in needed if not hasattr(km, name)):
        raise NotFittedError(
            f"{view} needs a fit, and the cluster_centers_ of this {type(km).__name__} were set "
            f"without one: it has no {missing}. Call fit first, or load a saved model; predict, "
            "transform and score need centres only."
        )


#: Why a restart may end, and which of these mean that it converged.
REASONS = ("strict", "tolerance", "max_iter", "stopped")
CONVERGED = ("strict", "tolerance")
#: Where a restart may begin.
STARTS = ("init", "fewer", "more")


@dataclass(frozen=True)
class Record:
    """One iteration of a fit: the centres after `iteration` updates.

    Attributes
    ----------
    iteration : int
        How many updates the centres have had; 0 is the start.
    inertia : float
        Weighted sum of squared distances to these centres, each row in the cluster of its nearest.
    shift : float
        Sum of the squared distances by which the last update moved the centres; 0.0 at the start.
    changed : int
        Rows whose label differs from the record before; all rows at the start.
    centers : ndarray of shape (n_clusters, n_features) or None
        The centres, read-only; None where they were not kept.
    """

    iteration: int
    inertia: float
    shift: float
    changed: int
    centers: NDArray[np.floating] | None = field(default=None, repr=False)

    def labels(self, X: Any) -> NDArray[np.int32]:
        """Return the nearest of these centres for every row: the clusters of this iteration.

        Parameters
        ----------
        X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
            The rows of the fit, or others.

        Returns
        -------
        labels : ndarray of int32 of shape (n_samples,)
            The lowest index among the nearest centres.

        Raises
        ------
        ValueError
            If the centres were not kept, or X has other columns.

        Examples
        --------
        >>> import numpy as np
        >>> import centra
        >>> X = np.array([[0.0], [1.0], [5.0], [6.0]])
        >>> km = centra.KMeans(2, init=X[:2]).fit(X)
        >>> [record.labels(X).tolist() for record in km.history_[:2]]
        [[0, 1, 1, 1], [0, 0, 1, 1]]
        """
        if self.centers is None:
            raise ValueError(
                f"the centres of iteration {self.iteration} were not kept: fit with "
                "keep_centers=True"
            )
        centers = np.ascontiguousarray(self.centers, dtype=np.float64)
        data = prepare(_Rows(), X, workers(), reset=True)
        if data.n_features != centers.shape[1]:
            raise ValueError(
                f"X has {data.n_features} columns, and the centres of this fit have "
                f"{centers.shape[1]}"
            )
        return nearest_labels(data, centers)


class _Rows(BaseEstimator):  # type: ignore[misc]
    """The estimator that messages on rows name."""


@dataclass(frozen=True)
class Run:
    """One restart.

    Attributes
    ----------
    inertia : float
        Inertia of its final centres.
    n_iter : int
        How many updates it made.
    converged : bool
        False where `max_iter` or a callback ended it.
    reason : {"strict", "tolerance", "max_iter", "stopped"}
        Why it ended.
    start : {"init", "fewer", "more"}
        Where it began: as `init` says, or, in a sweep with `neighbor_starts`, at the answer for
        fewer or more clusters.
    """

    inertia: float
    n_iter: int
    converged: bool
    reason: Reason
    start: Start = "init"


@dataclass(frozen=True)
class Model:
    """What a fit found.

    Attributes
    ----------
    centers : ndarray of shape (n_clusters, n_features)
        In the dtype of the rows.
    labels : ndarray of int32 of shape (n_samples,)
        The nearest of these centres.
    inertia : float
        Of these centres and labels.
    n_iter : int
        Updates of the best restart.
    history : tuple of Record
        The best restart, iteration by iteration.
    runs : tuple of Run
        All restarts in order.
    engine : dict
        What was done, as counts.
    distinct : int
        Clusters that have rows.
    means : ndarray of float64 of shape (n_clusters, n_features)
        Exact means of the rows of every label, rounded once. They are not `centers` where a fit
        stopped before its centres did. A cluster without rows has its centre here.
    """

    centers: NDArray[np.floating]
    labels: NDArray[np.int32]
    inertia: float
    n_iter: int
    history: tuple[Record, ...]
    runs: tuple[Run, ...]
    engine: dict[str, object]
    distinct: int
    means: NDArray[np.float64]
