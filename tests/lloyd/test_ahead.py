"""Fits of few rows take several steps in one call, and give what single calls give, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import centra
from centra._lloyd import ahead
from compare import check_same_fit, fit_from


def ignore(event: Any) -> None:
    """Look on, so that steps are taken one by one."""


def both(X: Any, start: Any, weights: Any = None, **how: Any) -> centra.KMeans:
    """Fit with steps that are taken together, and without; return the first if both are equal."""
    together = fit_from(start, X, weights, **how)
    single = fit_from(start, X, weights, callbacks=[ignore], **how)
    check_same_fit(single, together)
    for ours, theirs in zip(together.history_, single.history_, strict=True):
        assert (ours.inertia, ours.shift, ours.changed) == (
            theirs.inertia,
            theirs.shift,
            theirs.changed,
        )
        assert ours.centers is not None and theirs.centers is not None
        assert ours.centers.tobytes() == theirs.centers.tobytes()
        assert ours.centers.flags.writeable == theirs.centers.flags.writeable
    assert together.runs_ == single.runs_
    assert sum(together.engine_["sweeps"].values()) == sum(single.engine_["sweeps"].values())
    return together


@pytest.fixture(autouse=True)
def _nothing_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    monkeypatch.delenv("CENTRA_PRECISION", raising=False)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps each call took."""
    taken: list[int] = []
    take = ahead.AheadAssignment.take_steps

    def counted(self: Any, steps: Any) -> Any:
        found = take(self, steps)
        taken.append(len(found))
        return found

    monkeypatch.setattr(ahead.AheadAssignment, "take_steps", counted)
    return taken


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [1, 2, 4, 7, 40])
@pytest.mark.parametrize("tol", [0, 1e-4, 1e-2, 0.3])
def test_the_same_bits(dtype: Any, d: int, tol: float, calls: list[int]) -> None:
    rng = np.random.default_rng(d)
    X = rng.normal(size=(600, d)).astype(dtype)
    for weights in (None, rng.integers(0, 3, 600) / 7):
        for n_threads in (1, 2):
            both(X, X[:6].copy(), weights, tol=tol, n_threads=n_threads)
    assert calls and max(calls) > 1


@pytest.mark.parametrize("max_iter", [1, 2, 3, 5, 64, 65, 66])
def test_the_last_step_is_the_loops(max_iter: int, calls: list[int]) -> None:
    X = np.sort(np.random.default_rng(0).random((4000, 1)), axis=0)
    # From one end of the line, centers have far to go: more steps than one call takes.
    km = both(X, X[:40].copy(), tol=0, max_iter=max_iter)
    assert km.n_iter_ == max_iter and sum(calls) == max_iter
    np.testing.assert_array_equal(km.labels_, km.predict(X))


def test_many_steps_need_several_calls(calls: list[int]) -> None:
    X = np.sort(np.random.default_rng(0).random((4000, 1)), axis=0)
    km = both(X, X[:40].copy(), tol=0, max_iter=1000)
    assert km.n_iter_ > 3 * ahead.STEPS > 0 and len(calls) >= 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1e-3]), st.booleans())
def test_rows_that_tie_and_clusters_that_become_empty(seed: int, tol: float, single: bool) -> None:
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(1, 60)), int(rng.integers(1, 4)), int(rng.integers(1, 9))
    X = rng.integers(-3, 4, (max(n, k), d)).astype(np.float32 if single else np.float64)
    start = rng.integers(-6, 7, (k, d)) / 2
    weights = rng.integers(0, 3, len(X)) if seed % 2 else None
    if weights is not None and not weights.any():
        weights = None
    both(X, start, weights, tol=tol)


def test_restarts() -> None:
    X = np.random.default_rng(3).normal(size=(500, 3))
    fits = [
        centra.KMeans(7, n_init=6, random_state=0, callbacks=callbacks).fit(X)
        for callbacks in (None, [ignore])
    ]
    check_same_fit(*fits)
    assert fits[0].runs_ == fits[1].runs_


def test_whoever_looks_on_sees_every_step(calls: list[int]) -> None:
    X = np.random.default_rng(0).normal(size=(300, 2))
    events: list[Any] = []
    km = fit_from(X[:5].copy(), X, callbacks=[events.append])
    assert not calls and len(events) == km.n_iter_ + 4


def test_what_is_too_large_is_an_error() -> None:
    X = np.array([[0.0], [1e154], [1.5e154], [-1.5e154]])
    for callbacks in (None, [ignore]):
        with pytest.raises(OverflowError, match="largest float64"):
            fit_from(X[:1].copy(), X, callbacks=callbacks)
