"""Columns of vectors: lists of numbers in a column of an Arrow table or a data frame.

Embeddings are kept so. A column of lists that are equally long is so many columns; its name with a
number from 0, ``at[0]``, ``at[1]``, ..., names them. A list that is missing or of another length is
an error that names the row.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.arrow_lists import (
    NotVectors,
    is_list_of_numbers,
    length_of,
    names_of_parts,
    vectors_of,
)

__all__ = ["taken_apart"]


def taken_apart(X: Any) -> Any:
    """Return a table or a data frame whose columns of vectors are columns of numbers; else X.

    Parameters
    ----------
    X : object
        An Arrow table, a data frame of pandas or of polars, or anything else.

    Raises
    ------
    ValueError
        A list is missing, is of another length than the first, or is none of numbers; the message
        names its column and row.
    """
    module = type(X).__module__.partition(".")[0]
    if module == "pyarrow":
        return _arrow_apart(X)
    if module == "pandas" and hasattr(X, "select_dtypes"):
        kinds = [str(dtype) for dtype in X.dtypes]
        which = [
            i
            for i, kind in enumerate(kinds)
            if (kind == "object" or kind.startswith(("list<", "fixed_size_list<", "large_list<")))
            and _is_list(_first_of(X.iloc[:, i]))
        ]
        return _frame_apart(X, which, lambda i: X.iloc[:, i]) if which else X
    if module == "polars" and hasattr(X, "get_columns"):
        columns = X.get_columns()
        which = [
            i
            for i, column in enumerate(columns)
            if str(column.dtype).startswith(("List", "Array", "Object"))
            and _is_list(_first_of(column.to_list()))
        ]
        return _frame_apart(X, which, lambda i: columns[i]) if which else X
    return X


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)


def _first_of(values: Any) -> Any:
    """Return the first value that is there."""
    return next((each for each in values if each is not None and not _is_nan(each)), None)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value


def _arrow_apart(X: Any) -> Any:
    import pyarrow as pa

    if not isinstance(X, pa.Table | pa.RecordBatch):
        return X
    if not any(is_list_of_numbers(field.type) for field in X.schema):
        return X
    columns: list[Any] = []
    names: list[str] = []
    for field, column in zip(X.schema, X.columns, strict=True):
        if not is_list_of_numbers(field.type):
            columns.append(column)
            names.append(field.name)
            continue
        try:
            rows = vectors_of(column)
        except NotVectors as error:
            raise ValueError(f"column {field.name!r}, {error}") from error
        columns += [pa.array(part) for part in rows.T]
        names += names_of_parts(field.name, rows.shape[1])
    return pa.table(columns, names=names)


def _frame_apart(X: Any, which: list[int], column_of: Any) -> Any:
    """Return a data frame of the library of X."""
    library = sys.modules[type(X).__module__.partition(".")[0]]
    names = [str(name) for name in X.columns]
    parts: dict[str, Any] = {}
    for i, name in enumerate(names):
        if i not in which:
            parts[name] = column_of(i)
            continue
        rows = _rows_of(list(column_of(i)), name)
        parts.update(zip(names_of_parts(name, rows.shape[1]), rows.T, strict=True))
    if hasattr(X, "index"):
        return library.DataFrame(parts, index=X.index)
    return library.DataFrame(parts)


def _rows_of(values: Sequence[Any], name: str) -> NDArray[Any]:
    """Put lists into an array."""
    width = None
    for row, each in enumerate(values):
        if each is None or _is_nan(each):
            raise ValueError(
                f"column {name!r}, row {row}: the list is missing; fill it or drop the row"
            )
        n = len(each) if hasattr(each, "__len__") and not isinstance(each, str) else None
        width = n if width is None else width
        if n is None or n != width:
            what = "is no list" if n is None else length_of(n)
            raise ValueError(
                f"column {name!r}, row {row}: {what}, and {width} are expected; correct it"
            )
    try:
        rows = np.array([np.asarray(each) for each in values])
    except ValueError as error:
        raise ValueError(f"column {name!r}: not all of its lists are of numbers") from error
    if rows.dtype.kind not in "fiub" or rows.ndim != 2:
        raise ValueError(f"column {name!r}: its lists are of {rows.dtype}, not of numbers")
    return rows
