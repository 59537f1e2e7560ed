"""Tests of this folder run the program."""

from __future__ import annotations

from command_line import fails, points, run, table

__all__ = ["fails", "points", "run", "table"]
