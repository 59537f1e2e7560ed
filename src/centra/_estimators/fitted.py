"""What a fitted model can do besides labelling rows: be saved, judged, put in order, shown."""

from __future__ import annotations

from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import estimator_html_repr

from centra._diagnostics.notebook import card
from centra._diagnostics.report import Report, report_of, rows_named
from centra._estimators.relabel import relabel
from centra._estimators.rows import rows_of
from centra._estimators.to_sklearn import to_sklearn
from centra._lloyd.fingerprint import why_changed
from centra._lloyd.model import Record, Run, check_fit, is_whole
from centra._persistence.save import save
from centra._utils.escapes import for_html
from centra._utils.row_names import row_names_of
from centra._utils.types import Order

__all__ = ["FittedModel"]


class FittedModel:
    """The part of an estimator that needs a fit.

    Every method refuses an estimator without a fit, and one whose centres, labels or history are no
    longer those of one fit.
    """

    cluster_centers_: NDArray[np.floating]
    labels_: NDArray[np.int32]
    inertia_: float
    n_iter_: int
    n_features_in_: int
    history_: tuple[Record, ...]
    runs_: tuple[Run, ...]
    engine_: dict[str, object]
    _training_data: Any

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to a file; see `centra.load`.

        Parameters
        ----------
        path : path-like
            Where to; the file is written whole or not at all.
        """
        save(self, path)

    def report(self, X: Any = None, sample_weight: Any = None) -> Report:
        """Say how far this clustering can be trusted: overlap, scale, outliers, restarts.

        Parameters
        ----------
        X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
            The rows that the model was fitted on, or others. Without them, those of the fit, if
            they are still in memory.
        sample_weight : array-like of shape (n_samples,), float or None
            Weights of these rows.

        Returns
        -------
        report : Report
            Prints as remarks, each with the number behind it; ``report.remarks`` has them one by
            one, ``report.overlap`` margins, boundary zones, sizes and radii.

        Raises
        ------
        ValueError
            If X is None and the rows of the fit are gone, or were changed since; or if centres or
            labels of the model were.
        OverflowError
            If a squared distance exceeds the largest float64.

        Examples
        --------
        >>> import numpy as np
        >>> from centra import KMeans
        >>> X = np.array([[0.0], [1.0], [2.0], [20.0], [21.0], [22.0]])
        >>> report = KMeans(2, random_state=0).fit(X).report(X)
        >>> for remark in report.remarks:
        ...     print(remark)
        The clusters are well separated: no row lies between two of them.
        """
        check_fit(self, "report", ("history_", "runs_"))
        found = report_of(self, rows_of(self, X, sample_weight, "report"))
        if X is None:  # then the rows of the fit are in memory
            X, _ = self._training_data.get()
        return rows_named(found, row_names_of(X))

    def relabel(self, order: Order = "size", X: Any = None) -> Self:
        """Put the clusters in an order: centres, labels and history at once.

        Centres keep their bits, and every row its nearest centre. `labels_` are what `predict`
        gives from now on: a row exactly halfway between two centres goes to the one with the lower
        number, which may be the other one than before. A new fit numbers clusters anew.

        Parameters
        ----------
        order : "size", str, int or array-like of shape (n_clusters,), default="size"
            "size" puts the cluster with the most rows first; the name or the number of a column,
            the one whose centre is lowest there; an array names the clusters as they are now in
            their new order: the first becomes cluster 0. Equals keep their order.
        X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
            The rows of the fit. Without them, those that were fitted, if they are still in memory.

        Returns
        -------
        self : KMeans

        Raises
        ------
        ValueError, TypeError
            If it is no order of these clusters; X are not the rows of the fit, or are gone; or
            centres or labels were changed after the fit. Nothing has changed then.

        Examples
        --------
        >>> import numpy as np
        >>> from centra import KMeans
        >>> X = np.array([[8.0], [0.0], [1.0], [2.0], [4.0], [5.0]])
        >>> km = KMeans(3, init=X[[0, 2, 4]]).fit(X)
        >>> km.relabel("size").labels_
        array([2, 0, 0, 0, 1, 1], dtype=int32)
        >>> km.relabel(0).cluster_centers_.ravel()
        array([1. , 4.5, 8. ])
        >>> km.relabel([2, 1, 0]).cluster_centers_.ravel()
        array([8. , 4.5, 1. ])
        """
        relabel(self, order, X)
        return self

    def to_sklearn(self) -> Any:
        """Return scikit-learn's own fitted KMeans with these clusters, for other programs.

        Exporters to ONNX and PMML know it, and not this class. It predicts the same labels, but for
        rows that lie between two centres to the last digits of its arithmetic.

        Returns
        -------
        km : sklearn.cluster.KMeans
            A model of its own: no array is shared. ``init="k-means||"`` and ``"sampled"`` become
            the default, and a Generator as `random_state` None, as it takes none of them.

        Raises
        ------
        sklearn.exceptions.NotFittedError, ValueError
            If there was no fit; or the model was changed after it.

        Examples
        --------
        >>> import numpy as np
        >>> from centra import KMeans
        >>> X = np.array([[0.0], [1.0], [8.0], [9.0]])
        >>> km = KMeans(2, random_state=0).fit(X)
        >>> bool((km.to_sklearn().predict(X) == km.labels_).all())
        True
        """
        return to_sklearn(self)

    def _html_repr(self) -> str:
        # What scikit-learn's display machinery asks for: its diagram, and below it what was found.
        shown = str(estimator_html_repr(self))
        if not is_whole(self):
            return shown
        if (why := why_changed(self)) is not None:
            return f"{shown}<p>The clusters are not shown: {for_html(why)}.</p>"
        return shown + card(
            self.cluster_centers_,
            self.labels_,
            self.inertia_,
            self.history_,
            self.runs_,
            getattr(self, "feature_names_in_", None),
        )
