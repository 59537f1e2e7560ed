"""A real browser for tests of the page: what it has drawn, and a mouse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import make_blobs

import centra

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
EVIL = "</script><img src=x onerror=alert(1)>"
NAMES = [EVIL, "<b>height</b>", "weight & more"]


def start() -> Any:
    """Start Chromium without a window."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    wanted = "--headless=new --no-sandbox --disable-gpu --window-size=1200,1000"
    for argument in wanted.split():
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


def sketched(driver: Any, page: Path) -> Any:
    """Open a page in a browser that is never idle: its drawing library is not read."""
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    away = ActionBuilder(driver)  # else the mouse may lie over the picture, which asks for it
    away.pointer_action.move_to_location(1, 1)
    away.perform()
    wanted = {"source": "window.requestIdleCallback = () => {}"}
    added = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", wanted)
    driver.get(page.as_uri())
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    return driver


def open_page(driver: Any, page: Path) -> Any:
    """Open a page, and wait until plotly has drawn it."""
    driver.get(page.as_uri())
    until(
        driver,
        lambda: driver.execute_script("return Boolean(document.getElementById('plot').data)"),
    )
    return driver


def rows_and_models() -> tuple[pd.DataFrame, dict[int, centra.KMeans]]:
    """Return 600 rows of three columns with names that a page must not read as HTML."""
    X, _ = make_blobs(600, 3, centers=5, random_state=1)
    rows = pd.DataFrame(X, columns=NAMES)
    km = {
        k: centra.KMeans(k, init="random", n_init=1, random_state=0).fit(rows) for k in (2, 5, 10)
    }
    return rows, km


def until(driver: Any, holds: Callable[[], Any]) -> Any:
    """Wait for what the page does in its own time: pictures come with the next frame."""
    from selenium.webdriver.support.wait import WebDriverWait

    return WebDriverWait(driver, 30, poll_frequency=0.05).until(lambda _: holds())


def text_of(driver: Any, css: str) -> str:
    return str(driver.find_element("css selector", css).text)


def texts_of(driver: Any, css: str) -> list[str]:
    """The texts of all such elements, seen or not."""
    return [str(e.get_property("textContent")) for e in driver.find_elements("css selector", css)]


def slide(driver: Any, name: str, value: int) -> None:
    driver.execute_script(
        "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
        "s.dispatchEvent(new Event('input'));",
        name,
        value,
    )


def drawn(driver: Any) -> dict[str, Any]:
    """What plotly has been given; it is read in its own time."""
    until(
        driver,
        lambda: driver.execute_script("return Boolean(document.getElementById('plot').data)"),
    )
    return dict(
        driver.execute_script(
            "const t = document.getElementById('plot').data;"
            "return {rows: t[0].x.length, colors: [...new Set(t[0].marker.color)].length,"
            " centers: t[2].x.length, way: t[1].x.length};"
        )
    )


def draws(driver: Any, **wanted: int) -> None:
    until(driver, lambda: wanted.items() <= drawn(driver).items())


def place_of(driver: Any, curve: int, point: int) -> tuple[int, int]:
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


def lonely_row(driver: Any, cluster: int) -> int:
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


def point_at(driver: Any, place: tuple[int, int], click: bool = False) -> str:
    """Move the mouse over a point, wait for its label, and click or not; return the label."""
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    text = (
        "const text = document.querySelector('#plot .hoverlayer .hovertext text');"
        "const lines = text?.querySelectorAll('tspan.line');"
        "return lines?.length ? Array.from(lines, (l) => l.textContent).join('\\n')"
        " : text?.textContent"
    )
    for at, shown in ((corner_of(driver), False), (place, True)):
        move = ActionBuilder(driver)
        move.pointer_action.move_to_location(*at)
        move.perform()
        until(driver, lambda shown=shown: bool(driver.execute_script(text)) == shown)
    found = str(driver.execute_script(text))
    if click:
        press = ActionBuilder(driver)
        press.pointer_action.click()
        press.perform()
    return found


def corner_of(driver: Any) -> tuple[int, int]:
    x, y = driver.execute_script(
        "const box = document.getElementById('plot').getBoundingClientRect();"
        "return [box.x + 3, box.y + 3]"
    )
    return round(x), round(y)


def chosen(driver: Any) -> list[str]:
    pressed = driver.find_elements("css selector", "#clusters button[aria-pressed=true]")
    return [button.text for button in pressed]
