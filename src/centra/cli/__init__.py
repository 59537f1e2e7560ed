"""The command line: `centra fit`, `predict`, `report`, `sweep`, `describe`, `tutorial`.

This module is the entry point and the one place where an exception becomes a line of text and an
exit code: 0 when all is well, 1 when the work failed or nobody reads its output any more (which is
not said), 2 when the command was not understood, 130 after Ctrl-C. The commands themselves are in
`commands`, which needs typer; importing this module does not, so that a plain install can say what
is missing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from centra._utils import terminal
from centra.cli import again, written
from centra.errors import CentraError

__all__ = ["main"]

_NEEDED = ("typer", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; by default, what the shell passed on.

    Returns
    -------
    code : int
        0: fine. 1: the work failed. 2: the command was not understood. 130: interrupted.
    """
    _hold_streams()
    written.begin()
    again.begin(arguments)
    try:
        from centra.cli.commands import run

        code = run(arguments)
        terminal.flush()
        return code
    except KeyboardInterrupt:
        return _fail(f"interrupted; {written.outcome()}", 130)
    except BrokenPipeError:  # the reader of our output has gone, say `head`
        terminal.let_go()
        return 1
    except ModuleNotFoundError as error:
        extra = "[cli]" if (error.name or "").partition(".")[0] in _NEEDED else ""
        return _fail(f'the command line needs {error.name}: pip install "centra{extra}"', 1)
    except OSError as error:
        return _fail(_say_os(error), 1)
    except MemoryError as error:
        return _fail(f"not enough memory: {_line(error) or 'a smaller --memory may help'}", 1)
    except (CentraError, ValueError) as error:
        return _refuse(error)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # typer's usage errors
            text = _line(error.format_message()).rstrip(".")
            return _fail(f"{text}; see {_help_of(error)}", error.exit_code)
        return _fail(f"a bug in centra, please report it: {type(error).__name__}: {error}", 1)


def _hold_streams() -> None:
    """Let no file that is opened take the number of a standard stream that is closed."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        number = os.open(os.devnull, os.O_RDWR)
        while number <= 2:
            number = os.open(os.devnull, os.O_RDWR)
        os.close(number)


def _fail(text: str, code: int) -> int:
    with suppress(OSError):
        terminal.put(f"centra: error: {_line(text)}", aside=True)
        terminal.flush()
        return code
    # One of the streams takes nothing: not the line, or not what was written before it.
    terminal.let_go()
    return code


def _refuse(error: Exception) -> int:
    """Say all that is wrong, a line each, and with which command it would work."""
    *first, last = getattr(error, "lines", [_line(error)])
    with suppress(OSError):
        for line in first:
            terminal.put(f"centra: error: {_line(line)}", aside=True)
    code = _fail(last, 1)
    remedies = getattr(error, "remedies", ())
    if remedies:
        from centra.cli.remedies import command

        with suppress(OSError):
            for at, remedy in enumerate(remedies):
                text = command(again.given(), remedy)
                if text.isprintable():  # else it would be shown with escapes
                    terminal.put(f"centra: {'or' if at else 'try'}: {text}", aside=True)
            terminal.flush()
    return code


def _line(text: object) -> str:
    """Fold any text into one line."""
    return " ".join(str(text).split())


def _say_os(error: OSError) -> str:
    """Say an error of the operating system, file first, without its number."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _help_of(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'centra'} --help"
