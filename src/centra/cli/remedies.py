"""The command that would work: what was called, with the options of a remedy."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from centra._tables.refusals import Remedy

__all__ = ["command"]


def command(arguments: Sequence[str], remedy: Remedy) -> str:
    """Write a command for a shell.

    Parameters
    ----------
    arguments : sequence of str
        What followed the program's name.
    remedy : Remedy
        Options to give; they replace what was said of them.

    Examples
    --------
    >>> command(["fit", "a b.csv", "--columns=id,x", "-k", "2"], {"--columns": "x"})
    "centra fit 'a b.csv' -k 2 --columns x"
    """
    kept: list[str] = []
    skips = False
    for each in arguments:
        if skips:
            skips = False
            continue
        name = each.partition("=")[0]
        if name in remedy and name.startswith("--"):
            skips = name == each and remedy[name] is not None
            continue
        kept.append(each)
    for name, value in remedy.items():
        kept += [name] if value is None else [name, value]
    return shlex.join(["centra", *kept])
