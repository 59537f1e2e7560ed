"""Columns of an Arrow or Parquet file; one of vectors, `emb`, is many: `emb[0]`, `emb[1]`, ..."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from centra._utils.arrow_lists import is_list_of_numbers, names_of_parts

__all__ = ["Part", "parts_of"]


@dataclass(frozen=True)
class Part:
    """A column as it is clustered by.

    Parameters
    ----------
    name : str
        What it is called.
    column : str
        The column of the file.
    at : int or None
        Which number of its lists; None where it has no lists.
    width : int
        How long the lists are.
    """

    name: str
    column: str
    at: int | None = None
    width: int = 1


def parts_of(schema: Any, first: Callable[[str], Any]) -> tuple[Part, ...]:
    """Return the columns of a file, those of lists of numbers as their parts.

    Parameters
    ----------
    schema : pyarrow.Schema
        Of the file.
    first : callable
        Gives the first value of a column, None where there is none or it is missing.
    """
    found: list[Part] = []
    for field in schema:
        width = 0
        if is_list_of_numbers(field.type):
            fixed = getattr(field.type, "list_size", -1)
            width = fixed if fixed > 0 else len(first(field.name) or ())
        if not width:
            found.append(Part(field.name, field.name))
            continue
        names = names_of_parts(field.name, width)
        found += [Part(name, field.name, i, width) for i, name in enumerate(names)]
    return tuple(found)
