"""Labels that the rows have, compared with the clusters of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra.selection.agreement import adjusted_rand

#: Labels that have a column of their own; the others share one.
MOST = 12
#: How numpy and pandas write what is not there.
_NONE = ("nan", "NaT", "<NA>")


@dataclass(frozen=True)
class Labels:
    """One label for each row, or none.

    Attributes
    ----------
    name : str
        What they are called.
    numbers : ndarray of shape (n_samples,)
        The label of each row as a number, the most frequent 0; -1 for none.
    heads : list of str
        The most frequent labels, then how many others there are.
    """

    name: str
    numbers: NDArray[np.int64]
    heads: list[str]

    def plain(self) -> dict[str, Any]:
        """Give what is the same for every model as JSON values."""
        missing = int(np.count_nonzero(self.numbers < 0))
        return {"name": self.name, "heads": self.heads, "missing": missing}

    def against(self, clusters: NDArray[np.integer], k: int) -> dict[str, Any]:
        """Count how many rows of which cluster have which label, as JSON values.

        Parameters
        ----------
        clusters : ndarray of shape (n_samples,)
            The cluster of each row.
        k : int
            How many there are.

        Returns
        -------
        found : dict
            "counts", a list for each cluster with a number for each of `heads`; and "rand", the
            adjusted Rand index (Hubert and Arabie, "Comparing partitions", J. Classif. 2, 1985) of
            all labels: 1 where both say the same, about 0 where they have nothing to do with each
            other, None where no row has a label. Rows count 1 each, whatever they weigh.
        """
        labelled = self.numbers >= 0
        numbers, clusters = self.numbers[labelled], clusters[labelled]
        wide = len(self.heads)
        cells = clusters.astype(np.int64) * wide + np.minimum(numbers, wide - 1)
        counts = np.bincount(cells, minlength=k * wide).reshape(k, wide)
        rand = adjusted_rand(numbers, clusters) if len(numbers) else None
        return {"rand": rand, "counts": counts.tolist()}


def labels_of(given: Mapping[str, Any] | None, n_rows: int) -> list[Labels]:
    """Read labels; empty texts, None and NaN are none.

    Parameters
    ----------
    given : mapping of str to array-like of shape (n_samples,), or None
        Labels by what they are called.
    n_rows : int
        How many there must be.

    Raises
    ------
    TypeError
        If it is no mapping.
    ValueError
        If there are more labels than rows, or fewer.

    Examples
    --------
    >>> (kind,) = labels_of({"kind": ["b", "a", "", "b"]}, 4)
    >>> kind.heads, kind.numbers.tolist()
    (['b', 'a'], [0, 1, -1, 0])
    >>> kind.against(np.array([1, 0, 0, 1]), 2)
    {'rand': 1.0, 'counts': [[0, 1], [2, 0]]}
    """
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise TypeError(
            'labels must be a mapping of a name to labels, say {"segment": y}; got '
            f"{type(given).__name__}"
        )
    return [_read(str(name), values, n_rows) for name, values in given.items()]


def _read(name: str, given: Any, n_rows: int) -> Labels:
    values = np.asarray(given, dtype=object)
    if values.shape != (n_rows,):
        raise ValueError(
            f"labels {name!r} have shape {values.shape}, but X has {n_rows:,} rows; give one label "
            "for each row"
        )
    codes: dict[Any, int] = {}
    numbers = np.array([codes.setdefault(each, len(codes)) for each in values.tolist()], np.int64)
    texts = ["" if _missing(each) else str(each) for each in codes]
    names = sorted({text for text in texts if text})
    # What is written alike is one label, 1 and "1" too; then the most frequent first.
    alike = {text: at for at, text in enumerate(names)} | {"": -1}
    numbers = np.array([alike[text] for text in texts], np.int64)[numbers]
    counts = np.bincount(numbers[numbers >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    rank = np.full(len(names) + 1, -1)
    rank[order] = np.arange(len(names))
    return Labels(name, rank[numbers], _heads([names[at] for at in order]))


def _heads(names: Sequence[str]) -> list[str]:
    rest = len(names) - MOST
    return [*names[:MOST], *([f"{rest} other{'s' * (rest > 1)}"] if rest > 0 else [])]


def _missing(value: Any) -> bool:
    return value is None or str(value) in (("",) if isinstance(value, str) else _NONE)
