"""What this machine can do at most, measured in the same run: arithmetic and memory traffic.

The peak of float32 multiply-adds is BLAS's sgemm on a large square matrix, a practical stand-in
for it: a tuned loop over registers comes a little closer to the true peak. The bandwidth is that
of numpy's copy in two threads, bytes read plus bytes written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from benches import THREADS


@dataclass(frozen=True)
class Machine:
    """Measured ceilings: floating-point operations and bytes, per second."""

    flops: float
    bandwidth: float


def measure(quick: bool = False) -> Machine:
    """Measure both ceilings: the best of several tries, for a ceiling knows no bad luck."""
    side, megabytes = (256, 4) if quick else (2048, 256)
    rng = np.random.default_rng(0)
    A, B = rng.random((2, side, side), dtype=np.float32)
    product = np.empty_like(A)
    arithmetic = best(lambda: np.matmul(A, B, out=product))
    source = np.ones(megabytes * 2**20 // 8)
    target = np.zeros_like(source)
    pairs = list(zip(np.array_split(target, THREADS), np.array_split(source, THREADS), strict=True))
    with ThreadPoolExecutor(THREADS) as pool:
        traffic = best(lambda: list(pool.map(lambda pair: np.copyto(*pair), pairs)))
    return Machine(2.0 * side**3 / arithmetic, 2.0 * source.nbytes / traffic)


def higher(a: Machine, b: Machine) -> Machine:
    """Return the higher ceilings of two measurements: the machine may have been busy in one."""
    return Machine(max(a.flops, b.flops), max(a.bandwidth, b.bandwidth))


def best(action: Callable[[], Any], tries: int = 5) -> float:
    """Return the shortest time in seconds that an action took, after one to warm up."""
    action()
    times = []
    for _ in range(tries):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return min(times)


def work(X: Any, k: int, sweeps: int) -> dict[str, float]:
    """Return the operations and bytes without which nobody compares all rows with all centres.

    A sweep computes n k products of d numbers, 2 n k d operations (2 k for each stored entry of
    CSR), and reads X once.
    """
    if sp.issparse(X):
        entries, size = X.nnz, X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    else:
        entries, size = X.size, X.nbytes
    return {"flops": 2.0 * entries * k * sweeps, "bytes": float(size) * sweeps}


def least_seconds(machine: Machine, needed: dict[str, float]) -> float:
    """Return the time below which that work cannot be done by comparing all with all."""
    return max(needed["flops"] / machine.flops, needed["bytes"] / machine.bandwidth)
