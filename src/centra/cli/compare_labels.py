"""The comparison of clusters with labels that the rows have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.escapes import short
from centra._utils.text import aligned, count
from centra.selection.agreement import adjusted_rand

__all__ = ["Comparison", "compare"]

#: Labels that have a column of their own in the table.
_MOST = 8
#: Characters of a label that the table shows.
_WIDE = 14


@dataclass(frozen=True)
class Comparison:
    """How clusters and labels agree.

    Parameters
    ----------
    column : str
        Where the labels come from.
    rand : float
        Adjusted Rand index: 1 where both say the same, about 0 where they have nothing to do with
        each other (Hubert and Arabie 1985, "Comparing partitions"). Rows count 1 each.
    n_compared, n_unlabelled : int
        Rows with a label, and without.
    counts : list of dict
        For each cluster, how many rows have which label.
    """

    column: str
    rand: float
    n_compared: int
    n_unlabelled: int
    counts: list[dict[str, int]]

    def lines(self) -> list[str]:
        """Say it: a line, then a table with a line per cluster."""
        left_out = f", {self.n_unlabelled:,} without a label left out" if self.n_unlabelled else ""
        rand = round(self.rand, 3) + 0.0  # never "-0.000"
        head = (
            f"compared with {short(self.column)}: adjusted Rand index {rand:.3f} "
            f"({count(self.n_compared, 'row')}{left_out})"
        )
        total: dict[str, int] = {}
        for row in self.counts:
            for label, n in row.items():
                total[label] = total.get(label, 0) + n
        common = sorted(total, key=lambda label: (-total[label], label))
        most = common if len(common) <= _MOST else common[: _MOST - 1]
        heads = ["cluster", *(short(label, _WIDE) for label in most)]
        if len(most) < len(common):
            heads.append(f"{len(common) - len(most)} others")
        body = []
        for j, row in enumerate(self.counts):
            cells = [str(j), *(f"{row.get(label, 0):,}" for label in most)]
            if len(most) < len(common):
                cells.append(f"{sum(row.values()) - sum(row.get(each, 0) for each in most):,}")
            body.append(cells)
        return [head, *aligned(heads, body)]

    def plain(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "column": self.column,
            "adjusted_rand_index": self.rand,
            "n_compared": self.n_compared,
            "n_unlabelled": self.n_unlabelled,
            "clusters": self.counts,
        }


def compare(
    column: str, labels: Sequence[str], clusters: NDArray[np.integer], k: int
) -> Comparison:
    """Compare labels with clusters; rows with an empty label are left out.

    Parameters
    ----------
    column : str
        Where the labels come from.
    labels : sequence of n str
        The labels.
    clusters : ndarray of shape (n,)
        The cluster of each row.
    k : int
        How many clusters there are.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> found = compare("kind", ["a", "a", "b", ""], np.array([1, 1, 0, 0]), 2)
    >>> found.rand, found.counts
    (1.0, [{'b': 1}, {'a': 2}])
    """
    codes: dict[str, int] = {}
    numbers = np.array([codes.setdefault(label, len(codes)) for label in labels], dtype=np.int64)
    labelled = np.ones(len(numbers), bool) if "" not in codes else numbers != codes[""]
    numbers, clusters = numbers[labelled], clusters[labelled]
    names = list(codes)
    counts: list[dict[str, int]] = [{} for _ in range(k)]
    pairs, times = np.unique(np.stack([clusters, numbers]), axis=1, return_counts=True)
    for (cluster, number), n in zip(pairs.T.tolist(), times.tolist(), strict=True):
        counts[cluster][names[number]] = n
    rand = adjusted_rand(numbers, clusters) if len(numbers) else float("nan")
    return Comparison(column, rand, len(numbers), int((~labelled).sum()), counts)
