"""The remarks of a report in the words of the command line: its options, the rows of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from centra._assign.nearest import nearest_labels
from centra._diagnostics.columns import about_columns
from centra._diagnostics.overlap import overlap_of
from centra._diagnostics.remark import Remark, gravest_first
from centra._diagnostics.report import Report, report_of
from centra._diagnostics.sizes import about_total, single_rows, with_rows
from centra._estimators.base import prepared
from centra._estimators.kmeans import KMeans
from centra._tables.tables import Table
from centra.cli.common import loudly
from centra.cli.output import in_words
from centra.cli.scaling import other_clusters, other_number, own_units, picked
from centra.selection import Sweep

__all__ = ["of_clusters", "of_columns", "plain_remarks", "remark_lines", "reworded"]


def reworded(found: Report, table: Table) -> Report:
    """Give a report whose remarks speak of options and of the file's rows."""
    remarks = [each for each in found.remarks if each.kind != "total"]
    return replace(found, remarks=gravest_first(_reworded([*remarks, *_of_total(table)], table)))


def of_clusters(km: KMeans, table: Table, rows: Any) -> Report:
    """Write the report on a fit: columns are judged as they were read.

    Parameters
    ----------
    km : KMeans
        The fit.
    table : Table
        What was read.
    rows : ndarray or Source
        What was clustered.
    """

    def write() -> Report:
        data = prepared(km, rows, sample_weight=table.weights, weigh=True)
        found = report_of(km, data, own_units(table, rows))
        remarks = [*found.remarks, *other_clusters(km, table, rows)]
        return replace(found, remarks=gravest_first(remarks))

    return reworded(loudly(table, write), table)


def of_columns(found: Sweep, table: Table, rows: Any) -> list[Remark]:
    """Say what is to be said of the columns, by the number of clusters that most criteria pick.

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
    km = found.models[picked(found)]

    def look() -> list[Remark]:
        data = prepared(km, rows, sample_weight=table.weights, weigh=True)
        centers = np.ascontiguousarray(km.cluster_centers_, dtype=np.float64)
        overlap = overlap_of(data, centers, nearest_labels(data, centers))
        raw = own_units(table, rows)
        remarks = about_columns(data, list(table.called), overlap, raw)
        return [*remarks, *other_number(found, table, rows)]

    of_rows = [*single_rows({k: km.labels_ for k, km in found.models.items()}), *_of_total(table)]
    return _reworded(gravest_first([*of_rows, *loudly(table, look)]), table)


def plain_remarks(remarks: tuple[Remark, ...] | list[Remark]) -> list[dict[str, Any]]:
    """Give remarks as JSON values."""
    return [vars(each) for each in remarks]


def remark_lines(remarks: list[Remark]) -> list[str]:
    """Give remarks as lines, with a blank one before."""
    return ["", *(f"* {each.text}" for each in remarks)] if remarks else []


def _reworded(remarks: Iterable[Remark], table: Table) -> list[Remark]:
    named = [with_rows(each, table.row_name) for each in remarks]
    return [replace(each, text=_said(each, table)) for each in named]


def _of_total(table: Table) -> list[Remark]:
    """Say which row sums up all others, by its numbers as they were read or by its name."""
    if not isinstance(table.rows, np.ndarray):
        return []
    return list(about_total(table.rows, table.ids or table.labels))


def _said(remark: Remark, table: Table) -> str:
    numbers = remark.numbers
    if remark.kind == "scale":
        return remark.text.replace(
            "Scale the columns (sklearn.preprocessing.StandardScaler)", "Give --standardize"
        )
    if remark.kind == "identifier":
        return re.sub(
            r": leave (it|them) out", rf": leave \1 out with {_excluded(numbers)}", remark.text
        )
    return in_words(remark.text)


def _excluded(numbers: dict[str, Any]) -> str:
    names = ",".join(numbers.get("columns", ()))
    return f"--exclude {names}" if re.fullmatch(r"[\w.,-]+", names) else "--exclude"
