"""Amounts of memory, as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS |= {f"{unit}I": 1024**power for power, unit in enumerate("KMGT", start=1)}


def parse_memory(memory: str | int) -> int:
    """Return a number of bytes from ``"256MB"``, ``"1.5 GiB"`` or an integer.

    Raises
    ------
    ValueError
        If it cannot be read, or is not positive.

    Examples
    --------
    >>> parse_memory("1.5 KiB")
    1536
    """
    found = re.fullmatch(r"\s*([0-9.]+)\s*([KMGT]?I?)B?\s*", str(memory).upper())
    try:
        size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size < 1:
        raise ValueError(f"memory={memory!r} is not an amount of memory such as '256MB'.")
    return size
