"""The sample that the costly criteria work on: a stated number of rows, drawn with a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._estimators.base import prepared
from centra._estimators.kmeans import KMeans
from centra._lloyd.fit import fit
from centra._lloyd.model import Model
from centra._utils.sampling import sampled
from centra._utils.text import count
from centra.selection.nesting import Nest
from centra.sources import MemorySource

Floats = NDArray[np.float64]

#: Numbers of a sample at most (32 MiB): of wide rows it holds fewer.
NUMBERS = 1 << 22
#: Numbers of a sample that is fitted from `STARTS` starts unless `n_init` says otherwise: it takes
#: moments, and a single start that got stuck is a number that misleads.
FEW = 1 << 15
STARTS = 3
#: Bytes that a fit may keep for every number, to be faster: 2 for its sweeps, or 4 for its seeding.
KEPT = 6


@dataclass(frozen=True)
class Sample:
    """Some rows with their weights, none of which is zero.

    Attributes
    ----------
    rows : ndarray or CSR matrix of shape (n_samples, n_features)
        The rows: float32 or float64, as X has them.
    weights : ndarray of float64 of shape (n_samples,) or None
        Their weights.
    where : ndarray of shape (n_samples,) or None
        Which rows of X they are.
    """

    rows: Any
    weights: Floats | None
    where: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.rows.shape[0])

    @property
    def sparse(self) -> bool:
        """Whether rows store only what is not zero."""
        return not isinstance(self.rows, np.ndarray)

    def different(self, most: int) -> int:
        """Count different rows, up to one more than `most`."""
        if self.sparse:  # those of sparse rows are not compared
            return min(len(self), most + 1)
        first, found = np.arange(len(self)), 0
        while len(first) and found <= most:
            same = (self.rows[first] == self.rows[first[0]]).all(axis=1)
            first, found = first[~same], found + 1
        return found

    def has_only(self, different: int) -> str:
        """Say that there are no more different rows than these."""
        if different == len(self):
            return f"the sample has {count(different, 'row')}"
        return f"the sample has {count(different, 'different row')}"

    def part(self, which: NDArray[np.intp]) -> Sample:
        """Return some of its rows."""
        weights = None if self.weights is None else self.weights[which]
        return Sample(self.rows[which], weights, None if self.where is None else self.where[which])


def draw(data: Dataset, size: int, rng: np.random.Generator) -> Sample:
    """Draw rows without replacement, in their order, from those that weigh something.

    Parameters
    ----------
    data : Dataset
        Rows and weights; every row that weighs something is as likely as any other, and keeps its
        weight.
    size : int
        How many at most.
    rng : Generator
        What to draw from.
    """
    weights, source = data.weights, data.source
    rows = np.arange(data.n_rows) if weights is None else np.flatnonzero(weights)
    if not source.sparse:
        size = min(size, max(1, NUMBERS // data.n_features))
    rows = sampled(rows, size, rng)
    stored = source.X if source.sparse and isinstance(source, MemorySource) else None
    taken = source.take(rows).astype(source.dtype, copy=False) if stored is None else stored[rows]
    return Sample(taken, None if weights is None else weights[rows], rows)


@dataclass(frozen=True)
class Fitter:
    """Fits of a sample: greedy k-means++, nothing kept but the model.

    Attributes
    ----------
    like : KMeans
        Whose `n_init`, `max_iter`, `tol` and `n_threads` hold ("auto" is one start, or three of a
        small sample).
    starts : int or None
        Starts of each fit, in place of `n_init`.
    """

    like: KMeans
    starts: int | None = None

    def prepared(self, sample: Sample) -> Dataset:
        """Return the rows of a sample, validated."""
        who = KMeans(1, n_threads=self.like.n_threads)
        data = prepared(who, sample.rows, sample_weight=sample.weights, weigh=True, reset=True)
        data.allow(KEPT * data.n_rows * (data.n_features + 2))
        return data

    def nests(
        self, data: Dataset, ks: Sequence[int], rng: np.random.Generator, least: int = 1
    ) -> list[Nest]:
        """Return the first centres of every k, once for every start: of some, unless it is said."""
        if self.starts is not None:
            return [Nest(ks, int(rng.integers(1 << 32))) for _ in range(self.starts)]
        few = data.n_rows * data.n_features <= FEW
        starts = max(least, STARTS if few else 1)
        if self.like.n_init != "auto":
            starts = int(self.like.n_init)
        return [Nest(ks, int(rng.integers(1 << 32))) for _ in range(starts)]

    def model(self, data: Dataset, nests: Sequence[Nest], k: int) -> Model:
        """Fit k clusters from every start; return the model of the lowest inertia."""
        models = (
            fit(
                data,
                nest.seeding(k),
                k,
                n_init=1,
                max_iter=self.like.max_iter,
                tol=self.like.tol,
                rng=None,
                keep_centers=False,
            )
            for nest in nests
        )
        return min(models, key=lambda model: model.inertia)
