"""How many threads work, and with which instruction set. No result depends on either."""

from __future__ import annotations

import os
import sys

from centra._core import Workers


def workers(n_threads: int | None = None) -> Workers:
    """Return the threads that work on one call.

    Parameters
    ----------
    n_threads : int or None
        Number of threads. None takes ``CENTRA_NUM_THREADS``, else ``OMP_NUM_THREADS`` (joblib sets
        it in its workers), else the processors that this process may use.

    Returns
    -------
    Workers
        With the instruction set that ``CENTRA_ISA`` names ("scalar", "avx2", "avx512", "amx"), else
        the best that the machine has.

    Raises
    ------
    ValueError
        If a number of threads is not a positive integer, or ``CENTRA_ISA`` is unknown or missing
        on this machine.
    """
    if n_threads is None:
        n_threads = (
            _from_environment("CENTRA_NUM_THREADS")
            or _from_environment("OMP_NUM_THREADS")
            or Workers.processors()
        )
    elif n_threads < 1:
        raise ValueError(f"n_threads={n_threads} must be a positive integer, or None for all.")
    try:
        # Workers limits large numbers itself, but takes none beyond the machine's integers.
        return Workers(min(n_threads, sys.maxsize), os.environ.get("CENTRA_ISA") or None)
    except ValueError as error:
        raise ValueError(f"CENTRA_ISA: {error}") from error


def _from_environment(name: str) -> int | None:
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    # OMP_NUM_THREADS may list a number for each nesting level: the first counts.
    number = text.split(",")[0].strip()
    if not number.isdigit() or int(number) < 1:
        if name == "OMP_NUM_THREADS":
            return None
        raise ValueError(f"{name}={text!r} must be a positive integer.")
    return int(number)
