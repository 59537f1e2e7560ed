"""The one gate: whatever a user passes becomes a `Dataset`, or one clear error.

Validation is scikit-learn's own (`sklearn.utils.validation`), so errors, accepted types and feature
names are what its users know. Finiteness is checked in the first pass of the compiled core, which
reads every entry anyway.
"""

from __future__ import annotations

import sys
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import _check_sample_weight, validate_data

from centra._core import Boxes, Cache, Frame, Gate, Matrix, Moments, Plan, Tally, Team, pass_gate
from centra.sources import Block, MemorySource, Source
from centra.steps import Assign, Caches, Measure, PassGate, SumSquares, Swept


@dataclass
class Dataset:
    """Validated rows and weights, and what the first pass found.

    Attributes
    ----------
    source : Source
        The rows.
    weights : ndarray of shape (n_samples,) or None
        float64, none negative, not all zero; None where every row weighs 1.
    team : Team
        Threads and instruction set.
    gate : Gate
        Ranges of the columns.
    memory : int
        Bytes that may be kept beside the rows, on top of 32 bytes a row.
    beside : int
        Bytes a row that are taken by what is kept of other restarts.
    """

    source: Source
    weights: NDArray[np.float64] | None
    team: Team
    gate: Gate
    memory: int = 0
    beside: int = 0
    _caches: Caches = field(default_factory=dict, repr=False)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.source.shape[0]

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.source.shape[1]

    @cached_property
    def plan(self) -> Plan:
        """How columns are split for exact sums."""
        if self.weights is None:
            return Plan(self.gate)
        return Plan(self.gate, pass_gate(self.team, Matrix.dense(self.weights.reshape(-1, 1))))

    @cached_property
    def squares(self) -> Moments:
        """Exact sum of w x^2: what inertia needs besides the tally."""
        return self.source.sweep(SumSquares(self.team, self.plan, self.weights, sums=False))

    @cached_property
    def mean_variance(self) -> float:
        """Mean over columns of the variance, unweighted, rounded once.

        Rows of weight 0 have no part in it.
        """
        counted = None
        if self.weights is not None and not self.weights.all():
            counted = (self.weights > 0).astype(np.float64)
        moments = self.source.sweep(SumSquares(self.team, self.plan, counted, sums=True))
        if self.weights is None:
            self.squares = moments
        return moments.mean_variance()

    @cached_property
    def frame(self) -> Frame:
        """Origin and unit of the float32 filters, for centres among the rows."""
        return Frame(self.gate, np.stack([self.gate.low, self.gate.high]), self.source.sparse)

    @cached_property
    def longest(self) -> float:
        """Length of the longest row in the frame, rounded up (dense rows only)."""
        return self.source.sweep(Measure(self.team, self.frame)).most

    def holds(self, centers: NDArray[np.float64]) -> bool:
        """Whether the frame holds these centres: they lie in the box of the rows."""
        return self.gate.holds(self.team, centers)

    @property
    def sorted(self) -> bool:
        """Whether the rows have been sorted into boxes."""
        return self.__dict__.get("boxes") is not None

    @cached_property
    def boxes(self) -> Boxes | None:
        """The rows in an order in which neighbours lie together; None where there can be none."""
        if not self.narrow:
            return None
        blocks = [block for block in self.source.blocks() if block.matrix.shape[0]]
        if len(blocks) != 1:
            return None
        self._caches.clear()  # in its place, and before, so that there is never room for both
        return Boxes.sort(self.team, blocks[0].matrix, self.frame, self.gate)

    def assign_some(
        self,
        centers: NDArray[np.float64],
        labels: NDArray[np.int32],
        rows: NDArray[np.intp],
        tally: Tally,
    ) -> Swept:
        """Label a few rows with their nearest centres, as `assign` does with all."""
        if not len(rows):
            return Swept({"changed": 0})
        few = labels[rows]
        weights = None if self.weights is None else self.weights[rows]
        frame = Frame(self.gate, centers, self.source.sparse)
        matrix = Matrix.dense(self.source.take(rows))
        step = Assign(self.team, centers, frame, few, tally, weights)
        swept = step.chunk(Block(0, matrix))
        labels[rows] = few
        return swept

    @property
    def narrow(self) -> bool:
        """Whether rows are kept in float32, packed or in boxes."""
        # Packed rows cost 4 (d + 1) bytes a row; labels cost 4: within 32 bytes a row up to d = 4.
        return self.source.resident and not self.source.sparse and self.n_features <= 4

    def kept(self, longest: float | None) -> Caches | None:
        """Return where packed rows are kept, if there is room for what this sweep packs."""
        if self.sorted or not (self.narrow or (longest is not None and self.keeps_shorts)):
            return None
        return self._caches

    @property
    def keeps_shorts(self) -> bool:
        """Whether rows may stay packed in int16."""
        shorts = Cache.row_bytes(self.team, self.n_features)
        return self.source.resident and self.n_rows * shorts <= self.memory

    def reported(self, centers: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return the centres that a fit reports for these, if that is others: float32 rows'."""
        if self.source.dtype == np.float64:
            return None
        with np.errstate(over="ignore"):
            rounded = centers.astype(np.float32)
        return rounded.astype(np.float64) if np.isfinite(rounded).all() else None

    def assign(
        self,
        centers: NDArray[np.float64],
        labels: NDArray[np.int32],
        tally: Tally | None = None,
        nearby: NDArray[np.float64] | None = None,
        holds: bool | None = None,
        longest: float | None = None,
        keep: bool | None = None,
    ) -> Swept:
        """Label every row with its nearest centre; the tally, if given, follows.

        With centres `nearby`, rows that may have another nearest centre among those are listed.
        `holds` is what `self.holds(centers)` says, if it has been asked. With `self.longest`, rows
        are screened in int16 first. Packed rows may be kept for more sweeps, if `keep`; by default
        where there is a tally.
        """
        frame = self.frame
        if self.holds(centers) if holds is None else holds:
            keep = tally is not None if keep is None else keep
            caches = self.kept(longest) if keep else None
        else:
            # Centres outside the box of the rows (a start given from elsewhere) need more room.
            frame, caches = Frame(self.gate, centers, self.source.sparse), None
            longest = None
        weights = None if tally is None else self.weights
        step = Assign(self.team, centers, frame, labels, tally, weights, caches, nearby, longest)
        return self.source.sweep(step)


def prepare(
    estimator: Any,
    X: Any,
    team: Team,
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
    team : Team
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
        _check_names(estimator, source, reset)
    else:
        source = MemorySource(_validate(estimator, _from_arrow(X), reset))
    gate = source.sweep(PassGate(team, sums=weigh))
    if gate.bad is not None:
        _refuse(estimator, source, gate.bad)
    weights = check_weights(source, sample_weight) if weigh else None
    return Dataset(source, weights, team, gate)


def _validate(estimator: Any, X: Any, reset: bool) -> Any:
    refuse_masked(
        X,
        "X",
        "leave such rows out, as in X[~np.ma.getmaskarray(X).any(axis=1)], or fill them, as in "
        "X.filled(number)",
    )
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
        copy=False,
        accept_large_sparse=True,
        ensure_all_finite=False,
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


def _from_arrow(X: Any) -> Any:
    """Return the columns of an Arrow table as a data frame that scikit-learn knows, else X."""
    module = sys.modules.get("pyarrow")
    if module is None or not isinstance(X, module.Table | module.RecordBatch):
        return X
    return _ArrowFrame(X)


class _ArrowFrame:
    """An Arrow table behind the few members that scikit-learn asks a data frame for."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self.shape = (table.num_rows, table.num_columns)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __dataframe__(self, *args: Any, **kwargs: Any) -> Any:
        return self._table.__dataframe__(*args, **kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        columns = [
            np.asarray(
                column.to_numpy(zero_copy_only=False)
                if hasattr(column, "offset")
                else column.to_numpy()
            )
            for column in self._table.columns
        ]
        return np.asarray(np.column_stack(columns), dtype=dtype)


def _check_source(source: Source) -> None:
    for count, what in zip(source.shape, ("sample", "feature"), strict=True):
        if count < 1:
            raise ValueError(
                f"Found array with {count} {what}(s) (shape={source.shape}) while a minimum of 1 "
                "is required."
            )
    if source.dtype not in (np.float64, np.float32):
        raise TypeError(
            f"the dtype of {source.name} is {source.dtype!r}: a source's dtype is "
            "numpy.dtype('float32') or numpy.dtype('float64')"
        )


def _check_names(estimator: Any, source: Source, reset: bool) -> None:
    n_features = source.shape[1]
    if reset:
        estimator.n_features_in_ = n_features
        if hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
        return
    expected = getattr(estimator, "n_features_in_", n_features)
    if expected != n_features:
        raise ValueError(
            f"X has {n_features} features, but {type(estimator).__name__} is expecting "
            f"{expected} features as input."
        )


def _refuse(estimator: Any, source: Source, bad: tuple[int, int]) -> None:
    row, column = bad
    if isinstance(source, MemorySource):
        name = estimator if isinstance(estimator, str) else type(estimator).__name__
        X = source.X.data if source.sparse else source.X
        assert_all_finite(X, estimator_name=name, input_name="X")
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
        raise ValueError(f"Input sample_weight contains {what}, first in row {row}.")
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
                "power of two, which changes no label and no center."
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
                    f"Input {name} is a list of which row {at} is masked; make one masked array of "
                    f"it, np.ma.array({name}), and look at its mask."
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
        f"Input {name} is a masked array in which {number}, first in {where}. k-means does not "
        f"look at masks: {remedy}."
    )
