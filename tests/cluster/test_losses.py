"""Workers that die, are retired or restarted during a fit: the bits of the fit in memory.

The workers are processes. What is lost with one is found again: a shard from its blocks, the state
of its rows from what the client remembers.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster

import centra
from centra.events import Iterated

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3000, 6)) + 3 * RNG.integers(0, 3, size=(3000, 1))
pytestmark = [
    # Dask itself sometimes waits for ever for a worker that is gone, when the machine is busy.
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Sending large graph"),
    pytest.mark.skipif(os.name != "posix", reason="kills processes by signals"),
]


@contextmanager
def cluster(workers: int = 2) -> Iterator[Client]:
    settings = {
        "distributed.scheduler.allowed-failures": 10,
        "distributed.comm.timeouts.connect": "10s",
        "logging.distributed": "critical",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0",
            silence_logs=50,
        ) as made,
        Client(made) as client,
    ):  # fmt: skip
        yield client


def kill(client: Client, rng: np.random.Generator) -> None:
    """End a worker without a word; another takes its place."""
    pids = list(client.run(os.getpid).values())
    os.kill(pids[int(rng.integers(len(pids)))], signal.SIGKILL)


def retire(client: Client, rng: np.random.Generator) -> None:
    """Let a worker go, with time to hand over what it holds."""
    addresses = list(client.scheduler_info(n_workers=-1)["workers"])
    if len(addresses) > 1:
        gone = [addresses[int(rng.integers(len(addresses)))]]
        # Dask may wait for ever for the data of a worker to be handed over: the fit goes on then.
        thread = threading.Thread(target=client.retire_workers, args=(gone,), daemon=True)
        thread.start()
        thread.join(20)


def restart(client: Client, rng: np.random.Generator) -> None:
    """Restart a worker's process."""
    addresses = list(client.scheduler_info(n_workers=-1)["workers"])
    client.restart_workers([addresses[int(rng.integers(len(addresses)))]], timeout=60)


def fitted(X: Any, callbacks: Any = None) -> centra.KMeans:
    km = centra.KMeans(
        8, init="k-means++", n_init=2, random_state=3, max_iter=12, tol=0, callbacks=callbacks
    )
    return km.fit(X)


@pytest.mark.parametrize("what", [kill, retire, restart])
def test_a_worker_that_is_lost(what: Any) -> None:
    here = fitted(X)
    rng = np.random.default_rng(5)
    lost = []

    with cluster(3 if what is retire else 2) as client:

        def callback(event: Any) -> None:
            at = (type(event).__name__, getattr(event, "iteration", None))
            if at in (("Started", None), ("Iterated", 1), ("Iterated", 4)) and len(lost) < 4:
                lost.append(at)
                what(client, rng)

        there = fitted(da.from_array(X, chunks=(500, 6)), [callback])
        assert len(lost) >= (1 if what is retire else 3)
        assert there.cluster_centers_.tobytes() == here.cluster_centers_.tobytes()
        assert [(r.inertia, r.changed) for r in there.history_] == [
            (r.inertia, r.changed) for r in here.history_
        ]
        assert np.array_equal(there.labels_.compute(), here.labels_)


@pytest.mark.parametrize("seed", range(20))
def test_a_worker_killed_at_any_moment(seed: int) -> None:
    """By the clock, so that it falls within passes, seedings and merges too."""
    here = fitted(X)
    rng = np.random.default_rng(seed)
    with cluster() as client:
        pids = list(client.run(os.getpid).values())
        timer = threading.Timer(float(rng.uniform(0, 4)), os.kill, (pids[seed % 2], signal.SIGKILL))
        timer.start()
        there = fitted(da.from_array(X, chunks=(500, 6)))
        timer.cancel()
        assert there.cluster_centers_.tobytes() == here.cluster_centers_.tobytes()
        assert there.runs_ == here.runs_


def test_scattered_rows_that_are_lost() -> None:
    """Nothing can make them again: one error that says so."""
    with cluster() as client:
        blocks = [client.scatter(X[a : a + 1000]) for a in range(0, 3000, 1000)]
        lost = []

        def callback(event: Any) -> None:
            if isinstance(event, Iterated) and event.iteration == 1 and not lost:
                lost.append(event)
                for pid in client.run(os.getpid).values():
                    os.kill(pid, signal.SIGKILL)

        rows = da.concatenate([da.from_delayed(dask.delayed(b), (1000, 6), float) for b in blocks])
        with pytest.raises(RuntimeError, match=r"rows of the fit are lost.*scattered"):
            fitted(rows, [callback])
        assert lost
