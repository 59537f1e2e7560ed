"""The command that was given, to say how it would read with another option."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["again", "begin", "given"]

_given: list[str] = []


def begin(arguments: Sequence[str] | None) -> None:
    """Keep what follows the program's name; None for what the shell passed on."""
    _given[:] = sys.argv[1:] if arguments is None else arguments


def again(*, add: str = "", without: str = "") -> str:
    """Write the command anew, ready for a shell.

    Parameters
    ----------
    add : str
        An option to add.
    without : str
        An option to leave out.

    Examples
    --------
    >>> begin(["report", "my file.csv", "-k", "3", "--standardize"])
    >>> again(without="--standardize")
    "centra report 'my file.csv' -k 3"
    """
    from centra.cli.remedies import command  # not before a command needs it

    words = [word for word in _given if word != without]
    return command(words, {add: None} if add else {})


def given() -> list[str]:
    """Return what follows the program's name."""
    return list(_given)
