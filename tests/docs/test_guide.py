"""The pages of the guide are true: their code runs, from top to bottom."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "docs/guide/debian.md"
#: What the site runs: cells of Python, commands of a shell, a block that makes a file for them.
_RUN = re.compile(
    r"^```(?:\{code-cell\} ipython3|python)\n(?::[^\n]*\n)*(?P<cell>.*?)^```$"
    r"|^```\{command-output\} (?P<command>[^\n]*)\n(?P<options>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
#: Dask 2026.8 reads Parquet in a way that pandas 3.1 will not have for ever; both are others'.
DASKS = "ignore:The inplace keyword"
PAGES = sorted(
    page
    for page in (ROOT / "docs").rglob("*.md")
    if re.search(r"^```\{(code-cell|command-output)\}", page.read_text(encoding="utf-8"), re.M)
)


def program(page: Path) -> str:
    """What is run on a page, as one program."""
    lines = ["from subprocess import run as _run"]
    for found in _RUN.finditer(page.read_text(encoding="utf-8")):
        if found["cell"] is not None:
            lines.append(found["cell"])
        else:
            code = re.search(r"^:returncode: (\d+)$", found["options"], re.M)
            expected = int(code[1]) if code else 0
            command = f"_run(['bash', '-o', 'pipefail', '-c', {found['command']!r}])"
            lines.append(f"assert {command}.returncode == {expected}, {found['command']!r}")
    return "\n".join(lines)


def test_there_are_pages() -> None:
    assert len(PAGES) >= 6
    assert all(len(program(page).splitlines()) > 5 for page in PAGES)


def _quick(page: Path) -> pytest.ParameterSet:
    # Seven times `centra --help`; the command's own tests read it, too.
    marks = [pytest.mark.slow] if page.parent.name == "reference" else []
    return pytest.param(page, marks=marks, id=f"{page.parent.name}/{page.stem}")


@pytest.mark.parametrize("page", [_quick(page) for page in PAGES])
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", DASKS, "-c", program(page)],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg", "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_page_is_in_a_table_of_contents(page: Path) -> None:
    name = str(page.relative_to(ROOT / "docs").with_suffix(""))
    assert re.search(rf"^{name}$", (ROOT / "docs/index.md").read_text(encoding="utf-8"), re.M)


@pytest.mark.slow
def test_the_recorded_page_is_what_its_code_says() -> None:
    if "CENTRA_DATA" not in os.environ:
        pytest.skip("the page needs data that are not part of the repository: set CENTRA_DATA")
    from tools.recorded import record

    files = record(RECORDED)
    assert files.pop(RECORDED.name).decode() == RECORDED.read_text(encoding="utf-8")
    assert all((RECORDED.parent / name).exists() for name in files)


def test_output_is_told_from_code() -> None:
    from tools.recorded import without_output

    fence = "`" * 3
    code = f"{fence}python\nprint(1)\n{fence}\n"
    assert without_output(f"a\n\n{code}\n{fence}text\n1\n{fence}\n\nb\n") == f"a\n\n{code}\nb\n"
    assert without_output(f"{code}\nb\n") == f"{code}\nb\n"
