"""What is seen first: the verdict, the gravest remark, every cluster in words; then the picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

import centra
from browser import EVIL, draws, open_page, slide, text_of, texts_of, until
from centra.page import write
from centra.page.wording import Wording

SIZES = {"desktop": (1280, 800), "phone": (390, 844), "large": (1920, 1080)}


@pytest.fixture(params=SIZES, ids=str)
def sized(request: pytest.FixtureRequest, chromium: Any) -> Iterator[tuple[Any, int]]:
    """A browser of a size, and the height of its window."""
    width, height = SIZES[request.param]
    wanted = {"width": width, "height": height, "deviceScaleFactor": 1}
    wanted["mobile"] = request.param == "phone"
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", wanted)
    yield chromium, height
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _ends(driver: Any, css: str) -> list[float]:
    """Where the elements that are shown end, from the top of the page."""
    script = (
        "const found = document.querySelectorAll(arguments[0]);"
        "return Array.from(found, (e) => e.getBoundingClientRect())"
        ".filter((box) => box.height > 0).map((box) => box.bottom + scrollY)"
    )
    return list(driver.execute_script(script, css))


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.uniform(size=(300, 8)), columns=[f"measure_{q}_of_all" for q in range(8)])
    path = tmp_path_factory.mktemp("page") / "swept.html"
    write(path, centra.sweep(X, range(2, 9), random_state=0, stability=False), X)
    return path


def test_words_are_on_the_first_screen(sized: tuple[Any, int], swept: Path) -> None:
    driver, height = sized
    open_page(driver, swept)
    for at in (0, 6):
        slide(driver, "k", at)
        assert len(texts_of(driver, "#portraits li")) == at + 2
        ends = [*_ends(driver, "#headline, #gravest"), *_ends(driver, "#portraits li")]
        assert len(ends) == at + 4 and max(ends) <= height
        top = _ends(driver, "#plot")[0] - driver.find_element("id", "plot").size["height"]
        below = [_ends(driver, f"#{name}")[0] for name in ("step", "play")]
        assert min(below) > top + 100  # the picture is above its controls


def test_25_clusters_are_one_line_each(
    sized: tuple[Any, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    driver, height = sized
    X = pd.DataFrame(make_blobs(1000, 3, centers=25, random_state=5)[0], columns=["a", "b", "c"])
    path = tmp_path_factory.mktemp("page") / "many.html"
    write(path, centra.KMeans(25, random_state=0).fit(X), X)
    open_page(driver, path)
    ends = _ends(driver, "#portraits li")
    assert len(ends) >= 20 and max(ends) <= height
    rest = driver.find_element("id", "rest")
    assert rest.is_displayed() == (len(ends) < 25)
    driver.execute_script("arguments[0].click()", rest)
    assert len(_ends(driver, "#portraits li")) == 25 and not rest.is_displayed()


def test_clusters_are_listed_by_size_with_what_sets_them_apart(
    chromium: Any, tmp_path: Path
) -> None:
    X = pd.DataFrame(np.repeat([[0.0, 5.0], [9.0, 5.0]], [10, 30], axis=0), columns=["a", "b"])
    km = centra.KMeans(2, init=X.to_numpy()[[0, -1]], n_init=1).fit(X)
    write(tmp_path / "page.html", km, X, title="one")
    open_page(chromium, tmp_path / "page.html")
    assert texts_of(chromium, "#portraits li") == [
        "130 rowshigh\u00a0a",
        "010 rowsvery\u00a0low\u00a0a",
    ]
    assert text_of(chromium, "#summary") == "40 rows, 2 columns, 2 clusters"
    chromium.find_element("css selector", "#portraits button").click()
    draws(chromium, centers=1)
    pressed = chromium.find_elements("css selector", "#portraits button[aria-pressed=true]")
    assert len(pressed) == 1 and "30 rows" in pressed[0].text


def test_no_text_is_read_as_markup(chromium: Any, tmp_path: Path) -> None:
    X = make_blobs(60, 2, centers=3, random_state=0)[0]
    frame = pd.DataFrame(X, columns=[EVIL, "<i>b</i>"])
    km = centra.KMeans(3, random_state=0).fit(frame)
    wording = Wording(rows=lambda rows: [f"<img src=x onerror=alert({row})>" for row in rows])
    write(
        tmp_path / "page.html",
        {3: km},
        frame,
        title=EVIL,
        labels={EVIL: [EVIL] * 60},
        notes={3: [EVIL]},
        provenance={"<b>File</b>": EVIL},
        wording=wording,
    )
    open_page(chromium, tmp_path / "page.html")
    chromium.execute_script("page.state.lasso = true; page.select([0, 1, 2])")
    assert "onerror=alert(2)" in text_of(chromium, "#names")
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")
    chromium.execute_script("dispatchEvent(new Event('afterprint'))")
    count = "return document.querySelectorAll('img, i, main b > *').length"
    assert chromium.execute_script(count) == 0
    assert [line for line in chromium.get_log("browser") if line["level"] == "SEVERE"] == []
    assert texts_of(chromium, "#provenance dd")[0] == EVIL
    assert chromium.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_a_wide_table_says_what_is_out_of_sight(chromium: Any, tmp_path: Path) -> None:
    X = make_blobs(90, 40, centers=3, random_state=0)[0]
    write(tmp_path / "page.html", centra.KMeans(3, random_state=0).fit(X), X)
    open_page(chromium, tmp_path / "page.html")
    place = "document.getElementById('clusters').closest('.wide')"
    said = f"return {place}.querySelector('.more').textContent"
    wide = chromium.execute_script("return document.querySelectorAll('#clusters th').length")
    first = chromium.execute_script(said)
    assert first.endswith(" more columns to the right: scroll") and int(first.split()[0]) < wide
    assert chromium.execute_script(f"return {place}.classList.contains('hides')")
    chromium.execute_script(f"{place}.querySelector('.scroll').scrollLeft = 1e6")
    until(chromium, lambda: chromium.execute_script(said) == "the last column is in sight")
    left = chromium.execute_script(
        "const cell = document.querySelector('#clusters tbody td').getBoundingClientRect();"
        f"return cell.left - {place}.getBoundingClientRect().left"
    )
    assert abs(left) < 2  # the first column stays
