"""Labels and distances of a collection, as a collection that is computed when it is asked for."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from centra._dask.blocks import blocks_of


def labels_of(model: Any, X: Any) -> Any:
    """Return the nearest centre of every row, lazily.

    Returns
    -------
    labels : dask array, series with the index of the frame, or list of delayed
        As X is.
    """
    blocks_of(X)  # refuses what it is not
    model = _alone(model)
    if isinstance(X, list | tuple):
        return [_delayed(_labels)(model, block) for block in X]
    if hasattr(X, "columns"):
        return X.map_partitions(_labelled, model, meta=_meta(X))
    return X.map_blocks(
        _labels_of_block, model, dtype=np.int32, drop_axis=1, meta=np.empty(0, np.int32)
    )


def distances_of(model: Any, X: Any, k: int) -> Any:
    """Return the distances of every row to all centres, lazily: an array, or a list of delayed."""
    blocks_of(X)
    model = _alone(model)
    if isinstance(X, list | tuple):
        return [_delayed(_distances)(model, block) for block in X]
    if hasattr(X, "columns"):
        return _stacked([_delayed(_distances)(model, block) for block in X.to_delayed()], X, k)
    dtype = np.dtype(np.float32 if X.dtype == np.float32 else np.float64)
    return X.map_blocks(
        _distances_of_block, model, dtype=dtype, chunks=(X.chunks[0], (k,)),
        meta=np.empty((0, 0), dtype),
    )  # fmt: skip


def _stacked(blocks: list[Any], X: Any, k: int) -> Any:
    """Return delayed arrays as one; how many rows each has is not known."""
    import dask.array as da

    single = all(dtype == np.float32 for dtype in X.dtypes)
    dtype = np.dtype(np.float32 if single else np.float64)
    parts = [da.from_delayed(block, (np.nan, k), dtype=dtype) for block in blocks]
    return da.concatenate(parts, allow_unknown_chunksizes=True)


def _alone(model: Any) -> Any:
    """Return a model of the same centres that holds no labels, which may be many or a graph."""
    bare = copy(model)
    for name in ("labels_", "_training_data", "history_", "callbacks"):
        bare.__dict__.pop(name, None)
    bare.callbacks = None
    return bare


def _delayed(function: Any) -> Any:
    from dask import delayed

    return delayed(function, pure=True)


def _meta(X: Any) -> Any:
    import pandas as pd

    return pd.Series([], dtype=np.int32, name="cluster", index=X._meta.index)


def _labels(model: Any, block: Any) -> Any:
    if not block.shape[0]:
        return np.empty(0, np.int32)
    return model.predict(block)


def _labels_of_block(block: Any, model: Any) -> Any:
    return _labels(model, block)


def _labelled(frame: Any, model: Any) -> Any:
    import pandas as pd

    return pd.Series(_labels(model, frame), index=frame.index, name="cluster", dtype=np.int32)


def _distances(model: Any, block: Any) -> Any:
    if not block.shape[0]:
        return np.empty((0, len(model.cluster_centers_)), np.asarray(block).dtype)
    return model.transform(block)


def _distances_of_block(block: Any, model: Any) -> Any:
    return _distances(model, block)
