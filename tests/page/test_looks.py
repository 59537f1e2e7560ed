"""What the page shows, in a real browser: units, labels, picks, outliers, widths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import centra
from browser import (
    EVIL,
    NAMES,
    chosen,
    drawn,
    draws,
    lonely_row,
    open_page,
    place_of,
    point_at,
    rows_and_models,
    slide,
    text_of,
    texts_of,
    until,
)
from centra.page import write


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on a sweep of rows without clusters."""
    X = np.random.default_rng(0).uniform(size=(400, 4)) * [1e6, 1, 1, 1]
    path = tmp_path_factory.mktemp("page") / "swept.html"
    write(path, centra.sweep(X, range(2, 8), random_state=0), X, labels={"half": X[:, 0] > 5e5})
    return path


@pytest.fixture
def opened(chromium: Any, swept: Path) -> Any:
    open_page(chromium, swept)
    return chromium


def test_a_scaler_gives_the_columns_own_units(chromium: Any, tmp_path: Path) -> None:
    rows, _ = rows_and_models()
    rows = (rows * [1.0, 3000.0, 1.0] + [40.0, 100_000.0, 0.0]).round(1)
    scaler = StandardScaler().fit(rows)
    Z = scaler.transform(rows)
    km = centra.KMeans(2, random_state=0).fit(Z)
    write(tmp_path / "page.html", km, Z, scaler=scaler)
    open_page(chromium, tmp_path / "page.html")
    assert "in the column's own units" in text_of(chromium, "#units")
    assert "Radius and separation are in standard deviations" in text_of(chromium, "#scaled")
    heads = texts_of(chromium, "#clusters th")[-3:]
    cells = texts_of(chromium, "#clusters tbody tr[data-key='0'] td")[-3:]
    shown = [float(cell.replace(",", "")) for cell in cells]
    order = [[f"{EVIL[:23]}…", *NAMES[1:]].index(head) for head in heads]
    np.testing.assert_allclose(shown, rows[km.labels_ == 0].mean().iloc[order], rtol=1e-3)
    row = lonely_row(chromium, 1)
    lines = point_at(chromium, place_of(chromium, 0, row)).split("\n")
    values = [line.rpartition(": ")[2].replace("\N{MINUS SIGN}", "-") for line in lines[1:-1]]
    np.testing.assert_allclose(
        [float(value.replace(",", "")) for value in values], rows.iloc[row], rtol=1e-5, atol=1e-4
    )


def test_labels_are_counted_beside_their_rand_index(chromium: Any, tmp_path: Path) -> None:
    rows, models = rows_and_models()
    labels = [f"{EVIL} {'ab'[label]}" for label in models[2].labels_[1:]]
    write(tmp_path / "page.html", models, rows, labels={EVIL: ["", *labels]})
    open_page(chromium, tmp_path / "page.html")
    assert text_of(chromium, "#labels h2") == f"Clusters and {EVIL}"
    note = text_of(chromium, "#labels .note")
    assert note.startswith("Adjusted Rand index 1.000") and "1 row without a label" in note
    bold = chromium.find_elements("css selector", "#labels td.bold")
    assert sum(int(cell.text) for cell in bold) == 599 and len(bold) == 2
    slide(chromium, "k", 1)
    assert "Adjusted Rand index 1.000" not in text_of(chromium, "#labels .note")
    assert len(chromium.find_elements("css selector", "#labels tbody tr")) == 5
    chromium.find_element("css selector", "#labels tr[data-key='3'] button").click()
    draws(chromium, centers=1)
    assert chosen(chromium) == ["cluster 3"]


def test_the_verdict_is_first(opened: Any) -> None:
    for at in (0, 3):
        slide(opened, "k", at)
        first = opened.find_element("id", "headline")
        answer, why = first.text.split("\n")  # the answer is large, the reason is below it
        said = opened.execute_script("return page.data.headline")
        assert said.startswith(f"{answer.removesuffix('.')}: ") and said.endswith(why[1:])
        assert answer.endswith(".") and (why.startswith("k = ") or why[0].isupper())
        assert first.rect["y"] < 100


def _panels(driver: Any) -> dict[str, Any]:
    """What the pictures of criteria show: the dot, the ring, the first k of the curve."""
    return dict(
        driver.execute_script(
            "const places = document.querySelectorAll('#criteria figure > div');"
            "return Object.fromEntries(Array.from(places, (d) => [d.dataset.name, d.data &&"
            "  {dot: d.data[1].x[0], ring: d.data[2].x[0] ?? null,"
            "   at: d.data[2].y[0] ?? null,"
            "   k: d.data[0].x[d.data[0].y.findIndex((v) => v !== null)],"
            "   colors: [d.data[1].marker.color, d.data[2].marker.color],"
            "   said: d.getAttribute('aria-label')}]))"
        )
    )


def test_a_ring_marks_each_pick_and_a_dot_the_k_that_is_shown(opened: Any) -> None:
    opened.execute_script("document.getElementById('criteria').scrollIntoView()")
    panels = until(opened, lambda: all((found := _panels(opened)).values()) and found)
    pick = opened.execute_script("return page.data.picks.gap")
    assert panels["gap"]["ring"] == pick and panels["gap"]["at"] is not None
    assert panels["gap"]["k"] == 1  # where its curve begins
    assert panels["gap"]["said"] == f"gap statistic over k: picks k = {pick}"
    assert panels["inertia"]["ring"] is None and panels["inertia"]["k"] == 2
    assert panels["inertia"]["said"] == "inertia over k"
    shown = int(text_of(opened, "#k-value"))
    for panel in panels.values():
        assert panel["dot"] == shown and len(set(panel["colors"])) == 2
    slide(opened, "k", 4)
    until(opened, lambda: {p["dot"] for p in _panels(opened).values()} == {6})
    again = _panels(opened)
    assert {n: p["ring"] for n, p in again.items()} == {n: p["ring"] for n, p in panels.items()}
    assert "the k that a criterion picks" in text_of(opened, "#signs")


