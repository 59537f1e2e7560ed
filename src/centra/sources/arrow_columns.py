"""Columns of Arrow's tables as columns of numbers: which there are, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.arrow_lists import NotVectors, names_of_parts, vectors_of
from centra._utils.optional import needed
from centra._utils.text import listed

#: Columns that an error lists.
MOST = 8


def need_pyarrow(who: str) -> None:
    """Refuse to go on without pyarrow.

    Raises
    ------
    ImportError
        It is not installed.
    """
    needed("pyarrow", f"{who} needs", "tables")


@dataclass(frozen=True)
class Columns:
    """Columns to cluster by.

    Attributes
    ----------
    names : tuple of str
        In the table.
    widths : tuple of (int or None)
        The length of its lists, which are so many columns of numbers; None where it has numbers.
    single : bool
        Whether all numbers are float32.
    """

    names: tuple[str, ...]
    widths: tuple[int | None, ...]
    single: bool

    @property
    def width(self) -> int:
        """How many columns of numbers there are in all."""
        return sum(width or 1 for width in self.widths)

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 where all are, else float64."""
        return np.dtype(np.float32 if self.single else np.float64)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of numbers: those of a list with a number, ``at[0]``."""
        return tuple(
            part
            for name, width in zip(self.names, self.widths, strict=True)
            for part in ([name] if width is None else names_of_parts(name, width))
        )

    def fill(self, batch: Any, rows: NDArray[Any]) -> None:
        """Put the columns of a record batch into an array with as many rows.

        Raises
        ------
        MissingNumber
            A number is missing.
        """
        at = 0
        for i, width in enumerate(self.widths):
            column = batch.column(i)
            if width is None:
                _check_whole(self.names[i], column)
                rows[:, at] = _numbers(column)
            else:
                try:
                    rows[:, at : at + width] = vectors_of(column, width)
                except NotVectors as error:
                    what = error.what.partition(";")[0]
                    raise MissingNumber(self.names[i], error.row, what) from None
                _check_whole(self.names[i], column.flatten(), width)
            at += width or 1


class MissingNumber(ValueError):
    """A number, or a list of numbers, is missing or of another length.

    Parameters
    ----------
    column : str
        Its column.
    row : int
        Its row within the batch.
    what : str
        What is wrong.
    """

    def __init__(self, column: str, row: int, what: str) -> None:
        super().__init__(f"column {column!r}: {what}")
        self.column, self.row, self.what = column, row, what


def _check_whole(name: str, column: Any, width: int = 1) -> None:
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0]) // width
        raise MissingNumber(name, row, "a value is missing")


def _numbers(column: Any) -> NDArray[Any]:
    from pyarrow import types

    if types.is_decimal(column.type):
        column = column.cast("float64")
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def columns_of(
    where: str, schema: Any, wanted: Sequence[str] | None, length: Callable[[str], int]
) -> Columns:
    """Return the columns to cluster by: those that are wanted, by default all.

    Parameters
    ----------
    where : str
        What the table is called in messages.
    schema : pyarrow.Schema
        Its columns.
    wanted : sequence of str, optional
        Names.
    length : callable
        Returns the length of the first list in a column of lists of any length.

    Raises
    ------
    ValueError
        One of them is not there, there twice, or has no numbers.
    """
    from pyarrow import types

    names = schema.names if wanted is None else list(wanted)
    if not names:
        raise ValueError(f"{where}: no columns to cluster by; name at least one in columns=.")
    for name in names:
        if (there := schema.names.count(name)) != 1:
            how = f"there are {there} columns" if there else "there is no column"
            known = listed(schema.names, MOST)
            raise ValueError(f"{where}: {how} called {name!r}. It has {known}.")
    widths: list[int | None] = []
    singles, others = [], []
    for name in names:
        kind, width = schema.field(name).type, None
        if types.is_fixed_size_list(kind):
            width, kind = kind.list_size, kind.value_type
        elif types.is_list(kind) or types.is_large_list(kind):
            width, kind = length(name), kind.value_type
        if not _is_number(kind) or width == 0:
            others.append(f"{name} ({schema.field(name).type})")
        widths.append(width)
        singles.append(bool(types.is_float32(kind)))
    if others:
        kept = [name for name in names if not any(o.startswith(f"{name} (") for o in others)]
        remedy = f"pass columns={kept}" if kept else "choose other columns"
        raise ValueError(f"{where} has columns without numbers, {listed(others, MOST)}: {remedy}.")
    return Columns(tuple(names), tuple(widths), all(singles))


def _is_number(kind: Any) -> bool:
    from pyarrow import types

    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
    )
