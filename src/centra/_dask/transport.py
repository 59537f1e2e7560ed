"""Orders and shards over Dask: one task a shard, on the worker that holds it.

A worker that dies takes its shards with it. Dask makes a shard anew from its blocks, on another
worker, when the next task asks for it; the shard says that it is behind (`centra._data.remote`).
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._dask import tasks
from centra._data.remote import Order

#: Bytes of an order from which on it is sent once to every worker, not once with every task.
LARGE = 1 << 20


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
        try:
            for i, order, before in orders:
                if before or order.weights is not None:
                    sent = self._sent(order, before)
                else:  # the same order for all
                    sent = same = self._sent(order, ()) if same is None else same
                futures[self._submit(tasks.perform, i, sent)] = i
            for future in as_completed(futures):
                yield futures[future], self._result(future)
        finally:
            for future in futures:
                if not future.done():
                    future.cancel()

    def take(self, shard: int, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return rows of a shard."""
        found: NDArray[np.float64] = self._result(self._submit(tasks.take, shard, rows))
        return found

    def _sent(self, order: Order, before: Sequence[Order]) -> Any:
        message = pickle.dumps((order, tuple(before)), protocol=pickle.HIGHEST_PROTOCOL)
        if len(message) < LARGE:
            return message
        return self._client.scatter(message, broadcast=True, hash=False)

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


def _unique() -> str:
    from uuid import uuid4

    return uuid4().hex
