"""What is written beside the code is true: examples run, names are documented, links lead on."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools import decisions

import centra

ROOT = Path(__file__).resolve().parents[2]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _files() -> list[Path]:
    """Files that git tracks, or would if they were added."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError:
        pytest.skip("this tree is not a git repository, so nothing says which files belong to it")
    paths = sorted(ROOT / name for name in set(listed.stdout.split("\0")) if name)
    return [path for path in paths if path.is_file()]


# --- README and the rest of the prose -------------------------------------------------------------


def test_the_readmes_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", _text("README.md"), re.M | re.S)
    assert len(blocks) >= 3
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "readme"}
    for number, block in enumerate(blocks):
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)


def test_the_examples_of_the_architecture_run() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", _text("docs/architecture.md"), re.M | re.S)
    assert len(blocks) >= 4
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, block in enumerate(blocks):
        exec(compile(block, f"architecture.md, block {number}", "exec"), namespace)


def test_the_list_of_decisions_is_written_anew() -> None:
    page = _text("docs/architecture.md")
    assert page == decisions.written(page, decisions.listed(ROOT / "docs/decisions")), (
        "run python tools/decisions.py"
    )


def test_the_readme_is_complete() -> None:
    readme = _text("README.md")
    for word in ("make demo", "make test", "<!-- bench:begin -->", "<!-- bench:end -->"):
        assert readme.count(word) >= 1, word
    assert len(re.findall(r"^!\[.+\]\(.+\)$", readme, re.M)) == 1  # one picture


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads(_text("Cargo.toml"))["workspace"]["package"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", _text("CHANGELOG.md"), re.M)
    assert centra.__version__ == version


def _pages() -> list[Path]:
    top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    return [ROOT / name for name in top] + sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            there = (page.parent / path) if path else page
            assert there.exists(), target
            if anchor:
                headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.M)
                assert anchor in {_anchor(heading) for heading in headings}, target


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


#: Named, and not part of the repository.
OUTSIDE = ("../shared/data",)


