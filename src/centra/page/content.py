"""What a page shows, as plain data: from models, their histories and their reports."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra.dataset import Dataset, prepare
from centra.engine import nearest_labels
from centra.kmeans import KMeans
from centra.model import Record
from centra.plot import palette
from centra.plot.choice import BARS, CRITERIA
from centra.plot.given import evenly
from centra.plot.named import names_of
from centra.plot.plane import Plane, plane_of_rows
from centra.sources import MemorySource
from centra.threads import team

#: Rows that are drawn, at most.
SAMPLE = 5000
#: Bytes of all labels of all steps: the page stays below 10 MB with the drawing library in it.
LABEL_BYTES = 2_500_000
#: Steps of one fit that are shown even if there is little room.
FEWEST_STEPS = 8
#: Columns that are shown for a row.
COLUMNS = 12
#: What columns over k are called; others by their names.
TITLES = {
    "n_iter": "iterations",
    **{name: title for name, (title, _) in CRITERIA.items()},
    **{bar: f"{CRITERIA[name][0]}: {what}" for name, (bars, what) in BARS.items() for bar in bars},
}


def content_of(
    models: Mapping[int, KMeans],
    X: Any,
    *,
    sample_weight: Any = None,
    title: str = "k-means",
    sample: int = SAMPLE,
    seed: int = 0,
    notes: Mapping[int, Sequence[str]] | None = None,
    criteria: Mapping[str, Any] | None = None,
    verdict: tuple[str, ...] = (),
    chosen: int | None = None,
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
    title : str
        What the data is called.
    sample : int
        Rows that are drawn, at most: a seeded sample if there are more.
    seed : int
        Of that sample.
    notes : mapping of int to sequence of str, or None
        What else to say about a model, after its remarks.
    criteria : mapping of str to array, or None
        Columns of a table over k, "k" among them.
    verdict : tuple of str
        What to say about the choice of k.
    chosen : int or None
        The k that is shown first; None takes the smallest.

    Returns
    -------
    content : dict
        Numbers, strings, lists and dicts, ready for JSON; arrays are base64 of little-endian bytes.

    Raises
    ------
    ValueError
        If there is no model, or X are not the rows that they were fitted on.
    """
    if not models:
        raise ValueError("There is no model to show: models is empty.")
    ks = sorted(models)
    data = _rows_of([models[k] for k in ks], X, sample_weight)
    first = models[ks[0]]
    n = data.n_rows
    rows = np.arange(n)
    if n > sample:
        rows = np.sort(np.random.default_rng(seed).choice(n, sample, replace=False))
    drawn = data.source.take(rows)
    few = prepare(first, MemorySource(drawn), data.team)
    names = names_of(first, data.n_features)
    plane = plane_of_rows(drawn, names)
    axes = list(plane.names)
    points = _two_columns(plane.points)
    steps = max(FEWEST_STEPS, LABEL_BYTES // (len(rows) * len(ks)))
    return {
        "title": title,
        "rows": n,
        "columns": names,
        "drawn": len(rows),
        "seed": seed,
        "axes": axes if len(axes) == 2 else [axes[0], ""],
        "x": _packed(points[:, 0], "<f4"),
        "y": _packed(points[:, 1], "<f4"),
        "numbers": _packed(rows, "<u4"),
        "values": [_packed(drawn[:, q], "<f4") for q in range(min(COLUMNS, data.n_features))],
        "colors": list(palette.COLORS),
        "chosen": chosen if chosen in models else ks[0],
        "criteria": _table(criteria, models),
        "titles": TITLES,
        "verdict": list(verdict),
        "models": [
            _model(models[k], data, few, rows, plane, steps, (notes or {}).get(k, ())) for k in ks
        ],
    }


def _rows_of(models: Sequence[KMeans], X: Any, sample_weight: Any) -> Dataset:
    """Validate the rows once, for the first model, and again for those fitted on other columns."""
    first, *others = models
    data = prepare(first, X, team(first.n_threads), sample_weight=sample_weight, weigh=True)
    for km in others:
        if names_of(km, km.n_features_in_) != names_of(first, data.n_features):
            prepare(km, X, data.team)  # which says what is wrong
    for km in models:
        if len(km.labels_) != data.n_rows:
            raise ValueError(
                f"X has {data.n_rows:,} rows, but the model of k = {len(km.cluster_centers_)} was "
                f"fitted on {len(km.labels_):,}; pass those."
            )
    return data


def _check_labels(km: KMeans, found: NDArray[np.int32]) -> None:
    """Refuse other rows than those of the fit: theirs have its labels, to the last row."""
    differ = int(np.count_nonzero(found != km.labels_))
    if differ:
        raise ValueError(
            f"X are not the rows that the model of k = {len(km.cluster_centers_)} was fitted on: "
            f"{differ:,} of {len(found):,} labels differ; pass those, e.g. scaled as for the fit."
        )


def _nearest(few: Dataset, centers: NDArray[np.floating]) -> NDArray[np.int32]:
    return nearest_labels(few, np.ascontiguousarray(centers, dtype=np.float64))


def _model(
    km: KMeans,
    data: Dataset,
    few: Dataset,
    rows: NDArray[np.intp],
    plane: Plane,
    most: int,
    notes: Sequence[str],
) -> dict[str, Any]:
    report = km._report_prepared(data)
    found = report.overlap
    _check_labels(km, found.labels)
    shown = _some([record for record in km.history_ if record.centers is not None], most)
    steps = []
    for record in shown:
        assert record.centers is not None
        last = record is shown[-1]
        labels = found.labels[rows] if last else _nearest(few, record.centers)
        steps.append(_step(record, record.centers, labels, plane))
    if not steps:  # centres of the way were not kept
        steps.append(_step(km.history_[-1], km.cluster_centers_, found.labels[rows], plane))
    clusters = {name: _plain(values) for name, values in report.clusters.items()}
    return {
        "k": len(km.cluster_centers_),
        "inertia": report.inertia,
        "n_iter": km.n_iter_,
        "steps": steps,
        "remarks": [*(remark.text for remark in report.remarks), *notes],
        "clusters": clusters,
        "centers": [_plain(center) for center in np.asarray(km.cluster_centers_, np.float64)],
        "between": _packed(found.between[rows], "u1"),
    }


def _step(
    record: Record, centers: NDArray[np.floating], labels: NDArray[np.int32], plane: Plane
) -> dict[str, Any]:
    places = _two_columns(plane.project(centers.astype(np.float64)))
    return {
        "iteration": record.iteration,
        "inertia": record.inertia,
        "changed": record.changed,
        "centers": [_plain(places[:, 0]), _plain(places[:, 1])],
        "labels": _packed(labels, "u1" if len(centers) <= 256 else "<u2"),
    }


def _some(records: list[Record], most: int) -> list[Record]:
    """All of them, or the first half of `most` and the others evenly, with the last."""
    if len(records) <= most:
        return records
    head = most // 2
    rest = records[head:]
    return records[:head] + [rest[at] for at in evenly(len(rest), most - head)]


def _two_columns(points: NDArray[np.floating]) -> NDArray[np.floating]:
    if points.shape[1] == 2:
        return points
    return np.column_stack([points[:, 0], np.zeros(len(points))])


def _table(criteria: Mapping[str, Any] | None, models: Mapping[int, KMeans]) -> dict[str, Any]:
    if criteria is None:
        ks = sorted(models)
        criteria = {"k": ks, "inertia": [models[k].inertia_ for k in ks]}
    return {name: _plain(np.asarray(values)) for name, values in criteria.items()}


def _plain(values: NDArray[Any]) -> list[Any]:
    """Numbers as JSON has them: what is not finite becomes None."""
    return [None if isinstance(x, float) and not np.isfinite(x) else x for x in values.tolist()]


def _packed(values: NDArray[Any], dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values).astype(dtype).tobytes()).decode("ascii")
