"""Remarks on the columns: what they hold, and whether their scales decide the clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._diagnostics.overlap import Overlap
from centra._diagnostics.remark import MOST, Remark
from centra._diagnostics.scales import about_scales
from centra._diagnostics.values import about_values, rows_to_judge
from centra._seeding.base import counted
from centra._utils.escapes import for_terminal
from centra._utils.text import count, listed

__all__ = ["about_columns"]

Floats = NDArray[np.float64]


def about_columns(
    data: Dataset, names: list[str], found: Overlap, raw: Floats | None = None
) -> Iterator[Remark]:
    """Yield the remarks on the columns.

    Parameters
    ----------
    data : Dataset
        The rows.
    names : list of str
        What to call their columns.
    found : Overlap
        The clusters.
    raw : ndarray of shape (n, n_features), optional
        The rows, or a sample of them, before they were scaled.

    Yields
    ------
    remark : Remark
        Of the kinds "constant", "scale", and those of `about_values`.
    """
    shown = [for_terminal(name) for name in names]  # remarks are printed, each on one line
    constant = np.asarray(data.stats.low) == np.asarray(data.stats.high)
    if constant.any():
        which = np.flatnonzero(constant).tolist()
        yield Remark(
            "constant",
            f"{count(len(which), 'column')} {'is' if len(which) == 1 else 'are'} constant and "
            f"cannot tell rows apart: {listed([shown[q] for q in which], MOST)}.",
            {"columns": [names[q] for q in which]},
        )
    if np.count_nonzero(~constant) < 2:
        return
    heavy = counted(data)
    rows = rows_to_judge(data.n_rows if heavy is None else heavy, data.n_features)
    keys: frozenset[int] = frozenset()
    if not data.sparse:
        values = data.take(rows) if raw is None else raw
        remarks = list(about_values(values, names, scaled=raw is not None))
        said = [each for each in remarks if each.kind == "identifier"]
        keys = frozenset(names.index(name) for each in said for name in each.numbers["columns"])
        yield from remarks
    yield from about_scales(data, names, found, rows, keys)
