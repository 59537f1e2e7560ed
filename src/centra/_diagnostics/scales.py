"""Scales: whether a few columns decide the clusters because their numbers are larger.

k-means adds up squared differences of all columns. The sum of squares between the clusters is a sum
over columns too, so every column has a share in it. Where most of it belongs to columns that vary
far more than the others, the unit in which they are written has decided, unless the clusters
themselves lie apart along them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from centra._core import Workers
from centra._data.dataset import Dataset
from centra._diagnostics.overlap import Overlap
from centra._diagnostics.remark import MOST, Remark
from centra._lloyd.fit import fit
from centra._seeding.given import Given
from centra._utils.escapes import for_terminal
from centra._utils.text import count, listed, times
from centra.sources import MemorySource

__all__ = ["Shares", "about_scales", "shares_of"]

Floats = NDArray[np.float64]

#: One column dominates from this share in the sum of squares between clusters on.
HALF = 0.5
#: Several columns together do from this share on.
MOST_OF_IT = 0.9
#: Where clusters run into one another: times the variance of any column that does not dominate.
LARGER = 8.0
#: Share of the rows between two clusters from which on they run into one another. Of Gaussians 6
#: standard deviations apart it is 0.004, of a column cut into stripes 0.18 to 0.38.
RUNS_ON = 0.08
#: Where they do not: the same of the variance within clusters, whose total variance may come from
#: the places of the clusters. It asks for LARGER / 2 times the total variance besides.
WIDER = 9.0
#: A fit on one column gives the same clusters from this adjusted Rand index on.
SAME = 0.9


@dataclass(frozen=True)
class Shares:
    """How the variance of every column is made up.

    Attributes
    ----------
    total : ndarray of shape (n_features,)
        Variance.
    between : ndarray of shape (n_features,)
        The part between clusters: that of their means.
    """

    total: Floats
    between: Floats

    @property
    def within(self) -> Floats:
        """The part within clusters."""
        return np.maximum(self.total - self.between, 0.0)

    @property
    def share(self) -> Floats:
        """The part of every column in the whole sum of squares between clusters."""
        whole = float(self.between.sum())
        return self.between / whole if whole > 0 else np.zeros_like(self.between)


def shares_of(X: Any, labels: NDArray[np.integer], weights: Floats | None, k: int) -> Shares:
    """Take the variance of every column apart.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)
        The rows.
    labels : ndarray of shape (n_rows,)
        Their clusters.
    weights : ndarray of shape (n_rows,), or None
        Their weights.
    k : int
        Number of clusters.

    Returns
    -------
    Shares
    """
    n = len(labels)
    each = np.full(n, 1.0 / n) if weights is None else weights / weights.sum()
    member: Any = sp.csr_matrix((each, (labels, np.arange(n))), shape=(k, n))
    sizes = np.asarray(member.sum(axis=1)).ravel()
    sparse: bool = sp.issparse(X)
    if sparse:
        squares = np.asarray(X.multiply(X).T @ each).ravel()
        mean = np.asarray(X.T @ each).ravel()
        sums = (member @ X).toarray()
    else:
        mean = each @ X
        X = X - mean
        squares, sums, mean = each @ (X * X), member @ X, np.zeros_like(mean)
    filled = sizes > 0
    means = sums[filled] / sizes[filled, None] - mean
    total = np.maximum(squares - mean * mean, 0.0)
    return Shares(total, np.minimum(sizes[filled] @ (means * means), total))


def about_scales(
    data: Dataset,
    names: Sequence[str],
    found: Overlap,
    rows: NDArray[np.intp],
    skip: frozenset[int] = frozenset(),
) -> Iterator[Remark]:
    """Yield a remark where columns decide the clusters by the size of their numbers.

    Parameters
    ----------
    data : Dataset
        The rows.
    names : sequence of str
        What their columns are called.
    found : Overlap
        The clusters.
    rows : ndarray of intp
        The rows by which to judge: a sample is enough.
    skip : frozenset of int
        Columns of which something graver was said.

    Yields
    ------
    remark : Remark
        Of the kind "scale".
    """
    k = len(found.sizes)
    if k < 2 or len(rows) < 2:
        return
    X = _taken(data, rows)
    labels = found.labels[rows]
    weights = None if data.weights is None else data.weights[rows]
    with np.errstate(over="ignore", invalid="ignore"):
        shares = shares_of(X, labels, weights, k)
    if not (np.isfinite(shares.total).all() and shares.between.any()):
        return
    runs_on = float(found.weights @ found.matrix.sum(axis=1)) >= RUNS_ON * found.weights.sum()
    which = _dominant(shares, runs_on=runs_on)
    if not len(which) or skip.intersection(which):
        return
    rest = np.delete(shares.total, which)
    share = float(shares.share[which].sum())
    ratio = float(shares.total[which].min() / rest.max())
    shown = [for_terminal(names[at]) for at in which]
    numbers: dict[str, Any] = {
        "columns": [names[at] for at in which],
        "share": share,
        "times": ratio,
        "alone": False,
    }
    part = f"{min(share, 0.99):.0%}" if share < 0.995 else "over 99%"
    if len(which) == 1:
        rand = _by_itself(X, which[0], labels, weights, k, data.workers)
        numbers |= {"alone": rand >= SAME, "rand": rand}
        text = f"Column {shown[0]} has {part} of the sum of squares between the clusters"
        if numbers["alone"]:
            text = (
                f"Column {shown[0]} decides the clusters alone: a fit on it gives the same ones, "
                f"and it has {part} of the sum of squares between them"
            )
        text += f"; its variance is {times(ratio)} times that of any other."
    else:
        other = len(rest)
        text = (
            f"Columns {listed(shown, MOST)} have {part} of the sum of squares between the "
            f"clusters, and {times(ratio)} times the variance of the "
            f"{count(other, 'other column') if other > 1 else 'other column'}."
        )
    remedy = "Scale the columns (sklearn.preprocessing.StandardScaler) unless that is meant."
    yield Remark("scale", f"{text} {remedy}", numbers, gravity=2)


def _taken(data: Dataset, rows: NDArray[np.intp]) -> Any:
    """Give some rows as an array, or sparse ones as a CSR matrix."""
    if not data.sparse:
        return data.take(rows)
    source = data.source
    if isinstance(source, MemorySource):
        return sp.csr_matrix(source.X[rows], dtype=np.float64)
    step = max(1, (1 << 22) // data.n_features)
    parts = [sp.csr_matrix(data.take(rows[at : at + step])) for at in range(0, len(rows), step)]
    return sp.vstack(parts, "csr")


def _dominant(shares: Shares, *, runs_on: bool) -> NDArray[np.intp]:
    """Find the fewest columns that decide the clusters by their variance; often none."""
    if runs_on:
        by, gap = shares.total, LARGER
    else:
        by, gap = shares.within, WIDER
    order = np.argsort(-by, kind="stable")
    order = order[shares.total[order] > 0]
    if len(order) < 2:
        return order[:0]
    total, reached = shares.total[order], np.cumsum(shares.share[order])[:-1]
    enough = reached >= np.where(np.arange(len(reached)) == 0, HALF, MOST_OF_IT)
    far = by[order][:-1] >= gap * by[order][1:]
    largest = np.maximum.accumulate(total[::-1])[::-1]
    larger = np.minimum.accumulate(total)[:-1] >= LARGER / 2 * largest[1:]
    # Where most columns are larger than the rest, it is the rest that is small.
    sizes = 1 + np.flatnonzero(enough & far & larger)
    return order[: sizes[0]] if len(sizes) and sizes[0] <= (len(order) + 1) // 2 else order[:0]


def _by_itself(
    X: Any, at: int, labels: NDArray[np.integer], weights: Floats | None, k: int, workers: Workers
) -> float:
    """Fit on one column from the means of the clusters; compare by the adjusted Rand index."""
    sparse: bool = sp.issparse(X)
    picked = X[:, [at]]
    column: Floats = np.ascontiguousarray(picked.toarray() if sparse else picked)
    sizes = np.bincount(labels, weights=weights, minlength=k)
    each = column[:, 0] if weights is None else column[:, 0] * weights
    filled = sizes > 0
    means = np.bincount(labels, weights=each, minlength=k)[filled] / sizes[filled]
    means = np.unique(means)
    data = Dataset.of(MemorySource(column), weights, workers)
    model = fit(data, Given(means[:, None]), len(means), n_init=1, max_iter=300, tol=1e-6, rng=None)
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, model.labels))
