"""The commands that make a model and use it: `fit`, `predict`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from centra._tables.columns import Wanted, called
from centra._tables.inputs import STANDARD, TableError, check_output
from centra._tables.refusals import Refusal
from centra._tables.several import files_meant, opened_files
from centra._tables.tables import Table
from centra._utils.text import count
from centra.cli import options as opt
from centra.cli.common import (
    compared,
    loudly,
    read,
    same_columns,
)
from centra.cli.describe import description
from centra.cli.fitted import Fitted
from centra.cli.grouped import grouped
from centra.cli.labels import check_labels, write_joined, write_labels
from centra.cli.meter import Meter
from centra.cli.output import in_words, say
from centra.cli.remarks import warn_before_fit
from centra.cli.sweeps import chosen, numbers_of

__all__ = ["fit", "predict"]


@grouped
def fit(
    file: opt.Several,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="MODEL", help="Where the model goes; - is standard output."
        ),
    ],
    *,
    clusters: opt.Number = None,
    columns: opt.Columns,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="OUT", help="Where the cluster of each row goes too."),
    ] = None,
    join: opt.Join = False,
    name: opt.Name = "cluster",
    fitting: opt.Fitting,
    reading: opt.Reading,
    as_json: opt.Json = False,
) -> None:
    """Find clusters in the rows of FILE and save them as MODEL."""
    given = None if clusters is None else (opt.as_number(clusters),)
    opt.check_name(name)
    opt.one_stdout(as_json, output, labels)
    if join and labels is None:
        raise typer.BadParameter("needs --labels OUT", param_hint="--join")
    files = files_meant(file)
    check_output(output, *files)
    with opened_files(files, reading.kind, reading.sheet) as source:
        out_kind = "" if labels is None else check_labels(labels, source, join)
        if labels is not None:
            check_output(labels, *files)
            if labels != STANDARD and labels.resolve() == output.resolve():
                raise TableError(f"{labels}: is also the model; give another name")
        table = read(source, reading, columns.wanted)
        warn_before_fit(table)
        ks = numbers_of(given, table, fitting, reading)
        fitted, found_any, _, sweep = chosen(table, ks, fitting, reading)
        if not found_any:
            assert sweep is not None
            raise Refusal(
                [f"{table.file}: {in_words(sweep.best.summary)} Say with -k how many to make"],
                [{"--clusters": str(min(sweep.models))}],
            )
        fitted.save(output, table.names)
        km = fitted.km
        found = table.spread(km.labels_)
        if labels is not None and join:
            write_joined(labels, source, table.reader, found, name)
        elif labels is not None:
            write_labels(labels, out_kind, [found], len(found), name)
    against = compared(table, columns.label, km)
    k, (n_rows, n_columns) = km.n_clusters, table.rows.shape
    lines = [
        f"{_named(output)}: {count(k, 'cluster')} of {count(n_rows, 'row')} x "
        f"{count(n_columns, 'column')}, inertia {km.inertia_:.6g} "
        f"after {count(km.n_iter_, 'iteration')}"
    ]
    lines.append(table.listed)
    if sweep is not None:
        tried = sorted(sweep.models)
        lines.append(f"k = {k} of {tried[0]} to {tried[-1]}: {in_words(sweep.best.summary)}")
    if labels is not None:
        lines.append(f"{_named(labels)}: {_count(found)}")
    if against is not None:
        lines += ["", *against.lines()]
    values = {
        "command": "fit",
        "output": str(output),
        "labels": None if labels is None else str(labels),
        "seed": fitting.seed,
        "n_dropped": table.n_dropped,
        "notes": table.notes,
        **description(fitted, table.called),
        "compared": None if against is None else against.plain(),
    }
    say(lines, values, as_json=as_json, aside=STANDARD in (output, labels))


@grouped
def predict(
    model: opt.Model,
    file: opt.Several,
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
    *,
    join: opt.Join = False,
    name: opt.Name = "cluster",
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Columns to take: names, or numbers from 1.  [default: those of the fit, by name]",
        ),
    ] = None,
    threads: opt.Threads = None,
    reading: opt.Reading,
    as_json: opt.Json = False,
) -> None:
    """Write the cluster of each row of FILE to OUT."""
    opt.check_name(name)
    opt.one_stdout(as_json, output)
    check_labels(output, None, join)
    files = files_meant(file)
    check_output(output, *files, model)
    fitted = Fitted.load(model)
    km = fitted.km
    km.set_params(n_threads=threads)
    with opened_files(files, reading.kind, reading.sheet) as source:
        out_kind = check_labels(output, source, join)
        width = None if fitted.names is not None else km.n_features_in_
        table = read(source, reading, Wanted(columns, fitted=fitted.names, width=width))
        same_columns(table, fitted, str(model), by_hand=columns is not None)
        n_rows = table.n_rows
        with Meter(f"labelling {source.short}"):
            parts = labels_of(table, fitted)
            if join:
                labels = loudly(table, lambda: np.concatenate(list(parts)))
                write_joined(output, source, table.reader, labels, name)
                sizes = np.bincount(labels[labels >= 0])
            else:
                sizes = loudly(table, lambda: write_labels(output, out_kind, parts, n_rows, name))
    sizes = np.append(sizes, np.zeros(km.n_clusters - len(sizes), dtype=sizes.dtype))
    used = int(np.count_nonzero(sizes))
    line = (
        f"{_named(output)}: {count(int(sizes.sum()), 'label')}, {used} of {km.n_clusters} clusters "
        "in use"
    )
    values: dict[str, Any] = {
        "command": "predict",
        "model": str(model),
        "output": str(output),
        "n_rows": n_rows,
        "n_dropped": table.n_dropped,
        "n_clusters": km.n_clusters,
        "clusters_in_use": used,
        "sizes": sizes,
    }
    say([line], values, as_json=as_json, aside=output == STANDARD)


def labels_of(table: Table, fitted: Fitted) -> Iterator[NDArray[np.int32]]:
    """Yield the clusters of a table's rows; of rows on the disk block by block, in one reading."""
    rows = table.rows
    if isinstance(rows, np.ndarray):
        yield table.spread(fitted.km.predict(fitted.scaled(table)))
        return
    fitted.scaled(table)  # says what is wrong with it
    start = 0
    for block in rows.arrays():
        finite = np.isfinite(block)
        if not finite.all():
            row, at = np.argwhere(~finite)[0].tolist()
            raise TableError(
                f"{table.file}: {table.where(start + row)}, "
                f"{called(table.reader.names, table.choice.features[at])}: {block[row, at]} is not "
                "a finite number; correct it or drop the row"
            )
        yield fitted.km.predict(block)
        start += len(block)


def _count(labels: NDArray[np.int32]) -> str:
    return count(int(np.count_nonzero(labels >= 0)), "label")


def _named(output: Path) -> str:
    return "standard output" if output == STANDARD else str(output)
