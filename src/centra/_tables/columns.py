"""Which columns of a table are clustered, which one labels and which one weighs."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from centra._tables.inputs import TableError
from centra._utils.text import listed

__all__ = ["Choice", "Names", "Wanted", "called", "check_names", "choose", "shown"]

#: Names that a message lists before it says how many more there are.
_MOST = 8

#: From which likeness on a name is proposed for one that is not there (`difflib`'s ratio).
_ALIKE = 0.7

Names = tuple[str, ...] | None


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for.

    Parameters
    ----------
    columns : str or None
        Names or numbers from 1, separated by commas; None for all but `label` and `weight`.
    label, weight : str or None
        A name or a number each.
    fitted : tuple of str or None
        Names of the columns that a model was fitted on, for want of `columns`.
    exclude : str or None
        Names or numbers of columns to leave out.
    """

    columns: str | None = None
    label: str | None = None
    weight: str | None = None
    fitted: Names = None
    exclude: str | None = None

    @property
    def all_others(self) -> bool:
        """Whether nothing says which columns to cluster by."""
        return self.columns is None and self.fitted is None


@dataclass(frozen=True)
class Choice:
    """Positions of columns, from 0.

    Parameters
    ----------
    features : tuple of int
        To cluster by.
    label, weight : int or None
        The columns of that use.
    """

    features: tuple[int, ...]
    label: int | None = None
    weight: int | None = None


def choose(
    file: str, names: Names, width: int, wanted: Wanted, index: Collection[int] = ()
) -> Choice:
    """Find the columns that are asked for.

    Parameters
    ----------
    file : str
        The file, for messages.
    names : tuple of str or None
        Its columns' names, if they have any.
    width : int
        How many columns it has.
    wanted : Wanted
        What is asked for.
    index : collection of int, optional
        Columns that are taken only if they are asked for.

    Returns
    -------
    Choice

    Raises
    ------
    TableError
        There is no such column, one is asked for twice, or none is left.

    Examples
    --------
    >>> choose("a.csv", ("id", "x", "y"), 3, Wanted("x,3"))
    Choice(features=(1, 2), label=None, weight=None)
    >>> choose("a.csv", ("id", "x", "y"), 3, Wanted(label="id"))
    Choice(features=(1, 2), label=0, weight=None)
    """
    find = _Finder(file, names, width)
    label = None if wanted.label is None else find.one(wanted.label)
    weight = None if wanted.weight is None else find.one(wanted.weight)
    if label is not None and label == weight:
        raise TableError(f"{file}: {called(names, label)} cannot be --label and --weight at once")
    left_out = set() if wanted.exclude is None else set(find.all(wanted.exclude))
    if wanted.columns is not None:
        features = find.all(wanted.columns)
    elif wanted.fitted is not None and names is not None:
        features = [find.one(text, exact=True) for text in wanted.fitted]
    else:
        apart = {label, weight, *left_out, *index}
        features = [i for i in range(width) if i not in apart]
    seen = set()
    for at in features:
        if at in seen:
            raise TableError(f"{file}: --columns has {called(names, at)} twice; name it once")
        seen.add(at)
        for option, others in (
            ("--label", {label}),
            ("--weight", {weight}),
            ("--exclude", left_out),
        ):
            if at in others:
                raise TableError(
                    f"{file}: {called(names, at)} is in --columns and {option}; leave it out of one"
                )
    if not features:
        raise TableError(f"{file}: no column is left to cluster by")
    return Choice(tuple(features), label, weight)


def check_names(file: str, names: Sequence[str]) -> None:
    """Refuse two columns of one name: nobody could say which is meant.

    Raises
    ------
    TableError
        There are such columns.
    """
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in first:
            raise TableError(
                f"{file}: columns {first[name] + 1} and {i + 1} are both named {shown(name)}; "
                "rename one of them"
            )
        first[name] = i


def called(names: Names, at: int) -> str:
    """Say a column's number and name."""
    return f"column {at + 1}" + ("" if names is None else f" ({shown(names[at])})")


def shown(text: str) -> str:
    """Quote a cell or a name in a message, cut short if it is long."""
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _split(text: str) -> list[str]:
    """Split at commas; a name that has one stands in double quotes, as in a CSV."""
    try:
        cells = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        cells = []
    return [cell.strip() for cell in cells] or [text]


class _Finder:
    """Finds columns by name or number; looking one up takes the same time among any number."""

    def __init__(self, file: str, names: Names, width: int) -> None:
        self._file, self._names, self._width = file, names, width
        self._places = {name: i for i, name in enumerate(names or ())}

    def all(self, text: str) -> list[int]:
        """Return where the columns of a list are; a name with commas may stand alone as it is."""
        return [self.one(each) for each in ([text] if text in self._places else _split(text))]

    def one(self, text: str, *, exact: bool = False) -> int:
        """Return where a column is; a name comes before a number."""
        file, names, width = self._file, self._names, self._width
        if text in self._places:
            return self._places[text]
        if not exact and text.isascii() and text.isdigit():
            # Digits first: a number of thousands of them cannot be read.
            digits = text.lstrip("0")
            if digits and len(digits) <= len(str(width)) and int(digits) <= width:
                return int(digits) - 1
            number = shown(text).strip("'")
            raise TableError(f"{file}: there is no column {number}; it has {width}, counted from 1")
        if names is None:
            raise TableError(
                f"{file}: its columns have no names, so {shown(text)} is none of them; "
                f"give numbers from 1 to {width}"
            )
        raise TableError(f"{file}: there is no column {shown(text)}; {_nearest(names, text)}")


def _nearest(names: tuple[str, ...], text: str) -> str:
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(text.lower(), lower, n=1, cutoff=_ALIKE)
    if near:
        return f"did you mean {shown(lower[near[0]])}?"
    return f"it has {listed([shown(name) for name in names], _MOST)}"
