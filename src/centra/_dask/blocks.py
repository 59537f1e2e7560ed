"""A collection of Dask as a list of delayed blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from centra._utils.text import listed

#: Columns that an error lists.
MOST = 8


@dataclass(frozen=True)
class Blocks:
    """Blocks of rows that are not computed yet.

    Attributes
    ----------
    delayed : list of Delayed
        Each gives an array, a CSR matrix or a frame.
    names : tuple of str or None
        Names of the columns, of a frame.
    """

    delayed: list[Any]
    names: tuple[str, ...] | None = None


def blocks_of(X: Any) -> Blocks:
    """Return the blocks of a collection, without computing anything.

    Raises
    ------
    ValueError
        An array has not two dimensions, or is cut across its columns; a frame has columns without
        numbers.
    TypeError
        It is another collection.
    """
    if isinstance(X, list | tuple):
        return Blocks(list(X))
    if hasattr(X, "columns") and hasattr(X, "to_delayed"):
        _check_numbers(X)
        names = list(X.columns)
        all_text = all(isinstance(name, str) for name in names)
        return Blocks(list(X.to_delayed()), tuple(names) if all_text else None)
    if hasattr(X, "chunks") and hasattr(X, "to_delayed"):
        if X.ndim != 2:
            raise ValueError(
                f"Expected 2D array, got {X.ndim}D array instead: X has rows and columns. "
                "X.reshape(-1, 1) makes one column of a 1D array."
            )
        if X.numblocks[1] != 1:
            raise ValueError(
                f"X is cut across its columns, into {X.numblocks[1]} chunks; a row must lie in one "
                "chunk: pass X.rechunk({1: -1})."
            )
        return Blocks(list(X.to_delayed().ravel()))
    raise TypeError(
        f"X is a {type(X).__module__}.{type(X).__name__}; pass a Dask array or frame, or a list of "
        "delayed arrays."
    )


def _check_numbers(X: Any) -> None:
    others = [
        f"{name!r} ({dtype})"
        for name, dtype in X.dtypes.items()
        if getattr(dtype, "kind", "O") not in "fiub"
    ]
    if others:
        raise ValueError(
            f"X has columns that are not numbers, {listed(others, MOST)}: leave them out, as in "
            "X.drop(columns=[...])."
        )
