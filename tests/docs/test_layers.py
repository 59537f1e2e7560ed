"""Imports go one way: in Python down the list of layers, in Rust from the binding to the core."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _layers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("layers", ROOT / "tools" / "layers.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["layers"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


layers = _layers()


def test_python_imports_go_down_the_list() -> None:
    assert layers.violations(ROOT / "src" / "centra") == []


def test_every_layer_is_there_and_every_exception_has_a_reason() -> None:
    package = ROOT / "src" / "centra"
    for layer in layers.LAYERS:
        there = [package / layer, package / f"{layer}.py", package / f"{layer}.pyi"]
        assert layer == "centra" or any(path.exists() for path in there), layer
    for reason in layers.EXCEPTIONS.values():
        assert len(reason.split()) > 3


@pytest.mark.parametrize(
    ("line", "imported"),
    [
        ("from centra.top import f", "top"),
        ("from centra import top", "top"),
        ("import centra.top.inner", "top"),
        ("from . import top", "top"),
        ("from .top import f", "top"),
        ("def late():\n    from centra.top import f", "top"),
        ("if TYPE_CHECKING:\n    import centra.top", "top"),
        ("import centra", "centra"),
        ("from centra import KMeans", "centra"),
    ],
)
def test_the_checker_sees_every_form(tmp_path: Path, line: str, imported: str) -> None:
    order = ("base", "centra", "top")
    (tmp_path / "base.py").write_text(line + "\n")
    (tmp_path / "top.py").write_text("import numpy\nfrom centra.base import g\n")
    found = layers.violations(tmp_path, order, {})
    assert len(found) == 1 and f"base imports {imported}" in found[0]
    assert layers.violations(tmp_path, order, {("base", imported): "as it must"}) == []


def test_the_checker_sees_packages_unlisted_layers_and_stale_exceptions(tmp_path: Path) -> None:
    order = ("base", "inner", "centra", "top")
    package = tmp_path / "inner"
    package.mkdir()
    (package / "__init__.py").write_text("from .other import f\nfrom ..base import g\n")
    (package / "other.py").write_text("from ..top import h\n")
    (tmp_path / "stray.py").write_text("import centra\n")
    found = layers.violations(tmp_path, order, {("base", "top"): "once upon a time"})
    assert len(found) == 3
    assert "inner imports top" in found[0]
    assert "stray has no place" in found[1]
    assert "base -> top is not needed" in found[2]


def test_circles_among_modules_are_found(tmp_path: Path) -> None:
    package = tmp_path / "inner"
    package.mkdir()
    (package / "__init__.py").write_text("from .one import f\n")
    (package / "one.py").write_text("from .two import g\n")
    (package / "two.py").write_text("from . import base\n")
    (package / "base.py").write_text("def late():\n    from .three import h\n")
    (package / "three.py").write_text("from centra.inner.one import f\n")
    (found,) = layers.violations(tmp_path, ("inner", "centra"), {})
    circle = ("base", "one", "three", "two")
    assert found.endswith("a circle of " + ", ".join(f"inner/{name}.py" for name in circle))


def test_the_crates_go_down_their_lists_without_circles() -> None:
    for crate, order, exceptions in [
        ("core", layers.CORE, layers.CORE_EXCEPTIONS),
        ("python", layers.BINDING, layers.BINDING_EXCEPTIONS),
    ]:
        root = ROOT / "crates" / crate / "src"
        assert layers.rust_violations(root, order, exceptions) == []
        for layer in order:
            assert (root / layer).is_dir() or (root / f"{layer}.rs").exists(), layer


def _crate(root: Path, **files: str) -> Path:
    """Write a crate of three layers; names of files have two underscores for a slash."""
    given = {
        "lib": "pub mod base;\npub mod top;\n",
        "base__mod": "pub mod inner;\nmod hidden;\npub use hidden::Thing;\npub fn f() {}\n",
        "base__inner": "pub fn g() {}\n",
        "base__hidden": "pub struct Thing;\n",
        "top": "use crate::base::{self, Thing, inner::g};\nfn h() { base::f() }\n",
    } | files
    for name, text in given.items():
        path = root / (name.replace("__", "/") + ".rs")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "text",
    [
        "use crate::top::h;",
        "use crate::{base::f, top::{self as there, h}};",
        "use super::super::top::h;",
        "fn late() {\n    use crate::top::h;\n}",
        "fn inline() { crate::top::h() }",
        "use crate::top;\nfn inline() { top::h() }",
        "use crate::top as there;\nfn inline(_: there :: H) {}",
        "const QUOTE: char = '\"'; fn inline() { crate::top::h() } // \"",
        "macro_rules! m { () => { $crate::top::h() }; }",
        "fn g<'a>(x: &'a u8, y: &'a u8) -> crate::top::H<'a> { todo!() }",
        "#[cfg(test)]\nmod tests { fn f() {} }\nfn inline() { crate::top::h() }",
    ],
)
def test_the_checker_sees_every_use_in_rust(tmp_path: Path, text: str) -> None:
    found = layers.rust_violations(_crate(tmp_path, base__inner=text), ("base", "top", "lib"), {})
    assert any("base imports top, which stands above it" in line for line in found), found
    excepted = {("base", "top"): "as it must"}
    assert layers.rust_violations(tmp_path, ("base", "top", "lib"), excepted) == []


@pytest.mark.parametrize(
    "text",
    [
        "// use crate::top::h;",
        "//! [`crate::top::h`]",
        "/* crate::top::h() */",
        'const TEXT: &str = "crate::top::h()";',
        'const TEXT: &str = r#"say "crate::top::h()" "#;',
        "#[cfg(test)]\nmod tests {\n    use crate::top::h;\n    fn f() { crate::top::h() }\n}",
        "#[cfg(test)]\nuse crate::top::h;",
        "use std::top::h;\nfn f() { other::top::h() }",
        "pub use super::Thing;",
    ],
)
def test_what_is_no_use_in_rust_is_left_out(tmp_path: Path, text: str) -> None:
    crate = _crate(tmp_path, base__inner=text)
    assert layers.rust_violations(crate, ("base", "top", "lib"), {}) == []


def test_circles_among_files_of_one_layer_are_found(tmp_path: Path) -> None:
    order = ("base", "top", "lib")
    crate = _crate(tmp_path, base__inner="use super::Thing;", base__hidden="use super::inner::g;")
    # Thing is hidden's: the module that hands it on is in no circle.
    (found,) = layers.rust_violations(crate, order, {})
    assert found.endswith("a circle of base/hidden.rs, base/inner.rs")
    crate = _crate(
        tmp_path, base__inner="use super::f;", base__mod="mod inner; fn f() { inner::g() }"
    )
    (found,) = layers.rust_violations(crate, order, {})
    assert found.endswith("a circle of base/inner.rs, base/mod.rs")


def test_layers_that_are_not_listed_and_needless_exceptions_are_found(tmp_path: Path) -> None:
    crate = _crate(tmp_path, stray="use crate::base::f;")
    found = layers.rust_violations(crate, ("base", "top", "lib"), {("base", "top"): "long ago"})
    assert len(found) == 2
    assert "stray has no place in the list" in found[0]
    assert "base -> top is not needed" in found[1]


def test_lines_of_rust_are_within_the_width_of_the_formatter() -> None:
    """It does not look at comments."""
    width = tomllib.loads((ROOT / "rustfmt.toml").read_text())["max_width"]
    for path in (ROOT / "crates").rglob("*.rs"):
        lines = path.read_text(encoding="utf-8").splitlines()
        long = [number for number, line in enumerate(lines, start=1) if len(line) > width]
        assert long == [], path


def test_the_core_knows_no_python() -> None:
    core = tomllib.loads((ROOT / "crates/core/Cargo.toml").read_text())
    tables = ("dependencies", "dev-dependencies", "build-dependencies")
    names = {name for table in tables for name in core.get(table, {})}
    assert not {name for name in names if re.search("py|numpy|centra", name)}
    for path in (ROOT / "crates/core").rglob("*.rs"):
        assert not re.search(r"\b(pyo3|numpy|centra_python)\b", path.read_text()), path


def test_the_binding_holds_no_arithmetic_of_its_own() -> None:
    binding = tomllib.loads((ROOT / "crates/python/Cargo.toml").read_text())
    assert set(binding["dependencies"]) == {"centra-core", "numpy", "pyo3"}


def test_no_file_has_more_than_400_lines_of_code() -> None:
    """Blank lines, comments, and what a compiled library leaves out of tests do not count."""
    for folder in ("src", "crates", "tests", "tools", "benches"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".py", ".rs") or "target" in path.parts:
                continue
            text = path.read_text()
            code = layers.code_of(text) if path.suffix == ".rs" else text
            lines = [line.strip() for line in code.splitlines()]
            assert len([line for line in lines if line and line[0] != "#"]) <= 400, path


def test_the_table_of_layers_names_each_package_once() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("| package | what it is |")[1].split("\n\n")[0]
    names = re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in table.splitlines()[2:]))
    assert sorted(names) == sorted({*names}) and {"_lloyd", "_diagnostics", "page"} <= {*names}
