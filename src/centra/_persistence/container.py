"""A model file: JSON and arrays in one zip archive, without pickle.

The archive holds `model.json` and one `.npy` member for each array, all of them stored rather than
compressed. So NumPy and `unzip` can read it without centra, a file from a stranger runs no code,
and no member can unpack to more than the length of the file. JSON keeps a float exactly (the
shortest text that gives the same float64), `.npy` keeps an array's bits and dtype.

This module knows the container and its version, and nothing about k-means; `save`, `load` and
`schema` say what is in it.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import stat
import zipfile
from collections.abc import Mapping
from importlib import metadata
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra._utils.atomic_write import write_whole
from centra._utils.escapes import for_terminal
from centra.errors import ModelFileError

__all__ = ["FORMAT_VERSION", "Arrays", "read", "refuse", "write"]

Arrays = dict[str, NDArray[Any]]
Members = dict[str, zipfile.ZipInfo]

FORMAT = "centra-model"
#: Raised when a file of the new kind would be misread by the code of today.
FORMAT_VERSION = 1

_HEAD = "model.json"
# The earliest date that zip knows: the same model gives the same bytes whenever it is saved.
_DATE = (1980, 1, 1, 0, 0, 0)
# What stands before the bytes of a member, without its name.
_LOCAL_HEADER = 30
_MAGIC = [npy.magic(version, 0) for version in (1, 2, 3)]
#: Bytes of an array's header that NumPy reads without being told to trust it.
_LONGEST = 10_000
_HEADER = re.compile(
    r"\{'descr': '(?P<dtype>[<>|=][biuf]\d{1,2})', 'fortran_order': (?:True|False), "
    r"'shape': \((?P<shape>(?:\d{1,19}(?:, \d{1,19})*,?)?)\), \} *\n?"
)


def write(
    path: str | os.PathLike[str], meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write `meta` and `arrays` to `path`, whole or not at all.

    Parameters
    ----------
    path : str or path-like
        The file. One that is there already is replaced, but only once the new one is complete.
    meta : mapping
        Values that JSON knows: str, int, finite float, bool, None, and lists and mappings of them.
    arrays : mapping of str to ndarray
        Arrays of numbers or booleans; dtype, byte order, shape and bits are kept.

    Raises
    ------
    OSError
        The file cannot be written (a missing folder, a full disk).
    ValueError, TypeError
        A value that JSON has no exact form for, or an array of Python objects.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "some.model"
    ...     write(path, {"tol": 1e-4}, {"centers": np.eye(2, dtype=np.float32)})
    ...     meta, arrays = read(path)
    >>> meta
    {'tol': 0.0001}
    >>> arrays["centers"]
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise TypeError(f"array {name!r} has dtype {array.dtype}, and must have one of numbers")
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "centra_version": _centra_version(),
        # Listed, so that an archive which lost a member is known to have lost it.
        "arrays": sorted(arrays),
        "model": meta,
    }
    text = json.dumps(head, allow_nan=False, indent=1).encode("ascii")
    with (
        write_whole(path) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.writestr(_member(_HEAD), text)
        for name in sorted(arrays):
            # Zip64 from the start: a member's length is not known before it is written.
            with archive.open(_member(name + ".npy"), "w", force_zip64=True) as member:
                npy.write_array(member, arrays[name], allow_pickle=False)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Arrays]:
    """Read what `write` wrote.

    Time and memory stay in proportion to the length of the file, whatever is in it: only a regular
    file is read, no two members may share bytes, and none is listed or read twice.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    meta : dict
        What was given to `write`, tuples having become lists.
    arrays : dict of str to ndarray
        The arrays, each with memory of its own.

    Raises
    ------
    OSError
        The file is missing, is a folder, or may not be read.
    ModelFileError
        It is not a model file, is damaged or cut short, or comes from a newer centra.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            refuse(path, "it is a pipe or a device; copy what comes from it to a file, load that")
        try:
            with zipfile.ZipFile(file) as archive:
                members = _members(archive, status.st_size)
                head = _read_head(archive, members, path)
                arrays = {name: _read_array(archive, members, name) for name in head["arrays"]}
        except (ModelFileError, MemoryError):
            raise
        except Exception as error:  # damage shows itself in a dozen classes: zlib's, struct's, ...
            # Places that no file has are the file's fault, a disk that cannot be read is not.
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            refuse(path, _first_look(file, error))
    return head["model"], arrays


def refuse(path: str | os.PathLike[str], what: str) -> NoReturn:
    """Raise `ModelFileError` with one line: the file, what is wrong with it, what to do."""
    raise ModelFileError(f"cannot load {os.fsdecode(path)!r}: {for_terminal(what, 400)}") from None


def _without_waiting(path: str, flags: int) -> int:
    # A pipe without a writer would keep open() waiting; of regular files the flag says nothing.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_DATE)
    info.external_attr = 0o644 << 16
    return info


