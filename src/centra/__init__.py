"""centra: k-means with one answer everywhere.

`KMeans` is a drop-in for scikit-learn's. ``docs/architecture.md`` in the repository says how the
package is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from centra import _former, events
from centra._core import __version__
from centra._estimators.functions import assign, k_means, kmeans_plusplus
from centra._estimators.kmeans import KMeans
from centra._lloyd.model import Record, Run
from centra._persistence.load import load
from centra._utils.progress import Progress
from centra.errors import CentraError, ModelFileError
from centra.selection import Sweep, sweep
from centra.sources import Source, from_npy

if TYPE_CHECKING:
    from centra import page, plot, tutorial

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
    "from_npy",
    "k_means",
    "kmeans_plusplus",
    "load",
    "page",
    "plot",
    "sweep",
    "tutorial",
]

_former.install()


def __getattr__(name: str) -> Any:
    # Views import matplotlib's users lazily: `import centra` stays light.
    if name in ("page", "plot", "tutorial"):
        import importlib

        return importlib.import_module(f"centra.{name}")
    raise AttributeError(f"module 'centra' has no attribute {name!r}")
