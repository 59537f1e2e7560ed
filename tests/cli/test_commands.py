"""`describe`, `report`, `--json` and the help texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import centra
import centra.tutorial

Run = Callable[..., tuple[int, str, str]]


FIT = ("t.csv", "-k", 3, "--seed", 1, "--label", "kind")


def test_describe_says_what_a_model_is(run: Run, table: Path) -> None:
    assert run("fit", *FIT, "-o", "m")[0] == 0
    code, out, err = run("describe", "m")
    assert (code, err) == (0, "")
    km = centra.load("m")
    lines = out.splitlines()
    assert lines[0] == "m: 3 clusters of 60 rows x 2 columns of float64"
    assert lines[1].startswith(f"inertia {km.inertia_:.6g} after {km.n_iter_} iterations: ")
    assert lines[3].split() == ["cluster", "rows", "x", "y"]
    center = km.cluster_centers_[0]
    assert lines[4].split() == ["0", "20", f"{center[0]:.6g}", f"{center[1]:.6g}"]
    assert "fitted with init k-means++, n_init auto, max_iter 300" in out
    assert f" with {km.engine_['isa']}; passes by filter: " in out


def test_describe_of_a_large_model_is_short(run: Run) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 20))
    centra.KMeans(60, n_init=2, random_state=0).fit(rows).save("m")
    out = run("describe", "m")[1]
    assert "and 20 more clusters and 14 more columns; --json has all" in out
    assert "the best of 2 restarts" in out
    assert max(map(len, out.splitlines())) < 120
    assert len(json.loads(run("describe", "m", "--json")[1])["centers"]) == 60


def test_describe_refuses_what_is_not_a_model(fails: Callable[..., str], table: Path) -> None:
    assert "not a centra model" in fails("describe", "t.csv")
    assert fails("describe", "no") == "no: No such file or directory"
    assert "is a folder" in fails("describe", ".")


def test_report_prints_the_librarys_report(run: Run, table: Path, points: np.ndarray) -> None:
    code, out, err = run("report", *FIT)
    assert (code, err) == (0, "")
    named = pd.DataFrame(points, columns=["x", "y"])
    said = f"columns: x, y\n{centra.KMeans(3, random_state=1).fit(named).report(named)}"
    head, _, rest = out.partition("\n\nCentres, in the columns' own units:\n")
    assert head == said
    assert "\n\ncompared with kind: adjusted Rand index " in rest
    assert run("fit", *FIT, "-o", "m")[0] == 0
    assert rest.splitlines()[:4] == run("describe", "m")[1].splitlines()[3:7]
    Path("m").unlink()
    assert [path.name for path in Path().iterdir()] == ["t.csv"]


def test_report_names_columns_and_says_what_to_do(run: Run, points: np.ndarray) -> None:
    np.save("t.npy", points * [1.0, 1000.0])
    out = run("report", "t.npy", "-k", 3, "--seed", 1)[1]
    assert re.search(
        r"\* Column 2 decides the clusters alone: .* 10\^\d times that of any other\. "
        r"Give --standardize unless that is meant\.\n",
        out,
    )
    found = json.loads(run("report", "t.npy", "-k", 3, "--json")[1])["remarks"]
    assert any("Give --standardize" in each["text"] for each in found)
    out = run("report", "t.npy", "-k", 3, "--seed", 1, "--standardize")[1]
    assert "variance" not in out
    assert "\n\nLengths are in standard deviations of the columns.\n\nCentres, in " in out
    assert run("fit", "t.npy", "-k", 3, "--seed", 1, "--standardize", "-o", "m")[0] == 0
    assert out.splitlines()[-3:] == run("describe", "m")[1].splitlines()[5:8]


def test_a_command_gives_one_answer(run: Run, table: Path) -> None:
    rows = np.random.default_rng(0).random((300, 3))  # no clusters: every start ends elsewhere
    np.save("u.npy", rows)
    assert run("fit", "u.npy", "-k", 9, "-o", "m")[0] == 0
    km = centra.KMeans(9, random_state=0).fit(rows)
    assert centra.load("m").cluster_centers_.tobytes() == km.cluster_centers_.tobytes()
    assert "random_state 0" in run("describe", "m")[1]
    for command in (("report", "u.npy", "-k", 9), ("sweep", "u.npy", "-k", "2:4")):
        assert json.loads(run(*command, "--json")[1])["seed"] == 0
        assert run(*command) == run(*command, "--seed", 0)
    assert "[default: 0" in run("fit", "--help")[1]


def test_json_is_one_object_and_nothing_else(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*arguments: object) -> dict[str, object]:
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        assert out.count("\n") == 1
        return json.loads(out, parse_constant=lambda text: pytest.fail(text))

    found = told("fit", *FIT, "-o", "m", "--labels", "l.csv")
    km = centra.load("m")
    assert found["command"] == "fit"
    assert found["inertia"] == km.inertia_
    assert found["centers"] == km.cluster_centers_.tolist()
    assert (found["sizes"], found["columns"]) == ([20, 20, 20], ["x", "y"])
    assert found["compared"]["adjusted_rand_index"] == 1.0
    described = told("describe", "m")
    same = ("inertia", "centers", "sizes", "columns", "parameters", "engine")
    assert {name: found[name] for name in same} == {name: described[name] for name in same}
    found = told("predict", "m", "t.csv", "-o", "l.csv")
    assert (found["n_rows"], found["sizes"]) == (60, [20, 20, 20])
    found = told("report", *FIT)
    assert found["remarks"][0]["kind"] == "separate"
    assert found["clusters"]["rows"] == [20, 20, 20]
    found = told("report", "t.csv", "-k", 1, "--columns", "x")
    assert found["clusters"]["separation"] == [None]  # infinite: JSON has no form for it
    monkeypatch.setattr(centra.tutorial, "write", lambda out: [out / "a.svg", out / "k.md"])
    assert told("tutorial", "page")["figures"] == ["page/a.svg"]


def test_an_error_is_a_line_for_programs_too(fails: Callable[..., str]) -> None:
    assert fails("fit", "no.csv", "-o", "m", "--json") == "no.csv: No such file or directory"


@pytest.mark.parametrize(
    "command", ["", "fit", "predict", "report", "sweep", "describe", "tutorial"]
)
def test_every_help_text_has_examples_that_are_understood(run: Run, command: str) -> None:
    code, out, err = run(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert "..." not in out.split("\n", 1)[1]  # no sentence is cut short
    assert max(map(len, out.splitlines())) <= 90
    examples = re.findall(
        r"^ +(?:.*\| )?centra (.+?)(?: \| head)?$", out.split("Examples:")[1], re.M
    )
    assert examples
    for example in examples:
        name, *options = example.split()
        known = run(name, "--help")[1]
        for option in options:
            if re.match(r"--?\w", option):
                assert re.search(rf"(^|[ ,]){option}\b", known, re.M), option
