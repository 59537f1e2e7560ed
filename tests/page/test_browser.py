"""The page in a real browser: sliders, mouse, choosing, sorting, keys; no errors, no requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
from centra.page.content import content_of
from centra.page.html import render


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, models = rows_and_models()
    path = tmp_path_factory.mktemp("page") / "page.html"
    write(path, models, rows, title=EVIL)
    return path


@pytest.fixture
def opened(chromium: Any, page: Path) -> Any:
    open_page(chromium, page)
    return chromium


def test_it_opens_without_errors_or_requests(opened: Any) -> None:
    errors = [line for line in opened.get_log("browser") if line["level"] == "SEVERE"]
    assert errors == []
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert drawn(opened)["rows"] == 600
    # Pictures are SVG: nothing needs a graphics processor.
    assert opened.execute_script("return document.querySelectorAll('canvas').length") == 0


def test_names_show_as_text(opened: Any) -> None:
    assert text_of(opened, "h1") == EVIL
    assert opened.title == f"{EVIL}: clusters"
    assert opened.execute_script("return document.querySelectorAll('img').length") == 0
    head = opened.find_elements("css selector", "#clusters th")
    assert sorted(cell.text for cell in head[-3:]) == [
        "</script><img src=x one…",
        "<b>height</b>",
        "weight & more",
    ]
    assert any("<b>height</b>" in text for text in texts_of(opened, "#portraits .portrait"))


def test_the_sliders_walk_over_k_and_iterations(opened: Any) -> None:
    assert text_of(opened, "#k-value") == "2"
    assert drawn(opened)["centers"] == 2
    slide(opened, "k", 1)
    assert text_of(opened, "#k-value") == "5"
    draws(opened, centers=5)
    assert len(opened.find_elements("css selector", "#clusters tbody tr")) == 5
    last = text_of(opened, "#step-value")
    way = drawn(opened)["way"]
    slide(opened, "step", 0)
    assert (
        text_of(opened, "#step-value").startswith("0 of ")
        and text_of(opened, "#step-value") != last
    )
    until(opened, lambda: drawn(opened)["way"] < way)


def test_arrow_keys_move_the_sliders(opened: Any) -> None:
    slider = opened.find_element("id", "step")
    before = text_of(opened, "#step-value")
    slider.send_keys("\ue012")  # left
    after = text_of(opened, "#step-value")
    assert int(after.split()[0]) == int(before.split()[0]) - 1
    for control in opened.find_elements("css selector", "input, button, th button"):
        assert control.get_property("tabIndex") == 0


def test_choosing_a_cluster_shows_it_alone(opened: Any) -> None:
    slide(opened, "k", 1)
    draws(opened, centers=5, colors=5)
    head = opened.find_elements("css selector", "#clusters th button")[1]
    opened.execute_script("arguments[0].click()", head)
    order = [button.text for button in opened.find_elements("css selector", "#clusters td button")]
    button = opened.find_elements("css selector", "#clusters td button")[2]
    opened.execute_script("arguments[0].focus(); arguments[0].click()", button)
    draws(opened, centers=1, colors=2)
    assert chosen(opened) == [order[2]]
    # The table is still sorted, and the keyboard is where it was.
    now = opened.find_elements("css selector", "#clusters td button")
    assert [button.text for button in now] == order
    assert opened.execute_script("return document.activeElement") == button
    opened.execute_script("document.getElementById('all').click()")
    draws(opened, centers=5)
    assert chosen(opened) == []


def test_a_click_on_a_row_or_a_center_shows_its_cluster_alone(opened: Any) -> None:
    slide(opened, "k", 1)
    draws(opened, centers=5)
    for cluster in (3, 1):  # the second time among faint rows
        row = lonely_row(opened, cluster)
        assert f"cluster {cluster}" in point_at(opened, place_of(opened, 0, row), click=True)
        until(opened, lambda cluster=cluster: chosen(opened) == [f"cluster {cluster}"])
        draws(opened, centers=1, colors=2)
        assert opened.execute_script("return document.getElementById('plot').data[2].text") == [
            str(cluster)
        ]
    assert opened.execute_script("return scrollY") == 0
    opened.find_element("id", "all").click()
    draws(opened, centers=5)
    assert point_at(opened, place_of(opened, 2, 4), click=True) == "centre 4"
    until(opened, lambda: chosen(opened) == ["cluster 4"])


def test_hovering_shows_the_row(opened: Any) -> None:
    rows, models = rows_and_models()
    row = lonely_row(opened, 1)
    lines = point_at(opened, place_of(opened, 0, row)).split("\n")
    assert lines[0] == f"row {row}" and lines[-1] == f"cluster {models[2].labels_[row]}"
    assert [line.rpartition(": ")[0] for line in lines[1:-1]] == [f"{EVIL[:23]}…", *NAMES[1:]]
    shown = [float(line.rpartition(": ")[2].replace("\N{MINUS SIGN}", "-")) for line in lines[1:-1]]
    np.testing.assert_allclose(shown, rows.iloc[row], rtol=1e-5)


def test_colours_of_many_clusters_differ(opened: Any) -> None:
    slide(opened, "k", 2)
    draws(opened, centers=10, colors=10)


def test_tables_sort(opened: Any) -> None:
    slide(opened, "k", 1)

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
    slide(opened, "k", 0)
    opened.find_element("id", "play").click()
    assert text_of(opened, "#play") == "Stop"
    until(opened, lambda: text_of(opened, "#play") == "Play")
    slider = opened.find_element("id", "step")
    assert slider.get_property("value") == slider.get_property("max")


def test_words_do_not_wait_for_the_drawing_library(chromium: Any, tmp_path: Path) -> None:
    rows, models = rows_and_models()
    page = tmp_path / "page.html"
    page.write_text(render(content_of(models, rows, title="words"), ""), encoding="utf-8")
    chromium.get(page.as_uri())
    assert text_of(chromium, "h1") == "words"
    slide(chromium, "k", 1)
    assert len(chromium.find_elements("css selector", "#clusters tbody tr")) == 5
    chromium.get_log("browser")  # says that there is no Plotly, which is so
