"""Compiled objects pickle, bit by bit; damaged bytes are a ValueError, or an object that works."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from centra import _core
from centra._assign.filters import Activity
from centra._seeding.passes import Trials

TEAM = _core.Workers(2)
RNG = np.random.default_rng(0)
X = np.ascontiguousarray(RNG.normal(size=(300, 3)) * [1.0, 1e-3, 1e5])
WEIGHTS = RNG.integers(0, 5, len(X)) / 3
CENTERS = X[:4].copy()
FAR = np.argsort(X[:, 2])[[0, -1]]
MATRIX = _core.Matrix.dense(X)
GATE = _core.column_stats(TEAM, MATRIX)
WEIGHED = _core.column_stats(TEAM, _core.Matrix.dense(WEIGHTS.reshape(-1, 1)))
FRAME = _core.Frame(GATE, CENTERS, False)


def tally(plan: _core.SumFormats, weights: Any = None, k: int = 4) -> _core.ClusterSums:
    """Return the sums of the rows by their nearest center; the last cluster stays empty."""
    sums, labels = _core.ClusterSums(k, plan), np.full(len(X), -1, np.int32)
    centers = np.vstack([CENTERS[: k - 1], np.full((1, 3), 1e9)])
    frame = _core.Frame(GATE, centers, False)
    _core.assign(TEAM, MATRIX, centers, frame, labels, sums, weights)
    return sums


def reach() -> _core.CenterDrift:
    """Return how far centers have moved."""
    moved = _core.CenterDrift(CENTERS)
    moved.advance(FRAME, CENTERS + 0.25)
    return moved


def sampled() -> _core.WeightedSampler:
    """Return what rows are drawn from."""
    urn = _core.WeightedSampler()
    urn.fill(TEAM, (X**2).sum(axis=1), WEIGHTS)
    return urn


def gains(exactly: bool = False) -> _core.Gains:
    """Return what two candidates gain."""
    floors, distances = np.empty(len(X)), ((X - X[0]) ** 2).sum(axis=1)
    _core.floors(TEAM, MATRIX, FRAME, floors)
    candidates = _core.Candidates(TEAM, FRAME, False, X[FAR].copy(), np.empty((0, 3)))
    nearest = np.zeros(len(X), np.int32)
    return _core.trials(
        TEAM, MATRIX, FRAME, candidates, distances, nearest, floors, None, WEIGHTS, exactly, 1
    )


def shares() -> _core.Shares:
    """Return how wide clusters are towards each other."""
    own, other, rival = np.empty(len(X)), np.empty(len(X)), np.empty(len(X), np.int32)
    labels = np.arange(len(X), dtype=np.int32) % 4
    found = _core.two_nearest(TEAM, MATRIX, CENTERS, labels, own, other, rival, None, True)
    assert found is not None
    return found


PLAN, HEAVY = _core.SumFormats(GATE), _core.SumFormats(GATE, WEIGHED)


def bad_gate() -> _core.ColumnStats:
    """Return what is found of rows of which one is not finite."""
    bad = X.copy()
    bad[7, 1] = np.inf
    return _core.column_stats(TEAM, _core.Matrix.dense(bad))


#: One of every class and kind.
OBJECTS: dict[str, Callable[[], Any]] = {
    "gate": lambda: GATE,
    "gate-without-sums": lambda: _core.column_stats(TEAM, MATRIX, False),
    "gate-of-zeros": lambda: _core.column_stats(TEAM, _core.Matrix.dense(np.zeros((4, 2)))),
    "gate-of-bad-rows": bad_gate,
    "plan": lambda: PLAN,
    "plan-with-weights": lambda: HEAVY,
    "moments": lambda: _core.moments(TEAM, MATRIX, PLAN, None, True),
    "moments-with-weights": lambda: _core.moments(TEAM, MATRIX, HEAVY, WEIGHTS),
    "tally": lambda: tally(PLAN),
    "tally-with-weights": lambda: tally(HEAVY, WEIGHTS),
    "tally-empty": lambda: _core.ClusterSums(3, PLAN),
    "frame": lambda: FRAME,
    "frame-at-zero": lambda: _core.Frame(GATE, CENTERS, True),
    "gains": gains,
    "gains-in-integers": lambda: gains(True),
    "sum": lambda: sampled().total(),
    "sum-of-nothing": _core.ExactSum,
    "shares": shares,
    "reach": reach,
    "reach-at-start": lambda: _core.CenterDrift(CENTERS),
}
EVERY = pytest.mark.parametrize("name", OBJECTS)


def raw(thing: Any) -> bytes:
    """Return the bytes in a pickle."""
    data: bytes = thing.__reduce__()[1][0]
    return data


def said(thing: Any) -> list[Any]:
    """Return all that an object says, in bits; errors of arguments are answers too."""
    found: list[Any] = []

    def ask(what: Callable[[], Any]) -> Any:
        try:
            answer = what()
        except (ValueError, OverflowError) as error:
            found.append(str(error))
            return None
        many = answer if isinstance(answer, tuple) else (answer,)
        found.extend(one.tobytes() if isinstance(one, np.ndarray) else repr(one) for one in many)
        return answer

    match thing:
        case _core.ColumnStats():
            ask(lambda: (thing.rows, thing.bad, thing.low, thing.high))
            ask(lambda: thing.holds(TEAM, CENTERS[:, : len(thing.low)].copy()))
            ask(lambda: raw(thing + thing))
            plan = made(lambda: _core.SumFormats(thing))
            if plan is not None:
                found.extend(said(plan))
            frame = made(lambda: _core.Frame(thing, CENTERS[:, : len(thing.low)].copy(), False))
            if frame is not None:
                ask(lambda: raw(frame))
        case _core.SumFormats():
            ask(lambda: thing.limbs)
            ask(lambda: raw(_core.moments(TEAM, MATRIX, thing, WEIGHTS, True)))
            sums = _core.ClusterSums(2, thing)
            found.extend(said(sums))
        case _core.Moments():
            ask(thing.mean_variance)
            ask(lambda: raw(thing + thing))
            ask(lambda: _core.MeanCache().inertia(TEAM, tally(PLAN), thing, CENTERS))
        case _core.ClusterSums():
            ask(thing.weights)
            ask(lambda: (thing.has_empty(), thing.heaviest(), thing.equals(thing.copy())))
            ask(lambda: raw(thing + thing))
            ask(lambda: raw(thing.total()))
            k = len(thing.weights())
            centers = np.resize(CENTERS, (k, 3))
            ask(lambda: _core.MeanCache().advance(TEAM, thing, centers, np.empty((k, 3))))
            squares = _core.moments(TEAM, MATRIX, PLAN)
            ask(lambda: _core.MeanCache().inertia(TEAM, thing, squares, centers))
        case _core.Frame():
            ask(lambda: _core.max_norm(TEAM, MATRIX, thing))
            labels = np.full(len(X), -1, np.int32)
            ask(lambda: _core.assign(TEAM, MATRIX, CENTERS, thing, labels))
            longest = made(lambda: _core.max_norm(TEAM, MATRIX, thing))
            ask(lambda: _core.assign(TEAM, MATRIX, CENTERS, thing, labels, max_norm=longest))
            kept = _core.Kept()
            ask(lambda: _core.floors(TEAM, MATRIX, thing, np.empty(len(X)), kept))
            ask(lambda: _core.round_rows(TEAM, MATRIX, thing, kept))
            ask(lambda: _core.CenterDrift(CENTERS).advance(thing, CENTERS + 1))
            ask(lambda: _core.SpatialBlocks.sort(TEAM, MATRIX, thing, GATE) and None)
        case _core.Gains():
            ask(lambda: (thing.rows, thing.missed, thing.skipped, thing.listed, thing.best()))
            ask(lambda: raw(thing + thing))
            ask(lambda: (thing + thing).best())
        case _core.ExactSum():
            ask(lambda: float(thing))
            ask(lambda: raw(thing + thing))
            distances = (X**2).sum(axis=1)
            values = np.linspace(0, 1e13, 9)
            ask(lambda: sampled().draw(values, thing, 0, distances, WEIGHTS))
        case _core.Shares():
            ask(thing.moments)
            ask(lambda: raw(thing + thing))
        case _core.CenterDrift():
            labels = np.zeros(len(X), np.int32)
            gaps = np.full(len(X), 1.0, np.float32)
            ask(
                lambda: _core.assign(TEAM, MATRIX, CENTERS, FRAME, labels, drift=thing, bounds=gaps)
            )
            ask(lambda: thing.advance(FRAME, CENTERS + 1))
            ask(lambda: raw(thing))
    return found


def made(make: Callable[[], Any]) -> Any:
    """Return an object, or None if it cannot be made."""
    try:
        return make()
    except ValueError:
        return None


@EVERY
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_what_comes_back_is_the_same(name: str, protocol: int) -> None:
    thing = OBJECTS[name]()
    again = pickle.loads(pickle.dumps(thing, protocol))
    assert type(again) is type(thing)
    assert raw(again) == raw(thing)
    assert said(again) == said(thing)


@EVERY
def test_damaged_bytes(name: str) -> None:
    data = raw(OBJECTS[name]())
    kind = type(OBJECTS[name]())
    worked = 0
    for at in range(len(data)):
        for damaged in (
            data[:at],
            data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
            data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1 :],
            data[:at] + b"\xff" + data[at + 1 :],
            data[:at] + b"\x00" + data[at + 1 :],
            data[:at] + data[at + 1 :],
        ):
            again = made(lambda damaged=damaged: kind.from_bytes(damaged))
            if again is not None and worked < 250:
                worked += 1
                said(again)
    for more in (data + b"\x00", b"", bytes([data[0]])):
        with pytest.raises(ValueError, match="damaged"):
            kind.from_bytes(more)


def test_random_bytes() -> None:
    rng = np.random.default_rng(1)
    kinds = {type(make()) for make in OBJECTS.values()}
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        for _ in range(2000):
            tail = rng.integers(0, rng.choice([3, 20, 256]), int(rng.integers(0, 60)))
            again = made(
                lambda kind=kind, tail=tail: kind.from_bytes(b"\x01" + bytes(tail.tolist()))
            )
            if again is not None:
                said(again)


def test_another_version_is_named() -> None:
    with pytest.raises(ValueError, match=r"pickled ColumnStats is in format 9.*reads format 1"):
        _core.ColumnStats.from_bytes(b"\x09" + raw(GATE)[1:])


def test_a_team_pickles() -> None:
    for isa in _core.Workers.available():
        team = _core.Workers(3, isa)
        again = pickle.loads(pickle.dumps(team))
        assert (again.n_threads, again.isa) == (team.n_threads, team.isa)


#: What a process keeps for itself.
KEPT = {
    "Matrix",
    "MeanCache",
    "PackedRows",
    "CenterActivity",
    "SpatialBlocks",
    "WeightedSampler",
    "Candidates",
    "Kept",
}


def test_every_class_pickles_or_stays() -> None:
    classes = {name for name in _core.__all__ if isinstance(getattr(_core, name), type)}
    kinds = {type(make()).__name__ for make in OBJECTS.values()}
    assert classes == kinds | KEPT | {"Workers"}
    candidates = _core.Candidates(TEAM, FRAME, False, X[:2].copy(), CENTERS)
    for thing in (
        MATRIX,
        _core.MeanCache(),
        _core.PackedRows(),
        _core.CenterActivity(),
        _core.WeightedSampler(),
        candidates,
    ):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)


def test_parts_of_other_rows_do_not_merge() -> None:
    other = np.ascontiguousarray(X[:, :2])
    gate = _core.column_stats(TEAM, _core.Matrix.dense(other))
    plan = _core.SumFormats(gate)
    with pytest.raises(ValueError, match="columns"):
        GATE + gate
    with pytest.raises(ValueError, match="columns"):
        _core.moments(TEAM, MATRIX, PLAN, None, True) + _core.moments(
            TEAM, _core.Matrix.dense(other), plan, None, True
        )
    with pytest.raises(ValueError, match="formats"):
        _core.moments(TEAM, MATRIX, plan)
    sums = tally(PLAN)
    with pytest.raises(ValueError, match="clusters"):
        sums += _core.ClusterSums(4, plan)
    candidates = _core.Candidates(TEAM, FRAME, False, X[5:6].copy(), np.empty((0, 3)))
    distances, nearest = np.ones(len(X)), np.zeros(len(X), np.int32)
    one = _core.trials(TEAM, MATRIX, FRAME, candidates, distances, nearest, np.zeros(len(X)))
    with pytest.raises(ValueError, match="gains"):
        gains() + one


def test_lists_stay_with_their_block() -> None:
    there = gains()
    again = pickle.loads(pickle.dumps(there))
    assert there.listed and again.listed
    distances, nearest = np.ones(len(X)), np.zeros(len(X), np.int32)
    with pytest.raises(ValueError, match="not listed"):
        again.exactly(distances, WEIGHTS)
    assert not again.take(0, 1, distances, nearest, sampled(), WEIGHTS)


def test_what_a_partition_makes_for_itself_stays_there() -> None:
    candidates = _core.Candidates(TEAM, FRAME, False, X[:2].copy(), CENTERS)
    trials = Trials(FRAME, False, X[:2].copy(), CENTERS, False, 2, candidates)
    assert pickle.loads(pickle.dumps(trials)).ready is None and trials.ready is candidates
    activity = Activity(np.array([True, False]), 3, 2, _core.CenterActivity())
    again = pickle.loads(pickle.dumps(activity))
    assert (again.placed, again.epoch, again.n_passes) == (None, 3, 2)
    assert again.moved.tolist() == [True, False] and activity.placed is not None


def test_sums_add_up_in_place() -> None:
    one, other = tally(PLAN), tally(PLAN)
    both, same = one + other, one
    one += other
    assert one is same and one.equals(both)
