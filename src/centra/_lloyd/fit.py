"""From validated rows to a frozen model: tolerance, restarts, and a last pass for float32 rows.

The loop works with float64 centers. Those of float32 rows are rounded once at the end, and a last
pass gives every row the label of its nearest rounded center.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._data.block_state import BlockState
from centra._data.dataset import Dataset
from centra._lloyd.ahead import is_small, small_fits
from centra._lloyd.listeners import History
from centra._lloyd.loop import KMEANS, Descent, Rule, Variant, best_of
from centra._lloyd.model import Model, Record
from centra._lloyd.position import Follower, Keep, Position, generator_of
from centra._seeding.base import Seeding
from centra.events import Emitter, Listener


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
    variant: Variant = KMEANS,
    keep: Keep | None = None,
    begun: Position | None = None,
) -> Model:
    """Fit a model.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    seeding : Seeding
        Where first centers come from.
    n_clusters, n_init, max_iter : int
        Number of centers, of restarts, and of updates at most.
    tol : float
        Stop when the centers' squared shifts sum to at most tol times the mean column variance.
    rng : RandomState or Generator
        What the seeding draws from.
    listeners : iterable of callable
        Take every event.
    keep_centers : bool or None
        Whether the history holds centers; None while they fit 64 MB.
    variant : Variant
        Who gets which row, and where centers go.
    keep : callable or None
        Is told after every iteration where the fit is.
    begun : Position or None
        Where the fit goes on, if it was interrupted.

    Returns
    -------
    Model

    Raises
    ------
    OverflowError
        If the inertia exceeds the largest float64.
    """
    history = History(keep_centers)
    if begun is not None:
        best = () if begun.best is None else begun.best.records
        history, rng = History(keep_centers, best, begun.records), generator_of(begun.random)
    followers = [] if keep is None else [Follower(history, rng, keep, begun)]
    rule = Rule(max_iter, tol)
    listeners = (*followers, *listeners)
    if variant is KMEANS and not listeners and begun is None and is_small(data, n_clusters):
        variant = small_fits(rule)
    emit = Emitter((history, *listeners))
    end, runs = best_of(data, seeding, n_init, n_clusters, rule, rng, emit, variant, begun)
    records = list(history.best())
    centers: NDArray[np.floating] = np.array(end.centers)
    if data.dtype == np.float32:
        centers, end, records[-1] = rounded(data, end, records[-1])
    rows = end.assignment
    engine: dict[str, object] = {
        "isa": data.workers.isa,
        "n_threads": data.workers.n_threads,
        "limbs": data.plan.limbs,
        "sweeps": {name: n for name, n in rows.passes.items() if n},
        "kept": sum(data.executor.states(BlockState.packed_bytes)),
        "precision": {name: n for name, n in rows.precision.passes.items() if n},
        **rows.counts,
    }
    model = Model(
        centers,
        rows.labels if data.executor.gathers else np.empty(0, dtype=np.int32),
        end.inertia,
        end.n_iter,
        tuple(records),
        runs,
        engine,
        rows.distinct(),
        end.updater.means(rows, end.centers),
    )
    data.executor.states(BlockState.forget_labels)  # they are the model's now
    return model


def rounded(
    data: Dataset, end: Descent, record: Record
) -> tuple[NDArray[np.float32], Descent, Record]:
    """Round the centers of float32 rows once; labels and inertia become theirs.

    Raises
    ------
    OverflowError
        If float32 cannot hold a center.
    """
    reported = data.reported(end.centers)
    if reported is None:
        raise OverflowError(
            "a centre exceeds the largest float32; pass X.astype(np.float64), or an init nearer "
            "to the rows"
        )
    inertia, changed, rows = end.inertia, record.changed, end.assignment
    if not np.array_equal(reported, end.centers):
        # Whatever moved has not moved far: what is known of sparse rows still counts.
        rows.assign(reported, np.ones(len(reported), dtype=bool))
        inertia = end.updater.inertia(rows, reported)
        changed = rows.changed_since(end.before)
    centers = reported.astype(np.float32)
    kept = None if record.centers is None else centers
    record = replace(record, inertia=inertia, changed=changed, centers=kept)
    return centers, replace(end, centers=reported, inertia=inertia), record
