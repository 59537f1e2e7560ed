"""Files that are written whole or not at all.

A reader never sees half a file, and a failure leaves the file that was there before: the bytes
go to a temporary file in the same folder (the same file system, so that the last step is a rename),
reach the disk, and only then take the name that was asked for. On Linux the temporary file has no
name until then: a process that is killed leaves nothing behind (decision 0048).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
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
    target = Path(os.path.realpath(os.fsdecode(path)))
    mode = _mode_of(target, path)
    # Not the target's name with more: that may be as long as the system has names, in bytes.
    temporary = target.with_name(f".centra-{secrets.token_hex(8)}.tmp")
    nameless = _nameless(target.parent)
    try:
        handle = _created(temporary) if nameless is None else nameless
    except OSError as error:
        raise _naming(error, path) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            if mode is not None:
                os.chmod(temporary if nameless is None else file.fileno(), mode)
            # Some file systems report a full disk only here.
            os.fsync(file.fileno())
            if nameless is not None:
                _name(file, temporary)
        os.replace(temporary, target)
    except BaseException as error:  # Ctrl-C too must leave nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename in (None, str(temporary)):
            raise _naming(error, path) from error
        raise
    _sync_folder(target.parent)


_O_BINARY = getattr(os, "O_BINARY", 0)  # only Windows distinguishes
_O_TMPFILE: int | None = getattr(os, "O_TMPFILE", None)  # only Linux has it
#: What `open` gives, less the umask; tempfile's private 0o600 would surprise.
_MODE = 0o666


def _created(temporary: Path) -> int:
    return os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _O_BINARY, _MODE)


def _nameless(folder: Path) -> int | None:
    """Open a file that has no name yet, and so is gone if this process is killed.

    None where the system or the file system has none, or where it could not be named later.
    """
    if _O_TMPFILE is None:
        return None
    try:
        handle = os.open(folder, os.O_RDWR | _O_TMPFILE, _MODE)
    except OSError:  # whatever it is, a file with a name meets it again and can say so
        return None
    if not os.path.exists(f"/proc/self/fd/{handle}"):
        os.close(handle)
        return None
    return handle


def _name(file: BinaryIO, temporary: Path) -> None:
    """Give a nameless file the temporary name; a link cannot replace a file, a rename can."""
    folder = os.open(temporary.parent, os.O_RDONLY)
    try:
        # With a folder's handle it is linkat(), which follows the link in /proc; link() does not.
        source = f"/proc/self/fd/{file.fileno()}"
        os.link(source, temporary.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    except OSError:  # systems may forbid links that allow files
        file.seek(0)
        with os.fdopen(_created(temporary), "wb") as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.chmod(copy.fileno(), stat.S_IMODE(os.fstat(file.fileno()).st_mode))
            os.fsync(copy.fileno())
    finally:
        os.close(folder)


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
