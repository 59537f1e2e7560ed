"""Numbers as people write them: a column of cells becomes float64, and it is said how.

A column is read as a whole, because one cell alone does not tell: ``1,234`` is a thousand or a bit
more than one. What is understood beside plain numbers: groups of three digits, a sign of currency
or percent that all cells have, minus signs that are no hyphens or stand behind the number,
parentheses for negative numbers, true and false. The decimal mark is found out only where cells
prove it (`proven_decimal`).

A column is given by its different cells: what stands in many rows is read once.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from centra._tables.dialect import number
from centra._tables.missing import is_missing, is_usual

__all__ = ["BLANKS", "GROUPS", "Understood", "Writing", "may_group", "proven_decimal", "understand"]

#: Blanks that may group digits or stand before a sign: the plain one, and three without a break.
BLANKS = " \u00a0\u202f\u2009"
#: What may group thousands, by what the option calls it.
GROUPS = {",": ",", ".": ".", " ": BLANKS, "'": "'\u2019"}
#: White space that may stand around a cell; other kinds belong to it.
_SPACE = " \t\r\n\f\v"
_MINUS = r"\-" "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"
_CURRENCY = (
    r"(?:US\$|R\$|[A-Z]{1,2}\$|[$\u00a2-\u00a5\u20a0-\u20c0]"
    r"|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|Fr\.?|kr\.?|z\u0142|K\u010d|Ft)"
)
_BODY = rf"(?:\d[\d.,'\u2019{BLANKS}]*\d|\d|[.,]\d+)[.,]?(?:[eE][+-]?\d+)?"
_STYLED = re.compile(
    rf"(?:(?P<open>\()[{BLANKS}]*)?(?P<sign>[+{_MINUS}])?"
    rf"(?:(?P<before>{_CURRENCY})[{BLANKS}]*)?(?P<inner>[+{_MINUS}])?(?P<body>{_BODY})"
    rf"(?P<behind>[+{_MINUS}])?"
    rf"(?:[{BLANKS}]*(?P<after>{_CURRENCY}|[%\u2030]))?(?:[{BLANKS}]*(?P<close>\)))?",
    re.ASCII,
)
#: Digits of a number of any length.
_ANY = 400
#: Cells by which the form of a column is told.
_FIRST = 50
_TRUTH = ({"true": 1.0, "false": 0.0}, {"yes": 1.0, "no": 0.0})
_ANY_GROUP = rf"[{BLANKS}'\u2019]"


def _proofs(decimal: str, other: str) -> re.Pattern[str]:
    """Cells that prove a decimal mark: not three digits after it, or groups before it."""
    mark, group = re.escape(decimal), re.escape(other)
    return re.compile(
        rf"(?:\d+|\d{{1,3}}(?:{_ANY_GROUP}\d{{3}})+){mark}(?:\d{{1,2}}|\d{{4,}})|(?:0*|\d{{4,}}){mark}\d{{3}}"
        rf"|\d{{1,3}}(?:(?:{group}|{_ANY_GROUP})\d{{3}})+{mark}\d+|\d{{1,3}}(?:{group}\d{{3}}){{2,}}",
        re.ASCII,
    )


_PROOFS = {".": _proofs(".", ","), ",": _proofs(",", ".")}


@dataclass(frozen=True)
class Writing:
    """How the numbers of a file are written.

    Parameters
    ----------
    decimal : {".", ","}
        The decimal mark.
    thousands : str or None
        What groups thousands, a key of `GROUPS`; None to find out.
    missing : frozenset of str
        Cells that stand for a missing number, beside the usual ones.
    """

    decimal: str = "."
    thousands: str | None = None
    missing: frozenset[str] = frozenset()

    def is_missing(self, cell: str) -> bool:
        """Whether a cell has no number because there is none."""
        return is_missing(cell, self.missing)


@dataclass
class Understood:
    """What a column of different cells is.

    Parameters
    ----------
    values : ndarray of shape (n_cells,), float64
        NaN where a number is missing, or a cell is none.
    missing : ndarray of shape (n_cells,), bool
        Which are missing.
    wrong : list of int
        Cells that are no finite number and not missing.
    said : list of str
        What was understood that is more than plain numbers.
    """

    values: NDArray[np.float64]
    missing: NDArray[np.bool_]
    wrong: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Parts:
    """One cell, taken apart."""

    body: str
    negative: bool
    sign: tuple[str, str]
    group: str
    minus: str
    parentheses: bool
    behind: str = ""


def understand(cells: Sequence[str], writing: Writing) -> Understood:
    """Read the different cells of a column.

    Parameters
    ----------
    cells : sequence of str
        Each once.
    writing : Writing
        How numbers are written.

    Returns
    -------
    Understood

    Examples
    --------
    >>> found = understand(["$1,234,567", "$980", "($5)", "n/a"], Writing())
    >>> found.values.tolist(), found.wrong
    ([1234567.0, 980.0, -5.0, nan], [])
    >>> found.said
    ["',' groups thousands", "'$' is left out", 'numbers in parentheses are negative']
    """
    values = np.full(len(cells), math.nan)
    missing = np.zeros(len(cells), dtype=bool)
    odd, marks = [], []
    for at, cell in enumerate(cells):
        value = number(cell, writing.decimal)
        if value is not None and value == value:
            values[at] = value
        elif writing.is_missing(cell):
            missing[at] = True
            if not is_usual(cell):
                marks.append(cell.strip())
        elif value is None:
            odd.append(at)
    found = Understood(values, missing)
    plain = np.flatnonzero(~missing)
    if odd and not (_read_truth(found, cells, plain) or _read_alike(found, cells, plain, writing)):
        _read_styled(found, cells, plain, writing)
    found.wrong = np.flatnonzero(~np.isfinite(values) & ~missing).tolist()
    if marks and not _is_text(found, len(cells)):
        found.said.append(
            f"{', '.join(map(repr, sorted(set(marks))[:4]))} stands for a missing number"
        )
    return found


def _is_text(found: Understood, n_cells: int) -> bool:
    return len(found.wrong) == n_cells - int(found.missing.sum())


def _read_truth(found: Understood, cells: Sequence[str], plain: NDArray[np.intp]) -> bool:
    """Read a column of true and false, or of yes and no."""
    words = {cells[at].strip(_SPACE).lower() for at in plain.tolist()}
    for truth in _TRUTH:
        # A column of "no" alone may mean anything.
        if words and words <= set(truth) and (len(words) == 2 or "yes" not in truth):
            for at in plain.tolist():
                found.values[at] = truth[cells[at].strip(_SPACE).lower()]
            yes = next(word for word, value in truth.items() if value)
            no = next(word for word, value in truth.items() if not value)
            found.said.append(f"{yes} is 1 and {no} is 0")
            return True
    return False


def _read_alike(
    found: Understood, cells: Sequence[str], plain: NDArray[np.intp], writing: Writing
) -> bool:
    """Read a column whose cells all have the form of the first ones: all at once, which is fast."""
    first = [_taken_apart(cells[at], writing) for at in plain[:_FIRST].tolist()]
    parts = [each for each in first if each is not None]
    signs, groups = {each.sign for each in parts}, {each.group for each in parts} - {""}
    minuses = {each.minus for each in parts} <= {"", "-"}
    if len(parts) < len(first) or len(signs) != 1 or len(groups) > 1 or not minuses:
        return False
    (before, after), group = signs.pop(), "".join(groups)
    if any(each.parentheses or each.behind for each in parts) or group == " ":
        return False
    short = rf"\d{{1,{_longest(group, writing)}}}"
    grouped = rf"[1-9]\d{{0,2}}(?:[{group}]\d{{3}})+|" if group else ""
    digits = rf"(?:{grouped}{short})(?:{re.escape(writing.decimal)}\d*)?"
    form = rf"^-?{re.escape(before)} ?{digits} ?{re.escape(after)}$"
    text = "\n".join([cells[at].strip(_SPACE) for at in plain.tolist()])
    if len(re.findall(form, text, re.ASCII | re.MULTILINE)) != len(plain):
        return False
    n_fractions = text.count(writing.decimal)
    if group and 0 < n_fractions < len(plain):
        return False  # they are to be looked at one by one
    used = bool(group) and group in text
    for each in (before, after, group, " "):
        text = text.replace(each, "")
    numbers = text.replace(writing.decimal, ".").split("\n")
    if len(numbers) != len(plain):
        return False
    found.values[plain] = list(map(float, numbers))
    found.said += [f"{_named(group)} groups thousands"] if used else []
    found.said += [f"{(before + after)!r} is left out"] if before + after else []
    return True


def _longest(group: str, writing: Writing) -> int:
    """How many digits a number may have that lacks the mark that groups others.

    A longer one says that the mark is an accident, unless the mark was named, or is read so anyway.
    Of four digits a blank may be left out.
    """
    if not group or group == "." or writing.thousands is not None:
        return _ANY
    return 4 if group == " " else 3


def _read_styled(
    found: Understood, cells: Sequence[str], plain: NDArray[np.intp], writing: Writing
) -> None:
    """Read cells that have more than digits and a decimal mark."""
    taken = {at: _taken_apart(cells[at], writing) for at in plain.tolist()}
    parts = {at: each for at, each in taken.items() if each is not None}
    if not parts:
        return
    sign = Counter(each.sign for each in parts.values()).most_common(1)[0][0]
    groups = Counter(each.group for each in parts.values() if each.group)
    group = groups.most_common(1)[0][0] if groups else ""
    most = _longest(group, writing)
    # Beside 0.25 and 980.5, 1,043 may well be a slip for 1.043.
    fractions = most < _ANY and any(
        not each.group and writing.decimal in each.body for each in parts.values()
    )
    # One minus behind a number may be a slip, and "5+" may mean five or more. Where it is the way
    # of the column, other cells have one there too, and none before the number.
    trailing = sum(each.behind not in ("", "+") for each in parts.values())
    behind = trailing > 1 and not np.any(found.values < 0)
    used, minuses, parentheses = False, set(), False
    for at in plain.tolist():
        each = parts.get(at)
        whole = "" if each is None else each.body.partition(writing.decimal)[0]
        if (
            each is None
            or each.sign != sign
            or each.group not in ("", group)
            or (not each.group and len(whole) > most)
            or (each.behind and not behind)
            or (fractions and each.group and writing.decimal not in each.body)
        ):
            found.values[at] = math.nan
            continue
        text = each.body
        for mark in GROUPS.get(each.group, ""):
            text = text.replace(mark, "")
        value = float(text.replace(writing.decimal, "."))
        found.values[at] = -value if each.negative else value
        used |= bool(each.group)
        parentheses |= each.parentheses
        if each.minus not in ("", "-"):
            minuses.add(each.minus)
    if used:
        found.said.append(f"{_named(group)} groups thousands")
    symbol = "".join(sign)
    if symbol:
        found.said.append(f"{symbol!r} is left out")
    found.said += [f"{minus!r} is a minus sign" for minus in sorted(minuses)]
    if parentheses:
        found.said.append("numbers in parentheses are negative")
    if behind:
        found.said.append("numbers with a minus sign behind them are negative")


def _named(group: str) -> str:
    return "a blank" if group == " " else repr(group)


def _taken_apart(cell: str, writing: Writing) -> _Parts | None:
    """Take a cell apart; None where it is no number."""
    match = _STYLED.fullmatch(cell.strip(_SPACE))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [each for each in (match["sign"], match["inner"], match["behind"]) if each]
    if len(signs) + bool(match["open"]) > 1:
        return None
    minus = signs[0] if signs else ""
    if match["before"] and match["after"]:
        return None
    group = _group_of(match["body"], writing)
    if group is None:
        return None
    return _Parts(
        match["body"],
        minus not in ("", "+") or bool(match["open"]),
        (match["before"] or "", match["after"] or ""),
        group,
        "" if minus == "+" else minus,
        bool(match["open"]),
        match["behind"] or "",
    )


def _group_of(body: str, writing: Writing) -> str | None:
    """Tell what groups the digits of a number: nothing (""), or a key of `GROUPS`; None: wrong."""
    for group, form in _forms(writing.decimal, writing.thousands):
        if form.fullmatch(body):
            return group
    return None


@lru_cache
def _forms(decimal: str, thousands: str | None) -> list[tuple[str, re.Pattern[str]]]:
    """Forms of numbers, by what groups their digits."""
    mark = re.escape(decimal)
    plain = rf"(\d+({mark}\d*)?|{mark}\d+)([eE][+-]?\d+)?"
    forms = [("", re.compile(plain, re.ASCII))]
    for group, marks in GROUPS.items():
        if group != decimal and thousands in (None, group):
            groups = rf"(?P<mark>[{re.escape(marks)}])\d{{3}}((?P=mark)\d{{3}})*"
            form = rf"[1-9]\d{{0,2}}{groups}({mark}\d*)?"
            forms.append((group, re.compile(form, re.ASCII)))
    return forms


def _bare(cell: str) -> str:
    """Strip a cell of its sign, its currency and its parentheses."""
    match = _STYLED.fullmatch(cell.strip(_SPACE))
    return "" if match is None else match["body"]


def proven_decimal(columns: Iterable[Iterable[str]]) -> str | None:
    """Find the decimal mark that cells prove.

    Parameters
    ----------
    columns : iterable of iterable of str
        Cells of columns.

    Returns
    -------
    mark : {".", ","} or None
        None where no cell proves one, or some prove one and some the other.

    Examples
    --------
    >>> proven_decimal([["45,0"], ["4.944,88"]]), proven_decimal([["1,733,608"]])
    (',', '.')
    >>> proven_decimal([["1,234", "980"]]) is None
    True
    """
    found: set[str] = set()
    for cells in columns:
        for cell in cells:
            n_points = cell.count(".")
            if not n_points and "," not in cell:
                continue
            if "." in found and n_points < 2 and "," not in cell:
                continue  # a plain number with a point, as nearly all are: nothing new
            body = _bare(cell)
            found |= {mark for mark, proof in _PROOFS.items() if proof.fullmatch(body)}
            if len(found) == 2:
                return None
    return found.pop() if found else None


def may_group(cells: Iterable[str], mark: str) -> str | None:
    """Give a cell whose mark may group thousands or be decimal, if no cell of the column tells.

    Parameters
    ----------
    cells : iterable of str
        A column.
    mark : {".", ","}
        The mark.

    Examples
    --------
    >>> may_group(["1.234", "12.500", "980"], "."), may_group(["1.234", "0.5"], ".")
    ('1.234', None)
    """
    first = None
    grouped = re.compile(rf"[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}", re.ASCII)
    for cell in cells:
        body = _bare(cell)
        if grouped.fullmatch(body):
            first = first or cell.strip()
        elif body and not re.fullmatch(r"\d{1,3}", body, re.ASCII):
            return None
    return first
