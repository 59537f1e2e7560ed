"""How a page words what it says: for whoever calls from Python, or from the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from centra._diagnostics.remark import Remark
from centra._diagnostics.report import Report

__all__ = ["Wording", "gravest_of", "verdict_of"]


@dataclass(frozen=True)
class Wording:
    """What is changed in texts before they are shown.

    Parameters
    ----------
    report : callable
        Gives a report with other words.
    text : callable
        The same of one text.
    rows : callable or None
        Says how rows, counted from 0, are called: a list of numbers in, a list of names out. By
        default by their numbers, or the labels in the index of a data frame.
    call : str
        How to get labels of all rows, where only some are drawn.
    """

    report: Callable[[Report], Report] = lambda found: found
    text: Callable[[str], str] = str
    rows: Callable[[list[int]], list[str]] | None = None
    call: str = "The model's labels_ has the cluster of every row."


def verdict_of(report: Report) -> str:
    """Say in one sentence what to think of a clustering."""
    said = getattr(report, "verdict", "")
    if said:
        return str(said)
    good = [remark.text for remark in report.remarks if remark.kind == "separate"]
    return good[0] if good and gravest_of(report) is None else ""


def gravest_of(report: Report) -> Remark | None:
    """Return the remark that matters most, if any is more than good news."""
    told = [each for each in report.remarks if _gravity(each) > 0]
    return max(told, key=_gravity) if told else None


def _gravity(remark: Remark) -> int:
    return int(getattr(remark, "gravity", 0 if remark.kind == "separate" else 1))
