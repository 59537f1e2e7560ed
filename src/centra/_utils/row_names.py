"""What rows are called in Python: by their number, or by the index of a data frame."""

from __future__ import annotations

from typing import Any

__all__ = ["row_names_of"]


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
    labels = index.tolist()
    if len(labels) != X.shape[0] or labels == list(range(len(labels))):
        return None
    return [str(label) for label in labels]
