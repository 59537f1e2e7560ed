"""What a command reads and where it writes: files, or standard input and output as `-`.

The readers read a file more than once. What can be read only once, standard input or a pipe, is
kept in a temporary file for as long as the command runs; so is what was packed, and the text that
is made of workbooks and JSON. A file is what its suffix says, unless its first bytes say that it is
something else; without a suffix that says anything it is what they say.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from centra._tables.content import format_by_content, signature_of
from centra._tables.errors import TableError
from centra._tables.records import lines_as_text, records_as_text
from centra._tables.sheets import sheet_as_text
from centra._tables.unpacked import unpack_gzip, unpack_zip
from centra._utils.terminal import check_stdout
from centra.sources.identity import identity_of

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

#: What is read, and those of it that are written.
FORMATS = ("csv", "tsv", "json", "jsonl", "xlsx", "parquet", "arrow", "npy")
_WRITTEN = ("csv", "tsv", "parquet", "arrow", "npy")
_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
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
_READ = ".csv, .tsv, .json, .jsonl, .xlsx, .parquet, .arrow or .npy, perhaps with .gz"
_PACKED = (".gz", ".zip")
#: How often a file may be packed.
_DEPTH = 2


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
        What is at `path`; of a workbook and of records it is CSV.
    identity : tuple of int, optional
        Device, number, size and time of the file when the command began; see `unchanged`.
    notes : tuple of str, optional
        What was found out of it, where it may be wrong.
    made_of : {"", "sheet", "records", "rows"}, optional
        What the text at `path` was made of: of JSON, objects or lists.
    files : tuple of Input, optional
        The files whose rows follow one another, if it is a table in several; `path` is the first.
    """

    path: Path
    name: str
    format: str
    identity: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()
    made_of: str = ""
    files: tuple[Input, ...] = ()

    @property
    def parts(self) -> tuple[Input, ...]:
        """The files, one or several."""
        return self.files or (self,)

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
        for each in self.parts:
            if each.identity is not None and identity_of(each.path.stat()) != each.identity:
                raise TableError(f"{each.name}: {CHANGED}")


@contextmanager
def opened(file: Path, kind: str | None, sheet: str | None = None) -> Iterator[Input]:
    """Make FILE readable as often as a reader likes.

    Parameters
    ----------
    file : Path
        A file, a pipe, or ``-`` for standard input.
    kind : str or None
        One of `FORMATS`, or another for a file that is not looked at; None finds out.
    sheet : str, optional
        Which sheet of a workbook.

    Yields
    ------
    source : Input

    Raises
    ------
    TableError
        It is a folder, its format cannot be told, it is empty, or is packed and damaged.
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
        with (
            _kept(sys.stdin.buffer, "standard input") as path,
            _made(path, "standard input", kind, sheet, None) as source,
        ):
            yield source
        return
    if file.is_dir():
        raise TableError(f"{file}: is a folder; give a file in it")
    if file.exists() and not file.is_file():
        with (
            open(file, "rb") as pipe,
            _kept(pipe, str(file)) as path,
            _made(path, str(file), kind, sheet, None) as source,
        ):
            yield source
        return
    with open(file, "rb"):  # says why, if it cannot be read
        pass
    with _made(file, str(file), kind, sheet, identity_of(file.stat())) as source:
        yield source


@contextmanager
def _kept(stream: BinaryIO, name: str) -> Iterator[Path]:
    """Keep what can be read only once."""
    with tempfile.TemporaryDirectory(prefix="centra-") as folder:
        path = Path(folder) / "input"
        with open(path, "wb") as file:
            shutil.copyfileobj(stream, file)
        if path.stat().st_size == 0:
            raise TableError(f"{name}: it is empty; give a table with at least one row")
        yield path


@contextmanager
def _made(
    path: Path, name: str, kind: str | None, sheet: str | None, identity: tuple[int, ...] | None
) -> Iterator[Input]:
    """Unpack a file, tell what it is, and make text of what is no table yet."""
    notes: tuple[str, ...] = ()
    guess = ""
    with ExitStack() as stack:
        folder = stack.enter_context(_lazy_folder())
        suffix = Path(name).suffix.lower()
        inner = Path(name)
        for _ in range(_DEPTH if kind is None or kind in FORMATS else suffix == ".gz"):
            packed = {".gz": "gzip", ".zip": "zip"}.get(suffix)
            if kind is None or kind in ("csv", "tsv", "json", "jsonl"):
                signature = signature_of(path) if path.stat().st_size else None
                packed = signature if signature in ("gzip", "zip") else packed
            if packed is None:
                break
            unpack = unpack_gzip if packed == "gzip" else unpack_zip
            path = unpack(path, name, folder())
            identity = None
            # A zip says the name of what is in it; of gzip it is the name without its suffix.
            inner = path if packed == "zip" else inner.with_suffix("")
            suffix = inner.suffix.lower()
        if kind is None:
            kind, note, guess = _told(path, name, suffix)
            notes = (f"{name}: {note}",) if note else ()
        if kind in ("json", "jsonl", "xlsx") and path.stat().st_size:
            to = folder() / "rows.csv"
            if kind == "xlsx":
                notes += tuple(sheet_as_text(path, name, to, sheet))
                made_of = "sheet"
            else:
                made_of = (records_as_text if kind == "json" else lines_as_text)(path, name, to)
            path, kind, identity = to, "csv", None
        else:
            made_of = ""
        try:
            yield Input(path, name, kind, identity, notes, made_of)
        except TableError as error:
            if not guess:
                raise
            error.args = (f"{error}{guess}", *error.args[1:])
            raise


@contextmanager
def _lazy_folder() -> Iterator[Callable[[], Path]]:
    """Give a function that makes a folder when it is first needed."""
    made: list[tempfile.TemporaryDirectory[str]] = []

    def folder() -> Path:
        # One for each file that is unpacked, as two may have one name.
        made.append(tempfile.TemporaryDirectory(prefix="centra-"))
        return Path(made[-1].name)

    try:
        yield folder
    finally:
        for each in made:
            each.cleanup()


def _told(path: Path, name: str, suffix: str) -> tuple[str, str, str]:
    """Tell a file's format, what to note of that, and what an error should add."""
    by_suffix = _SUFFIXES.get(suffix)
    if by_suffix is None:
        if not path.stat().st_size:
            return "csv", "", ""
        found = format_by_content(path, name)
        guess = f"its content was taken for {found}; --format names another"
    else:
        found = (signature_of(path) if path.stat().st_size else None) or by_suffix
        guess = f"is {found} and not {by_suffix}: read as such" if found != by_suffix else ""
    if found == "xls":
        raise TableError(f"{name}: is a workbook of Excel before 2007; save it as .xlsx or .csv")
    if found not in FORMATS:
        raise TableError(f"{name}: is packed more than once; unpack it and give the file in it")
    if by_suffix == "tsv" and found == "csv":
        found, guess = "tsv", ""
    return found, guess if by_suffix else "", "" if by_suffix else f"; {guess}"


def format_of(file: Path, *, packed: bool = False) -> str:
    """Tell the format of a file by its suffix.

    Parameters
    ----------
    file : Path
        The file.
    packed : bool, default=False
        Whether it is read, perhaps packed: `.csv.gz` is "csv". Else it is written.

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
    inside = file.with_suffix("") if packed and file.suffix.lower() in _PACKED else file
    found = _SUFFIXES.get(inside.suffix.lower())
    if found is None or not (packed or found in _WRITTEN):
        listed = _READ if packed else _LISTED
        raise TableError(f"{file}: the kind of file is told by its suffix; give {listed}")
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
