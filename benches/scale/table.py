"""What was measured, in words."""

from __future__ import annotations

import statistics
from typing import Any

from benches.scale.growth import over_workers
from benches.scale.run import MEMORY


def markdown(record: dict[str, Any]) -> str:
    """Return a record as Markdown."""
    parts = [_files(record["wide"]), _files(record["narrow"]), _cluster(record["cluster"])]
    return "\n".join([*parts, _growth(record["growth"]), _workers(record["cluster"])])


def least(found: dict[str, Any], kind: str) -> list[float]:
    """Return, for every pass, the longer of reading all rows and computing, in seconds."""
    whole = found["rows"] / found["part"]
    reading = found[kind]["reading"]
    return [max(reading, whole * took) for took in found["memory"]["passes"]]


def _files(found: dict[str, Any]) -> str:
    rows = [
        f"{found['rows']:,} x {found['columns']}, k={found['k']}, float32, "
        f"{found['bytes'] / 1e9:.1f} GB, `memory={MEMORY!r}`; the system forgets the file before "
        "every pass",
        "",
        "| | reading once | computing, first pass and later | a pass | times the longer | "
        "all passes | peak |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    whole = found["rows"] / found["part"]
    computing = [whole * took for took in found["memory"]["passes"]]
    for kind in ("npy", "parquet"):
        fit = found[kind]
        passes = fit["passes"]
        rows.append(
            f"| {kind} | {fit['reading']:.2f} s | {computing[0]:.2f}, "
            f"{statistics.median(computing[1:]):.2f} s | {statistics.median(passes):.2f} s | "
            f"{sum(passes) / sum(least(found, kind)):.2f} | {fit['whole']:.1f} s "
            f"({sum(computing):.1f} in memory) | {fit['rise'] / 1e6:.0f} MB |"
        )
    rows.append("")
    rows.append(
        f"Before the first pass that assigns, a file is read {found['npy']['readings']} time(s)."
    )
    if "sampled" in found:
        rows.append(_sampled(found))
    return "\n".join([*rows, ""])


def _sampled(found: dict[str, Any]) -> str:
    fit, plain = found["sampled"], found["npy"]
    best = min(fit["inertias"][-1], plain["inertias"][-1])
    near = next(i for i, value in enumerate(fit["inertias"]) if value <= 1.003 * best)
    took = fit["before"] + sum(fit["passes"][: near + 1])
    return (
        f'`init="sampled"` is within 0.3 % of the lowest inertia after {took:.1f} s, with '
        f"{near + 1} pass(es) over all rows; {plain['whole']:.1f} s from given rows end "
        f"{100 * (plain['inertias'][-1] / best - 1):.2f} % above it."
    )


def _cluster(found: dict[str, Any]) -> str:
    rows = [
        "1,000,000 x 32 on two processes of one thread, k=100: a pass takes "
        f"{1e3 * found['workers']['2']:.0f} ms ({1e3 * found['memory']:.0f} in memory, "
        f"{1e3 * found['above']:.0f} more), k-means|| {found['seeding']:.2f} s. Messages: "
        f"{found['order']:,.0f} bytes to a worker, {found['reply']:,.0f} back."
    ]
    if found.get("dask_ml"):
        peer = found["dask_ml"]
        rows.append(
            f"dask-ml: a pass {peer['pass']:.2f} s ({peer['pass'] / found['workers']['2']:.0f} "
            f"times), k-means|| {peer['seeding']:.1f} s "
            f"({peer['seeding'] / found['seeding']:.0f} times)."
        )
    return "\n".join([*rows, ""])


def _growth(found: list[dict[str, float]]) -> str:
    rows = ["| rows (8 columns, k=100) | a pass | making the rows | rest, a row |"]
    rows.append("|---:|---:|---:|---:|")
    for one in found:
        rest = max(one["pass"] - one["reading"], 0)
        rows.append(
            f"| {one['rows']:,} | {one['pass']:.3f} s | {one['reading']:.3f} s | "
            f"{1e9 * rest / one['rows']:.1f} ns |"
        )
    return "\n".join([*rows, ""])


def _workers(found: dict[str, Any]) -> str:
    rows = [
        "Reckoned from measured messages, 1,000,000,000 x 32, k=100:",
        "",
        "| workers | a pass | computing | scheduling | messages |",
        "|---:|---:|---:|---:|---:|",
    ]
    for workers in (1, 2, 10, 100, 1000):
        cost = over_workers(found, workers, 1000)
        rows.append(
            f"| {workers:,} | {cost.whole:.2f} s | {cost.computing:.3f} s | "
            f"{cost.scheduling:.3f} s | {cost.messages:.3f} s |"
        )
    return "\n".join([*rows, ""])
