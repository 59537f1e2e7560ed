"""Columns and rows that are left out unless they are asked for, and the line that says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._tables.columns import Names, called
from centra._tables.missing import sparse_columns
from centra._tables.suggestions import as_list
from centra._utils.identifiers import identifier_reason
from centra._utils.text import count, listed

__all__ = [
    "is_index",
    "of_columns",
    "of_empty",
    "of_index",
    "of_names",
    "of_rows",
    "of_text",
    "told_apart",
]

#: Columns that a line names.
_MOST = 8


def of_text(file: str, names: Names, texts: Collection[int]) -> str:
    """Say which columns are text.

    Examples
    --------
    >>> of_text("a.csv", ("x", "city"), [1])
    "a.csv: column 2 ('city') is text: left out; --label, --id or --exclude says what it is for"
    """
    places = sorted(texts)
    if len(places) == 1:
        what = f"{called(names, places[0])} is text: left out; --label, --id or --exclude says "
        return f"{file}: {what}what it is for"
    shown = listed([_name(names, i) for i in places], _MOST)
    what = f"{count(len(places), 'column')} are text: left out ({shown})"
    return f"{file}: {what}; --label, --id or --exclude says what they are for"


def of_empty(file: str, names: Names, places: Collection[int]) -> str:
    """Say which columns have no cell with anything in it."""
    which = np.ones(len(places), dtype=bool)
    return _said(file, names, sorted(places), which, "is empty", "are empty")


def of_index(file: str, names: Names, at: int) -> str:
    """Say that a column is an index."""
    return f"{file}: {called(names, at)} is the index of a data frame: left out; --columns takes it"


def is_index(names: Names, features: Sequence[int], rows: NDArray[Any]) -> bool:
    """Tell whether the first column is an index that was written with a data frame.

    It has no name, and whole numbers of which no two are alike.
    """
    if names is None or names[0] or features[0] != 0 or len(features) == 1:
        return False
    first = rows[:, 0]
    return bool((first == np.floor(first)).all() and len(np.unique(first)) == len(first))


def told_apart(names: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    """Give columns that share a name their number.

    Examples
    --------
    >>> told_apart(("x", "y", "x"), [0, 1, 2])
    ('x (1)', 'y', 'x (3)')
    """
    seen = Counter(names[i] for i in places)
    return tuple(
        names[i] if seen[names[i]] == 1 else f"{names[i]} ({i + 1})".strip() for i in places
    )


def of_names(file: str, names: Sequence[str], places: Sequence[int]) -> str:
    """Say which columns got a number."""
    found = [
        name for i, name in zip(places, told_apart(names, places), strict=True) if name != names[i]
    ]
    return f"{file}: columns that share a name are called {listed(found, _MOST)}"


def of_columns(
    file: str, names: Names, features: Sequence[int], rows: NDArray[Any], *, drops: bool
) -> tuple[NDArray[np.bool_], list[str]]:
    """Tell which columns of numbers to leave out.

    Parameters
    ----------
    file : str
        The file, for messages.
    names : tuple of str or None
        Its columns' names.
    features : sequence of int
        The columns that were read.
    rows : ndarray of shape (n, len(features))
        Their numbers, NaN where one is missing.
    drops : bool
        Whether rows with a missing number will be left out.

    Returns
    -------
    kept : ndarray of shape (len(features),), bool
        At least one.
    notes : list of str

    Examples
    --------
    >>> rows = np.column_stack([np.arange(30.0), np.arange(30.0) % 7, np.full(30, np.nan)])
    >>> kept, notes = of_columns("a.csv", ("id", "x", "y"), [0, 1, 2], rows, drops=False)
    >>> kept.tolist()
    [False, True, False]
    >>> notes[0]
    "a.csv: column 3 ('y') is empty: left out"
    >>> notes[1].partition("; ")[2]
    '--columns id,x takes it'
    """
    notes: list[str] = []
    kept = np.ones(len(features), dtype=bool)
    missing = np.isnan(rows)
    empty = missing.all(axis=0)
    if empty.all():
        return kept, notes
    if empty.any():
        kept &= ~empty
        notes.append(_said(file, names, features, empty, "is empty", "are empty"))
    reasons = {
        j: identifier_reason("" if names is None else names[features[j]], rows[:, j])
        for j in np.flatnonzero(kept).tolist()
    }
    known = {j: reason for j, reason in reasons.items() if reason is not None}
    if known and len(known) < kept.sum():
        before = [features[j] for j in np.flatnonzero(kept).tolist()]
        found = np.zeros(len(features), dtype=bool)
        found[list(known)] = True
        kept &= ~found
        said = {reason: None for reason in known.values()}
        why = f"({', '.join(said)})"
        notes.append(
            _said(
                file,
                names,
                features,
                found,
                f"looks like an identifier {why}",
                f"look like identifiers {why}",
            )
            + (
                f"; --columns {as_list(names, before)} takes {'it' if len(known) == 1 else 'them'}"
                if len(before) <= _MOST
                else "; --columns takes what it names"
            )
        )
    if drops:
        at = np.flatnonzero(kept)
        sparse = np.zeros(len(features), dtype=bool)
        sparse[at[sparse_columns(missing[:, kept])]] = True
        if sparse.any():
            kept &= ~sparse
            what = "lacks many numbers", "lack many numbers"
            notes.append(_said(file, names, features, sparse, *what))
    return kept, notes


def of_rows(file: str, missing: NDArray[np.bool_], empty: Sequence[int]) -> list[str]:
    """Say how many rows are left out."""
    total = count(len(missing), "row")
    notes = []
    if empty:
        notes.append(f"{file}: {count(len(empty), 'empty row')}: left out")
    others = missing.copy()
    others[list(empty)] = False
    n = int(others.sum())
    if n:
        have = "has" if n == 1 else "have"
        notes.append(f"{file}: {n:,} of {total} {have} a missing number: left out")
    return notes


def _said(
    file: str, names: Names, features: Sequence[int], which: NDArray[np.bool_], one: str, many: str
) -> str:
    places = [features[j] for j in np.flatnonzero(which).tolist()]
    if len(places) == 1:
        return f"{file}: {called(names, places[0])} {one}: left out"
    shown = listed([_name(names, i) for i in places], _MOST)
    return f"{file}: {count(len(places), 'column')} {many}: left out ({shown})"


def _name(names: Names, at: int) -> str:
    return str(at + 1) if names is None or not names[at] else names[at]
