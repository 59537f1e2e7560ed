"""The lower bounds in pyproject.toml are the versions that `make test-lowest` tries."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

spec = importlib.util.spec_from_file_location("lowest", ROOT / "tools" / "lowest.py")
assert spec is not None and spec.loader is not None
lowest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lowest)


def test_the_pins_are_the_bounds() -> None:
    written = (ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8")
    assert written == lowest.text(PYPROJECT), "run tools/lowest.py, then make test-lowest"


def test_every_dependency_has_a_bound() -> None:
    names = {pin.partition("==")[0] for pin in lowest.pins(PYPROJECT)}
    assert {"numpy", "scipy", "scikit-learn", "matplotlib", "typer", "pyarrow"} <= names
    with pytest.raises(ValueError, match="'scipy' has no lower bound"):
        lowest.pins('[project]\ndependencies = ["scipy"]')


def test_make_installs_the_pins() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "install --quiet -r tests/lowest.txt" in makefile
    assert "test-lowest: $(STAMPS)/lowest" in makefile
