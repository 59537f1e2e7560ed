"""Units below a header, and notes and totals below a table, are not its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from centra._tables.csvs import SAMPLE, CsvFile
from centra._tables.edges import names_of_two_rows, notes_below, units_below
from centra._tables.inputs import Input
from centra._tables.refusals import Refusal

Run = Callable[..., tuple[int, str, str]]


def opened(text: str) -> CsvFile:
    Path("t.csv").write_text(text, encoding="utf-8", newline="")
    return CsvFile(Input(Path("t.csv"), "t.csv", "csv"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


ROWS = "a,1,2\nb,3,4\nc,5,6\nd,7,8\n"
NUMBERS = [[1, 2], [3, 4], [5, 6], [7, 8]]


@pytest.mark.parametrize("units", [",kg,cm", "-,[kg],[cm]", "name,kilograms,centimetres", ",%,%"])
def test_units_below_the_header(units: str) -> None:
    file = opened(f"who,weight,height\n{units}\n{ROWS}")
    assert file.names == ("who", "weight", "height")
    assert file.read([1, 2], None)[0].tolist() == NUMBERS
    assert file.lines([0, 3]) == [3, 6]
    assert file.notes == ("t.csv: line 2 stands below the header: not read",)


def test_two_rows_of_names_and_one_of_units() -> None:
    file = opened(f"shop,sales,\n,food,other\n,EUR,EUR\n{ROWS}")
    assert file.names == ("shop", "sales food", "sales other")
    assert file.read([1, 2], None)[0].tolist() == NUMBERS
    assert file.notes == ("t.csv: lines 2 to 3 stand below the header: not read",)


@pytest.mark.parametrize(
    "rows",
    [
        [["who", "x"], ["a", "oops"], ["b", "2"], ["c", "4"], ["d", "5"]],  # a wrong cell
        [["x", "y"], ["1", "oops"], ["2", "2"], ["3", "4"], ["4", "5"]],
        [["x", "y"], ["NA", "?"], ["2", "2"], ["3", "4"], ["4", "5"]],  # numbers are missing
        [["x", "y"], ["kg", "cm"]],  # nothing tells that these are units
        [["x", "y"], ["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]],  # a table of texts
        [["x", "y"], ["$1", "$2"], ["$2", "$2"], ["$3", "$4"], ["$4", "$5"]],
        [],
    ],
)
def test_what_may_be_a_row_is_read(rows: list[list[str]]) -> None:
    assert units_below(rows, ".") == 0


def test_titles_above_names_of_groups() -> None:
    above = "Sales of 2024\nAll shops\n"
    file = opened(f"{above}shop,sales,\n,food,other\n{ROWS}")
    assert file.names == ("shop", "sales food", "sales other")
    file = opened(f"Date:,1 May,\n,food,other\n{ROWS}")
    assert file.names == ("", "food", "other")


def test_names_that_stand_alone_stay() -> None:
    assert names_of_two_rows(["x", "y"], [["kg", "cm"]]) == ["x", "y"]
    assert names_of_two_rows(["", "a", ""], [["", "b", "c"]]) == ["", "a b", "a c"]


@pytest.mark.parametrize(
    ("below", "first", "last"),
    [
        ("Source: a survey\n", 6, 6),
        ("\nSource: a survey\n", 7, 7),
        ("\nSource: a survey, as of May\n* closed since June\n", 7, 8),
        ("\nSource: a survey,,\nNote,,\n", 7, 8),  # as spreadsheets write them
        (",,\nSource: a survey,,\n", 6, 7),
        ("\n\n", 0, 0),
    ],
)
def test_notes_below_the_table(below: str, first: int, last: int) -> None:
    file = opened(f"who,weight,height\n{ROWS}{below}")
    assert file.read([1, 2], 0)[0].tolist() == NUMBERS
    lines = f"line {first} stands" if first == last else f"lines {first} to {last} stand"
    assert file.notes == ((f"t.csv: {lines} below the table: not read",) if first else ())
    assert len(list(file.records())) == 4


def test_a_total_in_a_column_of_numbers() -> None:
    file = opened("no,weight,height\n1,1,2\n2,3,4\n3,5,6\n4,7,8\nSum,16,20\n")
    assert file.read([0, 1, 2], None)[0][:, 1:].tolist() == NUMBERS
    assert file.notes == ("t.csv: line 6 stands below the table: not read",)


def test_a_row_called_total_is_a_row_where_others_have_names_too() -> None:
    assert opened(f"who,weight,height\n{ROWS}Total,16,20\n").read([1], None)[0][-1] == 16


@pytest.mark.parametrize(
    "end",
    [
        "e,,\n",  # numbers are missing, and nothing parts it from the others
        "e,9\n",  # a cell is missing
        "e,x,y\n",
    ],
)
def test_a_last_row_that_is_wrong_is_said(end: str) -> None:
    with pytest.raises(Refusal):
        opened(f"who,weight,height\n{ROWS}{end}").read([1, 2], None)


def test_notes_below_many_rows() -> None:
    n = 2 * SAMPLE
    rows = "".join(f"r{i},{i % 7},{i % 5}\n" for i in range(n))
    file = opened(f"who,x,y\n{rows}\nSource: counters\n")
    assert len(file.read([1, 2], None)[0]) == n and file.lines([n - 1]) == [n + 1]
    assert file.notes == (f"t.csv: line {n + 3} stands below the table: not read",)
    with pytest.raises(Refusal, match="has 1 cell"):
        opened(f"who,x,y\n{rows[: len(rows) // 2]}\nSource: counters\n{rows}").read([1, 2], None)


def test_few_rows_and_one_column() -> None:
    assert notes_below([(2, ["1"]), (3, ["x"])], 1, ".") is None
    assert notes_below([], 3, ".") is None


def test_commands_read_them_and_labels_go_beside_the_rows(run: Run) -> None:
    Path("t.csv").write_text(f"who,weight,height\n,kg,cm\n{ROWS}\nSource: a survey\n")
    code, _, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--labels", "l.csv", "--join")
    assert code == 0, err
    assert len(Path("l.csv").read_text().splitlines()) == 5
    assert run("predict", "m", "t.csv", "-o", "l2.csv")[0] == 0
    assert len(Path("l2.csv").read_text().splitlines()) == 5


def test_a_row_that_a_column_of_text_calls_a_total_is_said(run: Run) -> None:
    rows = "".join(f"r{i},{i % 7},{i % 5}\n" for i in range(40))
    Path("t.csv").write_text(f"who,x,y\n{rows}Average,2.9,2\n")
    assert "line 42, is called Average" in run("fit", "t.csv", "-k", 3, "-o", "m")[2]
    for command in ("sweep", "report"):
        assert "line 42, is called Average" in run(command, "t.csv", "-k", 3)[1]
