"""What is raised of a file that is no table of numbers."""

from __future__ import annotations

from centra.errors import CentraError

__all__ = ["TableError"]


class TableError(CentraError):
    """A file that is not a table of numbers: one line that says where and what to do."""
