"""The commands that say what to think of clusters: `report`, `sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from centra.cli import options as opt
from centra.cli.describe import description
from centra.cli.grouped import grouped
from centra.cli.inputs import opened
from centra.cli.meter import Meter
from centra.cli.pages import check_page, write_page
from centra.cli.show import say
from centra.cli.sweeps import agreements, plain_sweep, sweep_table
from centra.cli.work import (
    compared,
    fit_to,
    loudly,
    name_columns,
    read,
)

__all__ = ["report", "sweep"]


@grouped
def report(
    file: opt.Data,
    *,
    clusters: opt.Numbers = "8",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT.html",
            help="Write a page to look at, for one number of clusters or several; it needs no "
            "network.",
        ),
    ] = None,
    columns: opt.Columns,
    fitting: opt.Fitting,
    reading: opt.Reading,
    as_json: opt.Json = False,
) -> None:
    """Find clusters in FILE and say whether to trust them."""
    ks = opt.as_numbers(clusters)
    if output is not None:
        check_page(output, file)
    elif len(ks) > 1:
        raise typer.BadParameter(
            f"{clusters} needs -o OUT.html; centra sweep compares them in a table",
            param_hint="--clusters",
        )
    with opened(file, reading.kind) as source:
        table = read(source, reading, columns.wanted)
        if output is not None:
            lines, values = write_page(
                output, source.short, table, ks, fitting, reading, columns.label
            )
            say(
                lines,
                {
                    "command": "report",
                    "file": str(file),
                    "seed": fitting.seed,
                    "n_dropped": table.n_dropped,
                    **values,
                },
                as_json=as_json,
                aside=False,
            )
            return
        fitted, rows = fit_to(table, ks[0], fitting, reading)
        km = fitted.km
        name_columns(km, table)
        with Meter(f"looking at {source.short}"):
            found = loudly(table, lambda: km.report(rows, table.weights))
    against = compared(table, columns.label, km)
    lines = [table.listed, *str(found).splitlines()]
    if fitting.standardize:
        lines += ["", "Lengths are in standard deviations of the columns."]
    elif any(remark.kind == "scale" for remark in found.remarks):
        lines += ["", "--standardize brings the columns to one scale."]
    if against is not None:
        lines += ["", *against.lines()]
    values = {
        "command": "report",
        "file": str(file),
        "seed": fitting.seed,
        "n_dropped": table.n_dropped,
        **description(fitted, table.called),
        "remarks": [
            {"kind": each.kind, "text": each.text, "numbers": each.numbers}
            for each in found.remarks
        ],
        "clusters": found.clusters,
        "compared": None if against is None else against.plain(),
    }
    say(lines, values, as_json=as_json, aside=False)


@grouped
def sweep(
    file: opt.Data,
    *,
    clusters: opt.Numbers = "2:10",
    columns: opt.Columns,
    silhouette: Annotated[
        bool | None,
        typer.Option(
            help="The exact silhouette, from all pairs of rows; for few rows by default.",
            show_default=False,
        ),
    ] = None,
    gap: Annotated[bool, typer.Option(help="The gap statistic, on a sample.")] = True,
    stability: Annotated[
        bool, typer.Option(help="Whether halves of a sample fall into the same clusters.")
    ] = True,
    sample: Annotated[
        int, typer.Option(metavar="N", help="Rows of that sample at most.", min=2)
    ] = 20_000,
    fitting: opt.Fitting,
    reading: opt.Reading,
    as_json: opt.Json = False,
) -> None:
    """Compare numbers of clusters for the rows of FILE."""
    ks = opt.as_numbers(clusters)
    criteria = {
        "silhouette": "auto" if silhouette is None else silhouette,
        "gap": gap,
        "stability": stability,
        "sample": sample,
    }
    with opened(file, reading.kind) as source:
        table = read(source, reading, columns.wanted)
        found, _ = sweep_table(table, ks, fitting, criteria)
    lines, values = [table.listed, *str(found).splitlines()], plain_sweep(found)
    if table.labels is not None and columns.label is not None:
        rands = agreements(table, columns.label, found)
        best = max(rands, key=lambda k: rands[k])
        lines += [
            "",
            f"{columns.label} agrees best with k = {best}: adjusted Rand index {rands[best]:.3f}.",
        ]
        values["adjusted_rand_index"] = rands
    values = {
        "command": "sweep",
        "file": str(file),
        "seed": fitting.seed,
        "n_dropped": table.n_dropped,
        **values,
    }
    say(lines, values, as_json=as_json, aside=False)
