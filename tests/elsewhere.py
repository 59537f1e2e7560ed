"""Rows in several partitions elsewhere, which hear of passes by pickles alone.

`Elsewhere` is an executor as one over processes or machines is: whatever goes to a partition, and
whatever comes back, are bytes. What partitions return merges in a random tree, and where order does
not matter in a random order.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter, methodcaller
from typing import Any

import numpy as np

from centra._assign.filters import Assign, Exhaustive
from centra._core import ColumnStats, Workers
from centra._data.executor import Partition, joined
from centra._data.passes import PassStats
from parts import Parts

#: Where partitions begin, as shares of all rows, by their number.
SHARES = {1: (), 2: (0.2,), 3: (0.35, 0.8)}


def sent(message: Any) -> Any:
    """Return what arrives of a message."""
    return pickle.loads(pickle.dumps(message))


class Place:
    """A partition, and what it answers to messages."""

    def __init__(self, rows: Any, cuts: list[int], first: int, team: Workers) -> None:
        self.partition = Partition(Parts(rows, cuts), team, first)

    def answer(self, message: bytes) -> bytes:
        """Do what a message says: a function of the partition."""
        try:
            return pickle.dumps((True, pickle.loads(message)(self.partition)))
        except Exception as error:
            return pickle.dumps((False, error))


def states_of(partition: Partition, of: Callable[[Any], Any]) -> list[Any]:
    """Return something of the state of every block."""
    return [of(state) for state in partition.states]


class Call:
    """A function of a partition and an argument."""

    def __init__(self, function: Callable[..., Any], argument: Any) -> None:
        self.function, self.argument = function, argument

    def __call__(self, partition: Partition) -> Any:
        return self.function(partition, self.argument)


def in_process(*how: Any) -> Callable[[bytes], bytes]:
    """Hold a partition in this process."""
    return Place(*sent(how)).answer


class Child:
    """A partition in a process of its own."""

    def __init__(self, *how: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, other = spawn.Pipe()
        self.process = spawn.Process(target=serve, args=(other, *how), daemon=True)
        self.process.start()
        other.close()

    def __call__(self, message: bytes) -> bytes:
        self.pipe.send_bytes(message)
        return self.pipe.recv_bytes()

    def close(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.join()


def serve(pipe: Any, *how: Any) -> None:
    """Answer until nobody asks any more."""
    place = Place(*how)
    try:
        while True:
            pipe.send_bytes(place.answer(pipe.recv_bytes()))
    except EOFError:
        pass


class Elsewhere:
    """Runs passes over partitions elsewhere.

    Parameters
    ----------
    source : Source
        All rows; it has them as `X`.
    workers : Workers
        The threads of this process; those of the partitions are others.
    count : int
        Number of partitions, of different sizes.
    hold : callable
        Makes a partition, and returns what takes messages to it.
    loses : float
        How likely a partition loses all that it knows before a pass, once rows have labels.
    """

    in_place = False
    gathers = True

    def __init__(
        self,
        source: Any,
        workers: Workers,
        count: int,
        hold: Callable[..., Callable[[bytes], bytes]] = in_process,
        loses: float = 0.0,
    ) -> None:
        n = source.shape[0]
        starts = [0, *(int(share * n) for share in SHARES[count])]
        stops = [*starts[1:], n]
        self.workers, self.hold, self.loses = workers, hold, loses
        self.rng = np.random.default_rng(count)
        self.spans = list(zip(starts, stops, strict=True))
        # Every other partition has blocks, one of them empty, and threads.
        self.made = [
            (
                source.X[a:b],
                [(b - a) // 3, (b - a) // 2, (b - a) // 2] if at % 2 else [],
                a,
                Workers(1 + at % 2),
            )
            for at, (a, b) in enumerate(self.spans)
        ]
        self.places = [hold(*how) for how in self.made]
        self.weights: Any = None
        self.assigned: Assign | None = None
        self.messages, self.lost, self.bytes = 0, 0, 0

    def run(self, work: Any) -> Any:
        """Run a pass over all rows; merge what comes back."""
        if self.assigned is not None and self.rng.random() < self.loses:
            self.lose(int(self.rng.integers(len(self.places))))
        parts = self._ask(methodcaller("run", work))
        if isinstance(work, Assign):
            self.assigned = work
        if not isinstance(parts[0], ColumnStats):  # these name the first bad row
            parts = [parts[at] for at in self.rng.permutation(len(parts))]
        while len(parts) > 1:
            at = int(self.rng.integers(len(parts) - 1))
            parts[at : at + 2] = [sent(parts[at] + parts[at + 1])]
        return parts[0]

    def states(self, of: Callable[[Any], Any]) -> list[Any]:
        """Return something of the state of every block."""
        if getattr(of, "__name__", "") == "forget_labels":
            self.assigned = None
        return [one for answer in self._ask(Call(states_of, of)) for one in answer]

    def weigh(self, weights: Any) -> None:
        """Give every row its weight."""
        self.weights = weights
        for at in range(len(self.places)):
            self._weigh(at)

    def take(self, rows: Any) -> np.ndarray:
        """Return some rows."""
        taken: Any = None
        for at, (a, b) in enumerate(self.spans):
            here = (rows >= a) & (rows < b)
            values = self._tell(at, Call(_take, rows[here] - a))
            taken = np.empty((len(rows), values.shape[1])) if taken is None else taken
            taken[here] = values
        return taken

    def labels(self) -> np.ndarray:
        """Return the labels of all rows."""
        return joined(self.states(attrgetter("labels")))

    def lose(self, at: int) -> None:
        """Lose a partition with all that it knows, and build it anew: labels by one pass."""
        assert self.assigned is not None
        self.places[at] = self.hold(*self.made[at])
        self._tell(at, methodcaller("run", PassStats(sums=False)))
        self._weigh(at)
        self._tell(at, methodcaller("run", replace(self.assigned, filter=Exhaustive())))
        self.lost += 1

    def _weigh(self, at: int) -> None:
        a, b = self.spans[at]
        here = None if self.weights is None else self.weights[a:b]
        self._tell(at, methodcaller("weigh", here))

    def _ask(self, what: Any) -> list[Any]:
        return [self._tell(at, what) for at in range(len(self.places))]

    def _tell(self, at: int, what: Any) -> Any:
        message = pickle.dumps(what)
        answer = self.places[at](message)
        self.messages, self.bytes = self.messages + 1, self.bytes + len(message) + len(answer)
        fine, value = pickle.loads(answer)
        if not fine:
            raise value
        return value


def _take(partition: Partition, rows: Any) -> np.ndarray:
    return partition.source.take(rows)
