"""The careful reader of text files: cell by cell, able to understand and to say what is wrong.

It defines what is accepted: the same number of cells in every row, and in each column that is asked
for numbers, plain or as people write them (`cells`), or missing. Everything that is wrong is said
at once, with options that would do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from centra._tables.cells import Understood, Writing, may_group, proven_decimal, understand
from centra._tables.columns import Names, called, shown
from centra._tables.dialect import Dialect, may_separate, number, what_may_be
from centra._tables.gathered import Cells, gather, is_text
from centra._tables.inputs import Input
from centra._tables.missing import said
from centra._tables.refusals import Refusal, Remedy
from centra._tables.suggestions import Kind, advice, kind_of, remedies

__all__ = ["CarefulReader", "Parts"]

#: Numbers, and perhaps a column of text.
Parts = tuple[NDArray[np.float64], "list[str] | None"]
#: Columns that are named in a line on how their numbers are written.
_NAMED = 4
#: Rows, and cells of them, by which it is told what a column is before it is read.
_SAMPLE, _CELLS = 1000, 100_000


class TextFile(Protocol):
    """What it needs of a file."""

    source: Input
    width: int
    delimiter: str
    decimal: str
    notes: tuple[str, ...]

    @property
    def names(self) -> Names:
        """The header."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give rows that are not blank, each with its line."""

    def place_of(self, line: int) -> str:
        """Say where a line is."""

    def find_end(self) -> bool:
        """Leave out what stands below the table."""

    def other_delimiter(self) -> str | None:
        """Find what else may separate the cells."""

    def refuse(self, what: str) -> NoReturn:
        """Raise what is wrong."""


