"""Several files as one table: a path, a pattern, a folder or a list of paths."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

#: What names files: one path, a pattern such as "folder/*.npy", or some paths.
Paths: TypeAlias = "str | os.PathLike[str] | Sequence[str | os.PathLike[str]]"


def files_of(paths: Paths, suffix: str) -> list[str]:
    """Return the files that are meant; those of a pattern or a folder in the order of their names.

    Parameters
    ----------
    paths : path-like, pattern or list of path-like
        A pattern has ``*``, ``?`` or ``[``, ``**`` for folders within folders, and is the name of
        no file. A folder stands for the files in it whose names end with the suffix.
    suffix : str
        Without the dot.

    Raises
    ------
    ValueError
        There is no such file.
    """
    if not isinstance(paths, str | os.PathLike):
        found = [os.fspath(path) for path in paths]
        if not found:
            raise ValueError("The list of files is empty; name at least one.")
        return found
    path = os.fspath(paths)
    if os.path.isdir(path):
        files = sorted(str(file) for file in Path(path).glob(f"*.{suffix}") if file.is_file())
        if not files:
            raise ValueError(
                f"The folder {path} holds no file whose name ends with .{suffix}; for others pass "
                f"a pattern, such as {os.path.join(path, '*')!r}."
            )
        return files
    if glob.has_magic(path) and not os.path.exists(path):
        files = sorted(file for file in glob.glob(path, recursive=True) if os.path.isfile(file))
        if not files:
            raise ValueError(f"No file matches {path!r}.")
        return files
    return [path]
