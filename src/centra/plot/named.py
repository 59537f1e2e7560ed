"""Names of columns, and the columns that an argument chooses."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

from centra._utils.escapes import for_figure, for_terminal
from centra._utils.text import listed

__all__ = ["as_text", "cut", "names_of", "numbers_of"]

#: Names that an error lists.
MOST = 8


def names_of(model: Any, d: int) -> list[str]:
    """List what to call the columns.

    Parameters
    ----------
    model : KMeans
        A fitted model; its `feature_names_in_`, if any, are the names.
    d : int
        How many columns there are.

    Returns
    -------
    names : list of str
        One for each column.
    """
    names = getattr(model, "feature_names_in_", None)
    return [f"column {i}" for i in range(d)] if names is None else list(map(str, names))


def numbers_of(columns: Sequence[int | str], names: Sequence[str]) -> tuple[int, int]:
    """Find the two columns that somebody chose.

    Parameters
    ----------
    columns : sequence of two int or str
        Numbers from 0, negative ones from the end, or names.
    names : sequence of str
        What all columns are called.

    Returns
    -------
    pair : (int, int)
        Their numbers, from 0.

    Raises
    ------
    ValueError
        They are not two different columns.

    Examples
    --------
    >>> from centra.plot.named import numbers_of
    >>> numbers_of(("width", 0), ["length", "width"])
    (1, 0)
    """
    if isinstance(columns, str) or not hasattr(columns, "__len__") or len(columns) != 2:
        raise ValueError(
            f"columns={columns!r} must be two columns, by number or name: columns=(0, 1)"
        )
    one, other = (_number(column, names) for column in columns)
    if one == other:
        raise ValueError(f"columns={columns!r} names one column twice; two are drawn")
    return one, other


def _number(column: Any, names: Sequence[str]) -> int:
    d = len(names)
    if isinstance(column, str):
        if column in names:
            return list(names).index(column)
        raise ValueError(
            f"there is no column {column!r}; the model has "
            f"{listed(list(map(for_terminal, names)), MOST)}"
        )
    if isinstance(column, Integral) and -d <= int(column) < d:
        return int(column) % d
    raise ValueError(f"there is no column {column!r}; the model has columns 0 to {d - 1}")


def as_text(name: object, most: int = 28) -> str:
    r"""Make of a text that somebody else has written what a figure may show.

    Names of columns, of criteria, what a model file says: every text in a figure that is not
    centra's own comes through here. It stands in the figure letter by letter, "$" and line feeds
    too, and is cut if it is long.

    Parameters
    ----------
    name : object
        The text.
    most : int, default=28
        Characters that it may have.

    Returns
    -------
    text : str
        For matplotlib.

    Examples
    --------
    >>> print(as_text("US$ in / US$ out"))
    US\$ in / US\$ out
    """
    return for_figure(cut(str(name), most))


def cut(name: str, most: int = 28) -> str:
    """Shorten a name in its middle, where there is least to tell it from others.

    Parameters
    ----------
    name : str
        The name.
    most : int, default=28
        Characters that may remain.

    Returns
    -------
    short : str
        The name, or its beginning and end with an ellipsis between.

    Examples
    --------
    >>> from centra.plot.named import cut
    >>> cut("household_income_before_taxes_2019", 16)
    'househol…es_2019'
    """
    if len(name) <= most:
        return name
    most = max(most, 3)
    end = (most - 1) // 2
    return f"{name[: most - 1 - end]}…{name[-end:]}"
