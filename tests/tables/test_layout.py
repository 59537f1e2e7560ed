"""Where a table begins, what separates its cells, what stands above it and at its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from centra._tables.csvs import CsvFile
from centra._tables.dialect import PLAIN, Dialect
from centra._tables.inputs import Input
from centra._tables.layout import layout_of

Run = Callable[..., tuple[int, str, str]]


def opened(text: str, **how: object) -> CsvFile:
    Path("t.csv").write_text(text, encoding="utf-8", newline="")
    return CsvFile(Input(Path("t.csv"), "t.csv", "csv"), Dialect(**how))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


ROWS = "x,y\n1,2\n3,4\n9,9\n"


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("Sales report 2024\n", 1),
        ("Sales report 2024\n\n", 2),
        ("Sales, all regions, 2024\n", 1),
        ("Sales report 2024,\n,\n", 2),
        ("Data Source,\n\nLast Updated: 2024-05-01,\n\n", 4),
        ('"A title\nof two lines"\n', 2),
        ("", 0),
        ("\n\n", 0),  # blank lines are none anyway
    ],
)
def test_titles_above_the_header(above: str, lines: int) -> None:
    file = opened(above + ROWS)
    assert file.names == ("x", "y")
    assert file.read([0, 1], None)[0].tolist() == [[1, 2], [3, 4], [9, 9]]
    assert bool(file.notes) == bool(lines)
    assert file.lines([0])[0] == above.count("\n") + 2
    if lines:
        assert opened(above + ROWS, skip=lines).names == ("x", "y")


@pytest.mark.parametrize(
    "text",
    [
        "x\n1,5\n2,5\n3,5\n",  # a decimal comma
        "1,2\n3\n4\n",
        "a;b\n1;2\n3\n",
        "a,b,c\nx,2\ny,3\n",
        "x,y\n1,2,3\n4,5,6\n",
        "5,6\n1,2,3\n4,5,6\n",  # a row that lacks a cell
    ],
)
def test_what_may_be_a_row_is_not_skipped(text: str) -> None:
    assert layout_of(text.splitlines(keepends=True), PLAIN).lines.above == 0


def test_world_bank(run: Run) -> None:
    Path("t.csv").write_text(
        '"Data Source","World Development Indicators",\n\n"Last Updated Date","2024-05-01",\n\n'
        '"Country","gdp","life",\n"A","1.5","70",\n"B","2","71",\n"C","30","60",\n'
    )
    code, out, err = run("report", "t.csv", "-k", 2, "--exclude", "1")
    assert (code, "columns: gdp, life\n" in out) == (0, True)
    assert "t.csv: lines 1 to 4 stand above the table: not read" in err
    assert "t.csv: column 4 ('') is empty: left out" in err


@pytest.mark.parametrize("mark", [";", "|", "\t"])
def test_a_first_line_that_says_the_separator(mark: str) -> None:
    file = opened(f"sep={mark}\r\nA,B{mark}C\r\n1{mark}2\r\n3{mark}4\r\n")
    assert (file.names, file.delimiter, file.lines([1])[0]) == (("A,B", "C"), mark, 4)


def test_comments() -> None:
    file = opened("# a tool\n# a date\nx,y\n1,2\n# in between\n3,4\n")
    assert file.names == ("x", "y")
    assert file.read([0, 1], None)[0].tolist() == [[1, 2], [3, 4]]
    assert file.lines([1])[0] == 6
    assert "lines that begin with # are comments; --skip 0 reads them as rows" in file.notes[0]
    file = opened("x,y\n% no\n1,2\n3,4\n", comment="%")
    assert file.read([0, 1], None)[0].tolist() == [[1, 2], [3, 4]] and not file.notes


@pytest.mark.parametrize(
    "text", ["# x y\n1 2\n3 4\n", "#x,y\n1,2\n3,4\n", "# by a\n#x\ty\n1\t2\n3\t4\n"]
)
def test_names_in_a_comment(text: str) -> None:
    file = opened(text)
    assert file.names == ("x", "y")
    assert file.read([0, 1], None)[0].tolist() == [[1, 2], [3, 4]]


def test_a_number_sign_may_be_a_name_or_a_value() -> None:
    assert opened("#,size\n1,2\n2,4\n").names == ("#", "size")
    assert len(list(opened("name,size\n#1,2\n#2,4\n").records())) == 2


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1.5 0.5 2\n1.6 0.4 2.2\n", [[1.5, 0.5, 2], [1.6, 0.4, 2.2]]),
        ("  a      b  c\n 3.2    81  1\n10.1     2  3\n", [[3.2, 81, 1], [10.1, 2, 3]]),
        ("1\t\t2\t3\n4\t5\t6\n", [[1, 2, 3], [4, 5, 6]]),
        ('"a b" c d\n1   2 3\n', [[1, 2, 3]]),
    ],
)
def test_cells_between_blanks(text: str, rows: list[list[float]]) -> None:
    assert opened(text).read([0, 1, 2], None)[0].tolist() == rows


def test_a_table_that_r_writes() -> None:
    file = opened('"mpg" "cyl"\n"Mazda RX4" 21 6\n"Datsun" 22.8 4\n')
    assert file.names == ("", "mpg", "cyl")
    assert file.read([1, 2], 0)[1] == ["Mazda RX4", "Datsun"]
    assert opened("x,y\n1,2.5,4\n2,3.5,1\n3,4,1\n").names == ("", "x", "y")


def test_words_are_no_columns() -> None:
    file = opened("a text\nNew York\nLos Angeles\n", header=False)
    assert file.width == 1


@pytest.mark.parametrize(
    "text",
    [
        "a,b,\n1,2\n3,4\n",
        "a,b,\n1,2,\n3,4,\n",
        "a,b\n1,2,\n3,4,\n",
        "a,b\n1,2,\n3,4\n",
        "a,b,,\n1,2,,\n3,4,,\n",
        "a,b,,\n1,2,\n3,4,,\n",
        "a,b\n1,2,,,\n3,4\n",
    ],
)
def test_separators_at_the_end_of_lines(run: Run, text: str) -> None:
    Path("t.csv").write_text(text)
    code, _out, err = run("report", "t.csv", "-k", 2, "--columns", "a,b")
    assert code == 0, err
    file = opened(text)
    assert file.read([0, 1], None)[0].tolist() == [[1, 2], [3, 4]]
    assert file.width - len(file.empty_columns) == 2


def test_an_empty_column_is_left_out_and_said(run: Run) -> None:
    Path("t.csv").write_text("a,notes,b\n" + "1,,2\n" * 50 + "3,,9\n")
    code, out, err = run("report", "t.csv", "-k", 2)
    assert (code, "columns: a, b\n" in out) == (0, True)
    assert "column 2 ('notes') is empty: left out" in err
    Path("t.csv").write_text("a,notes,b\n" + "1,,2\n" * 50 + "3,7,9\n")  # it has one, far down
    assert opened(Path("t.csv").read_text()).empty_columns == frozenset()


def test_lines_are_those_of_the_file(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("A title\n\n# no\nx,y\n1,2\n\n3,oops\n")
    assert "t.csv: line 7, column 2 ('y'): 'oops'" in fails(
        "fit", "t.csv", "-k", 1, "-o", "m", "--columns", "x,y", "--comment", "#"
    )


def test_skip_says_it(run: Run) -> None:
    Path("t.csv").write_text("1,2\n3,4\n5,6\n9,9\n")
    code, out, _ = run("report", "t.csv", "-k", 1, "--skip", 2, "--json")
    assert code == 0 and json.loads(out)["centers"] == [[7, 7.5]]
