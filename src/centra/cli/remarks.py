"""The remarks of a report in the words of the command line: its options, the rows of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from centra.choose import Sweep
from centra.cli.show import in_words
from centra.cli.tables import Table
from centra.cli.work import loudly
from centra.report import Remark, Report
from centra.words import count

__all__ = ["of_columns", "plain_remarks", "remark_lines", "reworded"]

#: Kinds of remarks that are true of the rows, whatever the number of clusters.
_OF_COLUMNS = ("scale", "constant", "identifier")
#: Rows that are named.
_MOST = 5


def reworded(found: Report, table: Table) -> Report:
    """Give a report whose remarks speak of options and of the file's rows."""
    remarks = tuple(replace(each, text=_said(each, table)) for each in found.remarks)
    return replace(found, remarks=remarks)


def of_columns(found: Sweep, table: Table, rows: Any) -> list[Remark]:
    """Say what is to be said of the columns, which is the same for all numbers of clusters.

    Parameters
    ----------
    found : Sweep
        The sweep; its smallest model is asked.
    table : Table
        What was read.
    rows : ndarray or Source
        What was clustered.
    """
    if not found.models:
        return []
    km = found.models[min(found.models)]
    report = reworded(loudly(table, lambda: km.report(rows, table.weights)), table)
    return [each for each in report.remarks if each.kind in _OF_COLUMNS]


def plain_remarks(remarks: tuple[Remark, ...] | list[Remark]) -> list[dict[str, Any]]:
    """Give remarks as JSON values."""
    return [{"kind": each.kind, "text": each.text, "numbers": each.numbers} for each in remarks]


def remark_lines(remarks: list[Remark]) -> list[str]:
    """Give remarks as lines, with a blank one before."""
    return ["", *(f"* {each.text}" for each in remarks)] if remarks else []


def _said(remark: Remark, table: Table) -> str:
    numbers = remark.numbers
    if remark.kind == "scale":
        return (
            f"Column {numbers['column']} has {_times(numbers['times'])} times the variance of the "
            "others and decides the clusters alone: give --standardize unless that is meant."
        )
    if remark.kind == "identifier":
        return (
            f"Column {numbers['column']} looks like a running number: leave it out with --exclude "
            "unless its order means something."
        )
    if remark.kind == "outliers":
        places = [str(table.row(row) + 1) for row in numbers["rows"]]
        listed = ", ".join(places[:_MOST])
        more = f" and {len(places) - _MOST} more" if len(places) > _MOST else ""
        return (
            f"{count(len(places), 'outlier')}, by row from 1: {listed}{more}. Row {places[0]} lies "
            f"{numbers['radii'][0]:,.0f} radii from the centre of its cluster."
        )
    return in_words(remark.text)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio < 10_000 else f"10^{np.log10(ratio):.0f}"
