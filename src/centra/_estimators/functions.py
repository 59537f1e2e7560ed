"""Functions: `k_means` and `kmeans_plusplus` with scikit-learn's signatures, and `assign`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import validate_parameter_constraints

from centra._assign.nearest import nearest_labels
from centra._data.validate import prepare
from centra._estimators.base import as_generator
from centra._estimators.kmeans import KMeans

# Handed on from here, where the estimators are that model files hold.
from centra._persistence.load import load as load
from centra._seeding.given import check_centers
from centra._seeding.plusplus import PlusPlus
from centra._utils.threads import workers
from centra._utils.types import Algorithm, Init, RandomState, Restarts


def k_means(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    init: Init = "k-means++",
    n_init: Restarts = "auto",
    max_iter: int = 300,
    verbose: bool | int = False,
    tol: float = 1e-4,
    random_state: RandomState = None,
    copy_x: bool = True,
    algorithm: Algorithm = "lloyd",
    return_n_iter: bool = False,
) -> tuple[Any, ...]:
    """Cluster rows; the parameters are those of `KMeans`.

    Parameters
    ----------
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows.
    n_clusters : int
        Number of clusters.
    sample_weight : array-like of shape (n_samples,), float or None
        Weights of the rows.
    init, n_init, max_iter, verbose, tol, random_state, copy_x, algorithm
        See `KMeans`.
    return_n_iter : bool, default=False
        Whether to return the number of updates as well.

    Returns
    -------
    centroid : ndarray of shape (n_clusters, n_features)
        The centres.
    label : ndarray of int32 of shape (n_samples,)
        The nearest centre of every row.
    inertia : float
        Weighted sum of squared distances.
    best_n_iter : int
        Only if `return_n_iter`.

    Raises
    ------
    ValueError, TypeError
        See `KMeans.fit`.

    Examples
    --------
    >>> import numpy as np
    >>> centers, labels, inertia = k_means(np.array([[0.0], [1.0], [9.0]]), 2, random_state=0)
    >>> float(inertia)
    0.5
    """
    km = KMeans(
        n_clusters,
        init=init,
        n_init=n_init,
        max_iter=max_iter,
        verbose=verbose,
        tol=tol,
        random_state=random_state,
        copy_x=copy_x,
        algorithm=algorithm,
    )
    km._name = "k_means"  # what messages about parameters say
    km.fit(X, sample_weight=sample_weight)
    found = (km.cluster_centers_, km.labels_, km.inertia_)
    return (*found, km.n_iter_) if return_n_iter else found


class _PlusPlus(BaseEstimator):  # type: ignore[misc]
    """The estimator that messages of `kmeans_plusplus` and `assign` name."""


def kmeans_plusplus(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    x_squared_norms: Any = None,
    random_state: RandomState = None,
    n_local_trials: int | None = None,
) -> tuple[NDArray[np.floating], NDArray[np.intp]]:
    """Choose first centres by greedy k-means++.

    Parameters
    ----------
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows.
    n_clusters : int
        Number of centres.
    sample_weight : array-like of shape (n_samples,), float or None
        Weights of the rows.
    x_squared_norms : array-like of shape (n_samples,) or None
        Accepted for scikit-learn's sake; its shape is checked, its values are not needed.
    random_state : int, RandomState, Generator or None
        What to draw from.
    n_local_trials : int or None
        Candidates for every centre; None for 2 + int(log(n_clusters)).

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features)
        The chosen rows, in the dtype of X.
    indices : ndarray of shape (n_clusters,)
        Their numbers.

    Raises
    ------
    ValueError, TypeError
        As scikit-learn, in its words.

    References
    ----------
    Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.

    Examples
    --------
    >>> import numpy as np
    >>> centers, indices = kmeans_plusplus(np.array([[0.0], [1.0], [9.0]]), 2, random_state=0)
    >>> centers.ravel(), indices
    (array([1., 9.]), array([1, 2]))
    """
    from numbers import Integral

    from sklearn.utils._param_validation import Interval

    constraints = {
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "x_squared_norms": ["array-like", None],
        "random_state": ["random_state", np.random.Generator],
        "n_local_trials": [Interval(Integral, 1, None, closed="left"), None],
    }
    given = {
        "n_clusters": n_clusters,
        "x_squared_norms": x_squared_norms,
        "random_state": random_state,
        "n_local_trials": n_local_trials,
    }
    validate_parameter_constraints(constraints, given, "kmeans_plusplus")
    data = prepare(_PlusPlus(), X, workers(), sample_weight=sample_weight, weigh=True, reset=True)
    if data.n_rows < n_clusters:
        raise ValueError(f"n_samples={data.n_rows} should be >= n_clusters={n_clusters}.")
    if x_squared_norms is not None and np.shape(x_squared_norms) != (data.n_rows,):
        raise ValueError(
            f"The length of x_squared_norms {np.shape(x_squared_norms)[0]} should be equal to the "
            f"length of n_samples {data.n_rows}."
        )
    seeding = PlusPlus(n_clusters, n_local_trials)
    rows = seeding.rows(data, as_generator(random_state))
    # As scikit-learn: rows as they were given, integers too.
    plain = isinstance(X, np.ndarray | list | tuple)
    dtype = np.asarray(X).dtype if plain else data.dtype
    if dtype.kind not in "iufb":
        dtype = data.dtype
    return data.take(rows).astype(dtype, copy=False), rows


def assign(X: Any, centers: Any, *, n_threads: int | None = None) -> NDArray[np.int32]:
    """Return the nearest centre of every row, in real arithmetic.

    Parameters
    ----------
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows.
    centers : array-like of shape (n_clusters, n_features)
        The centres.
    n_threads : int or None
        See `KMeans`.

    Returns
    -------
    labels : ndarray of int32 of shape (n_samples,)
        The lowest index among the nearest centres.

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit, or entries are not finite numbers.

    Examples
    --------
    >>> assign([[0.0], [0.5], [0.6]], [[0.0], [1.0]])
    array([0, 0, 1], dtype=int32)
    """
    data = prepare(_PlusPlus(), X, workers(n_threads), reset=True)
    n_clusters = max(1, np.shape(centers)[0]) if np.ndim(centers) else 1
    places = check_centers(centers, n_clusters, data.n_features, "centers")
    return nearest_labels(data, places)
