"""The test whether there are clusters at all, on tables that have some and that have none."""

from __future__ import annotations

import numpy as np
import pytest
from tools.choosing import named, right, wrong

import centra
from centra.selection.samples import Fitter, Sample
from centra.selection.structure import NONE, Structure, StructureTest, some_of
from drawn_tables import blob_table, noise_table
from known import blobs, noise


def structure(rows, ks=range(2, 11), weights=None) -> Structure:
    sample = Sample(np.asarray(rows, dtype=float), weights)
    found = StructureTest(sample, ks, Fitter(centra.KMeans(), 1)).run(np.random.SeedSequence(0))
    assert found is not None
    return found


def correlated(kind: str, n: int = 300, d: int = 6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 2)) @ rng.normal(size=(2, d)) + rng.normal(size=(n, d))
    rows /= rows.std(axis=0)
    if kind == "lognormal":
        return np.exp(rows)
    return np.clip(np.rint(3 + rows), 1, 5) if kind == "likert" else rows


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["gaussian", "lognormal", "likert"])
def test_columns_that_hang_together_are_no_clusters(kind, seed):
    found = structure(correlated(kind, seed=seed))
    assert not found.there and found.why == NONE
    assert (found.scores <= found.least).all()


@pytest.mark.parametrize("k", [2, 3, 5])
def test_clusters_are_there(k):
    found = structure(blobs(k))
    assert found.there and found.scores.max() > 2 * found.least


def test_steps_of_a_scale_are_no_clusters_but_two_places_are():
    rng = np.random.default_rng(0)
    assert not structure(rng.integers(1, 6, size=(300, 1))).there
    assert structure(rng.integers(0, 2, size=(300, 1))).there
    # With other columns, a column of two values tells two kinds of rows apart, as it is meant to.
    assert not structure(rng.integers(0, 2, size=(300, 6))).there
    three = np.repeat([[0.0, 0], [5, 1], [1, 7]], 50, axis=0)
    found = structure(three)
    assert found.there and np.isinf(found.scores).any()


def test_rows_that_cannot_tell():
    same = structure(np.ones((40, 2)))
    assert not same.there and same.why == "All rows are the same: there are no clusters to find."
    few = StructureTest(Sample(noise(n=3), None), [2, 3], Fitter(centra.KMeans(), 1))
    assert few.run(np.random.SeedSequence(0)) is None


def test_weights_and_wide_rows():
    weights = np.random.default_rng(0).integers(1, 5, size=600).astype(float)
    assert not structure(noise(), weights=weights).there
    assert structure(blobs(3, n=60), weights=weights[:180]).there
    wide = structure(noise(0, n=40, d=90))
    assert wide.scores.max() < 1.5 * wide.least


def test_few_numbers_of_clusters_are_tried():
    assert some_of([2, 3, 4]) == [2, 3, 4]
    assert some_of(range(2, 11)) == [2, 3, 4, 5, 7, 10]
    assert len(some_of(range(2, 200))) <= 6


def test_a_sweep_makes_the_test():
    s = centra.sweep(blobs(3), range(2, 6), random_state=0, repeats=2)
    assert s.structure is not None and s.structure.there and s.best.found is s.structure
    assert centra.sweep(blobs(3), [2, 3], random_state=0, gap=False, repeats=2).structure is None
    none = centra.sweep(noise(), range(2, 6), random_state=0, repeats=2)
    assert none.best.summary == NONE and none.best.k is None and none.best.most_votes is not None


def test_a_headline_is_read_as_it_is_meant():
    assert named("All pick k = 3. k = 6 counts 3 single rows as clusters.") == [3, 6]
    noisy, clear = noise_table(0), blob_table(0)
    assert right(noisy, NONE) and not right(noisy, "It is not clear how many: k = 4 has most votes")
    assert right(clear, "There are probably 2 clusters: all 7 criteria pick k = 2.")
    assert not right(clear, NONE)


def test_headlines_of_some_drawn_tables():
    # One of twenty may be wrong: number 7, with values from 1 to 5 in two columns, is.
    assert len(list(wrong(True, range(12)))) <= 1
    assert len(list(wrong(False, range(0, 84, 7)))) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("noise", [True, False], ids=["noise", "clusters"])
def test_headlines_are_right_on_nineteen_of_twenty_tables(noise):
    found = [f"{table}: {text}" for table, text in wrong(noise, range(400))]
    assert len(found) <= 20, "\n".join(found)
