"""Files that are damaged, or change while they are read: a line, not the end of the process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables.inputs import CHANGED
from centra._tables.npys import NpyFile
from centra.cli import labels as cli_labels

Run = Callable[..., tuple[int, str, str]]

#: Cuts the file short at a moment when its rows are in use, in a process that may be lost by it.
_CUT = """
import os, sys
import centra
from centra._tables import arrows
from centra.cli import main
name = sys.argv[1]
def cut(): os.truncate(name, 64)
if name.endswith(".npy"):
    fit = centra.KMeans.fit
    def cut_and_fit(self, rows, **rest):
        cut()
        return fit(self, rows, **rest)
    centra.KMeans.fit = cut_and_fit
else:
    table = arrows.ArrowFile.table
    def cut_table(self, names=None):
        found = table(self, names)
        cut()
        return found
    arrows.ArrowFile.table = cut_table
sys.exit(main(["fit", name, "-k", "2", "-o", "m"]))
"""


_READ = """
import sys
from centra.cli import main
sys.exit(main(["fit", sys.argv[1], "-k", "2", "--label", "id", "-o", "m"]))
"""


def in_a_child(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def written(folder: Path, kind: str) -> str:
    name, rows = f"t.{kind}", np.random.default_rng(0).normal(size=(5000, 4))
    if kind in ("C.npy", "F.npy"):
        np.save(folder / name, np.asarray(rows, order=kind[0]))
        return name
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"xyzw"[j]: rows[:, j] for j in range(4)})
    if kind == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, folder / name)
    else:
        new = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        with new(folder / name, table.schema) as writer:
            writer.write_table(table)
    return name


@pytest.mark.parametrize("kind", ["C.npy", "F.npy", "arrow", "stream.arrow", "parquet"])
def test_a_file_that_is_cut_short_while_its_rows_are_used(tmp_path: Path, kind: str) -> None:
    name = written(tmp_path, kind)
    done = in_a_child(tmp_path, _CUT, name)
    if kind.endswith(".npy"):  # its rows were read before
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert done.returncode == 1
    assert done.stderr == f"centra: error: {name}: {CHANGED}\n"


@pytest.mark.parametrize("kind", ["C.npy", "F.npy"])
def test_a_npy_that_changes_after_its_head_was_read(tmp_path: Path, kind: str) -> None:
    from centra._tables.inputs import Input, TableError

    path = tmp_path / written(tmp_path, kind)
    whole = path.read_bytes()
    reader = NpyFile(Input(path, "t.npy", "npy"), 1 << 30)
    for changed in (whole[:-1], whole[:100], b"", whole.replace(b"5000", b"4000"),
                    whole.replace(b"<f8", b"|O8")):  # fmt: skip
        path.write_bytes(changed)
        for columns in ([0, 1, 2, 3], [3, 1]):
            with pytest.raises(TableError, match="changed while it was read"):
                reader.read(columns, None)
    path.write_bytes(whole)
    reader = NpyFile(Input(path, "t.npy", "npy"), 1 << 30)
    expected = np.load(path)
    for columns in ([0, 1, 2, 3], [3, 1]):
        rows, texts = reader.read(columns, 2)
        assert rows.tobytes() == expected[:, columns].tobytes()
        assert texts == [repr(value) for value in expected[:, 2].tolist()]


def test_rows_on_disk_that_change_during_a_fit(
    fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = written(Path(), "C.npy")
    fit = centra.KMeans.fit

    def late(self: centra.KMeans, rows: object, **rest: object) -> centra.KMeans:
        Path(name).write_bytes(Path(name).read_bytes() + b" ")
        return fit(self, rows, **rest)

    monkeypatch.setattr(centra.KMeans, "fit", late)
    line = fails("fit", name, "-k", 2, "-o", "m", "--memory", "5KB")
    assert line == f"{name}: {CHANGED}"


@pytest.mark.parametrize("kind", ["csv", "arrow", "C.npy"])
@pytest.mark.parametrize("more", ["appended", "replaced"])
def test_labels_are_not_written_beside_other_rows(
    run: Run, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, kind: str, more: str
) -> None:
    folder = Path()
    if kind == "csv":
        Path("t.csv").write_text("x,y\n" + "1,2\n3,4\n" * 20)
    else:
        written(folder, kind)
    path = Path(f"t.{kind}")
    assert run("fit", path, "-k", 2, "-o", "m")[0] == 0
    join = cli_labels.write_joined

    def late(*arguments: object) -> None:
        data = path.read_bytes()
        if more == "appended":
            path.write_bytes(data + (b"5,6\n" if kind == "csv" else b"\n"))
        else:
            other = path.with_name("other")
            other.write_bytes(data)
            other.replace(path)
        join(*arguments)

    monkeypatch.setattr("centra.cli.models.write_joined", late)
    line = fails("predict", "m", path, "-o", f"out.{path.suffix[1:]}", "--join")
    assert line == f"{path}: {CHANGED}"


@pytest.mark.parametrize("version", [0, 4, 255])
def test_a_npy_of_an_unknown_version(fails: Callable[..., str], version: int) -> None:
    np.save("t.npy", np.ones((3, 2)))
    data = bytearray(Path("t.npy").read_bytes())
    data[6] = version
    # The longer field for the length of the head, as from version 2 on.
    data[8:10] = int.from_bytes(data[8:10], "little").to_bytes(4, "little")
    Path("t.npy").write_bytes(data)
    line = fails("fit", "t.npy", "-k", 1, "-o", "m")
    assert f"its format has version {version}.0, and 1.0, 2.0 and 3.0 are known" in line


def test_what_numpy_warns_of_is_a_line(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.ones((30, 2)))
    data = (tmp_path / "t.npy").read_bytes()
    old = data.replace(b"(30, 2), } ", b"(30L, 2), }")
    assert len(old) == len(data) and old != data
    (tmp_path / "t.npy").write_bytes(old)
    code = "import sys; from centra.cli import main; sys.exit(main())"
    done = in_a_child(tmp_path, code, "fit", "t.npy", "-k", "1", "-o", "m")
    assert done.returncode == 0
    assert done.stderr.startswith("centra: warning: Reading `.npy` or `.npz` file required")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_a_npy_of_each_known_version(run: Run, version: tuple[int, int]) -> None:
    with open("t.npy", "wb") as file:
        np.lib.format.write_array(file, np.ones((3, 2)), version=version)
    assert run("fit", "t.npy", "-k", 1, "-o", "m")[0] == 0


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_whose_offsets_lead_out_of_the_file(tmp_path: Path, kind: str) -> None:
    pa = pytest.importorskip("pyarrow")
    ids = pa.array(["abcde"] * 400)
    table = pa.table({"id": ids, "x": np.arange(400.0), "y": np.arange(400.0) ** 2})
    new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with new(tmp_path / "t.arrow", table.schema) as writer:
        writer.write_table(table)
    data = (tmp_path / "t.arrow").read_bytes()
    offsets = np.arange(0, 2001, 5, dtype="<i4")
    assert data.count(offsets.tobytes()) == 1
    damaged = offsets.copy()
    damaged[200] = 2**31 - 1
    (tmp_path / "t.arrow").write_bytes(data.replace(offsets.tobytes(), damaged.tobytes()))
    done = in_a_child(tmp_path, _READ, "t.arrow")
    assert done.returncode == 1, done.returncode
    assert done.stderr.startswith("centra: error: t.arrow: not an Arrow file, or a damaged one (")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", ["decimal", "timestamp", "date"])
def test_arrow_labels_that_python_cannot_hold(fails: Callable[..., str], kind: str) -> None:
    pa = pytest.importorskip("pyarrow")
    wide = 2**62
    if kind == "decimal":  # more digits than the type says: pyarrow does not look at them
        data = pa.py_buffer((10**38 * 1).to_bytes(16, "little") * 3)
        ids = pa.Array.from_buffers(pa.decimal128(5, 2), 3, [None, data])
    elif kind == "timestamp":
        ids = pa.array([wide] * 3, pa.timestamp("s"))
    else:
        ids = pa.array([wide] * 3, pa.int64()).view(pa.date64())
    table = pa.table({"id": ids, "x": [1.0, 2.0, 3.0]})
    with pa.ipc.new_file("t.arrow", table.schema) as writer:
        writer.write_table(table)
    line = fails("fit", "t.arrow", "-k", 1, "-o", "m", "--label", "id")
    assert line.startswith("t.arrow: not an Arrow file, or a damaged one (")
