"""The one place where the command line writes to standard output and standard error.

What is written for people may have names from files and folders in it, so every line passes
`for_terminal`. Each of the two streams may be closed, or its reader may have gone: neither is a
bug, and an error of writing names the stream.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import suppress
from typing import BinaryIO, TextIO

from centra._utils.escapes import for_terminal

__all__ = ["check_stdout", "copy_out", "flush", "let_go", "put"]

_STDOUT = "standard output"


def put(line: str, *, aside: bool = False) -> None:
    """Write a line to standard output, or aside, to standard error.

    Where the stream was closed before the program began, nobody reads, and nothing is written.

    Raises
    ------
    OSError
        The line could not be written.
    """
    stream = sys.stderr if aside else sys.stdout
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    text = for_terminal(line).encode(encoding, "backslashreplace").decode(encoding)
    with _Named(not aside):
        stream.write(text + "\n")
        stream.flush()


def check_stdout() -> None:
    """Refuse a standard output that is closed, where a result shall go to it.

    Raises
    ------
    OSError
        It is closed.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "is closed, and the result has nowhere else to go", _STDOUT)


def copy_out(file: BinaryIO) -> None:
    """Copy a file to standard output.

    Raises
    ------
    OSError
        It is closed, or cannot take all of it.
    """
    check_stdout()
    with _Named(True):
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def flush() -> None:
    """Write what is still in memory; Python would do so after the exit code is known.

    Raises
    ------
    OSError
        It cannot be written.
    """
    if sys.stdout is not None:
        with _Named(True):
            sys.stdout.flush()


def let_go() -> None:
    """Point both streams at nothing, so that Python does not try again as it ends."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            _point_at_nothing(stream)


def _point_at_nothing(stream: TextIO) -> None:
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())


class _Named:
    """Gives an error of writing the stream's name; that of a reader who has gone stays."""

    def __init__(self, is_output: bool) -> None:
        self._is_output = is_output

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            name = _STDOUT if self._is_output else "standard error"
            raise OSError(error.errno, error.strerror or str(error), name) from error
