"""centra: k-means with one answer everywhere.

`KMeans` is a drop-in for scikit-learn's. ``docs/architecture.md`` in the repository says how the
package is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from centra import _former

if TYPE_CHECKING:
    from centra import errors as errors
    from centra import events, page, plot, tutorial
    from centra import selection as selection
    from centra import sources as sources
    from centra._core import __version__
    from centra._estimators.functions import assign, k_means, kmeans_plusplus
    from centra._estimators.kmeans import KMeans
    from centra._estimators.resume import resume
    from centra._lloyd.model import Record, Run
    from centra._persistence.load import load
    from centra._utils.interrupts import until_interrupted
    from centra._utils.progress import Progress
    from centra.errors import CentraError, ModelFileError
    from centra.selection import Sweep, sweep
    from centra.sources import (
        Source,
        from_array,
        from_arrow,
        from_npy,
        from_parquet,
        from_stream,
    )

__all__ = [
    "CentraError",
    "KMeans",
    "ModelFileError",
    "Progress",
    "Record",
    "Run",
    "Source",
    "Sweep",
    "__version__",
    "assign",
    "events",
    "from_array",
    "from_arrow",
    "from_npy",
    "from_parquet",
    "from_stream",
    "k_means",
    "kmeans_plusplus",
    "load",
    "page",
    "plot",
    "resume",
    "sweep",
    "tutorial",
    "until_interrupted",
]

#: Public modules whose names of daily use are names of the package too.
_MODULES = ("errors", "selection", "sources")
#: The module of every name, below `centra`; one that is a module is its own. All are imported when
#: they are first asked for (PEP 562), so that a program pays for what it uses.
_HOMES = {
    "CentraError": "errors",
    "KMeans": "_estimators.kmeans",
    "ModelFileError": "errors",
    "Progress": "_utils.progress",
    "Record": "_lloyd.model",
    "Run": "_lloyd.model",
    "Source": "sources",
    "Sweep": "selection",
    "__version__": "_core",
    "assign": "_estimators.functions",
    "from_array": "sources",
    "from_arrow": "sources",
    "from_npy": "sources",
    "from_parquet": "sources",
    "from_stream": "sources",
    "k_means": "_estimators.functions",
    "kmeans_plusplus": "_estimators.functions",
    "load": "_estimators.functions",
    "resume": "_estimators.resume",
    "sweep": "selection",
    "until_interrupted": "_utils.interrupts",
}

_former.install()


def __getattr__(name: str) -> Any:
    if name not in (*__all__, *_MODULES):
        raise AttributeError(f"module 'centra' has no attribute {name!r}")
    import importlib

    module = importlib.import_module(f"centra.{_HOMES.get(name, name)}")
    value = getattr(module, name) if name in _HOMES else module
    globals()[name] = value  # asked for once
    return value


def __dir__() -> list[str]:
    return sorted((*__all__, *_MODULES))
