"""The remarks of a report in the words of the command line: its options, the rows of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from centra._diagnostics.columns import about_columns
from centra._diagnostics.remark import Remark, gravest_first
from centra._diagnostics.report import Report
from centra._diagnostics.sizes import about_total, single_rows, with_rows
from centra._estimators.base import prepared
from centra._tables.tables import Table
from centra._utils.escapes import for_terminal
from centra._utils.text import times
from centra.cli.common import loudly
from centra.cli.output import in_words
from centra.selection import Sweep

__all__ = ["of_columns", "plain_remarks", "remark_lines", "reworded"]


def reworded(found: Report, table: Table) -> Report:
    """Give a report whose remarks speak of options and of the file's rows."""
    remarks = [each for each in found.remarks if each.kind != "total"]
    return replace(found, remarks=gravest_first(_reworded([*remarks, *_of_total(table)], table)))


def of_columns(found: Sweep, table: Table, rows: Any) -> list[Remark]:
    """Say what is to be said of the columns, which is the same for all numbers of clusters.

    Parameters
    ----------
    found : Sweep
        The sweep, which validates the rows as it did for its fits.
    table : Table
        What was read.
    rows : ndarray or Source
        What was clustered.
    """
    if not found.models:
        return []
    km = found.models[min(found.models)]
    data = loudly(table, lambda: prepared(km, rows, sample_weight=table.weights, weigh=True))
    of_rows = [*single_rows({k: km.labels_ for k, km in found.models.items()}), *_of_total(table)]
    return _reworded([*of_rows, *about_columns(data, list(table.called))], table)


def plain_remarks(remarks: tuple[Remark, ...] | list[Remark]) -> list[dict[str, Any]]:
    """Give remarks as JSON values."""
    return [vars(each) for each in remarks]


def remark_lines(remarks: list[Remark]) -> list[str]:
    """Give remarks as lines, with a blank one before."""
    return ["", *(f"* {each.text}" for each in remarks)] if remarks else []


def _reworded(remarks: Iterable[Remark], table: Table) -> list[Remark]:
    named = [with_rows(each, _row_name(table)) for each in remarks]
    return [replace(each, text=_said(each, table)) for each in named]


def _of_total(table: Table) -> list[Remark]:
    """Say which row sums up all others, by its numbers as they were read or by its name."""
    if not isinstance(table.rows, np.ndarray):
        return []
    names = getattr(table, "ids", None) or table.labels
    return list(about_total(table.rows, names))


def _row_name(table: Table) -> Callable[[int], str]:
    named: Callable[[int], str] | None = getattr(table, "row_name", None)
    return named or (lambda row: f"row {table.places([row])[0] + 1}")


def _said(remark: Remark, table: Table) -> str:
    numbers = remark.numbers
    column = for_terminal(numbers.get("column", ""))
    if remark.kind == "scale":
        return (
            f"Column {column} has {times(numbers['times'])} times the variance of the "
            "others and decides the clusters alone: give --standardize unless that is meant."
        )
    if remark.kind == "identifier":
        return (
            f"Column {column} looks like a running number: leave it out with --exclude "
            "unless its order means something."
        )
    return in_words(remark.text)
