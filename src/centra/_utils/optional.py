"""Optional libraries: imported when needed, or an error that says how to install them."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

__all__ = ["needed", "pyplot"]


def needed(module: str, who: str, extra: str, instead: str = "") -> Any:
    """Import a module when it is really wanted.

    Parameters
    ----------
    module : str
        Its dotted name.
    who : str
        What needs it, with the verb: "figures need".
    extra : str
        The extra of centra that installs it.
    instead : str, default=""
        What else one can do: the end of the line.

    Returns
    -------
    module : module

    Raises
    ------
    ImportError
        It is not installed.

    Examples
    --------
    >>> needed("math", "sums need", "math").fsum([1.0, 2.0])
    3.0
    """
    library = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != library:
            raise  # it is there and lacks something of its own, which it names
        raise ImportError(
            f'{who} {library}, which is missing: pip install "centra[{extra}]"{instead}',
            name=library,
        ) from error


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
    module: ModuleType = needed("matplotlib.pyplot", "figures need", "plot")
    return module
