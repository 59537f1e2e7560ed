"""The page on paper: nothing is cut off, there are no controls, and the screen is as it was."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs

import centra
from browser import open_page, texts_of, until
from centra.page import write

#: The text width of A4 with the page's margins, in CSS pixels.
WIDTH = round((210 - 2 * 14) / 25.4 * 96)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    X, y = make_blobs(200, 40, centers=4, random_state=0)
    path = tmp_path_factory.mktemp("page") / "wide.html"
    found = centra.sweep(X, range(2, 14), random_state=0, stability=False)
    write(path, found, X, labels={"kind": [f"kind {j}" for j in y]})
    return path


@pytest.fixture
def paper(chromium: Any, wide: Path) -> Iterator[Any]:
    """The page laid out for paper, in a window as wide as its text."""
    open_page(chromium, wide)
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")
    sizes = {"width": WIDTH, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)
    yield chromium
    chromium.execute_script("dispatchEvent(new Event('afterprint'))")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_nothing_is_cut(paper: Any) -> None:
    wider = paper.execute_script(
        "return Array.from(document.querySelectorAll('main *, header *'))"
        ".filter((e) => e.getBoundingClientRect().right > arguments[0] + 1)"
        ".map((e) => e.tagName + '.' + e.className.toString())",
        WIDTH,
    )
    assert wider == []


def test_every_column_and_cell_is_on_it(paper: Any) -> None:
    for name in ("clusters", "overlap", "labels-0", "criteria-table"):
        for part in ("thead th", "tbody td"):
            whole = texts_of(paper, f"#{name} {part}")
            pieces = paper.execute_script(
                "const wide = document.getElementById(arguments[0]).closest('.wide');"
                "return Array.from(wide.querySelectorAll('.pieces ' + arguments[1]),"
                " (e) => e.textContent)",
                name,
                part,
            )
            assert set(pieces) == set(whole) and len(pieces) >= len(whole)


def test_controls_are_not(paper: Any) -> None:
    shown = paper.execute_script(
        "return Array.from(document.querySelectorAll('input, .controls, .save, summary'))"
        ".filter((e) => e.getBoundingClientRect().height > 0).map((e) => e.id)"
    )
    assert shown == []
    assert paper.execute_script("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )


def test_printing_to_a_file(chromium: Any, wide: Path) -> None:
    open_page(chromium, wide)
    size = "return document.querySelector('#plot svg').getBoundingClientRect().width"
    before = chromium.execute_script(size)
    chromium.execute_script(
        "addEventListener('beforeprint', () => { window.printed = [document.querySelectorAll("
        "'.pieces table').length, document.getElementById('plot').data[0].x.length] })"
    )
    found = chromium.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    pdf = base64.b64decode(found["data"])
    pieces, rows = chromium.execute_script("return window.printed")
    assert pieces > 8 and rows == 200
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 2
    until(chromium, lambda: not chromium.execute_script("return page.state.paper"))
    assert chromium.execute_script("return document.querySelectorAll('.pieces').length") == 0
    until(chromium, lambda: abs(chromium.execute_script(size) - before) < 2)


def test_a_single_column_and_a_single_cluster(chromium: Any, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(50, 1))
    write(tmp_path / "page.html", centra.KMeans(1).fit(X), X)
    open_page(chromium, tmp_path / "page.html")
    assert texts_of(chromium, "#portraits .portrait") == ["all rows"]
    for name in ("overlaps", "widths", "choice"):
        assert not chromium.find_element("id", name).is_displayed()
    chromium.execute_cdp_cmd("Page.printToPDF", {})
    assert [line for line in chromium.get_log("browser") if line["level"] == "SEVERE"] == []
