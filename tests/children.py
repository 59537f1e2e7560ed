"""Scripts in processes of their own, with a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

#: Longer than any script of a test takes on a slow and busy machine; a deadlock takes for ever.
PATIENCE = 240

#: What says how many threads work. CENTRA_ISA stays, so that a whole run can force one.
VARIABLES = ("CENTRA_NUM_THREADS", "OMP_NUM_THREADS")


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without wishes about threads, but with these variables."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return kept | variables


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script and return how it ended and what it printed."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment(**variables),
        timeout=PATIENCE,
        capture_output=True,
        text=True,
    )


def python(code: str, **variables: str) -> str:
    """Run a script that must end well, and return what it prints."""
    done = run(code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout
