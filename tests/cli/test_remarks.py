"""Remarks speak of options and of rows of the file, in every output of the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from centra._diagnostics.remark import Remark
from centra.cli.output import in_words
from centra.cli.remarks import reworded

Run = Callable[..., tuple[int, str, str]]
SCALE = (
    "* Column income decides the clusters alone: a fit on it gives the same ones, and it has over "
    "99% of the sum of squares between them; its variance is 10^6 times that of any other. "
)


@pytest.fixture
def people(run: Run, points: np.ndarray) -> Path:
    rows = [f"{x!r},{y * 1000!r},7" for x, y in points.tolist()]
    Path("p.csv").write_text("\n".join(["age,income,version", *rows]) + "\n")
    return Path("p.csv")


def test_a_sweep_tells_of_columns(run: Run, people: Path) -> None:
    out = run("sweep", people, "-k", "2:3", "--no-gap", "--no-stability")[1]
    assert "* 1 column is constant and cannot tell rows apart: version.\n" in out
    assert SCALE + "Give --standardize unless that is meant.\n" in out
    assert "sklearn" not in out
    out = run("sweep", people, "-k", "2:3", "--no-gap", "--standardize", "--json")[1]
    assert [each["kind"] for each in json.loads(out)["remarks"]] == ["constant"]


def test_a_page_on_several_tells_of_columns_in_the_terminal(run: Run, people: Path) -> None:
    pytest.importorskip("plotly")
    code, out, _ = run("report", people, "-k", "2:3", "-o", "p.html")
    assert code == 0 and SCALE in out and "columns: age, income, version\n" in out


def test_a_split_names_the_command(run: Run) -> None:
    np.save("u.npy", np.random.default_rng(0).random((300, 2)))
    out = run("report", "u.npy", "-k", 2)[1]
    assert "centra sweep compares other numbers of clusters" in out and "centra.sweep" not in out


def test_python_words_are_options(
    run: Run, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("centra.selection.sweeping.affordable", lambda *_: False)
    np.save("n.npy", np.random.default_rng(0).normal(size=(99, 2)))
    some = ("n.npy", "-k", "2:3", "--no-gap", "--no-stability")
    out = run("sweep", *some)[1] + run("sweep", *some, "--json")[1]
    assert "silhouette=True" not in out and out.count("--silhouette") == 2
    assert in_words("rows still changed cluster: raise max_iter.").endswith("raise --max-iter.")
    text = fails("report", "n.npy", "-k", 3, "--silhouette", code=2)
    assert "compares several numbers of clusters" in text


def test_report_takes_the_silhouette_to_the_page(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("plotly")
    more = ("--columns", "x,y", "-o", "p.html", "--json")
    found = json.loads(run("report", table, "-k", "2:3", "--no-silhouette", *more)[1])
    assert "silhouette" not in found["choices"]
    found = json.loads(run("report", table, "-k", "2:4", "--silhouette", *more)[1])
    assert found["choices"]["silhouette"]["k"] == 3


def test_outliers_are_rows_of_the_file(run: Run, table: Path) -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Found:
        remarks: tuple[Remark, ...]

    numbers = {"rows": [3, 1], "radii": [40.2, 11.0], "clusters": [2, 0]}
    found = Found(
        (
            Remark("outliers", "...", numbers),
            Remark("identifier", "Column id (...): leave it out, unless.", {"columns": ["id"]}),
        )
    )
    of_file = SimpleNamespace(
        row_name=lambda row: f"row {row + 11}",
        rows=None,
        called=("x", "id", "a b"),
        choice=SimpleNamespace(features=(0, 2, 3)),
        reader=SimpleNamespace(names=("x", "name", "id", "a b")),
    )
    outliers, identifier = reworded(found, of_file).remarks
    assert outliers.text == (
        "2 outliers: row 14, row 12. The first lies 40 radii from the centre of cluster 2."
    )
    assert "leave it out with --columns 'x,a b', unless" in identifier.text


def _rows_with(points: np.ndarray, *more: str, gap: int | None = None) -> list[str]:
    rows = [f"k{i},{x:.1f},{y:.1f}" for i, (x, y) in enumerate(np.abs(points).tolist())]
    if gap is not None:
        rows.insert(gap, "lost,,1")
    return ["name,x,y", *rows, *more]


def test_a_row_of_totals_is_named(run: Run, points: np.ndarray) -> None:
    total = f"Total,{np.abs(points[:, 0]).sum():.1f},{np.abs(points[:, 1]).sum():.1f}"
    Path("t.csv").write_text("\n".join(_rows_with(points, f"z{total}")) + "\n")
    some = ("t.csv", "-k", 3, "--columns", "x,y", "--seed", 0)
    for more in ((), ("--standardize",)):
        code, out, _ = run("report", *some, *more)
        assert code == 0
        assert (
            " holds the sums of all others in every column: a row of totals? Leave it out." in out
        )
    Path("t.csv").write_text("\n".join(_rows_with(points, total)) + "\n")
    for more in ((), ("--label", "name")):
        assert " is called Total and holds the sums of all" in run("report", *some, *more)[1]
    out = run("sweep", "t.csv", "-k", "2:3", "--columns", "x,y", "--no-gap", "--no-stability")[1]
    assert " is a cluster of its own with k = 2, 3. An outlier?" in out
    assert " holds the sums of all others" in out and "counted from 0" not in out


def test_rows_that_were_left_out_are_counted(run: Run, points: np.ndarray) -> None:
    """Row 62 of the file is row 60 of those that are clustered."""
    Path("d.csv").write_text("\n".join(_rows_with(points, "far,900,900", gap=3)) + "\n")
    some = ("d.csv", "--columns", "x,y", "--drop-missing")
    out = run("report", *some, "-k", 2, "--seed", 0)[1]
    assert "holds a single row of 61: " in out
    named = out.split("holds a single row of 61: ")[1].split(". An outlier?")[0]
    assert named in ("row 62", "line 63")
    assert named in run("sweep", *some, "-k", "2:3", "--no-gap", "--no-stability")[1].lower()


def test_the_verdict_comes_first_and_is_a_value(run: Run, table: Path) -> None:
    some = (table, "-k", 3, "--columns", "x,y", "--seed", 0)
    out = run("report", *some)[1]
    assert out.splitlines()[3] == "The 3 clusters are well separated."
    values = json.loads(run("report", *some, "--json")[1])
    assert values["verdict"] == "The 3 clusters are well separated."
    assert values["remarks"][-1]["gravity"] == 0


def test_advice_on_columns_works_when_it_is_followed(run: Run) -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(100, 900, (3, 60))
    codes = np.where(np.arange(60) % 12 == 0, -9, rng.integers(1, 6, 60))
    names = "town,a,b,c,all,answer"
    rows = zip(a, b, c, a + b + c, codes, strict=True)
    Path("t.csv").write_text(
        "\n".join([names, *(f"t{i}," + ",".join(map(str, row)) for i, row in enumerate(rows))])
    )
    out = run("sweep", "t.csv", "-k", "2:4")[1]
    assert "Column all is the sum of a, b, c, so that what they hold counts twice: " in out
    assert "leave it out with --columns a,b,c,answer." in out
    assert "Column answer has -9 in 5 rows, far from all its other numbers (1 to 5): " in out
    assert "if it stands for a missing number, give --missing=-9." in out
    more = ("--columns", "a,b,c,answer", "--missing=-9")
    code, out, err = run("sweep", "t.csv", "-k", "2:4", *more)
    assert code == 0 and "5 of 60 rows have a missing number: left out" in err
    assert "is the sum of" not in out and "a missing number" not in out


def test_codes_of_several_columns_are_given_at_once(run: Run) -> None:
    rng = np.random.default_rng(1)
    first, second = rng.integers(1, 6, (2, 60))
    first[:3], second[5:9] = 99, -9
    rows = zip(first, second, strict=True)
    Path("t.csv").write_text("\n".join(["p,q", *(f"{a},{b}" for a, b in rows)]))
    out = run("report", "t.csv", "-k", 2)[1]
    assert out.count("give --missing=99,-9.") == 2
    code, out, err = run("report", "t.csv", "-k", 2, "--missing=99,-9")
    assert code == 0 and "7 of 60 rows have a missing number" in err and "99 in" not in out


def test_words_on_two_values_know_whether_columns_are_standardized(run: Run) -> None:
    rows = "\n".join(f"{i % 7},{i % 2}" for i in range(60))
    Path("t.csv").write_text(f"x,member\n{rows}\n")
    own, other = "depends on the scale of the other columns", "standardized, the rarer of two"
    out = run("report", "t.csv", "-k", 2)[1]
    assert own in out and other not in out
    out = run("report", "t.csv", "-k", 2, "--standardize")[1]
    assert other in out and own not in out
