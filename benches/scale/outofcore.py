"""Fits of files, each in a process of its own, so that its peak of memory is its own.

``python -m benches.scale.outofcore '{"path": ..., ...}'`` makes one fit and prints what it took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benches import ROOT, THREADS
from benches.memory import peak
from benches.scale.files import cool


@dataclass(frozen=True)
class Fit:
    """A fit to be measured.

    Attributes
    ----------
    path : str
        A .npy file or a Parquet file.
    k : int
        Clusters.
    start : str or None
        A .npy file of the centres to start from; None draws a sample (`init="sampled"`).
    passes : int
        Iterations.
    memory : str or None
        The budget; None loads the first `part` rows into memory.
    part : int
        How many rows are loaded then.
    cold : bool
        Whether the system forgets the file before every pass.
    """

    path: str
    k: int
    start: str | None
    passes: int
    memory: str | None = None
    part: int = 0
    cold: bool = True


def measured(fit: Fit) -> dict[str, Any]:
    """Make a fit in a new process.

    Returns
    -------
    dict
        "whole": seconds of the fit; "passes": of every pass that assigns; "before": seconds
        before the first of them; "readings": how often the source was read before that; "inertias":
        of every pass; "rise": bytes by which the peak of memory rose; "reading": seconds to read
        all blocks once, cold, and do nothing with them.
    """
    command = [sys.executable, "-m", "benches.scale.outofcore", json.dumps(asdict(fit))]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def source_of(fit: Fit) -> Any:
    """Return the rows of a fit."""
    import centra

    if fit.memory is None:
        return np.load(fit.path, mmap_mode="r")[: fit.part].copy()
    make = centra.from_npy if fit.path.endswith(".npy") else centra.from_parquet
    return make(fit.path, memory=fit.memory)


class Clock:
    """A listener that notes when every pass ended, and lets the system forget the file."""

    def __init__(self, fit: Fit, readings: list[float]) -> None:
        self.fit, self.readings = fit, readings
        self.ends: list[float] = []
        self.inertias: list[float] = []
        self.first = 0

    def __call__(self, event: Any) -> None:
        """Take an event of the loop."""
        from centra.events import Iterated, Started

        if isinstance(event, Started):
            self.first, self.begun = len(self.readings), time.perf_counter()
        if isinstance(event, Iterated):
            self.ends.append(time.perf_counter())
            self.inertias.append(float(event.inertia))
        if self.fit.cold and self.fit.memory is not None:
            cool(Path(self.fit.path))


def made(fit: Fit) -> dict[str, Any]:
    """Make the fit, here."""
    import centra

    warm = np.random.default_rng(0).random((1000, 32), dtype=np.float32)
    centra.KMeans(5, n_init=1, max_iter=2).fit(warm)
    before = peak()
    rows = source_of(fit)
    readings: list[float] = []
    if fit.memory is not None:
        cool(Path(fit.path))
        blocks = rows.blocks

        def noted() -> Any:
            readings.append(time.perf_counter())
            return blocks()

        rows.blocks = noted
    clock = Clock(fit, readings)
    km = centra.KMeans(
        fit.k, init="sampled" if fit.start is None else np.load(fit.start), n_init=1,
        max_iter=fit.passes, tol=0, random_state=0, n_threads=THREADS, callbacks=[clock],
        memory=fit.memory if fit.start is None else None,
    )  # fmt: skip
    begun = time.perf_counter()
    km.fit(rows)
    whole = time.perf_counter() - begun
    return {
        "whole": whole,
        "before": clock.begun - begun,
        "passes": np.diff([clock.begun, *clock.ends]).tolist(),
        "readings": clock.first,
        "inertias": clock.inertias,
        "rise": peak() - before,
        "reading": _read(fit),
    }


def _read(fit: Fit) -> float | None:
    if fit.memory is None:
        return None
    cool(Path(fit.path))
    begun = time.perf_counter()
    for _ in source_of(fit).blocks():
        pass
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps(made(Fit(**json.loads(sys.argv[1])))))
