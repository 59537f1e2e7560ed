"""What a page shows, as plain data: from models, their histories and their reports."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._assign.nearest import nearest_labels
from centra._diagnostics.portraits import Spreads, spreads_of
from centra._diagnostics.report import report_of, rows_named
from centra._estimators.kmeans import KMeans
from centra._lloyd.model import Record
from centra._utils.jsonable import plain
from centra.page.choice import choice_of
from centra.page.clusters import clusters_of
from centra.page.labels import Labels, labels_of
from centra.page.opening import opening_of
from centra.page.provenance import provenance_of
from centra.page.rows import Drawn, drawn_of
from centra.page.wording import Wording, gravest_of
from centra.plot import palette
from centra.plot.given import evenly
from centra.selection import Sweep

Floats = NDArray[np.floating]

#: Rows that are drawn, at most.
SAMPLE = 5000
#: Bytes of all labels of all steps: the page stays below 10 MB with the drawing library in it.
LABEL_BYTES = 2_500_000
#: Iterations of one fit that are shown even if they make the page large.
FEWEST_STEPS = 8
#: Columns that are shown for a row.
COLUMNS = 12


def content_of(
    models: Mapping[int, KMeans],
    X: Any,
    *,
    sample_weight: Any = None,
    scaler: Any = None,
    labels: Mapping[str, Any] | None = None,
    title: str = "k-means",
    sample: int = SAMPLE,
    seed: int = 0,
    notes: Mapping[int, Sequence[str]] | None = None,
    sweep: Sweep | None = None,
    provenance: Mapping[str, str] | None = None,
    wording: Wording | None = None,
) -> dict[str, Any]:
    """Collect what a page shows.

    Parameters
    ----------
    models : mapping of int to KMeans
        Fitted models by their number of clusters.
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows that they were fitted on.
    sample_weight : array-like of shape (n_samples,), float or None
        Their weights.
    scaler : transformer or None
        What made X of rows in the columns' own units: centres and values of rows are shown in
        those.
    labels : mapping of str to array-like of shape (n_samples,), or None
        Labels of the rows by what they are called, to compare clusters with.
    title : str
        What the data is called.
    sample : int
        Rows that are drawn, at most: a seeded sample if there are more.
    seed : int
        Of that sample.
    notes : mapping of int to sequence of str, or None
        What else to say about a model, after its remarks.
    sweep : Sweep or None
        What compared the models, if anything did.
    provenance : mapping of str to str, or None
        How the page was made, beside what the models know.
    wording : Wording or None
        What is changed in texts before they are shown.

    Returns
    -------
    content : dict
        Numbers, strings, lists and dicts, ready for JSON; arrays are base64 of little-endian bytes.

    Raises
    ------
    ValueError
        If there is no model, X are not the rows that they were fitted on, the scaler is not that of
        X, or there is not one label for each row.
    """
    if not models:
        raise ValueError("There is no model to show: models is empty.")
    ks, wording = sorted(models), wording or Wording()
    drawn = drawn_of([models[k] for k in ks], X, sample_weight, sample, seed, scaler, wording.rows)
    spreads = spreads_of(drawn.data, None if scaler is None else drawn.own)
    known = labels_of(labels, drawn.data.n_rows)
    points, scaled = drawn.points, _scaled(scaler)
    steps = max(FEWEST_STEPS, LABEL_BYTES // (len(drawn.rows) * len(ks)))
    shown = [
        _model(models[k], drawn, spreads, known, steps, (notes or {}).get(k, ()), wording)
        for k in ks
    ]
    ways = [np.transpose(step["centers"]) for model in shown for step in model["steps"]]
    return {
        "title": title,
        "rows": drawn.data.n_rows,
        "columns": drawn.names,
        "drawn": len(drawn.rows),
        "seed": seed,
        "axes": drawn.axes,
        "scaled": scaled,
        "x": packed(points[:, 0], "<f4"),
        "y": packed(points[:, 1], "<f4"),
        "numbers": packed(drawn.rows, "<u4"),
        "called": drawn.called,
        "values": [packed(values, "<f4") for values in drawn.values[:, :COLUMNS].T],
        "colors": list(palette.COLORS),
        "opening": opening_of(points, np.concatenate([points[:1], *ways])),
        "labels": [each.plain() for each in known],
        "models": shown,
        "provenance": provenance_of([models[k] for k in ks], scaled, provenance),
        "call": wording.call,
        **choice_of(models, sweep, wording.text),
    }


def _scaled(scaler: Any) -> str:
    """Say in what units rows were clustered; "" if it is their own."""
    if scaler is None:
        return ""
    name = type(scaler).__name__
    deviations = name == "StandardScaler" and scaler.scale_ is not None
    return "standard deviations" if deviations else f"units of {name}"


def _check_rows(km: KMeans, found: NDArray[np.int32], inertia: float) -> None:
    """Refuse other rows than those of the fit: theirs have its labels and its inertia."""
    differ = int(np.count_nonzero(found != km.labels_))
    if differ:
        raise ValueError(
            f"X are not the rows that the model of k = {len(km.cluster_centers_)} was fitted on: "
            f"{differ:,} of {len(found):,} labels differ; pass the rows of the fit, scaled as they "
            "were for it."
        )
    if not math.isclose(inertia, km.inertia_, rel_tol=1e-9, abs_tol=1e-300):
        raise ValueError(
            f"X are not the rows that the model of k = {len(km.cluster_centers_)} was fitted on, "
            f"or sample_weight not their weights: their inertia is {inertia:.9g}, and the fit had "
            f"{km.inertia_:.9g}; pass the rows of the fit, scaled as they were for it, and their "
            "weights."
        )


def _model(
    km: KMeans,
    drawn: Drawn,
    spreads: Spreads,
    known: Sequence[Labels],
    most: int,
    notes: Sequence[str],
    wording: Wording,
) -> dict[str, Any]:
    raw = None if drawn.scaler is None else drawn.values.astype(np.float64)
    report = wording.report(rows_named(report_of(km, drawn.data, raw), drawn.index))
    found = report.overlap
    _check_rows(km, found.labels, report.inertia)
    k, gravest = len(km.cluster_centers_), gravest_of(report)
    own = drawn.own(km.cluster_centers_.astype(np.float64))
    return {
        "k": k,
        "inertia": report.inertia,
        "n_iter": km.n_iter_,
        "steps": _steps(km, drawn, found.labels, most),
        "verdict": wording.text(report.verdict),
        "gravest": "" if gravest is None else gravest.text,
        "remarks": [*(remark.text for remark in report.remarks), *notes],
        "styles": _styles(km.cluster_centers_),
        **clusters_of(report, own, spreads, drawn.names),
        "labels": [each.against(found.labels, k) for each in known],
    }


def _styles(centers: Floats) -> list[int]:
    """Choose a colour for each cluster, as the figures do."""
    styles: list[int] = palette.assigned(centers).tolist()
    return styles


def _steps(km: KMeans, drawn: Drawn, labels: NDArray[np.int32], most: int) -> list[dict[str, Any]]:
    """Collect the iterations that are shown, the last of them with the labels of the model."""
    shown = _some([record for record in km.history_ if record.centers is not None], most)
    steps = []
    for record in shown:
        assert record.centers is not None
        last = record is shown[-1]
        centers = np.ascontiguousarray(record.centers, dtype=np.float64)
        now = labels[drawn.rows] if last else nearest_labels(drawn.few, centers)
        steps.append(_step(record, drawn.places(centers), now))
    if not steps:  # centres of the way were not kept
        places = drawn.places(km.cluster_centers_)
        steps.append(_step(km.history_[-1], places, labels[drawn.rows]))
    return steps


def _step(record: Record, places: Floats, labels: NDArray[np.int32]) -> dict[str, Any]:
    return {
        "iteration": record.iteration,
        "inertia": record.inertia,
        "changed": record.changed,
        "centers": [plain(places[:, 0]), plain(places[:, 1])],
        "labels": packed(labels, "u1" if len(places) <= 256 else "<u2"),
    }


def _some(records: list[Record], most: int) -> list[Record]:
    """All of them, or the first half of `most` and the others evenly, with the last."""
    if len(records) <= most:
        return records
    head = most // 2
    rest = records[head:]
    return records[:head] + [rest[at] for at in evenly(len(rest), most - head)]


def packed(values: NDArray[Any], dtype: str) -> str:
    """Give numbers as base64 of their bytes.

    Examples
    --------
    >>> packed(np.array([1, 2]), "<u2")
    'AQACAA=='
    """
    # Beyond float32 a coordinate is infinite, and not drawn. (numpy 1.26 also warns of overflows of
    # what ran before.)
    with np.errstate(over="ignore"):
        cast = np.ascontiguousarray(values).astype(dtype)
    return base64.b64encode(cast.tobytes()).decode("ascii")
