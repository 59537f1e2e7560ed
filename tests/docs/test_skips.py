"""No test is skipped unseen: with CI=true, a reason that is not listed fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import skips

TESTS = Path(__file__).parents[1]
BROWSER = "needs the packages chromium and chromium-driver (Debian's names)"
LISTED = "this machine has no amx: ValueError: CENTRA_ISA"


def run(folder: Path, content: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a file of tests beside copies of the tests' conftest.py and skips.py."""
    for name in ("conftest.py", "skips.py"):
        (folder / name).write_text((TESTS / name).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "test_it.py").write_text(f"import pytest\n{content}\n", encoding="utf-8")
    clean = {
        name: value for name, value in os.environ.items() if name not in ("CI", "CENTRA_SKIPS")
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", str(folder), "-o", "pythonpath=.", str(folder)],
        env={**clean, **environ},
        cwd=folder,
        capture_output=True,
        text=True,
    )


def skipping(reason: str) -> str:
    return f"def test_a():\n    pytest.skip({reason!r})\n\ndef test_b():\n    pass"


def test_a_skip_that_is_not_listed_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, skipping("no time today"), CI="true")
    assert done.returncode == 1
    assert "test_it.py::test_a: no time today" in done.stdout


@pytest.mark.parametrize(
    "content",
    [
        "m = pytest.importorskip('no_such_module')",  # a whole file
        "@pytest.mark.skipif(True, reason='no time')\ndef test_a(): pass\n\ndef test_b(): pass",
        "@pytest.fixture\ndef f():\n    pytest.skip('x')\n\ndef test_a(f): pass",
    ],
)
def test_every_way_to_skip_is_counted(tmp_path: Path, content: str) -> None:
    done = run(tmp_path, content + "\n\ndef test_c(): pass", CI="true")
    assert done.returncode != 0, done.stdout
    assert "skips.py lists" in done.stdout


def test_a_listed_skip_and_an_expected_failure_are_none(tmp_path: Path) -> None:
    failing = "@pytest.mark.xfail\ndef test_c():\n    raise ValueError"
    done = run(tmp_path, f"{skipping(LISTED)}\n\n{failing}", CI="true")
    assert done.returncode == 0, done.stdout


def test_without_ci_a_skip_is_a_skip(tmp_path: Path) -> None:
    done = run(tmp_path, skipping(BROWSER))
    assert done.returncode == 0, done.stdout


def test_packages_may_be_missing_only_where_they_could_not_be_installed() -> None:
    assert skips.unexpected({"a": BROWSER}, {"CI": "true"}) == [f"a: {BROWSER}"]
    assert skips.unexpected({"a": BROWSER}, {"CI": "true", "CENTRA_SKIPS": "packages"}) == []
    assert skips.unexpected({"a": "?"}, {"CI": "true", "CENTRA_SKIPS": "packages"}) == ["a: ?"]


def test_every_listed_reason_is_some_tests_reason() -> None:
    """A reason that no test gives any more is a hole."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py") if "skips" not in path.name
    )
    for pattern in skips.ALLOWED + skips.PACKAGES:
        start = pattern.replace("\\", "").split("(avx2")[0]
        assert start in text, pattern
