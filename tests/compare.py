"""What the tests of the whole package share: fits from a start, layouts, and equality in bits."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

import centra
import naive

LAYOUTS = ("C", "F", "strided", "backwards", "readonly", "unaligned", "csr", "csr64")


def laid_out(X: np.ndarray, layout: str) -> Any:
    """Return the same rows laid out in memory in another way."""
    n, d = X.shape
    if layout == "F":
        return np.asfortranarray(X)
    if layout == "strided":
        wide = np.full((2 * n, 3 * d), np.nan, dtype=X.dtype)
        wide[::2, 1::3] = X
        return wide[::2, 1::3]
    if layout == "backwards":
        return np.ascontiguousarray(X[::-1, ::-1])[::-1, ::-1]
    if layout == "readonly":
        X = X.copy()
        X.flags.writeable = False
        return X
    if layout == "unaligned":
        raw = bytearray(X.nbytes + 1)
        view = np.frombuffer(raw, dtype=X.dtype, count=X.size, offset=1).reshape(n, d)
        view[...] = X
        return view
    if layout == "csr":
        return sp.csr_matrix(X)
    if layout == "csr64":
        S = sp.csr_array(X)
        S.indices, S.indptr = S.indices.astype(np.int64), S.indptr.astype(np.int64)
        return S
    return X


def fit_from(start: Any, X: Any, weights: Any = None, **parameters: Any) -> centra.KMeans:
    """Fit from given centres; clusters that end without a row are no surprise here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        km = centra.KMeans(len(start), init=start, n_init=1, **parameters)
        return km.fit(X, sample_weight=weights)


def refuses(text: str, rows: Any, k: int = 2, weights: Any = None, **parameters: Any) -> str:
    """Fail unless a fit raises one ordinary error whose text matches; return the text."""
    parameters = {"random_state": 0} | parameters
    with pytest.raises((ValueError, TypeError, OverflowError), match=text) as caught:
        centra.KMeans(k, **parameters).fit(rows, sample_weight=weights)
    return str(caught.value)


def check_equal(ours: centra.KMeans, run: naive.Fit) -> None:
    """Fail unless a fit has the oracle's bits, in its results and in its history."""
    assert ours.n_iter_ == run.n_iter
    assert ours.labels_.dtype == np.int32
    assert ours.labels_.tolist() == run.labels.tolist()
    same(ours.cluster_centers_, run.centers)
    assert ours.cluster_centers_.flags.c_contiguous
    assert ours.inertia_ == run.inertia
    assert len(ours.history_) == run.n_iter + 1
    for i, (mine, record) in enumerate(zip(ours.history_, run.history, strict=True)):
        assert mine.iteration == i
        got = (mine.inertia, mine.shift, mine.changed)
        assert got == (record.inertia, record.shift, record.changed), f"record {i}"
        if mine.centers is not None:
            same(mine.centers, record.centers)
    assert ours.history_[-1].inertia == ours.inertia_


def check_same_fit(a: centra.KMeans, b: centra.KMeans) -> None:
    """Fail unless two fits are the same in every bit."""
    assert (a.n_iter_, a.inertia_) == (b.n_iter_, b.inertia_)
    assert a.labels_.tolist() == b.labels_.tolist()
    same(a.cluster_centers_, b.cluster_centers_)
    for p, q in zip(a.history_, b.history_, strict=True):
        assert (p.inertia, p.shift, p.changed) == (q.inertia, q.shift, q.changed)


def same(got: Any, wanted: Any) -> None:
    """Fail unless two arrays have the same dtype, shape and numbers (-0.0 is 0.0)."""
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    different = np.argwhere(~(got == wanted))
    assert len(different) == 0, f"first at {different[0]}: {got[tuple(different[0])]!r}"
