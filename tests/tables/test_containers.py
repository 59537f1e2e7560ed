"""Workbooks, JSON, packed files, and files whose suffix says nothing."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables import sheets, unpacked
from centra._tables.inputs import FORMATS, TableError, format_of, opened
from centra._tables.limits import Limit

Run = Callable[..., tuple[int, str, str]]
CSV = b"name,x,y\nA,1,2\nB,3,4.5\nC,9,0.1\n"
RECORDS = [
    {"name": "A", "x": 1, "y": 2},
    {"name": "B", "x": 3, "y": 4.5},
    {"name": "C", "x": 9, "y": 0.1},
]
COLUMNS = ("--columns", "x,y")


def centers(run: Run, name: str, *more: object) -> list[list[float]]:
    code, out, err = run("report", name, "-k", 3, *COLUMNS, "--label", "name", "--json", *more)
    assert code == 0, err
    return sorted(json.loads(out)["centers"])


EXPECTED = [[1, 2], [3, 4.5], [9, 0.1]]


def workbook(*sheets: tuple[str, list[list[object]]], name: str = "t.xlsx") -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(name)


ROWS = [["name", "x", "y"], *([*each.values()] for each in RECORDS)]


# --- workbooks ------------------------------------------------------------------------------------


def test_a_workbook(run: Run) -> None:
    workbook(("Data", ROWS))
    assert centers(run, "t.xlsx") == EXPECTED
    workbook(("Empty", []), ("Data", [["A report"], [], *ROWS]), ("Other", [[1]]))
    code, _, err = run("report", "t.xlsx", "-k", 2, *COLUMNS)
    assert code == 0
    assert "the sheet 'Data' was read, not 'Empty', 'Other'; --sheet names another" in err
    assert centers(run, "t.xlsx", "--sheet", "Data") == EXPECTED


def test_bits_of_numbers_in_a_workbook(run: Run) -> None:
    X = np.random.default_rng(0).normal(size=(30, 3)).round(8)  # openpyxl writes 16 digits
    workbook(("A", [["a", "b", "c"], *X.tolist()]))
    assert run("fit", "t.xlsx", "-k", 2, "-o", "m", "--seed", 1)[0] == 0
    km = centra.KMeans(2, random_state=1).fit(X)
    assert centra.load("m").cluster_centers_.tobytes() == km.cluster_centers_.tobytes()


def test_rows_of_a_workbook_are_those_that_it_shows(fails: Callable[..., str]) -> None:
    workbook(("A", [["A title"], [], ["x", "y"], [1, 2], [], [3, "oops"]]))
    line = fails("fit", "t.xlsx", "-k", 1, "-o", "m", "--columns", "x,y")
    assert "t.xlsx: row 6, column 2 ('y'): 'oops' is not a number" in line
    assert (
        fails("fit", "t.xlsx", "-o", "m", "--sheet", "B")
        == "t.xlsx: there is no sheet 'B'; it has 'A'"
    )
    workbook(("A", []))
    assert "no sheet has a cell" in fails("fit", "t.xlsx", "-k", 1, "-o", "m")


def test_without_openpyxl(fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(("A", ROWS))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    line = fails("fit", "t.xlsx", "-k", 1, "-o", "m")
    assert 'pip install "centra[excel]"' in line and "save the sheet as .csv" in line


def damaged(change: Callable[[str], str]) -> None:
    workbook(("A", ROWS))
    data = Path("t.xlsx").read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = change(text.decode()).encode()
            new.writestr(name, text)
    Path("t.xlsx").write_bytes(made.getvalue())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('<row r="3">', '<row r="9">', "out of order"),  # openpyxl leaves rows out then
        ('r="B3"', 'r="A3"', "out of order"),
        ('r="B3"', 'r="B٣"', "out of order"),
        ("</sheetData>", "", "not an .xlsx file, or a damaged one"),
        ('r="C4"', 'r="XFD4"', ""),  # far away, and only a wide row
    ],
)
def test_a_damaged_workbook(
    run: Run, fails: Callable[..., str], old: str, new: str, message: str
) -> None:
    run("--version")
    damaged(lambda text: text.replace(old, new))
    assert message in fails("fit", "t.xlsx", "-k", 1, "-o", "m")


def test_a_sheet_that_is_nearly_empty_and_large(
    run: Run, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "CELLS", 20_000)
    run("--version")
    damaged(lambda text: text.replace('r="C4"', 'r="XFD4"'))
    assert "has more than 20,000 cells, most of them empty" in fails(
        "fit", "t.xlsx", "-o", "m", "-k", 1
    )
    monkeypatch.setattr(sheets, "WORKBOOK", Limit(1000, 0))
    assert "becomes more than 1,000 bytes" in fails("fit", "t.xlsx", "-o", "m", "-k", 1)


def test_workbooks_of_before(fails: Callable[..., str]) -> None:
    Path("t.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99))
    assert "save it as .xlsx or .csv" in fails("fit", "t.xls", "-o", "m")


# --- JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        RECORDS,
        {"data": RECORDS},
        {"schema": {"fields": []}, "data": RECORDS},
        {
            "columns": ["name", "x", "y"],
            "index": [0, 1, 2],
            "data": [[*each.values()] for each in RECORDS],
        },
        {key: {str(i): each[key] for i, each in enumerate(RECORDS)} for key in ("name", "x", "y")},
        {key: [each[key] for each in RECORDS] for key in ("name", "x", "y")},
        {"page": 1, "rows": RECORDS},
        [["name", "x", "y"], *([*each.values()] for each in RECORDS)],
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json(run: Run, content: object, indent: int | None) -> None:
    Path("t.json").write_text(json.dumps(content, indent=indent))
    assert centers(run, "t.json") == EXPECTED


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson", "json"])
def test_json_of_a_record_a_line(run: Run, suffix: str) -> None:
    text = "".join(json.dumps(each) + "\n" for each in RECORDS)
    Path(f"t.{suffix}").write_text(text)
    assert centers(run, f"t.{suffix}") == EXPECTED


def test_json_of_records_that_are_not_flat(run: Run) -> None:
    records = [{"at": {"x": i, "y": -i}, "v": [i, 1.5]} for i in range(3)]
    Path("t.json").write_text(json.dumps(records))
    code, out, _ = run("report", "t.json", "-k", 1)
    assert code == 0 and "columns: at.x, at.y, v[0], v[1]\n" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"x": 1}, {"x": 2},]', "not JSON ("),
        ('{"x": 1', "not JSON ("),
        ("[1, 2]", "record 1: is a number, and an object is needed"),
        ("[]", "there are no records"),
        ("3", "has no records"),
        ('{"a": 1}', "has no records"),
        ('[{"x": 1, "y": 2}, {"x": 1}]', "record 2, column 2 ('y'): "),
        ('[{"x": 1, "y": 2}, {}]', "record 2, column 1 ('x'): "),
        ("[" * 100_000, "too deep"),
        ('[{"a":' + '{"a":' * 9 + "1" + "}" * 10 + "]", "lie too deep in one another"),
        ('[{"x": 1e999}, {"x": 2}]', "record 1, column 1 ('x'): 'inf' is not a finite number"),
    ],
)
def test_json_that_is_no_table(fails: Callable[..., str], text: str, message: str) -> None:
    Path("t.json").write_text(text)
    assert message in fails("fit", "t.json", "-k", 1, "-o", "m")


def test_lines_of_json_are_told(fails: Callable[..., str]) -> None:
    Path("t.jsonl").write_text('{"x": 1}\n{"x": 2}\noops\n')
    assert "t.jsonl: line 3: not JSON (" in fails("fit", "t.jsonl", "-k", 1, "-o", "m")
    Path("t.jsonl").write_bytes(b'{"x": 1}\n{"x\xff": 2, "\xc3\xb6": 1}\n')
    assert "t.jsonl: line 1: not JSON (" in fails("fit", "t.jsonl", "-k", 1, "-o", "m")


# --- packed files ---------------------------------------------------------------------------------


def zipped(name: str, **files: bytes) -> None:
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as file:
        for each, data in files.items():
            file.writestr(each, data)


def test_packed_files(run: Run) -> None:
    Path("t.json").write_text(json.dumps(RECORDS))
    workbook(("A", ROWS))
    zipped("a.zip", **{"t.csv": CSV})
    zipped("b.zip", **{"t.json": Path("t.json").read_bytes()})
    zipped("c.zip", **{"t.csv.gz": gzip.compress(CSV), "__MACOSX/t.csv": b"x"})
    Path("d.csv.gz").write_bytes(gzip.compress(CSV))
    Path("e.json.gz").write_bytes(gzip.compress(Path("t.json").read_bytes()))
    Path("f.xlsx.gz").write_bytes(gzip.compress(Path("t.xlsx").read_bytes()))
    Path("g.csv").write_bytes(Path("a.zip").read_bytes())
    for name in ("a.zip", "b.zip", "c.zip", "d.csv.gz", "e.json.gz", "f.xlsx.gz", "g.csv"):
        assert centers(run, name) == EXPECTED, name


def test_zips_that_are_not_of_one_file(run: Run, fails: Callable[..., str]) -> None:
    run("--version")
    zipped("t.zip", **{"a.csv": CSV, "b.csv": CSV})
    line = fails("fit", "t.zip", "-o", "m")
    assert line == "t.zip: has 2 files, 'a.csv', 'b.csv'; unpack it and give one file"
    zipped("t.zip")
    assert (
        fails("fit", "t.zip", "-o", "m") == "t.zip: has no file in it; unpack it and give one file"
    )
    Path("t.zip").write_bytes(CSV)
    assert "t.zip: not a zip file, or a damaged one" in fails("fit", "t.zip", "-o", "m")
    zipped("t.zip", **{"a.csv": CSV * 99})
    data = bytearray(Path("t.zip").read_bytes())
    data[60] ^= 255
    Path("t.zip").write_bytes(data)
    assert "t.zip: not a zip file, or a damaged one" in fails("fit", "t.zip", "-o", "m")


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_files_that_unpack_to_too_much(
    run: Run, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    run("--version")
    monkeypatch.setattr(unpacked, "PACKED", Limit(100_000, 100))
    zeros = b"0,0\n" * 1_000_000
    if kind == "gz":
        Path("t.csv.gz").write_bytes(gzip.compress(zeros))
    else:
        zipped("t.zip", **{"t.csv": zeros})
    name = "t.csv.gz" if kind == "gz" else "t.zip"
    assert "bytes when it is unpacked; if that is right, unpack it" in fails("fit", name, "-o", "m")


def test_labels_of_what_was_made_text_are_csv(run: Run, fails: Callable[..., str]) -> None:
    Path("t.json").write_text(json.dumps(RECORDS))
    assert run("fit", "t.json", "-k", 3, *COLUMNS, "-o", "m", "--labels", "l.csv", "--join")[0] == 0
    assert Path("l.csv").read_text().splitlines()[0] == "name,x,y,cluster"
    line = fails("predict", "m", "t.json", "-o", "l.json")
    assert line.endswith("told by its suffix; give .csv, .tsv, .parquet, .arrow or .npy")


# --- what a file is -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["t.data", "t.dat", "t", "t.x.y", "T.DATA"])
@pytest.mark.parametrize(
    "kind", ["csv", "tsv", "blanks", "json", "jsonl", "npy", "zip", "xlsx", "gz"]
)
def test_a_suffix_that_says_nothing(run: Run, name: str, kind: str) -> None:
    run("--version")
    data = {
        "csv": CSV,
        "tsv": CSV.replace(b",", b"\t"),
        "blanks": CSV.replace(b",", b"   "),
        "json": json.dumps(RECORDS).encode(),
        "jsonl": "".join(json.dumps(each) + "\n" for each in RECORDS).encode(),
        "gz": gzip.compress(CSV),
    }.get(kind, b"")
    if kind == "npy":
        file = io.BytesIO()
        np.save(file, np.array(EXPECTED))
        Path(name).write_bytes(file.getvalue())
        assert run("report", name, "-k", 3)[0] == 0
        return
    if kind == "zip":
        zipped("z", **{"t.csv": CSV})
        data = Path("z").read_bytes()
    elif kind == "xlsx":
        workbook(("A", ROWS))
        data = Path("t.xlsx").read_bytes()
    Path(name).write_bytes(data)
    assert centers(run, name) == EXPECTED


def test_what_is_said_of_a_guess(fails: Callable[..., str]) -> None:
    Path("t.data").write_text("ann,1000\nbob,1100\n")
    line = fails("fit", "t.data", "-o", "m", "-k", 1, "--columns", "2")
    assert "give --header or --no-header" in line
    assert line.endswith("; its content was taken for csv; --format names another")
    Path("t.data").write_bytes(bytes(range(256)) * 9)
    assert "is neither text nor a file of a known format" in fails("fit", "t.data", "-o", "m")


def test_a_suffix_that_is_wrong(run: Run) -> None:
    workbook(("A", ROWS), name="t.csv")
    code, _, err = run("report", "t.csv", "-k", 2, *COLUMNS)
    assert code == 0 and "note: t.csv: is xlsx and not csv: read as such" in err


def test_formats_by_suffix() -> None:
    assert [format_of(Path(f"a.{kind}"), packed=True) for kind in FORMATS] == list(FORMATS)
    assert format_of(Path("a.JSON.gz"), packed=True) == "json"
    for name in ("a.json", "a.xlsx", "a.csv.gz", "a"):
        with pytest.raises(TableError, match="told by its suffix"):
            format_of(Path(name))


def test_a_model_is_not_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "m"
    zipped(str(path), t_csv=CSV)
    with opened(path, "model") as source:
        assert source.path == path
