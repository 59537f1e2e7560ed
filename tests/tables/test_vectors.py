"""Columns of vectors in Parquet and Arrow files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason='needs the extra: pip install "centra[tables]"')
from pyarrow import parquet  # noqa: E402

Run = Callable[..., tuple[int, str, str]]
VECTORS = [[0.0, 1, 0], [0, 2, 0], [9, 8, 9], [9, 9, 9]]


def written(kind: str, type_: object, values: list[object] = VECTORS) -> str:
    table = pa.table({"id": list("abcd")[: len(values)], "emb": pa.array(values, type_)})
    if kind == "parquet":
        parquet.write_table(table, "t.parquet")
        return "t.parquet"
    new = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
    with pa.OSFile("t.arrow", "wb") as file, new(file, table.schema) as writer:
        writer.write_table(table)
    return "t.arrow"


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
@pytest.mark.parametrize("type_", [pa.list_(pa.float32(), 3), pa.list_(pa.float64())])
def test_embeddings(run: Run, kind: str, type_: object) -> None:
    run("--version")
    name = written(kind, type_)
    for columns in (("--columns", "emb"), ("--exclude", "id"), ("--columns", "2,3,4")):
        code, out, err = run("report", name, "-k", 2, *columns)
        assert code == 0, err
        assert "columns: emb[0], emb[1], emb[2]\n" in out
    code, out, _ = run("report", name, "-k", 2, "--columns", "emb[1]", "--label", "id")
    assert code == 0 and "columns: emb[1]\n" in out
    joined = ("--labels", f"l.{name[2:]}", "--join")
    assert run("fit", name, "-k", 2, "--columns", "emb", "-o", "m", *joined)[0] == 0


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [[0.0, 1], None],
            "row 2 (from 1), column 'emb': the list is missing; fill it or drop the",
        ),
        (
            [None, [0.0, 1]],
            "row 1 (from 1), column 'emb': the list is missing; fill it or drop the",
        ),
        ([[0.0, 1], [1.0]], "column 'emb': the list has 1 number, and 2 are expected; correct it"),
        ([[0.0, 1], [None, 2.0]], "row 2 (from 1), column 2 ('emb[0]'): the number is missing"),
    ],
)
def test_lists_that_are_not_alike(
    run: Run, fails: Callable[..., str], kind: str, values: list[object], message: str
) -> None:
    run("--version")
    name = written(kind, pa.list_(pa.float64()), values)
    assert message in fails("fit", name, "-k", 1, "-o", "m", "--columns", "emb")
    assert not Path("m").exists()
