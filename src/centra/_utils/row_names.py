"""What rows are called in Python: by their number, or by the index of a data frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from centra._utils.escapes import short

__all__ = ["row_name", "row_names_of"]


def row_names_of(X: Any) -> list[str] | None:
    """Return what a data frame's index calls its rows; None where it counts them, or is none.

    Parameters
    ----------
    X : object
        The rows.

    Examples
    --------
    >>> import pandas as pd
    >>> row_names_of(pd.DataFrame({"x": [1.0, 2.0]}, index=["Brussels", "Gent"]))
    ['Brussels', 'Gent']
    >>> row_names_of(pd.DataFrame({"x": [1.0, 2.0]})) is None
    True
    """
    index = getattr(X, "index", None)
    if index is None or callable(index) or not hasattr(index, "tolist"):
        return None
    n = X.shape[0]
    if len(index) != n or np.array_equal(np.asarray(index), np.arange(n)):
        return None
    return [str(label) for label in index.tolist()]


def row_name(names: list[str], row: int) -> str:
    """Say how a row is called that has a name, as it is shown.

    Examples
    --------
    >>> row_name(["Brussels", "Gent"], 1)
    'row Gent'
    """
    return f"row {short(names[row].strip())}"
