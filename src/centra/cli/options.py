"""The options that commands share, as typer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from centra.cli.inputs import FORMATS
from centra.sources.npy import parse_memory

__all__ = ["as_bytes", "as_delimiter", "as_restarts", "check_format", "examples", "one_stdout"]

Data = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Rows to read: .csv, .tsv, .parquet, .arrow, .npy, or - for standard input.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"What FILE is, if not by its suffix: {', '.join(FORMATS)}.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Columns to cluster by: names, or numbers from 1.  [default: all others]",
    ),
]
Label = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="A column kept out of the clustering and compared with its clusters."
    ),
]
Weight = Annotated[
    str | None, typer.Option(metavar="NAME", help="A column that says how much each row counts.")
]
Standardize = Annotated[
    bool,
    typer.Option("--standardize", help="Bring every column to mean 0 and variance 1 first."),
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first row of a .csv names the columns; found out by default.",
        show_default=False,
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="C",
        help="What separates the cells of a .csv: one character, or 'tab'.  [default: ,]",
    ),
]
Memory = Annotated[
    str,
    typer.Option(metavar="SIZE", help="A .npy file larger than this is read from disk in blocks."),
]
Clusters = Annotated[
    int, typer.Option("--clusters", "-k", metavar="K", help="Number of clusters.", min=1)
]
Numbers = Annotated[
    str,
    typer.Option(
        "--clusters",
        "-k",
        metavar="K",
        help="Numbers of clusters: 3, several, 2,4,8, or all from 2 to 12, 2:12.",
    ),
]
Init = Annotated[
    str, typer.Option(metavar="HOW", help="k-means++, k-means||, random, or a file of centres.")
]
Restarts = Annotated[
    str, typer.Option(metavar="N", help="Restarts, the best of which counts: a number, or auto.")
]
Iterations = Annotated[
    int, typer.Option(metavar="N", help="Most iterations of one restart.", min=1)
]
Tolerance = Annotated[
    float,
    typer.Option(metavar="X", help="Stop when centres move less; 0: when no label changes.", min=0),
]
# A default, so that a command gives one answer however often it is run.
Seed = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Seed of the random draws; the same seed, the same answer.",
        min=0,
        max=2**32 - 1,
    ),
]
Threads = Annotated[
    int | None, typer.Option(metavar="N", help="Threads; any number gives the same bits.", min=1)
]
Join = Annotated[
    bool, typer.Option("--join", help="Write the rows too, with a last column 'cluster'.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
]


def examples(*lines: str) -> str:
    """Write the end of a help text, whose lines stay as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def check_format(kind: str | None) -> str | None:
    """Check what --format says."""
    if kind is not None and kind.lower() not in FORMATS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(FORMATS)}", param_hint="--format")
    return None if kind is None else kind.lower()


def as_restarts(text: str) -> int | str:
    """Read --n-init."""
    if text == "auto":
        return text
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise typer.BadParameter(f"{text!r} is neither a number from 1 nor auto", param_hint="--n-init")


def as_bytes(text: str) -> int:
    """Read a size such as 256MB."""
    try:
        return parse_memory(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--memory") from error


def as_delimiter(text: str | None) -> str | None:
    """Read --delimiter."""
    found = {"tab": "\t", "\\t": "\t"}.get(text or "", text)
    if found is not None and (len(found) != 1 or found in '"\r\n'):
        raise typer.BadParameter("one character, or 'tab'", param_hint="--delimiter")
    return found


def one_stdout(as_json: bool, *outputs: Path | None) -> None:
    """Refuse two things that both want standard output."""
    wanted = sum(output is not None and str(output) == "-" for output in outputs) + as_json
    if wanted > 1:
        raise typer.BadParameter("only one thing can go to standard output; name a file for others")
