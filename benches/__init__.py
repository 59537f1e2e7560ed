"""How fast centra is, beside the libraries that people use today: ``python -m benches``.

Ratios, not seconds: the contestants alternate in one process, on the same rows, from the same
start, for the same number of iterations, with two threads each. Before a row is timed, centra's
labels are held against the definition.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "benches" / "records"
THREADS = 2
#: Who takes more seconds than this is timed once.
PATIENCE = 20.0
