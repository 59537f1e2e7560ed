"""Formats in and out, standard input and output."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables import csvs

pa = pytest.importorskip("pyarrow", reason='needs the extra: pip install "centra[tables]"')
from pyarrow import feather, parquet  # noqa: E402

Run = Callable[..., tuple[int, str, str]]
PROGRAM = [sys.executable, "-c", "import sys; from centra.cli import main; sys.exit(main())"]


def table_of(points: np.ndarray) -> pa.Table:
    names = [f"P{i}" for i in range(len(points))]
    return pa.table({"id": names, "x": points[:, 0], "y": points[:, 1]})


def written(points: np.ndarray, kind: str) -> str:
    """Write points, with a column of names where the format has text, and return the file."""
    table, name = table_of(points), f"points.{kind}"
    if kind == "parquet":
        parquet.write_table(table, name)
    elif kind == "arrow":
        with pa.OSFile(name, "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    elif kind == "feather":
        feather.write_feather(table, name)
    elif kind == "npy":
        np.save(name, np.column_stack([np.arange(len(points)) ** 2, points]))
    else:
        sep = "\t" if kind == "tsv" else ","
        lines = [sep.join(map(str, row.values())) for row in table.to_pylist()]
        Path(name).write_text("\n".join([sep.join(table.column_names), *lines]) + "\n")
    return name


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "arrow", "feather", "npy"])
def test_every_format_gives_the_same_bits(run: Run, points: np.ndarray, kind: str) -> None:
    name = written(points, kind)
    arguments = ("-k", 3, "--seed", 1, "--columns", "2,3")
    assert run("fit", name, *arguments, "-o", "m")[0] == 0
    km = centra.KMeans(3, random_state=1).fit(points)
    assert centra.load("m").cluster_centers_.tobytes() == km.cluster_centers_.tobytes()

    more = ("--columns", "2,3") if kind == "npy" else ()
    code, out, err = run("predict", "m", name, "-o", f"out.{kind}", "--join", *more)
    assert (code, err) == (0, "")
    assert out == f"out.{kind}: 60 labels, 3 of 3 clusters in use\n"
    found = read_back(f"out.{kind}")
    assert found[-1] == km.labels_.tolist()
    assert found[:-1] == read_back(name)

    assert run("predict", "m", name, "-o", f"alone.{kind}", *more)[0] == 0
    assert read_back(f"alone.{kind}")[-1] == km.labels_.tolist()


def read_back(name: str) -> list[list[object]]:
    """Return a file's columns."""
    kind = name.partition(".")[2]
    if kind == "npy":
        rows = np.load(name)
        return np.atleast_2d(rows.T).tolist()
    if kind in ("csv", "tsv"):
        sep = "\t" if kind == "tsv" else ","
        rows = [line.split(sep) for line in Path(name).read_text().splitlines()[1:]]
        columns = [list(column) for column in zip(*rows, strict=True)]
        return [*columns[:-1], list(map(int, columns[-1]))] if name[0] in "oa" else columns
    if kind == "parquet":
        return [column.to_pylist() for column in parquet.read_table(name).columns]
    start = Path(name).read_bytes()[:6]
    opener = pa.ipc.open_file if start == b"ARROW1" else pa.ipc.open_stream
    return [column.to_pylist() for column in opener(name).read_all().columns]


