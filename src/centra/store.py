"""A model file: JSON and arrays in one zip archive, without pickle.

The archive holds `model.json` and one `.npy` member for each array, all of them stored rather than
compressed: NumPy, `unzip` or a person with patience can read it without centra, opening a file from
a stranger runs no code of theirs, and no member can unpack to more than the file is long. JSON
keeps a float exactly (the shortest text that gives the same float64), `.npy` keeps an array's bits
and dtype.

This module knows the container and its version, and nothing about k-means; `persist` says what
goes in.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Mapping
from importlib import metadata
from typing import Any, BinaryIO, NoReturn

from numpy.lib import format as npy
from numpy.typing import NDArray

from centra.errors import ModelFileError
from centra.whole import write_whole

__all__ = ["FORMAT_VERSION", "Arrays", "read", "refuse", "write"]

Arrays = dict[str, NDArray[Any]]

FORMAT = "centra-model"
#: Raised when a file of the new kind would be misread by the code of today.
FORMAT_VERSION = 1

_HEAD = "model.json"
# The earliest date that zip knows: the same model gives the same bytes whenever it is saved.
_DATE = (1980, 1, 1, 0, 0, 0)


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
            raise TypeError(f"array {name!r} has dtype {array.dtype}, and only numbers are stored")
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
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                head = _read_head(archive, path)
                arrays = {name: _read_array(archive, name, path) for name in head["arrays"]}
        except ModelFileError:
            raise
        except MemoryError:
            raise
        except Exception as error:  # damage shows itself in a dozen classes: zlib's, struct's, ...
            refuse(path, _first_look(file, error))
    return head["model"], arrays


def refuse(path: str | os.PathLike[str], what: str) -> NoReturn:
    """Raise `ModelFileError` with one line: the file, what is wrong with it, what to do."""
    raise ModelFileError(f"cannot load {os.fspath(path)!r}: {what}") from None


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_DATE)
    info.external_attr = 0o644 << 16
    return info


def _read_head(archive: zipfile.ZipFile, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Parse and check `model.json`: ours, of a version that is known, with its parts in place."""
    if _HEAD not in archive.namelist():
        refuse(path, "it is a zip archive, but not a centra model; give a file that save() wrote")
    head = json.loads(_stored(archive, _HEAD), parse_constant=_no_constant)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        refuse(path, "its model.json is not a centra model's; give a file that save() wrote")
    version = head.get("format_version")
    if type(version) is not int or version < 1:
        refuse(path, f"format version {version!r}; the file is damaged: save the model again")
    if version > FORMAT_VERSION:
        refuse(
            path,
            f"centra {head.get('centra_version')} wrote it in format {version}, and this centra "
            f"{_centra_version()} knows formats up to {FORMAT_VERSION}; upgrade centra",
        )
    names = head.get("arrays")
    if not isinstance(head.get("model"), dict) or not isinstance(names, list):
        refuse(path, "its model.json lacks a part; the file is damaged: save the model again")
    return head


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _stored(archive: zipfile.ZipFile, name: str) -> bytes:
    """Bytes of a member; zipfile compares the checksum at its end."""
    with _open(archive, name) as member:
        return member.read()


def _open(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise ValueError(f"member {name} is compressed, which save() never does")
    return archive.open(info)  # type: ignore[return-value]


def _read_array(archive: zipfile.ZipFile, name: str, path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read one `.npy` member, after its header has been held against the member's length."""
    member_name = f"{name}.npy"
    if member_name not in archive.namelist():
        refuse(path, f"array {name!r} is missing; the file is damaged: save the model again")
    size = archive.getinfo(member_name).file_size
    with _open(archive, member_name) as member:
        version = npy.read_magic(member)
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = reader(member)
        expected = member.tell() + math.prod(shape) * dtype.itemsize
        # Before NumPy sets memory aside for a shape that the file cannot hold.
        if dtype.kind not in "biuf" or min(shape, default=0) < 0 or expected != size:
            raise ValueError(f"array {name} is declared as {dtype} {shape} in {size} bytes")
    with _open(archive, member_name) as member:
        array: NDArray[Any] = npy.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"array {name} has bytes behind its end")
    return array


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
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"it is damaged ({reason}); save the model again, or take it from a backup"


def _centra_version() -> str:
    try:
        return metadata.version("centra")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "of a source tree"
