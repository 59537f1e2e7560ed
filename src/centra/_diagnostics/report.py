"""`KMeans.report`: remarks on how far a clustering can be trusted, each with its number.

It costs one pass that finds every row's two nearest centres, and a sample of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.nearest import nearest_labels
from centra._data.dataset import Dataset
from centra._diagnostics.closeness import about_closeness
from centra._diagnostics.columns import about_columns
from centra._diagnostics.fitted import Fitted
from centra._diagnostics.overlap import Overlap, overlap_of
from centra._diagnostics.portraits import counts_of, portraits_of, spreads_of
from centra._diagnostics.remark import Remark, gravest_first
from centra._diagnostics.separation import resolutions, separation_of
from centra._diagnostics.sizes import (
    NUMBERS,
    RowName,
    about_outliers,
    about_sizes,
    about_total,
    total_names,
    with_rows,
)
from centra._diagnostics.verdict import verdict_of
from centra._utils.escapes import for_html, html_table
from centra._utils.row_names import row_name
from centra._utils.text import count

Floats = NDArray[np.float64]

#: Restarts whose inertia is within this of the best have found the same.
SAME = 1e-3
#: What the printed table says of each cluster.
HEADS = ["cluster", "rows", "radius", "separation", "between"]
PORTRAITS = "what sets it apart"


@dataclass(frozen=True)
class Report:
    """Remarks on a clustering, and the numbers behind them.

    Attributes
    ----------
    remarks : tuple of Remark
        The gravest first.
    overlap : Overlap
        The numbers behind them: margins, zones, sizes, radii.
    n_rows, n_features : int
        Size of the data.
    inertia : float
        Of these rows.
    portraits : tuple of str
        What sets each cluster apart: "high weight, low age"; columns in which its rows are like all
        others are not named.
    """

    remarks: tuple[Remark, ...]
    overlap: Overlap = field(repr=False)
    n_rows: int
    n_features: int
    inertia: float
    portraits: tuple[str, ...] = field(default=(), repr=False)

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
    def verdict(self) -> str:
        """One sentence: whether to believe the clusters, and why not if not."""
        return verdict_of(self.remarks, len(self.overlap.sizes))

    @property
    def summary(self) -> str:
        """What was clustered, into how many clusters, with which inertia."""
        k = len(self.overlap.sizes)
        return (
            f"{count(k, 'cluster')} of {count(self.n_rows, 'row')} x "
            f"{count(self.n_features, 'column')}, inertia {self.inertia:.6g}"
        )

    def with_rows(self, name: RowName) -> Report:
        """Return the report with other names of rows in its remarks.

        Parameters
        ----------
        name : callable
            Returns how a row, counted from 0, is called: "line 17".
        """
        return replace(self, remarks=tuple(with_rows(each, name) for each in self.remarks))

    def __str__(self) -> str:
        """Give it as lines: a head, the verdict, the remarks, a table of the clusters."""
        remarks = [f"* {remark.text}" for remark in self.remarks]
        table = [HEADS, *self._cells()]
        lines = [f"{first:>7}" + "".join(f"{cell:>12}" for cell in rest) for first, *rest in table]
        said = [PORTRAITS, *self.portraits] if self.portraits else [""] * len(lines)
        lines = [f"{line}  {text}".rstrip() for line, text in zip(lines, said, strict=True)]
        remarks += [""] if remarks else []
        return "\n".join([self.summary, "", self.verdict, "", *remarks, *lines])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{for_html(remark.text)}</li>" for remark in self.remarks)
        cells, heads = self._cells(), HEADS
        if self.portraits:
            cells = ([*row, text] for row, text in zip(cells, self.portraits, strict=True))
            heads = [*HEADS, PORTRAITS]
        table = html_table(heads, cells)
        head = f"<p><b>{for_html(self.summary)}</b></p><p>{for_html(self.verdict)}</p>"
        return f"<div>{head}<ul>{remarks}</ul>{table}</div>"

    def _cells(self) -> Iterator[list[str]]:
        found, between = self.overlap, self.overlap.matrix.sum(axis=1)
        for j in range(len(found.sizes)):
            numbers = [f"{found.radius[j]:.4g}", f"{found.separation[j]:.4g}", f"{between[j]:.1%}"]
            yield [str(j), f"{found.sizes[j]:,}", *numbers]


def report_of(km: Fitted, data: Dataset, raw: Floats | None = None) -> Report:
    """Write the report on a fitted model.

    Parameters
    ----------
    km : Fitted
        The model.
    data : Dataset
        The rows that it was fitted on, or others.
    raw : ndarray of shape (n, n_features), optional
        These rows, or a sample of them, before they were scaled.

    Returns
    -------
    Report
    """
    given = getattr(km, "feature_names_in_", None)
    names = [str(q) for q in range(data.n_features)] if given is None else list(given)
    centers = np.ascontiguousarray(km.cluster_centers_, dtype=np.float64)
    found = overlap_of(data, centers, nearest_labels(data, centers))
    separation = separation_of(found, centers, data.weights, resolutions(data))
    remarks = [
        *_about_the_fit(km, found),
        *about_columns(data, names, found, raw),
        *about_closeness(found, separation),
        *about_sizes(found, data.n_rows),
        *about_outliers(found),
        *_about_total(data),
    ]
    inertia = float(found.inertia.sum())
    portraits = tuple(portraits_of(centers, counts_of(found), spreads_of(data), names))
    sorted_ = gravest_first(remarks)
    return Report(sorted_, found, data.n_rows, data.n_features, inertia, portraits)


def rows_named(found: Report, names: list[str] | None) -> Report:
    """Return a report that calls rows what the index of a data frame calls them.

    Parameters
    ----------
    found : Report
        On these rows.
    names : list of n_rows str, or None
        From `row_names_of`; None changes nothing.
    """
    if names is None:
        return found
    totals = total_names(names)
    if totals and not any(remark.kind == "total" for remark in found.remarks):
        remarks = [*found.remarks, *about_total(np.empty((len(names), 0)), names)]
        found = replace(found, remarks=gravest_first(remarks))
    return found.with_rows(partial(row_name, names))


def _about_total(data: Dataset) -> Iterator[Remark]:
    if not data.sparse and data.n_rows * data.n_features <= NUMBERS:
        yield from about_total(data.take(np.arange(data.n_rows)))


def _most_entangled(found: Overlap) -> NDArray[np.intp]:
    """Which other cluster has most of a cluster's rows between; -1 where none has any."""
    most = found.matrix.argmax(axis=1)
    return np.where(found.matrix.max(axis=1, initial=0.0) > 0, most, -1)


def _about_the_fit(km: Fitted, found: Overlap) -> Iterator[Remark]:
    k, filled = len(found.sizes), int(np.count_nonzero(found.sizes))
    if filled < k:
        yield Remark(
            "distinct",
            f"k is larger than the number of distinct rows: of {k} centres only {filled} "
            f"{'has' if filled == 1 else 'have'} rows.",
            {"n_clusters": k, "with_rows": filled},
            2,
        )
    best = min(km.runs_, key=lambda run: run.inertia)
    if not best.converged:
        changed = km.history_[-1].changed
        yield Remark(
            "unconverged",
            f"The fit was stopped after {count(best.n_iter, 'iteration')}, when "
            f"{count(changed, 'row')} still changed cluster: raise max_iter.",
            {"n_iter": best.n_iter, "changed": changed},
            2,
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
