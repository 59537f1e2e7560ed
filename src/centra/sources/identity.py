"""What tells one state of a file from another: rows must not change while they are used."""

from __future__ import annotations

import os
from typing import NamedTuple


class Identity(NamedTuple):
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    changed: int


def identity_of(found: os.stat_result) -> Identity:
    """Return what tells this state of a file from another, of what `os.stat` says of it."""
    return Identity(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def identity_at(path: str) -> Identity | None:
    """Return what tells this state of a file from another; None if it is gone."""
    try:
        return identity_of(os.stat(path))
    except FileNotFoundError:
        return None


def changed(path: str, gone: bool, opener: str) -> ValueError:
    """Return the error for a file that is not what it was when it was opened first.

    Parameters
    ----------
    path : str
        The file.
    gone : bool
        Whether there is none any more.
    opener : str
        The function that opens it again.
    """
    if gone:
        return ValueError(
            f"{path} is gone; it was there when it was opened. Put it back, and open it again with "
            f"{opener}."
        )
    return ValueError(
        f"{path} changed after it was opened, and rows must not change meanwhile. Open it again "
        f"with {opener} when nothing writes to it."
    )
