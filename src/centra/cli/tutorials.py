"""The command `tutorial`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from centra._tables.inputs import TableError
from centra.cli import options as opt
from centra.cli.meter import Meter
from centra.cli.output import say
from centra.cli.written import wrote

__all__ = ["tutorial"]


def tutorial(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="A folder, made where missing.")],
    as_json: opt.Json = False,
) -> None:
    """Write the k-means tutorial into the folder OUT."""
    from centra.tutorial import write  # here: the command's help does not need it

    try:
        with Meter("drawing the figures"):
            paths = write(output)
            for path in paths:
                wrote(path)
    except ImportError as error:
        raise TableError(str(error)) from error
    line = f"{paths[-1]}: the tutorial, with {len(paths) - 1} figures beside it"
    values = {"command": "tutorial", "page": paths[-1], "figures": list(paths[:-1])}
    say([line], values, as_json=as_json, aside=False)
