"""The program as fixtures: `run` it, or expect that it `fails`.

A folder whose tests run it imports them in its ``conftest.py``.
"""

from __future__ import annotations

import re
import shlex
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
    """Run it, expect failure and no new file, follow its advice, and return the lines of errors.

    What is wrong is a line each. Commands that are proposed after them are run: they must work.
    """

    def fails(*arguments: object, code: int = 1) -> str:
        before = sorted(Path().rglob("*"))
        got, out, err = run(*arguments)
        assert (got, out) == (code, ""), err
        assert re.fullmatch(
            r"(centra: error: [^\n]+\n)+(centra: try: [^\n]+\n(centra: or: [^\n]+\n)*)?", err
        ), err
        assert sorted(Path().rglob("*")) == before
        for advice in re.findall(r"^centra: (?:try|or): centra (.+)$", err, re.MULTILINE):
            if "-" in map(str, arguments):
                continue  # standard input has been read
            got, _, again = run(*shlex.split(advice))
            assert got == 0, f"{err}{again}"
            for path in sorted(set(Path().rglob("*")) - set(before), reverse=True):
                path.unlink()
        errors = [line for line in err.splitlines() if line.startswith("centra: error: ")]
        return "\n".join(line.removeprefix("centra: error: ") for line in errors)

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
