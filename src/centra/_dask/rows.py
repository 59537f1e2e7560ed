"""From a collection of Dask to a data set whose rows stay on the workers."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from centra._core import Workers
from centra._dask import tasks
from centra._dask.blocks import blocks_of
from centra._dask.transport import DaskTransport, explained
from centra._data.dataset import Dataset
from centra._data.remote import RemoteExecutor
from centra._data.validate import check_names, looked_at
from centra.sources import Source

NO_CLIENT = (
    "X is a collection of Dask, and there is no client: start one, as in\n"
    "    from dask.distributed import Client, LocalCluster\n"
    "    client = Client(LocalCluster())"
)


class Elsewhere(Source):
    """What a data set knows of rows that are on workers."""

    def __init__(
        self,
        shape: tuple[int, int],
        dtype: Any,
        sparse: bool,
        names: tuple[str, ...] | None,
        executor: RemoteExecutor,
    ) -> None:
        self.shape, self.dtype, self.sparse = shape, np.dtype(dtype), sparse
        self.feature_names, self.take = names, executor.take  # type: ignore[method-assign]

    def blocks(self) -> Any:
        """Refuse: rows stay where they are."""
        raise ValueError("this needs all rows in one process; pass a sample of them, as an array")


def prepare_dask(
    estimator: Any,
    X: Any,
    workers: Workers,
    *,
    sample_weight: Any = None,
    weigh: bool = False,
    reset: bool = False,
) -> Dataset:
    """Validate a collection of Dask for an estimator; parameters as those of `prepare`.

    Raises
    ------
    ValueError, TypeError
        As `prepare`; and for a collection whose blocks do not fit together.
    RuntimeError
        There is no client, or a worker has no centra, or another version; or computing X ends one
        worker after the other.
    """
    client = _client()
    _check_versions(client)
    blocks = blocks_of(X)
    futures = client.compute(blocks.delayed)
    with explained():
        found = client.gather(client.map(tasks.look, futures, pure=False))
    shape, dtype, sparse = _common(found)
    runs, shards, holders = _shards(client, futures, [rows for rows, *_ in found], shape[1], dtype)
    transport = DaskTransport(client, shards, holders, futures)
    executor = RemoteExecutor(transport, runs, workers, gathers=False)
    source = Elsewhere(shape, dtype, sparse, blocks.names, executor)
    check_names(estimator, source, reset)
    return looked_at(estimator, source, executor, _computed(sample_weight), weigh)


def _client() -> Any:
    try:
        from distributed import default_client
    except ImportError as error:
        raise ImportError(
            'collections of Dask need its scheduler: pip install "centra[dask]"'
        ) from error
    try:
        return default_client()
    except ValueError as error:
        raise RuntimeError(NO_CLIENT) from error


def _check_versions(client: Any) -> None:
    """Compare versions of centra.

    Raises
    ------
    RuntimeError
        A worker has another one, or none; or there are no workers.
    """
    from centra._core import __version__

    def version() -> str | None:  # by value: it must run where centra is not
        try:
            from centra._core import __version__ as there
        except ImportError:
            return None
        return str(there)

    found = client.run(version)
    if not found:
        client.wait_for_workers(1, timeout=30)
        found = client.run(version)
    for address, there in found.items():
        if there != __version__:
            has = "has no centra" if there is None else f"has centra {there}"
            raise RuntimeError(
                f"the worker {address} {has}, and this process has {__version__}: install the same "
                "version everywhere, or leave that worker out."
            )


def _common(found: list[tuple[int, int, str, bool]]) -> tuple[tuple[int, int], str, bool]:
    """Return shape, dtype and kind of all rows.

    Raises
    ------
    ValueError
        Blocks differ in their number of columns, or some are sparse and others not; or there are no
        rows.
    """
    (_, width, _, sparse), n_rows = found[0], sum(rows for rows, *_ in found)
    for i, (_, columns, _, kind) in enumerate(found):
        if columns != width:
            raise ValueError(
                f"block {i} of X has {columns} columns, and block 0 has {width}; all must have the "
                "same columns."
            )
        if kind != sparse:
            raise ValueError("some blocks of X are sparse, and others are dense; make all alike.")
    if not n_rows:
        raise ValueError(
            f"Found array with 0 sample(s) (shape=(0, {width})) while a minimum of 1 is required."
        )
    single = all(dtype == np.dtype("f4").str for rows, _, dtype, _ in found if rows)
    return (n_rows, width), np.dtype("f4" if single else "f8").str, sparse


def _shards(
    client: Any, futures: list[Any], counts: list[int], width: int, dtype: str
) -> tuple[list[list[tuple[int, int]]], list[Any], list[str]]:
    """Make one shard of the blocks that each worker holds.

    Returns
    -------
    runs : list of list of (int, int)
        First row and number of rows of every run, shard by shard.
    shards : list of Future
    holders : list of str
        Addresses of workers.
    """
    starts = np.concatenate([[0], np.cumsum(counts)]).tolist()
    places = client.who_has(futures)
    held: dict[str, list[int]] = {}
    for i, future in enumerate(futures):
        if counts[i]:
            at = sorted(places.get(future.key) or ("",))[0]
            held.setdefault(at, []).append(i)
    runs, shards, holders = [], [], []
    for at, which in sorted(held.items()):
        # Blocks whose numbers follow one another are one run.
        together = [
            [i for _, i in group] for _, group in groupby(enumerate(which), lambda p: p[1] - p[0])
        ]
        described = [(starts[group[0]], len(group)) for group in together]
        where = {"workers": [at], "allow_other_workers": True} if at else {}
        shards.append(
            client.submit(
                tasks.shard_of, described, dtype, width, *(futures[i] for i in which),
                pure=False, **where,
            )
        )  # fmt: skip
        runs.append([(starts[group[0]], sum(counts[i] for i in group)) for group in together])
        holders.append(at)
    return runs, shards, holders


def _computed(weights: Any) -> Any:
    """Return weights in this process."""
    compute = getattr(weights, "compute", None)
    return weights if compute is None else compute()
