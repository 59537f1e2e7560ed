"""Without -k, fit and report compare 2 to 10 clusters and take what most criteria pick."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def blobs(run: Run) -> np.ndarray:
    rng = np.random.default_rng(5)
    rows = np.concatenate([rng.normal(at, 0.3, (30, 2)) for at in (0.0, 9.0, 30.0)])
    np.savetxt("t.csv", rows, delimiter=",", header="x,y", comments="", fmt="%.6f")
    return rows


def test_fit_chooses(run: Run, blobs: np.ndarray) -> None:
    code, out, _ = run("fit", "t.csv", "-o", "m")
    assert code == 0 and out.splitlines()[0].startswith("m: 3 clusters of 90 rows x 2 columns")
    assert "k = 3 of 2 to 10: " in out
    assert run("fit", "t.csv", "-o", "n", "-k", 3)[0] == 0
    assert Path("m").read_bytes() == Path("n").read_bytes()


def test_the_model_of_the_sweep_is_that_of_a_fit(run: Run, blobs: np.ndarray) -> None:
    for name, more in (("m", ()), ("n", ("-k", 3))):
        assert run("fit", "t.csv", "--standardize", "-o", name, *more)[0] == 0
    assert Path("m").read_bytes() == Path("n").read_bytes()


def test_nothing_is_fitted_twice(
    run: Run, blobs: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: object) -> None:
        raise AssertionError("a number of clusters was fitted again")

    monkeypatch.setattr("centra.cli.sweeps.fit_to", again)
    assert run("report", "t.csv")[0] == 0 and run("fit", "t.csv", "-o", "m")[0] == 0


def test_report_chooses(run: Run, blobs: np.ndarray) -> None:
    code, out, _ = run("report", "t.csv")
    assert code == 0
    assert out.startswith(
        "There are probably 3 clusters: all 7 criteria pick k = 3. (Compared were k = 2 to 10.)\n"
    )
    found = json.loads(run("report", "t.csv", "--json")[1])
    assert found["n_clusters"] == 3 and found["sweep"]["table"]["k"] == list(range(2, 11))


def test_a_page_shows_all(run: Run, blobs: np.ndarray) -> None:
    pytest.importorskip("plotly")
    out = run("report", "t.csv", "-o", "t.html")[1]
    assert out.startswith("t.html: a page on 2 to 10 clusters of 90 rows")


def test_few_rows_make_few_clusters(run: Run) -> None:
    Path("t.csv").write_text("x\n1\n2\n10\n11\n")
    assert json.loads(run("sweep", "t.csv", "--json")[1])["table"]["k"] == [2, 3]
    assert run("report", "t.csv")[0] == 0
    Path("t.csv").write_text("x,y\n1,2\n")
    assert run("report", "t.csv")[0] == 0 and run("fit", "t.csv", "-o", "m")[0] == 0


def test_a_file_of_centres_says_how_many(run: Run, blobs: np.ndarray) -> None:
    Path("start.csv").write_text("x,y\n0,0\n9,9\n")
    assert run("fit", "t.csv", "-o", "m", "--init", "start.csv")[0] == 0
    assert len(centra.load("m").cluster_centers_) == 2


def test_without_clusters_fit_asks_how_many(run: Run, fails: Callable[..., str]) -> None:
    rows = np.random.default_rng(0).uniform(size=(300, 2))
    np.savetxt("t.csv", rows, delimiter=",", header="x,y", comments="", fmt="%.6f")
    line = fails("fit", "t.csv", "-o", "m")  # which follows the advice
    assert line.endswith("Say with -k how many to make")
    assert run("report", "t.csv")[0] == 0
