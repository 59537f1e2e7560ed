"""The commands, as typer reads them.

A command reads its input, hands it to the library and says in a line or two what came of it.
Everything that goes wrong is an exception, which `centra.cli.main` turns into a line and an exit
code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import centra
from centra.cli import options as opt
from centra.cli.columns import Wanted
from centra.cli.describe import description, lines_of
from centra.cli.fitted import Fitted
from centra.cli.inputs import STANDARD, TableError, check_output, opened
from centra.cli.labels import check_labels, write_joined, write_labels
from centra.cli.meter import Meter
from centra.cli.pages import check_page, write_page
from centra.cli.show import say
from centra.cli.sweeps import agreements, as_numbers, plain_sweep, sweep_table
from centra.cli.work import (
    How,
    Settings,
    compared,
    fit_to,
    loudly,
    name_columns,
    read,
    same_columns,
)
from centra.errors import ModelFileError

__all__ = ["app", "run"]

app = typer.Typer(
    name="centra",
    help="k-means clustering of tables in files: one answer, everywhere.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` names, and return its exit code."""
    command = typer.main.get_command(app)
    args = None if arguments is None else list(arguments)
    try:
        code = command.main(args=args, prog_name="centra", standalone_mode=False)
    except typer.Abort:
        code = _INTERRUPTED
    if code == _INTERRUPTED:  # typer's way to say Ctrl-C, an exception or a code by its version
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"centra {centra.__version__}")
        raise typer.Exit


@app.callback(
    epilog=opt.examples(
        "centra fit points.csv -k 3 -o three.centra",
        "centra describe three.centra",
        "centra predict three.centra more.csv -o labels.csv",
        "centra sweep points.csv -k 2:12",
        "centra report points.csv -k 2:12 -o report.html",
    )
)
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """k-means clustering of tables in files: one answer, everywhere."""


@app.command(
    epilog=opt.examples(
        "centra fit points.csv -k 3 -o three.centra --seed 1",
        "centra fit people.parquet -k 5 --columns age,income --standardize -o five.centra",
        "centra fit iris.csv -k 3 --label species -o iris.centra",
        "zcat rows.csv.gz | centra fit - --format csv -k 8 -o eight.centra",
        "centra fit points.csv -k 3 -o three.centra --labels clustered.csv --join",
    )
)
def fit(
    file: opt.Data,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="MODEL", help="Where the model goes; - is standard output."
        ),
    ],
    clusters: opt.Clusters = 8,
    columns: opt.Columns = None,
    label: opt.Label = None,
    weight: opt.Weight = None,
    standardize: opt.Standardize = False,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="OUT", help="Where the cluster of each row goes too."),
    ] = None,
    join: opt.Join = False,
    init: opt.Init = "k-means++",
    n_init: opt.Restarts = "auto",
    max_iter: opt.Iterations = 300,
    tol: opt.Tolerance = 1e-4,
    seed: opt.Seed = 0,
    threads: opt.Threads = None,
    kind: opt.Format = None,
    header: opt.Header = None,
    delimiter: opt.Delimiter = None,
    memory: opt.Memory = "1GB",
    as_json: opt.Json = False,
) -> None:
    """Find clusters in the rows of FILE and save them as MODEL."""
    opt.one_stdout(as_json, output, labels)
    if join and labels is None:
        raise typer.BadParameter("needs --labels OUT", param_hint="--join")
    check_output(output, file)
    settings = Settings(clusters, init, n_init, max_iter, tol, seed, threads, standardize)
    how = How(kind, header, delimiter, memory)
    settings.check()
    with opened(file, how.kind) as source:
        out_kind = "" if labels is None else check_labels(labels, source, join)
        if labels is not None:
            check_output(labels, file)
            if labels != STANDARD and labels.resolve() == output.resolve():
                raise TableError(f"{labels}: is also the model; give another name")
        table = read(source, how, Wanted(columns, label, weight))
        fitted, _ = fit_to(table, settings, how)
        fitted.save(output, table.names)
        km = fitted.km
        if labels is not None and join:
            write_joined(labels, source, table.reader, km.labels_)
        elif labels is not None:
            write_labels(labels, out_kind, km.labels_)
    against = compared(table, label, km)
    n_rows, n_columns = table.rows.shape
    lines = [
        f"{_named(output)}: {clusters} clusters of {n_rows} rows x {n_columns} columns, "
        f"inertia {km.inertia_:.6g} after {km.n_iter_} iterations"
    ]
    if labels is not None:
        lines.append(f"{_named(labels)}: {len(km.labels_)} labels")
    if against is not None:
        lines += ["", *against.lines()]
    values = {
        "command": "fit",
        "output": str(output),
        "labels": None if labels is None else str(labels),
        "seed": seed,
        **description(fitted, table.called),
        "compared": None if against is None else against.plain(),
    }
    say(lines, values, as_json=as_json, aside=STANDARD in (output, labels))


