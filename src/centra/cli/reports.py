"""The commands that say what to think of clusters: `report`, `sweep`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from centra._tables.inputs import opened
from centra._tables.tables import Table
from centra.cli import options as opt
from centra.cli.common import (
    compared,
    name_columns,
    read,
)
from centra.cli.describe import centers_of, description
from centra.cli.grouped import grouped
from centra.cli.meter import Meter
from centra.cli.output import in_words, say
from centra.cli.pages import check_page, write_page
from centra.cli.remarks import of_clusters, of_columns, plain_remarks, remark_lines
from centra.cli.sweeps import (
    agreements,
    chosen,
    numbers_of,
    plain_sweep,
    sweep_table,
)

__all__ = ["report", "sweep"]


@grouped
def report(
    file: opt.Data,
    *,
    clusters: opt.Numbers = None,
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
    silhouette: opt.Silhouette = None,
    fitting: opt.Fitting,
    reading: opt.Reading,
    as_json: opt.Json = False,
) -> None:
    """Find clusters in FILE and say whether to trust them."""
    given = None if clusters is None else opt.as_numbers(clusters)
    opt.one_stdout(as_json)
    if output is not None:
        check_page(output, file)
    elif given is not None and len(given) > 1:
        raise typer.BadParameter(
            f"{clusters} needs -o OUT.html; centra sweep compares them in a table",
            param_hint="--clusters",
        )
    if silhouette is not None and given is not None and len(given) == 1:
        raise typer.BadParameter("compares several numbers of clusters", param_hint="--silhouette")
    with opened(file, reading.kind, reading.sheet) as source:
        table = read(source, reading, columns.wanted, looks=True)
        ks = numbers_of(given, table, fitting, reading)
        if output is not None:
            criteria = {"silhouette": opt.as_silhouette(silhouette)}
            lines, values = write_page(
                output, source.short, table, ks, fitting, reading, columns.label, criteria
            )
            values = _headed("report", file, fitting, table, values)
            say(lines, values, as_json=as_json, aside=False)
            return
        fitted, _, rows, tried = chosen(table, ks, fitting, reading)
        km = fitted.km
        name_columns(km, table)
        with Meter(f"looking at {source.short}"):
            found = of_clusters(km, table, rows)
    against = compared(table, columns.label, km)
    lines = [table.listed]
    if tried is not None:
        which = f"(Compared were k = {ks[0]} to {ks[-1]}.)"
        lines = [f"{in_words(tried.best.summary)} {which}", *lines, ""]
    lines += str(found).splitlines()
    if fitting.standardize:
        lines += ["", "Lengths are in standard deviations of the columns."]
    lines += ["", "Centres, in the columns' own units:", *centers_of(fitted, table.called)]
    if against is not None:
        lines += ["", *against.lines()]
    values = {
        **description(fitted, table.called),
        "verdict": found.verdict,
        "remarks": plain_remarks(found.remarks),
        "clusters": found.clusters,
        "portraits": found.portraits,
        "compared": None if against is None else against.plain(),
    }
    if tried is not None:
        values["sweep"] = plain_sweep(tried)
    values = _headed("report", file, fitting, table, values)
    say(lines, values, as_json=as_json, aside=False)


@grouped
def sweep(
    file: opt.Data,
    *,
    clusters: opt.Numbers = None,
    columns: opt.Columns,
    silhouette: opt.Silhouette = None,
    gap: Annotated[bool, typer.Option(help="The gap statistic, on a sample.")] = True,
    stability: Annotated[
        bool, typer.Option(help="Whether halves of a sample fall into the same clusters.")
    ] = True,
    sample: Annotated[
        int, typer.Option(metavar="N", help="Rows of that sample at most.", min=2)
    ] = 20_000,
    neighbor_starts: Annotated[
        bool,
        typer.Option("--neighbor-starts", help="Start from the answers for more and fewer too."),
    ] = False,
    fitting: opt.Fitting,
    reading: opt.Reading,
    as_json: opt.Json = False,
) -> None:
    """Compare numbers of clusters for the rows of FILE."""
    given = None if clusters is None else opt.as_numbers(clusters)
    opt.one_stdout(as_json)
    criteria = {
        "silhouette": opt.as_silhouette(silhouette),
        "gap": gap,
        "stability": stability,
        "sample": sample,
        "neighbor_starts": neighbor_starts,
    }
    with opened(file, reading.kind, reading.sheet) as source:
        table = read(source, reading, columns.wanted, looks=True)
        ks = numbers_of(given, table, fitting, reading)
        found, rows, _ = sweep_table(table, ks, fitting, criteria)
        remarks = of_columns(found, table, rows)
    lines, values = [table.listed, *in_words(str(found)).splitlines()], plain_sweep(found)
    lines += remark_lines(remarks)
    values["remarks"] = plain_remarks(remarks)
    if table.labels is not None and columns.label is not None:
        rands = agreements(table, columns.label, found)
        best = max(rands, key=lambda k: rands[k])
        lines += [
            "",
            f"{columns.label} agrees best with k = {best}: adjusted Rand index {rands[best]:.3f}.",
        ]
        values["adjusted_rand_index"] = rands
    values = _headed("sweep", file, fitting, table, values)
    say(lines, values, as_json=as_json, aside=False)


def _headed(
    command: str, file: Path, fitting: opt.Fitting, table: Table, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Put before the values for programs what all of them begin with."""
    head = {"command": command, "file": str(file), "seed": fitting.seed}
    return {**head, "n_dropped": table.n_dropped, "notes": table.notes, **values}
