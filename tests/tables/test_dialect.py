"""How text files are written: separators, decimal marks, encodings; and what is said of others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables import csvs
from centra._tables.csvs import CsvFile
from centra._tables.dialect import Dialect, number, separator, what_may_be
from centra._tables.inputs import Input

Run = Callable[..., tuple[int, str, str]]


def opened(path: Path, **how: object) -> CsvFile:
    return CsvFile(Input(path, path.name, path.suffix[1:]), Dialect(**how))


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("a,b\n1,2\n", ".", ","),
        ("a;b\n1;2\n", ".", ";"),
        ("a\tb\n1\t2\n", ".", "\t"),
        ("a|b\n1|2\n", ".", "|"),
        ("a;b,c\n1;2\n", ".", ";"),  # as many cells in every row
        ("a,b;c\n1,2;3\n", ".", ","),  # comma first
        ('"a;b","c;d"\n1,2\n', ".", ","),  # not in quotes
        ('"a\nb";c\n\n1;2\n', ".", ";"),  # quoted lines and blank lines
        ("a;b\n1,5;2,5\n", ".", ";"),
        ("1,5;2,5\n3,5;4,5\n", ",", ";"),
        ("x\n1\n2\n", ".", None),
        ("x\n1,5\n", ",", None),
        ("", ".", None),
        ("a;b\n" + "1;2\n" * 30 + "1,2\n", ".", ";"),
    ],
)
def test_the_separator_is_found_out(text: str, decimal: str, expected: str | None) -> None:
    assert separator(text.splitlines(keepends=True), decimal) == expected


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("12", 12.0, 12.0),
        (" -1.5 ", -1.5, None),
        ("12,5", None, 12.5),
        (",5", None, 0.5),
        ("5,", None, 5.0),
        ("1.234,5", None, 1234.5),
        ("1.234.567", None, 1234567.0),
        ("1.234", 1.234, 1234.0),  # the mark is never guessed
        ("1.23,4", None, None),
        ("1.2345", 1.2345, None),
        ("1234.567,8", None, None),
        ("1,234.5", None, None),
        ("-2,5e-3", None, -2.5e-3),
        ("inf", np.inf, np.inf),
        ("1_0", None, None),
        ("", None, None),
    ],
)
def test_numbers_by_decimal_mark(cell: str, point: object, comma: object) -> None:
    assert (number(cell, "."), number(cell, ",")) == (point, comma)


@pytest.mark.parametrize("delimiter", [";", ","])
def test_three_readers_agree_on_decimal_commas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delimiter: str
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(csvs, "_WORTH", 0)
    values = np.random.default_rng(3).normal(0, 1e5, (200, 3))
    rows = [[repr(x).replace(".", ",") for x in row] for row in values.tolist()]
    if delimiter == ",":
        rows = [[f'"{cell}"' for cell in row] for row in rows]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a;b;c".replace(";", delimiter), *map(delimiter.join, rows)]) + "\n")
    file = opened(path, decimal=",", delimiter=delimiter)
    assert file.names == ("a", "b", "c")
    expected = values.tobytes()
    assert file._read_by_arrow([0, 1, 2], None, None)[0].tobytes() == expected
    assert file._read_by_numpy([0, 1, 2], None, None) is None
    assert file._careful.read([0, 1, 2], None)[0].tobytes() == expected
    path.write_text(f'a{delimiter}b\n"1.234,5"{delimiter}2\n')
    file = opened(path, decimal=",", delimiter=delimiter)
    assert file._read_by_arrow([0, 1], None, None) is None  # groups of three: the careful one
    assert file.read([0, 1], None)[0].tolist() == [[1234.5, 2.0]]


def test_a_german_file(run: Run, fails: Callable[..., str]) -> None:
    text = "Größe (cm);Umsatz (€);Ort\r\n178,3;2.020,68;Köln\r\n151,7;940;Ulm, Donau\r\n"
    Path("t.csv").write_text(text, encoding="utf-8-sig", newline="")
    line, other = fails(
        "fit", "t.csv", "-k", 1, "-o", "m", "--label", "Ort", "--decimal", "."
    ).splitlines()
    assert line.startswith(
        "t.csv: line 2, column 1 ('Größe (cm)'): '178,3' is not a number (one of "
    )
    assert line.endswith("; if ',' is the decimal mark, give --decimal ,")
    assert other.startswith("t.csv: line 2, column 2 ('Umsatz (€)'): '2.020,68' is not a number")
    code, _, err = run("fit", "t.csv", "-k", 2, "-o", "found", "--label", "Ort")
    assert (code, err) == (0, "centra: note: t.csv: ',' was read as the decimal mark\n")
    german = ("--label", "Ort", "--decimal", ",", "--labels", "l.csv", "--join")
    assert run("fit", "t.csv", "-k", 2, "-o", "m", *german)[0] == 0
    assert np.sort(centra.load("m").cluster_centers_[:, 1]).tolist() == [940.0, 2020.68]
    again = Path("l.csv").read_text(encoding="utf-8").splitlines()
    assert again[0] == "Größe (cm);Umsatz (€);Ort;cluster"
    assert again[1].startswith("178,3;2.020,68;Köln;")

    Path("l1.csv").write_bytes(text.encode("cp1252"))
    code, _, err = run("fit", "l1.csv", "-k", 2, "-o", "n", *german[:4])
    assert code == 0 and "l1.csv: not UTF-8 text: read as cp1252; if letters are wrong" in err
    assert Path("m").read_bytes() == Path("n").read_bytes()
    code, _, err = run("fit", "l1.csv", "-k", 2, "-o", "n", *german[:4], "--encoding", "cp1252")
    assert (code, err) == (0, "")
    assert Path("m").read_bytes() == Path("n").read_bytes()
    Path("l16.csv").write_text(text, encoding="utf-16")
    assert run("fit", "l16.csv", "-k", 2, "-o", "n", *german[:4], "--encoding", "utf-16")[0] == 0
    assert "not ascii text" in fails("fit", "l1.csv", "-o", "o", "--encoding", "ascii")


@pytest.mark.parametrize(
    ("cell", "delimiter", "decimal", "guesses"),
    [
        ("178,3", ";", ".", ["if ',' is the decimal mark, give --decimal ,"]),
        (
            "1,000",
            ",",
            ".",
            [
                "if ',' is the decimal mark, give --decimal ,",
                "if ',' groups thousands, give --thousands ,",
            ],
        ),
        ("1,234.5", ",", ".", ["if ',' groups thousands, give --thousands ,"]),
        ("1.5", ";", ",", ["if '.' is the decimal mark, leave out --decimal"]),
        ("5;2", ",", ".", ["if ';' separates the cells, give --delimiter ';'"]),
        ("1|2", ";", ",", ["if '|' separates the cells, give --delimiter '|'"]),
        ("50%", ",", ".", []),
        ("a;b", ",", ".", []),
        ("a, b", ";", ".", []),
    ],
)
def test_guesses_are_never_what_is_so_already(
    cell: str, delimiter: str, decimal: str, guesses: list[str]
) -> None:
    assert what_may_be(cell, delimiter, decimal, alone=False) == guesses


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\n1,5\n", "line 2 has 2 cells, but the header has 1; if ',' is the decimal mark, give"),
        ("1,2\n3\n", "line 2 has 1 cell, but the first row has 2; complete the row or drop it"),
        ("a;b\n1;2\n3\n", "if ';' separates the cells, give --delimiter ';'"),
    ],
)
def test_rows_of_other_lengths(fails: Callable[..., str], text: str, message: str) -> None:
    Path("t.csv").write_text(text)
    line = fails("fit", "t.csv", "-k", 1, "-o", "m")
    assert message in line and "--delimiter ','" not in line


def test_a_separator_that_was_said_may_be_wrong(fails: Callable[..., str], run: Run) -> None:
    Path("t.csv").write_text("a;b\n178,3;2\n151,7;3\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "m", "--delimiter", ",")
    assert "line 2 has 2 cells, but the header has 1 (and 1 more such); " in line
    assert line.endswith("if ';' separates the cells, give --delimiter ';'")
    Path("t.csv").write_text("x\n1,5\n2,5\n")  # one column
    assert run("fit", "t.csv", "-k", 1, "-o", "m", "--decimal", ",")[0] == 0
    assert centra.load("m").cluster_centers_.tolist() == [[2.0]]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--decimal", ";", "give . or ,"),
        ("--encoding", "latin-99", "'latin-99' is none that Python knows"),
        ("--encoding", "hex", "'hex' is none that Python knows"),
    ],
)
def test_dialects_that_there_are_not(
    fails: Callable[..., str], option: str, value: str, message: str
) -> None:
    Path("t.csv").write_text("1,2\n")
    assert message in fails("fit", "t.csv", "-o", "m", option, value, code=2)
