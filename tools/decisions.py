"""Write the list of decisions into docs/architecture.md, from the first lines of their files.

Run from the repository root: ``python tools/decisions.py``. `tests/docs/test_docs.py` holds the
list against the files.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BEGIN, END = "<!-- decisions:begin -->\n", "<!-- decisions:end -->\n"


def listed(folder: Path) -> str:
    """Return a line for every decision in a folder, in their order."""
    lines = []
    for path in sorted(folder.glob("*.md")):
        heading = path.read_text(encoding="utf-8").partition("\n")[0]
        number, title = heading.removeprefix("# ").split(": ", 1)
        lines.append(f"* [{number}]({folder.name}/{path.name}): {title}\n")
    return "".join(lines)


def written(page: str, decisions: str) -> str:
    """Return a page with the list between its marks."""
    inside = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return inside.sub(lambda _: BEGIN + decisions + END, page)


def main() -> int:
    """Write the list of this repository."""
    docs = Path(__file__).resolve().parent.parent / "docs"
    page = docs / "architecture.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(written(text, listed(docs / "decisions")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
