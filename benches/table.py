"""Tables of a record: plain text for a terminal, Markdown for the README."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benches import PATIENCE
from centra._utils.atomic_write import write_whole

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
# Below this many rows, what an allocator does by itself is more than 32 bytes a row.
MANY_ROWS = 100_000
PLAIN_HEAD = (
    *("row", "rows x columns", "k", "iterations", "centra", "peer", "peer's time"),
    *("ratio", "min", "max", "goal", "bound", "bytes/row", "differ"),
)


def plain(record: dict[str, Any]) -> str:
    """Return the table that a terminal shows."""
    head, machine = plain_line(PLAIN_HEAD), record["machine"]
    lines = [head, "-" * len(head)]
    lines += [line for row in record["rows"] for line in plain_row(row)]
    about = (
        f"{record['cpu']['model']}, {record['threads']} threads: {machine['gflops']:.0f} GFLOP/s "
        f"(float32 matrix product), {machine['gb_per_second']:.1f} GB/s (copy); "
        f"rounds: {record['rounds']}"
    )
    return "\n".join([*lines, about])


def plain_row(row: dict[str, Any]) -> list[str]:
    """Return the lines of one row: one for every peer."""
    lines = []
    for i, (peer, ratio) in enumerate(row["ratios"].items()):
        goal = "-" if row["goal"] is None else f"{row['goal']:g} {'met' if row['met'] else 'no'}"
        about = (row["name"], size(row), str(row["k"]), iterations(row))
        measured = (
            *(duration(row, "centra"), peer, duration(row, peer)),
            *(f"{ratio[key]:.2f}" for key in ("median", "min", "max")),
            *(goal if i == 0 else "", share(row), per_row(row)),
            str(row["check"]["differ"].get(peer, "-")),
        )
        lines.append(plain_line((*(about if i == 0 else [""] * 4), *measured)))
    return lines


def plain_line(cells: tuple[str, ...]) -> str:
    """Return cells as one line: names to the left, numbers to the right."""
    widths = (16, 15, 4, 10, 8, 20, 11, 6, 6, 6, 7, 6, 9, 7)
    left = (0, 5)
    padded = [
        cell.ljust(width) if i in left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def markdown(record: dict[str, Any]) -> str:
    """Return the table that the README shows, with what it was measured on."""
    peers = list(dict.fromkeys(peer for row in record["rows"] for peer in comparable(row)))
    head = ["data", "rows x columns", "k", "dtype", "iterations", "centra", *peers]
    head += ["times faster than the fastest (min to max)", "of the bound", "bytes a row"]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for row in record["rows"]:
        cells = [data(row), size(row), f"{row['k']:,}"]
        cells += [row["dtype"] + (", CSR" if row["csr"] else ""), iterations(row)]
        cells += [duration(row, "centra"), *(duration(row, peer) for peer in peers)]
        lines.append([*cells, ratio_cell(fastest(row)), share(row), per_row(row)])
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{table}\n\n{caption(record)}\n"


def caption(record: dict[str, Any]) -> str:
    """Return the sentences that a reader needs to believe the table."""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    cpu, machine = record["cpu"], record["machine"]
    return (
        f"Measured on {record['date']} on {cpu['model']} ({', '.join(cpu['flags'])}), "
        f"{record['threads']} threads for everyone; {versions}. Medians of {record['rounds']} "
        "rounds in which the contestants alternate, from the same start, for the same number of "
        f"iterations; ratios are taken pair by pair; who takes more than {PATIENCE:g} s is timed "
        "once. Before a row was timed, centra's labels of all its rows were held against the "
        "definition. The bound is the longer of the arithmetic at "
        f"{machine['gflops']:.0f} GFLOP/s (float32 matrix product) and of reading the rows at "
        f"{machine['gb_per_second']:.1f} GB/s (copy), both measured in the same run, for all rows "
        "against all centres: what filters leave out may take it past 100 %. Bytes a row are peak "
        f"memory beyond the rows themselves, from {MANY_ROWS:,} rows on.{elsewhere(record)}"
    )


def elsewhere(record: dict[str, Any]) -> str:
    """Return what must be said of those that solve another problem: they choose their start."""
    sentences = []
    for row in record["rows"]:
        if "inertia" not in row:
            continue
        ours, *others = row["inertia"].items()
        for name, inertia in others:
            sentences.append(
                f" {name} starts from rows of its own choice, so only time and inertia compare: on "
                f"{row['data']}, {row['dtype']}, it takes {duration(row, name)} and ends with "
                f"{inertia:.6g}, centra with {ours[1]:.6g}."
            )
    return "".join(sentences)


def size(row: dict[str, Any]) -> str:
    return f"{row['rows']:,} x {row['columns']:,}"


def data(row: dict[str, Any]) -> str:
    """Return the data's name, and what centra was allowed."""
    return row["data"] + (f", `memory={row['allowed']!r}`" if row.get("allowed") else "")


def iterations(row: dict[str, Any]) -> str:
    if row.get("predict"):
        return "predict"
    return f"n_init={row['n_init']}" if row["iterations"] is None else str(row["iterations"])


def duration(row: dict[str, Any], who: str) -> str:
    """Return a median time, in the unit that reads best."""
    if who not in row["seconds"]:
        return "-"
    seconds = statistics.median(row["seconds"][who])
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def comparable(row: dict[str, Any]) -> list[str]:
    """Return the peers that solve the same problem as centra."""
    return [peer for peer in row["ratios"] if peer not in row.get("inertia", {})]


def fastest(row: dict[str, Any]) -> dict[str, float]:
    """Return the ratios of the fastest of them."""
    ratios: list[dict[str, float]] = [row["ratios"][peer] for peer in comparable(row)]
    return min(ratios, key=lambda ratio: ratio["median"])


def ratio_cell(ratio: dict[str, float]) -> str:
    return f"**{ratio['median']:.1f}** ({ratio['min']:.1f} to {ratio['max']:.1f})"


def share(row: dict[str, Any]) -> str:
    return f"{100 * row['bound']['share']:.0f} %" if row["bound"] else "-"


def per_row(row: dict[str, Any]) -> str:
    if "memory" not in row or row["rows"] < MANY_ROWS:
        return "-"
    return f"{row['memory']['bytes_per_row']:.1f}"


def write_between(path: Path, text: str) -> None:
    """Replace what stands between the two markers of a file, which changes whole or not at all.

    Raises
    ------
    ValueError
        If the file has not each marker once, in order.
    """
    page = path.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"{path.name} needs the lines {BEGIN} and {END}, once each, in order.")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    with write_whole(path) as file:
        file.write(f"{before}{BEGIN}\n{text}{END}{after}".encode())
