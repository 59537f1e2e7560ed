"""Ctrl-C ends every long call soon, also where a single block, or a single row, is much work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from children import PATIENCE, environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")

#: Scripts that end with a call that takes many seconds within one block without SIMD. Matrices are
#: views of few numbers, so that they need no memory.
LONG = {
    # Centres on a sphere, rows in its middle: all centres are as near, which only integers tell.
    "ties of many columns": """
        centers = rng.choice([-1, 1], (300, 2001)) * rng.random(2001)
        centers[:, -1] = 0
        rows = np.zeros((2048, 2001))
        rows[:, -1] = rng.random(2048)  # no row repeats another
        act = lambda: assign(rows, centers)
    """,
    "ties of one row": """
        centers = (rng.choice([-1, 1], (30_000, 1500)) * rng.random(1500)).astype(np.float32)
        act = lambda: assign(np.zeros((1, 1500), np.float32), centers)
    """,
    "distances of wide rows": """
        rows = np.broadcast_to(rng.normal(size=(1, 100_000)), (4096, 100_000))
        matrix = _core.Matrix.dense(rows)
        centers, out = rng.normal(size=(40, 100_000)), np.empty((4096, 40))
        act = lambda: _core.all_distances(team, matrix, centers, out)
    """,
    "the first pass over wide rows": """
        rows = np.broadcast_to(rng.normal(size=(1, 1_000_000)), (20_000, 1_000_000))
        matrix = _core.Matrix.dense(rows)
        act = lambda: _core.column_stats(team, matrix)
    """,
    "sums of squares of wide rows": """
        rows = np.broadcast_to(rng.normal(size=(1, 1_000_000)), (4096, 1_000_000))
        matrix = _core.Matrix.dense(rows)
        plan = _core.SumFormats(_core.column_stats(team, _core.Matrix.dense(rows[:1])), None)
        weights = rng.random(4096)
        act = lambda: _core.moments(team, matrix, plan, weights)
    """,
    "a pass over wide rows": """
        rows = np.lib.stride_tricks.sliding_window_view(rng.normal(size=52_047), 50_000)
        act = lambda: assign(rows, rng.normal(size=(200, 50_000)))
    """,
    "a pass over long sparse rows": """
        rows = sp.csr_matrix(np.tile(rng.normal(size=(1, 2000)), (2048, 1)))
        act = lambda: assign(rows, rng.normal(size=(20_000, 2000)))
    """,
    "seeding wide rows": """
        rows = np.broadcast_to(rng.normal(size=(1, 1_000_000)), (2048, 1_000_000))
        matrix = _core.Matrix.dense(rows)
        distances, nearest = np.full(2048, np.inf), np.zeros(2048, np.int32)
        act = lambda: [_core.lower(team, matrix, rows[0], 0, distances, nearest) for _ in range(99)]
    """,
    "rows that crowd in one cell of the grid": """
        rows = rng.normal(size=(8_000_000, 2))
        rows[0] = 1e9
        matrix = _core.Matrix.dense(rows)
        gate = _core.column_stats(team, matrix)
        frame = _core.Frame(gate, rows[:1], False)
        act = lambda: [_core.SpatialBlocks.sort(team, matrix, frame, gate) for _ in range(99)]
    """,
    "borders of many clusters": """
        centers = rng.normal(size=(3000, 2000))
        matrix = _core.Matrix.dense(centers)
        found = np.empty(3000), np.empty(3000), np.empty(3000, np.int32)
        labels = np.arange(3000, dtype=np.int32)
        act = lambda: _core.two_nearest(team, matrix, centers, labels, *found, shares=True)
    """,
}

SCRIPT = """
import sys, time
import numpy as np
import scipy.sparse as sp
from centra import _core, assign

team = _core.Workers({n_threads}, "scalar")
rng = np.random.default_rng(0)
{prepare}
print("begins", flush=True)
try:
    act()
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
    # The process can go on: the threads are in order.
    assert assign(np.arange(40.0)[:, None], [[0.0], [39.0]], n_threads={n_threads})[0] == 0
    sys.exit(7)
"""


def _answer_time(prepare: str, n_threads: int) -> float:
    """Interrupt a call a second after it begins; return after how many seconds it ended."""
    script = SCRIPT.format(prepare=textwrap.dedent(prepare), n_threads=n_threads)
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment(CENTRA_ISA="scalar", CENTRA_NUM_THREADS=str(n_threads)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None and child.stdout.readline() == "begins\n", child.stderr
        time.sleep(1.0)
        assert child.poll() is None, "the call was too short to be interrupted"
        sent = time.monotonic()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 7, (child.returncode, out, err)
    return float(out) - sent


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("what", list(LONG)[:1])
def test_ctrl_c_ends_a_long_block(what: str, n_threads: int) -> None:
    # "Within a second", and another for a machine that is busy with something else.
    assert _answer_time(LONG[what], n_threads) < 2.0


@pytest.mark.slow
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("what", list(LONG)[1:])
def test_ctrl_c_ends_any_long_block(what: str, n_threads: int) -> None:
    assert _answer_time(LONG[what], n_threads) < 2.0
