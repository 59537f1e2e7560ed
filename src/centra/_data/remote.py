"""An executor whose partitions are in other processes, which may be lost at any moment.

Rows are held in *shards*: objects in other processes, each with some runs of consecutive rows and
the states of their blocks. The executor sends *orders*: a pass, or a function of states. A shard
that was lost and made anew has no state. It says so, and gets the orders that made the state, from
the executor's *journal*, before it goes on. Labels depend on rows and centers alone, so the journal
is short: of all assignments of a restart only the last one counts.

How orders travel is the matter of a *transport* (`centra._dask`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from centra._core import Workers
from centra._data.block_state import BlockState
from centra._data.executor import Partition, Pass, joined
from centra._data.journal import Effect, Journal, effect_of, reads
from centra.sources import Source
from centra.sources.runs import taken

Part = TypeVar("Part")

#: One order at a time uses the threads of a process, whatever the number of its shards.
_TURN = Lock()


@dataclass(frozen=True)
class Order:
    """Something to do with all rows of a shard.

    Attributes
    ----------
    number : int
        Orders are numbered from 1.
    after : int
        The last order before it that changed states: a shard that has not done that one is behind.
    work : Pass or callable
        What to do.
    with_rows : bool
        Whether it is a pass; else a function of every state.
    weights : tuple of (ndarray or None), optional
        Weights of the rows of every run; an order with these has no work.
    """

    number: int
    after: int
    work: Any = None
    with_rows: bool = False
    weights: tuple[NDArray[np.float64] | None, ...] | None = None

    @property
    def changes(self) -> bool:
        """Whether states are others afterwards."""
        return effect_of(self.work) is not Effect.NONE


@dataclass(frozen=True)
class Behind:
    """The answer of a shard without the state that an order needs."""


class Shard:
    """Some rows and the states of their blocks, in the process that holds them.

    Parameters
    ----------
    runs : sequence of (int, Source)
        The number of the first row of every run of consecutive rows, and the rows.
    """

    def __init__(self, runs: Sequence[tuple[int, Source]]) -> None:
        self.runs = tuple(runs)
        self._partitions: list[Partition] = []
        self._at = 0  # the last order that changed the states; -1 while one does
        self._reply: Any = None

    def perform(self, order: Order, workers: Workers, before: Sequence[Order] = ()) -> Any:
        """Carry out an order; those `before` make the state that it needs, from nothing.

        An order that comes twice is carried out once, and answered twice.

        Returns
        -------
        reply : object
            Of a pass, what its parts add up to, or None without rows; of a function, a list of
            (number of the first row, value) for every block; or `Behind`.
        """
        with _TURN:
            if before:
                self._partitions, self._at, self._reply = [], 0, None
                for one in before:
                    self._do(one, workers)
            if order.changes and self._at == order.number:
                return self._reply
            if self._at != order.after:
                return Behind()
            return self._do(order, workers)

    def _do(self, order: Order, workers: Workers) -> Any:
        if order.changes:
            self._at, self._reply = -1, None
        reply = self._answer(order, workers)
        if order.changes:
            self._at, self._reply = order.number, reply
        return reply

    def _answer(self, order: Order, workers: Workers) -> Any:
        if not self._partitions:
            self._partitions = [Partition(rows, workers, first) for first, rows in self.runs]
            for partition in self._partitions:
                partition.run(_Look())
        if order.weights is not None:
            for partition, weights in zip(self._partitions, order.weights, strict=True):
                partition.weigh(weights)
            return None
        if order.with_rows:
            replies = [partition.run(order.work) for partition in self._partitions]
            return merged(replies)
        states = [state for partition in self._partitions for state in partition.states]
        return [(state.start, order.work(state)) for state in states]

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return rows of the shard, by their numbers among all, dense."""
        firsts = np.array([first for first, _ in self.runs])
        run = np.searchsorted(firsts, rows, side="right") - 1
        return taken(rows, run, lambda at, some: self.runs[at][1].take(some - firsts[at]))

    def __getstate__(self) -> dict[str, Any]:
        """Carry rows alone: a copy is behind, and is told what to do."""
        return {"runs": self.runs}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take rows."""
        self.__init__(state["runs"])  # type: ignore[misc]


@dataclass(frozen=True)
class _Look:
    """A pass that does nothing: blocks get their states."""

    def run(self, block: Any, state: BlockState) -> int:
        return state.n_rows


def merged(parts: Iterable[Any]) -> Any:
    """Return what parts add up to, in any order; None of none."""
    done: Any = None
    for part in parts:
        done = part if done is None else done + part
    return done


class Transport(Protocol):
    """Brings orders to shards. They are numbered from 0."""

    def perform(
        self, orders: Sequence[tuple[int, Order, Sequence[Order]]]
    ) -> Iterator[tuple[int, Any]]:
        """Have shards carry orders out, each after those that make its state; yield replies.

        Several replies may be added up and come as one, with the number of any of their shards.
        """
        ...

    def take(self, shard: int, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return rows of a shard."""
        ...


