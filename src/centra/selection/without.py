"""A sweep without outlying rows: they make clusters of their own, and stretch the gap's box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.outliers import outlying
from centra._estimators.kmeans import KMeans
from centra._utils.text import count
from centra.selection.criteria import Bench, Clustering
from centra.selection.samples import Fitter, Sample
from centra.selection.silhouette import exact_silhouettes

Floats = NDArray[np.float64]

#: The share of rows that may be outlying: more are no outliers, but clusters.
RARE = 0.1


@dataclass(frozen=True)
class Without:
    """What criteria say of a sample without outlying rows.

    Attributes
    ----------
    rows : ndarray of shape (n_outlying,)
        Which rows of X, among those of the sample, are outlying.
    columns : dict of str to ndarray of shape (n_ks,)
        Criteria by name, of fits to the other rows.
    reasons : dict of str to dict of int to str
        Why a criterion is NaN, by its name and k.
    own : dict of int to tuple of int
        For every k of the sweep, how many clusters have only outlying rows, and how many rows
        those have.
    """

    rows: NDArray[np.intp]
    columns: dict[str, Floats] = field(repr=False)
    reasons: dict[str, dict[int, str]] = field(repr=False)
    own: dict[int, tuple[int, int]] = field(repr=False)

    @classmethod
    def of(
        cls,
        sample: Sample,
        far: NDArray[np.intp],
        models: Mapping[int, KMeans],
        fitter: Fitter,
        seeds: np.random.SeedSequence,
        exact: bool,
    ) -> Without:
        """Fit every k to the rows that are left.

        Parameters
        ----------
        sample : Sample
            Those rows.
        far : ndarray
            Which rows of X were left out.
        models : mapping of int to KMeans
            The models of all rows.
        fitter : Fitter
            How to fit.
        seeds : SeedSequence
            What draws are derived from.
        exact : bool
            Whether to compute exact silhouettes.
        """
        data = fitter.prepared(sample)
        bench = Bench(data)
        ks = [k for k in models if k <= len(sample)]
        nests = fitter.nests(data, ks, np.random.default_rng(seeds))
        found = {k: Clustering.of(fitter.model(data, nests, k), data.weights) for k in ks}
        numbers: dict[int, dict[str, float]] = {k: {} for k in models}
        reasons: dict[str, dict[int, str]] = {}
        for k in ks:
            numbers[k], why = bench.compare(found[k])
            for name, reason in why.items():
                reasons.setdefault(name, {})[k] = reason
        names = ["simplified_silhouette", "calinski_harabasz", "davies_bouldin", "bic"]
        if exact:
            names.append("silhouette")
            sound = [k for k in ks if found[k].why_not() is None]
            scores = exact_silhouettes(data, [found[k] for k in sound])
            for k, score in zip(sound, scores, strict=True):
                numbers[k]["silhouette"] = score
        columns = {name: np.array([numbers[k].get(name, np.nan) for k in models]) for name in names}
        return cls(far, columns, reasons, {k: _own(km, far) for k, km in models.items()})

    def counting_far(self, k: int) -> int | None:
        """Return the k of the sweep whose model has k clusters beside those of outlying rows."""
        found = [more for more, (own, _) in self.own.items() if own and more - own == k]
        return max(found, key=lambda more: (self.own[more][1], -more), default=None)

    def said(self, k: int) -> str:
        """Say what outlying rows have to do with k."""
        more = self.counting_far(k)
        if more is None:
            n = len(self.rows)
            return f"{count(n, 'outlying row')} {'was' if n == 1 else 'were'} left out of this."
        clusters, rows = self.own[more]
        if clusters == rows:
            what, them = count(rows, "single row"), "it" if rows == 1 else "them"
            return (
                f"k = {more} counts {what} as {'a cluster' if rows == 1 else 'clusters'}; "
                f"without {them} k = {k}."
            )
        what = f"{count(rows, 'outlying row')} as {count(clusters, 'cluster')}"
        return f"k = {more} counts {what}; without them k = {k}."


def without_outliers(sample: Sample) -> tuple[Sample, NDArray[np.intp]] | None:
    """Split off the outlying rows of a sample; None where there are none, or rows are sparse."""
    if sample.sparse or sample.where is None:
        return None
    far = outlying(sample.rows)
    if not far.any() or far.sum() > RARE * len(sample):
        return None
    return sample.part(np.flatnonzero(~far)), sample.where[far]


def _own(km: KMeans, far: NDArray[np.intp]) -> tuple[int, int]:
    """Count clusters that have no other rows than outlying ones, and their rows."""
    sizes: Any = np.bincount(km.labels_, minlength=km.n_clusters)
    of_far = np.bincount(km.labels_[far], minlength=km.n_clusters)
    only = (sizes == of_far) & (sizes > 0)
    return int(only.sum()), int(sizes[only].sum())
