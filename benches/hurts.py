"""Small sets that hurt (`benches.hurtful`): ``python -m benches hurts`` measures all of them.

They are measured as the rows of the benchmark are, and a sentence says where centra is too slow.
"""

from __future__ import annotations

import statistics
from typing import Any

from benches import table as tables
from benches.cases import Case
from benches.hurtful import (
    Draw,
    Hurtful,
    apart,
    camps,
    constant,
    counts,
    csr,
    csr_dense,
    csr_far,
    csr_one_hot,
    equal,
    far_row,
    far_rows,
    log,
    lognormal,
    noise,
    offset,
    one_hot,
    one_hot_and_amounts,
    runs,
    scales,
    shares,
    tails,
)

#: Iterations: enough for filters that begin late, few enough that hardly a set is done before.
ITERATIONS = 10
#: Times faster than the fastest peer that centra wants to be on every set.
GOAL = 1.2


def _cases() -> tuple[Case, ...]:
    f32, f64 = "float32", "float64"
    sets: list[tuple[Draw, int, int, float, int, str]] = [
        # columns of several scales
        (scales, 20_000, 8, 1e1, 20, f64),
        (scales, 20_000, 8, 1e3, 20, f64),
        (scales, 20_000, 8, 1e6, 20, f64),
        (scales, 20_000, 8, 1e9, 20, f64),
        (scales, 20_000, 8, 1e6, 20, f32),
        (scales, 20_000, 30, 1e9, 100, f64),
        (scales, 5_000, 200, 1e6, 50, f64),
        (scales, 50_000, 3, 1e6, 50, f64),
        (shares, 20_000, 12, 1e9, 30, f64),
        (shares, 20_000, 12, 1e5, 30, f32),
        (shares, 40_000, 4, 1e7, 64, f64),
        # few rows far from all others
        (far_row, 20_000, 8, 1e3, 20, f64),
        (far_row, 20_000, 8, 1e6, 20, f64),
        (far_row, 20_000, 8, 1e9, 20, f64),
        (far_row, 20_000, 8, 1e6, 20, f32),
        (far_row, 50_000, 2, 1e6, 20, f64),
        (far_row, 50_000, 2, 1e6, 300, f32),
        (far_row, 4_000, 300, 1e6, 30, f64),
        (far_rows, 20_000, 16, 1e4, 50, f64),
        (far_rows, 20_000, 16, 1e4, 50, f32),
        # heavy tails
        (tails, 20_000, 10, 1.0, 30, f64),
        (tails, 20_000, 10, 1.5, 30, f32),
        (tails, 50_000, 2, 1.0, 50, f64),
        (lognormal, 20_000, 12, 2.0, 40, f64),
        (lognormal, 20_000, 12, 4.0, 40, f64),
        (lognormal, 30_000, 1, 3.0, 40, f64),
        # categories and counts
        (one_hot, 20_000, 60, 6, 30, f64),
        (one_hot, 20_000, 60, 6, 30, f32),
        (one_hot, 5_000, 1000, 10, 30, f64),
        (one_hot_and_amounts, 20_000, 40, 1e3, 30, f64),
        (one_hot_and_amounts, 20_000, 40, 1e6, 30, f64),
        (counts, 20_000, 3, 3, 40, f64),
        (counts, 20_000, 12, 2, 60, f64),
        (counts, 20_000, 12, 2, 60, f32),
        (counts, 10_000, 64, 8, 40, f64),
        # equal rows, constant columns
        (equal, 30_000, 10, 10, 40, f64),
        (equal, 30_000, 10, 300, 40, f64),
        (equal, 30_000, 40, 10, 100, f32),
        (runs, 40_000, 20, 12, 60, f64),
        (constant, 20_000, 40, 7.0, 40, f64),
        (constant, 20_000, 12, 1e9, 30, f64),
        (log, 60_000, 35, 7e8, 100, f64),
        (log, 60_000, 35, 7e8, 100, f32),
        # far from the origin, or in two places
        (offset, 20_000, 8, 1e6, 30, f64),
        (offset, 20_000, 8, 1e4, 30, f32),
        (offset, 40_000, 2, 1e9, 40, f64),
        (apart, 20_000, 8, 1e4, 30, f64),
        (apart, 20_000, 8, 1e6, 30, f64),
        (apart, 20_000, 30, 1e6, 30, f64),
        # shapes
        (noise, 60_000, 1, 0, 30, f64),
        (noise, 50_000, 5, 0, 2, f64),
        (noise, 50_000, 5, 0, 2, f32),
        (camps, 3_000, 10, 1.0, 750, f64),
        (camps, 3_000, 40, 1.0, 750, f64),
        (noise, 2_000, 2, 0, 500, f64),
        (camps, 1_000, 5_000, 1.0, 20, f64),
        (noise, 2_000, 2_000, 0, 20, f32),
        (noise, 300, 4, 0, 8, f64),
        # sparse rows
        (csr, 10_000, 5_000, 30, 30, f64),
        (csr, 10_000, 50_000, 60, 30, f64),
        (csr, 10_000, 50_000, 60, 8, f32),
        (csr_one_hot, 20_000, 200, 8, 40, f64),
        (csr_dense, 10_000, 100, 0.3, 30, f64),
        (csr_dense, 20_000, 20, 0.1, 30, f64),
        (csr_far, 10_000, 2_000, 1e7, 30, f64),
    ]
    return tuple(
        Case(
            f"{draw.__name__}_{how:g}_{n}x{d}_{k}_{dtype.replace('loat', '')}",
            Hurtful(draw, n, d, how),
            k,
            dtype,
            ITERATIONS,
            number=10 if n * d * k < 1e5 else 1,
        )
        for draw, n, d, how, k, dtype in sets
    )


CASES = _cases()


def table(rows: list[dict[str, Any]]) -> str:
    """Return what was measured as Markdown, and where centra is not the fastest."""
    peers = list(dict.fromkeys(peer for row in rows for peer in row["ratios"]))
    head = ["set", "rows x columns", "k", "dtype", "centra", *peers]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for row in rows:
        name = row["data"] + (", CSR" if row["csr"] else "")
        cells = [name, tables.size(row), f"{row['k']:,}", row["dtype"]]
        ratios = (row["ratios"].get(peer) for peer in peers)
        times = ("-" if ratio is None else f"{ratio['median']:.2f}" for ratio in ratios)
        lines.append([*cells, tables.duration(row, "centra"), *times])
    shown = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{shown}\n\n{verdict(rows)}"


def verdict(rows: list[dict[str, Any]]) -> str:
    """Say how many times faster than the fastest peer centra is, and where it is not."""
    rows = [row for row in rows if row["ratios"]]
    if not rows:
        return "Nothing was measured."
    ratios = {row["name"]: tables.fastest(row)["median"] for row in rows}
    least = min(ratios, key=lambda name: ratios[name])
    slow = sorted((ratio, name) for name, ratio in ratios.items() if ratio < GOAL)
    return (
        f"Times faster than the fastest peer, {len(rows)} sets: median "
        f"{statistics.median(ratios.values()):.2f}, least {ratios[least]:.2f} ({least}). "
        f"Below {GOAL:g}: {', '.join(f'{name} {ratio:.2f}' for ratio, name in slow) or 'none'}."
    )
