"""How often remarks are said of tables with and without clusters.

Run from the repository root: ``python tools/error_rates.py [tables] [seed]``. It prints a line for
each kind of table: noise of four kinds, and round Gaussians whose centres are 6 standard deviations
from the nearest other one; and a column for each kind of remark. Sizes are n in 30 to 2,000, d in 1
to 100, small ones as often as large ones, and k in 2 to 8. `tests/diagnostics/test_error_rates.py`
holds the goals.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import centra

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import clusterless

KINDS = ("separate", "unclear", "split", "overlap", "small", "outliers", "total")


def tables(kind: str, n_tables: int, seed: int) -> Iterator[tuple[np.ndarray, int]]:
    """Give tables of a kind, and how many clusters to look for."""
    rng = np.random.default_rng([seed, len(kind)])
    for n, d, k in clusterless.sizes(rng, n_tables):
        blobs = kind == "blobs"
        yield (clusterless.blobs if blobs else clusterless.noise)(rng, *_what(kind, n, d, k)), k


def _what(kind: str, n: int, d: int, k: int) -> tuple:
    return (n, d, k) if kind == "blobs" else (kind, n, d)


def rates(kind: str, n_tables: int, seed: int = 0) -> dict[str, float]:
    """Return the share of tables of which each kind of remark is said.

    "believed" is the share of those whose verdict does not say that they should not be.
    """
    said: Counter[str] = Counter()
    for X, k in tables(kind, n_tables, seed):
        with warnings.catch_warnings(action="ignore"):
            km = centra.KMeans(k, n_init=10 if kind == "blobs" else 1, random_state=0).fit(X)
        report = km.report(X)
        said.update({remark.kind for remark in report.remarks})
        said["believed"] += not report.verdict.startswith("Do not believe")
    return {name: said[name] / n_tables for name in ("believed", *KINDS)}


def main() -> None:
    """Print the table."""
    n_tables = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    print(f"{'':>10}" + "".join(f"{name:>10}" for name in ("believed", *KINDS)))
    for kind in (*clusterless.NOISE, "blobs"):
        found = rates(kind, n_tables, seed)
        print(f"{kind:>10}" + "".join(f"{share:>10.1%}" for share in found.values()), flush=True)


if __name__ == "__main__":
    main()