@app.command(
    epilog=opt.examples(
        "centra predict three.centra points.csv -o labels.csv",
        "centra predict three.centra points.csv -o clustered.csv --join",
        "cat points.csv | centra predict three.centra - --format csv -o - | head",
    )
)
def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model that fit saved.")],
    file: opt.Data,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where the labels go, in a format told by the suffix; "
            "- is standard output, in the format of FILE.",
        ),
    ],
    join: opt.Join = False,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Columns to take: names, or numbers from 1.  [default: those of the fit, by name]",
        ),
    ] = None,
    threads: opt.Threads = None,
    kind: opt.Format = None,
    header: opt.Header = None,
    delimiter: opt.Delimiter = None,
    memory: opt.Memory = "1GB",
    as_json: opt.Json = False,
) -> None:
    """Write the cluster of each row of FILE to OUT."""
    opt.one_stdout(as_json, output)
    check_labels(output, None, join)
    check_output(output, file, model)
    how = How(kind, header, delimiter, memory)
    fitted = Fitted.load(model)
    km = fitted.km
    km.set_params(n_threads=threads)
    with opened(file, how.kind) as source:
        out_kind = check_labels(output, source, join)
        table = read(source, how, Wanted(columns, fitted=fitted.names))
        same_columns(table, fitted, str(model), by_hand=columns is not None)
        with Meter(f"labelling {source.short}"):
            labels = loudly(table, lambda: km.predict(fitted.scaled(table)))
        if join:
            write_joined(output, source, table.reader, labels)
        else:
            write_labels(output, out_kind, labels)
    sizes = np.bincount(labels, minlength=km.n_clusters)
    used = int(np.count_nonzero(sizes))
    line = f"{_named(output)}: {len(labels)} labels, {used} of {km.n_clusters} clusters in use"
    values: dict[str, Any] = {
        "command": "predict",
        "model": str(model),
        "output": str(output),
        "n_rows": len(labels),
        "n_clusters": km.n_clusters,
        "clusters_in_use": used,
        "sizes": sizes,
    }
    say([line], values, as_json=as_json, aside=output == STANDARD)


@app.command(
    epilog=opt.examples(
        "centra report points.csv -k 3",
        "centra report points.csv -k 2:12 -o report.html",
        "centra report people.csv -k 4 --columns age,income --standardize --seed 1",
        "centra report iris.csv -k 3 --label species --json",
    )
)
def report(
    file: opt.Data,
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
    columns: opt.Columns = None,
    label: opt.Label = None,
    weight: opt.Weight = None,
    standardize: opt.Standardize = False,
    init: opt.Init = "k-means++",
    n_init: opt.Restarts = "auto",
    max_iter: opt.Iterations = 300,
    tol: opt.Tolerance = 1e-4,
    seed: opt.Seed = 0,
    threads: opt.Threads = None,
    kind: opt.Format = None,
    header: opt.Header = None,
    delimiter: opt.Delimiter = None,
    memory: opt.Memory = "1GB",
    as_json: opt.Json = False,
) -> None:
    """Find clusters in FILE and say whether to trust them."""
    ks = as_numbers(clusters)
    settings = Settings(ks[0], init, n_init, max_iter, tol, seed, threads, standardize)
    how = How(kind, header, delimiter, memory)
    settings.check()
    if output is not None:
        check_page(output, file)
    elif len(ks) > 1:
        raise typer.BadParameter(
            f"{clusters} needs -o OUT.html; centra sweep compares them in a table",
            param_hint="--clusters",
        )
    with opened(file, how.kind) as source:
        table = read(source, how, Wanted(columns, label, weight))
        if output is not None:
            lines, values = write_page(output, source.short, table, ks, settings, how, label)
            say(
                lines,
                {"command": "report", "file": str(file), "seed": seed, **values},
                as_json=as_json,
                aside=False,
            )
            return
        fitted, rows = fit_to(table, settings, how)
        km = fitted.km
        name_columns(km, table)
        with Meter(f"looking at {source.short}"):
            found = loudly(table, lambda: km.report(rows, table.weights))
    against = compared(table, label, km)
    lines = str(found).splitlines()
    if standardize:
        lines += ["", "Lengths are in standard deviations of the columns."]
    elif any(remark.kind == "scale" for remark in found.remarks):
        lines += ["", "--standardize brings the columns to one scale."]
    if against is not None:
        lines += ["", *against.lines()]
    values = {
        "command": "report",
        "file": str(file),
        "seed": seed,
        **description(fitted, table.called),
        "remarks": [
            {"kind": each.kind, "text": each.text, "numbers": each.numbers}
            for each in found.remarks
        ],
        "clusters": found.clusters,
        "compared": None if against is None else against.plain(),
    }
    say(lines, values, as_json=as_json, aside=False)


