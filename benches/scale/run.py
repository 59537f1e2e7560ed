"""All of it in one run, as a record: files, a cluster, growth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benches.scale import cluster, growth
from benches.scale.files import Clouds, write
from benches.scale.outofcore import Fit, measured

K, PASSES, MEMORY = 100, 25, "500MB"
#: A pass in memory is measured on one row in so many.
PART = 10


def made(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything; return what was found."""
    less = 100 if quick else 1
    wide, narrow = Clouds(20_000_000 // less, 32, 200), Clouds(20_000_000 // less, 2, 2000, 0.01)
    say("rows of 32 columns in files ...")
    found: dict[str, Any] = {"wide": out_of_core(wide, K, sampled=True)}
    say("rows of 2 columns in a file ...")
    found["narrow"] = out_of_core(narrow, 1000 if not quick else K, sampled=False)
    say("a cluster of two processes ...")
    found["cluster"] = cluster.measured(Clouds(1_000_000 // less, 32, 200), K)
    say("from 100,000 rows on ...")
    found["growth"] = growth.over_rows(growth.SIZES[:1] if quick else growth.SIZES)
    return found


def out_of_core(rows: Clouds, k: int, sampled: bool) -> dict[str, Any]:
    """Measure fits of files beside a part in memory."""
    with tempfile.TemporaryDirectory(prefix="centra-scale-") as name:
        folder = Path(name)
        plain, columns = write(rows, folder)
        np.save(folder / "start.npy", rows.start(k))
        start = str(folder / "start.npy")
        part = rows.n // PART
        found = {
            "rows": rows.n,
            "columns": rows.d,
            "k": k,
            "part": part,
            "bytes": plain.stat().st_size,
            "memory": measured(Fit(str(plain), k, start, PASSES, part=part)),
            "npy": measured(Fit(str(plain), k, start, PASSES, MEMORY)),
            "parquet": measured(Fit(str(columns), k, start, PASSES, MEMORY)),
        }
        if sampled:
            found["sampled"] = measured(Fit(str(plain), k, None, PASSES, MEMORY))
        return found
