"""The page that `report -o` writes: how it was made, how rows are called, in which words."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("plotly", reason='a page needs the extra: pip install "centra[page]"')

Run = Callable[..., tuple[int, str, str]]


def _content(path: str) -> dict[str, Any]:
    page = Path(path).read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


def test_how_it_was_made(run: Run, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = [
        "report",
        "t.csv",
        "-k",
        "2",
        "--label",
        "kind",
        "--seed",
        "5",
        "-o",
        "a page.html",
    ]
    monkeypatch.setattr(sys, "argv", ["/usr/bin/centra", *arguments])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    code, out, _ = run(*arguments)
    assert code == 0 and out.startswith("a page.html: a page on 2 clusters of 60 rows\n")
    found = dict(map(tuple, _content("a page.html")["provenance"]))
    assert found["Command"].endswith("--seed 5 -o 'a page.html'")
    assert found["Command"].startswith("centra report t.csv -k 2 ")
    assert found["File"] == "t.csv" and found["Columns"] == "x, y"
    assert found["Columns left out"] == "kind (compared with)"
    assert found["Rows left out"] == "none" and found["Seed"] == "5"
    assert found["Date"] == "1970-01-01" and found["Made with"].startswith("centra ")
    first = Path("a page.html").read_bytes()
    run(*arguments)
    assert Path("a page.html").read_bytes() == first


def test_rows_that_were_left_out_and_how_the_others_are_called(run: Run) -> None:
    Path("t.csv").write_text("x,y\n1,2\n,3\n4,5\n9,9\n")
    code, out, _ = run("report", "t.csv", "-k", "1", "--drop-missing", "-o", "p.html")
    assert code == 0 and "a page on 1 cluster of 3 rows" in out
    content = _content("p.html")
    found = dict(map(tuple, content["provenance"]))
    assert found["Rows"] == "3" and found["Rows left out"] == "1, for a missing number"
    called = content["called"]
    assert len(called) == 3 and len(set(called)) == 3
    gaps = [int(re.findall(r"\d+", name)[0]) for name in called]
    assert np.diff(gaps).tolist() == [2, 1]


def test_there_are_no_words_of_python(run: Run) -> None:
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.uniform(size=(300, 2)), 1e4 * rng.normal(size=300), np.ones(300)])
    rows[0, 0] = 500.0
    text = "\n".join(",".join(map(repr, map(float, row))) for row in rows)
    Path("t.csv").write_text(f"a,b,c,d\n{text}\n")
    many = ("-k", "2:4", "--n-init", "3", "--max-iter", "2", "-o", "p.html")
    assert run("report", "t.csv", *many)[0] == 0
    content = _content("p.html")
    texts = [content["headline"], *content["verdict"], *content["reasons"].values()]
    for model in content["models"]:
        texts += [*model["remarks"], model["gravest"], model["verdict"]]
    said = " ".join([*texts, *(f"{a} {b}" for a, b in content["provenance"]), content["call"]])
    for word in (
        "sklearn",
        "StandardScaler",
        "n_init",
        "max_iter=",
        "centra.sweep",
        "random_state",
    ):
        assert word not in said, word
    assert not re.search(r"\b(?:None|True|False|KMeans|labels_)\b", said)


def test_names_from_the_file_are_texts(run: Run, chromium: Any, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    rows = [f"{x},{x * x % 7},{evil}{x % 2}" for x in range(40)]
    Path(f"{evil}.csv").write_text("\n".join([f"{evil},<b>y</b>,<i>kind</i>", *rows]) + "\n")
    arguments = ("-k", "2:3", "--label", "<i>kind</i>", "-o", f"{evil}.html")
    assert run("report", f"{evil}.csv", *arguments)[0] == 0
    chromium.get((tmp_path / f"{evil}.html").as_uri())
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")
    chromium.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chromium.find_element("css selector", "h1").text == f"{evil}.csv"
    found = "return document.querySelectorAll('img, i, td b, th b, svg b, svg img').length"
    assert chromium.execute_script(found) == 0
    assert [line for line in chromium.get_log("browser") if line["level"] == "SEVERE"] == []