class CarefulReader:
    """Reads columns of a text file.

    Parameters
    ----------
    file : TextFile
        The file; its decimal mark is set to a comma where cells prove it, if `dialect` lets it.
    dialect : Dialect
        What is known of how it is written.

    Attributes
    ----------
    empty : list of int
        Rows without a single cell, of those that were read last.
    """

    def __init__(self, file: TextFile, dialect: Dialect) -> None:
        self._file, self._dialect = file, dialect
        self.empty: list[int] = []
        self._said: dict[str, list[int]] = {}

    def forget(self) -> None:
        """Forget what was understood of columns that were read."""
        self.empty, self._said = [], {}

    @cached_property
    def sampled(self) -> list[tuple[Cells, Understood]]:
        """The first rows of all columns."""
        n_rows = max(20, min(_SAMPLE, _CELLS // self._file.width))
        rows = islice(self._records(), n_rows)
        columns = gather(rows, range(self._file.width))
        return [(cells, understand(cells.different, self._writing)) for cells in columns]

    @property
    def texts(self) -> frozenset[int]:
        """Columns that hold text, as far as the first rows tell."""
        told = enumerate(self.sampled)
        return frozenset(i for i, (cells, found) in told if is_text(cells, found, self._writing))

    @cached_property
    def plain(self) -> frozenset[int]:
        """Columns that hold plain numbers and nothing else, as far as the first rows tell."""
        told = enumerate(self.sampled)
        return frozenset(
            i for i, (_, found) in told if not (found.said or found.wrong or found.missing.any())
        )

    @property
    def understood(self) -> tuple[str, ...]:
        """What was understood of the columns that were read last; a line, if anything was."""
        if not self._said:
            return ()
        said = "; ".join(
            f"{', '.join(called(self._file.names, i) for i in places[:_NAMED])}"
            + (f" and {len(places) - _NAMED} more" if len(places) > _NAMED else "")
            + f": {what}"
            for what, places in self._said.items()
        )
        return (f"{self._file.source.name}: how numbers were read: {said}",)

    @property
    def _writing(self) -> Writing:
        return Writing(
            self._file.decimal, self._dialect.thousands, frozenset(self._dialect.missing)
        )

    def ask_of_points(self, numbers: Sequence[int]) -> None:
        """Say that points were read as decimal marks where they may group thousands as well."""
        if not self._dialect.finds_decimal or self._file.decimal == ",":
            return
        columns = [cells.different for cells, _ in self.sampled]
        if proven_decimal(columns) is not None:
            return
        for i in numbers:
            cell = may_group(columns[i], ".")
            # In a file of commas only whole numbers beside them make them doubtful.
            if cell is None or (
                self._file.delimiter == "," and all("." in each for each in columns[i])
            ):
                continue
            note = (
                f"{self._about(i)}: the point in {shown(cell)} was read "
                "as the decimal mark; if it groups thousands, give --decimal ,"
            )
            if note not in self._file.notes:
                self._file.notes += (note,)

    def read(
        self,
        numbers: Sequence[int],
        text: int | None,
        *,
        missing: bool = False,
        apart: Collection[int | None] = (),
        chosen: Sequence[int] | None = None,
    ) -> Parts:
        """Read columns; see `CsvFile.read`.

        `chosen` are all columns that were asked for, if some of them were read otherwise.
        """
        lines: list[int] = []
        problems: list[tuple[int, str]] = []
        texts: list[str] = []
        ragged: list[tuple[int, list[str]]] = []

        def rows() -> Iterator[list[str]]:
            for line, row in self._file.rows():
                if len(row) != self._file.width:
                    ragged.append((line, row))
                    continue
                if not any(row) or not any(map(str.strip, row)):
                    self.empty.append(len(lines))
                lines.append(line)
                if text is not None:
                    texts.append(row[text].strip())
                yield row

        columns = dict(zip(numbers, gather(rows(), numbers), strict=True))
        if ragged and (not lines or ragged[-1][0] > lines[-1]) and self._file.find_end():
            self.forget()
            return self.read(numbers, text, missing=missing, apart=apart, chosen=chosen)
        if ragged:
            problems.append((ragged[0][0], self._said_of_ragged(ragged)))
        elif not lines:
            self._file.refuse("a header and no rows; it needs at least one row of numbers")
        self._settle(columns)
        found = {i: understand(cells.different, self._writing) for i, cells in columns.items()}
        for i, each in found.items():
            if each.wrong:
                row = columns[i].first(each.wrong)
                problems.append((lines[row], self._said_of_wrong(lines[row], i, columns[i], each)))
        values = np.empty((len(lines), len(numbers)))
        for j, i in enumerate(numbers):
            values[:, j] = found[i].values[columns[i].codes]
        holes = np.isnan(values)
        holes[self.empty] = False
        holes[:, [bool(found[i].wrong) for i in numbers]] = False
        if holes.any() and not missing:
            row = int(holes.any(axis=1).argmax())
            at = numbers[int(holes[row].argmax())]
            cell = columns[at].different[columns[at].codes[row]]
            what = said(cell, int(holes.any(axis=1).sum()))
            problems.append(
                (
                    lines[row],
                    f"{self._file.place_of(lines[row])}, {called(self._file.names, at)}: {what}",
                )
            )
        if problems:
            self._refuse_all(problems, columns, found, apart, chosen or numbers)
        for i, each in found.items():
            for what in each.said:
                self._said.setdefault(what, []).append(i)
        return values, texts if text is not None else None

    def _settle(self, columns: dict[int, Cells]) -> None:
        """Find out the decimal mark by all cells, where it is to be found out and they tell."""
        if not self._dialect.finds_decimal or self._file.decimal == ",":
            return
        proven = proven_decimal(cells.different for cells in columns.values())
        if proven == ",":
            self._file.decimal = ","
            self._file.notes += (f"{self._file.source.name}: ',' was read as the decimal mark",)
        elif proven is None and self._dialect.thousands is None and self._file.delimiter != ",":
            # Cells of a comma file may have commas in quotes: they group thousands there.
            lines: list[str] = []
            choice: list[Remedy] = [{"--thousands": ","}, {"--decimal": ","}]
            for i, cells in columns.items():
                cell = may_group(cells.different, ",")
                if cell is not None:
                    lines.append(
                        f"{self._about(i)}: the comma in {shown(cell)} "
                        "may group thousands or be the decimal mark; give --thousands , or "
                        "--decimal ,"
                    )
            if lines:
                raise Refusal(lines, choice, is_choice=True)

    def _said_of_ragged(self, ragged: list[tuple[int, list[str]]]) -> str:
        """Say what is wrong with rows of other lengths."""
        line, row = ragged[0]
        first = "first row" if self._file.names is None else "header"
        cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
        what = f"{self._file.place_of(line)} has {cells}, but the {first} has {self._file.width}"
        if len(ragged) > 1:
            what += f" (and {len(ragged) - 1:,} more such)"
        return "; ".join([what, *self._guesses(row)])

    def _said_of_wrong(self, line: int, at: int, cells: Cells, found: Understood) -> str:
        """Say what is wrong with the cells of a column."""
        cell = cells.different[int(cells.codes[cells.first(found.wrong)])]
        value = number(cell, self._file.decimal)
        if value is None:
            n = cells.count(found.wrong)
            more = "" if n == 1 or self._is_text(cells, found) else f" (one of {n:,} such cells)"
            what = f"{shown(cell)} is not a number{more}; correct it"
        elif any(map(str.isdigit, cell)):
            what = f"{shown(cell)} is larger than float64 can hold; rescale the column"
        else:
            what = f"{shown(cell)} is not a finite number; fill it or drop the row"
        return f"{self._file.place_of(line)}, {called(self._file.names, at)}: {what}"

    def _is_text(self, cells: Cells, found: Understood) -> bool:
        return is_text(cells, found, self._writing)

    def _refuse_all(
        self,
        problems: list[tuple[int, str]],
        columns: dict[int, Cells],
        found: dict[int, Understood],
        apart: Collection[int | None],
        chosen: Sequence[int],
    ) -> NoReturn:
        """Say all that is wrong, and what would do."""
        wrong = {i: each for i, each in found.items() if each.wrong}
        guesses: list[str] = []
        of_rows = [each for _, what in problems for each in what.split("; ")[1:]]
        for i, each in wrong.items():
            cell = columns[i].different[each.wrong[0]]
            alone = self._file.width == 1
            guesses += what_may_be(cell, self._file.delimiter, self._file.decimal, alone=alone)
        said = [what for _, what in sorted(problems, key=lambda each: each[0])]
        kinds = self._kinds()
        texts = [i for i, each in wrong.items() if self._is_text(columns[i], each)]
        if any("is not a number" in what for what in said):
            at = next(j for j, what in enumerate(said) if "is not a number" in what)
            said[at] += advice(self._file.names, kinds, apart)
            said[at] = "; ".join([said[at], *dict.fromkeys(guesses)])
        raise Refusal(
            [f"{self._file.source.name}: {what}" for what in said],
            remedies(self._file.names, kinds, chosen, apart, [*of_rows, *guesses]),
            texts,
        )

    def _kinds(self) -> list[Kind]:
        """Look at all columns, for a hint."""
        rows = self._records()
        columns = gather(rows, range(self._file.width))
        return [kind_of(cells, understand(cells.different, self._writing)) for cells in columns]

    def _guesses(self, row: list[str]) -> list[str]:
        """Guess why a row has too few cells or too many, and say what to do."""
        # As it was before it was cut, should the mark that cut it be a decimal mark.
        file = self._file
        whole = file.delimiter.join(row)
        guesses = what_may_be(whole, file.delimiter, file.decimal, alone=len(row) == 1)
        found = file.other_delimiter()
        if not guesses and found not in (None, file.delimiter):
            guesses = [may_separate(str(found))]
        return guesses or ["complete the row or drop it"]

    def _about(self, at: int) -> str:
        return f"{self._file.source.name}: {called(self._file.names, at)}"

    def _records(self) -> Iterator[list[str]]:
        return (row for _, row in self._file.rows() if len(row) == self._file.width)
