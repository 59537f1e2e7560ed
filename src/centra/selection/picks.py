"""Which number of clusters each criterion picks, and why, in a sentence each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra.selection.criteria import CRITERIA
from centra.selection.gap import Gap
from centra.selection.stability import Stability

Floats = NDArray[np.float64]

#: Why numbers that were switched off are missing.
NOT_ASKED = "not asked for"
#: Numbers that no clustering can beat: all rows lie on their centres.
PERFECT = {
    "silhouette": 1.0,
    "simplified_silhouette": 1.0,
    "calinski_harabasz": math.inf,
    "davies_bouldin": 0.0,
    "bic": -math.inf,
}


@dataclass(frozen=True)
class Choice:
    """What one criterion picks.

    Attributes
    ----------
    criterion : str
        Its name: a key of `Sweep.criteria`.
    k : int or None
        The number of clusters; None where it picks none.
    value : float
        The criterion's number at this k.
    why : str
        The reason, a sentence.
    up_to : int or None
        The largest k of the sweep, where the criterion is best there: that is no pick, since
        larger numbers were not tried.
    """

    criterion: str
    k: int | None
    value: float
    why: str
    up_to: int | None = None

    def __str__(self) -> str:
        """Say what is picked, without the reason."""
        if self.k is not None:
            return f"picks k = {self.k}"
        return "picks none" if self.up_to is None else f"finds no k up to {self.up_to}"


def choices_of(
    ks: Sequence[int],
    columns: Mapping[str, NDArray[Any]],
    reasons: Mapping[str, Mapping[int, str]],
    gap: Gap | None,
    stability: Stability | None,
    structure: bool | None = None,
) -> tuple[Choice, ...]:
    """Let every criterion that was asked for pick.

    Parameters
    ----------
    ks : sequence of int
        The numbers of clusters, in order.
    columns : mapping of str to ndarray of shape (len(ks),)
        What criteria give, by name.
    reasons : mapping of str to mapping of int to str
        Why a criterion is NaN, by its name and k.
    gap, stability : Gap or None, Stability or None
        Those two in full.
    structure : bool or None
        Whether there are clusters; None where nobody knows.
    """
    choices: list[Choice] = []
    for name, criterion in CRITERIA.items():
        reason = next(iter(reasons.get(name, {}).values()), "")
        if reason == NOT_ASKED:
            continue
        if name == "gap" and gap is not None:
            choices.append(by_gap(gap, structure))
        elif name == "stability" and stability is not None:
            choices.append(by_stability(stability))
        elif criterion.better == "rule":
            choices.append(Choice(name, None, math.nan, f"{reason}."))
        else:
            choices.append(by_extreme(name, ks, columns[name], f"{reason}."))
    return tuple(choices)


def by_extreme(name: str, ks: Sequence[int], values: Floats, reason: str) -> Choice:
    """Pick the k of the highest or lowest number; the lowest k of equals.

    Parameters
    ----------
    name : str
        The criterion.
    ks : sequence of int
        The numbers of clusters, in order.
    values : ndarray of shape (len(ks),)
        What the criterion gives for each; NaN where it cannot.
    reason : str
        Why there are no numbers, if there are none.
    """
    higher = CRITERIA[name].better == "higher"
    known = [at for at in range(len(ks)) if not math.isnan(values[at])]
    if not known:
        return Choice(name, None, math.nan, reason)
    known.sort(key=lambda at: -values[at] if higher else values[at])
    at = known[0]
    value = float(values[at])
    if value == PERFECT[name]:
        if ks[at] == 1:
            return Choice(name, None, math.nan, "all rows are the same: there is nothing to pick.")
        return Choice(name, ks[at], value, "every row lies on its centre: nothing can be better.")
    if len(ks) == 1:
        return Choice(name, None, math.nan, "there is only one k, which wins no contest.")
    if len(known) == 1:
        return _unless_at_the_end(name, ks, at, value, f"{_number(value)} is its only number.")
    which = "highest" if higher else "lowest"
    best, next_ = _apart(value, float(values[known[1]]))
    if best == next_:
        why = f"{best} is the {which}, and that of k = {ks[known[1]]} too: the lower k counts."
    else:
        why = f"{best} is the {which}; next is k = {ks[known[1]]} with {next_}."
    return _unless_at_the_end(name, ks, at, value, why)


def by_gap(gap: Gap, structure: bool | None = None) -> Choice:
    """Pick by the rule of the gap statistic's authors.

    Parameters
    ----------
    gap : Gap
        The gaps.
    structure : bool or None
        Whether there are clusters; None where nobody knows.
    """
    k = gap.choice_of_clusters() if structure else gap.choice
    if k is None:
        return Choice("gap", None, math.nan, _first(gap.reasons))
    at = gap.ks.index(k)
    value = float(gap.values[at])
    if math.isinf(value):
        return Choice("gap", k, value, "every row lies on its centre: nothing can be better.")
    rest = [i for i in range(at + 1, len(gap.ks)) if not math.isnan(gap.values[i])]
    if not rest:
        if at == 0:
            return Choice("gap", k, value, "there is no other gap to compare with.")
        why = f"the gap ({_number(value)}) still rises there."
        return _unless_at_the_end("gap", gap.ks, at, value, why)
    level = gap.values[rest[0]] - gap.errors[rest[0]]
    why = (
        f"the smallest k whose gap ({_number(value)}) is at least that of k = "
        f"{gap.ks[rest[0]]} less its standard error ({_number(level)})."
    )
    if k == 1:
        why += " That is no cluster structure."
    elif k != gap.first:
        why += f" (That holds for k = {gap.first} too, but later gaps are higher.)"
    return Choice("gap", k, value, why)


def by_stability(found: Stability) -> Choice:
    """Pick the largest k that agrees as well as the best."""
    k, means = found.choice, found.means
    if np.isnan(means).all():
        return Choice("stability", None, math.nan, _first(found.reasons))
    best = int(np.nanargmax(means))
    if k is None:
        why = (
            f"no k is stable: even at k = {found.ks[best]} clusters of two halves agree only "
            f"{means[best]:.3f} of 1."
        )
        return Choice("stability", None, math.nan, why)
    at = found.ks.index(k)
    value = float(means[at])
    if found.ks[best] == k:
        why = f"clusters of two halves agree best at k = {k} ({value:.3f} of 1)."
    else:
        why = (
            f"k = {k} is the largest at which clusters of two halves agree ({value:.3f} of 1) as "
            f"well as at the best, k = {found.ks[best]} ({means[best]:.3f}), but for chance."
        )
    if len(found.ks) == 1 or (value == 1.0 and k + 1 in found.reasons):
        return Choice("stability", k, value, why)
    return _unless_at_the_end("stability", found.ks, at, value, why)


def _unless_at_the_end(name: str, ks: Sequence[int], at: int, value: float, why: str) -> Choice:
    """Pick a k unless it is the largest: then larger ones may be better."""
    k = ks[at]
    if k == ks[-1]:
        return Choice(name, None, math.nan, f"{why} That is the largest k: try more.", k)
    if at == 0 and k > 2 and name != "gap":
        why += " It is the smallest k of the sweep: try fewer, too."
    return Choice(name, k, value, why)


def _first(reasons: dict[int, str]) -> str:
    return f"{next(iter(reasons.values()))}."


def _apart(one: float, other: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart."""
    for write in (_number, *(f"{{:,.{digits}g}}".format for digits in range(5, 17))):
        if write(one) != write(other):
            break
    return write(one), write(other)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
