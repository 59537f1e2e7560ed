"""Types of parameters that take one of a few words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

__all__ = ["Algorithm", "Init", "Order", "RandomState", "Restarts", "Start"]


class SupportsArray(Protocol):
    """Arrays and data frames; a text is neither."""

    def __array__(self) -> Any:
        """Return it as an array."""
        ...


#: Where first centers come from.
Init: TypeAlias = (
    Literal["k-means++", "k-means||", "sampled", "random"]
    | Callable[..., Any]
    | SupportsArray
    | Sequence[Sequence[float]]
)
#: How many restarts.
Restarts: TypeAlias = Literal["auto"] | int
Algorithm: TypeAlias = Literal["lloyd", "elkan"]
RandomState: TypeAlias = int | np.random.RandomState | np.random.Generator | None
#: Where a restart began.
Start: TypeAlias = Literal["init", "fewer", "more"]
#: An order of clusters: "size", the name or number of a column, or the clusters one by one. A type
#: checker cannot tell the name of a column from a word that is none.
Order: TypeAlias = Literal["size"] | str | int | Sequence[int] | SupportsArray
