"""Rows of weight 0 get a label and change nothing else, wherever they stand and however far off.

Every fit with such rows among the others is held against the fit without them: the same centres,
inertia and history, the same labels of the other rows.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import centra
from compare import fit_from, refuses, same
from strategies import examples, matrices, starts_for, weights_for

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

INITS = ("k-means++", "random", "k-means||")


def column(*values: float) -> np.ndarray:
    """Return the values as a matrix of one column."""
    return np.array(values, dtype=np.float64)[:, None]


def check(few: centra.KMeans, many: centra.KMeans, kept: np.ndarray) -> None:
    """Fail unless a fit of more rows is that of the rows that are kept."""
    same(many.cluster_centers_, few.cluster_centers_)
    assert many.labels_[kept].tolist() == few.labels_.tolist()
    assert (many.inertia_, many.n_iter_) == (few.inertia_, few.n_iter_)
    for a, b in zip(many.history_, few.history_, strict=True):
        assert (a.inertia, a.shift) == (b.inertia, b.shift)
    assert [run.inertia for run in many.runs_] == [run.inertia for run in few.runs_]


@st.composite
def diluted(draw: Any, positive: Any = ("counts", "none")) -> tuple[Any, ...]:
    """Return rows, weights, and both with rows of weight 0 among them, and where the rows are."""
    X = draw(matrices())
    w = draw(weights_for(len(X), positive))
    n = len(X) + draw(st.integers(1, 6))
    kept = np.sort(np.array(draw(st.permutations(range(n)))[: len(X)]))
    rows, weights = np.empty((n, X.shape[1]), X.dtype), np.zeros(n)
    others = np.setdiff1d(np.arange(n), kept)
    rows[kept], weights[kept] = X, 1 if w is None else w
    # A row of weight 0 is one of the others, or far off.
    top = np.finfo(X.dtype).max / 4
    for row in others:
        far = X[draw(st.integers(0, len(X) - 1))].astype(np.float64)
        rows[row] = np.clip(far * draw(st.sampled_from([1, -3, 64])), -top, top)
    return X, w, rows, weights, kept


@examples(60)
@given(st.data(), st.sampled_from([0, 1e-4, 1e-1]))
def test_from_a_start(data: Any, tol: float) -> None:
    X, w, rows, weights, kept = data.draw(diluted())
    start = data.draw(starts_for(X))
    check(fit_from(start, X, w, tol=tol), fit_from(start, rows, weights, tol=tol), kept)


@examples(60)
@given(st.data(), st.sampled_from(INITS))
def test_from_a_seeding(data: Any, init: str) -> None:
    X, w, rows, weights, kept = data.draw(diluted())
    k, seed = data.draw(st.integers(1, len(X))), data.draw(st.integers(0, 5))
    km = centra.KMeans(k, init=init, n_init=2, random_state=seed)
    few = km.fit(X, sample_weight=w)
    many = centra.KMeans(**km.get_params()).fit(rows, sample_weight=weights)
    check(few, many, kept)


@examples(40)
@given(st.data())
def test_kmeans_plusplus(data: Any) -> None:
    X, w, rows, weights, kept = data.draw(diluted())
    k = data.draw(st.integers(1, len(X)))
    for few, many in ((X, rows), (sp.csr_matrix(X), sp.csr_matrix(rows))):
        picked = centra.kmeans_plusplus(few, k, sample_weight=w, random_state=1)[1]
        among = centra.kmeans_plusplus(many, k, sample_weight=weights, random_state=1)[1]
        assert among.tolist() == kept[picked].tolist()


def test_an_empty_cluster_is_not_given_to_such_a_row() -> None:
    X, start = column(0, 1, 10, 11), column(5, -100)
    few = fit_from(start, X)
    many = fit_from(start, np.vstack([column(1000), X]), [0, 1, 1, 1, 1])
    check(few, many, np.arange(1, 5))
    assert many.inertia_ == 1.0


def test_tolerance_is_a_share_of_the_variance_of_the_others() -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (40, 2)), rng.normal(10, 1, (40, 2))])
    rows, weights = np.vstack([X, [[1e4, 1e4]]]), np.r_[np.ones(80), 0]
    for few, many in ((X, rows), (sp.csr_matrix(X), sp.csr_matrix(rows))):
        check(
            centra.KMeans(4, random_state=0).fit(few),
            centra.KMeans(4, random_state=0).fit(many, sample_weight=weights),
            np.arange(80),
        )


@pytest.mark.parametrize("init", INITS)
def test_a_row_whose_squared_distance_overflows(init: str) -> None:
    X = column(0, 1, 10, 11)
    few = centra.KMeans(2, init=init, n_init=3, random_state=0).fit(X)
    for far in (1e200, -1e300, 1.7e308):
        km = centra.KMeans(2, init=init, n_init=3, random_state=0)
        many = km.fit(np.vstack([column(far), X]), sample_weight=[0, 1, 1, 1, 1])
        check(few, many, np.arange(1, 5))


def test_fewer_rows_that_weigh_something_than_clusters() -> None:
    rows, weights = column(100, 0, 1), [0, 1, 1]
    text = 'init="random" draws n_clusters=3 different rows, but only 2 rows have '
    refuses(re.escape(text), rows, 3, weights, init="random")
    for init in ("k-means++", "k-means||"):
        km = centra.KMeans(3, init=init, random_state=0).fit(rows, sample_weight=weights)
        assert km.inertia_ == 0 and set(km.cluster_centers_.ravel()) == {0, 1}
    centers, indices = centra.kmeans_plusplus(rows, 3, sample_weight=weights, random_state=0)
    assert 0 not in indices and 100 not in centers


def test_a_sweep_compares_the_others() -> None:
    rng = np.random.default_rng(3)
    X = np.concatenate([rng.normal(at, 1, (30, 3)) for at in (0, 8)])
    rows, weights = np.vstack([[[50, -50, 1e5]], X]), np.r_[0, np.ones(60)]
    few = centra.sweep(X, range(2, 5), random_state=0, repeats=2)
    many = centra.sweep(rows, range(2, 5), sample_weight=weights, random_state=0, repeats=2)
    for k in (2, 3, 4):
        check(few.models[k], many.models[k], np.arange(1, 61))
    for name, values in few.columns.items():
        assert np.allclose(values, many.columns[name], rtol=1e-9), name
