"""Which columns are proposed in place of one that is not of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from centra._tables.suggestions import Kind, advice

ROWS = [f"{1000 + i},Hull,{i * i % 7},{'' if i == 5 else i * 3 % 5},{i % 2}" for i in range(20)]


def write(name: str) -> None:
    Path(name).write_text("\n".join(["id,city,age,income,visits", *ROWS]) + "\n")


def test_columns_that_would_do(fails: Callable[..., str], run: Callable[..., object]) -> None:
    write("t.csv")
    line = fails("fit", "t.csv", "-k", 2, "-o", "m", "--exclude", "id").splitlines()[0]
    choice = "--columns age,income,visits --drop-missing"  # not the running number
    assert line == (
        "t.csv: line 2, column 2 ('city'): 'Hull' is not a number; correct it, or choose columns "
        f"with {choice}"
    )
    assert run("fit", "t.csv", "-k", 2, "-o", "m", *choice.split())[0] == 0
    more = ("--weight", "income", "--label", "age", "--exclude", "id", "--drop-missing")
    line = fails("fit", "t.csv", "-k", 2, "-o", "m2", *more)
    assert line.endswith("choose columns with --columns visits")


def test_the_same_of_parquet(fails: Callable[..., str]) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    write("t.csv")
    pandas.read_csv("t.csv").to_parquet("t.parquet")
    line = fails("fit", "t.parquet", "-k", 2, "-o", "m", "--columns", "1,2,3,4,5")
    assert line.endswith("choose columns with --columns age,income,visits --drop-missing")


def test_a_file_without_numbers(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("a,b\nx,y\nz,w\n")
    lines = fails("fit", "t.csv", "-k", 2, "-o", "m").splitlines()
    assert lines == [
        "t.csv: line 2, column 1 ('a'): 'x' is not a number; correct it",
        "t.csv: line 2, column 2 ('b'): 'y' is not a number; correct it",
    ]


def test_what_cannot_be_spelled_out_is_not() -> None:
    def of(*names: str) -> str:
        kinds = [Kind() for _ in names]
        for kind in kinds:
            kind.look(3.0)
        return advice(names, kinds, [])

    assert of("age", "x") == ", or choose columns with --columns age,x"
    some = ", or name the columns of numbers with --columns ('{}' is one)"
    assert of("a b", "x") == some.format("a b")
    assert of(*"abcdefghijk") == some.format("a")
    assert of("$(x)") == some.format("$(x)")
    assert of() == ""
