"""Whether labels and centres are the definition's. Checked on all rows, before any timing.

Labels: a float64 matrix product screens, and the tests' oracle (``tests/naive_numpy.py``: float64
distances with their proved error bound, exact integers where these leave two candidates) decides
every row on which the screen leaves more than one centre. Nothing here is centra's.

The screen computes s = |c|^2 / 2 - x.c, whose order over c is the order of |x - c|^2. Summed in any
order, a float64 dot product of length d is off by at most d v / (1 - d v) |x||c|, v = 2^-53, and
the other roundings add at most three units more; twice that is allowed here.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import scipy.sparse as sp

from benches import ROOT
from benches.rows import dense

V = 2.0**-53
ENTRIES = 4_000_000  # of the matrix of scores that is held at a time


class Wrong(Exception):
    """An answer is not the definition's, or not comparable: nothing may be timed."""


@dataclass(frozen=True)
class Check:
    """Rows that were checked, and how many of them only the oracle itself could decide."""

    rows: int
    by_oracle: int


def load_oracle() -> ModuleType:
    """Return the tests' oracle; the tests are no package, so it is named by its file."""
    spec = importlib.util.spec_from_file_location("oracle", ROOT / "tests" / "naive_numpy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_labels(X: Any, centers: Any, labels: Any) -> Check:
    """Hold the label of every row against the definition.

    Raises
    ------
    Wrong
        If a label is not the lowest index among the exactly nearest centres.
    """
    centers = np.asarray(centers, dtype=np.float64)
    labels = np.asarray(labels)
    n, k = X.shape[0], len(centers)
    if labels.shape != (n,) or labels.min() < 0 or labels.max() >= k:
        raise Wrong(f"labels are not {n} numbers from 0 to {k - 1}.")
    oracle, by_oracle = load_oracle(), 0
    block = max(1, ENTRIES // k)
    for first in range(0, n, block):
        mine = labels[first : first + block]
        rows = X[first : first + block].astype(np.float64)
        unclear = np.flatnonzero(screen(rows, centers, mine) != 1)
        by_oracle += len(unclear)
        if len(unclear) == 0:
            continue
        right = oracle.assign(dense(rows[unclear]), centers)
        wrong = np.flatnonzero(right != mine[unclear])
        if len(wrong):
            i = unclear[wrong[0]]
            raise Wrong(
                f"row {first + i} has label {mine[i]}, the nearest centre is {right[wrong[0]]}."
            )
    return Check(n, by_oracle)


def screen(rows: Any, centers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for every row how many centres may be as near as the one that its label names."""
    d = centers.shape[1]
    half = 0.5 * (centers * centers).sum(axis=1)
    scores = np.asarray(half - rows @ centers.T)
    squares = rows.multiply(rows) if sp.issparse(rows) else rows * rows
    length = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
    farthest = np.sqrt(2 * half.max())
    error = 2 * (d + 4) * V * (length * farthest + half.max()) + (d + 4) * np.finfo(float).tiny
    own = scores[np.arange(len(labels)), labels]
    # Written so that NaN leaves a row unclear.
    return np.count_nonzero(~(scores > (own + 2 * error)[:, None]), axis=1)


def check_update(X: Any, labels: Any, centers: Any) -> bool:
    """Hold centres against the means of the rows that have their labels.

    A float64 sum of m numbers is off by at most about m v times the sum of their magnitudes, so
    this is a check within rounding, not of the last bit. Returns False, unchecked, where a cluster
    is empty: then another rule sets the centres.

    Raises
    ------
    Wrong
        If a centre is not the mean of its rows.
    """
    centers = np.asarray(centers)
    n, k = X.shape[0], len(centers)
    members = np.bincount(labels, minlength=k)[:, None].astype(np.float64)
    if not members.all():
        return False
    by_cluster = sp.csr_matrix((np.ones(n), (labels, np.arange(n))), shape=(k, n))
    rows = X.astype(np.float64)
    sums, magnitudes = dense(by_cluster @ rows), dense(by_cluster @ abs(rows))
    once = np.finfo(centers.dtype).eps / 2  # the rounding of the centre itself
    wide = centers.astype(np.float64)
    error = ((members + 4) * V + once) * magnitudes + members * np.finfo(centers.dtype).tiny
    off = np.argwhere(~(abs(sums - members * wide) <= error))
    if len(off):
        raise Wrong(f"centre {off[0][0]} is not the mean of its rows, in column {off[0][1]}.")
    return True
