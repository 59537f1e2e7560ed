"""The page in a real browser: sliders, mouse, choosing, sorting, keys; no errors, no requests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

import centra
from centra.page import write
from centra.page.content import content_of
from centra.page.html import render

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    BROWSER is None or DRIVER is None,
    reason="needs the packages chromium and chromium-driver (Debian's names)",
)
EVIL = "</script><img src=x onerror=alert(1)>"


NAMES = [EVIL, "<b>height</b>", "weight & more"]


def _rows_and_models() -> tuple[pd.DataFrame, dict[int, centra.KMeans]]:
    X, _ = make_blobs(600, 3, centers=5, random_state=1)
    rows = pd.DataFrame(X, columns=NAMES)
    km = {
        k: centra.KMeans(k, init="random", n_init=1, random_state=0).fit(rows) for k in (2, 5, 10)
    }
    return rows, km


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, models = _rows_and_models()
    path = tmp_path_factory.mktemp("page") / "page.html"
    write(path, models, rows, title=EVIL)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    wanted = "--headless=new --no-sandbox --disable-gpu --window-size=1200,1000"
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


def _until(driver: Any, holds: Callable[[], Any]) -> Any:
    """Wait for what the page does in its own time: pictures come with the next frame."""
    from selenium.webdriver.support.wait import WebDriverWait

    return WebDriverWait(driver, 30, poll_frequency=0.05).until(lambda _: holds())


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
            " centers: t[2].x.length, way: t[1].x.length};"
        )
    )


def _draws(driver: Any, **wanted: int) -> None:
    _until(driver, lambda: wanted.items() <= _drawn(driver).items())


def _place(driver: Any, curve: int, point: int) -> tuple[int, int]:
    """Where in the window a point of the plot is."""
    x, y = driver.execute_script(
        "const plot = document.getElementById('plot'), box = plot.getBoundingClientRect();"
        "const {xaxis, yaxis} = plot._fullLayout, {x, y} = plot.data[arguments[0]];"
        "const at = (axis, v) => axis._offset + axis.l2p(v);"
        "return [box.x + at(xaxis, x[arguments[1]]), box.y + at(yaxis, y[arguments[1]])];",
        curve,
        point,
    )
    return round(x), round(y)


def _alone(driver: Any, cluster: int) -> int:
    """A row of a cluster that lies away from others and from centres."""
    (labels, *places) = driver.execute_script(
        "const plot = document.getElementById('plot'), {xaxis, yaxis} = plot._fullLayout;"
        "const [rows, , centers] = plot.data;"
        "const all = (axis, v) => Array.from(v, (q) => axis.l2p(q));"
        "return [Array.from(rows.text), all(xaxis, rows.x), all(yaxis, rows.y),"
        " all(xaxis, centers.x), all(yaxis, centers.y)];"
    )
    rows = np.column_stack(places[:2])
    others = np.vstack([rows, np.column_stack(places[2:])])
    apart = np.hypot(*(rows[:, None, :] - others).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    nearest = np.where(np.array(labels) == cluster, apart.min(axis=1), 0)
    return int(nearest.argmax())


def _point(driver: Any, place: tuple[int, int], click: bool = False) -> str:
    """Move the mouse over a point, wait for its label, and click or not; return the label."""
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    text = (
        "const text = document.querySelector('#plot .hoverlayer .hovertext text');"
        "const lines = text?.querySelectorAll('tspan.line');"
        "return lines?.length ? Array.from(lines, (l) => l.textContent).join('\\n')"
        " : text?.textContent"
    )
    for at, shown in ((_corner(driver), False), (place, True)):
        move = ActionBuilder(driver)
        move.pointer_action.move_to_location(*at)
        move.perform()
        _until(driver, lambda shown=shown: bool(driver.execute_script(text)) == shown)
    found = str(driver.execute_script(text))
    if click:
        press = ActionBuilder(driver)
        press.pointer_action.click()
        press.perform()
    return found


def _corner(driver: Any) -> tuple[int, int]:
    x, y = driver.execute_script(
        "const box = document.getElementById('plot').getBoundingClientRect();"
        "return [box.x + 3, box.y + 3]"
    )
    return round(x), round(y)


def _chosen(driver: Any) -> list[str]:
    pressed = driver.find_elements("css selector", "#clusters button[aria-pressed=true]")
    return [button.text for button in pressed]


def test_it_opens_without_errors_or_requests(opened: Any) -> None:
    errors = [line for line in opened.get_log("browser") if line["level"] == "SEVERE"]
    assert errors == []
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert _drawn(opened)["rows"] == 600
    # Pictures are SVG: nothing needs a graphics processor.
    assert opened.execute_script("return document.querySelectorAll('canvas').length") == 0


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


def test_the_sliders_walk_over_k_and_iterations(opened: Any) -> None:
    assert _text(opened, "#k-value") == "2"
    assert _drawn(opened)["centers"] == 2
    _slide(opened, "k", 1)
    assert _text(opened, "#k-value") == "5"
    _draws(opened, centers=5)
    assert len(opened.find_elements("css selector", "#clusters tbody tr")) == 5
    last = _text(opened, "#step-value")
    way = _drawn(opened)["way"]
    _slide(opened, "step", 0)
    assert _text(opened, "#step-value").startswith("0 of ") and _text(opened, "#step-value") != last
    _until(opened, lambda: _drawn(opened)["way"] < way)


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
    _draws(opened, centers=5, colors=5)
    head = opened.find_elements("css selector", "#clusters th button")[1]
    opened.execute_script("arguments[0].click()", head)
    order = [button.text for button in opened.find_elements("css selector", "#clusters td button")]
    button = opened.find_elements("css selector", "#clusters td button")[2]
    opened.execute_script("arguments[0].focus(); arguments[0].click()", button)
    _draws(opened, centers=1, colors=2)
    assert _chosen(opened) == [order[2]]
    # The table is still sorted, and the keyboard is where it was.
    now = opened.find_elements("css selector", "#clusters td button")
    assert [button.text for button in now] == order
    assert opened.execute_script("return document.activeElement") == button
    opened.execute_script("document.getElementById('all').click()")
    _draws(opened, centers=5)
    assert _chosen(opened) == []


def test_a_click_on_a_row_or_a_centre_shows_its_cluster_alone(opened: Any) -> None:
    _slide(opened, "k", 1)
    _draws(opened, centers=5)
    for cluster in (3, 1):  # the second time among faint rows
        row = _alone(opened, cluster)
        assert f"cluster {cluster}" in _point(opened, _place(opened, 0, row), click=True)
        _until(opened, lambda cluster=cluster: _chosen(opened) == [f"cluster {cluster}"])
        _draws(opened, centers=1, colors=2)
        assert opened.execute_script("return document.getElementById('plot').data[2].text") == [
            str(cluster)
        ]
    assert opened.execute_script("return scrollY") == 0
    opened.find_element("id", "all").click()
    _draws(opened, centers=5)
    assert _point(opened, _place(opened, 2, 4), click=True) == "centre 4"
    _until(opened, lambda: _chosen(opened) == ["cluster 4"])


def test_hovering_shows_the_row(opened: Any) -> None:
    rows, models = _rows_and_models()
    row = _alone(opened, 1)
    lines = _point(opened, _place(opened, 0, row)).split("\n")
    assert lines[0] == f"row {row}" and lines[-1] == f"cluster {models[2].labels_[row]}"
    assert [line.rpartition(": ")[0] for line in lines[1:-1]] == [f"{EVIL[:23]}…", *NAMES[1:]]
    shown = [float(line.rpartition(": ")[2].replace("\N{MINUS SIGN}", "-")) for line in lines[1:-1]]
    np.testing.assert_allclose(shown, rows.iloc[row], rtol=1e-5)


def test_a_scaler_gives_the_columns_own_units(chromium: Any, tmp_path: Path) -> None:
    rows, _ = _rows_and_models()
    rows = (rows * [1.0, 3000.0, 1.0] + [40.0, 100_000.0, 0.0]).round(1)
    scaler = StandardScaler().fit(rows)
    Z = scaler.transform(rows)
    km = centra.KMeans(2, random_state=0).fit(Z)
    write(tmp_path / "page.html", km, Z, scaler=scaler)
    chromium.get((tmp_path / "page.html").as_uri())
    assert _text(chromium, "#units") == "In the columns' own units."
    assert "Radius and separation are in standard deviations" in _text(chromium, "#scaled")
    cells = chromium.find_elements("css selector", "#centers tbody tr:first-child td")
    shown = [float(cell.text.replace(",", "")) for cell in cells[1:]]
    np.testing.assert_allclose(shown, rows[km.labels_ == 0].mean(), rtol=1e-3)
    row = _alone(chromium, 1)
    lines = _point(chromium, _place(chromium, 0, row)).split("\n")
    values = [line.rpartition(": ")[2].replace("\N{MINUS SIGN}", "-") for line in lines[1:-1]]
    np.testing.assert_allclose(
        [float(value.replace(",", "")) for value in values], rows.iloc[row], rtol=1e-5, atol=1e-4
    )


def test_labels_are_counted_beside_their_rand_index(chromium: Any, tmp_path: Path) -> None:
    rows, models = _rows_and_models()
    labels = [f"{EVIL} {'ab'[label]}" for label in models[2].labels_[1:]]
    write(tmp_path / "page.html", models, rows, labels={EVIL: ["", *labels]})
    chromium.get((tmp_path / "page.html").as_uri())
    assert _text(chromium, "#labels h2") == f"Clusters and {EVIL}"
    note = _text(chromium, "#labels .note")
    assert note.startswith("Adjusted Rand index 1.000") and "1 row without a label" in note
    bold = chromium.find_elements("css selector", "#labels td.bold")
    assert sum(int(cell.text) for cell in bold) == 599 and len(bold) == 2
    _slide(chromium, "k", 1)
    assert "Adjusted Rand index 1.000" not in _text(chromium, "#labels .note")
    assert len(chromium.find_elements("css selector", "#labels tbody tr")) == 5
    chromium.find_elements("css selector", "#labels td button")[3].click()
    _draws(chromium, centers=1)
    assert _chosen(chromium) == ["cluster 3"]


def test_colours_of_many_clusters_differ(opened: Any) -> None:
    _slide(opened, "k", 2)
    _draws(opened, centers=10, colors=10)


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
    _slide(opened, "k", 0)
    opened.find_element("id", "play").click()
    assert _text(opened, "#play") == "Stop"
    _until(opened, lambda: _text(opened, "#play") == "Play")
    slider = opened.find_element("id", "step")
    assert slider.get_property("value") == slider.get_property("max")


def test_criteria_are_drawn_when_they_come_into_view(opened: Any) -> None:
    opened.execute_script("document.getElementById('criteria').scrollIntoView()")
    marks = (
        "return Array.from(document.querySelectorAll('#criteria > div'), (d) => d.data?.[1].x[0])"
    )
    _until(opened, lambda: opened.execute_script(marks) == [2])
    _slide(opened, "k", 1)
    _until(opened, lambda: opened.execute_script(marks) == [5])


def test_words_do_not_wait_for_the_drawing_library(chromium: Any, tmp_path: Path) -> None:
    rows, models = _rows_and_models()
    page = tmp_path / "page.html"
    page.write_text(render(content_of(models, rows, title="words"), ""), encoding="utf-8")
    chromium.get(page.as_uri())
    assert _text(chromium, "h1") == "words"
    _slide(chromium, "k", 1)
    assert len(chromium.find_elements("css selector", "#clusters tbody tr")) == 5
    chromium.get_log("browser")  # says that there is no Plotly, which is so


def test_it_fits_a_phone(opened: Any) -> None:
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 375, "height": 700, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        opened.refresh()
        assert _drawn(opened)["rows"] == 600
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
