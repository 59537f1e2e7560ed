"""Labels of rows by given centers, in one pass: what `predict` and `assign` do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from centra._assign.choice import sorts_for_one_pass
from centra._assign.filters import Label, Target
from centra._assign.precision import Precision
from centra._data.dataset import Dataset


def nearest_labels(
    data: Dataset, centers: NDArray[np.float64], keep: bool = False
) -> NDArray[np.int32]:
    """Return the label of every row's nearest center: one pass.

    With `keep`, rows stay packed for later passes, if the budget allows it.
    """
    stats = data.stats if sorts_for_one_pass(data, len(centers)) else None
    (labels,) = data.run(Label(target_of(data, centers, keep), stats)).whole()
    return labels


def target_of(data: Dataset, centers: NDArray[np.float64], keep: bool = False) -> Target:
    """Return centers as a single pass needs them."""
    if not data.holds(centers):
        return Target(centers, data.frame_for(centers))
    precision = Precision(data)
    if precision.int8(centers):
        return Target(centers, data.frame, int8=True)
    max_norm = precision.max_norm(len(centers), keep)
    return Target(centers, data.frame, max_norm, keep and keeps(data, max_norm))


def keeps(data: Dataset, max_norm: float | None) -> bool:
    """Whether the budget allows to keep what a pass packs."""
    return data.budget.narrow or (max_norm is not None and data.budget.packs_int16(data.workers))
