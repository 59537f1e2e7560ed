"""What a source promises is checked in every pass: all rows, in order, once, in its columns.

State of rows lies beside the source, at the numbers that its blocks name. A source that leaves some
out, or gives some twice, would leave labels that nobody set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra.sources import Block, Matrix, Source

X = np.random.default_rng(0).normal(size=(40, 3))
CUTS = [(0, 15), (15, 25), (25, 40)]


class Told(Source):
    """A source that yields what it is told to."""

    name = "the rows of a test"

    def __init__(self, cuts: Any = CUTS, shape: Any = X.shape, dtype: Any = X.dtype) -> None:
        self.cuts, self.shape, self.dtype = cuts, shape, dtype

    def blocks(self) -> Iterator[Block]:
        for first, last, *at in self.cuts:
            yield Block(at[0] if at else first, Matrix.dense(X[first:last].astype(self.dtype)))

    def take(self, rows: Any) -> Any:
        return X[rows]


def test_what_is_right_is_right() -> None:
    km = centra.KMeans(3, random_state=0).fit(Told())
    assert km.inertia_ == centra.KMeans(3, random_state=0).fit(X).inertia_


BROKEN = {
    "too few": ([(0, 15), (15, 25)], "have 25 rows in all, and shape says 40"),
    "none": ([], "have 0 rows in all, and shape says 40"),
    "too many": ([*CUTS, (0, 5, 40)], "have 45 rows or more, and shape says 40"),
    "a gap": (
        [(0, 15), (25, 40), (15, 25)],
        "a block begins with row 25, and must begin with row 15",
    ),
    "twice": (
        [(0, 15), (0, 15), (25, 40)],
        "a block begins with row 0, and must begin with row 15",
    ),
    "below 0": ([(0, 15, -15), (15, 40)], "a block begins with row -15, and must begin with row 0"),
}
CALLS: dict[str, Callable[[Source], Any]] = {
    "fit": lambda source: centra.KMeans(3, init=X[:3], n_init=1).fit(source),
    "predict": centra.KMeans(3, random_state=0).fit(X).predict,
    "transform": centra.KMeans(3, random_state=0).fit(X).transform,
    "assign": lambda source: centra.assign(source, X[:3]),
    "sweep": lambda source: centra.sweep(source, [2, 3], random_state=0),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("call", CALLS)
def test_blocks_that_are_not_the_rows(call: str, broken: str) -> None:
    cuts, text = BROKEN[broken]
    with pytest.raises(ValueError, match=f"the rows of a test: .*{text}"):
        CALLS[call](Told(cuts))


def test_a_source_that_changes_its_mind() -> None:
    """Right in the first passes, and then not: no label of the fit is left over."""
    source = Told()
    passes = []

    def callback(event: Any) -> None:
        passes.append(event)
        source.cuts = [(0, 15), (15, 30), (25, 40)][: 2 + len(passes) % 2]

    km = centra.KMeans(3, init=X[:3], n_init=1, callbacks=[callback])
    with pytest.raises(ValueError, match="the rows of a test"):
        km.fit(source)


def test_blocks_of_other_columns_or_kind() -> None:
    class Narrow(Told):
        def blocks(self) -> Iterator[Block]:
            yield Block(0, Matrix.dense(X[:15]))
            yield Block(15, Matrix.dense(X[15:, :2].copy()))

    class Sparse(Told):
        def blocks(self) -> Iterator[Block]:
            rows = sp.csr_matrix(X)
            yield Block(0, Matrix.csr(rows.data, rows.indices, rows.indptr, 3))

    with pytest.raises(ValueError, match="a block has 2 columns, and shape says 3"):
        centra.assign(Narrow(), X[:3])
    with pytest.raises(ValueError, match="a block is sparse, and sparse is False"):
        centra.assign(Sparse(), X[:3])


@pytest.mark.parametrize(
    ("shape", "dtype", "text"),
    [
        ((0, 3), X.dtype, r"Found array with 0 sample\(s\) \(shape=\(0, 3\)\)"),
        ((40, 0), X.dtype, r"Found array with 0 feature\(s\) \(shape=\(40, 0\)\)"),
        (X.shape, "float64", "dtype of the rows of a test is 'float64'.*numpy.dtype"),
        (X.shape, np.dtype(int), "dtype of the rows of a test is dtype.*int64"),
    ],
)
def test_a_shape_or_dtype_that_is_none(shape: Any, dtype: Any, text: str) -> None:
    source = Told([] if 0 in shape else CUTS, shape, dtype)
    with pytest.raises((ValueError, TypeError), match=text):
        centra.KMeans(3, random_state=0).fit(source)
