"""Imports go one way: in Python down the list of rooms, in Rust from the binding to the core."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


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


def test_every_room_is_there_and_every_exception_has_a_reason() -> None:
    package = ROOT / "src" / "centra"
    for room in layers.ROOMS:
        there = [package / room, package / f"{room}.py", package / f"{room}.pyi"]
        assert room == "centra" or any(path.exists() for path in there), room
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
    rooms = ("base", "centra", "top")
    (tmp_path / "base.py").write_text(line + "\n")
    (tmp_path / "top.py").write_text("import numpy\nfrom centra.base import g\n")
    found = layers.violations(tmp_path, rooms, {})
    assert len(found) == 1 and f"base imports {imported}" in found[0]
    assert layers.violations(tmp_path, rooms, {("base", imported): "as it must"}) == []


def test_the_checker_sees_packages_unlisted_rooms_and_stale_exceptions(tmp_path: Path) -> None:
    rooms = ("base", "inner", "centra", "top")
    package = tmp_path / "inner"
    package.mkdir()
    (package / "__init__.py").write_text("from .other import f\nfrom ..base import g\n")
    (package / "other.py").write_text("from ..top import h\n")
    (tmp_path / "stray.py").write_text("import centra\n")
    found = layers.violations(tmp_path, rooms, {("base", "top"): "once upon a time"})
    assert len(found) == 3
    assert "inner imports top" in found[0]
    assert "stray has no place" in found[1]
    assert "base -> top is not needed" in found[2]


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
