"""Remarks on what columns hold, whatever the clusters: judged on the columns as they were read.

Scaling hides some of it, so those who scale rows pass the rows from before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.codes import codes_of
from centra._diagnostics.degrees import about_degrees
from centra._diagnostics.remark import MOST, Remark
from centra._diagnostics.skewness import skewed
from centra._diagnostics.sums import sums_of
from centra._utils.escapes import for_terminal
from centra._utils.identifiers import identifier_reason
from centra._utils.sampling import sampled
from centra._utils.text import count, listed

__all__ = ["KINDS", "about_identifiers", "about_values", "rows_to_judge"]

Floats = NDArray[np.float64]

#: What these remarks are about.
KINDS = ("identifier", "code", "degrees", "skewed", "sum", "binary")
#: Rows by which columns are judged, at most and at least, and numbers in them at most.
MOST_ROWS, FEWEST_ROWS, MOST_NUMBERS = 20_000, 1_000, 1 << 21
#: In fewer rows a column may have two values by chance.
FEWEST = 10


def rows_to_judge(rows: NDArray[np.intp] | int, n_features: int) -> NDArray[np.intp]:
    """Choose the rows by which columns are judged: all, or a sample that is always the same."""
    size = max(FEWEST_ROWS, min(MOST_ROWS, MOST_NUMBERS // max(n_features, 1)))
    return sampled(rows, size)


def about_values(values: Floats, names: Sequence[str], *, scaled: bool = False) -> Iterator[Remark]:
    """Yield the remarks on columns that depend on nothing but their values and names.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_features)
        The rows, or a sample of them, in the columns' own units.
    names : sequence of str
        What the columns are called.
    scaled : bool, default=False
        Whether they were clustered in units of their standard deviations.

    Yields
    ------
    remark : Remark
        Of the kinds `KINDS`, each once at most, but for "sum" and "code".
    """
    shown = [for_terminal(name) for name in names]
    said = list(about_identifiers(values, names))
    yield from said
    reasons = {names.index(name) for each in said for name in each.numbers["columns"]}
    codes = codes_of(values)
    for at, found in list(codes.items())[:MOST]:
        others = values[~np.isin(values[:, at], list(found)), at]
        which = [f"{code:g} in {count(n, 'row')}" for code, n in found.items()]
        one = len(found) == 1
        yield Remark(
            "code",
            f"Column {shown[at]} has {listed(which, MOST)}, far from all its other numbers "
            f"({others.min():g} to {others.max():g}): if {'it stands' if one else 'they stand'} "
            f"for {'a missing number' if one else 'missing numbers'}, leave these rows out.",
            {"column": names[at], "codes": list(found), "rows": list(found.values())},
            gravity=2,
        )
    degrees = about_degrees(values, names)
    if degrees is not None:
        yield degrees
    tails = {at: by for at, by in skewed(values).items() if at not in {*reasons, *codes}}
    if tails:
        order = sorted(tails, key=lambda at: -tails[at])
        one = len(order) == 1
        yield Remark(
            "skewed",
            f"{'Column' if one else 'Columns'} {listed([shown[at] for at in order], MOST)} "
            f"{'has' if one else 'have'} many small values and few large ones (skewness "
            f"{'' if one else 'up to '}{tails[order[0]]:.1f}), so that a few rows decide where "
            "centres go: take logarithms first.",
            {"columns": [names[at] for at in order], "skewness": [tails[at] for at in order]},
            gravity=2,
        )
    for at, parts in list(sums_of(values).items())[:MOST]:
        yield Remark(
            "sum",
            f"Column {shown[at]} is the sum of {listed([shown[part] for part in parts], MOST)}, so "
            "that what they hold counts twice: leave it out.",
            {"column": names[at], "parts": [names[part] for part in parts]},
        )
    two = [at for at in _two_valued(values) if at not in reasons]
    if two:
        one = len(two) == 1
        it = "it" if one else "them"
        yield Remark(
            "binary",
            f"{'Column' if one else 'Columns'} {listed([shown[at] for at in two], MOST)} "
            f"{'has' if one else 'have'} two values only, which k-means measures like lengths: "
            + (
                "standardized, the rarer of two values counts most. "
                if scaled
                else "how much they count depends on the scale of the other columns, and "
                "standardizing gives rare values most weight. "
            )
            + f"Leave {it} out and compare the clusters with {it} afterwards, or use a method for "
            "categories.",
            {"columns": [names[at] for at in two]},
        )


def about_identifiers(values: Floats, names: Sequence[str]) -> Iterator[Remark]:
    """Yield a remark on columns that look like identifiers, if there are any.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_features)
        The rows, or a sample of them, in the columns' own units.
    names : sequence of str
        What the columns are called.
    """
    shown = [for_terminal(name) for name in names]
    reasons = _identifiers(values, names)
    if reasons:
        each = [f"{shown[at]} ({why})" for at, why in reasons.items()]
        one = len(each) == 1
        yield Remark(
            "identifier",
            f"{'Column' if one else 'Columns'} {listed(each, MOST)} "
            f"{'looks like an identifier' if one else 'look like identifiers'} of the rows: leave "
            f"{'it' if one else 'them'} out, unless {'its' if one else 'their'} order means "
            "something.",
            {"columns": [names[at] for at in reasons], "reasons": list(reasons.values())},
            gravity=2,
        )


def _identifiers(values: Floats, names: Sequence[str]) -> dict[int, str]:
    """Find the identifiers among the columns, with the reason.

    Where most columns have equal steps, they are ranks or a design of experiments.
    """
    d = values.shape[1]
    reasons = {at: identifier_reason(names[at], values[:, at]) for at in range(d)}
    found = {at: why for at, why in reasons.items() if why is not None}
    even = [at for at, why in found.items() if why == "equal steps"]
    if d > 2 and 2 * len(even) > d:
        found = {at: why for at, why in found.items() if at not in even}
    return found


def _two_valued(values: Floats) -> list[int]:
    """Columns in which two values are all there is."""
    if len(values) < FEWEST:
        return []
    low, high = values.min(axis=0), values.max(axis=0)
    two = ((values == low) | (values == high)).all(axis=0) & (low < high)
    return np.flatnonzero(two).tolist()