@dataclass
class RemoteExecutor:
    """Runs passes over shards in other processes.

    Attributes
    ----------
    transport : Transport
        How orders travel.
    runs : sequence of sequence of (int, int)
        First row and number of rows of every run, shard by shard.
    workers : Workers
        The threads of this process.
    gathers : bool
        Whether something of every row may be brought to this process, such as labels.
    """

    transport: Transport
    runs: Sequence[Sequence[tuple[int, int]]]
    workers: Workers
    in_place: bool = False
    gathers: bool = True
    _journal: Journal = field(default_factory=Journal)
    _number: int = 0
    _weights: NDArray[np.float64] | None = None

    def run(self, work: Pass[Part]) -> Part:
        """Run a pass over all rows; return what it found."""
        done: Part = merged(reply for reply in self._ask(work, True) if reply is not None)
        assert done is not None, "a source has rows"
        return done

    def states(self, of: Callable[[BlockState], Part]) -> list[Part]:
        """Return something of the state of every block, in the order of their rows."""
        found = [pair for reply in self._ask(of, False) for pair in reply]
        return [value for _, value in sorted(found, key=lambda pair: pair[0])]

    def weigh(self, weights: NDArray[np.float64] | None) -> None:
        """Give every row its weight; None where each weighs 1."""
        if weights is None and self._weights is None:
            return
        self._weights = weights
        for _ in self._ask(None, False, weigh=True):
            pass

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, dense, as float64 of shape (len(rows), n_features)."""
        runs = sorted((*run, i) for i, runs in enumerate(self.runs) for run in runs)
        firsts, counts, shards = np.array(runs).T
        if not (rows.min() >= 0 and rows.max() < counts.sum()):
            raise IndexError("rows were asked for that there are not")
        shard = shards[np.searchsorted(firsts, rows, side="right") - 1]
        return taken(rows, shard, self.transport.take)

    def labels(self) -> NDArray[np.int32]:
        """Return the labels of all rows, in this process."""
        return joined(self.states(_labels))

    def _ask(self, work: Any, with_rows: bool, weigh: bool = False) -> Iterator[Any]:
        """Send an order to every shard; yield replies as they come."""
        self._number += 1
        after = self._journal.last
        make = partial(Order, self._number, after, work, with_rows)
        orders = [make(self._weights_of(i) if weigh else None) for i in range(len(self.runs))]
        jobs: list[tuple[int, Order, Sequence[Order]]] = [
            (i, order, ()) for i, order in enumerate(orders)
        ]
        while jobs:
            behind: list[tuple[int, Order, Sequence[Order]]] = []
            for i, reply in self.transport.perform(jobs):
                if isinstance(reply, Behind):
                    behind.append((i, orders[i], self._from_nothing(i)))
                else:
                    yield reply
            jobs = behind
        if orders[0].changes:
            self._journal.note(self._number, work, with_rows)

    def _from_nothing(self, shard: int) -> list[Order]:
        """Return the orders that make the state of a shard."""
        orders: list[Order] = []
        for entry in self._journal.entries:
            weights = self._weights_of(shard) if entry.work is None else None
            after = orders[-1].number if orders else 0
            orders.append(Order(entry.number, after, entry.work, entry.with_rows, weights))
        if not orders:  # nothing but the blocks
            orders.append(Order(0, 0, _nothing, False))
        return orders

    def _weights_of(self, shard: int) -> tuple[NDArray[np.float64] | None, ...]:
        weights = self._weights
        return tuple(
            None if weights is None else weights[first : first + count]
            for first, count in self.runs[shard]
        )


@reads
def _labels(state: BlockState) -> NDArray[np.int32]:
    return state.labels


@reads
def _nothing(state: BlockState) -> None:
    """Do nothing."""
