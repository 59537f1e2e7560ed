"""Numbers that stand for missing ones are told, and never where there are none."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from centra._diagnostics.codes import CODES, codes_of
from drawn_tables import blob_table, noise_table

rng = np.random.default_rng(5)
MEASURED = {
    "answers from 1 to 5": rng.integers(1, 6, 200).astype(float),
    "cholesterol": np.rint(rng.normal(200, 35, 200)),
    "body mass": np.round(rng.normal(27, 4, 200), 1),
    "temperature": np.round(rng.normal(8, 7, 200), 1),
    "humidity": np.round(rng.uniform(20, 100, 200), 1),
}


@pytest.mark.parametrize(
    ("which", "codes"),
    [
        ("answers from 1 to 5", {99: 5}),
        ("answers from 1 to 5", {98: 2, 99: 3}),
        ("answers from 1 to 5", {-9: 4}),
        ("cholesterol", {999: 8}),
        ("body mass", {-9: 7}),
        ("temperature", {-999: 4}),
        ("humidity", {-999: 3, 9999: 2}),
    ],
)
def test_codes_are_told(which: str, codes: dict[int, int]) -> None:
    column = MEASURED[which].copy()
    column[: sum(codes.values())] = np.repeat(list(codes), list(codes.values()))
    assert codes_of(np.column_stack([MEASURED["cholesterol"], column])) == {1: codes}


@pytest.mark.parametrize("which", MEASURED)
def test_measurements_are_no_codes(which: str) -> None:
    column = MEASURED[which].copy()
    assert codes_of(column[:, None]) == {}
    column[3] = 999  # once is an outlier
    assert codes_of(column[:, None]) == {}


@pytest.mark.parametrize(
    "column",
    [
        np.repeat([1.0, 99.0], 30),  # two groups
        np.repeat([9.0, 99.0, 999.0], 30),
        np.r_[np.arange(90.0), 99, 99],  # near the others
        np.r_[np.full(40, 3.0), 99, 99],  # nothing to measure a distance by
        np.r_[np.arange(5.0), 99, 99],
        np.full(20, 99.0),
    ],
)
def test_what_may_be_measured_is_no_code(column: np.ndarray) -> None:
    assert codes_of(column[:, None]) == {}


def test_no_drawn_table_has_codes() -> None:
    for draw in (blob_table, noise_table):
        for number in range(100):
            rows = draw(number).rows
            assert codes_of(rows) == {} and codes_of(np.rint(rows)) == {}
    assert all(value == round(value, 2) for value in CODES)


def test_the_report_says_so() -> None:
    X = np.column_stack([MEASURED["answers from 1 to 5"], rng.integers(1, 6, 200)])
    X[:5, 0] = 99
    report = centra.KMeans(2, random_state=0).fit(X).report()
    (said,) = (each for each in report.remarks if each.kind == "code")
    assert said.text == (
        "Column 0 has 99 in 5 rows, far from all its other numbers (1 to 5): if it stands for a "
        "missing number, leave these rows out."
    )
    assert said.numbers == {"column": "0", "codes": [99.0], "rows": [5]} and said.gravity == 2
    assert report.verdict.endswith(", but numbers that may stand for missing ones take part.")
