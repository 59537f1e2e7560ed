"""The first picture: there before the drawing library is read, and where that will draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs

import centra
from browser import open_page, sketched, slide, until
from centra.page import write

NO_PLOTLY = "return typeof Plotly === 'undefined'"
#: Where plotly puts rows and centres, in the picture.
PLACES = (
    "const {_fullLayout: {xaxis, yaxis}, data} = document.getElementById('plot');"
    "return [0, 2].map((t) => Array.from(data[t].x, (x, i) =>"
    " [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(data[t].y[i])]))"
)
#: The colours that the canvas has at places.
COLORS = (
    "const canvas = document.querySelector('#plot canvas'), to = canvas.getContext('2d');"
    "return arguments[0].map(([x, y]) => Array.from(to.getImageData(Math.round(x),"
    " Math.round(y), 1, 1).data.slice(0, 3)))"
)


def _written(folder: Path, columns: int = 2, far: float = 0.0) -> Path:
    X = make_blobs(300, columns, centers=3, random_state=2)[0] * 100
    X[0, 0] += far
    models = {k: centra.KMeans(k, random_state=0).fit(X) for k in (3, 5)}
    write(folder / "page.html", models, X)
    return folder / "page.html"


@pytest.mark.parametrize(("columns", "far"), [(1, 0.0), (2, 0.0), (2, 1e6), (5, 0.0)])
def test_rows_and_centres_are_where_plotly_puts_them(
    chromium: Any, tmp_path: Path, columns: int, far: float
) -> None:
    page = _written(tmp_path, columns, far)
    rows, centers = open_page(chromium, page).execute_script(PLACES)
    assert chromium.execute_script("return document.querySelector('#plot canvas')") is None
    sketched(chromium, page)
    assert chromium.execute_script(NO_PLOTLY)
    width = chromium.execute_script("return document.querySelector('#plot').clientWidth")
    under = np.array(centers)[:, None] - np.array(rows)
    hidden = (np.hypot(*under.transpose(2, 0, 1)) < 14).any(axis=0)
    inside = [at for at, under in zip(rows, hidden, strict=True) if 0 < at[0] < width and not under]
    ground, ink = [255] * 3, [26] * 3
    drawn = chromium.execute_script(COLORS, inside)
    assert sum(color != ground for color in drawn) >= 0.99 * len(drawn)
    shown = [at for at in centers if 0 < at[0] < width]
    ring = [[[x - 6, y], [x + 6, y]] for x, y in shown]
    for pair in ring:
        assert chromium.execute_script(COLORS, pair) in ([ground] * 2, [ink] * 2)


def test_it_follows_the_sliders_and_what_is_chosen(chromium: Any, tmp_path: Path) -> None:
    sketched(chromium, _written(tmp_path))
    taken = "return document.querySelector('#plot canvas').toDataURL()"
    seen = [chromium.execute_script(taken)]
    slide(chromium, "k", 1)
    seen.append(chromium.execute_script(taken))
    chromium.execute_script("page.choose(2)")
    seen.append(chromium.execute_script(taken))
    slide(chromium, "step", 0)
    seen.append(chromium.execute_script(taken))
    assert len({*seen}) == 4 and chromium.execute_script(NO_PLOTLY)


@pytest.mark.parametrize(
    "act",
    [
        "document.getElementById('plot').dispatchEvent(new Event('pointerenter'))",
        "dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))",
        "document.getElementById('lasso').click()",
    ],
)
def test_the_library_is_read_when_it_is_needed(chromium: Any, tmp_path: Path, act: str) -> None:
    sketched(chromium, _written(tmp_path)).execute_script(act)
    until(
        chromium,
        lambda: (
            chromium.execute_script("return document.getElementById('plot').data?.[0].x.length")
            == 300
        ),
    )
    assert chromium.execute_script("return document.querySelector('#plot canvas')") is None
    assert chromium.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert [line for line in chromium.get_log("browser") if line["level"] == "SEVERE"] == []


def test_the_opening_does_not_read_the_library(chromium: Any, tmp_path: Path) -> None:
    """What is most of the file is text when the browser says that the page is loaded."""
    sketched(chromium, _written(tmp_path))
    assert chromium.execute_script("return document.readyState") == "complete"
    kind = "return document.getElementById('library').type"
    assert chromium.execute_script(kind) == "text/plain" and chromium.execute_script(NO_PLOTLY)
