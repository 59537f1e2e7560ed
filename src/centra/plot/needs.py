"""matplotlib, or one line that says how to get it."""

from __future__ import annotations

from types import ModuleType

__all__ = ["pyplot"]


def pyplot() -> ModuleType:
    """Import `matplotlib.pyplot` when a figure is really wanted.

    Returns
    -------
    pyplot : module
        `matplotlib.pyplot`, with whatever backend the caller uses.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise  # matplotlib is there and lacks something of its own, which it names
        raise ImportError(
            'figures need matplotlib, which is missing: pip install "centra[plot]"',
            name="matplotlib",
        ) from error
    return plt
