"""The protocol of a source: a shape, blocks of rows for the passes, single rows to take.

A source is a class with these few members. Nothing else in the package asks where rows live. It
costs what reading its rows costs, once for every pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from centra._core import Matrix


@dataclass(frozen=True)
class Block:
    """Some consecutive rows, as the compiled core reads them.

    Attributes
    ----------
    start : int
        Number of the first row.
    matrix : Matrix
        The rows.
    """

    start: int
    matrix: Matrix

    @property
    def rows(self) -> slice:
        """Where the rows' own state (labels, weights, distances) lies."""
        return slice(self.start, self.start + self.matrix.shape[0])


class Source:
    """Rows, wherever they live.

    Attributes
    ----------
    shape : (int, int)
        Number of rows and columns.
    dtype : dtype
        float32 or float64: what the fitted centres will have.
    sparse : bool
        Whether rows store only what is not zero.
    resident : bool
        Whether blocks stay in memory between passes. No result and no speed depends on it; a fit
        whose seeding reads rows hundreds of times warns where they do not.
    name : str
        What to call the rows in messages.
    feature_names : tuple of str or None
        Names of the columns, where they have names.

    Examples
    --------
    Rows that lie in two arrays, one after the other:

    >>> import numpy as np
    >>> import centra
    >>> from centra.sources import Block, Matrix, Source
    >>> class Pair(Source):
    ...     def __init__(self, a, b):
    ...         self.parts, self.dtype = (a, b), a.dtype
    ...         self.shape = (len(a) + len(b), a.shape[1])
    ...     def blocks(self):
    ...         yield Block(0, Matrix.dense(self.parts[0]))
    ...         yield Block(len(self.parts[0]), Matrix.dense(self.parts[1]))
    ...     def take(self, rows):
    ...         return np.concatenate(self.parts)[rows].astype(np.float64)
    >>> pair = Pair(np.array([[0.0], [1.0]]), np.array([[10.0], [11.0]]))
    >>> centra.KMeans(2, init=[[0.0], [10.0]]).fit(pair).labels_
    array([0, 0, 1, 1], dtype=int32)
    """

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    sparse: bool = False
    resident: bool = False
    name: str = "X"
    feature_names: tuple[str, ...] | None = None

    def blocks(self) -> Iterator[Block]:
        """Yield all rows in order, each once: every pass checks it. A block may have no rows."""
        raise NotImplementedError

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, dense, as float64 of shape (len(rows), n_features)."""
        raise NotImplementedError

    def checked_blocks(self) -> Iterator[Block]:
        """Yield the blocks that have rows, if they are what the shape says.

        Raises
        ------
        ValueError
            If the blocks are not all rows, in order, each once, in all columns.
        """
        (n, d), due = self.shape, 0
        for block in self.blocks():
            (rows, columns), sparse = block.matrix.shape, block.matrix.sparse
            if block.start != due:
                self._break(f"a block begins with row {block.start}, and must begin with row {due}")
            if columns != d:
                self._break(f"a block has {columns} columns, and shape says {d}")
            if sparse != self.sparse:
                kind = "sparse" if sparse else "dense"
                self._break(f"a block is {kind}, and sparse is {self.sparse}")
            due += rows
            if due > n:
                self._break(f"its blocks have {due} rows or more, and shape says {n}")
            if rows:
                yield block
        if due != n:
            self._break(f"its blocks have {due} rows in all, and shape says {n}")

    def _break(self, what: str) -> NoReturn:
        raise ValueError(
            f"{self.name}: {what}. In every pass, blocks() must yield all rows in order, each once."
        )
