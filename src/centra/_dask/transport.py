"""Orders and shards over Dask: one task a shard, on the worker that holds it.

A worker that dies takes its shards with it. Dask makes a shard anew from its blocks, on another
worker, when the next task asks for it; the shard says that it is behind (`centra._data.remote`).
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._dask import tasks
from centra._data.remote import Behind, Order

#: Bytes of an order from which on it is sent once to every worker, not once with every task.
LARGE = 1 << 20
#: Bytes of all orders of a pass from which on workers add replies up among themselves, so many at a
#: time. (Replies are about as large as orders: both hold some numbers for every center and column.)
MANY, FAN = 64 << 20, 8


class DaskTransport:
    """Brings orders to shards on the workers of a cluster.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    shards : list of Future
        The shards.
    holders : list of str
        The worker that holds each of them, when they were made.
    blocks : list of Future
        What they are made of: kept, so that they can be made again.
    """

    def __init__(
        self, client: Any, shards: list[Any], holders: list[str], blocks: list[Any]
    ) -> None:
        self._client, self._shards, self._holders, self._blocks = client, shards, holders, blocks

    def perform(
        self, orders: Sequence[tuple[int, Order, Sequence[Order]]]
    ) -> Iterator[tuple[int, Any]]:
        """Send a task to every shard; yield replies as they come.

        Raises
        ------
        RuntimeError
            Rows are lost that nothing can make again, or the client was closed.
        """
        from distributed import as_completed

        futures: dict[Any, int] = {}
        same: Any = None
        size = 0
        try:
            for i, order, before in orders:
                if before or order.weights is not None:
                    sent, length = self._sent(order, before)
                else:  # the same order for all
                    sent, length = same = self._sent(order, ()) if same is None else same
                size += length
                futures[self._submit(tasks.perform, i, sent)] = i
            if size > MANY and len(futures) > FAN:
                yield from self._joined(futures)
                return
            for future in as_completed(futures):
                yield futures[future], self._result(future)
        finally:
            for future in futures:
                if not future.done():
                    future.cancel()

    def _joined(self, futures: dict[Any, int]) -> Iterator[tuple[int, Any]]:
        """Add replies up in a tree of tasks, wherever workers have them; yield what that gives."""
        level = list(futures.items())
        while len(level) > 1:
            groups = [level[at : at + FAN] for at in range(0, len(level), FAN)]
            level = [
                (self._client.submit(tasks.join, [i for _, i in g], *(f for f, _ in g), pure=False),
                 g[0][1])
                for g in groups
            ]  # fmt: skip
        ((last, shard),) = level
        found: tasks.Joined = self._result(last)
        yield from ((i, Behind()) for i in found.behind)
        if len(found.behind) < len(futures):
            yield shard, found.reply

    def take(self, shard: int, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return rows of a shard."""
        found: NDArray[np.float64] = self._result(self._submit(tasks.take, shard, rows))
        return found

    def _sent(self, order: Order, before: Sequence[Order]) -> tuple[Any, int]:
        """Return an order as it travels, and how many bytes it has."""
        message = pickle.dumps((order, tuple(before)), protocol=pickle.HIGHEST_PROTOCOL)
        if len(message) < LARGE:
            return message, len(message)
        return self._client.scatter(message, broadcast=True, hash=False), len(message)

    def _submit(self, function: Any, shard: int, *of: Any) -> Any:
        self._check_open()
        return self._client.submit(
            function,
            self._shards[shard],
            *of,
            workers=[self._holders[shard]],
            allow_other_workers=True,
            pure=False,
            key=f"centra-{function.__name__}-{shard}-{_unique()}",
        )

    def _result(self, future: Any) -> Any:
        from distributed.client import FutureCancelledError

        try:
            with explained():
                return future.result()
        except FutureCancelledError as error:
            self._check_open()
            raise RuntimeError(
                "rows of the fit are lost: they were scattered, and the worker that held them is "
                "gone. Persist a collection that can be computed again, or build X from files."
            ) from error

    def _check_open(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise RuntimeError(
                f"the Dask client is {self._client.status}; keep it open until the fit is done."
            )


@contextmanager
def explained() -> Iterator[None]:
    """Say what a task that no worker survives may mean.

    Raises
    ------
    RuntimeError
        Dask gave a task up, after several workers had died of it.
    """
    from distributed import KilledWorker

    try:
        yield
    except KilledWorker as error:
        tried = error.allowed_failures + 1
        raise RuntimeError(
            f"a task ended {tried} workers, one after the other ({error.task}). Blocks of X may "
            "need more memory than a worker has: cut X into smaller ones, or give workers more. "
            "Their logs say how they ended."
        ) from error


def _unique() -> str:
    from uuid import uuid4

    return uuid4().hex
