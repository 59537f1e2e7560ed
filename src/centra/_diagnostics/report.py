"""`KMeans.report`: remarks on how far a clustering can be trusted, each with its number.

It costs one pass that finds every row's two nearest centres, and a sample of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.nearest import nearest_labels
from centra._data.dataset import Dataset
from centra._diagnostics.columns import about_columns
from centra._diagnostics.fitted import Fitted
from centra._diagnostics.overlap import Overlap, in_range, overlap_of
from centra._diagnostics.remark import MOST, Remark
from centra._utils.escapes import for_html, html_table
from centra._utils.text import count, listed

Floats = NDArray[np.float64]

#: Two clusters overlap where this share of their rows lies between them: a Gaussian that two
#: centres have cut in half has 0.38 there, a uniform strip 0.18, two that are 4 apart 0.06.
OVERLAPS = 0.10
#: The same for the share of one of the two, which may be much smaller than the other.
LEANS = 0.15
#: Fewer rows than this share of n / k are a cluster of outliers.
TINY = 0.01
#: Fewer rows than these say nothing about the width of their cluster.
FEW = 3
#: Rows so many radii from their centre are outliers; of one outlier and m other rows in a cluster
#: it is at most sqrt(m) radii away, so that only clusters of more than the square of it show any.
FAR = 10.0
#: A cluster with more than this share of the rows, among more than two.
HUGE = 0.8
#: Restarts whose inertia is within this of the best have found the same.
SAME = 1e-3
#: What the printed table says of each cluster.
HEADS = ["cluster", "rows", "radius", "separation", "between"]


@dataclass(frozen=True)
class Report:
    """Remarks on a clustering, and the numbers behind them.

    Attributes
    ----------
    remarks : tuple of Remark
        The most important first.
    overlap : Overlap
        The numbers behind them: margins, zones, sizes, radii.
    n_rows, n_features : int
        Size of the data.
    inertia : float
        Of these rows.
    """

    remarks: tuple[Remark, ...]
    overlap: Overlap = field(repr=False)
    n_rows: int
    n_features: int
    inertia: float

    @property
    def clusters(self) -> dict[str, NDArray[Any]]:
        """Columns of a table with a line per cluster: ``pandas.DataFrame(report.clusters)``.

        ``between`` is the share of the cluster's rows (by weight) that lie between it and another.
        """
        found = self.overlap
        k = len(found.sizes)
        return {
            "cluster": np.arange(k),
            "rows": found.sizes,
            "weight": found.weights,
            "inertia": found.inertia,
            "radius": found.radius,
            "separation": found.separation,
            "between": found.matrix.sum(axis=1),
            "nearest": _most_entangled(found),
        }

    @property
    def summary(self) -> str:
        """What was clustered, into how many clusters, with which inertia."""
        k = len(self.overlap.sizes)
        return (
            f"{count(k, 'cluster')} of {count(self.n_rows, 'row')} x "
            f"{count(self.n_features, 'column')}, inertia {self.inertia:.6g}"
        )

    def __str__(self) -> str:
        """Give it as lines: a head, the remarks, a table of the clusters."""
        remarks = [f"* {remark.text}" for remark in self.remarks]
        table = [HEADS, *self._cells()]
        lines = [f"{first:>7}" + "".join(f"{cell:>12}" for cell in rest) for first, *rest in table]
        return "\n".join([self.summary, "", *remarks, "", *lines])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{for_html(remark.text)}</li>" for remark in self.remarks)
        table = html_table(HEADS, self._cells())
        return f"<div><p><b>{for_html(self.summary)}</b></p><ul>{remarks}</ul>{table}</div>"

    def _cells(self) -> Iterator[list[str]]:
        found, between = self.overlap, self.overlap.matrix.sum(axis=1)
        for j in range(len(found.sizes)):
            numbers = [f"{found.radius[j]:.4g}", f"{found.separation[j]:.4g}", f"{between[j]:.1%}"]
            yield [str(j), f"{found.sizes[j]:,}", *numbers]


def report_of(km: Fitted, data: Dataset) -> Report:
    """Write the report on a fitted model.

    Parameters
    ----------
    km : Fitted
        The model.
    data : Dataset
        The rows that it was fitted on, or others.

    Returns
    -------
    Report
    """
    given = getattr(km, "feature_names_in_", None)
    names = [str(q) for q in range(data.n_features)] if given is None else list(given)
    centers = np.ascontiguousarray(km.cluster_centers_, dtype=np.float64)
    found = overlap_of(data, centers, nearest_labels(data, centers))
    remarks = [
        *_about_the_fit(km, found),
        *about_columns(data, names),
        *_about_overlap(found),
        *_about_sizes(found, data.n_rows),
        *_about_outliers(found),
    ]
    return Report(tuple(remarks), found, data.n_rows, data.n_features, float(found.inertia.sum()))


def _most_entangled(found: Overlap) -> NDArray[np.intp]:
    """Which other cluster has most of a cluster's rows between; -1 where none has any."""
    most = found.matrix.argmax(axis=1)
    return np.where(found.matrix.max(axis=1, initial=0.0) > 0, most, -1)


