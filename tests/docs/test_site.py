"""The site is built without a network, and read without one."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import centra

ROOT = Path(__file__).resolve().parents[2]
#: What a browser fetches without being asked.
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=[\"']?(?:https?:)?//"
    r"|<link\b[^>]*?\bhref=[\"']?(?:https?:)?//"
    r"|@import[^;]*//|url\([\"']?(?:https?:)?//"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="https://cdn.example/x.js"></script>', True),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', True),
        ("body { background: url(http://a.example/b.png) }", True),
        ('<a href="https://example.org">read on</a> <img src="a.png">', False),
    ],
)
def test_what_counts_as_fetched(text: str, found: bool) -> None:
    assert bool(_FETCHED.search(text)) is found


def test_the_reference_has_a_page_for_every_public_name() -> None:
    index = (ROOT / "docs/reference/index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   ~?(centra\.[\w.]+)$", index, re.M))
    names = {f"centra.{name}" for name in centra.__all__}
    modules = {name for name in names if inspect.ismodule(getattr(centra, name[7:]))}
    wanted = {name for name in names - modules if not name[7:].startswith("_")}
    wanted |= {f"centra.plot.{name}" for name in centra.plot.__all__}
    assert wanted <= listed


@pytest.mark.slow
def test_the_site(tmp_path: Path) -> None:
    if importlib.util.find_spec("sphinx") is None or importlib.util.find_spec("myst_nb") is None:
        pytest.skip("Sphinx and myst-nb are not installed: make docs installs them")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", tmp_path / "trees", ROOT / "docs", tmp_path / "html"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    pages = sorted((tmp_path / "html").rglob("*.html"))
    stems = {page.stem for page in pages}
    assert {"index", "choosing-k", "debian", "wine", "architecture"} <= stems
    assert {"centra.KMeans", "centra.sweep", "centra.plot.clusters"} <= stems
    front = (tmp_path / "html/index.html").read_text(encoding="utf-8")
    assert re.search(r"\d+ times faster", front) and "{{" not in front
    for file in (*pages, *(tmp_path / "html").rglob("*.css")):
        text = file.read_text(encoding="utf-8")
        # plotly's own script, in the report, knows of map servers that no report draws.
        text = re.sub(r"<script>.*?</script>", "", text, flags=re.S)
        assert not _FETCHED.search(text), file.name
