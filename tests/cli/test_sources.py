"""Tables larger than --memory, and tables in several files: read in pieces, the same bytes out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import centra
from command_line import Run

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet as pq  # noqa: E402

CUTS = (0, 10, 11, 37, 60)


def write(points: np.ndarray, kind: str, text: bool = True) -> None:
    """Write rows as several files, and as one."""
    folder = "folder"
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir()
    for rows, path in [
        (points, f"one.{kind}"),
        *((points[a:b], f"{folder}/p{i}.{kind}") for i, (a, b) in enumerate(pairwise(CUTS))),
    ]:
        if kind == "npy":
            np.save(path, rows)
            continue
        names = [f"n{x:.0f}" for x in rows[:, 0]]
        table = pa.table({"x": rows[:, 0], "name": names, "y": rows[:, 1]})
        table = table if text else table.drop_columns(["name"])
        if kind == "parquet":
            pq.write_table(table, path, row_group_size=9)
        else:
            with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table, 9)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "npy"])
@pytest.mark.parametrize("memory", ["600B", "1GB"])
def test_several_files_are_one_table(
    run: Run, points: np.ndarray, kind: str, memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(points, kind)
    fit = centra.KMeans.fit
    given: list[str] = []
    monkeypatch.setattr(
        centra.KMeans,
        "fit",
        lambda self, rows, **rest: given.append(type(rows).__name__) or fit(self, rows, **rest),
    )
    some = ("-k", 3, "--memory", memory)
    assert run("fit", f"one.{kind}", "-k", 3, "-o", "one", "--labels", f"one-l.{kind}")[0] == 0
    files = sorted(Path("folder").iterdir())
    for at, names in enumerate([[f"folder/*.{kind}"], ["folder"], files]):
        code, out, err = run("fit", *names, *some, "-o", f"m{at}", "--labels", f"l{at}.{kind}")
        assert code == 0, err
        assert f"m{at}: 3 clusters of 60 rows x 2 columns" in out
        assert Path(f"m{at}").read_bytes() == Path("one").read_bytes()
        assert Path(f"l{at}.{kind}").read_bytes() == Path(f"one-l.{kind}").read_bytes()
    in_memory = "ndarray" if memory == "1GB" else f"{kind.title()}Source"
    assert given == ["ndarray", *[in_memory] * 3]

    for to in (kind, "csv"):
        assert run("predict", "one", f"one.{kind}", "-o", f"a.{to}")[0] == 0
        code, out, err = run("predict", "one", "folder", "-o", f"b.{to}", "--memory", memory)
        assert (code, out) == (0, f"b.{to}: 60 labels, 3 of 3 clusters in use\n"), err
        assert Path(f"a.{to}").read_bytes() == Path(f"b.{to}").read_bytes()
        found = json.loads(run("predict", "one", *files, "-o", f"b.{to}", *some[2:], "--json")[1])
        assert (found["n_rows"], sum(found["sizes"])) == (60, 60)

    assert run("predict", "one", f"one.{kind}", "-o", f"aj.{kind}", "--join")[0] == 0
    assert run("predict", "one", "folder", "-o", f"bj.{kind}", "--join", *some[2:])[0] == 0
    assert _content(f"aj.{kind}") == _content(f"bj.{kind}")


def _content(path: str) -> object:
    if path.endswith("npy"):
        return np.load(path).tolist()
    if path.endswith("parquet"):
        return pq.read_table(path).to_pydict()
    with pa.OSFile(path) as file, pa.ipc.open_file(file) as reader:
        return reader.read_all().to_pydict()


def test_identifiers_are_left_out_of_rows_on_the_disk_too(run: Run, points: np.ndarray) -> None:
    table = pa.table({"id": np.arange(60) + 1000, "x": points[:, 0], "y": points[:, 1]})
    pq.write_table(table, "t.parquet")
    assert run("fit", "t.parquet", "-k", 3, "-o", "a")[0] == 0
    code, out, err = run("fit", "t.parquet", "-k", 3, "-o", "b", "--memory", "600B")
    assert code == 0 and "columns: x, y" in out
    assert "('id') looks like an identifier" in err
    assert Path("a").read_bytes() == Path("b").read_bytes()


def test_embeddings_on_the_disk(run: Run, points: np.ndarray) -> None:
    lists = pa.FixedSizeListArray.from_arrays(points.ravel(), 2)
    pq.write_table(pa.table({"v": lists}), "t.parquet")
    assert run("fit", "t.parquet", "-k", 3, "-o", "a")[0] == 0
    assert run("fit", "t.parquet", "-k", 3, "-o", "b", "--memory", "600B")[0] == 0
    assert Path("a").read_bytes() == Path("b").read_bytes()


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--standardize"], "its standardized columns take 1,920 bytes of memory"),
        (["--drop-missing"], "rows of which some are left out take 1,920 bytes of memory"),
        (["--weight", "w"], "rows with weights take 2,880 bytes of memory"),
        (["--label", "name"], "texts take 3,840 bytes of memory"),
    ],
)
def test_what_needs_memory_says_how_much(
    fails: Callable[..., str], points: np.ndarray, more: list[str], what: str
) -> None:
    table = {"x": points[:, 0], "y": points[:, 1]}
    if "--label" in more:
        table["name"] = ["a", "b"] * 30
    if "--weight" in more:
        table["w"] = np.ones(60)
    pq.write_table(pa.table(table), "t.parquet")
    line = fails("fit", "t.parquet", "-k", 3, "-o", "m", "--memory", "600B", *more)
    assert line == f"t.parquet: {what}, and --memory allows 600; raise it"


def test_what_cannot_be_one_table(fails: Callable[..., str], points: np.ndarray) -> None:
    write(points, "parquet")
    few = ("-k", 3, "-o", "m")
    assert fails("fit", "none*.npy", *few) == (
        "none*.npy: no file matches this pattern; give another"
    )
    Path("a.csv").write_text("x\n1\n")
    Path("b.csv").write_text("x\n1\n")
    assert "give one file" in fails("fit", "a.csv", "b.csv", *few)
    assert fails("fit", "one.parquet", "-", *few) == (
        "standard input cannot be one of several files; give it alone"
    )
    np.save("one.npy", points)
    assert fails("fit", "one.parquet", "one.npy", *few) == (
        "one.npy: is npy, and one.parquet is parquet; give files of one format"
    )
    np.save("three.npy", points[:, [0, 1, 1]])
    assert "three.npy has 3 columns, and one.npy has 2" in fails(
        "fit", "one.npy", "three.npy", *few
    )
    pq.write_table(pa.table({"x": [1.0], "z": [2.0]}), "z.parquet")
    assert fails("fit", "one.parquet", "z.parquet", *few) == (
        "z.parquet: has no column 'name', and one.parquet has; give files with the same columns"
    )
    pq.write_table(pa.table({"x": ["1"], "name": ["a"], "y": [2.0]}), "z.parquet")
    assert fails("fit", "one.parquet", "z.parquet", *few) == (
        "z.parquet: column 'x' is string, and double in one.parquet; give files with the same "
        "columns"
    )
    assert fails("fit", "folder/*.parquet", "-k", 3, "-o", "folder/p1.parquet") == (
        "folder/p1.parquet: is also the input, which would be lost; give another name"
    )


@pytest.mark.parametrize("kind", ["parquet", "npy"])
def test_a_number_that_is_none_is_found_where_it_is(
    run: Run, fails: Callable[..., str], points: np.ndarray, kind: str
) -> None:
    write(points, kind, text=False)
    assert run("fit", "folder", "-k", 3, "-o", "m")[0] == 0
    bad = points.copy()
    bad[40, 1] = np.nan
    write(bad, kind, text=False)
    Path("l.csv").write_text("as it was")
    line = fails("predict", "m", "folder", "-o", "l.csv", "--memory", "600B")
    assert f"p3.{kind}, row 4 (from 1), column" in line and "nan is not a finite number" in line
    assert Path("l.csv").read_text() == "as it was"
    assert "contains NaN, first in row 40" in fails(
        "fit", "folder", "-k", 3, "-o", "n", "--memory", "600B"
    )


def test_a_null_is_found_where_it_is(fails: Callable[..., str]) -> None:
    pq.write_table(pa.table({"x": [*map(float, range(50)), None], "y": [2.0] * 51}), "t.parquet")
    line = fails("fit", "t.parquet", "-k", 3, "-o", "m", "--memory", "300B", "--columns", "x,y")
    assert "t.parquet, row group 0, row 50 of it: column 'x': a value is missing" in line


PEAK = """
import sys
from pathlib import Path
import centra.cli, centra, numpy, pyarrow.dataset, pyarrow.parquet, sklearn.pipeline, typer, rich

