"""How a page was made: what somebody needs to make it again, or to know what it is about."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from centra._core import __version__
from centra._estimators.kmeans import KMeans

__all__ = ["provenance_of", "today"]


def provenance_of(
    models: Sequence[KMeans], scaled: str, given: Mapping[str, str] | None
) -> list[list[str]]:
    """List how a page was made.

    Parameters
    ----------
    models : sequence of KMeans
        What is shown.
    scaled : str
        The units in which rows were clustered; "" if they are their own.
    given : mapping of str to str, or None
        What else is known, say the command; it comes first, and replaces what has the same name.

    Returns
    -------
    provenance : list of [str, str]
        What it is, and its value.
    """
    first = models[0]
    found = {
        "Made with": f"centra {__version__}",
        "Date": today(),
        "Seed": _seed(first.random_state),
        "First centres": _starts(first),
        "Scaling": f"clustered in {scaled}" if scaled else "none: columns as they are",
    }
    known = {**(given or {})}
    known |= {name: text for name, text in found.items() if name not in known}
    return [[name, str(text)] for name, text in known.items() if str(text)]


def today() -> str:
    """Return the date, or the one that SOURCE_DATE_EPOCH says, so that pages can be made again.

    See https://reproducible-builds.org/specs/source-date-epoch/.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    at = time.gmtime(int(given)) if given.isascii() and given.isdigit() else time.localtime()
    return time.strftime("%Y-%m-%d", at)


def _starts(km: KMeans) -> str:
    how = km.init if isinstance(km.init, str) else "given"
    n = len(km.runs_)
    return f"{how}, the best of {n} starts" if n > 1 else how


def _seed(random_state: Any) -> str:
    if random_state is None:
        return "none: another run may find other clusters"
    return str(random_state) if isinstance(random_state, int) else "a random generator"
