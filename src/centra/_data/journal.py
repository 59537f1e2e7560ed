"""What made the state of rows: the orders that a process must repeat which has lost it.

Passes and functions of states are marked by their effect. Those that only look are not in the
journal. Of the others, these are dropped as soon as what they did is of no more use:

* an assignment, when another one follows: labels depend on rows and centers alone;
* labels of a restart, when the next one begins, unless they are the best so far;
* all of a seeding, when it ends; and candidates that were tried, when none of them was taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class Effect(Enum):
    """What a pass, or a function of a state, does to the states of rows."""

    #: It looks at them.
    NONE = auto()
    #: Nobody has said: it is repeated whatever comes.
    ANY = auto()
    #: It gives rows their weights.
    WEIGHTS = auto()
    #: It gives every row its label, whatever that was.
    LABELS = auto()
    #: It forgets labels: a restart begins.
    NO_LABELS = auto()
    #: It remembers labels, or brings them back.
    MEMORY = auto()
    #: It keeps the labels as those of the best restart.
    BEST = auto()
    #: It begins a seeding, or ends it.
    NO_SEEDING = auto()
    #: It adds to what a seeding knows.
    SEEDING = auto()
    #: It tries candidates.
    TRIAL = auto()
    #: It takes a candidate that was tried.
    TAKING = auto()


#: What belongs to labels, and to seeding.
_OF_LABELS = {Effect.LABELS, Effect.NO_LABELS, Effect.MEMORY, Effect.BEST}
_OF_SEEDING = {Effect.NO_SEEDING, Effect.SEEDING, Effect.TRIAL, Effect.TAKING}


def has(effect: Effect) -> Callable[[T], T]:
    """Mark a pass, or a function of a state, by its effect."""

    def mark(work: T) -> T:
        work._effect = effect  # type: ignore[attr-defined]
        return work

    return mark


#: Mark a pass, or a function of a state, that leaves the state as it is, or drops only caches.
reads = has(Effect.NONE)


def effect_of(work: Any) -> Effect:
    """Return what a pass, or a function of a state, does to states; None gave weights."""
    if work is None:
        return Effect.WEIGHTS
    bare = work.func if isinstance(work, partial) else work
    effect: Effect = getattr(bare, "_effect", Effect.ANY)
    return effect


@dataclass(frozen=True)
class Entry:
    """An order that changed states.

    Attributes
    ----------
    number : int
        Its number among all.
    work : Pass, callable or None
        What was done; None gave rows their weights.
    with_rows : bool
        Whether it is a pass.
    """

    number: int
    work: Any
    with_rows: bool

    @property
    def effect(self) -> Effect:
        """What it did to states."""
        return effect_of(self.work)


@dataclass
class Journal:
    """The orders that made the states, without those that can be left out.

    Attributes
    ----------
    entries : list of Entry
        In their order.
    last : int
        The number of the last one, whether it is kept or not; 0 before the first.
    """

    entries: list[Entry] = field(default_factory=list)
    last: int = 0

    def note(self, number: int, work: Any, with_rows: bool) -> None:
        """Add an order that changed states, and drop what it makes needless."""
        entry = Entry(number, _again(work), with_rows)
        kept, effect = self.entries, entry.effect
        before = kept[-1].effect if kept else Effect.NONE
        if effect is Effect.WEIGHTS:
            kept = _without(kept, {effect})
        elif effect is Effect.LABELS and before is effect:
            kept = kept[:-1]
        elif effect is Effect.NO_LABELS:
            since = _after(kept, Effect.BEST)
            kept = kept[:since] + _without(kept[since:], _OF_LABELS)
        elif effect is Effect.BEST:
            since = max(0, _after(kept, Effect.NO_LABELS) - 1)
            kept = _without(kept[:since], _OF_LABELS) + kept[since:]
        elif effect is Effect.NO_SEEDING:
            kept = _without(kept, _OF_SEEDING)
        elif effect in _OF_SEEDING - {Effect.TAKING} and before is Effect.TRIAL:
            kept = kept[:-1]
        self.entries = [*kept, entry]
        self.last = number


def _again(work: Any) -> Any:
    """Return what does the same to states, where its reply does not matter."""
    lighter = getattr(work, "again", None)
    return work if lighter is None else lighter()


def _without(entries: list[Entry], effects: set[Effect]) -> list[Entry]:
    return [entry for entry in entries if entry.effect not in effects]


def _after(entries: list[Entry], effect: Effect) -> int:
    """Return the place after the last entry of an effect; 0 if there is none."""
    return max((i + 1 for i, entry in enumerate(entries) if entry.effect is effect), default=0)
