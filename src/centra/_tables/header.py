"""Whether the first row of a text file names the columns."""

from __future__ import annotations

import itertools

from centra._tables.dialect import number
from centra._tables.missing import is_missing

__all__ = ["is_header", "may_be_names"]

#: Fewer numbers than these follow one another by chance.
_NAMES = 3
#: Longer numbers count nothing; Python does not even read those of thousands of digits.
_DIGITS = 18


def is_header(first: list[str], second: list[str], decimal: str) -> bool | None:
    """Tell by the first two rows; None where they do not tell.

    Parameters
    ----------
    first, second : list of str
        The cells of the first two rows; the second may have none.
    decimal : {".", ","}
        The decimal mark.

    Examples
    --------
    >>> is_header(["id", "2019"], ["A", "1"], "."), is_header(["x", "y"], ["1", "2"], ".")
    (None, True)
    """
    # An empty cell is a missing number rather than a name: "1,,3" is a row with a hole. So is "NA",
    # unless all others are names: sodium.
    numbers = [number(cell, decimal) is not None for cell in first]
    text = [i for i, cell in enumerate(first) if not (numbers[i] or is_missing(cell))]
    if not text:
        return False
    if not any(numbers) or not second:
        return True
    below = [second[i] for i in text if i < len(second)]
    if any(number(cell, decimal) is not None or is_missing(cell) for cell in below):
        return True
    return None


def may_be_names(first: list[str], second: list[str]) -> bool:
    """Tell whether a first row of numbers looks like names all the same: years, or 0, 1, 2, ...

    Examples
    --------
    >>> may_be_names(["2019", "2020", "2021"], ["3", "4", "8"])
    True
    """
    if not second or not _in_a_row(first):
        return False
    return not _in_a_row(second) or (_are_years(first) and not _are_years(second))


def _are_years(row: list[str]) -> bool:
    return all(1000 <= int(cell) < 3000 for cell in row)


def _in_a_row(row: list[str]) -> bool:
    cells = [cell.strip() for cell in row]
    if len(cells) < _NAMES or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    if max(map(len, cells)) > _DIGITS:
        return False
    return all(int(b) == int(a) + 1 for a, b in itertools.pairwise(cells))
