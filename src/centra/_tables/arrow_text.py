"""Columns of plain numbers in text files, read by pyarrow: the fastest way, which objects soon."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from centra._tables.careful import Parts
from centra._tables.missing import WORDS
from centra._tables.utf8 import Checked

__all__ = ["ArrowForm", "read_by_arrow"]


@dataclass(frozen=True)
class ArrowForm:
    """The form of a file in UTF-8.

    Parameters
    ----------
    skip : int
        Lines above the first row.
    width : int
        How many columns there are.
    delimiter, decimal : str
        What separates cells, and the decimal mark.
    """

    skip: int
    width: int
    delimiter: str
    decimal: str


def read_by_arrow(
    path: Path,
    form: ArrowForm,
    numbers: list[int],
    text: int | None,
    done: Callable[[float], None] | None,
    *,
    missing: bool,
) -> Parts | None:
    """Read columns; None at the first objection.

    Parameters
    ----------
    path : Path
        The file.
    form : ArrowForm
        How it is written.
    numbers : list of int
        Columns of numbers.
    text : int or None
        A column of text.
    done : callable or None
        Called with the fraction that has been read.
    missing : bool
        Whether numbers may be missing.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow

    words = WORDS if missing else []
    names = [str(i) for i in range(form.width)]
    types = {str(i): pa.float64() for i in numbers}
    wanted = [str(i) for i in numbers]
    if text is not None:
        types[str(text)] = pa.string()
        wanted.append(str(text))
    with open(path, "rb") as file:
        skipped = b"".join(file.readline() for _ in range(form.skip))
        if skipped.count(b"\r") != skipped.count(b"\r\n"):  # its lines end in another way
            return None
        if skipped and file.peek(3).startswith(codecs.BOM_UTF8):
            return None  # a mark that is not at the beginning of the file is text
        checked = Checked(file, path.stat().st_size, done, form.delimiter)
        try:
            table = arrow.read_csv(
                checked,
                read_options=arrow.ReadOptions(column_names=names),
                parse_options=arrow.ParseOptions(delimiter=form.delimiter, newlines_in_values=True),
                convert_options=arrow.ConvertOptions(
                    column_types=types,
                    include_columns=wanted,
                    # A lone empty cell is a blank line, which is no row.
                    null_values=[word for word in words if word or form.width > 1],
                    strings_can_be_null=False,
                    decimal_point=form.decimal,
                ),
            )
        except (pa.ArrowException, ValueError):
            return None
    if not checked.is_strict:
        return None
    rows = np.empty((table.num_rows, len(numbers)))
    n_missing = 0
    for j, i in enumerate(numbers):
        column = table.column(str(i))
        rows[:, j] = column.to_numpy()
        n_missing += column.null_count
    if not len(rows) or np.count_nonzero(~np.isfinite(rows)) > n_missing:
        return None
    if text is None:
        return rows, None
    return rows, [cell.strip() for cell in table.column(str(text)).to_pylist()]
