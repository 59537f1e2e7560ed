"""The peak of memory while a source is read: the budget, with what decodes its files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet as pq  # noqa: E402

SCRIPT = """
import sys
from pathlib import Path
import centra, pyarrow.dataset, pyarrow.parquet

def peak():
    (line,) = (l for l in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in l)
    return int(line.split()[1]) * 1024

def read(rows):
    for _ in range(2):
        for block in rows.blocks():
            pass

read(centra.from_parquet("small/*.parquet", memory="100KB"))
Path("/proc/self/clear_refs").write_text("5")
before = peak()
read(centra.from_parquet("large/*.parquet", memory=sys.argv[1]))
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory by Linux's /proc")
def test_pages_that_are_decoded_are_within_the_budget(tmp_path: Path) -> None:
    """Two row groups of 8 columns, of 36 MB each, within 60 MB; decoding takes some 20 of them."""
    rng = np.random.default_rng(0)
    for name, n in (("small", 20_000), ("large", 560_000)):
        (tmp_path / name).mkdir()
        for i in range(2):
            table = pa.table({f"c{j}": rng.random(n) for j in range(8)})
            pq.write_table(table, tmp_path / name / f"{i}.parquet")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "60MB"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 64_000_000
