"""The commands, as typer reads them, with examples.

`fit` and `predict` are in `models`, `report` and `sweep` in `reports`. A command reads its input,
hands it to the library and says in a line or two what came of it. Everything that goes wrong is an
exception, which `centra.cli.main` turns into a line and an exit code.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import centra
from centra._tables.inputs import TableError, opened
from centra._utils.terminal import put
from centra.cli import options as opt
from centra.cli.describe import description, lines_of
from centra.cli.fitted import Fitted
from centra.cli.meter import Meter
from centra.cli.models import fit, predict
from centra.cli.output import in_words, say, tell
from centra.cli.reports import report, sweep
from centra.cli.written import wrote
from centra.errors import ModelFileError

__all__ = ["app", "run"]

app = typer.Typer(
    name="centra",
    help="k-means clustering of tables in files: one answer, everywhere.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` names, and return its exit code."""
    command = typer.main.get_command(app)
    args = None if arguments is None else list(arguments)
    try:
        with warnings.catch_warnings():
            # Of libraries, say of NumPy about a header: Python would say it in two lines of code.
            warnings.showwarning = lambda message, *_: tell(in_words(str(message)))
            code = command.main(args=args, prog_name="centra", standalone_mode=False)
    except typer.Abort:
        code = _INTERRUPTED
    except SystemExit as error:  # typer's way to say that nobody reads the output any more
        raise BrokenPipeError from error
    if code == _INTERRUPTED:  # typer's way to say Ctrl-C, an exception or a code by its version
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        put(f"centra {centra.__version__}")
        raise typer.Exit


@app.callback(
    epilog=opt.examples(
        "centra fit points.csv -k 3 -o three.centra",
        "centra describe three.centra",
        "centra predict three.centra more.csv -o labels.csv",
        "centra sweep points.csv -k 2:12",
        "centra report points.csv -k 2:12 -o report.html",
    )
)
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """k-means clustering of tables in files: one answer, everywhere."""


app.command(
    epilog=opt.examples(
        "centra fit points.csv -k 3 -o three.centra --seed 1",
        "centra fit people.parquet -k 5 --columns age,income --standardize -o five.centra",
        "centra fit iris.csv -k 3 --label species -o iris.centra",
        "centra fit rows.csv.gz -k 8 --drop-missing -o eight.centra",
        "zcat rows.gz | centra fit - --format csv -k 8 -o eight.centra",
        "centra fit points.csv -k 3 -o three.centra --labels clustered.csv --join",
    )
)(fit)
app.command(
    epilog=opt.examples(
        "centra predict three.centra points.csv -o labels.csv",
        "centra predict three.centra points.csv -o clustered.csv --join",
        "cat points.csv | centra predict three.centra - --format csv -o - | head",
    )
)(predict)
app.command(
    epilog=opt.examples(
        "centra report points.csv -k 3",
        "centra report points.csv -k 2:12 -o report.html",
        "centra report people.csv -k 4 --columns age,income --standardize --seed 1",
        "centra report iris.csv -k 3 --label species --json",
    )
)(report)
app.command(
    epilog=opt.examples(
        "centra sweep points.csv -k 2:12",
        "centra sweep people.csv -k 2:20 --columns age,income --standardize --seed 1",
        "centra sweep large.npy -k 2:20 --no-gap --no-stability",
    )
)(sweep)


@app.command(
    epilog=opt.examples("centra describe three.centra", "centra describe three.centra --json")
)
def describe(
    model: opt.Model,
    as_json: opt.Json = False,
) -> None:
    """Say what is in MODEL: clusters, columns, how it was fitted."""
    if model.is_dir():
        raise TableError(f"{model}: is a folder; give a file in it")
    with opened(model, "model") as source:
        try:
            fitted = Fitted.load(source.path)
        except ModelFileError as error:
            raise TableError(str(error).replace(str(source.path), source.name)) from error
    values = {"command": "describe", "model": str(model), **description(fitted)}
    say(lines_of(fitted, str(model)), values, as_json=as_json, aside=False)


@app.command(epilog=opt.examples("centra tutorial page"))
def tutorial(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="A folder, made where missing.")],
    as_json: opt.Json = False,
) -> None:
    """Write the k-means tutorial into the folder OUT."""
    from centra.tutorial import write  # here, because it needs matplotlib

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
