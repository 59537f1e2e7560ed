"""`init` as a function: it may look at all rows, wherever they live, and cannot change them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra.sources import Block, Matrix, Source

X = np.random.default_rng(0).normal(size=(60, 4)) + 3


class Rows(Source):
    """A source of a user: blocks and rows to take, and no other member."""

    def __init__(self, rows: Any, blocks: int) -> None:
        self.shape, self.dtype, self.sparse = rows.shape, rows.dtype, sp.issparse(rows)
        cuts = np.linspace(0, len(X), blocks + 1).astype(int)
        self._parts = [(a, rows[a:b]) for a, b in pairwise(cuts)]
        self._rows = rows

    def blocks(self) -> Iterator[Block]:
        for start, part in self._parts:
            if self.sparse:
                matrix = Matrix.csr(part.data, part.indices, part.indptr, self.shape[1])
            else:
                matrix = Matrix.dense(part)
            yield Block(start, matrix)

    def take(self, rows: Any) -> Any:
        if self.sparse:
            return self._rows[rows].toarray().astype(np.float64)
        if len(rows) == len(X) and self.dtype == np.float64:
            return self._rows  # no copy: what is taken is for reading
        return self._rows[rows].astype(np.float64)


def first_rows(X: Any, n_clusters: int, random_state: Any) -> Any:
    """Return the first rows, after an attempt to change all of them."""
    first = X[:n_clusters].copy()
    if sp.issparse(X):
        first = first.toarray()
        X.data[:] = 0
    else:
        X[:] = 0
    return first


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("blocks", [1, 3])
def test_a_function_sees_the_rows_of_every_source(dtype: Any, sparse: bool, blocks: int) -> None:
    kept = np.where(X > 3, X, 0).astype(dtype)
    rows = sp.csr_matrix(kept) if sparse else kept.copy()
    seen = []

    def init(X: Any, n_clusters: int, random_state: Any) -> Any:
        seen.append(X.copy())
        return first_rows(X, n_clusters, random_state)

    given = [rows, Rows(rows, blocks)]
    fits = [centra.KMeans(3, init=init, n_init=1, random_state=0).fit(each) for each in given]
    assert fits[0].inertia_ == fits[1].inertia_
    assert fits[0].labels_.tolist() == fits[1].labels_.tolist()
    assert seen[1].dtype == dtype and seen[1].shape == X.shape
    if sparse:
        assert seen[1].format == "csr" and (seen[0] != seen[1]).nnz == 0
        assert np.array_equal(seen[1].toarray(), kept)
    else:
        assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(rows.toarray() if sparse else rows, kept)


def test_sparse_rows_are_taken_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("centra._seeding.given.TAKE", 5 * 4)
    rows = sp.csr_matrix(np.where(X > 3, X, 0))
    source = Rows(rows, 2)
    counts = []
    take = source.take
    monkeypatch.setattr(source, "take", lambda rows: counts.append(len(rows)) or take(rows))
    centra.KMeans(3, init=first_rows, n_init=1).fit(source)
    assert max(counts) == 5 and sum(counts) == len(X)
