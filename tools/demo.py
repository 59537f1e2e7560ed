"""Draw the k-means page into a folder and say so: what `make demo` runs.

The work is `centra tutorial`, called as a user would call it, so that the demo shows the installed
package and its command line at work.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run ``centra tutorial FOLDER``; two lines say what is there and what to look at."""
    folder = Path(arguments[0] if arguments else "demo")
    command = Path(sys.executable).with_name("centra")
    done = subprocess.run([command, "tutorial", folder], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return done.returncode  # the command has said why on stderr
    figures = sorted(folder.glob("*.png"))
    print(f"{folder}/: the k-means page and its {len(figures)} figures, drawn by centra.")
    print(f"Read {folder / 'k-means.md'}, or look at {folder / 'k-means-iterations.png'} first.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
