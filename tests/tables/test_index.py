"""The index of a data frame, written with it, is no column to cluster by unless it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra

pandas = pytest.importorskip("pandas")
Run = Callable[..., tuple[int, str, str]]
FRAME = pandas.DataFrame(
    np.random.default_rng(0).normal(size=(30, 2)), columns=["x", "y"], index=range(5, 35)
).drop(index=[7, 20])


@pytest.mark.parametrize(
    ("kind", "name"), [("csv", ""), ("parquet", "__index_level_0__"), ("feather", "i d")]
)
def test_an_index_is_left_out(run: Run, kind: str, name: str) -> None:
    file = f"t.{kind}"
    if kind == "csv":
        FRAME.to_csv(file)
    else:
        pytest.importorskip("pyarrow")
        frame = FRAME.rename_axis("i d") if kind == "feather" else FRAME
        frame.to_parquet("t.parquet")
        if kind == "feather":
            from pyarrow import feather, parquet

            feather.write_feather(parquet.read_table("t.parquet"), file)
    at = 1 if kind == "csv" else 3
    code, out, err = run("fit", file, "-k", 2, "-o", "m", "--labels", f"l.{kind}", "--join")
    assert code == 0 and "columns: x, y\n" in out
    assert err == (
        f"centra: note: {file}: column {at} ({name!r}) is the index of a data frame: left out; "
        "--columns takes it\n"
    )
    km = centra.KMeans(2, random_state=0).fit(FRAME.to_numpy())
    assert centra.load("m").cluster_centers_.tobytes() == km.cluster_centers_.tobytes()
    assert run("predict", "m", file, "-o", "p.csv")[0::2] == (0, "")  # by name, nothing to tell
    code, out, err = run("fit", file, "-k", 2, "-o", "n", "--columns", f"{at},x")
    assert code == 0 and f"columns: {name or 1}, x\n" in out
    if kind != "parquet":  # its name says nothing of an identifier, and two numbers are missing
        assert err == (
            f"centra: warning: {file}: Column {name or 1} (a running number) looks like an "
            "identifier of the rows: leave it out with --columns x, unless its order means "
            "something\n"
        )
    assert run("sweep", file, "-k", "2:3", "--label", at, "--no-gap")[0] == 0


def test_what_is_no_index(run: Run) -> None:
    for text, columns in (
        (",x\n1,2\n1,3\n", "1, x"),  # two alike
        (",x\n1.5,2\n2,3\n", "1, x"),  # not whole
        ("x,\n1,2\n2,3\n", "x, 2"),  # not the first
        ("\n1\n2\n", "1"),  # nothing else is there
    ):
        Path("t.csv").write_text(text)
        code, out, err = run("fit", "t.csv", "-k", 1, "-o", "m")
        assert (code, err) == (0, "") and f"columns: {columns}\n" in out


def test_a_frame_whose_index_is_not_written(run: Run) -> None:
    pytest.importorskip("pyarrow")
    FRAME.reset_index(drop=True).to_parquet("t.parquet")
    code, out, err = run("fit", "t.parquet", "-k", 2, "-o", "m")
    assert (code, err) == (0, "") and "columns: x, y\n" in out
