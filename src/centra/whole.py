"""Files that appear whole or not at all.

A reader never sees half a file and a failure never costs the file that was there before: the bytes
go to a temporary name in the same folder (the same file system, so that the last step is a rename),
reach the disk, and only then take the name that was asked for.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["write_whole"]


@contextlib.contextmanager
def write_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open `path` for writing so that it changes only when the block ends well.

    Parameters
    ----------
    path : str or path-like
        Where the file shall be. A symbolic link is followed, and the file behind it is replaced.

    Yields
    ------
    file : binary file
        Open for writing, and for seeking back.

    Raises
    ------
    OSError
        The folder is missing or closed to us, the disk is full, or `path` is a folder or a device.
        The temporary file is gone, and an earlier file of that name is as it was.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "greeting"
    ...     with write_whole(path) as file:
    ...         _ = file.write(b"hello")
    ...     path.read_bytes()
    b'hello'
    """
    # A relative name is fixed now: the block may change the working directory.
    target = Path(os.path.realpath(path))
    mode = _mode_of(target, path)
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        # 0o666 less the umask is what open() gives; tempfile's private 0o600 would surprise.
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _O_BINARY, 0o666)
    except OSError as error:
        raise _naming(error, path) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            if mode is not None:
                os.chmod(temporary, mode)
            # Some file systems report a full disk only here.
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:  # Ctrl-C too must leave nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename in (None, str(temporary)):
            raise _naming(error, path) from error
        raise
    _sync_folder(target.parent)


_O_BINARY = getattr(os, "O_BINARY", 0)  # only Windows distinguishes


def _mode_of(target: Path, path: str | os.PathLike[str]) -> int | None:
    """Permissions of the file to be replaced; None where there is none."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _naming(error, path) from error
    if stat.S_ISDIR(mode):
        text = "is a folder, and a file name is needed"
        raise IsADirectoryError(errno.EISDIR, text, os.fspath(path))
    if not stat.S_ISREG(mode):
        # A rename would take the place of the device itself.
        raise OSError(errno.EINVAL, "is not a regular file and cannot be replaced", os.fspath(path))
    return stat.S_IMODE(mode)


def _naming(error: OSError, path: str | os.PathLike[str]) -> OSError:
    """Build the same error, which names the file that was asked for instead of the temporary."""
    text = f"{error.strerror or error}; nothing was written"
    return OSError(error.errno or errno.EIO, text, os.fspath(path))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
