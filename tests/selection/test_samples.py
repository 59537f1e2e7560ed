"""The sample of the rows that the gap and stability are about."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from centra._estimators.base import prepared
from centra.selection import samples
from known import blobs, noise


def test_the_sample_is_stated_and_seeded():
    X = noise(n=500)
    a = centra.sweep(X, [2, 3], sample=100, repeats=2, random_state=0)
    b = centra.sweep(X, [2, 3], sample=100, repeats=2, random_state=0)
    c = centra.sweep(X, [2, 3], sample=100, repeats=2, random_state=1)
    assert a.sample_size == 100 and "on 100 of the rows" in str(a)
    for name in a.columns:
        np.testing.assert_array_equal(a.columns[name], b.columns[name])
    assert (a.columns["gap"] != c.columns["gap"]).all()


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_sample_has_the_type_of_the_rows(kind: str) -> None:
    X = noise(n=300, d=4).astype(kind)
    data = prepared(centra.KMeans(2), X, weigh=True, reset=True)
    for size in (200, 300):
        rows = samples.draw(data, size, np.random.default_rng(0)).rows
        assert rows.dtype == kind and len(rows) == size
        assert (rows[:, None] == X).all(axis=2).any(axis=1).all()


def test_wide_rows_make_a_smaller_sample(monkeypatch):
    monkeypatch.setattr(samples, "NUMBERS", 1000)
    s = centra.sweep(noise(n=500, d=10), [2], repeats=2, random_state=0)
    assert s.sample_size == 100


def test_rows_of_no_weight_are_not_in_the_sample():
    X = np.concatenate([blobs(2), np.full((50, 2), 1e6)])
    weights = np.repeat([1.0, 0.0], [200, 50])
    s = centra.sweep(X, [2, 3], sample_weight=weights, random_state=0)
    assert s.sample_size == 200
    assert s.best["gap"].k == 2 and s.best["stability"].k == 2


def test_restarts_are_those_of_the_fits():
    X = noise(n=200)
    one, more = (
        centra.sweep(X, [5], n_init=n, repeats=3, random_state=0, stability=False).gap
        for n in (1, 4)
    )
    assert one is not None and more is not None
    assert (more.reference_logs[:, 1] <= one.reference_logs[:, 1]).all()
    assert (more.reference_logs[:, 1] < one.reference_logs[:, 1]).any()
