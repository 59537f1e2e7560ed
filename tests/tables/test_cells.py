"""Numbers as people write them."""

from __future__ import annotations

import numpy as np
import pytest

from centra._tables import cells as written
from centra._tables.cells import Writing, may_group, proven_decimal, understand

NAN = np.nan
NB, NNB, THIN = "\u00a0", "\u202f", "\u2009"


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["410,905", "19,330", "1,733,608", "512"], [410905, 19330, 1733608, 512]),
        (["4,944.88", "980"], [4944.88, 980]),
        ([f"1{NB}234.5", "99"], [1234.5, 99]),
        ([f"1{NNB}234", f"12{NNB}345{NNB}678.25"], [1234, 12345678.25]),
        ([f"1{THIN}234"], [1234]),
        (["1 234", "-2 345"], [1234, -2345]),
        (["1'234.50", "1\u2019234"], [1234.5, 1234]),
        (["$1,234", "$ 5", "-$6", "$-7"], [1234, 5, -6, -7]),
        (["US$ 5", "US$6"], [5, 6]),
        (["5 \u20ac", f"1,234.50{NB}\u20ac"], [5, 1234.5]),
        (["CHF 1'234", "CHF 5"], [1234, 5]),
        (["61.30%", "5 %", "-0.5%"], [61.3, 5, -0.5]),
        (["\u22125", "6"], [-5, 6]),
        (["\u20135", "6"], [-5, 6]),
        (["(123)", "5", "($1,234.50)"], [-123, 5, NAN]),
        (["($123)", "$5"], [-123, 5]),
        (["True", "False", "TRUE"], [1, 0, 1]),
        (["yes", "No"], [1, 0]),
        (["+5", "6"], [5, 6]),
        (["$7,250,000,140 ", "$88,104,210,007 "], [7250000140, 88104210007]),
    ],
)
def test_what_is_understood(cells: list[str], values: list[float]) -> None:
    found = understand(cells, Writing())
    np.testing.assert_array_equal(found.values, values)
    assert found.wrong == np.flatnonzero(np.isnan(values)).tolist()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,5", "980"], [1234.5, 980]),
        (["\u22123 200 500,25", "7 615 040,00"], [-3200500.25, 7615040]),
        (["1.234 \u20ac", "0,5 \u20ac"], [1234, 0.5]),
        (["12,5%", "8%"], [12.5, 8]),
    ],
)
def test_with_a_decimal_comma(cells: list[str], values: list[float]) -> None:
    found = understand(cells, Writing(","))
    assert (found.values.tolist(), found.wrong) == (values, [])


@pytest.mark.parametrize(
    "cells",
    [
        ["A1", "B2"],
        ["1,23", "4,56"],  # the decimal mark is another
        ["1,234,56"],
        ["12,34,567"],
        ["0,123"],
        ["1 23"],
        ["1.2.3"],
        ["2020-01-02", "12.05.2020"],
        ["--5"],
        ["- 5"],
        ["(5"],
        ["-(5)"],
        ["$5\u20ac"],
        ["no", "no"],
        ["yes", "maybe"],
        ["T", "F"],
        ["1_000"],
        ["0x10"],
        [f"{NB}5"],
        ["5\u2028"],
        ["\u0661"],  # a digit, but none of ASCII
        ["1 2"],
        ["5 kg"],
    ],
)
def test_what_is_no_number(cells: list[str]) -> None:
    assert understand(cells, Writing()).wrong == list(range(len(cells)))


def test_a_column_agrees_or_the_others_are_wrong() -> None:
    # A long number without a mark says that the comma groups nothing.
    assert understand(["1,234", "56789"], Writing()).wrong == [1]
    assert understand(["1,234", "56789"], Writing(thousands=",")).wrong == []
    assert understand(["0.25", "980.5", "1,043"], Writing()).wrong == [2]
    assert understand(["0.25", "1,043"], Writing(thousands=",")).wrong == []
    assert understand(["0.25", "1,043.50"], Writing()).wrong == []
    assert understand(["1 234", "1234"], Writing()).wrong == []
    assert understand(["1 234", "56789"], Writing()).wrong == [1]
    assert understand(["$1", "$2", "3"], Writing()).wrong == [2]
    assert understand(["1'234", "2'345", "1,234"], Writing()).wrong == [2]
    assert understand(["1,234"], Writing(thousands="'")).wrong == [0]


