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
SCALE = "* Column income has 10^6 times the variance of the others and decides the clusters alone: "


@pytest.fixture
def people(run: Run, points: np.ndarray) -> Path:
    rows = [f"{x!r},{y * 1000!r},7" for x, y in points.tolist()]
    Path("p.csv").write_text("\n".join(["age,income,version", *rows]) + "\n")
    return Path("p.csv")


def test_a_sweep_tells_of_columns(run: Run, people: Path) -> None:
    out = run("sweep", people, "-k", "2:3", "--no-gap", "--no-stability")[1]
    assert "* 1 column is constant and cannot tell rows apart: version.\n" in out
    assert SCALE + "give --standardize unless that is meant.\n" in out
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
    found = json.loads(run("report", table, "-k", "2:3", "--silhouette", *more)[1])
    assert found["choices"]["silhouette"]["k"] == 3


def test_outliers_are_rows_of_the_file(run: Run, table: Path) -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Found:
        remarks: tuple[Remark, ...]

    numbers = {"rows": [3, 1], "radii": [40.2, 11.0], "clusters": [2, 0]}
    found = Found(
        (Remark("outliers", "...", numbers), Remark("identifier", "...", {"column": "id"}))
    )
    of_file = SimpleNamespace(places=lambda rows: [row + 10 for row in rows], rows=None)
    outliers, identifier = reworded(found, of_file).remarks
    assert outliers.text == (
        "2 outliers: row 14, row 12. The first lies 40 radii from the centre of cluster 2."
    )
    assert "leave it out with --exclude" in identifier.text
