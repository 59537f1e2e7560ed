"""Tables of very many columns: the time to name and choose them grows with their number."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from centra._tables.arrows import ArrowFile
from centra._tables.columns import Wanted, choose
from centra._tables.inputs import Input, TableError
from centra._tables.npys import NpyFile
from centra._tables.reading import read_table

Run = Callable[..., tuple[int, str, str]]

#: So many that a step for every pair of them takes minutes, and a step for each a moment.
MANY = 200_000
NAMES = tuple(f"c{i}" for i in range(MANY))
HALF = ",".join(NAMES[::2])


def within_a_moment(work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    assert time.perf_counter() - start < 5.0


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(columns=HALF), Wanted(exclude=HALF), Wanted(fitted=NAMES[::-1])],
    ids=["all", "columns", "exclude", "fitted"],
)
def test_choosing_among_many_columns(wanted: Wanted) -> None:
    within_a_moment(lambda: choose("t.csv", NAMES, MANY, wanted))


def test_a_column_that_is_named_twice_among_many() -> None:
    def twice() -> None:
        with pytest.raises(TableError, match="twice"):
            choose("t.csv", NAMES, MANY, Wanted(f"{HALF},c0"))

    within_a_moment(twice)


def test_listing_many_columns_without_names(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.ones((2, MANY)))
    source = Input(tmp_path / "t.npy", "t.npy", "npy")
    table = read_table(source, NpyFile(source, 1 << 30), Wanted())
    within_a_moment(lambda: table.listed)
    assert table.listed.endswith(f"11, 12 and {MANY - 12:,} more columns")


def test_an_index_of_many_columns(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    names = NAMES[:20_000]
    told = '{"index_columns": [' + ",".join(f'"{name}"' for name in names[::-1]) + "]}"
    table = pa.table({name: [1.0] for name in names})
    table = table.replace_schema_metadata({"pandas": told})
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as writer:
        writer.write_table(table)
    within_a_moment(lambda: ArrowFile(Input(tmp_path / "t.arrow", "t.arrow", "arrow")))


def test_numbers_of_thousands_of_digits(run: Run, fails: Callable[..., str]) -> None:
    digits = "0" * 5000
    Path("t.csv").write_text(f"{digits}1,{digits}2,{digits}3\n5,7,1\n6,7,2\n")
    assert run("fit", "t.csv", "-k", 1, "-o", "m")[0] == 0
    line = fails("fit", "t.csv", "-k", 1, "-o", "n", "--columns", "9" * 5000)
    assert "there is no column 999" in line
    for option in ("-k", "--n-init"):
        line = fails("fit", "t.csv", option, "9" * 5000, "-o", "n", code=2)
        assert "centra fit --help" in line
        assert len(line) < 300
