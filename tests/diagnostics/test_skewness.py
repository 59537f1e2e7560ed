"""Heavy tails are told where logarithms mend them, and never of columns without."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from centra._diagnostics.skewness import skewed

rng = np.random.default_rng(3)
TAILS = {
    "pareto": rng.pareto(1.2, 2000) + 1,
    "lomax": rng.pareto(1.5, 2000) + 1e-3,
    "lognormal": rng.lognormal(3, 1, 300),
    "wide lognormal": rng.lognormal(0, 2, 200),
    "incomes": np.rint(rng.lognormal(10, 0.9, 1000)),
    "inhabitants": np.rint(rng.lognormal(9, 1.5, 400)) + 1,
    "Weibull": rng.weibull(0.5, 800) + 1e-2,
    "squares of exponentials": rng.exponential(size=600) ** 2 + 0.05,
    "Zipf": rng.zipf(1.8, 900).astype(float),
    "powers of ten": 10.0 ** rng.normal(2, 0.6, 250),
}
NONE = {
    "Gaussian": lambda draw, n: draw.normal(50, 8, n),
    "uniform": lambda draw, n: draw.uniform(1, 9, n),
    "Likert": lambda draw, n: draw.integers(1, 6, n).astype(float),
    "two groups, one small": lambda draw, n: (
        np.where(draw.random(n) < 0.05, 60, 10) + draw.normal(0, 1, n)
    ),
    "one value far away": lambda draw, n: np.append(draw.normal(50, 2, n - 1), 1e6),
}


@pytest.mark.parametrize("which", TAILS)
def test_heavy_tails_are_told(which: str) -> None:
    X = np.column_stack([TAILS[which], rng.normal(size=len(TAILS[which]))])
    assert list(skewed(X)) == [0]
    remarks = centra.KMeans(2, random_state=0).fit(X).report(X).remarks
    (said,) = (remark for remark in remarks if remark.kind == "skewed")
    assert said.text.startswith("Column 0 has many small values and few large ones (skewness ")
    assert said.text.endswith("take logarithms first.") and said.numbers["columns"] == ["0"]


@pytest.mark.parametrize("which", TAILS)
def test_logarithms_mend_it(which: str) -> None:
    assert skewed(np.log(TAILS[which])[:, None] + 100) == {}


@pytest.mark.parametrize("kind", NONE)
def test_columns_without_heavy_tails_are_taken_for_such_in_less_than_one_of_a_thousand(
    kind: str,
) -> None:
    draw = np.random.default_rng(0)
    wrong = sum(
        len(skewed(np.column_stack([NONE[kind](draw, n) for _ in range(250)])))
        for n in (20, 30, 60, 100, 300, 1000)
    )
    assert wrong <= 1


def test_columns_with_zeros_or_negative_numbers_have_no_logarithms() -> None:
    assert skewed(np.append(TAILS["pareto"], 0.0)[:, None]) == {}
    assert skewed(np.append(TAILS["pareto"], -1.0)[:, None]) == {}
