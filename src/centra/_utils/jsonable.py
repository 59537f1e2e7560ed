"""Values in the types that JSON has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Give a value in JSON's types; null for NaN and infinity, which JSON has not.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"a": np.array([1.5, np.inf]), "b": (np.int32(3), True)})
    {'a': [1.5, None], 'b': [3, True]}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
