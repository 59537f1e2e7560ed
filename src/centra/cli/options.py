"""The options that commands share, as typer reads them.

Options that go together are a dataclass: which columns (`Columns`), how to fit (`Fitting`), how to
read (`Reading`). Building one checks what can be checked before anything is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from centra._tables.cells import BLANKS, GROUPS
from centra._tables.columns import Wanted, shown, split
from centra._tables.dialect import Dialect
from centra._tables.inputs import FORMATS, TableError, format_of
from centra._utils.escapes import encodable
from centra._utils.terminal import check_stdout
from centra.sources.sizes import parse_memory

__all__ = [
    "SEEDINGS",
    "Columns",
    "Fitting",
    "Reading",
    "as_number",
    "as_numbers",
    "as_silhouette",
    "check_name",
    "one_stdout",
]

#: Words for what groups thousands.
_GROUPS = {"blank": " ", "space": " ", "comma": ",", "point": ".", "dot": ".", "\u2019": "'"} | {
    each: " " for each in BLANKS
}
SEEDINGS = ("k-means++", "k-means||", "sampled", "random")
_K = "'--clusters' / '-k'"

Data = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Rows to read: .csv, .tsv, .json, .jsonl, .xlsx, .parquet, .arrow, .npy, any of them "
        "as .gz or .zip, or - for standard input.",
    ),
]
Several = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="Rows to read: .csv, .tsv, .json, .jsonl, .xlsx, .parquet, .arrow, .npy, any of them "
        "as .gz or .zip, or - for standard input. Several .parquet, .arrow or .npy files, a "
        "folder of them or a quoted pattern ('folder/*.parquet') are one table.",
    ),
]
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A model that fit saved.")]
Number = Annotated[
    str | None,
    typer.Option(
        "--clusters",
        "-k",
        metavar="K",
        help="Number of clusters.  [default: the one of 2 to 10 that most criteria pick]",
    ),
]
Numbers = Annotated[
    str | None,
    typer.Option(
        "--clusters",
        "-k",
        metavar="K",
        help="Numbers of clusters: one (3), several (2,4,8) or a range (2:12).  [default: 2:10]",
    ),
]
Silhouette = Annotated[
    bool | None,
    typer.Option(
        help="The exact silhouette, from all pairs of rows; for few rows by default.",
        show_default=False,
    ),
]
Threads = Annotated[
    int | None, typer.Option(metavar="N", help="Threads; any number gives the same bits.", min=1)
]
Join = Annotated[
    bool, typer.Option("--join", help="Write the rows too, and the clusters as a last column.")
]
Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help="What the column of clusters is called.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
]


@dataclass
class Columns:
    """Which columns of FILE are for what."""

    columns: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Columns to cluster by: names, or numbers from 1; a name with a comma in double "
            "quotes. numeric takes all that hold numbers, identifiers left out.  "
            "[default: numeric]",
        ),
    ] = None
    exclude: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Columns to leave out; all others are then meant, and must hold numbers.",
        ),
    ] = None
    label: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A column kept out of the clustering and compared with its clusters.",
        ),
    ] = None
    weight: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A column that says how much each row counts."),
    ] = None
    id: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="NAME", help="A column kept out of the clustering that names the rows."
        ),
    ] = None

    @property
    def wanted(self) -> Wanted:
        """What to look for in the file."""
        return Wanted(self.columns, self.label, self.weight, exclude=self.exclude, id=self.id)


@dataclass
class Fitting:
    """How to fit; but for `standardize`, parameters of `KMeans`."""

    standardize: Annotated[
        bool,
        typer.Option("--standardize", help="Bring every column to mean 0 and variance 1 first."),
    ] = False
    init: Annotated[
        str,
        typer.Option(
            metavar="HOW", help="k-means++, k-means||, sampled, random, or a file of centres."
        ),
    ] = "k-means++"
    n_init: Annotated[
        str,
        typer.Option(metavar="N", help="Restarts, the best of which counts: a number, or auto."),
    ] = "auto"
    max_iter: Annotated[
        int, typer.Option(metavar="N", help="Most iterations of one restart.", min=1)
    ] = 300
    tol: Annotated[
        float,
        typer.Option(
            metavar="X", help="Stop when centres move less; 0: when no label changes.", min=0
        ),
    ] = 1e-4
    # A default, so that a command gives one answer however often it is run.
    seed: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Seed of the random draws; the same seed, the same answer.",
            min=0,
            max=2**32 - 1,
        ),
    ] = 0
    threads: Threads = None

    def __post_init__(self) -> None:
        """Refuse what can be refused before anything is read."""
        _ = self.restarts
        if self.init in SEEDINGS:
            return
        try:
            format_of(Path(self.init), packed=True)
        except TableError as error:
            raise typer.BadParameter(
                f"{self.init!r} is none of {', '.join(SEEDINGS)}, and no file of centres",
                param_hint="--init",
            ) from error

    @property
    def restarts(self) -> int | Literal["auto"]:
        """What --n-init says, as `KMeans` takes it."""
        text = self.n_init
        if text == "auto":
            return "auto"
        if _is_count(text):
            return int(text)
        raise typer.BadParameter(
            f"{shown(text)} is neither a number from 1 nor auto", param_hint="--n-init"
        )


@dataclass
class Reading:
    """How FILE is to be read."""

    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"What FILE is: {', '.join(FORMATS)}; found out by default.",
        ),
    ] = None
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Whether the first row of a .csv names the columns; found out by default.",
            show_default=False,
        ),
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="C",
            help="What separates the cells of a .csv: one character, or 'tab'; found out by "
            "default among , ; tab |.",
        ),
    ] = None
    decimal: Annotated[
        str | None,
        typer.Option(
            metavar="C",
            help="The decimal mark of a .csv, . or a comma; found out by default, where the "
            "numbers prove it.",
        ),
    ] = None
    thousands: Annotated[
        str | None,
        typer.Option(
            metavar="C",
            help="What groups thousands in a .csv: , . ' or blank; found out by default, where a "
            "whole column agrees.",
        ),
    ] = None
    missing: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="What stands for a missing number, beside empty cells, NA, ?, - and the like.",
        ),
    ] = None
    encoding: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How the text of a .csv is encoded, say cp1252; output is UTF-8.",
        ),
    ] = "utf-8"
    skip: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Lines above the table in a .csv or a sheet; found out by default.",
            min=0,
            show_default=False,
        ),
    ] = None
    comment: Annotated[
        str | None,
        typer.Option(
            metavar="C",
            help="Lines of a .csv that begin with it are not read; # above a table is found out.",
            show_default=False,
        ),
    ] = None
    sheet: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which sheet of an .xlsx to read.  [default: the first]"),
    ] = None
    drop_missing: Annotated[
        bool | None,
        typer.Option(
            "--drop-missing/--no-drop-missing",
            help="Leave out rows with a missing number; where labels are written, theirs is empty "
            "(-1 in .npy). The default of report and sweep.",
            show_default=False,
        ),
    ] = None
    memory: Annotated[
        str,
        typer.Option(
            metavar="SIZE",
            help="Rows of .parquet, .arrow and .npy files that need more are read from disk in "
            "blocks, in every pass.",
        ),
    ] = "1GB"

    def __post_init__(self) -> None:
        """Check the options, and give those that are words their meaning."""
        if self.kind is not None and self.kind.lower() not in FORMATS:
            raise typer.BadParameter(
                f"{self.kind!r} is none of {', '.join(FORMATS)}", param_hint="--format"
            )
        self.kind = None if self.kind is None else self.kind.lower()
        self.delimiter = {"tab": "\t", "\\t": "\t"}.get(self.delimiter or "", self.delimiter)
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise typer.BadParameter("one character, or 'tab'", param_hint="--delimiter")
        if self.decimal not in (None, ".", ","):
            raise typer.BadParameter("give . or ,", param_hint="--decimal")
        if self.thousands is not None:
            self.thousands = _GROUPS.get(self.thousands.lower(), self.thousands)
            if self.thousands not in GROUPS:
                raise typer.BadParameter("give , . ' or blank", param_hint="--thousands")
            if self.thousands == self.decimal:
                raise typer.BadParameter(
                    f"{self.thousands!r} is the decimal mark too; give another for one of them",
                    param_hint="--thousands",
                )
        try:
            "a".encode(self.encoding)  # an empty text would do in any
        except (LookupError, UnicodeError) as error:
            raise typer.BadParameter(
                f"{self.encoding!r} is none that Python knows; give utf-8, cp1252 or another",
                param_hint="--encoding",
            ) from error
        _ = self.budget

    @property
    def dialect(self) -> Dialect:
        """What is known of a text file."""
        # Of comma and point, the one that does not group thousands is the decimal mark.
        decimal = self.decimal or {".": ",", ",": "."}.get(self.thousands or "")
        return Dialect(
            self.header,
            self.delimiter,
            decimal or ".",
            self.encoding,
            thousands=self.thousands,
            missing=self.words,
            finds_decimal=decimal is None,
            skip=self.skip,
            comment=self.comment,
        )

    @property
    def words(self) -> tuple[str, ...]:
        """What --missing says."""
        return () if self.missing is None else tuple(split(self.missing))

    @property
    def budget(self) -> int:
        """What --memory says, in bytes."""
        try:
            return parse_memory(self.memory)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--memory") from error


def as_number(text: str) -> int:
    """Read the number of clusters of one fit.

    Examples
    --------
    >>> as_number("3")
    3
    """
    if _is_count(text):
        return int(text)
    hint = "; centra sweep compares several" if set(text) & set(":,") else ""
    raise typer.BadParameter(
        f"{shown(text)} is not one number of clusters; give one, from 1{hint}", param_hint=_K
    )


def as_numbers(text: str) -> tuple[int, ...]:
    """Read numbers of clusters: 3, 2:12 (with 12) or 2,4,8.

    Examples
    --------
    >>> as_numbers("2:5"), as_numbers("3"), as_numbers("2,4,8")
    ((2, 3, 4, 5), (3,), (2, 4, 8))
    """
    parts = text.split(":")
    try:
        if len(parts) == 2:
            found = tuple(range(int(parts[0]), int(parts[1]) + 1))
        else:
            found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1 or len(set(found)) < len(found):
        raise typer.BadParameter(
            f"{shown(text)} is no number of clusters; give one (3), several (2,4,8) or a "
            "range (2:12)",
            param_hint=_K,
        )
    return tuple(sorted(found))


def _is_count(text: str) -> bool:
    """Whether a text is a whole number from 1 that is worth reading."""
    return text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0


def check_name(name: str) -> None:
    """Refuse a column's name that no file can take, before anything is read."""
    if encodable(name) != name:
        raise typer.BadParameter(f"{shown(name)} is not UTF-8", param_hint="--name")


def as_silhouette(wanted: bool | None) -> bool | Literal["auto"]:
    """Give what --silhouette says as `centra.sweep` takes it."""
    return "auto" if wanted is None else wanted


def one_stdout(as_json: bool, *outputs: Path | None) -> None:
    """Refuse two things that both want standard output, and one where it is closed."""
    wanted = sum(output is not None and str(output) == "-" for output in outputs) + as_json
    if wanted > 1:
        raise typer.BadParameter("only one thing can go to standard output; name a file for others")
    if wanted:
        check_stdout()
