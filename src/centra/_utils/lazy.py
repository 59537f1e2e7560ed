"""Which objects have rows only once they are computed, elsewhere: collections of Dask."""

from __future__ import annotations

from typing import Any


def is_dask(X: Any) -> bool:
    """Whether X is a collection of Dask: an array, a frame, a series, or a list of delayed blocks.

    Dask is not imported for that.
    """
    if isinstance(X, list | tuple):
        return bool(X) and all(_of_dask(part) for part in X)
    return _of_dask(X)


def _of_dask(X: Any) -> bool:
    module = type(X).__module__.partition(".")[0]
    return module in ("dask", "dask_expr") and hasattr(X, "__dask_graph__")
