"""The tutorial: a page on k-means and its figures, written by running the page's own code.

The template is ``k-means.md`` beside this file, the page without its output. `write` runs its code
and puts page and figures into a folder; ``docs/tutorial`` is such a folder, and a test compares.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from centra._utils.atomic_write import write_whole
from centra._utils.optional import pyplot
from centra.tutorial.page import assemble, blocks, figures
from centra.tutorial.runner import run

__all__ = ["PAGE", "write"]

#: name of the page
PAGE = "k-means.md"


def write(out: str | os.PathLike[str]) -> list[Path]:
    """Write the tutorial, page and figures, into a folder.

    The code of the page is run, in a Python process of its own. Every file appears whole or not at
    all, and the page last: it never shows a figure that is not there.

    Parameters
    ----------
    out : str or path-like
        The folder; it is made if need be. Files of the same names are replaced.

    Returns
    -------
    paths : list of pathlib.Path
        The files: figures in the order of the page, then the page.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    OSError
        The folder cannot be made or written to.
    RuntimeError
        The page's code failed.

    Examples
    --------
    >>> from centra.tutorial import write
    >>> for path in write("demo"):  # doctest: +SKIP
    ...     print(path)
    """
    pyplot()  # fails here, where the reason can be said, rather than in the child
    folder = Path(out)
    _check(folder)
    template = template_text()
    with tempfile.TemporaryDirectory() as workshop:
        page = assemble(template, run(blocks(template), Path(workshop)))
        contents = {name: (Path(workshop) / name).read_bytes() for name in figures(template)}
    contents[PAGE] = page.encode()
    # Only now, when all is at hand: who interrupts the drawing finds everything as it was.
    with _made(folder) as new:
        for name, content in contents.items():
            path = folder / name
            if not path.exists():
                new.append(path)
            with write_whole(path) as file:
                file.write(content)
    return [folder / name for name in contents]


def _check(folder: Path) -> None:
    """Refuse a folder that cannot be made or written to, before the figures are drawn."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, and a folder is needed", str(there))
    if not os.access(there, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))


@contextmanager
def _made(folder: Path) -> Iterator[list[Path]]:
    """Make a folder, and yield a list for new files: all that is new goes again if the block fails.

    Files that were there before and have been replaced stay replaced, each of them whole.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    new: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield new
    except BaseException:  # Ctrl-C too
        for path in new:
            path.unlink(missing_ok=True)
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise


def template_text() -> str:
    """Read the page as it was written: prose and code, without any output."""
    return files("centra.tutorial").joinpath(PAGE).read_text(encoding="utf-8")


def __dir__() -> list[str]:
    return sorted(__all__)
