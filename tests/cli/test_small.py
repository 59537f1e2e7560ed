"""Small comforts: packed files, a name for the column of clusters, a header of numbers."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_packed_text_is_read(
    run: Run, fails: Callable[..., str], points: np.ndarray, kind: str
) -> None:
    sep = "," if kind == "csv" else "\t"
    lines = [f"x{sep}y", *(f"{x!r}{sep}{y!r}" for x, y in points.tolist())]
    data = ("\n".join(lines) + "\n").encode()
    Path(f"t.{kind}").write_bytes(data)
    Path(f"t.{kind}.gz").write_bytes(gzip.compress(data))
    assert run("fit", f"t.{kind}", "-k", 3, "-o", "a")[0] == 0
    code, _, err = run("fit", f"t.{kind}.gz", "-k", 3, "-o", "b", "--labels", f"l.{kind}", "--join")
    assert (code, err) == (0, "")
    assert Path("a").read_bytes() == Path("b").read_bytes()
    assert Path(f"l.{kind}").read_text().startswith(f"x{sep}y{sep}cluster\n")
    assert run("fit", "t.csv.gz" if kind == "csv" else "t.tsv.gz", "-k", 2, "-o", "c")[0] == 0
    start = ("--init", f"s.{kind}.gz")
    Path(f"s.{kind}.gz").write_bytes(gzip.compress(data[: data.index(b"\n", 20) + 1]))
    assert run("fit", f"t.{kind}.gz", "-k", 1, "-o", "d", *start)[0] == 0


def test_packed_files_that_cannot_be_read(fails: Callable[..., str]) -> None:
    Path("t.csv.gz").write_bytes(b"x,y\n1,2\n")
    assert "t.csv.gz: not a gzip file, or a damaged one" in fails("fit", "t.csv.gz", "-o", "m")
    Path("t.csv.gz").write_bytes(gzip.compress(b"x,y\n1,2\n" * 99)[:-9])
    assert "t.csv.gz: not a gzip file, or a damaged one" in fails("fit", "t.csv.gz", "-o", "m")
    assert fails("fit", "no.csv.gz", "-o", "m") == "no.csv.gz: No such file or directory"
    assert fails("fit", "t.npy.gz", "-o", "m") == "t.npy.gz: No such file or directory"
    Path("t.csv").write_text("1,2\n3,4\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "m", "--labels", "l.csv.gz")
    assert "told by its suffix" in line  # what is written is not packed


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_column_of_clusters_has_a_name(run: Run, fails: Callable[..., str], kind: str) -> None:
    if kind == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
    Path("t.csv").write_text("x,cluster\n1,2\n3,4\n")
    assert run("fit", "t.csv", "-k", 2, "-o", "m")[0] == 0
    a, b = centra.load("m").labels_
    for name, more in (("cluster", ()), ("my, group", ("--name", "my, group"))):
        for command in (
            ("fit", "t.csv", "-k", 2, "-o", "m", "--labels"),
            ("predict", "m", "t.csv", "-o"),
        ):
            assert run(*command, f"l.{kind}", *more)[0] == 0
            if kind == "csv":
                head = f'"{name}"' if "," in name else name
                assert Path("l.csv").read_text() == f"{head}\n{a}\n{b}\n"
            else:
                assert parquet.read_table("l.parquet").to_pydict() == {name: [a, b]}
    assert run("predict", "m", "t.csv", "-o", "j.csv", "--join", "--name", "group")[0] == 0
    assert Path("j.csv").read_text() == f"x,cluster,group\n1,2,{a}\n3,4,{b}\n"
    line = fails("predict", "m", "t.csv", "-o", "k.csv", "--join", "--name", "x")
    assert line == "t.csv: has a column 'x' already; give another name with --name"


ROW = "is numbers and was read as a row: --header if it names the columns"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2019,2020,2021\n3,4,8\n", "years, names the columns: --no-header if not"),
        ("0,1,2\n0.5,1.5,2.5\n", "0, 1, 2, ..., names the columns: --no-header if not"),
        ("2019,2020,2021\n3,4,5\n", "years, names the columns: --no-header if not"),
        ("0,1,2\n3,8,2\n", ROW),
        ("2019,2020,2021\n2020,2021,2022\n", ""),
        ("1,2,3\n4,5,6\n", ""),  # so does the next row
        ("1,2\n4,6\n", ""),
        ("2019,2021,2020\n3,4,8\n", ""),
        ("1.0,2.0,3.0\n3,4,8\n", ""),
    ],
)
def test_a_first_row_that_may_name_the_columns(run: Run, text: str, told: str) -> None:
    Path("t.csv").write_text(text)
    code, _, err = run("fit", "t.csv", "-k", 1, "-o", "m")
    first = "centra: note: t.csv: the first row"
    note = f"{first}, {told}\n" if "if not" in told else f"{first} {told}\n"
    assert (code, err) == (0, note if told else "")
    for more in ("--header", "--no-header"):
        assert run("fit", "t.csv", "-k", 1, "-o", "m", more)[0::2] == (0, "")
