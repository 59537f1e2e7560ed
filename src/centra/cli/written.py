"""Which files a command has written, for the message when it is interrupted."""

from __future__ import annotations

from pathlib import Path

__all__ = ["begin", "outcome", "wrote"]

_files: list[str] = []


def begin() -> None:
    """Forget the files of a command before."""
    _files.clear()


def wrote(file: Path) -> None:
    """Note that a file is there, whole."""
    _files.append(str(file))


def outcome() -> str:
    """Say which files there are.

    Examples
    --------
    >>> begin()
    >>> outcome()
    'no output was written'
    >>> wrote(Path("three.centra"))
    >>> outcome()
    'written before that: three.centra'
    """
    if not _files:
        return "no output was written"
    return f"written before that: {', '.join(_files)}"
