"""Missing numbers: counted in the error, left out by --drop-missing, and labels stay aligned."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables import csvs
from centra._tables.inputs import Input
from centra._tables.missing import is_missing

Run = Callable[..., tuple[int, str, str]]
DROP = ("-k", 3, "--drop-missing")


def holed(points: np.ndarray, kind: str, hole: object = "") -> tuple[str, np.ndarray]:
    """Write points with two holes in x, one in y; return the file and which rows are whole."""
    rows: list[list[object]] = [list(row) for row in points.tolist()]
    empty: object = hole if kind in ("csv", "tsv") else np.nan if kind == "npy" else None
    for row, column in ((7, 0), (8, 1), (50, 0)):
        rows[row][column] = empty
    whole = np.ones(len(rows), bool)
    whole[[7, 8, 50]] = False
    name = f"t.{kind}"
    if kind == "npy":
        np.save(name, np.array(rows, dtype=float))
    elif kind in ("csv", "tsv"):
        sep = "\t" if kind == "tsv" else ","
        lines = [sep.join(map(str, row)) for row in rows]
        Path(name).write_text("\n".join([f"x{sep}y", *lines]) + "\n")
    else:
        pa = pytest.importorskip("pyarrow")
        from pyarrow import feather, parquet

        table = pa.table([list(column) for column in zip(*rows, strict=True)], names=["x", "y"])
        (parquet.write_table if kind == "parquet" else feather.write_feather)(table, name)
    return name, whole


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "arrow", "npy"])
def test_rows_are_left_out_and_labels_stay_aligned(
    run: Run, fails: Callable[..., str], points: np.ndarray, kind: str
) -> None:
    name, whole = holed(points, kind)
    line = fails("fit", name, "-k", 3, "-o", "m")
    assert "the first of 3 rows with a missing number; fill them, or leave these rows" in line
    assert ("line 9, " if kind in ("csv", "tsv") else "row 8 (from 1), ") in line

    code, out, err = run("fit", name, *DROP, "-o", "m", "--labels", f"l.{kind}")
    assert (code, err) == (
        0,
        f"centra: note: {name}: 3 of 60 rows have a missing number: left out\n",
    )
    assert "57 labels" in out
    km = centra.KMeans(3, random_state=0).fit(points[whole])
    assert centra.load("m").cluster_centers_.tobytes() == km.cluster_centers_.tobytes()
    expected = np.full(60, -1)
    expected[whole] = km.labels_
    assert labels_of(f"l.{kind}") == expected.tolist()

    code, out, err = run("predict", "m", name, "-o", f"p.{kind}", "--drop-missing")
    assert (
        code == 0 and out == f"p.{kind}: 57 labels, 3 of 3 clusters in use\n" and "3 of 60" in err
    )
    assert Path(f"p.{kind}").read_bytes() == Path(f"l.{kind}").read_bytes()
    run("predict", "m", name, "-o", f"j.{kind}", "--drop-missing", "--join")
    assert labels_of(f"j.{kind}") == expected.tolist()
    assert "missing number" in fails("predict", "m", name, "-o", f"q.{kind}")

    found = json.loads(run("report", name, *DROP, "--json")[1])
    assert (found["n_dropped"], found["n_rows"]) == (3, 57)
    found = json.loads(run("sweep", name, "-k", "2:3", "--drop-missing", "--no-gap", "--json")[1])
    assert found["n_dropped"] == 3


def labels_of(name: str) -> list[int]:
    """Read the last column of a file back; -1 for what is empty."""
    kind = name.partition(".")[2]
    if kind == "npy":
        return np.atleast_2d(np.load(name).T)[-1].astype(int).tolist()
    if kind in ("csv", "tsv"):
        lines = Path(name).read_text().splitlines()[1:]
        cells = [line.replace(",", "\t").split("\t")[-1].strip('"') for line in lines]
        return [int(cell or -1) for cell in cells]
    from pyarrow import feather, parquet

    table = parquet.read_table(name) if kind == "parquet" else feather.read_table(name)
    return [-1 if label is None else label for label in table.columns[-1].to_pylist()]


def test_labels_alone_are_read_row_by_row(run: Run, points: np.ndarray) -> None:
    pandas = pytest.importorskip("pandas")
    name, whole = holed(points, "csv")
    assert run("fit", name, *DROP, "-o", "m", "--labels", "l.csv")[0] == 0
    assert pandas.read_csv("l.csv").iloc[:, 0].notna().tolist() == whole.tolist()


@pytest.mark.parametrize(
    "hole", ["", "  ", "NA", "nan", "NaN", "n/a", "NULL", "None", "#N/A", '""']
)
def test_readers_agree_on_what_is_missing(
    run: Run, points: np.ndarray, monkeypatch: pytest.MonkeyPatch, hole: str
) -> None:
    name, whole = holed(points, "csv", hole)
    monkeypatch.setattr(csvs, "_WORTH", 0)
    file = csvs.CsvFile(Input(Path(name), name, "csv"))
    careful = file._careful.read([0, 1], None, missing=True)[0]
    assert np.isnan(careful).any(axis=1).tolist() == (~whole).tolist()
    assert file.read([0, 1], None, missing=True)[0].tobytes() == careful.tobytes()
    assert file._read_by_numpy([0, 1], None, None) is None


def test_a_number_that_is_no_number_is_never_missing(
    run: Run, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csvs, "_WORTH", 0)
    for cell, message in (("inf", "not a finite number"), ("nan(1)", "not a number")):
        Path("t.csv").write_text(f"x,y\n1,2\n,3\n{cell},4\n")
        line = fails("fit", "t.csv", *DROP, "-o", "m")
        assert "line 4, column 1 ('x')" in line and message in line
    np.save("t.npy", np.array([[np.nan, 1], [1, 2], [np.inf, 3], [4, 5]]))
    code, _, err = run("fit", "t.npy", *DROP, "-o", "m")
    assert code == 1 and "t.npy: row 3 (from 1), column 1: inf is not" in err.splitlines()[-1]
    assert not is_missing("x") and not is_missing("0") and is_missing("")


def test_labels_and_weights_are_filtered_alike(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("x,kind,n\n0,a,1\n,b,1\n4,a,3\n9,b,\n50,b,2\n60,,2\n")
    more = ("-k", 2, "--label", "kind", "--weight", "n", "--drop-missing", "-o", "m")
    code, out, err = run("fit", "t.csv", *more)
    assert code == 0 and "2 of 6 rows have a missing number" in err
    assert "adjusted Rand index 1.000 (3 rows, 1 without a label left out)" in out
    assert np.sort(centra.load("m").cluster_centers_[:, 0]).tolist() == [3.0, 55.0]
    Path("t.csv").write_text("x,n\n0,1\n,1\n4,-3\n")
    line = fails("fit", "t.csv", "-k", 1, "--weight", "n", "--drop-missing", "-o", "n")
    assert line.startswith("t.csv: line 4, column 2 ('n'): the weight -3")


def test_what_nothing_is_left_of(fails: Callable[..., str], points: np.ndarray) -> None:
    Path("t.csv").write_text("x,y\n1,\n,2\n")
    line = fails("fit", "t.csv", *DROP, "-o", "m", "--columns", "x,y")
    assert line == (
        "t.csv: each of its 2 rows has a missing number; leave columns out with --columns"
    )
    name, _ = holed(points, "npy")
    line = fails("fit", name, *DROP, "-o", "m", "--memory", "500B")
    assert "rows of which some are left out take 960 bytes of memory" in line


def test_a_first_row_with_a_missing_number_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for text, names in (
        ("NA,1,2\n3,4,5\n", None),
        ("Na,K,Ca\n3,4,5\n", ("Na", "K", "Ca")),
        ("x,2020\nNA,5\n", ("x", "2020")),
    ):
        path.write_text(text)
        assert csvs.CsvFile(Input(path, "t.csv", "csv")).names == names
