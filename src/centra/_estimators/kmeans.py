"""`KMeans`: a scikit-learn estimator around the loop (`centra._lloyd.loop`)."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from numbers import Integral, Real
from os import PathLike
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils import check_array
from sklearn.utils._param_validation import (
    Hidden,
    Interval,
    StrOptions,
)
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted

from centra._assign.assignment import Assignment
from centra._assign.nearest import nearest_labels
from centra._dask.lazily import distances_of, labels_of
from centra._data.passes import AllDistances
from centra._data.validate import refuse_masked
from centra._estimators.base import (
    check_parameters,
    fit_prepared,
    prepared,
    remember,
)
from centra._estimators.fitted import FittedModel
from centra._lloyd.fingerprint import Fingerprint
from centra._lloyd.model import is_whole
from centra._lloyd.position import Position
from centra._lloyd.update import Means
from centra._persistence.checkpoint import Checkpoint
from centra._persistence.estimators import savable
from centra._utils.lazy import is_dask
from centra._utils.types import Algorithm, Init, RandomState, Restarts
from centra.events import Listener


@savable
class KMeans(
    FittedModel,
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """K-means clustering, drop-in for scikit-learn's, with one answer everywhere.

    A label is the nearest centre in real arithmetic (the lowest index on a tie), a centre the exact
    mean of its rows rounded once: the same bits for any number of threads, order of rows, layout,
    instruction set, in memory and from disk.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters.
    init : {"k-means++", "k-means||", "sampled", "random"}, callable or array-like
        Where the first centres come from: greedy k-means++ (the default), k-means|| (a few passes
        over the rows, for rows on disk), the fit of a sample of the rows that fits into `memory`
        (for more rows than that), rows drawn at random, a function ``init(X, n_clusters,
        random_state)``, or centres of shape (n_clusters, n_features).
    n_init : "auto" or int, default="auto"
        Number of restarts, of which the one with the lowest inertia is kept. "auto" is 1 for
        "k-means++", "k-means||", "sampled" or an array, 10 for "random" or a callable. With
        "sampled" these are restarts on the sample, and one follows on all rows.
    max_iter : int, default=300
        Largest number of updates of a restart.
    tol : float, default=1e-4
        A restart stops when the squared shifts of its centres sum to at most `tol` times the mean
        variance of the columns.
    verbose : int, default=0
        Whether to print what scikit-learn prints.
    random_state : int, RandomState, Generator or None, default=None
        What seeding draws from; an int makes fits repeatable.
    copy_x : bool, default=True
        Without effect: X is never modified.
    algorithm : {"lloyd", "elkan"}, default="lloyd"
        Without effect on the answer: both give the same bits.
    n_threads : int or None, default=None
        Threads to use; None takes ``CENTRA_NUM_THREADS``, else ``OMP_NUM_THREADS``, else all
        processors that the process may use.
    callbacks : iterable of callable or None, default=None
        Called with every event (`centra.events`). One that raises StopIteration ends the fit; the
        centres that there are by then are the result.
    keep_centers : bool or None, default=None
        Whether `history_` holds the centres of every iteration; None while they fit 64 MB.
    memory : str, int or None, default=None
        What may be kept beside X to save time, on top of the 32 bytes a row that a fit may always
        take. None: of a dense array of more than 16 columns half of its own bytes, of all else
        nothing. ``"32B/row"``: nothing. Else an amount, in bytes or as ``"256MB"``. Seeding of more
        than 16 columns is faster with 1 byte for every entry of X, and passes over wide rows with 2
        for every entry. `engine_` tells what was kept; no answer depends on it.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        In the dtype of X, in C order.
    labels_ : ndarray of int32 of shape (n_samples,)
        The nearest of these centres, row by row: equal to ``predict(X)``.
    inertia_ : float
        Weighted sum of squared distances to these centres.
    n_iter_ : int
        Number of updates.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Column names, where X has them.
    history_ : tuple of Record
        The best restart, iteration by iteration: record i has the inertia of the centres after i
        updates. The last is the result.
    runs_ : tuple of Run
        A summary of every restart.
    engine_ : dict
        What the fit did, as counts: passes by filter (``sweeps``) and by precision, rows examined,
        scores computed, rows compared exactly; and how many bytes of packed rows were ``kept``
        beside X in the end.

    References
    ----------
    Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982.
    Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
    Bahmani et al., "Scalable k-means++", PVLDB 5(7), 2012 ("k-means||").

    Examples
    --------
    >>> import numpy as np
    >>> from centra import KMeans
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> km = KMeans(n_clusters=2, random_state=0).fit(X)
    >>> km.labels_
    array([1, 1, 1, 0, 0, 0], dtype=int32)
    >>> km.cluster_centers_
    array([[10.,  2.],
           [ 1.,  2.]])
    >>> [record.inertia for record in km.history_]
    [28.0, 16.0, 16.0]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        # Hidden: a wrong name is refused in scikit-learn's words, which do not know these.
        "init": [
            StrOptions({"k-means++", "random"}),
            Hidden(StrOptions({"k-means||", "sampled"})),
            callable,
            "array-like",
        ],
        "n_init": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state", np.random.Generator],
        "copy_x": ["boolean"],
        "algorithm": [StrOptions({"lloyd", "elkan"})],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
        "callbacks": [Iterable, None],
        "keep_centers": ["boolean", None],
        "memory": [str, Interval(Integral, 1, None, closed="left"), None],
    }

    #: A file to write is nothing that scikit-learn's routing of metadata should hand on.
    __metadata_request__fit: ClassVar[dict[str, Any]] = {"checkpoint": UNUSED}

    #: What messages about parameters call the estimator.
    _name: str = "KMeans"

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Init = "k-means++",
        n_init: Restarts = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: bool | int = 0,
        random_state: RandomState = None,
        copy_x: bool = True,
        algorithm: Algorithm = "lloyd",
        n_threads: int | None = None,
        callbacks: Iterable[Listener] | None = None,
        keep_centers: bool | None = None,
        memory: str | int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.n_threads = n_threads
        self.callbacks = callbacks
        self.keep_centers = keep_centers
        self.memory = memory

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        checkpoint: str | PathLike[str] | None = None,
    ) -> KMeans:
        """Find the centres of the clusters.

        Parameters
        ----------
        X : array-like, sparse matrix, data frame, source or Dask collection
            The rows, of shape (n_samples, n_features). float32 and float64 arrays and CSR matrices
            are borrowed, not copied; a collection's rows stay on the workers of its client.
        y : ignored
            For scikit-learn's pipelines.
        sample_weight : array-like of shape (n_samples,), float or None
            Weights of the rows; None weighs each 1.
        checkpoint : path-like or None
            A file that is written after an iteration, at most every 30 seconds, whole or not at
            all: `centra.resume` goes on from it.

        Returns
        -------
        self : KMeans

        Raises
        ------
        ValueError, TypeError
            As scikit-learn, in its words.
        OverflowError
            If the inertia exceeds the largest float64.
        """
        return self._fit(X, sample_weight, checkpoint)

    def _fit(
        self,
        X: Any,
        sample_weight: Any,
        checkpoint: str | PathLike[str] | None = None,
        begun: tuple[Position, int] | None = None,
    ) -> KMeans:
        check_parameters(self)
        # A copy is fitted and this model takes over what it learned in one step: a fit that fails,
        # at whatever point, leaves the model of the fit before.
        fitted = copy(self)
        data = prepared(fitted, X, sample_weight=sample_weight, weigh=True, reset=True)
        keep = None if checkpoint is None else Checkpoint(checkpoint, fitted, data.n_rows)
        fit_prepared(fitted, data, keep=keep, begun=begun)
        if is_dask(X):
            fitted.labels_ = labels_of(fitted, X)
            fitted._fingerprint = replace(fitted._fingerprint, labels=None)
        else:
            remember(fitted, X, sample_weight)
        parameters = {name: getattr(self, name) for name in self._parameter_constraints}
        self.__dict__ = {**vars(fitted), **parameters}
        return self

    def _validate_params(self) -> None:
        check_parameters(self)

    @property
    def _n_features_out(self) -> int:
        return int(self.cluster_centers_.shape[0])

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> NDArray[np.int32]:
        """Fit and return `labels_`; see `fit`."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def fit_transform(
        self, X: Any, y: Any = None, sample_weight: Any = None
    ) -> NDArray[np.floating]:
        """Fit and return the distances of the rows to the centres; see `fit` and `transform`."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Return the nearest centre of every row.

        Parameters
        ----------
        X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
            The rows, float32 or float64 whatever the model was fitted on.

        Returns
        -------
        labels : ndarray of int32 of shape (n_samples,)
            The lowest index among the nearest centres.
        """
        self._check_is_fitted()
        if is_dask(X):
            lazy: NDArray[np.int32] = labels_of(self, X)
            return lazy
        data = prepared(self, X)
        return nearest_labels(data, self._exact_centers(data.n_features))

    def transform(self, X: Any) -> NDArray[np.floating]:
        """Return the Euclidean distance of every row to every centre.

        Parameters
        ----------
        X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        distances : ndarray of shape (n_samples, n_clusters)
            In the dtype of X and in its units.
        """
        self._check_is_fitted()
        if is_dask(X):
            lazy: NDArray[np.floating] = distances_of(self, X, len(self.cluster_centers_))
            return lazy
        data = prepared(self, X)
        centers = self._exact_centers(data.n_features)
        out: NDArray[np.floating] = np.empty((data.n_rows, len(centers)), dtype=data.dtype)
        data.run(AllDistances(centers, data.dtype, out))
        return out

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return minus the weighted sum of squared distances to the nearest centres.

        Parameters
        ----------
        X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
            The rows.
        y : ignored
            For scikit-learn's pipelines.
        sample_weight : array-like of shape (n_samples,), float or None
            Weights.

        Returns
        -------
        score : float
            Minus the inertia of these rows.
        """
        self._check_is_fitted()
        data = prepared(self, X, sample_weight=sample_weight, weigh=True)
        centers = self._exact_centers(data.n_features)
        assignment = Assignment(data, len(centers))
        assignment.assign(centers)
        return -Means().inertia(assignment, centers)

    def _check_is_fitted(self) -> None:
        if "cluster_centers_" not in vars(self):  # scikit-learn's check takes longer than this one
            check_is_fitted(self)

    def _exact_centers(self, n_features: int) -> NDArray[np.float64]:
        """Return the centers as float64, checked, as they may have been set by hand."""
        centers = self.cluster_centers_
        refuse_masked(
            centers, "cluster_centers_", "fill them, as in cluster_centers_.filled(number)"
        )
        fitted = isinstance(centers, np.ndarray) and centers.ndim == 2 and centers.dtype.kind == "f"
        if not (fitted and len(centers) and np.isfinite(centers).all()):
            centers = check_array(centers, input_name="cluster_centers_", estimator=self)
        if centers.shape[1] != n_features:
            raise ValueError(
                f"X has {n_features} features, but {type(self).__name__} is expecting "
                f"{centers.shape[1]} features as input."
            )
        return np.ascontiguousarray(centers, dtype=np.float64)

    def __getstate__(self) -> Any:
        """Leave out the rows of the fit."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_training_data"}

    def __setstate__(self, state: Any) -> None:
        """Take over a state; earlier versions kept no fingerprint."""
        super().__setstate__(state)
        if not hasattr(self, "_fingerprint") and is_whole(self):
            self._fingerprint = Fingerprint.of_model(self)

    def __sklearn_tags__(self) -> Any:
        """Say that sparse rows and both float types are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
