"""Fits that go on where they were interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from centra._persistence.checkpoint import read
from centra.events import Listener

__all__ = ["resume"]


def resume(
    path: str | os.PathLike[str],
    X: Any,
    sample_weight: Any = None,
    *,
    callbacks: Iterable[Listener] | None = None,
) -> Any:
    """Go on with a fit that was interrupted, from its checkpoint.

    Parameters
    ----------
    path : path-like
        What ``fit(..., checkpoint=path)`` wrote. The fit goes on writing it.
    X : array-like, sparse matrix, data frame, source or Dask collection
        The rows of the fit, of shape (n_samples, n_features), in any order, wherever they are now.
    sample_weight : array-like of shape (n_samples,), float or None
        Their weights.
    callbacks : iterable of callable or None
        As those of `KMeans`; a checkpoint holds none.

    Returns
    -------
    km : KMeans
        Fitted, with the bits of the fit that was not interrupted: centres, labels, inertia,
        history and restarts. `engine_` counts what was done since.

    Raises
    ------
    OSError
        The file is missing, or may not be read.
    ModelFileError
        It is no checkpoint, or damaged.
    ValueError
        If X are other rows, or have other weights.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import centra
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "fit.checkpoint"
    >>> X = np.random.default_rng(0).normal(size=(1000, 2))
    >>> km = centra.KMeans(8, random_state=0).fit(X, checkpoint=path)
    >>> bool(centra.resume(path, X).inertia_ == km.inertia_)
    True
    """
    km, begun, n_rows = read(path)
    km.callbacks = callbacks
    return km._fit(X, sample_weight, path, (begun, n_rows))