def test_the_table_over_k_has_picks_and_spreads(opened: Any) -> None:
    opened.find_element("css selector", "#numbers summary").click()
    heads = [h.text for h in opened.find_elements("css selector", "#criteria-table th")]
    assert "Calinski-Harabasz" in heads and "gap statistic ± standard error" in heads
    assert not any("_" in head for head in heads)
    first = opened.find_elements("css selector", "#criteria-table tbody tr:first-child td")
    cells = [cell.text for cell in first]
    assert cells[0] == "1" and cells[1] == "\N{EN DASH}" and " ± " in cells[heads.index(heads[-2])]
    bold = opened.find_elements("css selector", "#criteria-table td.bold")
    picks = opened.execute_script("return Object.values(page.data.picks)")
    assert len(bold) == sum(pick is not None for pick in picks)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on rows with two outliers, the farther a cluster of its own."""
    X = np.random.default_rng(0).normal(size=(1500, 2))
    X[7], X[8] = (500.0, 0.0), (90.0, 0.0)
    path = tmp_path_factory.mktemp("page") / "far.html"
    models = {k: centra.KMeans(k, n_init=5, random_state=0).fit(X) for k in (1, 2)}
    write(path, models, X)
    return path


def _range(driver: Any) -> list[float]:
    return list(
        driver.execute_script("return document.getElementById('plot')._fullLayout.xaxis.range")
    )


def test_far_outliers_do_not_make_the_picture_small(chromium: Any, far: Path) -> None:
    open_page(chromium, far)
    low, high = _range(chromium)
    assert -6 < low < high < 6
    assert text_of(chromium, "#outside") == (
        "2 rows of the 1,500 drawn lie far from the others, outside of the picture."
    )
    slide(chromium, "k", 1)
    draws(chromium, centers=2)
    assert _range(chromium) == [low, high]
    assert "drawn and 1 centre lie far" in text_of(chromium, "#outside")
    button = chromium.find_element("id", "whole")
    button.send_keys("\ue007")  # enter
    until(chromium, lambda: _range(chromium)[1] > 500)
    assert button.text == "Show most rows, larger"
    button.click()
    until(chromium, lambda: _range(chromium) == [low, high])


def test_a_double_click_shows_all_rows(chromium: Any, far: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    open_page(chromium, far)
    plot = chromium.find_element("css selector", "#plot .nsewdrag")
    corner = (-plot.size["width"] // 2 + 5, -plot.size["height"] // 2 + 5)
    ActionChains(chromium).move_to_element_with_offset(plot, *corner).double_click().perform()
    until(chromium, lambda: _range(chromium)[1] > 500)


def test_a_picture_without_outliers_has_no_such_note(opened: Any) -> None:
    assert not opened.find_element("id", "opening").is_displayed()


@pytest.mark.parametrize("width", [375, 390, 480, 800, 1200])
def test_nothing_scrolls_the_page_sideways(opened: Any, width: int) -> None:
    wanted = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 480}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", wanted)
    try:
        opened.refresh()
        opened.execute_script("document.getElementById('numbers').open = true")
        opened.execute_script("document.getElementById('criteria').scrollIntoView()")
        assert drawn(opened)["rows"] == 400
        wide = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        whole, shown = opened.execute_script(wide)
        assert whole <= shown <= width
        if width == 1200:  # and the table over k is there at once
            table = "const t = document.getElementById('criteria-table').parentElement;"
            whole, shown = opened.execute_script(f"{table} return [t.scrollWidth, t.clientWidth]")
            assert whole <= shown
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


def _luminance(color: np.ndarray) -> float:
    part = color / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(one: np.ndarray, other: np.ndarray) -> float:
    low, high = sorted([_luminance(one), _luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(opened: Any, scheme: str) -> None:
    """The contrast that WCAG 2.2 asks for, 4.5 to 1, on shaded cells too."""
    wish = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
    opened.refresh()
    opened.execute_script("document.getElementById('numbers').open = true")
    found = opened.execute_script(
        "const all = [...document.querySelectorAll('header *, main *')].filter((e) =>"
        "  !e.closest('svg, [disabled]') && [...e.childNodes].some((n) => n.nodeType === 3 &&"
        "  n.data.trim()) && e.getBoundingClientRect().height > 0);"
        "const grounds = (e) => e === null ? [] :"
        "  [...grounds(e.parentElement), getComputedStyle(e).backgroundColor];"
        "const ink = (e) => getComputedStyle(e).color;"
        "return all.map((e) => [e.textContent.slice(0, 30), ink(e), grounds(e)]);"
    )
    assert len(found) > 100
    for text, ink, layers in found:
        ground = np.zeros(3)
        for layer in layers:
            *rgb, alpha = [float(part) for part in re.findall(r"[\d.]+", layer)] + [1.0] * (
                layer.count(",") == 2
            )
            ground = (1 - alpha) * ground + alpha * np.array(rgb)
        color = np.array([float(part) for part in re.findall(r"[\d.]+", ink)][:3])
        assert _contrast(color, ground) >= 4.5, (text, ink, layers)
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_every_control_has_a_name(opened: Any) -> None:
    names = opened.execute_script(
        "return [...document.querySelectorAll('button, input, [role=img], [role=region]')]"
        ".filter((e) => e.getBoundingClientRect().height > 0).map((e) =>"
        " e.textContent || e.getAttribute('aria-label') || e.labels?.[0]?.textContent || '')"
    )
    assert len(names) > 20 and [at for at, name in enumerate(names) if not name.strip()] == []
