"""Which columns name their rows, and which measure something."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

from centra._utils.identifiers import identifier_reason, words_of

rng = np.random.default_rng(17)
Column = np.ndarray


def _gaps(n: int, of: int, start: int = 0) -> Column:
    """Whole numbers with gaps, in any order."""
    return start + rng.choice(of, n, replace=False).astype(float)


IDENTIFIERS: dict[str, tuple[str, Column, str]] = {
    "1, 2, 3": ("customer", np.arange(1.0, 201), "a running number"),
    "permuted, with gaps": ("", _gaps(150, 260, 1001), "a running number"),
    "many gaps": ("f0", _gaps(2_000, 90_000), "a running number"),
    "counted down": ("lot", np.arange(500.0, 0, -1), "a running number"),
    "half steps": ("b", rng.permutation(np.arange(1, 101) * 0.5), "equal steps"),
    "tens": ("nr", np.arange(10.0, 1010, 10), "equal steps"),
    "tenths": ("", np.arange(120) * 0.1 + 3, "equal steps"),
    "standardized": ("", (_gaps(300, 500) - 250) / 144.3, "equal steps"),
    "float32": ("row", np.arange(5_000, dtype=np.float32) / 7, "equal steps"),
    "HOST_ID": ("HOST_ID", _gaps(300, 3 * 10**8, 10**5), "named like an identifier, no two alike"),
    "customerId": ("customerId", _gaps(40, 10**6), "named like an identifier, no two alike"),
    "host id, repeated": ("host_id", rng.integers(0, 10**6, 40).repeat(3), "named like an ident"),
    "passengerid": ("PASSENGERID", _gaps(12, 900), "named like an identifier, no two alike"),
    "order no.": ("Order No.", _gaps(80, 10**7), "named like an identifier, no two alike"),
    "Kunden-Nr": ("Kunden-Nr", _gaps(80, 10**5), "named like an identifier, no two alike"),
    "Kd.-Nr.": ("Kd.-Nr.", _gaps(80, 10**5), "named like an identifier, no two alike"),
    "Art.Nr": ("Art.Nr", _gaps(80, 10**5), "named like an identifier, no two alike"),
    "code commune": ("Code commune", _gaps(80, 95_000), "named like an identifier, no two alike"),
    "key": ("key", _gaps(80, 10**5), "named like an identifier, no two alike"),
    "zip": ("zip", rng.integers(10_000, 99_999, 50).repeat(4), "(a postal code)"),
    "PLZ": ("PLZ", rng.integers(1_000, 99_999, 300), "(a postal code)"),
    "Postal Code": ("Postal Code", rng.integers(10_000, 99_999, 30), "(a postal code)"),
    "phone": ("phone_number", _gaps(90, 9 * 10**9, 10**9), "(a phone number)"),
    "sample code number": ("Sample code number", _gaps(500, 10**7, 10**6), "named like"),
    "id of the same persons": ("ID", np.tile(np.arange(1.0, 11), 2), "named like an identifier"),
    "standardized id": (
        "customer_id",
        StandardScaler().fit_transform(_gaps(60, 10**7)[:, None])[:, 0],
        "named like an identifier, no two alike",
    ),
    "big": ("acc", _gaps(300, 9 * 10**6, 10**6), "big whole numbers, no two alike"),
    "tweets": ("tweet_id", _gaps(50, 10**9, 10**9) * 2.0**30, "named like an identifier, no two"),
}

MEASURED: dict[str, tuple[str, Column]] = {
    "years": ("year", np.arange(1950.0, 2020)),
    "time steps": ("time", np.arange(0, 100, 0.5)),
    "hours": ("hour", np.arange(24.0)),
    "ages": ("age", np.arange(18.0, 80)),
    "price levels": ("price", np.arange(5.0, 100, 5)),
    "wavelengths": ("wavelength (nm)", np.arange(400.0, 700, 2)),
    "women": ("height", np.arange(58.0, 73)),
    "pressure": ("temperature", np.arange(0.0, 380, 20)),
    "an axis": ("x", np.linspace(-1, 1, 200)),
    "timestamps": ("created_at", np.sort(rng.integers(15 * 10**8, 17 * 10**8, 400))),
    "population": ("", np.rint(rng.lognormal(11, 1.5, 200))),
    "areas": ("", np.rint(rng.lognormal(13, 2, 190))),
    "named population": ("Population", np.rint(rng.uniform(1e5, 9e6, 100))),
    "revenue": ("umsatz", np.rint(rng.uniform(1e5, 9e6, 100))),
    "salaries": ("", np.rint(rng.normal(52_000, 14_000, 1_000))),
    "salaries in hundreds": ("", np.rint(rng.normal(520, 140, 60)) * 100),
    "house prices": ("", np.rint(rng.lognormal(12.5, 0.5, 500) / 1000) * 1000),
    "few whole numbers": ("", rng.integers(0, 400, 25).astype(float)),
    "Likert": ("q1", rng.integers(1, 6, 300).astype(float)),
    "0/1": ("", rng.integers(0, 2, 40).astype(float)),
    "Gaussian": ("", rng.normal(size=500)),
    "uniform": ("", rng.uniform(size=500)),
    "float32 far from 0": ("", (rng.normal(size=500) * 1e6 + 1e8).astype(np.float32)),
    "one decimal": ("", np.round(rng.normal(170, 8, 60), 1)),
    "counts": ("number of visits", np.rint(rng.uniform(0, 10**6, 60))),
    "n_rooms": ("n_rooms", rng.permutation(40).astype(float)),
    "acid": ("fixed acid", rng.permutation(np.round(rng.normal(7, 1, 80), 3))),
    "inner diameter": ("ID", rng.choice([10.0, 12, 16, 20, 25], 60)),
    "NO, NO2": ("NO", rng.integers(1, 400, 300).astype(float)),
    "body mass index": ("body mass index", np.round(rng.normal(25, 4, 90), 1)),
    "lines of code": ("lines_of_code", rng.integers(0, 10**5, 90).astype(float)),
    "key of a song": ("key", rng.integers(0, 12, 90).astype(float)),
    "cells": ("cell area", rng.permutation(10**6)[:90] + 20_000.0),
    "constant": ("id", np.ones(30)),
    "missing": ("id", np.full(30, np.nan)),
    "a grid": ("", np.tile(np.arange(20.0), 20)),
    "text": ("id", np.array(["a", "b", "c"])),
}


@pytest.mark.parametrize("which", IDENTIFIERS)
def test_identifiers_are_told_by_values_or_name(which: str) -> None:
    name, values, reason = IDENTIFIERS[which]
    assert reason in (identifier_reason(name, values) or "")


@pytest.mark.parametrize("which", MEASURED)
def test_what_is_measured_is_no_identifier(which: str) -> None:
    assert identifier_reason(*MEASURED[which]) is None


def _of_scikit_learn() -> Iterator[tuple[str, Column]]:
    for load in ("iris", "wine", "breast_cancer", "diabetes", "linnerud", "digits"):
        frame = getattr(datasets, f"load_{load}")(as_frame=True).frame
        for name in frame:
            yield f"{load}: {name}", frame[name].to_numpy()


def test_no_column_of_scikit_learns_data_is_an_identifier() -> None:
    found = {name: identifier_reason(name, values) for name, values in _of_scikit_learn()}
    assert {name: why for name, why in found.items() if why} == {}


def test_identifiers_may_have_missing_numbers() -> None:
    values = np.arange(100.0)
    values[::7] = np.nan
    assert identifier_reason("", values) == "a running number"


def test_small_tables_are_judged_by_name() -> None:
    assert identifier_reason("", np.arange(5)) is None
    assert identifier_reason("id", np.arange(5)) == "named like an identifier, no two alike"


def test_a_name_with_a_measured_word_is_one_if_it_ends_in_a_key() -> None:
    values = np.arange(50)
    assert identifier_reason("age", values) is None
    assert identifier_reason("time_id", values) == "a running number"


def test_words_of_names() -> None:
    assert words_of("IDNumber") == ["id", "number"]
    assert words_of("Numéro de client") == ["numero", "de", "client"]
    assert words_of("Nr. #3") == ["nr", "no"]
    assert words_of("") == []


Draw = Callable[[np.random.Generator, int], Column]
DRAWS: dict[str, Draw] = {
    "Gaussian": lambda draw, n: draw.normal(size=n),
    "uniform": lambda draw, n: draw.uniform(size=n),
    "lognormal": lambda draw, n: draw.lognormal(size=n),
    "two decimals": lambda draw, n: np.round(draw.normal(size=n), 2),
    "whole, as many as rows": lambda draw, n: draw.integers(0, n, n).astype(float),
    "whole, ten times": lambda draw, n: draw.integers(0, 10 * n, n).astype(float),
    "inhabitants": lambda draw, n: np.rint(draw.lognormal(11, 1.5, n)),
    "large, Gaussian": lambda draw, n: np.rint(draw.normal(52_000, 14_000, n)),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_independent_values_are_taken_for_identifiers_in_less_than_one_of_a_thousand(
    kind: str,
) -> None:
    draw, wrong, tried = np.random.default_rng(1), 0, 0
    for n in (10, 15, 20, 30, 60, 100, 300, 1000):
        for _ in range(250):
            wrong += identifier_reason("", DRAWS[kind](draw, n)) is not None
            tried += 1
    assert wrong <= 0.001 * tried


def _walk(draw: np.random.Generator, n: int, back: float = 1.0, drift: float = 0.0) -> Column:
    """A value that is left at each row by chance, and is drawn back to the mean."""
    walked = np.zeros(n)
    for i, step in enumerate(draw.normal(drift, 1, n - 1), start=1):
        walked[i] = back * walked[i - 1] + step
    return walked


def _groups(draw: np.random.Generator, n: int, k: int) -> Column:
    return draw.normal(size=n) + 6 * (np.arange(n) % k)


#: Large whole numbers that are measured to the last digit, so that no two are alike.
LARGE: dict[str, Draw] = {
    "Gaussian": lambda draw, n: 500_000 + 100_000 * draw.normal(size=n),
    "nearly alike": lambda draw, n: 2_000_000 + 100_000 * draw.normal(size=n),
    "a little skewed": lambda draw, n: draw.lognormal(13, 0.2, n),
    "skewed": lambda draw, n: draw.lognormal(13, 0.7, n),
    "gamma": lambda draw, n: draw.gamma(2, 200_000, n),
    "two groups": lambda draw, n: 500_000 + 30_000 * _groups(draw, n, 2),
    "three groups": lambda draw, n: 500_000 + 30_000 * _groups(draw, n, 3),
    "random walk": lambda draw, n: 500_000 + 3_000 * _walk(draw, n),
    "random walk that rises": lambda draw, n: 500_000 + 3_000 * _walk(draw, n, drift=0.3),
    "drawn back": lambda draw, n: 500_000 + 10_000 * _walk(draw, n, 0.9),
    "growth": lambda draw, n: 500_000 + draw.normal(3_000, 1_000, n).cumsum(),
    "seasons": lambda draw, n: (
        500_000
        + 50_000 * np.sin(np.arange(n) / 12 * 2 * np.pi)
        + 2_000 * np.arange(n)
        + draw.normal(0, 5_000, n)
    ),
}


def _named(of: dict[str, Draw], kind: str, n: int, tables: int = 60) -> float:
    draw = np.random.default_rng([n, len(kind)])
    found = (identifier_reason("", np.rint(of[kind](draw, n))) for _ in range(tables))
    return sum(reason is not None for reason in found) / tables


@pytest.mark.parametrize("kind", LARGE)
def test_large_numbers_that_are_measured_are_seldom_taken_for_identifiers(kind: str) -> None:
    # It was 30 % to 100 % of them. Of 360 tables, so that a rate of 1 % may look like 1.5 %.
    rates = [_named(LARGE, kind, n) for n in (20, 30, 50, 100, 300, 1000)]
    assert np.mean(rates) <= (0.03 if "groups" in kind else 0.015), rates


def _keys(draw: np.random.Generator, n: int, low: int = 10**6, high: int = 10**7) -> Column:
    return low + draw.choice(high - low, n, replace=False).astype(float)


KEYS: dict[str, Draw] = {
    "any order": _keys,
    "not from 0": lambda draw, n: _keys(draw, n, 5_204_113, 7_377_420),
    "sorted": lambda draw, n: np.sort(_keys(draw, n)),
    "counted down": lambda draw, n: -np.sort(-_keys(draw, n)),
    "sorted in parts": lambda draw, n: np.concatenate(
        [np.sort(part) for part in np.array_split(_keys(draw, n), 12)]
    ),
}


@pytest.mark.parametrize("kind", KEYS)
def test_large_keys_are_told_by_their_values_where_there_are_enough(kind: str) -> None:
    assert _named(KEYS, kind, 50) >= 0.75
    assert _named(KEYS, kind, 100) >= 0.95
    assert _named(KEYS, kind, 1000) == 1


def test_jobs_by_month_are_no_identifiers() -> None:
    table = Path(__file__).parents[1] / "tables" / "real" / "us-employment.csv"
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    for name in ("nonfarm", "private"):
        assert identifier_reason(name, np.array([float(row[name]) for row in rows])) is None


def test_steady_growth_is_no_running_number() -> None:
    draw = np.random.default_rng(0)
    followers = 100 + draw.integers(2, 5, 120).cumsum()
    assert identifier_reason("followers", followers) is None
    # Rows of which some were left out are numbered still, in order or not.
    left = np.sort(draw.choice(360, 120, replace=False))
    for column in (left, left[::-1], draw.permutation(left), np.arange(0, 360, 3)):
        assert identifier_reason("followers", column) is not None
