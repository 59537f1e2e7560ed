"""Former names of modules, which old pickles and programs still use.

A pickle names the module of every class in it. The modules of version 0.1.0 were moved into
packages; importing one by its former name gives the module that has its contents today.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

#: Modules of today by their former names.
FORMER = {
    "centra.choose": "centra.selection",
    "centra.choose.criteria": "centra.selection.criteria",
    "centra.choose.gap": "centra.selection.gap",
    "centra.choose.neighbors": "centra.selection.neighbors",
    "centra.choose.nesting": "centra.selection.nesting",
    "centra.choose.progress": "centra.selection.progress",
    "centra.choose.result": "centra.selection.result",
    "centra.choose.samples": "centra.selection.samples",
    "centra.choose.silhouette": "centra.selection.silhouette",
    "centra.choose.stability": "centra.selection.stability",
    "centra.choose.sweeping": "centra.selection.sweeping",
    "centra.choose.verdict": "centra.selection.verdict",
    "centra.display": "centra._diagnostics.notebook",
    "centra.extras": "centra._utils.optional",
    "centra.functions": "centra._estimators.functions",
    "centra.kmeans": "centra._estimators.kmeans",
    "centra.model": "centra._lloyd.model",
    "centra.overlap": "centra._diagnostics.overlap",
    "centra.plain": "centra._utils.jsonable",
    "centra.plot.film": "centra.plot._animation",
    "centra.progress": "centra._utils.progress",
    "centra.report": "centra._diagnostics.report",
    "centra.store": "centra._persistence.container",
    "centra.whole": "centra._utils.atomic_write",
    "centra.words": "centra._utils.text",
}


class _Former(MetaPathFinder, Loader):
    """Finds modules by their former names."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return how to load a module that has another name today."""
        return ModuleSpec(name, self) if name in FORMER else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python: the module that is made here is never seen."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of today in the place of the one that was made for its former name."""
        sys.modules[module.__name__] = importlib.import_module(FORMER[module.__name__])


def install() -> None:
    """Let modules be imported by their former names."""
    if not any(isinstance(finder, _Former) for finder in sys.meta_path):
        sys.meta_path.append(_Former())
