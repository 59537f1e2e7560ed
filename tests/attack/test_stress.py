"""Threads, forks and signals at once: see ``stress.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system has no fork")

WHAT = pytest.mark.parametrize("what", ["threads", "waits", "forks", "signals"])
#: Much longer than any attack needs to come to its end.
PATIENCE = 120


def stress(what: str, seconds: float, seed: int) -> str:
    """Run an attack; return what it printed."""
    found = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    command = [sys.executable, "-m", "attack.stress", what]
    try:
        done = subprocess.run(
            [*command, "--seconds", str(seconds), "--seed", str(seed)],
            env={**os.environ, "PYTHONPATH": found},
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return "it never ended"
    return done.stdout.strip() or f"it ended with {done.returncode}: {done.stderr[-1000:]}"


@WHAT
def test_some_seconds(what: str) -> None:
    assert stress(what, 3, seed=0) == "no fault"


@pytest.mark.slow
@WHAT
def test_a_minute(what: str) -> None:
    assert stress(what, 60, seed=1) == "no fault"
