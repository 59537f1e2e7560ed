"""Remarks on how close clusters are: whether they overlap, and whether they are separated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.overlap import Overlap, in_range
from centra._diagnostics.remark import MOST, Remark
from centra._diagnostics.separation import FEW, Separation, telling
from centra._utils.text import count

__all__ = ["about_closeness"]

#: Two clusters overlap where this share of their rows lies between them: a Gaussian that two
#: centres have cut in half has 0.38 there, a uniform strip 0.18, two that are 4 apart 0.06.
OVERLAPS = 0.10
#: The same for the share of one of the two, which may be much smaller than the other.
LEANS = 0.15

_Pair = tuple[int, int]


def about_closeness(found: Overlap, separation: Separation) -> Iterator[Remark]:
    """Yield the remarks on clusters that are close to each other, or not.

    Parameters
    ----------
    found : Overlap
        How many rows lie between clusters.
    separation : Separation
        How far the clusters are apart, by rows that were held out.

    Yields
    ------
    remark : Remark
        Of the kinds "split", "overlap", "unclear" and "separate".
    """
    filled = found.weights > 0
    if np.count_nonzero(filled) < 2:
        return
    upper = np.where(np.outer(filled, filled), np.triu(found.pairs, 1), 0.0)
    rows = upper * (found.sizes[:, None] + found.sizes)
    close = [(int(i), int(j)) for i, j in np.argwhere((upper >= OVERLAPS) & (rows > FEW - 0.5))]
    rows = found.matrix * found.sizes[:, None]
    leaning = np.where((found.pairs < OVERLAPS) & (rows > FEW - 0.5), found.matrix, 0.0)
    close.sort(key=lambda pair: -upper[pair])
    entangled = {cluster for pair in close for cluster in pair}
    if close and len(entangled) == np.count_nonzero(filled):
        yield _split(found)
    elif not separation.clear and not np.isnan(separation.apart):
        yield from _unclear(separation, bool(close or (leaning >= LEANS).any()))
    yield from _overlaps(upper, leaning, close)
    if separation.clear and not close and leaning.max() < LEANS:
        yield _separate(found, separation, upper)


def _split(found: Overlap) -> Remark:
    weights, _ = in_range(found.weights)
    share = float(weights @ found.matrix.sum(axis=1) / weights.sum())
    return Remark(
        "split",
        f"Every cluster overlaps with another, and {share:.0%} of all rows lie between two "
        "clusters: these may be parts of fewer clusters, or of none. centra.sweep compares "
        "other numbers of clusters.",
        {"share": share},
        3,
    )


def _unclear(separation: Separation, overlaps: bool) -> Iterator[Remark]:
    """Say that clusters are no clearer than parts of rows without clusters, if that is so.

    Where some clusters overlap and others are far apart, the overlap has been said.
    """
    apart, numbers = max(separation.apart, 0.0), {"apart": separation.apart}
    how = f"neighbouring centres are {apart:.1f} standard deviations apart, on rows held out"
    if separation.apart <= separation.reached and not separation.some:
        yield Remark(
            "unclear",
            f"Nothing shows that these clusters are more than parts of one whole: {how}, and rows "
            f"without clusters reach {separation.reached:.1f}.",
            {**numbers, "reached": separation.reached},
            3,
        )
    elif not overlaps:
        least = (
            f", less than the {separation.needed:.1f} that would show it"
            if separation.apart <= separation.needed
            else ", but not those of every cluster"
        )
        yield Remark(
            "unclear",
            f"The clusters are not clearly separated: {how}{least}.",
            {**numbers, "needed": separation.needed},
        )


def _overlaps(
    upper: NDArray[np.float64], leaning: NDArray[np.float64], close: list[_Pair]
) -> Iterator[Remark]:
    for i, j in close[:MOST]:
        yield Remark(
            "overlap",
            f"Clusters {i} and {j} overlap: {upper[i, j]:.0%} of their rows lie between them.",
            {"clusters": (i, j), "share": float(upper[i, j])},
        )
    if len(close) > MOST:
        rest = len(close) - MOST
        yield Remark(
            "overlap", f"{count(rest, 'other pair')} of clusters overlap.", {"pairs": rest}
        )
    for i, j in [(int(i), int(j)) for i, j in np.argwhere(leaning >= LEANS)][:MOST]:
        yield Remark(
            "overlap",
            f"{leaning[i, j]:.0%} of the rows of cluster {i} lie between it and the larger "
            f"cluster {j}.",
            {"clusters": (i, j), "share": float(leaning[i, j])},
        )


def _separate(found: Overlap, separation: Separation, upper: NDArray[np.float64]) -> Remark:
    told = telling(found.sizes)
    shares = upper[np.ix_(told, told)]
    i, j = (int(told[x]) for x in np.unravel_index(shares.argmax(), shares.shape))
    text = "The clusters are well separated: "
    if upper[i, j] > 0:
        text += f"the closest, {i} and {j}, have {upper[i, j]:.1%} of their rows between them."
    else:
        text += "no row lies between two of them."
    numbers = {"clusters": (i, j), "share": float(upper[i, j])}
    return Remark("separate", text, {**numbers, "apart": separation.apart}, 0)
