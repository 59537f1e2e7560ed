"""Arrays as JSON holds them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def plain(values: NDArray[Any]) -> list[Any]:
    """Give numbers as a list; what is not finite becomes None.

    Examples
    --------
    >>> plain(np.array([1.5, np.nan]))
    [1.5, None]
    """
    return [None if isinstance(x, float) and not np.isfinite(x) else x for x in values.tolist()]


def packed(values: NDArray[Any], dtype: str) -> str:
    """Give numbers as base64 of their bytes.

    Examples
    --------
    >>> packed(np.array([1, 2]), "<u2")
    'AQACAA=='
    """
    return base64.b64encode(np.ascontiguousarray(values).astype(dtype).tobytes()).decode("ascii")
