"""The two figures of what a pass costs, from a record, on a light and on a dark ground."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from benches.scale.growth import over_workers
from centra._utils.atomic_write import write_whole

#: Ink, paper, lines of the grid, and three colours: computing, reading or scheduling, messages.
LOOKS = {
    "light": ("#1f2328", "#ffffff", "#d0d7de", ("#1f6feb", "#d1791f", "#8250df")),
    "dark": ("#e6edf3", "#131416", "#3d444d", ("#58a6ff", "#e3a34f", "#bc8cff")),
}
WORKERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: The rows that workers share, in times of those that were measured.
TIMES = 1000


def save(record: dict[str, Any], folder: Path) -> list[Path]:
    """Draw a record's figures as SVG; return the files."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    written = []
    for look, (ink, paper, grid, colors) in LOOKS.items():
        plain = {"font.size": 10, "text.color": ink, "axes.labelcolor": ink, "svg.hashsalt": "0"}
        with mpl.rc_context(plain):
            figure = Figure(figsize=(8.4, 3.4), facecolor=paper, layout="constrained")
            rows, workers = figure.subplots(1, 2)
            _rows(rows, record["growth"], colors)
            _workers(workers, record["cluster"], colors)
            for axes in (rows, workers):
                axes.set(xscale="log", yscale="log", ylabel="seconds a pass", facecolor=paper)
                axes.grid(color=grid, linewidth=0.6)
                axes.tick_params(which="both", colors=ink, length=0)
                axes.spines[:].set_visible(False)
            # Into memory first: the name of the file says what is drawn, not how it is written.
            drawn = BytesIO()
            figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
        path = folder / f"cost-{look}.svg"
        with write_whole(path) as file:
            file.write(drawn.getvalue())
        written.append(path)
    return written


def _rows(axes: Any, growth: list[dict[str, float]], colors: tuple[str, ...]) -> None:
    n = [one["rows"] for one in growth]
    whole = [one["pass"] for one in growth]
    making = [one["reading"] for one in growth]
    axes.plot(n, whole, "o-", color=colors[0], markersize=4)
    axes.plot(n, making, "o--", color=colors[1], markersize=4)
    _say(axes, n[1], whole[1], "a pass", colors[0], "right", "bottom")
    _say(axes, n[1], making[1], "making its rows", colors[1], "left", "top")
    axes.set_title("One process, two threads: 8 columns, k = 100", fontsize=10, loc="left")
    axes.set_xlabel("rows")


def _workers(axes: Any, cluster: dict[str, Any], colors: tuple[str, ...]) -> None:
    costs = [over_workers(cluster, workers, TIMES) for workers in WORKERS]
    ink = axes.xaxis.label.get_color()
    whole = [cost.whole for cost in costs]
    axes.plot(WORKERS, whole, "-", color=ink, linewidth=2)
    _say(axes, WORKERS[-2], whole[-2], "a pass", ink, "right", "bottom")
    parts = [
        ("computing", [cost.computing for cost in costs], 4, "top"),
        ("scheduling", [cost.scheduling for cost in costs], 4, "bottom"),
        ("messages", [cost.messages for cost in costs], 7, "bottom"),
    ]
    for (name, values, at, side), color in zip(parts, colors, strict=True):
        axes.plot(WORKERS, values, "--", color=color)
        _say(axes, WORKERS[at], values[at], name, color, "right", side)
    axes.set_title("A cluster: 1,000,000,000 x 32, k = 100", fontsize=10, loc="left")
    axes.set_xlabel("workers of one thread")


def _say(axes: Any, x: float, y: float, text: str, color: str, across: str, up: str) -> None:
    """Write beside a point of a line what the line is."""
    away = (-4 if across == "right" else 4, 4 if up == "bottom" else -4)
    axes.annotate(
        text, (x, y), xytext=away, textcoords="offset points", ha=across, va=up, color=color,
        fontsize=9,
    )  # fmt: skip
