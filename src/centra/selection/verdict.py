"""The verdict: which number of clusters each criterion picks, and why, in a sentence each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from centra._utils.escapes import for_html
from centra.selection.criteria import CRITERIA
from centra.selection.gap import Gap
from centra.selection.stability import Stability

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """What one criterion picks.

    Attributes
    ----------
    criterion : str
        Its name: a key of `Sweep.criteria`.
    k : int or None
        The number of clusters; None where it can pick none.
    value : float
        The criterion's number at this k.
    why : str
        The reason, a sentence.
    """

    criterion: str
    k: int | None
    value: float
    why: str


@dataclass(frozen=True)
class Verdict:
    """Which numbers of clusters the criteria pick.

    Attributes
    ----------
    choices : tuple of Choice
        One for every criterion that was asked for.
    mute : tuple of str
        Criteria among them without a single number, which had no say.

    Examples
    --------
    >>> picks = {"silhouette": 3, "stability": 3, "bic": 8, "gap": None}
    >>> best = Verdict(tuple(Choice(name, k, 0.0, "...") for name, k in picks.items()))
    >>> best.summary
    'The criteria disagree: 2 of 4 pick k = 3; others: k = 8 (BIC), none (gap statistic).'
    """

    choices: tuple[Choice, ...]
    mute: tuple[str, ...] = ()

    @property
    def votes(self) -> dict[int, tuple[str, ...]]:
        """Which criteria pick which k: the k that most pick first, then the lowest."""
        found: dict[int, list[str]] = {}
        for choice in self.choices:
            if choice.k is not None:
                found.setdefault(choice.k, []).append(choice.criterion)
        order = sorted(found, key=lambda k: (-len(found[k]), k))
        return {k: tuple(found[k]) for k in order}

    @property
    def k(self) -> int | None:
        """The one number that all criteria pick, leaving out those that pick none; else None."""
        votes = list(self.votes)
        return votes[0] if len(votes) == 1 else None

    @property
    def structure(self) -> bool | None:
        """Whether the gap statistic finds any clusters; None where it was not had."""
        for choice in self.choices:
            if choice.criterion == "gap" and choice.k is not None:
                return choice.k > 1
        return None

    def __getitem__(self, criterion: str) -> Choice:
        """Return the choice of one criterion."""
        for choice in self.choices:
            if choice.criterion == criterion:
                return choice
        raise KeyError(criterion)

    def __str__(self) -> str:
        """Say it in lines: whether they agree, then each with its reason."""
        lines = [self.summary]
        for choice in self.choices:
            picks = "none" if choice.k is None else f"k = {choice.k}"
            lines.append(f"* {CRITERIA[choice.criterion].title} picks {picks}: {choice.why}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        first, *whys = (for_html(line) for line in str(self).split("\n"))
        listed = "".join(f"<li>{why.removeprefix('* ')}</li>" for why in whys)
        return f"<div><p><b>{first}</b></p><ul>{listed}</ul></div>"

    @property
    def summary(self) -> str:
        """What matters most: whether there are clusters at all, else how many pick which k."""
        votes = self.votes
        heard = [choice for choice in self.choices if choice.criterion not in self.mute]
        if not votes:
            return "No criterion picks a number of clusters."
        if self.structure is False:
            return _no_clusters(heard)
        (k, names), *_ = votes.items()
        most, n = len(names), len(heard)
        if n == 1:
            return f"The {CRITERIA[names[0]].title} picks k = {k}."
        if most == n:
            return f"All {n} criteria pick k = {k}."
        first = [k for k in votes if len(votes[k]) == most]
        which = " and ".join(f"k = {k}" for k in first) + (" each" if len(first) > 1 else "")
        if len(first) > 1 or 2 * most <= n:
            text = f"The criteria disagree: {most} of {n} {_pick(most)} {which}"
        else:
            text = f"{most} of {n} criteria {_pick(most)} {which}"
        others = [f"k = {k} ({_titles(heard, k)})" for k in votes if k not in first]
        if any(choice.k is None for choice in heard):
            others.append(f"none ({_titles(heard, None)})")
        return f"{text}; others: {', '.join(others)}." if others else f"{text}."


def _no_clusters(heard: Sequence[Choice]) -> str:
    text = (
        "There may be no clusters at all: the gap statistic picks k = 1, and it alone compares "
        "with rows that have none."
    )
    rest = tuple(choice for choice in heard if choice.criterion != "gap")
    votes = Verdict(rest).votes
    if votes:
        k, names = next(iter(votes.items()))
        text += f" Of the other {len(rest)} criteria, {len(names)} {_pick(len(names))} k = {k}."
    return text


def _pick(n: int) -> str:
    return "picks" if n == 1 else "pick"


def _titles(heard: Sequence[Choice], k: int | None) -> str:
    return ", ".join(CRITERIA[choice.criterion].title for choice in heard if choice.k == k)


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
    if len(known) == 1:
        if len(ks) == 1:
            return Choice(name, None, math.nan, "there is only one k, which wins no contest.")
        return Choice(name, ks[at], value, f"{_number(value)} is its only number.")
    which = "highest" if higher else "lowest"
    best, next_ = _apart(value, float(values[known[1]]))
    if best == next_:
        why = f"{best} is the {which}, and that of k = {ks[known[1]]} too: the lower k counts."
    else:
        why = f"{best} is the {which}; next is k = {ks[known[1]]} with {next_}."
    return Choice(name, ks[at], value, why + _at_the_end(ks[at], ks))


def by_gap(gap: Gap) -> Choice:
    """Pick by the rule of the gap statistic's authors."""
    k = gap.choice
    if k is None:
        return Choice("gap", None, math.nan, _first(gap.reasons))
    at = gap.ks.index(k)
    value = float(gap.values[at])
    first = gap.first
    rest = [i for i in range(at + 1, len(gap.ks)) if not math.isnan(gap.values[i])]
    if rest:
        after = rest[0]
        level = gap.values[after] - gap.errors[after]
        why = (
            f"the smallest k whose gap ({_number(value)}) is at least that of k = "
            f"{gap.ks[after]} less its standard error ({_number(level)})."
        )
        if k == 1:
            why += " That is no cluster structure."
        elif k != first:
            why += f" (That holds for k = {first} too, but later gaps are higher by far.)"
    elif at == 0:
        why = "there is no other gap to compare with."
    else:
        why = f"the gap ({_number(value)}) still rises at the largest k: try more."
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
    value = float(means[found.ks.index(k)])
    if found.ks[best] == k:
        why = f"clusters of two halves agree best here ({value:.3f} of 1)."
    else:
        why = (
            f"the largest k at which clusters of two halves agree ({value:.3f} of 1) as well as "
            f"at the best, k = {found.ks[best]} ({means[best]:.3f}), but for chance."
        )
    return Choice("stability", k, value, why + _at_the_end(k, found.ks))


def _at_the_end(k: int, ks: Sequence[int]) -> str:
    return " It is the largest k of the sweep: try more." if len(ks) > 1 and k == ks[-1] else ""


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