def test_what_was_understood_is_said() -> None:
    found = understand(["$1,234", "($5)", "?", "n/a"], Writing())
    assert found.said == [
        "',' groups thousands",
        "'$' is left out",
        "numbers in parentheses are negative",
        "'?' stands for a missing number",
    ]
    assert understand(["1", "2.5", "NA", ""], Writing()).said == []
    assert understand(["True", "False"], Writing()).said == ["true is 1 and false is 0"]
    assert understand(["1\u00a0234", "\u22125"], Writing()).said == [
        "a blank groups thousands",
        "'\u2212' is a minus sign",
    ]


@pytest.mark.parametrize(
    "mark",
    ["?", "-", ".", "..", "unknown", "\u2013", "#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NV", "NaT"],
)
def test_marks_of_missing_numbers(mark: str) -> None:
    found = understand(["1", mark, "3"], Writing())
    assert found.missing.tolist() == [False, True, False] and not found.wrong


def test_marks_that_were_named() -> None:
    assert understand(["1", "oops"], Writing()).wrong == [1]
    found = understand(["1", " oops "], Writing(missing=frozenset({"oops"})))
    assert found.missing.tolist() == [False, True] and not found.wrong


def test_the_decimal_mark_that_is_proven() -> None:
    for cells, mark in (
        (["45,0", "7"], ","),
        (["4.944,88"], ","),
        (["1.234.567"], ","),
        (["0,123"], ","),
        (["1234,567"], ","),
        (["7\u00a0615\u00a0040,00"], ","),
        (["45.0"], "."),
        (["1,733,608"], "."),
        (["4,944.88"], "."),
        (["$1.50"], "."),
        (["1,234"], None),
        (["1.234"], None),
        (["12", "text", "2020-01-02", "1.2.3", "12.05.2020"], None),
        (["45,0", "45.0"], None),
    ):
        assert proven_decimal([cells]) == mark, cells


def test_points_and_commas_that_may_group() -> None:
    assert may_group(["1.234", "12.500", "980"], ".") == "1.234"
    for cells in (["0.234"], ["1.234", "5.5"], ["1.234", "1000"], ["12"], ["text"]):
        assert may_group(cells, ".") is None, cells


@pytest.mark.parametrize("seed", range(3))
def test_plain_numbers_are_read_as_float_reads_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2**64, 500, dtype=np.uint64).view(np.float64)
    values = bits[np.isfinite(bits)]
    found = understand([repr(x) for x in values.tolist()], Writing())
    assert found.values.tobytes() == values.tobytes() and not found.said


@pytest.mark.parametrize("seed", range(4))
def test_a_column_of_one_form_is_read_as_its_cells_are(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    for before, after in (("$", ""), ("", " \u20ac"), ("", "%"), ("", ""), ("CHF ", "")):
        for group in (",", "'", "\u2019"):
            numbers = [
                f"{x:,.{seed}f}".replace(",", group)
                for x in [*rng.lognormal(6, 3, 100).tolist(), 0.0, 7.0]
            ]
            cells = [f"{before}{number}{after}" for number in dict.fromkeys(numbers)]
            if seed == 3:
                cells.append("oops")
            fast = understand(cells, Writing())
            with monkeypatch.context() as patch:
                patch.setattr(written, "_read_alike", lambda *_: False)
                slow = understand(cells, Writing())
            assert fast.values.tobytes() == slow.values.tobytes()
            assert (fast.wrong, fast.said) == (slow.wrong, slow.said)
            assert len(fast.wrong) == (seed == 3)


def test_a_minus_behind_the_number() -> None:
    found = understand(["12,50-", "2.450,00+", "780,00-", "n/a"], Writing(","))
    assert found.values.tolist()[:3] == [-12.5, 2450.0, -780.0] and not found.wrong
    assert "numbers with a minus sign behind them are negative" in found.said
    # One alone may be a slip; beside numbers with a minus before them it is one.
    assert understand(["5-", "3"], Writing()).wrong == [0]
    assert understand(["5-", "7-", "-3"], Writing()).wrong == [0, 1]
    # 18 or more is not 18; a sign on both sides is none.
    assert understand(["18+", "5"], Writing()).wrong == [0]
    assert understand(["-5-", "(5-)", "3-", "4-"], Writing()).wrong == [0, 1]


@pytest.mark.parametrize("cell", ["k.A.", "keine Angabe", "No data", "n. a."])
def test_words_of_people_for_missing_numbers(cell: str) -> None:
    assert understand(["1", cell], Writing()).missing.tolist() == [False, True]
