"""What can be wrong with files of rows: one sentence that says where, and what to do."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import centra
from centra.events import Iterated

X = np.random.default_rng(0).normal(size=(600, 3))


def write(path: Path, columns: dict[str, Any], group: int = 100) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=group)
    return path


def refused(open_: Callable[[], Any], *texts: str) -> None:
    with pytest.raises((ValueError, TypeError, OSError)) as caught:
        centra.KMeans(2, random_state=0, n_init=1).fit(open_())
    said = str(caught.value)
    for text in texts:
        assert text in said, said
    assert said.isprintable(), said


@pytest.mark.parametrize("open_", [centra.from_parquet, centra.from_npy, centra.from_arrow])
def test_nothing_there(tmp_path: Path, open_: Any) -> None:
    refused(lambda: open_(tmp_path), "The folder", "holds no")
    refused(lambda: open_(str(tmp_path / "*.x")), "No file matches", "*.x")
    refused(lambda: open_([]), "list of files is empty")
    refused(lambda: open_(tmp_path / "a.x"), "a.x")


def test_files_of_other_columns(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"x": [1.0], "y": [1.0]})
    write(tmp_path / "b.parquet", {"x": [1.0], "z": [1.0]})
    refused(lambda: centra.from_parquet(tmp_path), "b.parquet has no column 'y'", "a.parquet")
    write(tmp_path / "b.parquet", {"x": [1.0], "y": ["1"]})
    refused(lambda: centra.from_parquet(tmp_path), "b.parquet", "y (string)", "columns=['x']")
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", X[:, :2])
    refused(lambda: centra.from_npy(tmp_path), "b.npy has 2 columns", "a.npy has 3")


def test_files_of_other_numbers(tmp_path: Path) -> None:
    """float32 and whole numbers in one file and float64 in the other: float64 for all."""
    write(tmp_path / "a.parquet", {"x": np.float32([0.1, 2.0]), "y": [1, 2]})
    write(tmp_path / "b.parquet", {"x": [0.1, 3.0], "y": [True, False]})
    source = centra.from_parquet(tmp_path)
    assert source.dtype == np.float64
    assert source.take(np.arange(4)).tolist() == [
        [float(np.float32(0.1)), 1.0],
        [2.0, 2.0],
        [0.1, 1.0],
        [3.0, 0.0],
    ]


def test_columns_that_are_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"x": [1.0], "s": ["a"], "t": [[1.0]], "e": [[]]})
    refused(lambda: centra.from_parquet(path), "s (string)", "e (list", "columns=['x', 't']")
    refused(lambda: centra.from_parquet(path, columns=["q"]), "no column called 'q'", "x, s, t")
    refused(lambda: centra.from_parquet(path, columns=[]), "no columns to cluster by")


@pytest.mark.parametrize("kind", ["number", "list", "within a list", "another length"])
def test_values_that_are_missing(tmp_path: Path, kind: str) -> None:
    values: list[Any] = [[float(i), 1.0] for i in range(600)]
    values[437] = {"list": None, "within a list": [1.0, None], "another length": [1.0]}.get(kind)
    if kind == "number":
        values = [value and value[0] for value in values]
    path = write(tmp_path / "a.parquet", {"x": np.arange(600.0), "v": values})
    where = ("a.parquet, row group 4, row 37 of it", "'v'")
    refused(lambda: centra.from_parquet(path), *where)
    refused(lambda: centra.from_parquet(path, memory=2000), *where)
    refused(
        lambda: centra.from_stream(pa.table({"v": values}).to_reader(64), scratch=tmp_path),
        "The stream, row 437",
    )
    gc.collect()
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


def test_nan_and_infinity(tmp_path: Path) -> None:
    rows = X.copy()
    rows[437, 1] = np.nan
    path = write(tmp_path / "a.parquet", {f"c{i}": rows[:, i] for i in range(3)})
    refused(lambda: centra.from_parquet(path, memory=2000), "NaN", "row 437, column 1")


@pytest.mark.parametrize("size", [0, 3, 100, 2000, 9000])
def test_a_file_that_is_none(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / "a.parquet", {f"c{i}": X[:, i] for i in range(3)})
    path.write_bytes(path.read_bytes()[:size])
    refused(lambda: centra.from_parquet(path), "a.parquet")
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as file:
        whole = pa.table({"x": X[:, 0]})
        with pa.ipc.new_file(file, whole.schema) as writer:
            writer.write_table(whole, 50)
    (tmp_path / "a.arrow").write_bytes((tmp_path / "a.arrow").read_bytes()[: size // 3])
    refused(lambda: centra.from_arrow(tmp_path / "a.arrow"), "a.arrow")


def test_a_damaged_file(tmp_path: Path) -> None:
    """Bytes of one row group: the error names it, whatever the reader says."""
    path = write(tmp_path / "a.parquet", {f"c{i}": X[:, i] for i in range(3)})
    meta = pq.read_metadata(path).row_group(3).column(1)
    content = bytearray(path.read_bytes())
    at = meta.data_page_offset
    content[at : at + 30] = bytes(30)
    path.write_bytes(content)
    refused(lambda: centra.from_parquet(path), "a.parquet, row group 3")


def changes() -> list[Any]:
    def cut(path: Path) -> None:
        os.truncate(path, 500)

    def replace(path: Path) -> None:
        path.with_suffix(".new").write_bytes(path.read_bytes())
        path.with_suffix(".new").rename(path)

    def remove(path: Path) -> None:
        path.unlink()

    return [cut, replace, remove]


@pytest.mark.parametrize("change", changes())
@pytest.mark.parametrize("kind", ["parquet", "arrow", "npy"])
@pytest.mark.parametrize("memory", [3000, "1MB"])
def test_a_file_that_changes_during_the_fit(
    tmp_path: Path, change: Any, kind: str, memory: Any
) -> None:
    columns = {f"c{i}": X[:, i] for i in range(3)}
    for name in ("a", "b"):
        path = tmp_path / f"{name}.{kind}"
        if kind == "parquet":
            write(path, columns)
        elif kind == "npy":
            np.save(path, X)
        else:
            whole = pa.table(columns)
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, whole.schema) as writer:
                writer.write_table(whole, 50)
    done = []

    def callback(event: Any) -> None:
        if isinstance(event, Iterated) and not done:
            done.append(event)
            change(tmp_path / f"b.{kind}")

    source = getattr(centra, f"from_{kind}")(tmp_path, memory=memory)
    km = centra.KMeans(5, init=X[:5], n_init=1, callbacks=[callback])
    with pytest.raises(ValueError, match=rf"b\.{kind} (changed|is gone).*again with from_{kind}"):
        km.fit(source)
    assert done


@pytest.mark.parametrize("kind", ["npy", "parquet", "array", "stream"])
def test_a_budget_below_one_row(tmp_path: Path, kind: str) -> None:
    np.save(tmp_path / "a.npy", X)
    write(tmp_path / "a.parquet", {f"c{i}": X[:, i] for i in range(3)})
    opened: dict[str, Callable[[int], Any]] = {
        "npy": lambda memory: centra.from_npy(tmp_path / "a.npy", memory),
        "parquet": lambda memory: centra.from_parquet(tmp_path / "a.parquet", memory=memory),
        "array": lambda memory: centra.from_array(X, memory),
        "stream": lambda memory: centra.from_stream(
            pa.table({f"c{i}": X[:, i] for i in range(3)}), scratch=tmp_path, memory=memory
        ),
    }
    refused(lambda: opened[kind](23), "memory=23 is too little", "takes 24 bytes")
    gc.collect()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.npy", "a.parquet"]
    # Two rows at least, where the rows do not fit: one is read while the other is used.
    assert centra.KMeans(2, init=X[:2], max_iter=1).fit(opened[kind](24)).n_iter_ == 1


@pytest.mark.parametrize("bad", [3, X, [1, 2]])
def test_something_that_is_no_stream(tmp_path: Path, bad: Any) -> None:
    refused(lambda: centra.from_stream(bad, scratch=tmp_path), "__arrow_c_stream__")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (3, "has no shape"),
        (X[0], "(3,)"),
        (X[:0], "(0, 3)"),
        (X.astype(complex), "complex128"),
        (X.astype(str), "<U"),
    ],
)
def test_something_that_is_no_array(bad: Any, text: str) -> None:
    refused(lambda: centra.from_array(bad), text)


def test_a_stream_without_rows_or_folder(tmp_path: Path) -> None:
    empty = pa.table({"x": pa.array([], "f8")})
    refused(lambda: centra.from_stream(empty, scratch=tmp_path), "no rows")
    refused(lambda: centra.from_stream(empty, scratch=tmp_path / "none"), "none")
    lists = pa.table({"x": pa.array([], pa.list_(pa.float64()))})
    refused(lambda: centra.from_stream(lists, scratch=tmp_path), "no rows")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
def test_a_scratch_disk_that_is_full(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import resource, signal, sys
                import numpy as np, pyarrow as pa, centra

                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
                table = pa.table({"x": np.arange(100_000.0)})
                try:
                    centra.from_stream(table.to_reader(1000), scratch=sys.argv[1])
                except OSError as error:
                    print("refused:", error)
                """
            ),
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.startswith("refused:") and not done.stderr, done
    assert not list(tmp_path.iterdir())
