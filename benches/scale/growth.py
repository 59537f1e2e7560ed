"""What a pass costs as rows grow, and, from measured messages, as workers do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benches import THREADS

#: Rows and columns of the pattern that made rows repeat, each time a little changed.
PATTERN, COLUMNS, K = 250_000, 8, 100
SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
#: Bytes a second and seconds there and back of the network that is reckoned with.
NETWORK, ROUND_TRIP = 1.25e9, 5e-4


class Made:
    """An array that makes its rows when they are read: anything with shape, dtype and slices."""

    def __init__(self, n: int) -> None:
        self.shape, self.dtype = (n, COLUMNS), np.dtype(np.float32)
        rng = np.random.default_rng(0)
        self._pattern = rng.random((PATTERN, COLUMNS), dtype=np.float32)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> NDArray[np.float32]:
        start, stop, _ = rows.indices(self.shape[0])
        made = np.empty((stop - start, COLUMNS), np.float32)
        at = start
        while at < stop:
            turn, first = divmod(at, PATTERN)
            count = min(PATTERN - first, stop - at)
            grown = np.float32(1 + turn * 2**-12)
            np.multiply(self._pattern[first : first + count], grown, out=made[at - start :][:count])
            at += count
        return made


def over_rows(sizes: tuple[int, ...] = SIZES, passes: int = 5) -> list[dict[str, float]]:
    """Return, for each number of rows, the seconds of a pass and of reading alone."""
    import centra
    from centra.events import Iterated

    found = []
    for n in sizes:
        ends: list[float] = []

        def note(event: Any, ends: list[float] = ends) -> None:
            if isinstance(event, Iterated):
                ends.append(time.perf_counter())

        rows = centra.from_array(Made(n), memory="64MB")
        start = Made(n)[0:K].astype(np.float64)
        km = centra.KMeans(
            K, init=start, n_init=1, max_iter=passes, tol=0, n_threads=THREADS, callbacks=[note]
        )
        km.fit(rows)
        begun = time.perf_counter()
        for _ in rows.blocks():
            pass
        reading = time.perf_counter() - begun
        found.append({"rows": n, "pass": float(np.median(np.diff(ends))), "reading": reading})
    return found


@dataclass(frozen=True)
class Cost:
    """What a pass over a cluster is made of, in seconds.

    Attributes
    ----------
    computing : float
        The part of a worker.
    scheduling : float
        Tasks of the scheduler, one a worker, one after the other.
    messages : float
        Orders to the workers, and their replies, through the client's network; and one round trip.
    """

    computing: float
    scheduling: float
    messages: float

    @property
    def whole(self) -> float:
        """All of it."""
        return self.computing + self.scheduling + self.messages


def over_workers(cluster: dict[str, Any], workers: int, times: float = 1.0) -> Cost:
    """Reckon a pass from measured parts.

    Parameters
    ----------
    cluster : dict
        What `benches.scale.cluster.measured` found.
    workers : int
        How many there are.
    times : float
        How many times as many rows as were measured.
    """
    bytes_ = workers * (cluster["order"] + cluster["reply"])
    return Cost(
        times * cluster["one"] / workers,
        workers * cluster["task"],
        ROUND_TRIP + bytes_ / NETWORK,
    )
