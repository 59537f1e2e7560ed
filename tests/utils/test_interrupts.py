"""Ctrl-C that ends a fit and keeps the best; and that is a KeyboardInterrupt everywhere else."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from typing import Any

import numpy as np
import pytest

import centra
from centra.events import Iterated

X = np.random.default_rng(0).normal(size=(2000, 3))
pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")


def press(at: tuple[int, int], times: int = 1) -> Any:
    def callback(event: Any) -> None:
        if isinstance(event, Iterated) and (event.run, event.iteration) == at:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)

    return callback


def fitted(*callbacks: Any, **how: Any) -> centra.KMeans:
    how = {"n_init": 3, "random_state": 0, "tol": 0} | how
    return centra.KMeans(8, callbacks=list(callbacks), **how).fit(X)


@pytest.mark.parametrize("at", [(0, 0), (0, 3), (1, 2), (2, 1)])
def test_the_first_keeps_the_best(at: tuple[int, int]) -> None:
    before = signal.getsignal(signal.SIGINT)
    km = fitted(press(at), centra.until_interrupted())
    assert len(km.runs_) == at[0] + 1 and km.runs_[-1].reason == "stopped"
    assert km.inertia_ == min(run.inertia for run in km.runs_) == -km.score(X)
    assert signal.getsignal(signal.SIGINT) is before


def test_without_one_nothing_is_left_behind() -> None:
    before = signal.getsignal(signal.SIGINT)
    callback = centra.until_interrupted()
    for _ in range(2):
        km = fitted(callback)
        assert km.runs_ == fitted().runs_
        assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_the_second_is_an_interrupt() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fitted(press((0, 2), times=2), centra.until_interrupted())
    assert signal.getsignal(signal.SIGINT) is before


def test_after_a_fit_that_failed() -> None:
    """The next Ctrl-C is not for that fit."""
    before = signal.getsignal(signal.SIGINT)

    def fail(event: Any) -> None:
        if isinstance(event, Iterated):
            raise KeyError("failed")

    with pytest.raises(KeyError):
        fitted(centra.until_interrupted(), fail)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_and_in_a_copy() -> None:
    done: list[Any] = []
    callback = pickle.loads(pickle.dumps(centra.until_interrupted()))
    thread = threading.Thread(target=lambda: done.append(fitted(callback)))
    thread.start()
    thread.join(60)
    assert done[0].runs_ == fitted().runs_
