"""Rows on the workers of a cluster: what a pass costs beside the same pass in memory."""

from __future__ import annotations

import pickle
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from benches import THREADS
from benches.scale.files import Clouds

#: Passes that are timed, after the first.
PASSES = 10


@contextmanager
def clients(workers: int) -> Iterator[Any]:
    """Start so many processes of one thread each, and a client."""
    import dask
    from distributed import Client, LocalCluster

    quiet = {"logging.distributed": "error"}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def passes(X: Any, start: Any, n_threads: int) -> list[float]:
    """Return the seconds of every pass but the first."""
    import centra
    from centra.events import Iterated

    ends: list[float] = []

    def note(event: Any) -> None:
        if isinstance(event, Iterated):
            ends.append(time.perf_counter())

    centra.KMeans(
        len(start), init=start, n_init=1, max_iter=PASSES, tol=0, n_threads=n_threads,
        callbacks=[note],
    ).fit(X)  # fmt: skip
    return np.diff(ends).tolist()


class Messages:
    """Counts what travels in the passes of a fit: sizes of orders and of replies."""

    def __init__(self) -> None:
        self.orders: list[int] = []
        self.replies: list[int] = []

    @contextmanager
    def counting(self) -> Iterator[Messages]:
        """Count while this lasts."""
        from centra._dask.transport import DaskTransport

        perform, sent = DaskTransport.perform, DaskTransport._sent

        def counted(transport: Any, orders: Any) -> Any:
            for i, reply in perform(transport, orders):
                self.replies.append(len(pickle.dumps(reply, protocol=5)))
                yield i, reply

        def weighed(transport: Any, order: Any, before: Any) -> Any:
            self.orders.append(len(pickle.dumps((order, tuple(before)), protocol=5)))
            return sent(transport, order, before)

        DaskTransport.perform, DaskTransport._sent = counted, weighed  # type: ignore[method-assign]
        try:
            yield self
        finally:
            DaskTransport.perform, DaskTransport._sent = perform, sent  # type: ignore[method-assign]


def measured(rows: Clouds, k: int) -> dict[str, Any]:
    """Measure passes over rows in memory, on one worker and on two; and seeding.

    Returns
    -------
    dict
        "memory": median seconds of a pass in this process, with two threads; "one": with one;
        "workers": of one and two workers; "above": median of what a pass with two workers takes
        above the same pass in memory; "order" and "reply": bytes of a message; "task": seconds of a
        task that does nothing; "seeding": seconds of k-means|| on the workers.
    """
    import dask.array as da

    import centra

    X, start = rows.piece(0, rows.n), rows.start(k)
    here = passes(X, start, THREADS)
    found: dict[str, Any] = {
        "memory": statistics.median(here), "one": statistics.median(passes(X, start, 1))
    }  # fmt: skip
    found["workers"] = {}
    for workers in (1, 2):
        with clients(workers) as client:
            there = da.from_array(X, chunks=(-(-rows.n // (4 * workers)), rows.d)).persist()
            client.gather(client.map(len, client.futures_of(there)))
            passes(there, start, THREADS)  # workers import what they need
            messages = Messages()
            with messages.counting():
                took = passes(there, start, THREADS)
            found["workers"][str(workers)] = statistics.median(took)
            if workers == 2:
                found["above"] = statistics.median(np.subtract(took, here).tolist())
                found["order"] = statistics.median(messages.orders)
                found["reply"] = max(messages.replies)
                found["task"] = _task(client)
                begun = time.perf_counter()
                centra.KMeans(k, init="k-means||", n_init=1, max_iter=1, random_state=0).fit(there)
                found["seeding"] = time.perf_counter() - begun
                found["dask_ml"] = _dask_ml(there, start)
    return found


def _task(client: Any) -> float:
    """Return what a task costs the scheduler, of many that do nothing."""
    count = 200
    client.gather(client.map(_nothing, range(count), pure=False))
    begun = time.perf_counter()
    client.gather(client.map(_nothing, range(count), pure=False))
    return (time.perf_counter() - begun) / count


def _nothing(_: int) -> None:
    pass


def _dask_ml(X: Any, start: Any) -> dict[str, float] | None:
    """Return the seconds of a pass and of seeding of dask-ml, if it is installed."""
    try:
        from dask_ml.cluster import KMeans
    except ImportError:
        return None

    def fitted(init: Any, iterations: int) -> float:
        begun = time.perf_counter()
        KMeans(len(start), init=init, max_iter=iterations, tol=0.0, random_state=0).fit(X)
        return time.perf_counter() - begun

    fitted(start, 1)  # workers import what they need
    once, more = fitted(start, 1), fitted(start, 1 + PASSES)
    return {"pass": (more - once) / PASSES, "seeding": fitted("k-means||", 1)}
