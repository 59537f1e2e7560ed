"""The remarks of a report in the words of the command line: its options, the rows of the file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from centra._assign.nearest import nearest_labels
from centra._diagnostics.columns import about_columns
from centra._diagnostics.overlap import overlap_of
from centra._diagnostics.remark import Remark, gravest_first
from centra._diagnostics.report import Report, report_of
from centra._diagnostics.sizes import about_total, single_rows, with_rows
from centra._diagnostics.values import about_identifiers, rows_to_judge
from centra._estimators.base import prepared
from centra._estimators.kmeans import KMeans
from centra._tables.csvs import CsvFile
from centra._tables.suggestions import as_list
from centra._tables.tables import Table
from centra.cli.common import loudly
from centra.cli.output import in_words, tell
from centra.cli.scaling import other_clusters, other_number, own_units, picked
from centra.selection import Sweep

__all__ = [
    "of_clusters",
    "of_columns",
    "plain_remarks",
    "remark_lines",
    "reworded",
    "warn_before_fit",
]

#: Of a file of more rows the names are not read again.
NAMED = 100_000
#: Columns that a remark spells out to be kept.
_LISTED = 8


def reworded(found: Report, table: Table, more: Iterable[Remark] = ()) -> Report:
    """Give a report whose remarks, and more of them, speak of options and of the file's rows."""
    remarks = [*(each for each in found.remarks if each.kind != "total"), *more]
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
    codes = [code for each in named if each.kind == "code" for code in each.numbers["codes"]]
    # One option takes them all: a second one would take the place of the first.
    missing = ",".join(f"{code:g}" for code in dict.fromkeys(codes))
    return [replace(each, text=_said(each, table, missing)) for each in named]


def _of_total(table: Table) -> list[Remark]:
    """Say which row sums up all others, by its numbers as they were read or by its name."""
    if not isinstance(table.rows, np.ndarray):
        return []
    return list(about_total(table.rows, table.ids or table.labels or _first_texts(table)))


def _first_texts(table: Table) -> list[str] | None:
    """Give the cells of the first column of text: it mostly says what the rows are."""
    reader, features = table.reader, table.choice.features
    if not isinstance(reader, CsvFile) or table.rows.shape[0] > NAMED:
        return None
    texts = sorted(reader.texts - set(features))
    if not texts:
        return None
    names = [row[texts[0]] for row in reader.records()]
    if table.kept is not None:
        names = [name for name, kept in zip(names, table.kept.tolist(), strict=False) if kept]
    return names if len(names) == table.rows.shape[0] else None


def warn_before_fit(table: Table) -> None:
    """Warn of columns that name rows and of rows that are totals, before a model is fitted."""
    # What is not finite is refused by the fit.
    if isinstance(table.rows, np.ndarray) and np.isfinite(table.rows).all():
        n, d = table.rows.shape
        rows = np.asarray(table.rows[rows_to_judge(n, d)], dtype=np.float64)
        names = about_identifiers(rows, list(table.called))
        for each in _reworded([*names, *_of_total(table)], table):
            tell(f"{table.file}: {each.text}".rstrip("."))


def _said(remark: Remark, table: Table, missing: str = "") -> str:
    numbers = remark.numbers
    if remark.kind == "scale":
        return remark.text.replace(
            "Scale the columns (sklearn.preprocessing.StandardScaler)", "Give --standardize"
        )
    if remark.kind in ("identifier", "sum"):
        names = numbers.get("columns") or [numbers["column"]]
        how = _without(table, names)
        return re.sub(r": leave (it|them) out", rf": leave \1 out{how}", remark.text)
    if remark.kind == "code":
        return remark.text.replace("leave these rows out", f"give --missing={missing}")
    return in_words(remark.text)


def _without(table: Table, names: Sequence[str]) -> str:
    """Say with which option columns are left out; nothing where none would be left."""
    called, places = table.called, table.choice.features
    left = [at for name, at in zip(called, places, strict=True) if name not in names]
    if not left:
        return ""
    if len(left) <= _LISTED:
        words = ["--columns", as_list(table.reader.names, left)]
    else:
        out = [at for name, at in zip(called, places, strict=True) if name in names]
        words = ["--columns", "numeric", "--exclude", as_list(table.reader.names, out)]
    how = shlex.join(words)
    return f" with {how}" if how.isprintable() else ""
