"""The verdict: whether there are clusters at all, and which number of them the criteria pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from centra._utils.escapes import for_html
from centra._utils.text import count
from centra.selection.criteria import CRITERIA
from centra.selection.picks import Choice
from centra.selection.structure import Structure
from centra.selection.without import Without

__all__ = ["Choice", "Verdict"]

#: Criteria that compare the scatter within clusters with that between them, and mostly agree: of
#: clusters at unequal distances they pick those that are farthest apart.
RELATED = ("silhouette", "simplified_silhouette", "calinski_harabasz", "davies_bouldin")
#: What is said where another k would lead, if each had one vote.
SHARED = (
    "(Silhouettes, Calinski-Harabasz and Davies-Bouldin share one vote; the gap statistic has two.)"
)

#: How a headline begins where nothing says whether there are any.
UNTESTED = "If there are clusters, which was not tested"
#: What is said where criteria that can say so find no clusters.
NO_CLUSTERS = "Nothing shows that there are clusters: the gap statistic picks k = 1."


@dataclass(frozen=True)
class Verdict:
    """Which numbers of clusters the criteria pick.

    Attributes
    ----------
    choices : tuple of Choice
        One for every criterion that was asked for.
    mute : tuple of str
        Criteria among them without a single number, which had no say.
    found : Structure or None
        What the test says that compares with rows that have no clusters; None where it was not
        made.
    without : Without or None
        The outlying rows that were left out before criteria picked; None where there are none.

    Examples
    --------
    >>> picks = {"silhouette": 3, "stability": 3, "bic": 8}
    >>> choices = tuple(Choice(name, k, 0.0, "...") for name, k in picks.items())
    >>> best = Verdict(choices, found=Structure(True, "..."))
    >>> best.summary
    'There are probably 3 clusters: 2 of 3 criteria pick k = 3; others: k = 8 (BIC).'
    >>> best.k, best.most_votes
    (None, 3)
    """

    choices: tuple[Choice, ...]
    mute: tuple[str, ...] = ()
    found: Structure | None = None
    without: Without | None = None

    @property
    def votes(self) -> dict[int, tuple[str, ...]]:
        """Which criteria pick which k: the k with most votes first.

        The criteria in `RELATED` ask much the same and share one vote, BIC and stability have one
        each, and the gap statistic, which is right most often, has two. Of equals its k comes
        first, then the lowest. A criterion that is best at the largest k of the sweep has no vote:
        see `Choice.up_to`.
        """
        found: dict[int, list[str]] = {}
        for choice in self.choices:
            if choice.k is not None:
                found.setdefault(choice.k, []).append(choice.criterion)
        weights = {k: self._weight(names) for k, names in found.items()}
        order = sorted(found, key=lambda k: (-weights[k], "gap" not in found[k], k))
        return {k: tuple(found[k]) for k in order}

    def _weight(self, names: Sequence[str]) -> Fraction:
        """Add up votes; those related share one, and the gap statistic has two."""
        sharing = sum(choice.criterion in RELATED for choice in self._heard)
        related = sum(name in RELATED for name in names)
        own = len(names) - related + ("gap" in names)
        return own + Fraction(related, max(1, sharing))

    @property
    def _heard(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.criterion not in self.mute]

    @property
    def k(self) -> int | None:
        """The number that all criteria pick, leaving out those that pick none.

        None where they differ (`most_votes` then has the k that most pick), and where there may be
        no clusters at all.
        """
        votes = list(self.votes)
        if len(votes) != 1 or votes[0] == 1 or self.structure is False:
            return None
        return votes[0] if self._counting_far(votes[0]) is None else None

    @property
    def most_votes(self) -> int | None:
        """The number above 1 that has most votes, the first of `votes`; None where there is none.

        Where outlying rows are clusters of their own, it counts them too: that is the k to take if
        they stay in. That criteria pick a k does not say that there are clusters: see `structure`.
        """
        most = self._most
        more = None if most is None else self._counting_far(most)
        return most if more is None else more

    @property
    def _most(self) -> int | None:
        """The number above 1 that has most votes, outlying rows aside."""
        return next((k for k in self.votes if k > 1), None)

    def _counting_far(self, k: int) -> int | None:
        """Return the number of clusters that k are with outlying rows as clusters of their own."""
        return None if self.without is None else self.without.counting_far(k)

    @property
    def structure(self) -> bool | None:
        """Whether there are any clusters; None where that was not tested.

        What the test says, `found`, or where it was not made, the gap statistic.
        """
        if self.found is not None:
            return self.found.there
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
            said = "is not computed" if choice.criterion in self.mute else str(choice)
            lines.append(f"* {CRITERIA[choice.criterion].title} {said}: {choice.why}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        first, *whys = (for_html(line) for line in str(self).split("\n"))
        listed = "".join(f"<li>{why.removeprefix('* ')}</li>" for why in whys)
        return f"<div><p><b>{first}</b></p><ul>{listed}</ul></div>"

    @property
    def summary(self) -> str:
        """What matters most: whether there are clusters and how many, in plain words; then why."""
        if self.found is not None and self.structure is False:
            return self.found.why
        text, most = self._on_k(), self._most
        if self.without is None or most is None or self.structure is False:
            return text
        return f"{text} {self.without.said(most)}"

    def _on_k(self) -> str:
        """Say how many criteria pick which k."""
        heard = self._heard
        if self.structure is False:
            return NO_CLUSTERS
        ends = [choice for choice in heard if choice.up_to is not None]
        if not self.votes and not ends:
            return "No criterion picks a number of clusters."
        at_the_end = self._weight([choice.criterion for choice in ends])
        if all(at_the_end > self._weight(names) for names in self.votes.values()):
            return self._none_up_to(ends, len(heard))
        return self._count(heard)

    def _none_up_to(self, ends: Sequence[Choice], n: int) -> str:
        """Say that no k was found, and what to do."""
        text = f"No k found up to {ends[0].up_to}: "
        if n == 1:
            text += f"the {CRITERIA[ends[0].criterion].title} is best at the largest k."
        else:
            text += f"{len(ends)} of {n} criteria {_are(len(ends))} best at the largest k"
            picked = [f"k = {k} ({_titles(self._heard, k)})" for k in self.votes]
            text += f"; others: {', '.join(picked)}." if picked else "."
        return (
            f"{text} Sweep larger numbers, too; if that goes on, the rows are not in separate "
            "clusters."
        )

    def _count(self, heard: Sequence[Choice]) -> str:
        """Say how many clusters there are, then how many criteria say so."""
        votes = self.votes
        (k, names), *_ = votes.items()
        most, n = len(names), len(heard)
        known = self.structure is not None
        there = "There are" if known else f"{UNTESTED}, there are"
        if most == n:
            every = {1: f"the {CRITERIA[names[0]].title} picks", 2: "both criteria pick"}
            which = every.get(n, f"all {n} criteria pick")
            return f"{there} probably {_clusters(k, known)}: {which} k = {k}."
        weights = {k: self._weight(names) for k, names in votes.items()}
        equal = "gap" not in names
        first = [one for one in votes if one == k or (equal and weights[one] == weights[k])]
        fewer = any(len(votes[one]) > most for one in votes)
        if len(first) == 1 and 2 * most > n:
            text = f"{there} probably {_clusters(k, known)}: {most} of {n} criteria pick k = {k}"
        else:
            unclear = "There are probably clusters, but" if known else f"{UNTESTED},"
            which = " and ".join(f"k = {one} ({_titles(heard, one)})" for one in first)
            if len(first) == 1:
                which = f"k = {k} has most votes ({_titles(heard, k)})"
            else:
                which += " have as many votes"
            text = f"{unclear} it is not clear how many: {which}"
        others = [f"k = {k} ({_titles(heard, k)})" for k in votes if k not in first]
        ends = {choice.up_to for choice in heard if choice.k is None}
        for end in sorted(ends, key=lambda end: end or 0):
            titles = _titles(heard, None, end)
            others.append(f"none ({titles})" if end is None else f"no k up to {end} ({titles})")
        text = f"{text}; others: {', '.join(others)}." if others else f"{text}."
        return f"{text} {SHARED}" if fewer else text


def _clusters(k: int, known: bool) -> str:
    return count(k, "cluster") if known else str(k)


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _titles(heard: Sequence[Choice], k: int | None, up_to: int | None = None) -> str:
    return ", ".join(
        CRITERIA[choice.criterion].title
        for choice in heard
        if choice.k == k and (k is not None or choice.up_to == up_to)
    )