def _about_the_fit(km: Fitted, found: Overlap) -> Iterator[Remark]:
    k, filled = len(found.sizes), int(np.count_nonzero(found.sizes))
    if filled < k:
        yield Remark(
            "distinct",
            f"k is larger than the number of distinct rows: of {k} centres only {filled} have "
            "rows.",
            {"n_clusters": k, "with_rows": filled},
        )
    best = min(km.runs_, key=lambda run: run.inertia)
    if not best.converged:
        changed = km.history_[-1].changed
        yield Remark(
            "unconverged",
            f"The fit was stopped after {count(best.n_iter, 'iteration')}, when "
            f"{count(changed, 'row')} still changed cluster: raise max_iter.",
            {"n_iter": best.n_iter, "changed": changed},
        )
    if len(km.runs_) > 1:
        inertias = np.array([run.inertia for run in km.runs_])
        alike = int(np.count_nonzero(inertias <= best.inertia * (1 + SAME)))
        worst = float(inertias.max() / best.inertia - 1) if best.inertia > 0 else 0.0
        if alike < len(inertias):
            yield Remark(
                "restarts",
                f"{alike} of {len(inertias)} restarts found the best clustering; the worst "
                f"had an inertia {worst:.1%} higher.",
                {"alike": alike, "n_init": len(inertias), "worst": worst},
            )


def _about_overlap(found: Overlap) -> Iterator[Remark]:
    k = len(found.sizes)
    if k < 2:
        return
    filled = found.weights > 0
    upper = np.where(np.outer(filled, filled), np.triu(found.pairs, 1), 0.0)
    leaning = np.where(found.pairs < OVERLAPS, found.matrix, 0.0)
    close = [(int(i), int(j)) for i, j in np.argwhere(upper >= OVERLAPS)]
    close.sort(key=lambda pair: -upper[pair])
    entangled = {cluster for pair in close for cluster in pair}
    if close and len(entangled) == np.count_nonzero(filled):
        weights, _ = in_range(found.weights)
        share = float(weights @ found.matrix.sum(axis=1) / weights.sum())
        yield Remark(
            "split",
            f"Every cluster overlaps with another, and {share:.0%} of all rows lie between two "
            "clusters: these may be parts of fewer clusters, or of none. centra.sweep compares "
            "other numbers of clusters.",
            {"share": share},
        )
    for i, j in close[:MOST]:
        yield Remark(
            "overlap",
            f"Clusters {i} and {j} overlap: {upper[i, j]:.0%} of their rows lie between them.",
            {"clusters": (i, j), "share": float(upper[i, j])},
        )
    if len(close) > MOST:
        rest = len(close) - MOST
        yield Remark(
            "overlap", f"{count(rest, 'other pair')} of clusters overlap.", {"pairs": rest}
        )
    for i, j in [(int(i), int(j)) for i, j in np.argwhere(leaning >= LEANS)][:MOST]:
        yield Remark(
            "overlap",
            f"{leaning[i, j]:.0%} of the rows of cluster {i} lie between it and the larger "
            f"cluster {j}.",
            {"clusters": (i, j), "share": float(leaning[i, j])},
        )
    if close or leaning.max() >= LEANS:
        return
    # A handful of outliers is far from everything, which says nothing about the other rows.
    told = np.flatnonzero(found.sizes >= max(FEW, TINY * found.sizes.sum() / k))
    if len(told) >= 2:
        shares = upper[np.ix_(told, told)]
        i, j = (int(told[x]) for x in np.unravel_index(shares.argmax(), shares.shape))
        text = "The clusters are well separated: "
        if upper[i, j] > 0:
            text += f"the closest, {i} and {j}, have {upper[i, j]:.1%} of their rows between them."
        else:
            text += "no row lies between two of them."
        yield Remark("separate", text, {"clusters": (i, j), "share": float(upper[i, j])})


def _about_outliers(found: Overlap) -> Iterator[Remark]:
    with np.errstate(invalid="ignore", divide="ignore"):
        radii = found.distances / found.radius[found.labels]
    far = np.flatnonzero(radii > FAR)
    if len(far):
        far = far[np.argsort(-radii[far], kind="stable")]
        first, most = int(far[0]), float(radii[far[0]])
        which = listed([str(row) for row in far], MOST)
        yield Remark(
            "outliers",
            f"{count(len(far), 'outlier')}, rows counted from 0: {which}. Row {first} lies "
            f"{most:,.0f} radii from the centre of cluster {found.labels[first]}.",
            {"rows": far.tolist(), "radii": radii[far].tolist()},
        )


def _about_sizes(found: Overlap, n_rows: int) -> Iterator[Remark]:
    k = len(found.sizes)
    if k < 2:
        return
    tiny = np.flatnonzero((found.sizes > 0) & (found.sizes < TINY * n_rows / k))
    for j in tiny[:MOST]:
        yield Remark(
            "small",
            f"Cluster {j} holds {count(int(found.sizes[j]), 'row')} of {n_rows:,}: outliers?",
            {"cluster": int(j), "rows": int(found.sizes[j])},
        )
    largest = int(found.sizes.argmax())
    share = found.sizes[largest] / n_rows
    if k > 2 and share > HUGE:
        yield Remark(
            "large",
            f"Cluster {largest} holds {share:.0%} of the rows.",
            {"cluster": largest, "share": float(share)},
        )
