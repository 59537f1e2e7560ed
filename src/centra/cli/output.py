"""What a command says: lines for people, one JSON object for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from centra._utils.escapes import encodable
from centra._utils.terminal import check_stdout, put

__all__ = ["in_words", "say", "tell"]

#: What the library says, and how to say it here.
_WORDS = {
    "silhouette=True": "--silhouette",
    "n_init=10": "--n-init 10",
    "neighbor_starts=True": "--neighbor-starts",
    "centra.sweep": "centra sweep",
    "raise max_iter": "raise --max-iter",
    "n_clusters": "-k",
    "points in X": "rows",
}


def say(lines: Sequence[str], values: Mapping[str, Any], *, as_json: bool, aside: bool) -> None:
    """Say what came of a command.

    Parameters
    ----------
    lines : sequence of str
        For people.
    values : mapping
        For programs.
    as_json : bool
        Whether a program listens.
    aside : bool
        Whether standard output is taken, so that the lines go to standard error.
    """
    if as_json:
        from centra._utils.jsonable import plain  # here: it needs NumPy, and help does not

        check_stdout()
        put(json.dumps(_encodable(plain(values)), allow_nan=False))
    else:
        for line in lines:
            put(line, aside=aside)


def tell(text: str, kind: str = "warning") -> None:
    """Say something aside, in one line on standard error."""
    put(f"centra: {kind}: {' '.join(text.split())}", aside=True)


def _encodable(value: Any) -> Any:
    """Give a JSON value whose texts every reader of JSON takes; the names of files may be none."""
    if isinstance(value, dict):
        return {encodable(name): _encodable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    return encodable(value) if isinstance(value, str) else value


def in_words(text: str) -> str:
    """Say options for parameters, commands for functions.

    Examples
    --------
    >>> in_words("silhouette=True computes them all the same")
    '--silhouette computes them all the same'
    """
    for word, here in _WORDS.items():
        text = text.replace(word, here)
    return text
