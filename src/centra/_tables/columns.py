"""Which columns of a table are clustered, which one labels and which one weighs."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from centra._tables.inputs import TableError
from centra._tables.refusals import Refusal
from centra._utils.text import listed

__all__ = ["Choice", "Names", "Wanted", "called", "check_names", "choose", "shown", "split"]

#: Names that a message lists before it says how many more there are.
_MOST = 8

#: From which likeness on a name is proposed for one that is not there (`difflib`'s ratio).
_ALIKE = 0.7
#: What --columns takes for all columns that hold numbers.
_NUMERIC = "numeric"

Names = tuple[str, ...] | None


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for.

    Parameters
    ----------
    columns : str or None
        Names or numbers from 1, separated by commas; "numeric" for all that hold numbers but those
        of another use; None for the same, where nothing else says which.
    label, weight : str or None
        A name or a number each.
    fitted : tuple of str or None
        Names of the columns that a model was fitted on, for want of `columns`.
    exclude : str or None
        Names or numbers of columns to leave out.
    id : str or None
        The name or the number of a column that names the rows.
    width : int or None
        How many columns a model was fitted on that knows no names.
    everything : bool
        Whether all others are meant, whatever they hold, but for the index of a data frame.
    """

    columns: str | None = None
    label: str | None = None
    weight: str | None = None
    fitted: Names = None
    exclude: str | None = None
    id: str | None = None
    width: int | None = None
    everything: bool = False

    def are_all_others(self, names: Names) -> bool:
        """Whether nothing says which columns to cluster by, but perhaps which to leave out."""
        if self.columns == _NUMERIC and _NUMERIC not in (names or ()):
            return True
        return self.columns is None and (self.fitted is None or names is None)

    def are_numeric(self, names: Names, width: int) -> bool:
        """Whether columns that hold no numbers are left out, rather than refused.

        They are unless columns are named, be it those to leave out: then all others are meant.
        """
        return self.may_leave_out(names, width) and (
            self.columns is not None or self.exclude is None
        )

    def may_leave_out(self, names: Names, width: int) -> bool:
        """Whether columns of numbers are left out that look like no measurements."""
        return self.are_all_others(names) and not self.everything and self.width != width


@dataclass(frozen=True)
class Choice:
    """Positions of columns, from 0.

    Parameters
    ----------
    features : tuple of int
        To cluster by.
    label, weight, id : int or None
        The columns of that use.
    excluded : tuple of int
        Columns that are to be left out.
    """

    features: tuple[int, ...]
    label: int | None = None
    weight: int | None = None
    id: int | None = None
    excluded: tuple[int, ...] = ()

    @property
    def others(self) -> tuple[int | None, ...]:
        """Columns that are no features."""
        return (self.label, self.weight, self.id, *self.excluded)


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
    >>> choose("a.csv", ("id", "x", "y"), 3, Wanted("x,3")).features
    (1, 2)
    >>> choose("a.csv", ("id", "x", "y"), 3, Wanted(label="id"))
    Choice(features=(1, 2), label=0, weight=None, id=None, excluded=())
    """
    find = _Finder(file, names, width)
    label = None if wanted.label is None else find.one(wanted.label)
    weight = None if wanted.weight is None else find.one(wanted.weight)
    if label is not None and label == weight:
        raise TableError(f"{file}: {called(names, label)} cannot be --label and --weight at once")
    ids = None if wanted.id is None else find.one(wanted.id)
    left_out = set() if wanted.exclude is None else set(find.all(wanted.exclude, several=True))
    if wanted.are_all_others(names):
        apart = {label, weight, ids, *left_out, *index}
        features = [i for i in range(width) if i not in apart]
    elif wanted.columns is not None:
        features = find.all(wanted.columns)
    else:
        features = [find.one(text, exact=True) for text in wanted.fitted or ()]
    seen = set()
    for at in features:
        if at in seen:
            raise TableError(f"{file}: --columns has {called(names, at)} twice; name it once")
        seen.add(at)
        for option, others in (
            ("--label", {label}),
            ("--weight", {weight}),
            ("--id", {ids}),
            ("--exclude", left_out),
        ):
            if at in others:
                raise TableError(
                    f"{file}: {called(names, at)} is in --columns and {option}; leave it out of one"
                )
    if not features:
        raise TableError(f"{file}: no column is left to cluster by")
    return Choice(tuple(features), label, weight, ids, tuple(sorted(left_out)))


def check_names(file: str, names: Sequence[str], places: Sequence[int] | None = None) -> None:
    """Refuse two columns of one name: nobody could say which is meant.

    Parameters
    ----------
    file : str
        The file, for messages.
    names : sequence of str
        Names of its columns.
    places : sequence of int, optional
        Those that are to be clustered; by default all.

    Raises
    ------
    Refusal
        There are such columns.
    """
    places = range(len(names)) if places is None else places
    first: dict[str, int] = {}
    lines = []
    for i in places:
        if names[i] and names[i] in first:
            lines.append(
                f"{file}: columns {first[names[i]] + 1} and {i + 1} are both named "
                f"{shown(names[i])}; rename one of them"
            )
        first.setdefault(names[i], i)
    if lines:
        numbers = ",".join(str(i + 1) for i in sorted(first.values()))
        raise Refusal(lines, [{"--columns": numbers}])


def called(names: Names, at: int) -> str:
    """Say a column's number and name."""
    return f"column {at + 1}" + ("" if names is None else f" ({shown(names[at])})")


def shown(text: str) -> str:
    """Quote a cell or a name in a message, cut short if it is long."""
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:37] + "...")


def split(text: str) -> list[str]:
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
        self._places: dict[str, int] = {}
        self._alike: dict[str, list[int]] = {}
        for i, name in enumerate(names or ()):
            if self._places.setdefault(name, i) != i:
                self._alike.setdefault(name, [self._places[name]]).append(i)

    def all(self, text: str, *, several: bool = False) -> list[int]:
        """Return where the columns of a list are; a name with commas may stand alone as it is.

        With `several`, a name that columns share means all of them.
        """
        parts = [text] if text in self._places else split(text)
        return [at for each in parts for at in self._meant(each, several)]

    def _meant(self, text: str, several: bool) -> list[int]:
        if several and text in self._alike:
            return self._alike[text]
        return self._parts(text) or [self.one(text)]

    def _parts(self, text: str) -> list[int]:
        """Return where the parts of a column of lists are: emb[0], emb[1], ... are those of emb."""
        if text in self._places or text.isdigit() or self._names is None:
            return []
        parts = enumerate(self._names)
        return [
            i
            for i, name in parts
            if name.startswith(f"{text}[")
            and name[len(text) + 1 : -1].isdigit()
            and name[-1] == "]"
        ]

    def one(self, text: str, *, exact: bool = False) -> int:
        """Return where a column is; a name comes before a number."""
        file, names, width = self._file, self._names, self._width
        if text in self._alike:
            numbers = [str(i + 1) for i in self._alike[text]]
            raise TableError(
                f"{file}: columns {', '.join(numbers[:-1])} and {numbers[-1]} are all named "
                f"{shown(text)}; give the number of one, or rename them"
            )
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
