"""Texts of files and users are data: in notebooks, on pages, in scripts and on terminals."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import centra
from centra._utils.escapes import Markup, for_html, for_script, for_terminal, html_table
from centra.cli import main
from centra.cli.meter import Meter
from centra.plot.named import cut

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "-->",
    "\" onmouseover=alert(1) x='",
    "&lt;b&gt;",
    "\u2028alert(1)\u2029",
    "\x1b]0;owned\x07\x1b[31mred\x1b[0m",
    "two\nlines\r\x0b\x85",
    "\x9b31m",
    "\u202egnp.exe",
    "\x00",
    "\udcff.csv",
    "%{meta[0]}@@data@@",
]
ROWS = np.random.default_rng(0).normal(size=(40, 2)) + np.repeat([[0, 0], [9, 9]], 20, axis=0)


class Tags(HTMLParser):
    """What an HTML parser sees: tags with their attributes, and comments."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.seen.append((tag, sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.seen.append("comment")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def assert_safe_line(text: str) -> None:
    assert "\n" not in text and all(char.isprintable() for char in text), repr(text)


def framed(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=pd.Index(names, dtype=object))


@pytest.mark.parametrize("evil", HOSTILE)
def test_notebooks_show_names_and_reasons_as_text(evil: str) -> None:
    def shown(text: str) -> list[Any]:
        rows = framed([text, f"b{text}"])
        km = centra.KMeans(2, random_state=0).fit(rows)
        # A file cannot say so any more, but a subclass or a program may.
        km.runs_ = (replace(km.runs_[0], reason=text),)
        page = km._repr_mimebundle_()["text/html"]
        report = km.report()._repr_html_()
        for html in (page, report):
            html.encode("utf-8")
        return Tags(page).seen + Tags(report).seen

    assert shown(evil) == shown("plain")


@pytest.mark.parametrize("evil", HOSTILE)
def test_remarks_are_lines(evil: str) -> None:
    rows = framed([evil, "b"])
    rows[evil] *= 1e6
    report = centra.KMeans(2, random_state=0).fit(rows).report()
    remark = next(remark for remark in report.remarks if remark.kind == "scale")
    assert_safe_line(remark.text)
    assert remark.numbers["columns"] == [evil]  # data stay as they are
    for line in str(report).split("\n"):
        assert_safe_line(line)


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_page_shows_titles_names_and_labels_as_text(evil: str, tmp_path: Path) -> None:
    def written(text: str) -> str:
        rows = framed([text, "b"])
        km = centra.KMeans(2, random_state=0).fit(rows)
        path = tmp_path / "page.html"
        labels = {text: np.where(km.labels_ == 0, text, f"b{text}")}
        centra.page.write(path, km, rows, title=text, labels=labels, notes={2: [text]})
        return path.read_text(encoding="utf-8")

    html = written(evil)
    assert Tags(html).seen == Tags(written("plain")).seen
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert found is not None and not set(found[1]) & set("<>&\u2028\u2029")
    data = json.loads(found[1])
    assert data["title"] == data["columns"][0] == data["labels"][0]["name"] == evil


@pytest.mark.parametrize("evil", HOSTILE)
def test_an_animation_shows_its_captions_as_text(evil: str) -> None:
    from centra.plot.slider import page

    assert Tags(page([b""], [evil], 1.0)).seen == Tags(page([b""], ["plain"], 1.0)).seen


@given(st.text(st.characters(), max_size=30))
def test_escapes_of_any_text(text: str) -> None:
    html = for_html(text)
    html.encode("utf-8")
    assert Tags(html).seen == []
    assert not set(html) & set("<>\"'")
    script = for_script([text])
    assert json.loads(script) == [text]
    assert script.isascii() and not set(script) & set("<>&")
    line = for_terminal(text)
    assert "\n" not in line and "\x1b" not in line
    line.encode("utf-8")
    assert len(for_terminal(text, 8)) <= 8


