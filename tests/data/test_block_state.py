"""State of rows belongs to their block: any number of blocks, resident or not, gives one answer."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._core import Workers
from centra._data.block_state import BlockState
from compare import check_same_fit
from parts import CUTS, Parts


@pytest.mark.parametrize("resident", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("d", "memory"), [(2, None), (3, None), (8, None), (32, "50MB"), (32, None)]
)
def test_any_number_of_blocks(d: int, memory: str | None, dtype: Any, resident: bool) -> None:
    rng = np.random.default_rng(d)
    X = (rng.normal(size=(6000, d)) + 6 * rng.integers(0, 3, size=(6000, 1))).astype(dtype)
    for init in (X[:20], "k-means++", "k-means||"):
        how: dict[str, Any] = dict(init=init, n_init=1, max_iter=20, memory=memory, tol=0.0)
        whole = centra.KMeans(20, random_state=0, **how).fit(X)
        for at in CUTS:
            km = centra.KMeans(20, random_state=0, **how).fit(Parts(X, at, resident))
            check_same_fit(whole, km)


@pytest.mark.parametrize("resident", [False, True])
def test_any_number_of_sparse_blocks(resident: bool) -> None:
    X = sp.random(6000, 20, 0.2, "csr", random_state=0)
    whole = centra.KMeans(20, random_state=0, tol=0.0, max_iter=20).fit(X)
    for at in CUTS:
        km = centra.KMeans(20, random_state=0, tol=0.0, max_iter=20).fit(Parts(X, at, resident))
        check_same_fit(whole, km)


class _Reversed:
    """A spatial order that is the rows from last to first, and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def take(self, workers: Workers, labels: Any) -> Any:
        self.calls += 1
        return labels[::-1].copy()

    def put(self, ordered: Any, labels: Any) -> None:
        self.calls += 1
        labels[:] = ordered[::-1]


def _ordered_state(labels: list[int]) -> BlockState:
    state = BlockState(0, len(labels), Workers(1))
    state.order = _Reversed()  # type: ignore[assignment]
    state.ordered_labels()[:] = labels[::-1]
    state.order.calls = 0  # type: ignore[union-attr]
    return state


def test_labels_of_the_only_restart_stay_in_spatial_order() -> None:
    state = _ordered_state([3, 1, 2])
    state.keep_best()
    state.restore_best()
    assert state.ordered_labels().tolist() == [2, 1, 3]
    assert state.order.calls == 0  # type: ignore[union-attr]
    assert state.labels.tolist() == [3, 1, 2]


@pytest.mark.parametrize("travels", [False, True])
@pytest.mark.parametrize("looked_at", [False, True])
def test_labels_of_the_best_restart_come_back(looked_at: bool, travels: bool) -> None:
    state = _ordered_state([3, 1, 2])
    state.remember_labels()
    state.ordered_labels()[0] = 0
    state.keep_best()
    state.forget_labels()
    state.ordered_labels()[:] = [7, 8, 9]
    if looked_at:
        assert state.best.tolist() == [3, 1, 0]
    if travels:
        state = pickle.loads(pickle.dumps(state))
        assert state.labels.tolist() == [9, 8, 7]
    state.restore_best()
    assert state.labels.tolist() == [3, 1, 0]
    assert state.changed_labels() == 1
