"""Several numbers of clusters at once: what `sweep` and `report -o` have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

import centra
from centra._tables.inputs import TableError
from centra._tables.tables import Table
from centra.cli import options as opt
from centra.cli.common import compared, loudly, name_columns
from centra.cli.fitted import scaled_rows
from centra.cli.output import in_words
from centra.selection import Sweep

__all__ = ["agreements", "plain_sweep", "sweep_table"]


def sweep_table(
    table: Table, ks: tuple[int, ...], fitting: opt.Fitting, criteria: Mapping[str, Any]
) -> tuple[Sweep, Any, Any]:
    """Fit every number of clusters to a table.

    Parameters
    ----------
    table : Table
        The rows.
    ks : tuple of int
        Numbers of clusters, ascending.
    fitting : Fitting
        How to fit.
    criteria : mapping
        Options of `centra.sweep`.

    Returns
    -------
    sweep : Sweep
    rows : ndarray or Source
        What was clustered.
    scaler : StandardScaler or None
        What made it of the table's rows.

    Raises
    ------
    TableError
        There are fewer rows than clusters, or the rows cannot be clustered.
    """
    n_rows = table.rows.shape[0]
    if 0 < n_rows < ks[-1]:
        raise TableError(
            f"{table.file}: {n_rows} rows cannot make {ks[-1]} clusters; give smaller numbers"
        )
    if fitting.init not in opt.SEEDINGS:
        raise typer.BadParameter(
            "a file of centres fits one number of clusters only", param_hint="--init"
        )
    rows, scaler = scaled_rows(table, fitting.standardize)
    found = loudly(
        table,
        lambda: centra.sweep(
            rows,
            ks,
            sample_weight=table.weights,
            init=fitting.init,
            n_init=fitting.restarts,
            max_iter=fitting.max_iter,
            tol=fitting.tol,
            random_state=fitting.seed,
            n_threads=fitting.threads,
            **criteria,
        ),
    )
    for km in found.models.values():
        name_columns(km, table)
    return found, rows, scaler


def plain_sweep(found: Sweep) -> dict[str, Any]:
    """Give a sweep as JSON values."""
    choices = {
        choice.criterion: {"k": choice.k, "value": choice.value, "why": in_words(choice.why)}
        for choice in found.best.choices
    }
    said = {"summary": in_words(found.best.summary), "choices": choices, "starts": found.starts}
    return {"table": found.columns, **said}


def agreements(table: Table, label: str, found: Sweep) -> dict[int, float]:
    """Compare the column that --label names with the clusters of every k."""
    rands = {}
    for k, km in found.models.items():
        against = compared(table, label, km)
        assert against is not None
        rands[k] = against.rand
    return rands