def test_plain_text_stays_as_it_is() -> None:
    for text in ("age", "größe \N{SNOWMAN}", "収入\u3000円", "a_b-c.csv"):
        assert for_html(text) == for_terminal(text) == text
    assert html_table(["<a>"], [[Markup("<b>1</b>")]]).count("<b>") == 1


@pytest.mark.parametrize("evil", [text for text in HOSTILE if "\x00" not in text])
def test_the_command_line_says_file_names_as_text(
    evil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / evil.replace("/", "_")
    folder.mkdir()
    file, model = folder / "rows.csv", folder / "m"
    file.write_text("x,y\n1,2\n2,3\n3,9\n", encoding="utf-8")
    assert main(["fit", str(file), "-o", str(model), "-k", "2"]) == 0
    assert main(["describe", str(model)]) == 0
    assert main(["predict", str(model), str(folder / "none.csv"), "-o", str(folder / "o.csv")]) == 1
    model.write_bytes(b"no model")
    assert main(["describe", str(model)]) == 1
    said = capsys.readouterr()
    for line in (said.out + said.err).split("\n"):
        assert_safe_line(line)


@pytest.mark.parametrize("evil", HOSTILE)
def test_the_command_line_says_names_of_columns_as_text(
    evil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = evil.replace("\udcff", "\xff").replace("\x00", "")
    rows = framed([evil or "x", "y"])
    rows["y"] *= 1e6
    rows["kind"] = [evil, "other"] * 20
    file, model = tmp_path / "rows.parquet", tmp_path / "m"
    rows.to_parquet(file)
    assert main(["fit", str(file), "-o", str(model), "-k", "2", "--label", "kind"]) == 0
    assert main(["describe", str(model)]) == 0
    assert main(["report", str(file), "-k", "2", "--label", "kind"]) == 0
    assert main(["sweep", str(file), "-k", "2:3", "--no-gap", "--exclude", "kind"]) == 0
    assert main(["fit", str(file), "-o", str(model), "--columns", "none"]) == 1
    said = capsys.readouterr()
    for line in (said.out + said.err).split("\n"):
        assert_safe_line(line)


def test_a_meter_shows_its_text_as_text() -> None:
    from io import StringIO

    from rich.console import Console

    file = StringIO()
    console = Console(file=file, force_terminal=True, width=200, color_system=None)
    with Meter("reading \x1b[31mred, two\nlines \x07", console=console, patience=0) as meter:
        meter._appear()
        meter._progress.refresh()
    assert "\x1b[31m" not in file.getvalue() and "\x07" not in file.getvalue()
    assert r"two\nlines \x07" in file.getvalue()


def test_nothing_else_escapes() -> None:
    package = Path(centra.__file__).parent
    for path in package.rglob("*.py"):
        if path.name != "escapes.py":
            assert not re.search(
                r"^(import html|from html import)|html\.escape|u003c", path.read_text("utf-8"), re.M
            ), f"{path} escapes by itself: use centra._utils.escapes"


@pytest.mark.parametrize("evil", ["\x1b[3\x00 \n\udcff<b>&amp;--", "US$ and $_", r"\$\frac$"])
@pytest.mark.parametrize("view", ["clusters", "line", "iterations", "profiles"])
def test_figures_show_names_as_text(view: str, evil: str, figures: None) -> None:
    from xml.dom import minidom

    import matplotlib as mpl

    rows = framed([evil, "b"])
    rows = rows.iloc[:, :1] if view == "line" else rows
    km = centra.KMeans(2, random_state=0).fit(rows)
    draw: Any = getattr(centra.plot, "clusters" if view == "line" else view)
    drawn = draw(km) if view == "profiles" else draw(km, rows)
    with mpl.rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        file = BytesIO()
        np.ravel(drawn)[0].figure.savefig(file, format="svg")
    texts = [
        "".join(node.data for node in element.childNodes)
        for element in minidom.parseString(file.getvalue()).getElementsByTagName("text")
    ]
    assert for_terminal(cut(evil)) in texts or for_terminal(evil) in texts
