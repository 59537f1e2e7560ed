"""Rows in memory: an array or a CSR matrix, borrowed, never copied, one block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from centra._core import Matrix
from centra.sources.base import Block, Source


class MemorySource(Source):
    """Rows of an array or CSR matrix of float32 or float64 that has been validated.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
        With any strides; a CSR matrix in canonical form is borrowed as well.
    """

    resident = True

    def __init__(self, X: Any) -> None:
        self.X = X
        self.shape = (int(X.shape[0]), int(X.shape[1]))
        self.dtype = X.dtype
        self.sparse = bool(sp.issparse(X))
        if self.sparse:
            matrix = Matrix.csr(X.data, X.indices, X.indptr, self.shape[1])
        else:
            matrix = Matrix.dense(X)
        self._blocks = (Block(0, matrix),)

    def blocks(self) -> Iterator[Block]:
        """Return the one block."""
        return iter(self._blocks)

    def checked_blocks(self) -> Iterator[Block]:
        """Return the one block, which is what the shape says."""
        return iter(self._blocks)

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, dense."""
        taken = self.X[rows]
        if self.sparse:
            taken = taken.toarray()
        return np.ascontiguousarray(taken, dtype=np.float64)