def peak():
    (line,) = (l for l in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in l)
    return int(line.split()[1]) * 1024

centra.KMeans(2, n_init=1).fit(numpy.random.default_rng(0).random((5000, 8)))
centra.cli.main(["fit", "small.parquet", "-k", "2", "-o", "warm", "--memory", "300B"])
Path("/proc/self/clear_refs").write_text("5")
before = peak()
assert centra.cli.main(sys.argv[1:]) == 0
print("rise", peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory by Linux's /proc")
@pytest.mark.parametrize("kind", ["parquet", "npy"])
def test_a_command_stays_within_its_memory(run: Run, kind: str) -> None:
    """96 MB of rows in six files, within 24 MB and 32 bytes a row."""
    rng = np.random.default_rng(0)
    n, d = 250_000, 8
    for i in range(6):
        rows = rng.random((n, d))
        if kind == "npy":
            np.save(f"p{i}.npy", rows)
        else:
            table = pa.table({f"c{j}": rows[:, j] for j in range(d)})
            pq.write_table(table, f"p{i}.parquet", row_group_size=25_000, compression="none")
    pq.write_table(pa.table({"x": rng.random(50)}), "small.parquet")
    allowed = 24_000_000 + 32 * 6 * n + 8_000_000
    some = (f"p*.{kind}", "--memory", "24MB", "--threads", "2")
    how = ("-k", "4", "--init", "random", "--n-init", "1", "--max-iter", "3", "-o", "m")
    environment = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"}
    for command in (["fit", *some, *how], ["predict", "m", *some, "-o", "l.csv"]):
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *command],
            capture_output=True,
            text=True,
            timeout=300,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        rise = int(done.stdout.split("rise ")[1])
        assert rise < allowed, (command[0], rise, allowed)
