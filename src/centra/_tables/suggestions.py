"""What to propose in an error, where a chosen column has no numbers: columns, and other options."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from centra._tables.cells import Understood
from centra._tables.columns import Names, shown
from centra._tables.gathered import Cells
from centra._tables.missing import sparse_columns
from centra._tables.refusals import Remedy

__all__ = ["Kind", "advice", "as_list", "kind_of", "remedies"]

#: Columns that are spelled out.
_MOST = 8
#: Columns that a remedy names; of more it says which to leave out.
_LISTED = 60
#: Different cells of a column that --missing may be given, and their share of its cells.
_MARKS, _SHARE = 3, 0.1
#: Rows from which on 7, 8, 9, ... is a running number.
_COUNTS = 10
# What a shell would not leave as it is.
_SPECIAL = set(" \"'$&;()|<>*?`\\!#~")


@dataclass
class Kind:
    """What a column is made of, as far as it was looked at.

    Parameters
    ----------
    numbers : bool
        Whether its cells are finite numbers, or missing.
    holes : bool
        Whether some are missing.
    counts : bool
        Whether each number is one more than that above.
    missing : ndarray of shape (n_rows,), bool, or None
        Where numbers are missing; None where that is not known.
    marks : tuple of str
        Cells that are no numbers, if they are few in a column of numbers.
    """

    numbers: bool = True
    holes: bool = False
    counts: bool = True
    missing: NDArray[np.bool_] | None = None
    marks: tuple[str, ...] = ()
    _rows: int = field(default=0, repr=False)
    _last: float = field(default=0.0, repr=False)

    @property
    def worth(self) -> bool:
        """Whether to cluster by it: running numbers tell nothing."""
        return self.numbers and self._rows > 0 and not (self.counts and self._rows >= _COUNTS)

    def look(self, value: float | None) -> None:
        """Look at one more cell; None is a missing one."""
        if value is None:
            self.holes, self.counts = True, False
            return
        self.counts = self.counts and (not self._rows or value == self._last + 1)
        self._rows, self._last = self._rows + 1, value


def kind_of(cells: Cells, found: Understood) -> Kind:
    """Tell what a column of a text file is made of.

    Parameters
    ----------
    cells : Cells
        The column.
    found : Understood
        What was understood of it.
    """
    values = found.values[cells.codes]
    n_wrong, n_rows = cells.count(found.wrong), len(values)
    n_missing = cells.count(np.flatnonzero(found.missing))
    marks: tuple[str, ...] = ()
    if 0 < len(found.wrong) <= _MARKS and n_wrong <= _SHARE * n_rows:
        marks = tuple(cells.different[at].strip() for at in found.wrong)
    kind = Kind(
        numbers=not n_wrong,
        holes=n_missing > 0,
        counts=not n_missing and bool((np.diff(values) == 1).all()),
        missing=~np.isfinite(values),
        marks=marks,
    )
    kind._rows = n_rows - n_missing
    return kind


def advice(names: Names, kinds: list[Kind], apart: Collection[int | None]) -> str:
    """Propose columns, in words that follow "correct it"; nothing where there are none.

    Parameters
    ----------
    names : tuple of str or None
        Names of the columns.
    kinds : list of Kind
        What they are made of.
    apart : collection of int
        Columns of another use.

    Examples
    --------
    >>> kinds = [Kind(numbers=False), Kind(), Kind(holes=True)]
    >>> for kind in kinds:
    ...     kind.look(3.0)
    >>> advice(("id", "x", "y"), kinds, [])
    ', or choose columns with --columns x,y --drop-missing'
    """
    good = [i for i, kind in enumerate(kinds) if kind.worth and i not in apart]
    if not good:
        return ""
    tokens = [str(i + 1) if names is None else _quoted(names[i]) for i in good]
    text = ",".join(tokens)
    if len(good) > _MOST or not text.isprintable() or set(text) & _SPECIAL or "" in tokens:
        some = f" ({shown(tokens[0])} is one)" if names is not None and tokens[0] else ""
        return f", or name the columns of numbers with --columns{some}"
    drop = " --drop-missing" if any(kinds[i].holes for i in good) else ""
    return f", or choose columns with --columns {text}{drop}"


def as_list(names: Names, places: Iterable[int]) -> str:
    """Write columns as --columns takes them.

    Examples
    --------
    >>> as_list(("x", "a, b", ""), [0, 1, 2]), as_list(None, [0, 1])
    ('x,"a, b",3', '1,2')
    """
    seen = Counter(names or ())
    return ",".join(
        _quoted(names[i])
        if names is not None and names[i].isprintable() and names[i] and seen[names[i]] == 1
        # A number would be a name, should a column be called so.
        else str(i + 1)
        for i in places
    )


def remedies(
    names: Names,
    kinds: list[Kind],
    chosen: Sequence[int],
    apart: Collection[int | None],
    guesses: Iterable[str] = (),
) -> list[Remedy]:
    """Propose options with which the file may be read, the best first; they are to be tried.

    Parameters
    ----------
    names : tuple of str or None
        Names of the columns.
    kinds : list of Kind
        What they are made of.
    chosen : sequence of int
        Columns that were to be read.
    apart : collection of int
        Columns of another use.
    guesses : iterable of str
        What may be wrong, with "give --option value".

    Examples
    --------
    >>> kinds = [Kind(numbers=False), Kind(holes=True)]
    >>> for kind in kinds:
    ...     kind.look(3.0)
    >>> remedies(("id", "x"), kinds, [0, 1], [])
    [{'--columns': 'x', '--drop-missing': None}]
    """
    found: list[Remedy] = []
    for guess in guesses:
        match = re.search(r"give (--[a-z]+) ('.'|\S+)", guess)
        if match is not None:
            found.append({match[1]: match[2].strip("'") or "'"})
    wrong = [i for i in chosen if not kinds[i].numbers]
    drop: Remedy = {"--drop-missing": None}
    if not wrong:
        found.append(drop)
    elif all(kinds[i].marks for i in wrong):
        marks = dict.fromkeys(mark for i in wrong for mark in kinds[i].marks)
        found.append({"--missing": _row(marks), **drop})
    good = [i for i, kind in enumerate(kinds) if kind.worth and i not in apart]
    for some in ([i for i in good if i in chosen], good):
        if not some:
            continue
        masks = [kinds[i].missing for i in some]
        if all(mask is not None for mask in masks):
            sparse = sparse_columns(np.column_stack([mask for mask in masks if mask is not None]))
            some = [i for j, i in enumerate(some) if j not in sparse]
        more = drop if any(kinds[i].holes for i in some) else {}
        if len(some) <= _LISTED:
            remedy = {"--columns": as_list(names, some), **more}
        else:
            remedy = {"--columns": "numeric", "--exclude": as_list(names, wrong), **more}
        if remedy not in found:
            found.append(remedy)
    return found


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"') else name
