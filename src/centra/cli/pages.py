"""`centra report -o`: a page to look at."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from centra._tables.inputs import STANDARD, TableError, check_output
from centra._tables.tables import Table
from centra._utils.escapes import encodable, short
from centra._utils.text import count, listed
from centra.cli import options as opt
from centra.cli.common import fit_to, loudly, name_columns
from centra.cli.meter import Meter
from centra.cli.output import in_words
from centra.cli.remarks import of_columns, plain_remarks, remark_lines, reworded
from centra.cli.scaling import other_clusters
from centra.cli.sweeps import plain_sweep, sweep_table
from centra.cli.written import wrote

__all__ = ["check_page", "write_page"]


def check_page(output: Path, file: Path) -> None:
    """Refuse a page that could not be written, before anything is read."""
    if output == STANDARD or output.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"{output} is no name of a page; give OUT.html", param_hint="-o")
    check_output(output, file)


def write_page(
    output: Path,
    title: str,
    table: Table,
    ks: tuple[int, ...],
    fitting: opt.Fitting,
    reading: opt.Reading,
    label: str | None,
    criteria: Mapping[str, Any],
) -> tuple[list[str], dict[str, Any]]:
    """Fit, write the page, and say what came of it: lines and values."""
    from centra import page
    from centra.page.wording import Wording

    labels = None
    if table.labels is not None and label is not None:
        labels = {label if table.label_name is None else table.label_name: table.labels}
    values: dict[str, Any] = {"output": str(output)}
    if len(ks) == 1:
        fitted, rows = fit_to(table, ks[0], fitting, reading)
        km, scaler = fitted.km, fitted.scaler
        name_columns(km, table)
        models: Any = km
        units = other_clusters(km, table, rows)
    else:
        models, rows, scaler = sweep_table(table, ks, fitting, criteria)
        remarks = of_columns(models, table, rows)
        values |= plain_sweep(models) | {"remarks": plain_remarks(remarks)}
        units = [each for each in remarks if each.kind == "scaling"]
    notes: dict[int, list[str]] = {}
    if table.n_dropped:
        left_out = (
            f"{count(table.n_dropped, 'row')} with a missing number left out and not counted."
        )
        notes = {k: [left_out] for k in ks}
    with Meter(f"writing {output.name}"):
        try:
            loudly(
                table,
                lambda: page.write(
                    output,
                    models,
                    rows,
                    sample_weight=table.weights,
                    scaler=scaler,
                    labels=labels,
                    title=title,
                    notes=notes,
                    provenance=_provenance(table),
                    wording=Wording(
                        report=lambda found: reworded(found, table, units),
                        text=in_words,
                        rows=table.row_names,
                        call="centra fit --labels OUT.csv writes the clusters of all rows.",
                    ),
                ),
            )
        except ImportError as error:
            raise TableError(str(error)) from error
    wrote(output)
    which = count(ks[0], "cluster") if len(ks) == 1 else f"{ks[0]} to {ks[-1]} clusters"
    lines = [f"{output}: a page on {which} of {count(table.rows.shape[0], 'row')}"]
    if len(ks) > 1:
        lines.append(in_words(models.best.summary))
    lines.append(table.listed)
    if len(ks) > 1:
        lines += remark_lines(remarks)
    return lines, values


def _provenance(table: Table) -> dict[str, str]:
    """Say how a page was made: the command, the file, what was left out of it."""
    called_so = Path(sys.argv[0]).name.startswith("centra")
    command = shlex.join(["centra", *sys.argv[1:]]) if called_so else ""
    names, used = table.reader.names, set(table.choice.features)
    apart = {table.choice.label: " (compared with)", table.choice.weight: " (weights)"}
    left = [
        ((short(names[at]) if names is not None else "") or f"column {at + 1}") + apart.get(at, "")
        for at in range(table.reader.width)
        if at not in used
    ]
    dropped = f"{table.n_dropped:,}, for a missing number" if table.n_dropped else "none"
    return {
        "Command": encodable(command),
        "File": encodable(table.file),
        "Columns": listed([short(name) for name in table.called], 50),
        "Columns left out": listed(left, 50) or "none",
        "Rows": f"{table.rows.shape[0]:,}",
        "Rows left out": dropped,
        "Notes": " ".join(f"{note}." for note in table.notes),
    }
