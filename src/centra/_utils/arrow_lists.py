"""Columns of lists of numbers in Arrow's tables, as rows: embeddings are kept so.

A column of lists that are equally long is so many columns; its name with a number from 0,
``at[0]``, ``at[1]``, ..., names them. A list that is missing or of another length is an error that
names the row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.text import count

__all__ = ["NotVectors", "is_list_of_numbers", "length_of", "names_of_parts", "vectors_of"]


class NotVectors(ValueError):
    """Lists that are not equally long, or are missing.

    Parameters
    ----------
    row : int
        The first that is not as the others, from 0.
    what : str
        What is wrong with it, and what to do.
    """

    def __init__(self, row: int, what: str) -> None:
        super().__init__(f"row {row}: {what}")
        self.row, self.what = row, what


def is_list_of_numbers(kind: Any) -> bool:
    """Whether a type of Arrow is that of lists of numbers, of a fixed length or of any."""
    import pyarrow as pa

    types = pa.types
    if not (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
        return False
    inner = kind.value_type
    return bool(types.is_integer(inner) or types.is_floating(inner))


def names_of_parts(name: str, width: int) -> list[str]:
    """Name the columns that a column of vectors becomes.

    Examples
    --------
    >>> names_of_parts("at", 2)
    ['at[0]', 'at[1]']
    """
    return [f"{name}[{i}]" for i in range(width)]


def vectors_of(column: Any, width: int | None = None) -> NDArray[Any]:
    """Return a column of lists as rows.

    Parameters
    ----------
    column : pyarrow.ChunkedArray or pyarrow.Array
        Lists of numbers.
    width : int, optional
        How long each must be; by default as long as the first.

    Returns
    -------
    rows : ndarray of shape (n, width)
        float32 where the numbers are, else float64; NaN where a number in a list is missing.

    Raises
    ------
    NotVectors
        A list is missing or has another length.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise NotVectors(row, "the list is missing; fill it or drop the row")
    lengths = pc.list_value_length(column).to_numpy(zero_copy_only=False)
    width = int(lengths[0]) if width is None and len(lengths) else width or 0
    other = np.flatnonzero(lengths != width)
    if len(other):
        row = int(other[0])
        raise NotVectors(
            row, f"{length_of(int(lengths[row]))}, and {width} are expected; correct it"
        )
    single = pa.types.is_float32(column.type.value_type)
    values = column.flatten()
    numbers = values.cast(pa.float32() if single else pa.float64(), safe=False)
    flat: NDArray[Any] = numbers.to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), width)


def length_of(n: int) -> str:
    """Say how long a list is."""
    return f"the list has {count(n, 'number')}"