PAGES = ["README.md", "CONTRIBUTING.md", "docs/architecture.md"]
DECISIONS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/decisions/*.md"))


@pytest.mark.parametrize("page", PAGES + DECISIONS)
def test_files_and_targets_that_are_named_exist(page: str) -> None:
    text = _text(page)
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.M))
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= targets
    files = [f"/{path.relative_to(ROOT)}" for path in _files()]
    for name in re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:rs|py|pyi|md)|(?:[\w.-]+/)+[\w.-]*)`", text):
        there = any(file.endswith(f"/{name}") or f"/{name.rstrip('/')}/" in file for file in files)
        assert there or name in OUTSIDE, name


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda p: p.stem
)
def test_decisions_have_one_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"\d{4}-[a-z0-9-]+\.md$", path.name)
    assert text.startswith(f"# {path.name[:4]}: ")
    parts = re.findall(r"^## (.*)$", text, re.M)
    assert parts == ["Question", "Choice", "Why"] or parts == [
        "Question",
        "Measured",
        "Choice",
        "Why",
    ]
    assert f"(decisions/{path.name})" in _text("docs/architecture.md")


# --- docstrings -----------------------------------------------------------------------------------


def _public() -> Iterator[tuple[str, Any]]:
    """Every public name: those of the package, and those of the modules among them."""
    for name in centra.__all__:
        value = getattr(centra, name)
        yield name, value
        if isinstance(value, types.ModuleType):
            names = getattr(value, "__all__", None) or [
                key for key, item in vars(value).items() if _belongs(key, item, value)
            ]
            for inner in names:
                yield f"{name}.{inner}", getattr(value, inner)


def _belongs(key: str, item: Any, module: types.ModuleType) -> bool:
    return not key.startswith("_") and getattr(item, "__module__", "") == module.__name__


PUBLIC = {name: value for name, value in _public() if name not in ("__version__", "tutorial.PAGE")}
#: Nobody makes these: one reads what a fit hands over. Their fields are under Attributes.
RECEIVED = ("Record", "Run", "Started", "Iterated", "Stopped", "Improved", "Emitter", "Sweep")
CALLED = [
    name
    for name, value in PUBLIC.items()
    if callable(value)
    and not (inspect.isclass(value) and issubclass(value, Exception))
    and not name.endswith(RECEIVED)
]


def _sections(doc: str) -> dict[str, str]:
    """Split a numpydoc docstring at its underlined headings."""
    parts = re.split(r"^([A-Z][\w ]+)\n-{3,}$", inspect.cleandoc(doc), flags=re.M)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def _described(section: str) -> set[str]:
    lines = re.findall(r"^\*{0,2}(\w+(?:, \w+)*)(?: : .*)?$", section, re.M)
    return {name for line in lines for name in line.split(", ")}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_have_docstrings(name: str) -> None:
    doc = inspect.getdoc(PUBLIC[name]) or ""
    first = doc.split("\n")[0]
    assert first.endswith((".", "?")) and len(first) > 10, "a summary in one line"


@pytest.mark.parametrize("name", CALLED)
def test_public_callables_have_examples(name: str) -> None:
    sections = _sections(inspect.getdoc(PUBLIC[name]) or "")
    assert ">>> " in sections.get("Examples", ""), f"{name} has no Examples"


@pytest.mark.parametrize("name", CALLED)
def test_parameters_are_described(name: str) -> None:
    value = PUBLIC[name]
    sections = _sections(inspect.getdoc(value) or "")
    if inspect.isclass(value) and "__init__" not in vars(value):
        return
    parameters = set(inspect.signature(value).parameters) - {"self"}
    assert parameters <= _described(sections.get("Parameters", "")) or not parameters
    if not inspect.isclass(value) and inspect.signature(value).return_annotation != "None":
        assert "Returns" in sections


@pytest.mark.parametrize(
    "name", [key for key, item in vars(centra.KMeans).items() if callable(item) and key[0] != "_"]
)
def test_methods_are_described(name: str) -> None:
    method = getattr(centra.KMeans, name)
    doc = inspect.getdoc(method) or ""
    if re.search(r"see `\w+`", doc):
        return  # its parameters are those of another method
    parameters = set(inspect.signature(method).parameters) - {"self"}
    assert parameters <= _described(_sections(doc).get("Parameters", ""))


# --- what must not be in the repository -----------------------------------------------------------

#: In parts, so that this file does not find itself.
_FOLDERS = "|".join(("wo" + "rk", "tm" + "p", "ro" + "ot", "home/" + r"\w+", "mn" + "t"))
_WORDS = "|".join(("sand" + "box", "ag" + "ents?", "helper " + "session"))
FORBIDDEN = re.compile(rf"(?<![\w.}}$/-])/(?:{_FOLDERS})(?![\w-])|\b(?:{_WORDS})\b", re.I)


#: An option of Chromium, without which it does not start as root.
OPTION = "--no-sand" + "box"


def test_what_is_forbidden_is_found() -> None:
    for text in ("see /" + "wo" + "rk/x", "'/tm" + "p'", "an Ag" + "ent", "SAND" + "BOX"):
        assert FORBIDDEN.search(text), text
    for text in ("src/work.rs", "tmp_path", "crates/python/src/work.rs", "the root/work"):
        assert not FORBIDDEN.search(text), text


def test_the_repository_speaks_of_the_project_alone() -> None:
    found = []
    for path in _files():
        if path.suffix in (".png", ".npy", ".npz", ".gz", ".zip", ".xlsx"):
            continue
        errors = "replace" if path.suffix in (".centra", ".pickle") else "strict"
        text = path.read_text(encoding="utf-8", errors=errors)
        for number, line in enumerate(text.splitlines(), start=1):
            if FORBIDDEN.search(line.replace(OPTION, "")):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_no_part_is_described_twice() -> None:
    parts = re.findall(r"^\| (`[^|]+`) \|", _text("docs/architecture.md"), re.M)
    assert len(parts) > 20
    assert sorted(parts) == sorted(set(parts))
