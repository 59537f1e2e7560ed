"""The command line looks at columns in both units, and judges them as they were read."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from centra.cli.again import again, begin

Run = Callable[..., tuple[int, str, str]]
SHORT = ("--no-gap", "--no-stability")


def _write(columns: dict[str, np.ndarray], name: str = "t.csv") -> str:
    pd.DataFrame(columns).round(4).to_csv(name, index=False)
    return name


def _stripes(n: int = 300) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    groups = 8.0 * rng.integers(0, 2, n) + rng.normal(size=n)
    return {"a": groups, "b": rng.normal(0, 30, n)}


def _command(line: str) -> list[str]:
    """Give the arguments of the command at the end of a line."""
    return shlex.split(line[line.index("centra ") :])[1:]


def _line(out: str, what: str) -> str:
    (found,) = [line for line in out.splitlines() if what in line]
    return found


def test_report_says_when_standardized_columns_give_other_clusters(run: Run) -> None:
    _write(_stripes(), "my stripes.csv")
    line = _line(run("report", "my stripes.csv", "-k", 2)[1], "Standardized columns give")
    code, out, _ = run(*_command(line))
    assert code == 0
    line = _line(out, "Columns in their own units give 2 other clusters")
    assert _command(line) == ["report", "my stripes.csv", "-k", "2"]


def test_sweep_says_when_standardized_columns_give_another_answer(run: Run) -> None:
    _write(_stripes())
    line = _line(run("sweep", "t.csv", "-k", "2:4", *SHORT)[1], "Standardized columns give ")
    code, out, _ = run(*_command(line))
    assert code == 0 and "Columns in their own units give " in out


@pytest.mark.parametrize("ks", ["2", "2:3"])
def test_a_page_says_so_too(run: Run, ks: str) -> None:
    pytest.importorskip("plotly")
    _write(_stripes())
    assert run("report", "t.csv", "-k", ks, "-o", "t.html")[0] == 0
    assert "Standardized columns give " in Path("t.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_said_of_blobs_whose_places_differ_by_column(run: Run, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = np.array([[0, 9, 0], [40, 0, 0], [80, 0, 8]])[np.arange(240) % 3] + rng.normal(
        size=(240, 3)
    )
    _write({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})
    for options in ([], ["--standardize"]):
        assert "other clusters" not in run("report", "t.csv", "-k", 3, *options)[1]
        assert "another answer" not in run("sweep", "t.csv", "-k", "2:4", *SHORT, *options)[1]


@pytest.mark.parametrize("options", [[], ["--standardize"]])
def test_columns_are_judged_as_they_were_read(run: Run, options: list[str]) -> None:
    rng = np.random.default_rng(0)
    n = 200
    columns = {
        "customer_id": rng.choice(10**6, n, replace=False).astype(float),
        "income": rng.lognormal(10, 1, n),
        "member": rng.integers(0, 2, n).astype(float),
        "lat": rng.normal(48, 1, n),
        "lon": rng.normal(11, 1, n),
    }
    _write(columns)
    every = ("--columns", ",".join(columns))
    out = run("report", "t.csv", "-k", 3, *every, "--json", *options)[1]
    found = {each["kind"]: each["text"] for each in json.loads(out)["remarks"]}
    assert {"identifier", "skewed", "binary", "degrees"} <= set(found)
    assert "at latitude 48" in found["degrees"]
    assert "leave it out with --columns income,member,lat,lon, unless" in found["identifier"]
    out = run("sweep", "t.csv", "-k", "2:3", *SHORT, *every, "--json", *options)[1]
    kinds = [each["kind"] for each in json.loads(out)["remarks"]]
    assert {"identifier", "skewed", "binary", "degrees"} <= set(kinds)


def test_the_command_is_written_anew() -> None:
    begin(["sweep", "a b.csv", "--standardize"])
    assert again(without="--standardize") == "centra sweep 'a b.csv'"
    assert again(add="--json") == "centra sweep 'a b.csv' --standardize --json"
