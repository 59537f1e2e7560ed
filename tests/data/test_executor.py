"""Passes over partitions: states may be lost, parts merge in any tree, sums show what is lost."""

from __future__ import annotations

import itertools
import pickle
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest

import centra
import naive_numpy
from answers import ROWS as X
from answers import dataset
from centra._assign.assignment import Assignment
from centra._data.block_state import BlockState
from centra._data.executor import Partition
from centra._data.passes import OwnDistances, PerRow
from centra._lloyd.empty_clusters import Farthest
from centra._seeding import passes
from centra.sources import Block
from parts import CUTS, Parts


def drop(state: BlockState) -> None:
    """Lose all that may be lost."""
    state.labels  # noqa: B018 - labels count: they are brought back from the spatial order
    state.packed = state.order = state.bounds = state.scores = None


@pytest.mark.parametrize("at", CUTS[1:3])
@pytest.mark.parametrize("engine", ["exhaustive", "blocks", "hamerly"])
def test_caches_may_be_lost_at_any_moment(
    monkeypatch: pytest.MonkeyPatch, at: list[int], engine: str
) -> None:
    monkeypatch.setenv("CENTRA_ENGINE", engine)
    data, rng = dataset(at), np.random.default_rng(1)
    assignment, centers = Assignment(data, 12), X[:12].copy()
    for turn in range(10):
        assignment.assign(centers, within=True)
        np.testing.assert_array_equal(assignment.labels, naive_numpy.assign(X, centers))
        states = data.executor.states(lambda state: state)
        if turn % 2:
            drop(states[rng.integers(len(states))])
        centers = centers + 1e-3 * rng.standard_normal(centers.shape)
        np.clip(centers, X.min(axis=0), X.max(axis=0), out=centers)
        assignment.check_sums()


def test_parts_merge_in_any_order() -> None:
    data = dataset(CUTS[2])
    partition: Partition = data.executor._partition
    labels = naive_numpy.assign(X, X[:9])
    data.executor.states(BlockState.forget_labels)
    blocks = list(zip(data.source.checked_blocks(), partition.states, strict=True))
    for state in partition.states:
        state.labels[:] = labels[state.rows]
    for work in (OwnDistances(X[:9].copy()), Farthest(X[:9].copy(), 9)):
        parts = [work.run(block, state) for block, state in blocks]
        forwards = reduce(add, parts)
        backwards = reduce(add, parts[::-1])
        tree = (parts[3] + parts[1]) + (parts[0] + (parts[6] + parts[2])) + (parts[5] + parts[4])
        for merged in (backwards, tree):
            if isinstance(forwards, PerRow):
                np.testing.assert_array_equal(merged.whole()[0], forwards.whole()[0])
            else:
                np.testing.assert_array_equal(merged.distances, forwards.distances)
                np.testing.assert_array_equal(merged.rows, forwards.rows)


def test_draws_fall_on_the_same_rows_however_rows_are_cut() -> None:
    weights = np.random.default_rng(2).integers(0, 4, 6000) / 4
    drawn = []
    for at in CUTS:
        data = dataset(at, weights)
        data.executor.states(passes.begin)
        data.run(passes.Lower(X[0], 0))
        from centra._seeding.plusplus import draw

        shares = np.r_[0.0, np.linspace(0, 1, 999), 0.5, np.nextafter(1, 0)]
        drawn.append(draw(data, shares))
    for one, other in itertools.pairwise(drawn):
        np.testing.assert_array_equal(one, other)


class Changing(Parts):
    """Rows that are others from some pass on."""

    after = 10**9
    passes = 0

    def blocks(self) -> Any:
        self.passes += 1
        for at, block in enumerate(super().blocks()):
            if at == 1 and self.passes > self.after:
                matrix = centra.sources.Matrix.dense(self.parts[1][::-1] + 0.25)
                yield Block(block.start, matrix)
            else:
                yield block


# Passes in which rows move: a row that stays where it is is in the sums as it was.
@pytest.mark.parametrize("after", range(3, 16, 3))
def test_rows_that_change_show_in_the_sums(after: int) -> None:
    source = Changing(X, CUTS[1], resident=True)
    km = centra.KMeans(8, init=X[:8].copy(), n_init=1, tol=0.0, max_iter=50)
    km.fit(source)  # they do not
    source.after, source.passes = after, 0
    with pytest.raises(ValueError, match="changed during the fit"):
        km.fit(source)


def test_a_state_pickles_with_its_labels_alone() -> None:
    data = dataset([])
    assignment = Assignment(data, 5)
    assignment.assign(X[:5].copy())
    (state,) = data.executor.states(lambda state: state)
    state.sort(next(data.source.blocks()).matrix, data.frame, data.stats)
    again = pickle.loads(pickle.dumps(state))
    np.testing.assert_array_equal(again.labels, assignment.labels)
    assert (again.start, again.n_rows, again.order, again.packed) == (0, 6000, None, None)
