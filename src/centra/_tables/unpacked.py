"""Files that are packed, by gzip or in a zip with one file, are unpacked into a folder.

What is unpacked is written to the disk, and counted while it is: a file that would become more than
a hundred times itself, and more than a gigabyte, is refused. A real table never does; a few
kilobytes made to do harm become as much as they like.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn

from centra._tables.errors import TableError, reason_of
from centra._tables.limits import PACKED
from centra._utils.text import listed

__all__ = ["unpack_gzip", "unpack_zip"]

_PART = 1 << 20
#: What stands beside the table in zips that macOS and Windows make.
_BESIDE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_LISTED = 5


def unpack_gzip(path: Path, name: str, folder: Path) -> Path:
    """Unpack a file that gzip has packed.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.
    folder : Path
        Where to write what is in it.

    Returns
    -------
    unpacked : Path

    Raises
    ------
    TableError
        It is damaged, or becomes too large.
    """
    to = folder / (Path(name).stem or "input")
    try:
        with gzip.open(path) as file:
            _copy(file, to, path.stat().st_size, name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TableError(
            f"{name}: not a gzip file, or a damaged one ({reason_of(error)}); write it again"
        ) from error
    return to


def unpack_zip(path: Path, name: str, folder: Path) -> Path:
    """Unpack the only file of a zip.

    Parameters
    ----------
    path, name, folder
        As those of `unpack_gzip`.

    Returns
    -------
    unpacked : Path

    Raises
    ------
    TableError
        It is damaged or has a password, has no file or several, or becomes too large.
    """
    try:
        with zipfile.ZipFile(path) as file:
            members = [
                each
                for each in file.infolist()
                if not each.is_dir()
                and not each.filename.startswith(_BESIDE)
                and not each.filename.endswith(_BESIDE)
            ]
            if len(members) != 1:
                names = listed([repr(each.filename)[:60] for each in members], _LISTED)
                has = f"has {len(members)} files, {names}" if members else "has no file in it"
                raise TableError(f"{name}: {has}; unpack it and give one file")
            member = members[0]
            if member.flag_bits & 1:
                raise TableError(f"{name}: has a password; unpack it and give the file in it")
            # The name is the sender's: of its path and its letters nothing is used but the suffix.
            to = folder / ("input" + PurePosixPath(member.filename).suffix.lower()[:12])
            with file.open(member) as packed:
                _copy(packed, to, path.stat().st_size, name)
            return to
    except TableError:
        raise
    except OSError as error:
        if error.filename:
            raise
        _refuse_zip(name, error)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
        LookupError, OverflowError,
    ) as error:  # fmt: skip
        _refuse_zip(name, error)


def _refuse_zip(name: str, error: Exception) -> NoReturn:
    raise TableError(
        f"{name}: not a zip file, or a damaged one ({reason_of(error)}); write it again"
    ) from error


def _copy(file: IO[bytes] | gzip.GzipFile, to: Path, size: int, name: str) -> None:
    """Copy what a packed file has, but not more than it may."""
    most = PACKED.of(size)
    left = most
    with open(to, "wb") as out:
        while part := file.read(_PART):
            left -= len(part)
            if left < 0:
                raise TableError(
                    f"{name}: becomes more than {most:,} bytes when it is "
                    "unpacked; if that is right, unpack it and give the file in it"
                )
            out.write(part)
