"""The verdict: one sentence on whether to believe the clusters, and why not if not."""

from __future__ import annotations

from collections.abc import Sequence

from centra._diagnostics.remark import Remark
from centra._utils.text import count

__all__ = ["verdict_of"]

#: What a remark of gravity 2 means for the clusters, by its kind.
BUT = {
    "identifier": "a column that names rows decides them",
    "code": "numbers that may stand for missing ones take part",
    "scale": "the scale of a column decides them",
    "small": "single rows count as clusters",
    "total": "a row of totals takes part",
    "unconverged": "the fit was stopped before it was done",
}


def verdict_of(remarks: Sequence[Remark], n_clusters: int) -> str:
    """Say in one sentence what to think of a clustering.

    Parameters
    ----------
    remarks : sequence of Remark
        All remarks on it, the gravest first.
    n_clusters : int
        How many clusters there are.

    Examples
    --------
    >>> verdict_of([Remark("separate", "The clusters are well separated: ...", {}, 0)], 3)
    'The 3 clusters are well separated.'
    >>> verdict_of([Remark("unclear", "The clusters are not ...")], 3)
    'The 3 clusters are not clearly separated.'
    """
    kinds = {remark.kind: remark for remark in reversed(remarks)}
    if n_clusters == 1:
        base = "One cluster holds all rows, so that nothing is told apart"
    elif "split" in kinds:
        share = kinds["split"].numbers["share"]
        base = (
            f"Do not believe these {n_clusters} clusters without other evidence: {share:.0%} of "
            "the rows lie between two of them"
        )
    elif remarks and remarks[0].gravity >= 3:
        base = (
            f"Do not believe these {n_clusters} clusters without other evidence: rows without "
            "clusters, cut into parts, look the same"
        )
    elif "distinct" in kinds:
        filled = kinds["distinct"].numbers["with_rows"]
        have = "has" if filled == 1 else "have"
        base = f"Only {filled} of {count(n_clusters, 'centre')} {have} rows"
    elif "overlap" in kinds:
        base = f"Not all of the {n_clusters} clusters can be told apart: some overlap"
    elif "separate" in kinds:
        base = f"The {n_clusters} clusters are well separated"
    elif "unclear" in kinds:
        base = f"The {n_clusters} clusters are not clearly separated"
    elif "small" in kinds:
        base = "All but a few rows are in one cluster"
    else:
        base = f"The rows are too few to tell whether the {n_clusters} clusters are separated"
    reasons = [BUT[each.kind] for each in remarks if each.gravity == 2 and each.kind in BUT]
    joint = ", but " if base.endswith("well separated") else ", and "
    return base + (joint + reasons[0] if reasons else "") + "."
