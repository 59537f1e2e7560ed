"""A table in several files: what names them, and the files as one input."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from centra._tables.inputs import STANDARD, Input, TableError, format_of, opened

__all__ = ["files_meant", "opened_files"]

#: Formats that several files may have: those that need not be read whole.
SEVERAL = ("parquet", "arrow", "npy")
_LISTED = ".parquet, .arrow or .npy"


def files_meant(given: Sequence[Path]) -> list[Path]:
    """Return the files that are meant; those of a folder or a pattern in the order of their names.

    Parameters
    ----------
    given : sequence of Path
        Files, patterns such as ``folder/*.parquet`` that are the names of no file, and folders,
        which stand for the Parquet, Arrow and ``.npy`` files in them.

    Raises
    ------
    TableError
        There is none, or standard input is one of several.
    """
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            found += _in_folder(path)
        elif glob.has_magic(str(path)) and not path.exists():
            files = sorted(glob.glob(str(path), recursive=True))
            matching = [Path(file) for file in files if not Path(file).is_dir()]
            if not matching:
                raise TableError(f"{path}: no file matches this pattern; give another")
            found += matching
        else:
            found.append(path)
    if len(found) > 1 and STANDARD in found:
        raise TableError("standard input cannot be one of several files; give it alone")
    return found


def _in_folder(folder: Path) -> list[Path]:
    """Return the tables in a folder; files that programs hide are none."""
    found = [
        file
        for file in sorted(folder.iterdir())
        if file.name[0] not in "._" and file.is_file() and _is_of_several(file)
    ]
    if not found:
        raise TableError(f"{folder}: is a folder; give a file in it")
    return found


def _is_of_several(file: Path) -> bool:
    try:
        return format_of(file, packed=True) in SEVERAL
    except TableError:
        return False


@contextmanager
def opened_files(
    files: Sequence[Path], kind: str | None, sheet: str | None = None
) -> Iterator[Input]:
    """Make one table of files; a single one as `opened` does.

    Raises
    ------
    TableError
        They have several formats, or one of which files are read whole; or as `opened`.
    """
    if len(files) == 1:
        with opened(files[0], kind, sheet) as source:
            yield source
        return
    with ExitStack() as stack:
        parts = tuple(stack.enter_context(opened(file, kind)) for file in files)
        first = parts[0]
        name = f"{first.name} and {len(parts) - 1} more"
        for part in parts:
            if part.format not in SEVERAL:
                raise TableError(
                    f"{part.name}: is {part.format}, and several files can be one table only if "
                    f"all are {_LISTED}; give one file"
                )
            if part.format != first.format:
                raise TableError(
                    f"{part.name}: is {part.format}, and {first.name} is {first.format}; give "
                    "files of one format"
                )
        notes = tuple(note for part in parts for note in part.notes)
        yield Input(first.path, name, first.format, None, notes, files=parts)
