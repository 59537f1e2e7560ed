"""The commands, with examples. The module of a command is imported when the command is called.

Help, the version and errors of usage need typer alone: NumPy and scikit-learn take longer to import
than all of them take to print. `tests/cli/test_startup.py` holds it so.

A command reads its input, hands it to the library and says in a line or two what came of it.
Everything that goes wrong is an exception, which `centra.cli.main` turns into a line and an exit
code.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import centra
from centra._utils.terminal import put
from centra.cli.output import in_words, tell

__all__ = ["COMMANDS", "Command", "app", "prepare", "run"]

_INTERRUPTED = 130


@dataclass(frozen=True)
class Command:
    """A command before its module is imported.

    Attributes
    ----------
    module : str
        Where in `centra.cli` the function of the same name is.
    summary : str
        The first line of its docstring.
    examples : tuple of str
        What its help ends with.
    """

    module: str
    summary: str
    examples: tuple[str, ...]


def _examples(*lines: str) -> str:
    """Write the end of a help text, whose lines stay as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


COMMANDS = {
    "fit": Command(
        "models",
        "Find clusters in the rows of FILE and save them as MODEL.",
        (
            "centra fit points.csv -k 3 -o three.centra --seed 1",
            "centra fit people.parquet -k 5 --columns age,income --standardize -o five.centra",
            "centra fit iris.csv -k 3 --label species -o iris.centra",
            "centra fit rows.csv.gz -k 8 --drop-missing -o eight.centra",
            "zcat rows.gz | centra fit - --format csv -k 8 -o eight.centra",
            "centra fit 'folder/*.parquet' -k 100 --memory 2GB -o hundred.centra",
            "centra fit points.csv -k 3 -o three.centra --labels clustered.csv --join",
        ),
    ),
    "predict": Command(
        "models",
        "Write the cluster of each row of FILE to OUT.",
        (
            "centra predict three.centra points.csv -o labels.csv",
            "centra predict three.centra points.csv -o clustered.csv --join",
            "cat points.csv | centra predict three.centra - --format csv -o - | head",
            "centra predict hundred.centra folder/*.parquet --memory 2GB -o labels.parquet",
        ),
    ),
    "report": Command(
        "reports",
        "Find clusters in FILE and say whether to trust them.",
        (
            "centra report points.csv -k 3",
            "centra report points.csv -k 2:12 -o report.html",
            "centra report people.csv -k 4 --columns age,income --standardize --seed 1",
            "centra report iris.csv -k 3 --label species --json",
        ),
    ),
    "sweep": Command(
        "reports",
        "Compare numbers of clusters for the rows of FILE.",
        (
            "centra sweep points.csv -k 2:12",
            "centra sweep people.csv -k 2:20 --columns age,income --standardize --seed 1",
            "centra sweep large.npy -k 2:20 --no-gap --no-stability",
        ),
    ),
    "describe": Command(
        "describe",
        "Say what is in MODEL: clusters, columns, how it was fitted.",
        ("centra describe three.centra", "centra describe three.centra --json"),
    ),
    "tutorial": Command(
        "tutorials",
        "Write the k-means tutorial into the folder OUT.",
        ("centra tutorial page",),
    ),
}


class _Commands(TyperGroup):
    """The group of all commands; it knows their names, and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None where there is none of this name."""
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        function = getattr(importlib.import_module(f"centra.cli.{known.module}"), cmd_name)
        single.command(name=cmd_name, epilog=_examples(*known.examples))(function)
        return typer.main.get_command(single)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands in help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.summary) for name, each in COMMANDS.items()])


app = typer.Typer(
    name="centra",
    help="k-means clustering of tables in files: one answer, everywhere.",
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def prepare(arguments: Sequence[str]) -> None:
    """Import the module of the command that `arguments` name, if they name one."""
    # Options before a command are flags: the first word that is none is the command.
    name = next((word for word in arguments if not word.startswith("-")), "")
    if name in COMMANDS:
        importlib.import_module(f"centra.cli.{COMMANDS[name].module}")


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
    invoke_without_command=True,
    epilog=_examples(
        "centra fit points.csv -k 3 -o three.centra",
        "centra describe three.centra",
        "centra predict three.centra more.csv -o labels.csv",
        "centra sweep points.csv -k 2:12",
        "centra report points.csv -k 2:12 -o report.html",
    ),
)
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """k-means clustering of tables in files: one answer, everywhere."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