def _members(archive: zipfile.ZipFile, size: int) -> Members:
    """List what is in the archive by name; each name once, each byte in one member at most."""
    members: Members = {}
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.filename in members:
            raise ValueError(f"member {_short(info.filename)} is listed twice")
        if info.header_offset < end:
            raise ValueError(f"member {_short(info.filename)} lies within another member")
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
        if end > size:
            raise ValueError(f"member {_short(info.filename)} is longer than the file")
        members[info.filename] = info
    return members


def _read_head(
    archive: zipfile.ZipFile, members: Members, path: str | os.PathLike[str]
) -> dict[str, Any]:
    """Parse and check `model.json`: of centra, of a version that is known, with all its parts."""
    if _HEAD not in members:
        refuse(path, "it is a zip archive, but not a centra model; give a file that save() wrote")
    with _open(archive, members[_HEAD]) as member:
        text = member.read()  # zipfile compares the checksum at the end
    head = json.loads(
        text,
        object_pairs_hook=_once,
        parse_float=_finite,
        parse_int=_whole,
        parse_constant=_no_constant,
    )
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        refuse(path, "its model.json is not a centra model's; give a file that save() wrote")
    version = head.get("format_version")
    if type(version) is not int or version < 1:
        what = _short(version) if isinstance(version, str | float | int) else "no number"
        refuse(path, f"format version {what}; the file is damaged: save the model again")
    if version > FORMAT_VERSION:
        writer = head.get("centra_version")
        refuse(
            path,
            f"centra {for_terminal(writer, 20) if isinstance(writer, str) else 'of a version'} "
            f"wrote it in format {version}, and this centra {_centra_version()} knows formats up "
            f"to {FORMAT_VERSION}; upgrade centra",
        )
    names = head.get("arrays")
    if not isinstance(head.get("model"), dict) or not isinstance(names, list):
        refuse(path, "its model.json lacks a part; the file is damaged: save the model again")
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        refuse(path, "its model.json lists an array twice or without a name; save the model again")
    for name in names:
        if f"{name}.npy" not in members:
            refuse(path, f"array {_short(name)} is missing; the file is damaged: save it again")
    return head


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("model.json has two values of one name")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{_short(text)} is larger than any float64")
    return number


def _whole(text: str) -> int:
    number = int(text) if len(text) <= 20 else 1 << 64
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError(f"{_short(text)} is no whole number of 64 bits")
    return number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise ValueError(f"member {_short(info.filename)} is compressed, which save() never does")
    return archive.open(info)  # type: ignore[return-value]


def _read_array(archive: zipfile.ZipFile, members: Members, name: str) -> NDArray[Any]:
    """Read one `.npy` member, after its header has been held against the member's length."""
    info = members[f"{name}.npy"]
    with _open(archive, info) as member:
        shape, dtype = _read_shape(member)
        expected = member.tell() + math.prod(shape) * dtype.itemsize
        # Before NumPy sets memory aside for a shape that the file cannot hold.
        if expected != info.file_size:
            raise ValueError(
                f"array {_short(name)} is declared as {dtype} {shape} in {info.file_size} bytes"
            )
    with _open(archive, info) as member:
        array: NDArray[Any] = npy.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"array {_short(name)} has bytes behind its end")
    return array


def _read_shape(member: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of an `.npy` member, which is Python: only what NumPy itself writes."""
    start = member.read(8)
    if start not in _MAGIC:
        raise ValueError("an array does not begin as .npy does")
    length = int.from_bytes(member.read(2 if start[6] == 1 else 4), "little")
    if length > _LONGEST:
        raise ValueError(f"an array has a header of {length} bytes")
    found = _HEADER.fullmatch(member.read(length).decode("latin-1"))
    if found is None:
        raise ValueError("an array has a header that NumPy does not write, or objects in it")
    shape = tuple(int(number) for number in found["shape"].split(",") if number.strip())
    return shape, np.dtype(found["dtype"])


def _first_look(file: BinaryIO, error: Exception) -> str:
    """Say what kind of wrong file this is, from its first and last bytes."""
    file.seek(0, os.SEEK_END)
    length = file.tell()
    file.seek(0)
    start = file.read(4)
    if length == 0:
        return "the file is empty; save the model again"
    if start != b"PK\x03\x04":
        return "it is not a centra model; give a file that save() wrote"
    if isinstance(error, zipfile.BadZipFile) and "not a zip file" in str(error):
        return f"it is cut short or damaged at its end ({length} bytes); save the model again"
    reason = " ".join(str(error)[:400].split()) or type(error).__name__
    return f"it is damaged ({reason}); save the model again, or take it from a backup"


def _short(value: str | float) -> str:
    """Quote a value of the file in a message."""
    return for_terminal(repr(value[:50] if isinstance(value, str) else value))


def _centra_version() -> str:
    try:
        return metadata.version("centra")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "of a source tree"
