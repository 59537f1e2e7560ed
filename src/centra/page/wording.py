"""How a page words what it says: for whoever calls from Python, or from the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from centra._diagnostics.remark import Remark
from centra._diagnostics.report import Report

__all__ = ["Wording", "gravest_of"]


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


def gravest_of(report: Report) -> Remark | None:
    """Return the remark that matters most, if any is more than good news."""
    told = [each for each in report.remarks if each.gravity > 0]
    return max(told, key=lambda each: each.gravity, default=None)
