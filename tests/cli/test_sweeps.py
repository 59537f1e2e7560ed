"""`sweep`, and `report -o`: several numbers of clusters, a page."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import centra

Run = Callable[..., tuple[int, str, str]]


SWEEP = ("t.csv", "-k", "2:5", "--seed", 0, "--label", "kind")


def _content(path: Path) -> dict[str, Any]:
    page = path.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


def test_sweep_prints_the_librarys_sweep(run: Run, table: Path, points: np.ndarray) -> None:
    code, out, err = run("sweep", *SWEEP)
    assert (code, err) == (0, "")
    said = str(centra.sweep(points, range(2, 6), random_state=0))
    assert out.startswith(f"columns: x, y\n{said}")
    last = out.splitlines()[-1]
    assert last == "kind agrees best with k = 3: adjusted Rand index 1.000."


def test_sweep_for_programs(run: Run, table: Path, points: np.ndarray) -> None:
    code, out, _ = run("sweep", *SWEEP, "--no-gap", "--no-stability", "--json")
    found = json.loads(out)
    assert code == 0 and found["command"] == "sweep"
    assert found["table"]["k"] == [2, 3, 4, 5]
    models = centra.sweep(points, range(2, 6), random_state=0, gap=False, stability=False).models
    assert found["table"]["inertia"] == [km.inertia_ for km in models.values()]
    assert set(found["table"]["gap"]) == {None} and "gap" not in found["choices"]
    assert found["choices"]["calinski_harabasz"]["k"] == 3
    assert found["adjusted_rand_index"]["3"] == 1.0


def test_starts_from_neighbours(run: Run, table: Path, points: np.ndarray) -> None:
    quick = ("--no-gap", "--no-stability", "--neighbor-starts")
    _, out, _ = run("sweep", *SWEEP, *quick)
    assert "started from neighbours' answers too" in out
    _, out, _ = run("sweep", *SWEEP, *quick, "--json")
    assert json.loads(out)["starts"].keys() == {"2", "3", "4", "5"}


def test_a_page_on_several_numbers_of_clusters(run: Run, table: Path) -> None:
    code, out, err = run("report", *SWEEP, "-o", "page.html")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "page.html: a page on 2 to 5 clusters of 60 rows"
    content = _content(Path("page.html"))
    assert content["title"] == "t.csv" and content["columns"] == ["x", "y"]
    assert [model["k"] for model in content["models"]] == [2, 3, 4, 5] and content["chosen"] == 3
    assert content["labels"] == [{"name": "kind", "heads": ["a", "b", "c"], "missing": 0}]
    (found,) = content["models"][1]["labels"]
    assert found["rand"] == 1 and sorted(found["counts"]) == [[0, 0, 20], [0, 20, 0], [20, 0, 0]]
    assert content["verdict"] and content["criteria"]["k"] == [1, 2, 3, 4, 5]
    assert content["headline"] and content["picks"]["simplified_silhouette"] == 3


def test_a_page_on_one(run: Run, table: Path) -> None:
    arguments = ("t.csv", "-k", 3, "--columns", "x,y", "-o", "page.html")
    code, out, _ = run("report", *arguments, "--json")
    assert code == 0 and json.loads(out) == {
        "command": "report",
        "file": "t.csv",
        "seed": 0,
        "n_dropped": 0,
        "notes": [],
        "output": "page.html",
    }
    content = _content(Path("page.html"))
    assert [model["k"] for model in content["models"]] == [3] and content["scaled"] == ""


@pytest.mark.parametrize("ks", ["3", "2:3"])
def test_standardized_centers_are_in_the_columns_own_units(
    run: Run, table: Path, points: np.ndarray, ks: str
) -> None:
    arguments = ("t.csv", "-k", ks, "--columns", "x,y", "--standardize", "--seed", 0)
    code, _, err = run("report", *arguments, "-o", "page.html")
    assert (code, err) == (0, "")
    content = _content(Path("page.html"))
    assert content["scaled"] == "standard deviations"
    found = np.array(sorted(content["models"][-1]["centers"]))
    np.testing.assert_allclose(found, points.reshape(3, 20, 2).mean(axis=1))


def test_a_page_tells_of_rows_that_were_left_out(run: Run) -> None:
    Path("t.csv").write_text("x,y\n1,2\n,3\n4,5\n9,9\n")
    code, _, _ = run("report", "t.csv", "-k", "2,3", "--drop-missing", "-o", "page.html")
    assert code == 0
    for model in _content(Path("page.html"))["models"]:
        assert model["remarks"][-1] == "1 row with a missing number left out and not counted."


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("report", "t.csv", "-k", "2:5"), "2:5 needs -o OUT.html; centra sweep compares them"),
        (("report", "t.csv", "-k", "2:x", "-o", "p.html"), "'2:x' is no number of clusters"),
        (("sweep", "t.csv", "-k", "0:3"), "'0:3' is no number of clusters"),
        (("sweep", "t.csv", "-k", "5:2"), "'5:2' is no number of clusters"),
        (("sweep", "t.csv", "-k", "2,2"), "'2,2' is no number of clusters"),
        (("report", "t.csv", "-k", 3, "-o", "p.txt"), "p.txt is no name of a page"),
        (("report", "t.csv", "-k", 3, "-o", "-"), "- is no name of a page"),
        (("sweep", "t.csv", "-k", "2:3", "--init", "c.csv"), "fits one number of clusters only"),
        (("sweep", "t.csv", "-k", "2:3", "--sample", "1"), "--sample"),
    ],
)
def test_what_cannot_be_meant(
    fails: Callable[..., str], table: Path, arguments: tuple[object, ...], part: str
) -> None:
    kept = ("--columns", "x,y")
    assert part in fails(*arguments, *kept, code=2)


def test_more_clusters_than_rows(fails: Callable[..., str], table: Path) -> None:
    text = fails("sweep", "t.csv", "-k", "2:90", "--columns", "x,y")
    assert text == "t.csv: 60 rows cannot make 90 clusters; give smaller numbers"


def test_a_page_without_its_library(
    fails: Callable[..., str], table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    text = fails("report", "t.csv", "-k", 3, "--columns", "x,y", "-o", "p.html")
    assert text.endswith('pip install "centra[page]"')
