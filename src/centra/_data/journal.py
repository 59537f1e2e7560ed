"""What made the state of rows: the orders that a process must repeat which has lost it.

Passes and functions of states that only look are marked by `reads`, and are not in the journal. Of
the others, these are dropped as soon as what they did is of no more use:

* an assignment, when another one follows: labels depend on rows and centers alone;
* labels of a restart, when the next one begins, unless they are the best so far;
* all of a seeding, when it ends; and candidates that were tried, when none of them was taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


def reads(work: T) -> T:
    """Mark a pass, or a function of a state, that leaves the state as it is."""
    work._reads_only = True  # type: ignore[attr-defined]
    return work


def changes(work: Any) -> bool:
    """Whether a pass, or a function of a state, changes the state."""
    return not getattr(_bare(work), "_reads_only", False)


def _bare(work: Any) -> Any:
    return work.func if isinstance(work, partial) else work


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
    def name(self) -> str:
        """What was done, in a word."""
        work = _bare(self.work)
        return getattr(work, "__name__", type(work).__name__)


#: What belongs to labels, and to seeding, by name.
LABELS = frozenset({"Assign", "forget_labels", "remember_labels", "keep_best", "restore_best"})
SEEDING = frozenset({"begin", "Pack", "Lower", "Approach", "Trials", "Nearer", "take", "end"})


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
        entry = Entry(number, again(work), with_rows)
        kept, name = self.entries, entry.name
        before = kept[-1].name if kept else ""
        if name == "NoneType":  # weights
            kept = [one for one in kept if one.name != "NoneType"]
        elif name == before == "Assign":
            kept = kept[:-1]
        elif name == "forget_labels":
            since = _after(kept, "keep_best")
            kept = kept[:since] + [one for one in kept[since:] if one.name not in LABELS]
        elif name == "keep_best":
            since = max(0, _after(kept, "forget_labels") - 1)
            kept = [one for one in kept[:since] if one.name not in LABELS] + kept[since:]
        elif name in ("begin", "end"):
            kept = [one for one in kept if one.name not in SEEDING]
        elif name in SEEDING and name != "take" and before == "Trials":
            kept = kept[:-1]
        self.entries = [*kept, entry]
        self.last = number


def again(work: Any) -> Any:
    """Return what does the same to states, where its reply does not matter."""
    lighter = getattr(work, "again", None)
    return work if lighter is None else lighter()


def _after(entries: list[Entry], name: str) -> int:
    """Return the place after the last entry of a name; 0 if there is none."""
    return max((i + 1 for i, one in enumerate(entries) if one.name == name), default=0)
