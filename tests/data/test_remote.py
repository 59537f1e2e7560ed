"""Rows in other processes, which may be lost at any moment: the bits of the fit in memory.

The transport of these tests pickles whatever travels, and loses shards as it likes.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._assign import filters
from centra._data import passes as data
from centra._data.dataset import Dataset
from centra._data.journal import Effect, effect_of
from centra._data.passes import PassStats
from centra._data.remote import Order, RemoteExecutor, Shard
from centra._estimators.base import as_seeding
from centra._lloyd import empty_clusters
from centra._lloyd.fit import fit
from centra._seeding import passes as seeding
from centra._seeding import scalable
from centra._utils.threads import workers
from centra.sources import MemorySource, Source
from parts import Parts

RNG = np.random.default_rng(0)
X = np.round(RNG.normal(size=(900, 6)) * 64) / 64
WEIGHTS = RNG.integers(0, 3, len(X)).astype(float)


class Lossy:
    """Shards in this process, reached by bytes alone."""

    def __init__(self, shards: list[Shard], lose: Callable[[], str]) -> None:
        self.kept, self.lose = [pickle.dumps(shard) for shard in shards], lose
        self.shards = shards
        self.lost = 0

    def perform(
        self, orders: Sequence[tuple[int, Order, Sequence[Order]]]
    ) -> Iterator[tuple[int, Any]]:
        for i, order, before in reversed(orders):  # in any order
            sent = pickle.dumps((order, before))
            how = self.lose()
            if how == "before":
                self.restart(i)
            reply = self.shards[i].perform(*self.received(sent))
            if how == "after":  # and the reply with it: the order is sent again
                self.restart(i)
                reply = self.shards[i].perform(*self.received(sent))
            if how == "reply":
                reply = self.shards[i].perform(*self.received(sent))
            yield i, pickle.loads(pickle.dumps(reply))

    def received(self, sent: bytes) -> tuple[Order, Any, Sequence[Order]]:
        order, before = pickle.loads(sent)
        return order, workers(2), before

    def restart(self, i: int) -> None:
        self.shards[i] = pickle.loads(self.kept[i])
        self.lost += 1

    def take(self, shard: int, rows: np.ndarray) -> np.ndarray:
        return self.shards[shard].take(rows)


class Elsewhere(Source):
    """The rows as a data set knows them: it never reads them."""

    def __init__(self, X: Any) -> None:
        self.shape, self.dtype, self.sparse = X.shape, X.dtype, bool(sp.issparse(X))

    def blocks(self) -> Any:
        raise AssertionError("rows are elsewhere")


def source(rows: Any) -> Source:
    """Return the rows of a run, in blocks."""
    return Parts(rows, [rows.shape[0] // 3, rows.shape[0] // 3], resident=True)


def shards(X: Any, how: str) -> tuple[list[Shard], list[list[tuple[int, int]]]]:
    cuts = {"one": [[0, 900]], "three": [[0, 20], [20, 21], [21, 900]]}.get(how)
    if how == "interleaved":
        ends = [(a, min(a + 130, 900)) for a in range(0, 900, 130)]
        runs = [ends[0::2], ends[1::2]]
    else:
        assert cuts is not None
        runs = [[(a, b)] for a, b in cuts]
    made = [Shard([(a, source(X[a:b])) for a, b in run]) for run in runs]
    return made, [[(a, b - a) for a, b in run] for run in runs]


def fitted(X: Any, executor: Any, weights: Any, rows: Source, **how: Any) -> Any:
    executor_stats = executor.run(PassStats())
    data = Dataset(rows, weights, executor, executor_stats)
    k = how.pop("k", 7)
    seeding = as_seeding(how.pop("init"), k, X.shape[1])
    rng = np.random.RandomState(0)
    return fit(data, seeding, k, rng=rng, max_iter=30, tol=0.0, **how)


def same(a: Any, b: Any) -> None:
    assert a.centers.tobytes() == b.centers.tobytes()
    assert np.array_equal(a.labels, b.labels) and a.inertia == b.inertia
    assert [(r.inertia, r.shift, r.changed) for r in a.history] == [
        (r.inertia, r.shift, r.changed) for r in b.history
    ]
    assert a.runs == b.runs and a.distinct == b.distinct
    np.testing.assert_array_equal(a.means, b.means)


KINDS = {
    "float64": X,
    "float32": X.astype("f4"),
    "two columns": np.ascontiguousarray(X[:, :2]),
    "sparse": sp.csr_matrix(np.where(np.abs(X) > 1, X, 0)),
}


def dice(seed: int, share: float) -> Callable[[], str]:
    rng = np.random.default_rng(seed)

    def throw() -> str:
        if rng.random() >= share:
            return ""
        return str(rng.choice(["before", "after", "reply"]))

    return throw


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random", "given", "empty"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_bits_of_memory(kind: str, init: str, weighted: bool) -> None:
    rows = KINDS[kind]
    weights = WEIGHTS if weighted else None
    dense = np.asarray(rows.todense() if sp.issparse(rows) else rows, dtype=float)
    start: Any = init
    if init == "given":
        start = dense[:7].copy()
    elif init == "empty":
        start = np.concatenate([dense[:4], dense[:3] + 9e3])
    n_init = 1 if init in ("given", "empty") else 3
    here = centra._data.executor.LocalExecutor(MemorySource(rows), workers(2))
    there = fitted(rows, here, weights, MemorySource(rows), init=start, n_init=n_init)
    for seed, (how, share) in enumerate(
        [("one", 0.0), ("three", 0.0), ("three", 0.3), ("interleaved", 0.1), ("three", 1.0)]
    ):
        made, runs = shards(rows, how)
        transport = Lossy(made, dice(seed, share))
        executor = RemoteExecutor(transport, runs, workers(1))
        model = fitted(rows, executor, weights, Elsewhere(rows), init=start, n_init=n_init)
        same(model, there)
        assert share < 0.2 or transport.lost > 5


@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_states_says_so(init: str, kind: str) -> None:
    """What nobody has marked is repeated for ever."""
    rows = KINDS[kind]
    made, runs = shards(rows, "three")
    executor = RemoteExecutor(Lossy(made, lambda: ""), runs, workers(1))
    note, seen = executor._journal.note, set()

    def watched(number: int, work: Any, with_rows: bool) -> None:
        seen.add(effect_of(work))
        note(number, work, with_rows)

    executor._journal.note = watched  # type: ignore[method-assign]
    fitted(rows, executor, WEIGHTS, Elsewhere(rows), init=init, n_init=2, k=5)
    assert Effect.LABELS in seen and not seen & {Effect.ANY, Effect.NONE}


@pytest.mark.parametrize("module", [data, filters, seeding, scalable, empty_clusters])
def test_every_pass_has_an_effect(module: Any) -> None:
    found = [
        made
        for made in vars(module).values()
        if isinstance(made, type)
        and made.__module__ == module.__name__
        and list(signature(getattr(made, "run", int.__add__)).parameters)[1:] == ["block", "state"]
    ]
    assert found and not [made for made in found if effect_of(made) is Effect.ANY]


def test_the_journal_is_short() -> None:
    """However many iterations and restarts: what is repeated is what counts."""
    made, runs = shards(X, "three")
    executor = RemoteExecutor(Lossy(made, lambda: ""), runs, workers(1))
    longest = 0
    note = executor._journal.note

    def watched(*of: Any) -> None:
        nonlocal longest
        note(*of)
        longest = max(longest, len(executor._journal.entries))

    executor._journal.note = watched  # type: ignore[method-assign]
    fitted(X, executor, WEIGHTS, Elsewhere(X), init="k-means++", n_init=6, k=5)
    # Weights; the best restart; this one's seeding: begin, Pack, Lower, and two for each center.
    assert longest <= 1 + 3 + 3 + 2 * 4 + 1
    effects = [entry.effect for entry in executor._journal.entries]
    assert effects.count(Effect.LABELS) <= 1 and Effect.TRIAL not in effects


@pytest.mark.parametrize("rows", [[0], [899, 0, 20, 21, 20], list(range(0, 900, 7))])
def test_rows_that_are_taken(rows: list[int]) -> None:
    for how in ("one", "three", "interleaved"):
        made, runs = shards(X, how)
        executor = RemoteExecutor(Lossy(made, lambda: ""), runs, workers(1))
        assert np.array_equal(executor.take(np.array(rows)), X[rows])
    with pytest.raises(IndexError):
        executor.take(np.array([900]))


def test_an_order_that_fails_leaves_no_half_state() -> None:
    """What was interrupted is made anew, not carried on."""
    made, runs = shards(X, "one")
    executor = RemoteExecutor(Lossy(made, lambda: ""), runs, workers(1))
    data = Dataset(Elsewhere(X), None, executor, executor.run(PassStats()))
    from centra._assign.assignment import Assignment

    assignment = Assignment(data, 4)
    assignment.assign(X[:4].copy())
    expected = assignment.labels.copy()

    def fail(state: Any) -> None:
        state.labels[:] = 3
        raise KeyError("stop")

    shard = made[0]
    with pytest.raises(KeyError):
        shard.perform(Order(99, executor._journal.last, fail), workers(1))
    assert np.array_equal(assignment.labels, expected)
