"""What is left out unless it is asked for, and what is said of it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables.missing import sparse_columns

Run = Callable[..., tuple[int, str, str]]


def notes(err: str) -> list[str]:
    lines = err.splitlines()
    assert all(line.startswith("centra: note: ") for line in lines), err
    return [line.removeprefix("centra: note: ") for line in lines]


def write(text: str) -> None:
    Path("t.csv").write_text(text)


def test_text_is_left_out_and_said_once(run: Run) -> None:
    write("city,x,country,y\nBern,1,CH,2\nOslo,3,NO,4\nUlm,50,DE,60\n")
    for more in ((), ("--columns", "numeric")):
        code, out, err = run("fit", "t.csv", "-k", 2, "-o", "m", *more)
        assert code == 0 and "columns: x, y\n" in out
        assert notes(err) == [
            "t.csv: 2 columns are text: left out (city, country); --label, --id or --exclude says "
            "what they are for"
        ]
    # What the note names works.
    more = ("--label", "city", "--id", "country")
    assert run("fit", "t.csv", "-k", 2, "-o", "m", *more)[::2] == (0, "")
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--exclude", "city,country")[::2] == (0, "")
    code, out, err = run(
        "fit", "t.csv", "-k", 2, "-o", "m", "--columns", "numeric", "--exclude", "y"
    )
    assert code == 0 and "columns: x\n" in out and "2 columns are text" in err


def test_codes_are_text_and_a_few_wrong_cells_are_not(run: Run, fails: Callable[..., str]) -> None:
    codes = [f"{1000 + 7 * i}" if i % 4 else f"A/{i}" for i in range(40)]
    write("x,ticket\n" + "".join(f"{i % 5},{code}\n" for i, code in enumerate(codes)))
    code, out, err = run("fit", "t.csv", "-k", 2, "-o", "m")
    assert code == 0 and "columns: x\n" in out and "column 2 ('ticket') is text" in err
    write("x,y\n" + "".join(f"{i % 5},{'oops' if i == 9 else i * i % 7}\n" for i in range(40)))
    line = fails("fit", "t.csv", "-k", 2, "-o", "m")
    assert line.startswith("t.csv: line 11, column 2 ('y'): 'oops' is not a number; correct it")


def test_text_that_begins_late_is_text_all_the_same(run: Run) -> None:
    rows = [f"{i % 7},{i if i < 2000 else f'code {i}'}" for i in range(5000)]
    write("x,code\n" + "\n".join(rows) + "\n")
    code, out, err = run("fit", "t.csv", "-k", 2, "-o", "m")
    assert code == 0 and "columns: x\n" in out and "column 2 ('code') is text" in err


def test_identifiers_are_left_out_unless_they_are_named(run: Run) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{i},{x:.3f},{y:.3f}" for i, (x, y) in enumerate(rng.normal(size=(40, 2)), start=1)]
    write("customer_id,x,y\n" + "\n".join(rows) + "\n")
    code, out, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--standardize")
    assert code == 0 and "columns: x, y\n" in out
    (note,) = notes(err)
    assert note.startswith("t.csv: column 1 ('customer_id') looks like an identifier (")
    advice = re.search(r"left out; (--columns \S+) takes it$", note)
    assert advice is not None
    out = run("fit", "t.csv", "-k", 2, "-o", "m", *shlex.split(advice[1]))[1]
    assert "columns: customer_id, x, y\n" in out
    code, out, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--exclude", "x")
    assert code == 0 and "columns: y\n" in out
    write("n\n" + "\n".join(map(str, range(40))) + "\n")  # nothing else is there
    assert "columns: n\n" in run("fit", "t.csv", "-k", 2, "-o", "m")[1]


def test_empty_columns_and_rows_are_left_out(run: Run) -> None:
    write("x,y,,note,\n1,2,,,\n,,,,\n3,4,,,\n50,60,,,\n,,,,\n")
    code, out, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--labels", "l.csv")
    assert code == 0 and "columns: x, y\n" in out
    assert any("are empty: left out" in note for note in notes(err))
    assert "t.csv: 2 empty rows: left out" in notes(err)
    labels = Path("l.csv").read_text().split()[1:]
    assert [label == '""' for label in labels] == [False, True, False, False, True]


def test_columns_of_one_name_that_are_not_used(run: Run, fails: Callable[..., str]) -> None:
    write("note,x,note,y\na,1,b,2\nc,3,d,4\ne,50,f,60\n")
    assert run("fit", "t.csv", "-k", 2, "-o", "m")[0] == 0
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--columns", "x,y")[::2] == (0, "")
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--exclude", "note")[::2] == (0, "")
    line = fails("fit", "t.csv", "-k", 2, "-o", "n", "--label", "note")
    assert line == (
        "t.csv: columns 1 and 3 are all named 'note'; give the number of one, or rename them"
    )
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--label", 3)[0] == 0


def test_columns_of_one_name_that_are_used(run: Run, fails: Callable[..., str]) -> None:
    write("x,x,y\n45.0,4944.9,1\n48.9,5201.3,2\n61.9,8622.2,4\n")
    code, out, err = run("report", "t.csv", "-k", 2)
    assert code == 0 and "columns: x (1), x (2), y\n" in out
    assert notes(err) == ["t.csv: columns that share a name are called x (1), x (2)"]
    assert "columns 1 and 2 are both named 'x'" in fails("fit", "t.csv", "-k", 2, "-o", "m")


def test_a_report_leaves_rows_with_missing_numbers_out(run: Run, fails: Callable[..., str]) -> None:
    rows = [f"{i % 7},{i * i % 11},{'' if i % 10 else i % 3}" for i in range(60)]
    rows[3] = ",5,1"
    write("x,y,z\n" + "\n".join(rows) + "\n")
    for command in ("report", "sweep"):
        code, out, err = run(command, "t.csv", "-k", 2, "--json")
        assert code == 0
        assert notes(err) == [
            "t.csv: column 3 ('z') lacks many numbers: left out",
            "t.csv: 1 of 60 rows has a missing number: left out",
        ]
        assert json.loads(out)["n_dropped"] == 1
        fails(command, "t.csv", "-k", 2, "--no-drop-missing")
    fails("fit", "t.csv", "-k", 2, "-o", "m")


def test_columns_that_cost_too_many_rows() -> None:
    missing = np.zeros((100, 4), bool)
    assert sparse_columns(missing) == []
    missing[:45, 0] = True
    assert sparse_columns(missing) == []
    missing[50:95, 1] = True  # together they would leave 10 rows
    assert sparse_columns(missing) == [0]
    missing[:, 2:] = True
    assert sparse_columns(missing) == [0, 2, 3]


def test_numbers_that_stand_for_missing_ones(run: Run, fails: Callable[..., str]) -> None:
    write("x,y\n1,2\n-999,4\n50,60\n-999.0,5\n")
    line = fails("fit", "t.csv", "-k", 2, "-o", "m", "--missing", "-999")
    assert line.startswith("t.csv: line 3, column 1 ('x'): the number is missing")
    assert "first of 2 rows" in line
    code, _, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--missing", "-999", "--drop-missing")
    assert code == 0 and notes(err) == ["t.csv: 2 of 4 rows have a missing number: left out"]
    np.save("t.npy", np.array([[1.0, 2], [-999, 4], [50, 60]]))
    more = ("--missing=-999", "--drop-missing")
    assert "1 of 3 rows has" in run("fit", "t.npy", "-k", 2, "-o", "m", *more)[2]


@pytest.mark.parametrize("mark", ["NA", "", "NaN", "none"])
def test_a_missing_label_is_no_class(run: Run, mark: str) -> None:
    write(f"x,seg\n1,a\n2,a\n3,{mark}\n9,b\n10,b\n11,{mark}\n")
    found = json.loads(run("report", "t.csv", "-k", 2, "--label", "seg", "--json")[1])["compared"]
    assert (found["adjusted_rand_index"], found["n_unlabelled"]) == (1.0, 2)


def test_true_and_false_are_what_they_are_in_parquet(run: Run) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.get_dummies(pandas.DataFrame({"city": list("abcabc"), "age": range(20, 80, 10)}))
    frame.to_csv("d.csv", index=False)
    frame.to_parquet("d.parquet")
    for kind in ("csv", "parquet"):
        assert run("fit", f"d.{kind}", "-k", 2, "-o", kind)[0] == 0
    csv, parquet = (centra.load(kind).cluster_centers_ for kind in ("csv", "parquet"))
    assert csv.tobytes() == parquet.tobytes()


def test_numbers_of_a_spreadsheet(run: Run) -> None:
    write(
        'Country,"Density\n(P/Km2)",Farm land (%),Area,GDP\n'
        'Aland,31,61.30%,"410,905","$7,250,000,140 "\n'
        'Bland,220,12.75%,"19,330","$88,104,210,007 "\n'
        'Dland,340,35.00%,512,"$2,900,460,300 "\n'
    )
    code, out, err = run("fit", "t.csv", "-k", 3, "-o", "m")
    assert code == 0 and "Farm land (%), Area, GDP\n" in out
    (how,) = [note for note in notes(err) if "how numbers were read" in note]
    assert "'%' is left out" in how and "',' groups thousands" in how and "'$' is left out" in how
    centers = centra.load("m").cluster_centers_
    assert sorted(centers[:, 2].tolist()) == [512, 19330, 410905]
    assert run("predict", "m", "t.csv", "-o", "l.csv")[0] == 0


def test_points_that_may_group_are_said(run: Run) -> None:
    write("Kunde;Umsatz\nA;1.234\nB;12.500\nC;980\nD;13.100\n")
    code, out, err = run("report", "t.csv", "-k", 2, "--json")
    assert code == 0
    (note,) = [note for note in notes(err) if "point" in note]
    assert note.endswith("if it groups thousands, give --decimal ,")
    out = run("report", "t.csv", "-k", 2, "--json", "--decimal", ",")[1]
    assert sorted(json.loads(out)["centers"]) == [[1107.0], [12800.0]]
    assert not run("report", "t.csv", "-k", 2, "--decimal", ".", "--exclude", 1)[2]


def test_empty_rows_of_a_large_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    write("x,y\n" + "".join(f"{i % 7},{i * i % 11}\n" for i in range(50)) + ",\n")
    found = []
    for worth in (0, 1 << 20):
        monkeypatch.setattr("centra._tables.csvs._WORTH", worth)
        found.append(run("fit", "t.csv", "-k", 2, "-o", "m"))
        assert found[-1][0] == 0
        assert notes(found[-1][2]) == ["t.csv: 1 empty row: left out"]
    assert found[0] == found[1]
