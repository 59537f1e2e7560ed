"""What the command `centra` starts with, before it imports the package `centra`.

The import may take a second, and no code of the package runs before it. Ctrl-C meanwhile would be a
traceback out of whatever library is being imported just then, so it is heard here: nothing has been
written yet, and the process may end at once.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> int:
    """Run the command line and return its exit code; see `centra.cli.main`."""
    # A program that is started in the background of a shell may be told to ignore Ctrl-C.
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:
        signal.signal(signal.SIGINT, _end)
    from centra.cli import main as run

    with suppress(ImportError):  # run() says what is missing
        from centra.cli.commands import prepare

        prepare(sys.argv[1:])
    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run()
    except KeyboardInterrupt:  # once more, while the first was being said
        return 130
    finally:
        if heard:  # all is done and said; Python only ends
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(number: int, frame: object) -> None:
    with suppress(OSError):
        os.write(2, b"centra: error: interrupted; no output was written\n")
    os._exit(130)