@app.command(
    epilog=opt.examples(
        "centra sweep points.csv -k 2:12",
        "centra sweep people.csv -k 2:20 --columns age,income --standardize --seed 1",
        "centra sweep large.npy -k 2:20 --no-gap --no-stability",
    )
)
def sweep(
    file: opt.Data,
    clusters: opt.Numbers = "2:10",
    columns: opt.Columns = None,
    label: opt.Label = None,
    weight: opt.Weight = None,
    standardize: opt.Standardize = False,
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
    neighbor_starts: Annotated[
        bool,
        typer.Option("--neighbor-starts", help="Start from the answers for more and fewer too."),
    ] = False,
    init: opt.Init = "k-means++",
    n_init: opt.Restarts = "auto",
    max_iter: opt.Iterations = 300,
    tol: opt.Tolerance = 1e-4,
    seed: opt.Seed = 0,
    threads: opt.Threads = None,
    kind: opt.Format = None,
    header: opt.Header = None,
    delimiter: opt.Delimiter = None,
    memory: opt.Memory = "1GB",
    as_json: opt.Json = False,
) -> None:
    """Compare numbers of clusters for the rows of FILE."""
    ks = as_numbers(clusters)
    settings = Settings(ks[0], init, n_init, max_iter, tol, seed, threads, standardize)
    how = How(kind, header, delimiter, memory)
    settings.check()
    criteria = {
        "silhouette": "auto" if silhouette is None else silhouette,
        "gap": gap,
        "stability": stability,
        "sample": sample,
        "neighbor_starts": neighbor_starts,
    }
    with opened(file, how.kind) as source:
        table = read(source, how, Wanted(columns, label, weight))
        found, _ = sweep_table(table, ks, settings, criteria)
    lines, values = str(found).splitlines(), plain_sweep(found)
    if table.labels is not None and label is not None:
        rands = agreements(table, label, found)
        best = max(rands, key=lambda k: rands[k])
        lines += [
            "",
            f"{label} agrees best with k = {best}: adjusted Rand index {rands[best]:.3f}.",
        ]
        values["adjusted_rand_index"] = rands
    values = {"command": "sweep", "file": str(file), "seed": seed, **values}
    say(lines, values, as_json=as_json, aside=False)


@app.command(
    epilog=opt.examples("centra describe three.centra", "centra describe three.centra --json")
)
def describe(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model that fit saved.")],
    as_json: opt.Json = False,
) -> None:
    """Say what is in MODEL: clusters, columns, how it was fitted."""
    if model.is_dir():
        raise TableError(f"{model}: is a folder; give a file in it")
    with opened(model, "model") as source:
        try:
            fitted = Fitted.load(source.path)
        except ModelFileError as error:
            raise TableError(str(error).replace(str(source.path), source.name)) from error
    values = {"command": "describe", "model": str(model), **description(fitted)}
    say(lines_of(fitted, str(model)), values, as_json=as_json, aside=False)


@app.command(epilog=opt.examples("centra tutorial page"))
def tutorial(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="A folder, made where missing.")],
    as_json: opt.Json = False,
) -> None:
    """Write the k-means tutorial into the folder OUT."""
    from centra.tutorial import write  # here, because it needs matplotlib

    try:
        with Meter("drawing the figures"):
            paths = write(output)
    except ImportError as error:
        raise TableError(str(error)) from error
    line = f"{paths[-1]}: the tutorial, with {len(paths) - 1} figures beside it"
    values = {"command": "tutorial", "page": paths[-1], "figures": list(paths[:-1])}
    say([line], values, as_json=as_json, aside=False)


def _named(output: Path) -> str:
    return "standard output" if output == STANDARD else str(output)
