"""The page as a PDF, read back: each sentence, cell and figure is there, whole, on the paper."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

import centra
from browser import open_page
from centra.page import write

pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")

#: Width and height of the paper, in inches, and the page's margins, in points.
PAPERS = {"A4": (210 / 25.4, 297 / 25.4), "Letter": (8.5, 11.0)}
MARGIN = 14 / 25.4 * 72


def _few() -> tuple[Any, Any, dict[str, Any]]:
    X, y = make_blobs(300, 4, centers=3, random_state=0)
    X = pd.DataFrame(X, columns=["length of the bill", "depth of the bill", "flipper", "mass"])
    return centra.sweep(X, range(2, 9), random_state=0), X, {"labels": {"kind": y}}


def _wide() -> tuple[Any, Any, dict[str, Any]]:
    X = make_blobs(200, 40, centers=4, random_state=0)[0]
    X = pd.DataFrame(X, columns=[f"a long name of column number {q}" for q in range(40)])
    return centra.sweep(X, range(2, 6), random_state=0, stability=False), X, {}


def _many() -> tuple[Any, Any, dict[str, Any]]:
    X = make_blobs(1000, 3, centers=25, random_state=5)[0]
    return centra.KMeans(25, random_state=0).fit(X), X, {}


def _one() -> tuple[Any, Any, dict[str, Any]]:
    X = np.random.default_rng(0).normal(size=(120, 1))
    return centra.KMeans(2, random_state=0).fit(X), X, {}


@pytest.fixture(scope="module", params=[_few, _wide, _many, _one], ids=lambda make: make.__name__)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    models, X, others = request.param()
    path = tmp_path_factory.mktemp("pdf") / "page.html"
    write(path, models, X, title="A table to print", provenance={"Data": "rows.csv"}, **others)
    return path


def _printed(driver: Any, paper: str) -> Any:
    width, height = PAPERS[paper]
    wish = {"paperWidth": width, "paperHeight": height, "printBackground": True}
    found = driver.execute_cdp_cmd("Page.printToPDF", wish | {"preferCSSPageSize": True})
    return pypdf.PdfReader(io.BytesIO(base64.b64decode(found["data"])))


def _bare(text: str) -> str:
    """Leave letters and digits only: lines, spaces and ligatures are for the eye."""
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text))


def _shown(driver: Any, css: str) -> list[str]:
    """What is on the page in these elements, tables on paper being in parts."""
    script = (
        "dispatchEvent(new Event('beforeprint'));"
        "const found = Array.from(document.querySelectorAll(arguments[0]))"
        ".filter((e) => e.getBoundingClientRect().height > 0)"
        ".map((e) => e.innerText ?? e.textContent);"
        "dispatchEvent(new Event('afterprint')); return found"
    )
    return list(driver.execute_script(script, css))


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_is_cut(chromium: Any, page: Path, paper: str) -> None:
    open_page(chromium, page)
    sentences = _shown(chromium, "h1, h2, header p, .portrait, #remarks li, .note, figcaption, dd")
    cells = _shown(chromium, ".pieces td, .pieces th")
    captions = _shown(chromium, "#criteria figcaption")
    picture = _shown(chromium, "#plot :is(.xtick, .ytick, .g-xtitle, .g-ytitle) text")
    pdf = _printed(chromium, paper)
    pages = [_bare(each.extract_text()) for each in pdf.pages]
    whole = "".join(pages)
    assert len(sentences) > 10 and len(cells) > 10
    assert [text for text in sentences if _bare(text) not in whole] == []
    assert [text for text in cells if _bare(text) not in whole] == []
    # The picture is on one page, with both axes, and each caption is.
    words = [each.extract_text().split() for each in pdf.pages]
    assert len(picture) > 5
    assert any({*" ".join(picture).split()} <= {*found} for found in words), picture
    assert all(any(_bare(text) in each for each in pages) for text in captions)
    assert len(pages) < 30 and all(pages), [len(each) for each in pages]


@pytest.mark.parametrize("paper", PAPERS)
def test_all_letters_are_on_the_paper(chromium: Any, page: Path, paper: str) -> None:
    pdf = _printed(open_page(chromium, page), paper)
    for each in pdf.pages:
        width, height = float(each.mediabox.width), float(each.mediabox.height)
        places: list[tuple[float, float, str]] = []

        def note(text: str, cm: Any, tm: Any, font: Any, size: Any, to: Any = places) -> None:
            x, y = tm[4], tm[5]
            if text.strip():
                to.append((x * cm[0] + y * cm[2] + cm[4], x * cm[1] + y * cm[3] + cm[5], text))

        each.extract_text(visitor_text=note)
        inside = MARGIN - 1
        out = [
            (round(x), round(y), text)
            for x, y, text in places
            if not (inside <= x <= width - inside and inside <= y <= height - inside)
        ]
        assert places and out == []
