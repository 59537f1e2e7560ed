"""How orders and replies travel: added up on the workers, given up, failing again and again."""

from __future__ import annotations

import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster, Nanny, SpecCluster
from distributed.scheduler import Scheduler

import centra
from centra._dask import tasks, transport
from centra._data.remote import Behind
from centra.events import Iterated

X = np.random.default_rng(0).normal(size=(3000, 4))
LIMIT = pytest.mark.filterwarnings("ignore:Sending large graph")


def fitted(X: Any, **how: Any) -> centra.KMeans:
    return centra.KMeans(6, **{"random_state": 3, "n_init": 2, "max_iter": 8, "tol": 0} | how).fit(
        X
    )


def same(there: centra.KMeans, here: centra.KMeans) -> None:
    assert there.cluster_centers_.tobytes() == here.cluster_centers_.tobytes()
    assert there.runs_ == here.runs_
    assert np.array_equal(there.labels_.compute(), here.labels_)


def test_replies_are_added_up() -> None:
    one, two = tasks.join([4, 7], np.array([1, 2]), Behind()), tasks.join([9], None)
    assert one.reply.tolist() == [1, 2] and one.behind == (7,)
    assert two == tasks.Joined(None)
    both = tasks.join([4, 9, 1], one, two, np.array([10, 10]))
    assert both.reply.tolist() == [11, 12] and both.behind == (7,)


@LIMIT
@pytest.mark.parametrize("init", ["k-means++", "k-means||"])
def test_workers_add_replies_up(monkeypatch: pytest.MonkeyPatch, init: str) -> None:
    monkeypatch.setattr(transport, "MANY", 0)
    monkeypatch.setattr(transport, "FAN", 2)
    joined: list[int] = []
    gone: list[str] = []
    before = transport.DaskTransport._joined

    def counted(self: Any, futures: Any) -> Any:
        joined.append(len(futures))
        return before(self, futures)

    monkeypatch.setattr(transport.DaskTransport, "_joined", counted)
    with (
        LocalCluster(
            n_workers=5, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):

        def callback(event: Any) -> None:
            # What a worker hands over is rows alone: its shard is behind, and told what to do.
            if isinstance(event, Iterated) and event.iteration == 2 and not gone:
                gone.append(next(iter(client.scheduler_info(n_workers=-1)["workers"])))
                client.retire_workers(gone)

        rows = da.from_array(X, chunks=(200, 4)).persist()
        same(fitted(rows, init=init, callbacks=[callback]), fitted(X, init=init))
    assert gone and max(joined) > 2 and len(joined) > 10


@LIMIT
def test_a_fit_that_is_given_up_releases_everything() -> None:
    """Ctrl-C leaves nothing of a fit on the cluster."""

    def callback(event: Any) -> None:
        if isinstance(event, Iterated) and event.iteration == 2:
            raise KeyboardInterrupt

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        with pytest.raises(KeyboardInterrupt):
            fitted(da.from_array(X, chunks=(500, 4)), callbacks=[callback])
        end = time.monotonic() + 30
        while client.futures and time.monotonic() < end:
            gc.collect()
            time.sleep(0.05)
        assert not client.futures


def _deadly(path: str, rows: np.ndarray) -> np.ndarray:
    """Return rows at the first time, and end the process at every other."""
    if Path(path).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    Path(path).touch()
    return rows


@LIMIT
@pytest.mark.slow  # as all that kills processes: see test_losses.py
@pytest.mark.skipif(os.name != "posix", reason="kills processes by signals")
@pytest.mark.parametrize("at", ["the first reading", "an iteration"])
def test_rows_that_end_every_worker(tmp_path: Path, at: str) -> None:
    """Dask tries a task on a few workers; then the fit ends with an error, and does not hang."""
    if at == "the first reading":
        (tmp_path / "0").touch()
    parts = [
        dask.delayed(_deadly)(str(tmp_path / f"{i}"), X[a : a + 1500])
        for i, a in enumerate((0, 1500))
    ]

    def callback(event: Any) -> None:
        if isinstance(event, Iterated) and event.iteration == 1:
            for pid in client.run(os.getpid).values():
                os.kill(pid, signal.SIGKILL)

    quiet = {"logging.distributed": "critical", "distributed.scheduler.allowed-failures": 2}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as cluster,
        Client(cluster) as client,
        pytest.raises(RuntimeError, match=r"ended 3 workers.*more memory"),
    ):
        fitted(parts, n_init=1, callbacks=[callback])


@LIMIT
@pytest.mark.skipif(os.name != "posix", reason="workers are processes")
def test_workers_that_differ() -> None:
    """One of one thread without vector instructions, one of two threads: the same bits."""
    workers = {
        "plain": {"cls": Nanny, "options": {"nthreads": 1, "env": {"CENTRA_ISA": "scalar"}}},
        "fast": {"cls": Nanny, "options": {"nthreads": 2}},
    }
    scheduler = {"cls": Scheduler, "options": {"dashboard_address": ":0"}}
    with (
        dask.config.set({"logging.distributed": "critical"}),
        SpecCluster(workers, scheduler, silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        rows = da.from_array(X, chunks=(500, 4)).persist()
        same(fitted(rows), fitted(X))
