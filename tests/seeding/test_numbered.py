"""Random numbers of rows: the same however rows are cut, whoever draws, whatever weighs nothing."""

from __future__ import annotations

import numpy as np
import pytest

from answers import ROWS as X
from answers import dataset
from centra._data.block_state import BlockState
from centra._seeding.numbered import Stream
from parts import CUTS


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_the_numbers_of_any_cut(make: type) -> None:
    weights = np.random.default_rng(1).integers(0, 3, len(X)).astype(float)
    for w in (None, weights, np.ones(len(X))):
        found = []
        for cuts in CUTS:
            data = dataset(cuts, w)
            stream = Stream.of(data, make(4))

            def numbers(state: BlockState, stream: Stream = stream) -> np.ndarray:
                values, rows = stream.uniform(state, 2)
                if rows is not None:
                    assert np.array_equal(rows, np.flatnonzero(weights[state.rows]))
                return values

            found.append(np.concatenate(data.executor.states(numbers)))
        philox = np.random.Philox(key=stream.key, counter=[0, 2, 0, 0])
        n = len(X) if w is None else int((w > 0).sum())
        expected = np.random.Generator(philox).random(n)
        for one in found:
            assert np.array_equal(one, expected)


def test_any_part_of_a_stream() -> None:
    stream = Stream(3)
    whole = stream.numbers(0, 0, 200)
    for first in range(0, 190, 7):
        for count in (0, 1, 3, 4, 9):
            assert np.array_equal(stream.numbers(0, first, count), whole[first : first + count])
    assert not np.array_equal(stream.numbers(1, 0, 200), whole)
    assert ((whole >= 0) & (whole < 1)).all() and 0.4 < whole.mean() < 0.6
