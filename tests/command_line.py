"""The program as fixtures: `run` it, or expect that it `fails`.

A folder whose tests run it imports them in its ``conftest.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("typer", reason='the command line needs the extra: pip install "centra[cli]"')
pytest.importorskip("rich", reason='the command line needs the extra: pip install "centra[cli]"')

from centra.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in an empty folder: arguments in; code, output and error out."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def fails(run: Run) -> Callable[..., str]:
    """Run it, expect failure in one line and no new file, and return the line."""

    def fails(*arguments: object, code: int = 1) -> str:
        before = sorted(Path().rglob("*"))
        got, out, err = run(*arguments)
        assert (got, out) == (code, ""), err
        assert re.fullmatch(r"centra: error: [^\n]+\n", err), err
        assert sorted(Path().rglob("*")) == before
        return err.removeprefix("centra: error: ").rstrip("\n")

    return fails


@pytest.fixture
def points() -> np.ndarray:
    rng = np.random.default_rng(117117)
    return np.concatenate([rng.normal(loc, 1.0, (20, 2)) for loc in (0.0, 9.0, 30.0)])


@pytest.fixture
def table(run: Run, points: np.ndarray) -> Path:
    """A table in the folder where the program runs."""
    rows = [f"{x!r},{y!r},{'abc'[i // 20]}" for i, (x, y) in enumerate(points.tolist())]
    path = Path("t.csv")
    path.write_text("\n".join(["x,y,kind", *rows]) + "\n")
    return path
