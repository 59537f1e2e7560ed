"""Several numbers of clusters at once: what `sweep` and `report -o` have in common."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

import centra
from centra._tables.inputs import TableError
from centra._tables.tables import Table
from centra.cli import options as opt
from centra.cli.common import compared, fit_to, loudly, name_columns, read_centers
from centra.cli.fitted import Fitted, scaled_rows
from centra.cli.meter import Meter
from centra.cli.output import in_words
from centra.selection import Sweep

__all__ = ["agreements", "chosen", "numbers_of", "plain_sweep", "sweep_table"]

#: Numbers of clusters that are tried if none is given.
_FEWEST, _MOST = 2, 10


def numbers_of(
    given: tuple[int, ...] | None, table: Table, fitting: opt.Fitting, reading: opt.Reading
) -> tuple[int, ...]:
    """Give the numbers of clusters to try: those that were given, else 2 to 10.

    There are fewer where there are few rows, and one where a file says where centres begin.
    """
    if given is not None:
        return given
    if fitting.init not in opt.SEEDINGS:
        return (len(read_centers(Path(fitting.init), reading)),)
    most = min(_MOST, table.rows.shape[0] - 1)
    return tuple(range(_FEWEST, most + 1)) or (1,)


def chosen(
    table: Table, ks: tuple[int, ...], fitting: opt.Fitting, reading: opt.Reading
) -> tuple[Fitted, bool, Any, Sweep | None]:
    """Fit one of several numbers of clusters: the one that most criteria pick.

    Parameters
    ----------
    table : Table
        The rows.
    ks : tuple of int
        Numbers of clusters; one alone is chosen at once.
    fitting, reading : Fitting, Reading
        How to fit, and how to read a file of centres.

    Returns
    -------
    fitted : Fitted
        Of the smallest number where the criteria find no clusters, or pick none.
    found : bool
        Whether they pick one.
    rows : ndarray or Source
        What was clustered.
    sweep : Sweep or None
        What it was chosen by; its models are those of single fits.
    """
    if len(ks) == 1:
        fitted, rows = fit_to(table, ks[0], fitting, reading)
        return fitted, True, rows, None
    with Meter(f"comparing numbers of clusters of {Path(table.file).name}"):
        found, rows, scaler = sweep_table(table, ks, fitting, {"silhouette": "auto"})
    k = None if found.best.structure is False else found.best.most_votes
    km = found.models[ks[0] if k is None else k]
    del km.feature_names_in_  # which `sweep_table` set, for remarks
    return Fitted(km, scaler), k is not None, rows, found


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
    best = found.best
    said: dict[str, Any] = {"summary": in_words(best.summary), "choices": choices}
    said |= {
        "starts": found.starts,
        "k": best.k,
        "most_votes": best.most_votes,
        "structure": best.structure,
    }
    return {"table": found.columns, **said}


def agreements(table: Table, label: str, found: Sweep) -> dict[int, float]:
    """Compare the column that --label names with the clusters of every k."""
    rands = {}
    for k, km in found.models.items():
        against = compared(table, label, km)
        assert against is not None
        rands[k] = against.rand
    return rands
