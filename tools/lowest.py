"""Write the lowest versions that pyproject.toml allows as pins, for a run of the tests with them.

Run from the repository root: ``python tools/lowest.py`` writes ``tests/lowest.txt``. `make
test-lowest` installs what is in it and runs the tests; ``tests/docs/test_lowest.py`` holds the file
against pyproject.toml, so that no bound is named that was not tried.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Extras that users do not install: what benchmarks compare with is the newest.
APART = {"bench"}
#: Libraries that no extra names, whose frames are taken: their bounds are those of the tests.
FRAMES = {"pandas", "polars"}

HEAD = """\
# The lowest versions that pyproject.toml allows. Written by tools/lowest.py; tried by
# `make test-lowest`.
"""


def pins(pyproject: str) -> list[str]:
    """Return ``name==version`` for every lower bound of the package and its extras.

    Examples
    --------
    >>> pins('''
    ... [project]
    ... dependencies = ["numpy>=1.26,<3"]
    ... [project.optional-dependencies]
    ... plot = ["matplotlib>=3.8"]
    ... all = ["centra[plot]"]
    ... ''')
    ['numpy==1.26', 'matplotlib==3.8']
    """
    parsed = tomllib.loads(pyproject)
    project = parsed["project"]
    needed = list(project["dependencies"])
    for extra, names in project.get("optional-dependencies", {}).items():
        needed += [] if extra in APART else names
    found = []
    frames = parsed.get("dependency-groups", {}).get("test", ())
    needed += [each for each in frames if re.split(r"\W", each)[0] in FRAMES]
    for requirement in needed:
        if requirement.startswith("centra["):
            continue
        bound = re.match(r"([A-Za-z0-9_.-]+?(?:\[[a-z,]+\])?)>=([0-9.]+)", requirement)
        if bound is None:
            raise ValueError(f"pyproject.toml: {requirement!r} has no lower bound, name>=version")
        found.append(f"{bound[1]}=={bound[2]}")
    return found


def text(pyproject: str) -> str:
    """Return the file."""
    return HEAD + "\n".join(pins(pyproject)) + "\n"


def main() -> int:
    """Write the file."""
    written = text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (ROOT / "tests" / "lowest.txt").write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
