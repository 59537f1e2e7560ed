"""Run a page's code in a Python of its own.

The pieces call ``fig.savefig("name.png")``, as a reader would, so they must run in the folder where
the files shall be; and they draw with matplotlib, whose backend, settings and open figures belong
to whoever called us. Both are properties of a process. So the code runs in a new one, with the Agg
backend and matplotlib's own defaults, whatever the reader's machine is set to, and the caller's
process is left alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["main", "run"]

# The child finds packages exactly where this process does, before it imports anything of centra.
_CHILD = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path']; "
    "from centra.tutorial.runner import main; main(job['sources'])"
)


def run(sources: Sequence[str], folder: Path) -> list[str]:
    """Run pieces of Python one after the other, in one namespace and in a given folder.

    Parameters
    ----------
    sources : sequence of str
        The pieces.
    folder : pathlib.Path
        The working folder, which takes the files that they save.

    Returns
    -------
    outputs : list of str
        What each piece printed.

    Raises
    ------
    RuntimeError
        A piece failed; the message ends with its traceback.
    """
    job = {"path": [os.path.abspath(entry) for entry in sys.path], "sources": list(sources)}
    child = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    if child.returncode != 0:
        raise RuntimeError(f"the code of the tutorial failed:\n{child.stderr.strip()}")
    outputs: list[str] = json.loads(child.stdout)
    return outputs


def main(sources: Sequence[str]) -> None:
    """Run pieces of Python here, and print what each printed, as JSON.

    Parameters
    ----------
    sources : sequence of str
        The pieces.
    """
    import matplotlib

    matplotlib.rcdefaults()
    matplotlib.use("agg")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    outputs = []
    for number, source in enumerate(sources, start=1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, f"<block {number} of the tutorial>", "exec"), namespace)
        outputs.append(printed.getvalue())
    json.dump(outputs, sys.stdout)
