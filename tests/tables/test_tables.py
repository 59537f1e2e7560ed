"""Tables in files: what is read, and what is said of a table that is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from centra._tables import csvs, numpy_text
from centra._tables.csvs import CsvFile
from centra._tables.dialect import Dialect
from centra._tables.inputs import Input


def opened(path: Path, **how: object) -> CsvFile:
    return CsvFile(Input(path, path.name, path.suffix[1:]), Dialect(**how))


def read(path: Path, **how: object) -> tuple[np.ndarray, tuple[str, ...] | None]:
    file = opened(path, **how)
    return file.read(range(file.width), None)[0], file.names


def as_csv(rows: np.ndarray, header: str = "") -> str:
    return header + "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())


@pytest.mark.parametrize(
    ("text", "rows", "names"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]], None),
        ("a,b\n1,2\n", [[1, 2]], ("a", "b")),
        (",b\n1,2\n", [[1, 2]], ("", "b")),
        ("\ufeffa,b\r\n1,2\r\n", [[1, 2]], ("a", "b")),
        ("1,2\r3,4\r", [[1, 2], [3, 4]], None),
        ("\n1,2\n\n  \n3,4", [[1, 2], [3, 4]], None),
        ('"a, b",c\n"1","-2.5e3"\n', [[1, -2500]], ("a, b", "c")),
        ('"a\nb",c\n1,2\n', [[1, 2]], ("a\nb", "c")),
        ('"1\n",2\n', [[1, 2]], None),
        (" 1 , +2 \n.5,5.\n", [[1, 2], [0.5, 5]], None),
        ("7\n8\n", [[7], [8]], None),
    ],
)
def test_csv_forms(
    text: str, rows: list[list[float]], names: tuple[str, ...] | None, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    found, named = read(path)
    assert found.tolist() == rows
    assert found.dtype == np.float64
    assert named == names


def test_a_header_of_numbers_and_other_separators(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("2019,2020\n1,2\n")
    assert read(path, header=True)[1] == ("2019", "2020")
    assert read(path)[1] is None
    path.write_text("1;2\n3;4\n")
    assert read(path, delimiter=";")[0].tolist() == [[1, 2], [3, 4]]
    path = tmp_path / "t.tsv"
    path.write_text("1\t2\n")
    assert read(path)[0].tolist() == [[1, 2]]


def test_three_csv_readers_agree_on_awkward_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 2**64, 4000, dtype=np.uint64).view(np.float64)
    values = bits[np.isfinite(bits)][:3000].reshape(-1, 3)
    path = tmp_path / "t.csv"
    path.write_text(as_csv(values))
    file = opened(path)
    for reader in (file._read_by_arrow, file._read_by_numpy, file._careful.read):
        monkeypatch.setattr(csvs, "_WORTH", 0)
        more = () if reader == file._careful.read else (None,)
        assert reader([0, 1, 2], None, *more)[0].tobytes() == values.tobytes()
        assert reader([2, 0], None, *more)[0].tobytes() == values[:, [2, 0]].tobytes()


def test_a_csv_of_many_blocks_reports_its_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numpy_text, "_LINES", 7)
    values = np.arange(60.0).reshape(30, 2)
    path = tmp_path / "t.csv"
    path.write_text(as_csv(values, "a,b\n"))
    seen: list[float] = []
    rows, _ = opened(path).read([0, 1], None, seen.append)
    assert rows.tolist() == values.tolist()
    assert len(seen) == 5
    assert seen[-1] == 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty; it needs at least one row of numbers"),
        ("\n\n", "the file is empty; it needs at least one row of numbers"),
        ("a,b\n", "a header and no rows; it needs at least one row of numbers"),
        ("1,2\n3\n", "line 2 has 1 cell, but the first row has 2"),
        (
            "1,2\n\n3,4,5\n",
            "line 3 has 3 cells, but the first row has 2; complete the row or drop it",
        ),
        ("a,b\n1,2,3\n", "line 2 has 3 cells, but the header has 2; complete the row or drop it"),
        (
            "a,b\n1,2\n3,four\n",
            "line 3, column 2 ('b'): 'four' is not a number; "
            "correct it, or choose columns with --columns a",
        ),
        (
            "1,2\n3,\n",
            "line 2, column 2: the cell is empty; fill it, or leave out its row with --drop-",
        ),
        ("1,,3\n4,5,6\n", "line 1, column 2: the cell is empty; fill it"),
        ("1,2\nnan,4\n", "line 2, column 1: the number is missing ('nan'); fill it, or leave out"),
        ("1,-inf\n", "line 1, column 2: '-inf' is not a finite number; fill it or drop the row"),
        (
            "1,2\n1e999,4\n",
            "line 2, column 1: '1e999' is larger than float64 can hold; rescale the column",
        ),
        ("1,2\n1_0,4\n", "line 2, column 1: '1_0' is not a number"),
        ("1,2\n0x10,4\n", "line 2, column 1: '0x10' is not a number"),
        ("1;2\n3;4;5\n", "line 2, column 1 ('1;2'): '3;4;5' is not a number"),
        ("1;2\n3;4;5\n", "; if ';' separates the cells, give --delimiter ';'"),
        ("1,2\n" + "x" * 500 + ",4\n", "line 2, column 1: '" + "x" * 37 + "...' is not a number"),
    ],
)
def test_a_bad_csv_is_told_by_line_and_column(
    fails: Callable[..., str], text: str, message: str
) -> None:
    Path("t.csv").write_text(text)
    line = fails("fit", "t.csv", "-k", 1, "-o", "m")
    assert line.startswith("t.csv: ")
    assert message in line


def test_a_bad_cell_far_down_is_found(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("1,2\n" * 60_000 + "1,oops\n" + "1,2\n" * 10)
    assert "line 60001, column 2: 'oops'" in fails("fit", "t.csv", "-k", 1, "-o", "m")


def test_a_csv_that_is_not_utf8(fails: Callable[..., str]) -> None:
    Path("t.csv").write_bytes("größe\n1\n".encode() + b"\xff\n")  # some of it is: damaged
    assert "t.csv: not UTF-8 text" in fails("fit", "t.csv", "-k", 1, "-o", "m")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(3), "reshape(-1, 1)"),
        (np.zeros((2, 2, 2)), "shape (2, 2, 2)"),
        (np.zeros((0, 2)), "shape (0, 2)"),
        (np.zeros((2, 0)), "shape (2, 0)"),
        (np.array([["a", "b"]]), "<U1"),
        (np.zeros((2, 2), complex), "complex128"),
    ],
    ids=["1d", "3d", "no rows", "no columns", "text", "complex"],
)
def test_a_npy_that_is_no_table(fails: Callable[..., str], array: np.ndarray, message: str) -> None:
    np.save("t.npy", array)
    line = fails("fit", "t.npy", "-k", 1, "-o", "m")
    assert line.startswith("t.npy ")
    assert message in line
    assert line.endswith("write it again with numpy.save, as rows and columns of real numbers")


def test_a_npy_with_a_value_that_is_not_finite(fails: Callable[..., str]) -> None:
    rows = np.ones((40, 3))
    rows[17, 1] = np.inf
    np.save("t.npy", rows)
    line = fails("fit", "t.npy", "-k", 1, "-o", "m")
    assert line == (
        "t.npy: row 18 (from 1), column 2: inf is not a finite number; correct it or drop the row"
    )


def test_a_npy_of_objects_is_not_unpickled(fails: Callable[..., str]) -> None:
    np.save("t.npy", np.array([[object()]]), allow_pickle=True)
    assert "object" in fails("fit", "t.npy", "-k", 1, "-o", "m")


def test_a_npy_cut_short(fails: Callable[..., str], points: np.ndarray) -> None:
    np.save("t.npy", points)
    Path("t.npy").write_bytes(Path("t.npy").read_bytes()[:-1])
    line = fails("fit", "t.npy", "-k", 1, "-o", "m")
    assert "t.npy is cut short" in line
    assert "needs 960 bytes, 959 are there" in line
    Path("t.npy").write_bytes(b"\x93NUMPY")
    assert "t.npy is not an .npy file" in fails("fit", "t.npy", "-k", 1, "-o", "m")
    Path("t.npy").write_bytes(b"1,2\n")
    assert "t.npy is not an .npy file" in fails("fit", "t.npy", "-k", 1, "-o", "m")
