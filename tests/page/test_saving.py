"""Files that the page saves, and rows that are selected in the picture."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs

import centra
from browser import open_page, text_of, texts_of, until
from centra.page import write
from centra.page.wording import Wording


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, centra.KMeans]:
    X = make_blobs(80, 2, centers=3, random_state=2)[0]
    km = centra.KMeans(3, random_state=0).fit(X)
    path = tmp_path_factory.mktemp("page") / "page.html"
    write(
        path,
        km,
        X,
        wording=Wording(rows=lambda rows: [f'line {row + 2} (a,"b{row}")' for row in rows]),
    )
    return path, km


@pytest.fixture
def folder(chromium: Any, tmp_path: Path) -> Iterator[Path]:
    wish = {"behavior": "allow", "downloadPath": str(tmp_path)}
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", wish)
    yield tmp_path
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "default"})


def _saved(folder: Path, name: str) -> bytes:
    for _ in range(600):
        if (folder / name).exists() and (folder / name).stat().st_size:
            return (folder / name).read_bytes()
        time.sleep(0.05)
    raise AssertionError(f"{name} did not come: {list(folder.iterdir())}")


def test_labels_and_pictures(
    chromium: Any, fitted: tuple[Path, centra.KMeans], folder: Path
) -> None:
    path, km = fitted
    open_page(chromium, path)
    for name in ("labels", "svg", "png"):
        chromium.execute_script("document.getElementById(arguments[0]).click()", f"save-{name}")
    lines = list(csv.reader(_saved(folder, "labels.csv").decode().splitlines()))
    assert lines[0] == ["row", "cluster"] and len(lines) == 81
    assert lines[4] == ['line 5 (a,"b3")', str(km.labels_[3])]
    assert [int(label) for _, label in lines[1:]] == km.labels_.tolist()
    assert _saved(folder, "clusters.svg").lstrip().startswith(b"<svg")
    assert _saved(folder, "clusters.png").startswith(b"\x89PNG")


def test_a_lasso_counts_rows_and_names_them(
    chromium: Any, fitted: tuple[Path, centra.KMeans]
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    path, km = fitted
    open_page(chromium, path)
    assert not chromium.find_element("id", "selection").is_displayed()
    chromium.find_element("id", "lasso").click()
    assert text_of(chromium, "#selected") == "Draw a line around rows in the picture."
    until(
        chromium,
        lambda: chromium.execute_script("return plot._fullLayout.dragmode") == "lasso",
    )
    plot = chromium.find_element("css selector", "#plot .nsewdrag")
    chromium.execute_script("arguments[0].scrollIntoView()", plot)
    w, h = plot.size["width"] // 2 - 2, plot.size["height"] // 2 - 2
    line = ActionChains(chromium, duration=50).move_to_element_with_offset(plot, -w, -h)
    line = line.click_and_hold()
    for x, y in ((2 * w, 0), (0, 2 * h), (-2 * w, 0), (0, -2 * h + 4)):
        line = line.move_by_offset(x, y)
    line.release().perform()
    until(chromium, lambda: text_of(chromium, "#selected").startswith("80 rows: "))
    sizes = np.sort(np.bincount(km.labels_))[::-1]
    said = text_of(chromium, "#selected")
    assert [int(part.split()[0]) for part in said[9:].split(", ")] == sizes.tolist()
    assert 'line 2 (a,"b0"), line 3' in texts_of(chromium, "#names")[0]
    csv_text = chromium.execute_script("return page.csv(page.state.selected)")
    assert len(csv_text.splitlines()) == 81
    chromium.find_element("id", "lasso").click()
    assert not chromium.find_element("id", "selection").is_displayed()


def test_a_sample_says_that_it_is_one(chromium: Any, tmp_path: Path) -> None:
    X = make_blobs(300, 2, random_state=0)[0]
    km = centra.KMeans(3, random_state=0).fit(X)
    write(tmp_path / "page.html", km, X, sample=100)
    open_page(chromium, tmp_path / "page.html")
    assert text_of(chromium, "#save-labels") == "Save labels of the 100 rows drawn (CSV)"
    assert "labels_" in text_of(chromium, "#call")
    lines = chromium.execute_script("return page.csv([...page.numbers.keys()])").splitlines()
    rows, labels = zip(*(map(int, line.split(",")) for line in lines[1:]), strict=True)
    assert labels == tuple(km.labels_[list(rows)])