def test_types_of_parquet_columns(run: Run) -> None:
    table = pa.table(
        {
            "whole": pa.array([1, 2, 3], pa.int16()),
            "single": pa.array([1.5, 2.5, 3.5], pa.float32()),
            "true": [True, False, True],
            "decimal": pa.array(["1.25", "2.25", "9.5"]).cast(pa.decimal128(9, 2)),
        }
    )
    parquet.write_table(table, "t.parquet")
    assert run("fit", "t.parquet", "-k", 1, "-o", "m")[0] == 0
    assert centra.load("m").cluster_centers_[0].tolist() == [2.0, 2.5, 2 / 3, 13 / 3]
    assert run("fit", "t.parquet", "-k", 1, "-o", "m", "--columns", "single")[0] == 0
    assert centra.load("m").cluster_centers_.dtype == np.float32


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"city": ["Bern", "Oslo"], "x": [1.0, 2.0]},
            "row 1 (from 1), column 1 ('city'): 'Bern' is not a number but string; "
            "correct it, or choose columns with --columns x",
        ),
        ({"x": [1.0, None]}, "row 2 (from 1), column 1 ('x'): the cell is empty; fill it"),
        ({"x": [1.0, float("nan")]}, "column 1 ('x'): the number is missing ('nan'); fill it"),
        ({"x": [1.0, float("inf")]}, "row 2 (from 1), column 1 ('x'): inf is not a finite number"),
        ({"x": pa.array([], pa.float64())}, "there are no rows"),
        ({}, "the file has no columns"),
    ],
    ids=["text", "null", "nan", "inf", "no rows", "no columns"],
)
def test_a_parquet_file_that_is_no_table_of_numbers(
    fails: Callable[..., str], columns: dict[str, object], message: str
) -> None:
    parquet.write_table(pa.table(columns), "t.parquet")
    places = ",".join(str(i + 1) for i in range(len(columns)))
    line = fails("fit", "t.parquet", "-k", 1, "-o", "m", *(["--columns", places] * bool(places)))
    assert line.startswith("t.parquet: ")
    assert message in line


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_damaged_file(fails: Callable[..., str], points: np.ndarray, kind: str) -> None:
    name = written(points, kind)
    whole = Path(name).read_bytes()
    for damaged in (b"x", b"hello, world", whole[: len(whole) // 2], b"PAR1" + whole[4:-9]):
        Path(name).write_bytes(damaged)
        assert f"{name}: not a" in fails("fit", name, "-k", 1, "-o", "m")
    Path(name).write_bytes(b"")
    assert "the file is empty" in fails("fit", name, "-k", 1, "-o", "m")


def test_two_columns_of_one_name(fails: Callable[..., str]) -> None:
    message = "columns 1 and 3 are both named 'x'; rename one of them"
    Path("t.csv").write_text("x,y,x\n1,2,3\n")
    assert fails("fit", "t.csv", "-k", 1, "-o", "m") == f"t.csv: {message}"
    parquet.write_table(pa.table([[1.0]] * 3, names=["x", "y", "x"]), "t.parquet")
    assert fails("fit", "t.parquet", "-k", 1, "-o", "m") == f"t.parquet: {message}"


def test_without_pyarrow_the_program_says_what_to_install(
    fails: Callable[..., str], points: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(points, "parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    line = fails("fit", "points.parquet", "-o", "m")
    assert line == 'Parquet and Arrow files need pyarrow: pip install "centra[tables]"'


def test_a_large_csv_is_read_alike_with_and_without_pyarrow(
    run: Run, points: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(points, "csv")
    arguments = ("fit", "points.csv", "-k", 3, "--seed", 1, "--columns", "y,x", "--label", "id")
    monkeypatch.setattr(csvs, "_WORTH", 0)
    assert run(*arguments, "-o", "a")[0] == 0
    monkeypatch.setattr(csvs, "_has_arrow", lambda: False)
    assert run(*arguments, "-o", "b")[0] == 0
    assert Path("a").read_bytes() == Path("b").read_bytes()


@pytest.mark.parametrize("with_arrow", [True, False])
@pytest.mark.parametrize(
    ("cell", "message"),
    [(b"gr\xc3\xb6n\xf6", "not UTF-8 text"), (b"a,b", "line 12 has 4 cells, but the header has 3")],
)
def test_columns_that_are_left_out_are_looked_at_too(
    fails: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    with_arrow: bool,
    cell: bytes,
    message: str,
) -> None:
    monkeypatch.setattr(csvs, "_WORTH", 0)
    monkeypatch.setattr(csvs, "_has_arrow", lambda: with_arrow)
    Path("t.csv").write_bytes(b"x,y,name\n" + b"1,2,a\n" * 10 + b"1,2," + cell + b"\n")
    assert message in fails("fit", "t.csv", "-k", 1, "-o", "m", "--columns", "x,y")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ann,1000\nbob,1100\n", None),
        ("id,2019\nA,1\n", None),
        ("5.1,setosa\n4.9,setosa\n", ()),  # no name has decimals
        ("id,2019,2020\nA,1,2\n", ("id", "2019", "2020")),
        (",0,1,2\n0,5,1,1\n1,2,2,2\n", ("", "0", "1", "2")),
        ("id,x,2020\nA,1,2\n", ("id", "x", "2020")),
        ("name,2020\n", ("name", "2020")),
    ],
)
def test_a_first_row_of_text_and_numbers(text: str, names: object, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    source = csvs.Input(path, "t.csv", "csv")
    if names is None:
        with pytest.raises(csvs.TableError, match="give --header or --no-header"):
            csvs.CsvFile(source)
        assert csvs.CsvFile(source, csvs.Dialect(False)).names is None
        assert csvs.CsvFile(source, csvs.Dialect(True)).names == tuple(
            text.split("\n")[0].split(",")
        )
    else:
        assert csvs.CsvFile(source).names == (names or None)


# --- standard input and output --------------------------------------------------------------------


def test_a_pipe_of_real_processes(tmp_path: Path, points: np.ndarray) -> None:
    data = "x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in points.tolist())
    fit = ["fit", "-", "--format", "csv", "-k", "3", "--seed", "1", "-o", "-"]
    first = subprocess.run([*PROGRAM, *fit], input=data.encode(), capture_output=True, check=True)
    assert b"standard output: 3 clusters of 60 rows x 2 columns" in first.stderr
    (tmp_path / "m").write_bytes(first.stdout)
    km = centra.KMeans(3, random_state=1).fit(points)
    assert centra.load(tmp_path / "m").labels_.tolist() == km.labels_.tolist()


@pytest.mark.parametrize("kind", ["csv", "parquet", "npy"])
def test_standard_input_and_output(
    run: Run, points: np.ndarray, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    data = Path(written(points, kind)).read_bytes()

    def piped(*arguments: object) -> bytes:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
            patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
            assert run(*arguments, "--format", kind, "--columns", "2,3", "-o", "-")[0] == 0
            return sys.stdout.buffer.getvalue()

    Path("m").write_bytes(piped("fit", "-", "-k", 3, "--seed", 1))
    labels = centra.load("m").labels_.tolist()
    assert labels == centra.KMeans(3, random_state=1).fit(points).labels_.tolist()
    out = piped("predict", "m", "-", "--join")
    Path(f"out.{kind}").write_bytes(out)
    assert read_back(f"out.{kind}") == [*read_back(f"points.{kind}"), labels]
    Path(f"alone.{kind}").write_bytes(piped("predict", "m", "-"))
    assert read_back(f"alone.{kind}") == [labels]


def test_standard_input_that_cannot_be_read(
    fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "standard input has no suffix; say what it is with --format csv|" in fails(
        "fit", "-", "-o", "m"
    )
    assert "'xls' is none of csv, tsv," in fails("fit", "-", "-o", "m", "--format", "xls", code=2)
    for text, kind, message in (
        (b"", "csv", "standard input: it is empty"),
        (b"x\n1\ntwo\n", "csv", "standard input: line 3, column 1 ('x'): 'two' is not a number"),
        (b"x\n1\n", "npy", "standard input is not an .npy file"),
        (b"x\n1\n", "parquet", "standard input: not a Parquet file"),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        assert message in fails("fit", "-", "-k", 1, "-o", "m", "--format", kind)


def test_only_one_thing_goes_to_standard_output(
    fails: Callable[..., str], points: np.ndarray
) -> None:
    written(points, "csv")
    for more in (["--json"], ["--labels", "-"]):
        line = fails("fit", "points.csv", "-o", "-", *more, code=2)
        assert "only one thing can go to standard output" in line


def test_join_keeps_the_format(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("x,cluster\n1,2\n3,4\n")
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--seed", 1)[0] == 0
    line = fails("predict", "m", "t.csv", "-o", "out.parquet", "--join")
    assert (
        "--join writes the table in the format of t.csv, csv; give a name that ends in .csv" in line
    )
    line = fails("predict", "m", "t.csv", "-o", "out.csv", "--join")
    assert line == "t.csv: has a column 'cluster' already; give another name with --name"
    assert "needs --labels OUT" in fails("fit", "t.csv", "-o", "n", "--join", code=2)


def test_fit_writes_labels_too(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text('name,x\n"a, b",1\n\nc,9\n')
    arguments = ("fit", "t.csv", "-k", 2, "--columns", "x", "--seed", 1, "-o", "m", "--labels")
    code, out, _ = run(*arguments, "out.csv", "--join")
    assert code == 0
    assert "out.csv: 2 labels\n" in out
    first, second = centra.load("m").labels_
    assert Path("out.csv").read_text() == f'name,x,cluster\n"a, b",1,{first}\nc,9,{second}\n'
    assert "is also the model" in fails(*arguments[:-3], "-o", "n.csv", "--labels", "n.csv")
