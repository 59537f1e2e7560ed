"""Reference tables: columns of one peak, spread and correlated like those of a sample."""

from __future__ import annotations

import numpy as np
import pytest

from centra.selection.references import References, normal_scores, one_peak, spread_of
from centra.selection.samples import Sample


def even(n: int) -> np.ndarray:
    return np.full(n, 1 / n)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_column_of_one_peak_stays_as_it_is():
    places = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    masses = np.array([0.1, 0.4, 0.3, 0.2])
    np.testing.assert_allclose(one_peak(places, masses), [0, 0.1, 0.5, 0.8, 1.0])


def test_the_gap_between_two_peaks_is_filled():
    values = np.r_[rng().normal(size=500), rng().normal(10, 1, size=500)]
    column = spread_of(values, even(1000), True, rng())
    slopes = np.diff(column.at(np.linspace(0.01, 0.99, 50)))
    rising = np.flatnonzero(np.diff(slopes) > 1e-9)  # density falls
    falling = np.flatnonzero(np.diff(slopes) < -1e-9)
    assert falling.max(initial=-1) <= rising.min(initial=len(slopes))
    between = (column.at(np.linspace(0, 1, 1001)) > 3.5) & (
        column.at(np.linspace(0, 1, 1001)) < 6.5
    )
    assert between.mean() > 0.1


def test_long_tails_and_bounds_stay():
    values = rng().lognormal(size=2000)
    column = spread_of(values, even(2000), False, rng())
    drawn = column.at(rng().random(20_000))
    assert drawn.min() >= values.min() and drawn.max() <= values.max()
    shares = [0.05, 0.25, 0.5, 0.75, 0.95]
    np.testing.assert_allclose(np.quantile(drawn, shares), np.quantile(values, shares), rtol=0.12)


def test_steps_of_a_scale_stay():
    values = rng().integers(1, 6, size=500) * 0.5
    column = spread_of(values, even(500), False, rng())
    assert set(column.at(rng().random(1000))) <= {0.5, 1.0, 1.5, 2.0, 2.5}
    two = spread_of(np.repeat([3.0, 7.0], [30, 70]), even(100), False, rng())
    drawn = two.at(rng().random(5000))
    assert set(drawn) == {3.0, 7.0} and (drawn == 3.0).mean() == pytest.approx(0.3, abs=0.03)
    alone = spread_of(np.repeat([3.0, 7.0], [30, 70]), even(100), True, rng())
    assert len(set(alone.at(rng().random(100)))) > 10


def test_normal_scores():
    scores = normal_scores(np.array([5.0, 1.0, 3.0, 3.0]), even(4))
    assert scores[2] == scores[3] == 0.0 and scores[0] == -scores[1] > 1


@pytest.mark.parametrize("kind", ["normal", "long tails", "five steps"])
def test_correlations_stay(kind):
    draws = rng().normal(size=(4000, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    rows = {
        "normal": draws,
        "long tails": np.exp(draws),
        "five steps": np.clip(np.rint(3 + draws), 1, 5),
    }[kind]
    references = References.like(Sample(rows, None), rng())
    table = references.draw(np.random.default_rng(1)).rows
    ranks = [
        np.corrcoef(normal_scores(x, even(4000)), normal_scores(y, even(4000)))[0, 1]
        for x, y in (rows.T, table.T)
    ]
    assert ranks[1] == pytest.approx(ranks[0], abs=0.02)


def test_columns_that_are_all_the_same_are_left_out():
    rows = np.column_stack([np.ones(50), rng().normal(size=50)])
    assert References.like(Sample(rows, None), rng()).draw(rng()).rows.shape == (50, 1)


def test_rows_of_more_columns_than_rows():
    rows = rng().normal(size=(20, 60))
    table = References.like(Sample(rows, None), rng()).draw(rng())
    assert table.rows.shape == (20, 60) and np.isfinite(table.rows).all()


def test_weights_are_those_of_the_sample_in_another_order():
    weights = np.arange(1.0, 51.0)
    table = References.like(Sample(rng().normal(size=(50, 2)), weights), rng()).draw(rng())
    assert table.weights is not None and sorted(table.weights) == weights.tolist()
