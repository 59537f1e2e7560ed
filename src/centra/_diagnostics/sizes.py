"""Remarks on the sizes of clusters and on single rows: small, large, outliers, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.overlap import Overlap
from centra._diagnostics.remark import MOST, Remark
from centra._diagnostics.separation import steps_of
from centra._utils.text import count, listed
from centra._utils.totals import TOTALS

__all__ = [
    "FAR",
    "about_outliers",
    "about_sizes",
    "about_total",
    "single_rows",
    "total_names",
    "with_rows",
]

#: Fewer rows than this share of n / k are a cluster of outliers, and so are up to `HANDFUL` rows
#: where n / k is ten times that.
TINY, HANDFUL = 0.01, 3
#: Rows so many radii from their centre are outliers. The radius is that of the rows that are not
#: far (`overlap.REACH`), so that an outlier is not measured by itself.
FAR = 10.0
#: Rows of a remark whose names its numbers have, at most.
NAMED = 1_000
#: A cluster with more than this share of the rows, among more than two.
HUGE = 0.8

#: How a row is called, counted from 0.
RowName = Callable[[int], str]


def about_sizes(found: Overlap, n_rows: int) -> Iterator[Remark]:
    """Yield the remarks on clusters of few rows or of nearly all.

    Parameters
    ----------
    found : Overlap
        The clusters.
    n_rows : int
        How many rows there are.

    Yields
    ------
    remark : Remark
        Of the kinds "small" and "large".
    """
    sizes, k = found.sizes, len(found.sizes)
    if k < 2:
        return
    few = (sizes <= HANDFUL) & (10 * sizes < n_rows / k)
    small = np.flatnonzero((sizes > 0) & ((sizes == 1) | (sizes < TINY * n_rows / k) | few))
    for j in small[np.argsort(sizes[small], kind="stable")][:MOST]:
        rows = np.flatnonzero(found.labels == j).tolist() if sizes[j] <= MOST else []
        numbers = {"cluster": int(j), "rows": int(sizes[j]), "n_rows": n_rows, "which": rows}
        yield _worded(Remark("small", "", numbers, 2))
    if len(small) > MOST:
        rest = len(small) - MOST
        text = f"{count(rest, 'other cluster')} {'holds' if rest == 1 else 'hold'} as few rows."
        yield Remark("small", text, {"clusters": rest}, 2)
    largest = int(sizes.argmax())
    share = sizes[largest] / n_rows
    if k > 2 and share > HUGE:
        yield Remark(
            "large",
            f"Cluster {largest} holds {share:.0%} of the rows.",
            {"cluster": largest, "share": float(share)},
        )


def about_outliers(found: Overlap) -> Iterator[Remark]:
    """Yield a remark of the kind "outliers" on rows far from the centre of their cluster."""
    with np.errstate(invalid="ignore", divide="ignore"):
        radii = found.distances / found.radius[found.labels]
    far = np.flatnonzero(found.far & (radii > FAR))
    if len(far):
        far = far[np.argsort(-radii[far], kind="stable")]
        numbers = {
            "rows": far.tolist(),
            "radii": radii[far].tolist(),
            "clusters": found.labels[far].tolist(),
        }
        yield _worded(Remark("outliers", "", numbers))


def single_rows(labels: Mapping[int, NDArray[np.int32]]) -> Iterator[Remark]:
    """Yield a remark of the kind "small" on rows that are clusters of their own in a sweep.

    Parameters
    ----------
    labels : mapping of int to ndarray
        The cluster of every row, for every number of clusters.
    """
    alone: dict[int, list[int]] = {}
    for k, found in sorted(labels.items()):
        single = np.bincount(found, minlength=k)[found] == 1
        if k > 1 and single.any() and len(found) > k:
            alone[k] = np.flatnonzero(single).tolist()
    if alone:
        yield _worded(Remark("small", "", {"which": alone}, 2))


def about_total(rows: NDArray[Any], names: Sequence[str] | None = None) -> Iterator[Remark]:
    """Yield a remark of the kind "total" on a row that sums up all others.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        As they were read, not scaled.
    names : sequence of str, optional
        What rows are called, where they have names.
    """
    n, named = len(rows), total_names(names or ())
    sums = _sums(rows)
    for row in sorted({*named, *sums}):
        numbers: dict[str, Any] = {"row": row, "last": row == n - 1, "sums": row in sums}
        if row in named:
            assert names is not None
            numbers["called"] = names[row].strip()
        yield _worded(Remark("total", "", numbers, 2))


#: Rows from which on numbers that are the sums of all others are no coincidence.
ADDS = 5
#: Rows are looked at for such sums if they have no more numbers.
NUMBERS = 1 << 22


def total_names(names: Sequence[str]) -> list[int]:
    """Return which of the first and the last row is called a total, as no other row is.

    Parameters
    ----------
    names : sequence of str
        What all rows are called.
    """
    n = len(names)
    ends = [names[row].strip().lower() in TOTALS for row in (0, n - 1)] if n > 2 else [False] * 2
    found = [row for row, is_total in zip((0, n - 1), ends, strict=True) if is_total]
    return [row for row in found if sum(name == names[row] for name in names) == 1]


def _sums(rows: NDArray[Any]) -> list[int]:
    """Return the row of which every number is the sum of the column's others, up to rounding.

    Columns are rounded to their steps; of n rounded numbers the sum is off by sqrt(n / 12) steps.
    """
    n = len(rows)
    if n < ADDS or not 0 < rows.size <= NUMBERS:
        return []
    numbers = rows[:, (rows != rows[:1]).any(axis=0)].astype(np.float64)
    if not numbers.shape[1] or (numbers.shape[1] == 1 and n < 2 * ADDS):
        return []
    sizes = np.abs(numbers)
    row = int(sizes[:, 0].argmax())
    # In a single column one number may be the sum of all others by chance.
    larger = 2 if numbers.shape[1] == 1 else 1
    if not (sizes[row] > larger * np.delete(sizes, row, axis=0).max(axis=0)).all():
        return []  # hardly any table has a row that is the largest in every column
    with np.errstate(over="ignore", invalid="ignore"):
        rest = np.delete(numbers, row, axis=0).sum(axis=0)
        off = 4 * np.sqrt(n / 12) * steps_of(numbers) + 1e-9 * sizes.sum(axis=0)
        adds = np.abs(numbers[row] - rest) <= np.minimum(off, 0.05 * sizes[row])
    return [row] if adds.all() else []


def with_rows(remark: Remark, name: RowName) -> Remark:
    """Return a remark that calls rows by other names than by their number, counted from 0.

    The numbers of a remark on rows get "names" with those of its first `NAMED` rows.

    Parameters
    ----------
    remark : Remark
        Of any kind.
    name : callable
        Returns how a row, counted from 0, is called: "line 17".
    """
    which = {"small": "which", "outliers": "rows", "total": "row"}
    rows = remark.numbers.get(which.get(remark.kind, ""))
    if rows is None:
        return remark
    if isinstance(rows, dict):
        rows = sorted({row for found in rows.values() for row in found})
    names = [name(row) for row in ([rows] if isinstance(rows, int) else rows[:NAMED])]
    return replace(_worded(remark, name), numbers={**remark.numbers, "names": names})


def _worded(remark: Remark, name: RowName | None = None) -> Remark:
    if name is not None:
        return replace(remark, text=_TEXTS[remark.kind](remark.numbers, name))
    text = _TEXTS[remark.kind](remark.numbers, lambda row: f"row {row}")
    return replace(remark, text=f"{text} Rows are counted from 0." if "row " in text else text)


def _small(numbers: Mapping[str, Any], name: RowName) -> str:
    which = numbers["which"]
    if isinstance(which, dict):
        ks = ", ".join(str(k) for k in which)
        rows = sorted({row for found in which.values() for row in found})
        if len(rows) == 1:
            first = _at_the_start(name(rows[0]))
            return f"{first} is a cluster of its own with k = {ks}. An outlier?"
        them = _listed(rows, name)
        return f"Single rows are clusters of their own with k = {ks}: {them}. Outliers?"
    n, of = numbers["rows"], f"of {numbers['n_rows']:,}"
    if n == 1:
        return (
            f"Cluster {numbers['cluster']} holds a single row {of}: {name(which[0])}. An outlier?"
        )
    named = ": " + _listed(which, name) + "." if which else "."
    return f"Cluster {numbers['cluster']} holds {count(n, 'row')} {of}{named} Outliers?"


def _outliers(numbers: Mapping[str, Any], name: RowName) -> str:
    rows, radii, clusters = numbers["rows"], numbers["radii"], numbers["clusters"]
    far = f"{radii[0]:,.0f} radii from the centre of cluster {clusters[0]}"
    if len(rows) == 1:
        return f"1 outlier: {name(rows[0])} lies {far}."
    return f"{count(len(rows), 'outlier')}: {_listed(rows, name)}. The first lies {far}."


def _total(numbers: Mapping[str, Any], name: RowName) -> str:
    row = name(numbers["row"])
    who = f"The last row, {row}," if numbers["last"] else _at_the_start(row)
    sums = "holds the sums of all others"
    if "called" not in numbers:
        return f"{who} {sums} in every column: a row of totals? Leave it out."
    more = f" and {sums}" if numbers["sums"] else ""
    return (
        f"{who} is called {numbers['called']}{more}: leave it out unless it is one like the others."
    )


def _listed(rows: Sequence[int], name: RowName) -> str:
    return listed([name(row) for row in rows[:MOST]] + [""] * (len(rows) - MOST), MOST)


def _at_the_start(name: str) -> str:
    return name[:1].upper() + name[1:]


_TEXTS: dict[str, Callable[[Mapping[str, Any], RowName], str]] = {
    "small": _small,
    "outliers": _outliers,
    "total": _total,
}
