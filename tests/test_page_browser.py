"""The page in a real browser: sliders, choosing, sorting, keys; no errors, no requests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

import centra
from centra.page import write

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    BROWSER is None or DRIVER is None,
    reason="needs the packages chromium and chromium-driver (Debian's names)",
)
EVIL = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    X, _ = make_blobs(600, 3, centers=5, random_state=1)
    rows = pd.DataFrame(X, columns=[EVIL, "<b>height</b>", "weight & more"])
    km = {k: centra.KMeans(k, init="random", n_init=1, random_state=0).fit(rows) for k in (2, 5)}
    path = tmp_path_factory.mktemp("page") / "page.html"
    write(path, km, rows, title=EVIL)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    wanted = "--headless=new --no-sandbox --enable-unsafe-swiftshader --window-size=1200,1000"
    for argument in wanted.split():
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(chromium: Any, page: Path) -> Any:
    chromium.get(page.as_uri())
    return chromium


def _text(driver: Any, css: str) -> str:
    return str(driver.find_element("css selector", css).text)


def _slide(driver: Any, name: str, value: int) -> None:
    driver.execute_script(
        "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
        "s.dispatchEvent(new Event('input'));",
        name,
        value,
    )


def _drawn(driver: Any) -> dict[str, Any]:
    """What plotly has been given."""
    return dict(
        driver.execute_script(
            "const t = document.getElementById('plot').data;"
            "return {rows: t[0].x.length, colors: [...new Set(t[0].marker.color)].length,"
            " centers: t[2].x.length, way: t[1].x.length, hover: t[0].text[0]};"
        )
    )


def test_it_opens_without_errors_or_requests(opened: Any) -> None:
    errors = [line for line in opened.get_log("browser") if line["level"] == "SEVERE"]
    assert errors == []
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert _drawn(opened)["rows"] == 600


def test_names_show_as_text(opened: Any) -> None:
    assert _text(opened, "h1") == EVIL
    assert opened.title == f"{EVIL}: clusters"
    assert opened.execute_script("return document.querySelectorAll('img').length") == 0
    head = opened.find_elements("css selector", "#centers th")
    assert [cell.text for cell in head][1:] == [
        "</script><img src=x one…",
        "<b>height</b>",
        "weight & more",
    ]
    assert "&lt;/script&gt;" in _drawn(opened)["hover"]


def test_the_sliders_walk_over_k_and_iterations(opened: Any) -> None:
    assert _text(opened, "#k-value") == "2"
    assert _drawn(opened)["centers"] == 2
    _slide(opened, "k", 1)
    assert _text(opened, "#k-value") == "5" and _drawn(opened)["centers"] == 5
    assert len(opened.find_elements("css selector", "#clusters tbody tr")) == 5
    last = _text(opened, "#step-value")
    way = _drawn(opened)["way"]
    _slide(opened, "step", 0)
    assert _text(opened, "#step-value").startswith("0 of ") and _text(opened, "#step-value") != last
    assert _drawn(opened)["way"] < way


def test_arrow_keys_move_the_sliders(opened: Any) -> None:
    slider = opened.find_element("id", "step")
    before = _text(opened, "#step-value")
    slider.send_keys("\ue012")  # left
    after = _text(opened, "#step-value")
    assert int(after.split()[0]) == int(before.split()[0]) - 1
    for control in opened.find_elements("css selector", "input, button, th button"):
        assert control.get_property("tabIndex") == 0


def test_choosing_a_cluster_shows_it_alone(opened: Any) -> None:
    _slide(opened, "k", 1)
    assert _drawn(opened)["colors"] == 5
    button = opened.find_elements("css selector", "#clusters button[aria-pressed]")[2]
    opened.execute_script("arguments[0].click()", button)
    drawn = _drawn(opened)
    assert drawn["colors"] == 2 and drawn["centers"] == 1
    pressed = opened.find_elements("css selector", "#clusters button[aria-pressed=true]")
    assert [button.text for button in pressed] == ["cluster 2"]
    opened.execute_script("document.getElementById('all').click()")
    assert _drawn(opened)["centers"] == 5


def test_tables_sort(opened: Any) -> None:
    _slide(opened, "k", 1)

    def sizes() -> list[int]:
        cells = opened.find_elements("css selector", "#clusters tbody td:nth-child(2)")
        return [int(cell.text) for cell in cells]

    head = opened.find_elements("css selector", "#clusters th button")[1]
    opened.execute_script("arguments[0].click()", head)
    assert sizes() == sorted(sizes())
    opened.execute_script("arguments[0].click()", head)
    assert sizes() == sorted(sizes(), reverse=True)
    sorted_by = opened.find_elements("css selector", "#clusters th[aria-sort=descending]")
    assert [cell.text.strip() for cell in sorted_by] == ["rows"]


def test_playing_ends_at_the_last_iteration(opened: Any) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    _slide(opened, "k", 0)
    opened.find_element("id", "play").click()
    assert _text(opened, "#play") == "Stop"
    WebDriverWait(opened, 30).until(lambda d: _text(d, "#play") == "Play")
    slider = opened.find_element("id", "step")
    assert slider.get_property("value") == slider.get_property("max")


def test_it_fits_a_phone(opened: Any) -> None:
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 375, "height": 700, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        opened.refresh()
        wide = opened.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 375
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_can_be_read(opened: Any, scheme: str) -> None:
    wish = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
    opened.refresh()
    ground, ink = (
        np.array([int(part) for part in value[4:-1].split(",")])
        for value in opened.execute_script(
            "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
        )
    )
    assert abs(int(ground.sum()) - int(ink.sum())) > 500
    assert (ground.mean() > 128) == (scheme == "light")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
