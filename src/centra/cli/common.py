"""What commands have in common: read a table, fit a model, compare with labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import Field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import typer
from numpy.typing import NDArray

import centra
from centra._tables.columns import Wanted, shown
from centra._tables.inputs import Input, TableError, opened
from centra._tables.reading import read_table
from centra._tables.refusals import Refusal, Remedy
from centra._tables.tables import Table, open_table
from centra._utils.types import Init
from centra.cli import options as opt
from centra.cli.compare_labels import Comparison, compare
from centra.cli.fitted import Fitted, fit_table
from centra.cli.meter import Meter
from centra.cli.output import in_words, tell

__all__ = [
    "compared",
    "fit_to",
    "loudly",
    "name_columns",
    "read",
    "read_centers",
    "same_columns",
]

T = TypeVar("T")


def read(source: Input, reading: opt.Reading, wanted: Wanted, *, looks: bool = False) -> Table:
    """Read FILE.

    Parameters
    ----------
    source : Input
        The file.
    reading : Reading
        How to read it.
    wanted : Wanted
        Which columns.
    looks : bool, default=False
        Whether the table is only looked at, and no model or label is written: rows with a missing
        number are then left out if --drop-missing does not say, and columns may share a name.

    Raises
    ------
    Refusal
        Something is wrong with it; the error has only those remedies that were tried.
    """
    try:
        with Meter(f"reading {source.short}") as meter:
            show = partial(meter.show, None)
            table = _read(source, reading, wanted, show, looks=looks)
    except Refusal as error:
        error.remedies = list(_that_work(error, source, reading, wanted, looks=looks))
        raise
    for note in table.notes:
        tell(note, "note")
    return table


def _read(
    source: Input,
    reading: opt.Reading,
    wanted: Wanted,
    progress: Callable[[float], None] | None = None,
    *,
    looks: bool,
) -> Table:
    return read_table(
        source,
        open_table(source, reading.dialect, reading.budget),
        wanted,
        progress,
        # Where nothing is said, rows are left out if that needs no more memory than is allowed.
        drop_missing=reading.drop_missing if reading.drop_missing is not None or looks else False,
        words=reading.words,
        tell_apart=looks,
    )


def _that_work(
    error: Refusal, source: Input, reading: opt.Reading, wanted: Wanted, *, looks: bool
) -> Iterator[Remedy]:
    """Give the first remedy of a file with which it can be read, or all, if they are a choice."""
    for remedy in error.remedies:
        try:
            again = replace(reading, **_given(remedy, fields(reading)))
            _read(source, again, replace(wanted, **_given(remedy, fields(wanted))), looks=looks)
        except (TableError, typer.BadParameter):
            continue
        yield remedy
        if not error.is_choice:
            return


def _given(remedy: Remedy, known: Iterable[Field[Any]]) -> dict[str, Any]:
    """Give the options of a remedy as values of a dataclass."""
    names = {each.name for each in known}
    found: dict[str, Any] = {}
    for option, value in remedy.items():
        name = option.removeprefix("--").replace("-", "_")
        if value is None and name.startswith("no_"):
            found[name.removeprefix("no_")] = False
        else:
            found[name] = True if value is None else value
    return {name: value for name, value in found.items() if name in names}


def fit_to(table: Table, k: int, fitting: opt.Fitting, reading: opt.Reading) -> tuple[Fitted, Any]:
    """Fit a model to a table, and say what it was fitted on."""
    n_rows = table.rows.shape[0]
    if 0 < n_rows < k:
        raise TableError(f"{table.file}: {n_rows} rows cannot make {k} clusters; give a smaller -k")
    start = None if fitting.init in opt.SEEDINGS else read_centers(Path(fitting.init), reading)
    with Meter(f"clustering {Path(table.file).name}") as meter:
        km = centra.KMeans(
            n_clusters=k,
            init=cast(Init, "k-means++" if start is not None else fitting.init),
            n_init=fitting.restarts,
            max_iter=fitting.max_iter,
            tol=fitting.tol,
            random_state=fitting.seed,
            n_threads=fitting.threads,
            callbacks=[meter],
        )
        return loudly(table, lambda: fit_table(table, km, fitting.standardize, start))


def name_columns(km: centra.KMeans, table: Table) -> None:
    """Let remarks call the columns what the table calls them."""
    km.feature_names_in_ = np.array(table.called, dtype=object)


def read_centers(file: Path, reading: opt.Reading) -> NDArray[Any]:
    """Read the file that --init names."""
    with opened(file, None) as source, Meter(f"reading {source.short}"):
        reader = open_table(source, reading.dialect, 1 << 62)
        table = read_table(source, reader, Wanted(everything=True), drop_missing=True)
        if table.n_dropped:
            which = "a centre lacks" if table.n_dropped == 1 else f"{table.n_dropped} centres lack"
            raise TableError(f"{source.name}: {which} a number; fill it")
        table.check_finite()
        return np.array(table.rows)


def compared(table: Table, label: str | None, km: centra.KMeans) -> Comparison | None:
    """Compare clusters with the column that --label names."""
    if table.labels is None or label is None:
        return None
    column = table.label_name
    return compare(
        f"column {label}" if column is None else column, table.labels, km.labels_, km.n_clusters
    )


def same_columns(table: Table, fitted: Fitted, model: str, *, by_hand: bool) -> None:
    """Refuse columns that are not those of the fit: labels would be wrong without a word."""
    width, expected = table.rows.shape[1], fitted.km.n_features_in_
    if width != expected:
        more = "" if by_hand else " with --columns"
        raise TableError(
            f"{table.file}: {width} columns, but {model} was fitted on {expected}; "
            f"give the columns of the fit{more}"
        )
    if by_hand and table.names is not None and fitted.names is not None:
        for i, (here, there) in enumerate(zip(table.names, fitted.names, strict=True), start=1):
            if here != there:
                raise TableError(
                    f"{table.file}: number {i} of --columns is {shown(here)}, but {model} was "
                    f"fitted with {shown(there)} there; give the columns of the fit, in their order"
                )


def loudly(table: Table, work: Callable[[], T]) -> T:
    """Do the work; print warnings as lines, and name the file in errors, if possible the cell."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Names were compared when the table was read, which the estimator cannot do with an array.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        try:
            result = work()
        except (ValueError, OverflowError) as error:
            table.check_unchanged()
            table.check_finite()
            raise TableError(f"{table.file}: {error}") from error
    for warning in caught:
        tell(in_words(str(warning.message)))
    return result
