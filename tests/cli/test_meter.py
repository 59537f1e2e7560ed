"""The progress bar: silent at first, and only on a terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from centra.cli import meter
from centra.events import Iterated, Started


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, legacy_windows=False)


def iterated(iteration: int) -> Iterated:
    return Iterated(
        run=1, iteration=iteration, inertia=12.5, shift=0.0, changed=0, centers=np.zeros((1, 1))
    )


def test_a_bar_appears_only_after_its_patience() -> None:
    console = terminal()
    with meter.Meter("work", console=console, patience=60.0) as bar:
        bar(iterated(1))
    assert console.file.getvalue() == ""


def test_a_bar_shows_restarts_and_iterations() -> None:
    console = terminal()
    with meter.Meter("clustering", console=console, patience=0.0) as bar:
        bar(Started(run=1, n_runs=10, n_rows=5, n_features=1, n_clusters=1, max_iter=300))
        bar(iterated(7))
        deadline = time.monotonic() + 10.0
        while not bar._progress.live.is_started and time.monotonic() < deadline:
            time.sleep(0.01)
    screen = console.file.getvalue()
    assert "restart 2 of 10, iteration 7 of at most 300, inertia 12.5" in screen


def test_no_bar_without_a_terminal() -> None:
    console = Console(file=io.StringIO())
    with meter.Meter("work", console=console, patience=0.0) as bar:
        time.sleep(0.05)
        bar.show("more work", 0.5)
    assert console.file.getvalue() == ""


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a POSIX thing")
def test_a_fit_on_a_terminal_keeps_standard_output_clean(tmp_path: Path) -> None:
    import pty

    (tmp_path / "t.csv").write_text("1,2\n3,4\n")
    code = (
        "import sys, time, centra.cli.meter as meter\n"
        "meter.Meter.__init__.__kwdefaults__['patience'] = 0.0\n"
        "from centra.cli import main; sys.exit(main())\n"
    )
    main_end, other_end = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code, "fit", "t.csv", "-k", "1", "-o", "m"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=other_end,
        check=False,
    )
    os.close(other_end)
    screen = os.read(main_end, 100_000)
    os.close(main_end)
    assert done.returncode == 0
    assert done.stdout.startswith(b"m: 1 cluster of 2 rows")
    assert done.stdout.count(b"\n") == 2
    assert b"t.csv" in screen
