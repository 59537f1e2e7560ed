"""Run a page whose output is committed, and put anew under each piece of code what it prints.

Run from the repository root: ``python tools/recorded.py docs/guide/debian.md``. For pages on data
that are not part of the repository, so that the site cannot run them: the page needs
``CENTRA_DATA``, the folder with the data.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from centra.tutorial.page import assemble, blocks, figures
from centra.tutorial.runner import run

_OUTPUT = re.compile(r"(^```python\n.*?^```\n)\n```text\n.*?^```\n", re.MULTILINE | re.DOTALL)


def without_output(page: str) -> str:
    """Return a page as it was written: prose and code."""
    return _OUTPUT.sub(r"\1", page)


def record(path: Path) -> dict[str, bytes]:
    """Run a page; return the files that belong to it by name, the page first."""
    template = without_output(path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as workshop:
        page = assemble(template, run(blocks(template), Path(workshop)))
        drawn = {name: (Path(workshop) / name).read_bytes() for name in figures(template)}
    return {path.name: page.encode(), **drawn}


def main(arguments: list[str]) -> int:
    """Run every page that is named, and write it and its figures in their places."""
    if "CENTRA_DATA" not in os.environ:
        print("recorded.py: CENTRA_DATA must name the folder with the data", file=sys.stderr)
        return 2
    for name in arguments:
        for file, content in record(Path(name)).items():
            (Path(name).parent / file).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
