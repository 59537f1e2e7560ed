"""Remarks on the columns: what is said of them does not depend on the clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._diagnostics.remark import MOST, Remark
from centra._seeding.base import counted
from centra._utils.escapes import for_terminal
from centra._utils.text import count, listed, times

__all__ = ["about_columns"]

Floats = NDArray[np.float64]

#: A column of so many times the median variance decides the clusters alone.
UNSCALED = 100.0
#: Columns of fewer rows may count up by chance.
COUNTS = 20
#: Rows of which the columns' variances are taken.
SAMPLE = 20_000


def about_columns(data: Dataset, names: list[str]) -> Iterator[Remark]:
    """Yield the remarks on the columns, which do not depend on the clusters.

    Parameters
    ----------
    data : Dataset
        The rows.
    names : list of str
        What to call their columns.

    Yields
    ------
    remark : Remark
        Of the kinds "constant", "identifier" and "scale".
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
    if data.sparse or np.count_nonzero(~constant) < 2:
        return
    rows = counted(data)
    rows = np.arange(data.n_rows) if rows is None else rows
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(0).choice(rows, SAMPLE, replace=False))
    sample = data.take(rows)
    for q in _counting(data, sample):
        yield Remark(
            "identifier",
            f"Column {shown[q]} looks like a running number: whole numbers, no two of them alike. "
            "Leave it out, unless its order means something.",
            {"column": names[q]},
        )
    varying = np.flatnonzero(~constant)
    variances = sample[:, varying].var(axis=0)
    for at in np.argsort(-variances, kind="stable")[:1]:
        others = np.delete(variances, at)
        median = float(np.median(others[others > 0])) if (others > 0).any() else 0.0
        if median > 0 and variances[at] >= UNSCALED * median:
            ratio = float(variances[at] / median)
            yield Remark(
                "scale",
                f"Column {shown[varying[at]]} has {times(ratio)} times the variance of the "
                "others and decides the clusters alone: scale the columns "
                "(sklearn.preprocessing.StandardScaler) unless that is meant.",
                {"column": names[varying[at]], "times": ratio},
            )


def _counting(data: Dataset, sample: Floats) -> list[int]:
    """Columns of different whole numbers that lie as close as a running number with gaps.

    Of whole numbers drawn from a range of twice their count some are alike: all of 20 are different
    in 3 of 1,000 draws, and of more in fewer.
    """
    if data.n_rows < COUNTS:
        return []
    range_ = np.asarray(data.stats.high) - np.asarray(data.stats.low)
    close = np.flatnonzero((data.n_rows - 1 <= range_) & (range_ <= 2 * data.n_rows))
    whole = [q for q in close if (sample[:, q] == np.rint(sample[:, q])).all()]
    return [int(q) for q in whole if len(np.unique(sample[:, q])) == len(sample)]
