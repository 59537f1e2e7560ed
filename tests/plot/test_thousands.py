"""Ticks are written as numbers are in texts."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from centra.plot.legible import LARGE, longest, separate

pytestmark = pytest.mark.usefixtures("figures")


def ticks(values: list[float], least: float = 1000) -> tuple[list[str], str]:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    separate(ax.xaxis, least)
    ax.set_xlim(min(values, default=0), max([*values, 1]))
    formatter = ax.xaxis.get_major_formatter()
    return formatter.format_ticks(values), formatter.get_offset()


def test_thousands_have_commas_as_soon_as_one_does():
    assert ticks([0, 500, 1000])[0] == ["0", "500", "1,000"]
    assert ticks([-20000, 5000, 30000])[0] == ["\N{MINUS SIGN}20,000", "5,000", "30,000"]
    assert ticks([999.5, 1000.0, 1000.5])[0][1:] == ["1,000.0", "1,000.5"]
    assert ticks([0.1, 0.2])[0] == ["0.1", "0.2"]
    assert ticks([-2.5, 0, 2.5])[0] == ["\N{MINUS SIGN}2.5", "0.0", "2.5"]


def test_years_have_none():
    assert ticks([1998, 2004, 2010], LARGE)[0] == ["1998", "2004", "2010"]
    assert ticks([2000, 6000, 12000], LARGE)[0] == ["2,000", "6,000", "12,000"]


def test_a_power_stands_at_each_tick_and_nothing_beside_the_axis():
    assert ticks([0, 5e9, 1e10]) == (["0", "0.5e10", "1.0e10"], "")
    assert ticks([1e-7, 2e-7])[0] == ["1e\N{MINUS SIGN}7", "2e\N{MINUS SIGN}7"]


def test_digits_that_all_ticks_share_stand_beside_the_axis():
    texts, beside = ticks([2.0**40, 2.0**40 + 2, 2.0**40 + 4])
    assert max(map(len, texts)) <= 9 and beside.startswith("+1.09951")


def test_an_axis_without_ticks_or_with_zero_alone():
    assert ticks([]) == ([], "")
    assert ticks([0.0])[0] == ["0"]


def test_other_ways_of_writing_stay():
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.set_xscale("log")
    before = ax.xaxis.get_major_formatter()
    separate(ax.xaxis)
    assert ax.xaxis.get_major_formatter() is before


def test_counts_and_columns_of_figures():
    X = np.repeat([[0.0], [10_000.0], [20_000.0]], 1500, axis=0)
    ax = centra.plot.clusters(centra.KMeans(3, init=X[::1500]).fit(X), X)
    ax.figure.canvas.draw()
    assert "5,000" in [label.get_text() for label in ax.get_xticklabels()]
    assert "1,000" in [label.get_text() for label in ax.get_yticklabels()]


def test_labels_are_as_long_as_there_is_room():
    import matplotlib.pyplot as plt

    wide = plt.subplots(figsize=(9, 3))[1]
    assert longest(wide, "x" * 60, "short") == "x" * 60
    narrow = plt.subplots(1, 4, figsize=(9, 3))[1][0]
    assert longest(narrow, "x" * 60, "y" * 50, "short") == "short"
