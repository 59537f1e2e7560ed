"""Validation: whatever a user passes becomes a `Dataset`, or one clear error.

Validation is scikit-learn's own (`sklearn.utils.validation`), so errors, accepted types and feature
names are what its users know. Finiteness is checked in the first pass of the compiled core, which
reads every entry anyway.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils.validation import _check_sample_weight, validate_data

from centra._core import Workers
from centra._data.dataset import Dataset
from centra._data.executor import Executor, LocalExecutor
from centra._data.frames import as_table, refuse_unread, values_of
from centra._data.passes import PassStats
from centra._data.vectors import taken_apart
from centra.sources import MemorySource, Source

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
#: Rows are borrowed, and looked at for NaN and infinity by the compiled core.
_AS_IS: dict[str, bool] = {"copy": False, "ensure_all_finite": False}


def prepare(
    estimator: Any,
    X: Any,
    workers: Workers,
    *,
    sample_weight: Any = None,
    weigh: bool = False,
    reset: bool = False,
) -> Dataset:
    """Validate rows (and weights, if `weigh`) for an estimator.

    Parameters
    ----------
    estimator : object
        Whose feature count and names are set (`reset`) or checked.
    X : array-like, sparse matrix, data frame, Arrow table or Source
        The rows.
    workers : Workers
        Threads and instruction set.
    sample_weight : array-like of shape (n_samples,), float or None
        Weights.
    weigh : bool
        Whether weights, and exact sums, matter for this call.
    reset : bool
        Whether this is a fit.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError, TypeError
        As scikit-learn, in its words; and for negative or non-finite weights.
    """
    if isinstance(X, Source):
        source = X
        _check_source(source)
        check_names(estimator, source, reset)
    else:
        if not _is_plain(estimator, X, reset):
            X = _validate(estimator, taken_apart(X), reset)
        source = MemorySource(X)
    return looked_at(estimator, source, LocalExecutor(source, workers), sample_weight, weigh)


def looked_at(
    estimator: Any, source: Source, executor: Executor, sample_weight: Any, weigh: bool
) -> Dataset:
    """Make the first pass over rows, wherever they are; parameters as those of `prepare`.

    Raises
    ------
    ValueError
        A number is NaN or infinite; or as `check_weights`.
    """
    stats = executor.run(PassStats(sums=weigh))
    if stats.bad is not None:
        _refuse(estimator, source, stats.bad)
    weights = check_weights(source, sample_weight) if weigh else None
    return Dataset(source, weights, executor, stats)


def array_of(block: Any) -> Any:
    """Return a block of rows as an array or CSR matrix of float32 or float64; it may be empty.

    Raises
    ------
    ValueError, TypeError
        As `prepare`, but for NaN and infinity, which the first pass finds.
    """
    shape: tuple[int, ...] = getattr(block, "shape", ())
    if len(shape) == 2 and shape[0] == 0:
        return np.empty(shape)
    return _validate(BaseEstimator(), taken_apart(block), True)


def _is_plain(estimator: Any, X: Any, reset: bool) -> bool:
    """Whether scikit-learn would take X as it is, without a word; its columns are then counted.

    Its validation takes 50 microseconds, which is more than a thousand rows take in `predict`.
    """
    plain = type(X) is np.ndarray and X.ndim == 2 and X.dtype in _FLOATS and X.flags.aligned
    if not plain or not X.size or any(stride % X.itemsize for stride in X.strides):
        return False
    known = vars(estimator)
    if "feature_names_in_" in known:
        return False
    if reset:
        estimator.n_features_in_ = X.shape[1]
    return bool(known.get("n_features_in_") == X.shape[1])


def _validate(estimator: Any, X: Any, reset: bool) -> Any:
    refuse_masked(
        X,
        "X",
        "leave such rows out, as in X[~np.ma.getmaskarray(X).any(axis=1)], or fill them, as in "
        "X.filled(number)",
    )
    refuse_unread(X)
    table = as_table(X)
    if table is not None:
        X = values_of(table)
        if len({*table.column_names}) == len(table.column_names):
            # scikit-learn takes the names of a table, but not always its values.
            validate_data(estimator, table, reset=reset, skip_check_array=True)
            kinds = [np.float64, np.float32]
            return check_array(X, dtype=kinds, estimator=estimator, **_AS_IS)
    sparse: bool = sp.issparse(X)
    if sparse and X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got a {X.ndim}D sparse array instead: X has rows and columns."
        )
    if sparse and X.format in ("csr", "csc", "bsr"):
        # Structure first: conversions follow indices without looking. On a shallow copy, because
        # the check puts index types right in place.
        X = copy(X)
        try:
            X.check_format(full_check=True)
        except (ValueError, IndexError) as error:
            raise ValueError(f"X is not a valid sparse matrix: {error}") from error
    if sparse and X.format == "coo":
        _check_coo(X)
    X = validate_data(
        estimator,
        X,
        reset=reset,
        accept_sparse="csr",
        dtype=[np.float64, np.float32],
        order=None,
        accept_large_sparse=True,
        **_AS_IS,
    )
    if sp.issparse(X):
        return _canonical(X)
    X = np.asarray(X)
    if not X.flags.aligned or any(stride % X.itemsize for stride in X.strides):
        X = X.copy()
    return X


def _check_coo(X: Any) -> None:
    for name, index, size in zip(("row", "column"), (X.row, X.col), X.shape, strict=True):
        if index.size and not (index.min() >= 0 and index.max() < size):
            raise ValueError(
                f"X is not a valid sparse matrix: a {name} index is outside 0..{size - 1}"
            )


def _canonical(X: Any) -> Any:
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    if X.indptr.dtype != X.indices.dtype or X.indices.dtype not in (np.int32, np.int64):
        wide = max(X.indptr.dtype.itemsize, X.indices.dtype.itemsize, 4)
        index = np.int32 if wide == 4 else np.int64
        parts = (X.data, X.indices.astype(index), X.indptr.astype(index))
        X = X.copy()
        X.data, X.indices, X.indptr = parts
    return X


def _check_source(source: Source) -> None:
    for count, what in zip(source.shape, ("sample", "feature"), strict=True):
        if count < 1:
            raise ValueError(
                f"Found array with {count} {what}(s) (shape={source.shape}) while a minimum of 1 "
                "is required."
            )
    if source.dtype not in (np.float64, np.float32):
        raise TypeError(
            f"the dtype of {source.name} is {source.dtype!r}, and must be numpy.dtype('float32') "
            "or numpy.dtype('float64')"
        )


def check_names(estimator: Any, source: Source, reset: bool) -> None:
    """Set the columns of a fit, or check those of other rows against them.

    Raises
    ------
    ValueError
        They are others.
    """
    n_features, names = source.shape[1], source.feature_names
    if reset:
        estimator.n_features_in_ = n_features
        if names is not None:
            estimator.feature_names_in_ = np.array(names, dtype=object)
        elif hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
        return
    expected = getattr(estimator, "n_features_in_", n_features)
    if expected != n_features:
        raise ValueError(
            f"X has {n_features} features, but {type(estimator).__name__} is expecting "
            f"{expected} features as input."
        )
    fitted = getattr(estimator, "feature_names_in_", None)
    if names is not None and fitted is not None and list(fitted) != list(names):
        at = next(i for i in range(n_features) if fitted[i] != names[i])
        raise ValueError(
            f"Column {at} of {source.name} is called {names[at]!r}, and was called {fitted[at]!r} "
            f"in the fit. Pass the columns of the fit, in their order: columns={list(fitted)}."
        )


def _refuse(estimator: Any, source: Source, bad: tuple[int, int]) -> None:
    if isinstance(source, MemorySource):
        name = estimator if isinstance(estimator, str) else type(estimator).__name__
        X = source.X.data if source.sparse else source.X
        assert_all_finite(X, estimator_name=name, input_name="X")
    row, column = bad
    value = source.take(np.array([row]))[0, column]
    what = "NaN" if np.isnan(value) else "infinity"
    raise ValueError(
        f"Input {source.name} contains {what}, first in row {row}, column {column}. "
        "Remove or impute such rows before clustering."
    )


def check_weights(source: Source, sample_weight: Any) -> NDArray[np.float64] | None:
    """Return weights as float64, read-only and held by nobody else; None where every row weighs 1.

    A callback may change the weights that it was given: the sums would no longer fit the rows.

    Raises
    ------
    ValueError
        For a wrong shape, all zeros (scikit-learn's words), negative or non-finite weights.
    """
    if sample_weight is None:
        return None
    refuse_masked(
        sample_weight,
        "sample_weight",
        "give such rows no weight, as in sample_weight.filled(0), or leave them out of X too",
    )
    given = np.asarray(sample_weight)
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        row = int(np.flatnonzero(~np.isfinite(given.ravel()))[0])
        what = "NaN" if np.isnan(given.ravel()[row]) else "infinity"
        raise ValueError(
            f"Input sample_weight contains {what}, first in row {row}. Weights must be finite "
            "numbers; leave out rows whose weight is not known."
        )
    rows = np.broadcast_to(np.float64(0), (source.shape[0],))
    weights: NDArray[np.float64] = _check_sample_weight(
        sample_weight, rows, dtype=np.float64, copy=True
    )
    negative = np.flatnonzero(weights < 0)
    if negative.size:
        row = int(negative[0])
        raise ValueError(
            f"Negative values in data passed to `sample_weight`: row {row} has {weights[row]}. "
            "A weight counts rows; it must be zero or more."
        )
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    with np.errstate(over="ignore"):
        if not np.isfinite(weights.sum()):
            raise ValueError(
                "The sum of sample_weight exceeds the largest float64: divide the weights by a "
                "power of two, which changes no label and no centre."
            )
    if (weights == 1).all():
        return None
    weights = weights if weights.flags.owndata and weights.flags.c_contiguous else weights.copy()
    weights.flags.writeable = False
    return weights


def refuse_masked(values: Any, name: str, remedy: str) -> None:
    """Refuse a masked array in which something is masked; without, it is an array like others.

    Raises
    ------
    ValueError
        What is masked first, and the remedy.
    """
    if isinstance(values, list | tuple):
        for at, row in enumerate(values):
            if isinstance(row, np.ma.MaskedArray) and np.ma.is_masked(row):
                raise ValueError(
                    f"Input {name} is a list, and row {at} of it has masked entries. Make one "
                    f"masked array of it, np.ma.array({name}), and fill or leave out what is masked"
                    "."
                )
        return
    if not isinstance(values, np.ma.MaskedArray) or not np.ma.is_masked(values):
        return
    masked = np.argwhere(np.ma.getmaskarray(values))
    number = f"{len(masked)} {'entry is' if len(masked) == 1 else 'entries are'} masked"
    where = ", ".join(
        f"{axis} {at}" for axis, at in zip(("row", "column"), masked[0], strict=False)
    )
    raise ValueError(
        f"Input {name} is a masked array in which {number}, first in {where}. k-means would "
        f"use the numbers below the mask: {remedy}."
    )
