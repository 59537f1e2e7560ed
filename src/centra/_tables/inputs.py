"""What a command reads and where it writes: files, or standard input and output as `-`.

The readers read a file more than once. What can be read only once, standard input or a pipe, is
kept in a temporary file for as long as the command runs.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from centra._utils.terminal import check_stdout
from centra.errors import CentraError
from centra.sources.npy import identity_of

__all__ = [
    "CHANGED",
    "FORMATS",
    "STANDARD",
    "Input",
    "TableError",
    "check_output",
    "format_of",
    "opened",
]

#: What stands for standard input and output.
STANDARD = Path("-")

FORMATS = ("csv", "tsv", "parquet", "arrow", "npy")
_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".npy": "npy",
}
#: What is said of a file that was written to meanwhile.
CHANGED = "the file changed while it was read; run the command again when nothing writes to it"
_LISTED = ".csv, .tsv, .parquet, .arrow or .npy"


class TableError(CentraError):
    """A file that is not a table of numbers: one line that says where and what to do."""


@dataclass(frozen=True)
class Input:
    """A file to read.

    Parameters
    ----------
    path : Path
        Where its bytes are.
    name : str
        What messages call it: the file that was asked for, or "standard input".
    format : {"csv", "tsv", "parquet", "arrow", "npy"}
        What it is.
    identity : tuple of int, optional
        Device, number, size and time of the file when the command began; see `unchanged`.
    """

    path: Path
    name: str
    format: str
    identity: tuple[int, ...] | None = None

    @property
    def short(self) -> str:
        """The name without its folder, for a progress bar."""
        return Path(self.name).name

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Refuse a file that is not, after it was read, what it was when the command began.

        Raises
        ------
        TableError
            It was written to, or another took its place; also instead of another `TableError`,
            which is then of no help.
        OSError
            It is gone.
        """
        try:
            yield
        except TableError:
            self._check_unchanged()
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        if self.identity is not None and identity_of(self.path.stat()) != self.identity:
            raise TableError(f"{self.name}: {CHANGED}")


@contextmanager
def opened(file: Path, kind: str | None) -> Iterator[Input]:
    """Make FILE readable as often as a reader likes.

    Parameters
    ----------
    file : Path
        A file, a pipe, or ``-`` for standard input.
    kind : str or None
        One of `FORMATS`; None takes it from the suffix.

    Yields
    ------
    source : Input

    Raises
    ------
    TableError
        It is a folder, its format cannot be told, or it is empty.
    OSError
        It is not there or may not be read.
    """
    if file == STANDARD:
        if sys.stdin is None:
            raise TableError("standard input is closed; name a file")
        if kind is None:
            raise TableError(
                f"standard input has no suffix; say what it is with --format {'|'.join(FORMATS)}"
            )
        with _kept(sys.stdin.buffer, "standard input", kind) as source:
            yield source
        return
    found = format_of(file, packed=True) if kind is None else kind
    if file.is_dir():
        raise TableError(f"{file}: is a folder; give a file in it")
    if file.exists() and not file.is_file():
        with open(file, "rb") as pipe, _kept(pipe, str(file), found) as source:
            yield source
        return
    if file.suffix.lower() == ".gz":
        with gzip.open(file) as stream, _kept(stream, str(file), found) as source:
            yield source
        return
    with open(file, "rb"):  # says why, if it cannot be read
        pass
    yield Input(file, str(file), found, identity_of(file.stat()))


@contextmanager
def _kept(stream: BinaryIO | gzip.GzipFile, name: str, kind: str) -> Iterator[Input]:
    with tempfile.TemporaryDirectory(prefix="centra-") as folder:
        path = Path(folder) / f"input.{kind}"
        with open(path, "wb") as file:
            try:
                shutil.copyfileobj(stream, file)
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise TableError(
                    f"{name}: not a gzip file, or a damaged one ({error}); write it again"
                ) from error
        if path.stat().st_size == 0:
            raise TableError(f"{name}: it is empty; give a table with at least one row")
        yield Input(path, name, kind)


def format_of(file: Path, *, packed: bool = False) -> str:
    """Tell a file's format from its suffix.

    Parameters
    ----------
    file : Path
        The file.
    packed : bool, default=False
        Whether text may be packed by gzip: `.csv.gz` is "csv".

    Examples
    --------
    >>> format_of(Path("a.csv")), format_of(Path("a.TSV.gz"), packed=True)
    ('csv', 'tsv')

    Raises
    ------
    TableError
        The suffix is not one that is known, or the file is a folder.
    """
    if file.is_dir():
        raise TableError(f"{file}: is a folder; give a file in it")
    packed = packed and file.suffix.lower() == ".gz"
    found = _SUFFIXES.get((file.with_suffix("") if packed else file).suffix.lower())
    if found is None or (packed and found not in ("csv", "tsv")):
        raise TableError(f"{file}: the kind of file is told by its suffix; give {_LISTED}")
    return found


def check_output(output: Path, *inputs: Path) -> None:
    """Find out before the work, not after it, that its result has nowhere to go.

    Raises
    ------
    OSError
        The output is standard output, which is closed.
    TableError
        The output is a folder, lies in none or in one that is closed, or is also an input.
    """
    if output == STANDARD:
        check_stdout()
        return
    if output.is_dir():
        raise TableError(f"{output}: is a folder; give the name of a file in it")
    if not output.parent.is_dir():
        raise TableError(f"{output}: there is no folder {output.parent}; make it first")
    if not os.access(output.parent, os.W_OK):
        raise TableError(
            f"{output}: no permission to write into the folder {output.parent}; choose another"
        )
    for file in inputs:
        if output.exists() and file.exists() and output.samefile(file):
            raise TableError(f"{output}: is also the input, which would be lost; give another name")
