"""What is raised of a file that is no table of numbers."""

from __future__ import annotations

from centra.errors import CentraError

__all__ = ["TableError", "reason_of"]


class TableError(CentraError):
    """A file that is not a table of numbers: one line that says where and what to do."""


def reason_of(error: Exception) -> str:
    r"""Return what a library says of a damaged file, in one short line.

    Examples
    --------
    >>> reason_of(ValueError("bad\n  magic")), reason_of(EOFError())
    ('bad magic', 'EOFError')
    """
    return " ".join(str(error).split())[:100] or type(error).__name__
