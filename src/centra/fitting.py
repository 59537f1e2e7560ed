"""From validated rows to a frozen model: tolerance, restarts, and the last sweep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from centra.dataset import Dataset
from centra.descent import Rule, best_of
from centra.engine import nearest_labels
from centra.events import Emitter, Listener
from centra.listeners import History
from centra.model import Model
from centra.seeding import Seeding


def fit(
    data: Dataset,
    seeding: Seeding,
    n_clusters: int,
    *,
    n_init: int,
    max_iter: int,
    tol: float,
    rng: Any,
    listeners: Iterable[Listener] = (),
    keep_centers: bool | None = None,
) -> Model:
    """Fit a model.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    seeding : Seeding
        Where first centres come from.
    n_clusters, n_init, max_iter : int
        Number of centres, of restarts, and of updates at most.
    tol : float
        Stop when the centres' squared shifts sum to at most tol times the mean column variance.
    rng : RandomState or Generator
        What the seeding draws from.
    listeners : iterable of callable
        Take every event.
    keep_centers : bool or None
        Whether the history holds centres; None while they fit 64 MB.

    Returns
    -------
    Model

    Raises
    ------
    OverflowError
        If the inertia exceeds the largest float64.
    """
    history = History(keep_centers)
    rule = Rule(max_iter, tol * data.mean_variance if tol > 0 else 0.0)
    emit = Emitter((history, *listeners))
    end, _, runs = best_of(data, seeding, n_init, n_clusters, rule, rng, emit)
    records = list(history.best())
    centers = np.array(end.centers)
    inertia, rows = end.inertia, end.rows
    if data.source.dtype == np.float32:
        # The reported centres are rounded once; labels and inertia are to be theirs.
        reported = data.reported(centers)
        if reported is None:
            raise OverflowError(
                "a centre exceeds the largest float32; use X.astype(float64) or nearer centres"
            )
        centers = reported.astype(np.float32)
        inertia = rows.assign(reported)
        if end.reason != "stopped":
            changed = rows.engine.changed_since()
        elif end.before is None:
            changed = data.n_rows
        else:  # nobody knew that it would be the last iteration: find the labels before it again
            changed = int(np.count_nonzero(nearest_labels(data, end.before) != rows.labels))
        kept = None if records[-1].centers is None else centers
        records[-1] = replace(records[-1], inertia=inertia, changed=changed, centers=kept)
    engine: dict[str, object] = {
        "isa": data.team.isa,
        "n_threads": data.team.n_threads,
        "limbs": data.plan.limbs,
        "sweeps": {name: n for name, n in rows.engine.sweeps.items() if n},
        "precision": {name: n for name, n in rows.engine.precision.sweeps.items() if n},
        **rows.engine.counts,
    }
    return Model(
        centers,
        rows.labels,
        inertia,
        end.n_iter,
        tuple(records),
        runs,
        engine,
        rows.distinct(),
        rows.means(centers.astype(np.float64)),
    )
