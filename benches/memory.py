"""Peak memory of a fit beyond its rows, each fit in a process of its own.

``python -m benches.memory FOLDER ROWS ITERATIONS`` loads the first ROWS rows from .npy files, fits,
and prints by how many bytes the peak rose. The same fit on few rows is the baseline: what remains
is what grows with the rows.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from benches import ROOT, THREADS
from benches.oracle import Wrong

PER_ROW = 32
# Of dense rows wider than that, half of their own bytes may be kept beside them (decision 0085).
NARROW = 16
# The baseline holds its own O(k d), but few sparse rows leave most pages of the sums untouched: two
# 64-bit limbs for each of the k d numbers may appear only with all rows. Where k d is not small
# beside the number of rows, the assertion therefore says little about bytes a row.
PER_ENTRY = 16
SLACK = 2 * 2**20  # an allocator's and the page tables' own habits
NAMES = ("data", "indices", "indptr")


def beyond_rows(X: Any, start: np.ndarray, iterations: int) -> dict[str, int]:
    """Return by how many bytes the peak rises in a fit, in one on few rows, and may at most.

    The difference of the first two is not clamped: a negative one says that the noise of the
    measurement is larger than what is measured.

    Raises
    ------
    Wrong
        If the difference is more than 32 bytes a row, half of the rows' bytes if they are wide, and
        O(k d).
    """
    few = min(X.shape[0], max(2 * len(start), 256))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "start.npy", start)
        if sp.issparse(X):
            for part in NAMES:
                np.save(folder / f"{part}.npy", getattr(X, part))
        else:
            np.save(folder / "rows.npy", X)
        whole, base = (risen(folder, n, iterations) for n in (X.shape[0], few))
    kept = X.nbytes // 2 if not sp.issparse(X) and X.shape[1] > NARROW else 0
    allowed = PER_ROW * X.shape[0] + kept + PER_ENTRY * start.size + SLACK
    if whole - base > allowed:
        raise Wrong(f"the fit took {whole - base} bytes beyond X, and {allowed} are allowed.")
    return {"rise": whole, "baseline": base, "allowed": allowed}


def risen(folder: Path, n: int, iterations: int) -> int:
    """Return how far the peak of a process rises in a fit."""
    command = [sys.executable, "-m", "benches.memory", str(folder), str(n), str(iterations)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return int(json.loads(done.stdout))


def peak() -> int:
    """Return the peak of this process's resident memory, in bytes.

    On Linux not from getrusage: what that reports survives exec, so a child would begin with its
    parent's peak, and a rise below it would not show.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    (high,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(high.split()[1]) * 1024


def forget_peak() -> None:
    """Let the peak begin again at what is resident now, where the system can do that."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def load(folder: Path, n: int, columns: int) -> Any:
    """Return the first n rows, in memory."""
    if (folder / "rows.npy").exists():
        rows = np.load(folder / "rows.npy", mmap_mode="r")
        return np.load(folder / "rows.npy") if n == len(rows) else np.array(rows[:n])
    data, indices, indptr = (np.load(folder / f"{part}.npy") for part in NAMES)
    end = indptr[n]
    parts = (data[:end], indices[:end], indptr[: n + 1])
    return sp.csr_matrix(parts, shape=(n, columns), copy=False)


def main() -> None:
    """Be the process that is measured."""
    import centra

    folder, n, iterations = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    start = np.load(folder / "start.npy")
    X = load(folder, n, start.shape[1])
    # A history of centres is O(k d) for each iteration, and few rows may need fewer iterations.
    km = centra.KMeans(
        len(start), init=start, n_init=1, max_iter=iterations, tol=0.0, n_threads=THREADS
    ).set_params(keep_centers=False)
    forget_peak()
    before = peak()
    km.fit(X)
    print(json.dumps(peak() - before))


if __name__ == "__main__":
    main()
