"""A model as the commands use it: a `KMeans`, perhaps behind a `StandardScaler`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import centra
from centra._persistence.save import parts_of, save
from centra._tables.inputs import STANDARD, TableError
from centra._tables.tables import Table
from centra._utils.terminal import copy_out
from centra.cli.written import wrote

__all__ = ["Fitted", "fit_table", "scaled_rows", "standardizer"]


@dataclass(frozen=True)
class Fitted:
    """A fitted model.

    Parameters
    ----------
    km : KMeans
        Centres in the units of the rows, or in standard deviations if there is a scaler.
    scaler : StandardScaler or None
        What takes rows to the units of `km`.
    """

    km: centra.KMeans
    scaler: StandardScaler | None = None

    @classmethod
    def load(cls, path: Path) -> Fitted:
        """Read a model file."""
        scaler, km = parts_of(centra.load(path))
        return cls(km, scaler)

    def save(self, path: Path, names: tuple[str, ...] | None) -> None:
        """Write a model file, or its bytes to standard output."""
        first = self.km if self.scaler is None else self.scaler
        if names is not None:
            first.feature_names_in_ = np.array(names, dtype=object)
        model = self.km if self.scaler is None else make_pipeline(self.scaler, self.km)
        if path != STANDARD:
            save(model, path)
            wrote(path)
            return
        with tempfile.TemporaryDirectory(prefix="centra-") as folder:
            save(model, Path(folder) / "model")
            with open(Path(folder) / "model", "rb") as file:
                copy_out(file)

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of the columns of the fit, where they had any."""
        first = self.km if self.scaler is None else self.scaler
        found = getattr(first, "feature_names_in_", None)
        return None if found is None else tuple(str(name) for name in found)

    @property
    def centers(self) -> NDArray[np.floating]:
        """Centres in the columns' own units, of shape (k, d)."""
        if self.scaler is None:
            return self.km.cluster_centers_
        found: NDArray[np.floating] = self.scaler.inverse_transform(self.km.cluster_centers_)
        return found

    @property
    def sizes(self) -> NDArray[np.intp]:
        """How many rows of the fit each cluster has."""
        return np.bincount(self.km.labels_, minlength=len(self.km.cluster_centers_))

    def scaled(self, table: Table) -> Any:
        """Return a table's rows in the units of `km`."""
        return _rows(table, self.scaler)


def fit_table(
    table: Table, km: centra.KMeans, standardize: bool, start: NDArray[Any] | None = None
) -> tuple[Fitted, Any]:
    """Fit a model to a table.

    Parameters
    ----------
    table : Table
        The rows.
    km : KMeans
        What to fit.
    standardize : bool
        Whether to bring every column to mean 0 and variance 1 first.
    start : ndarray of shape (k, d), optional
        First centres, in the columns' own units.

    Returns
    -------
    fitted : Fitted
    rows : ndarray or Source
        What it was fitted on.
    """
    rows, scaler = scaled_rows(table, standardize)
    if start is not None:
        fits = scaler is not None and start.shape[1] == len(scaler.mean_)
        km.set_params(init=scaler.transform(start) if fits else start)  # type: ignore[union-attr]
    km.fit(rows, sample_weight=table.weights)
    return Fitted(km, scaler), rows


def scaled_rows(table: Table, standardize: bool) -> tuple[Any, StandardScaler | None]:
    """Return a table's rows, every column with mean 0 and variance 1 if wanted, and what did so."""
    scaler = standardizer(table) if standardize else None
    return _rows(table, scaler), scaler


def _rows(table: Table, scaler: StandardScaler | None) -> Any:
    return table.rows if scaler is None else _transformed(scaler, table)


def standardizer(table: Table) -> StandardScaler:
    """Take the mean and the variance of every column, each row counted with its weight.

    Raises
    ------
    TableError
        The rows are larger than --memory allows, or a variance is not a finite float64.
    """
    _check_memory(table)
    table.check_finite()
    with np.errstate(over="ignore", invalid="ignore"):
        scaler = StandardScaler().fit(np.asarray(table.rows), sample_weight=table.weights)
    bad = np.flatnonzero(~(np.isfinite(scaler.mean_) & np.isfinite(scaler.var_)))
    if len(bad):
        raise TableError(
            f"{table.file}: column {table.called[bad[0]]} is too large to be standardized; "
            "rescale it"
        )
    return scaler


def _transformed(scaler: StandardScaler, table: Table) -> Any:
    _check_memory(table)
    # An array, whatever names the scaler has: those were compared when the table was read.
    transform: Callable[..., Any] = scaler.transform
    return transform(np.asarray(table.rows))


def _check_memory(table: Table) -> None:
    table.reader.check_fits("its standardized columns", len(table.choice.features))
