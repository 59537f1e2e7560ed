"""Rows in an ``.npy`` file, read block by block within a budget of memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from itertools import pairwise
from math import prod
from tokenize import TokenError
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra._core import Matrix
from centra.sources.base import Block, Source

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS |= {f"{unit}I": 1024**power for power, unit in enumerate("KMGT", start=1)}

#: Versions of the format; 3.0 is 2.0 with names of fields in UTF-8, and numbers have no fields.
_VERSIONS = ((1, 0), (2, 0), (3, 0))
#: Numbers of a column that are read at a time.
PIECE = 1 << 16
#: Bytes between two rows that are read rather than passed over, and that are read at a time.
GAP, SPAN = 1 << 15, 1 << 20


def parse_memory(memory: str | int) -> int:
    """Return a number of bytes from ``"256MB"``, ``"1.5 GiB"`` or an integer.

    Raises
    ------
    ValueError
        If it cannot be read, or is not positive.
    """
    found = re.fullmatch(r"\s*([0-9.]+)\s*([KMGT]?I?)B?\s*", str(memory).upper())
    try:
        size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size < 1:
        raise ValueError(f"memory={memory!r} is not an amount of memory such as '256MB'.")
    return size


class NpySource(Source):
    """Rows of an ``.npy`` file; see `from_npy`."""

    #: None in what 0.1.0 pickled: the file that is there in the first pass is the one.
    _opened: _Identity | None = None

    def __init__(self, path: str | os.PathLike[str], memory: str | int = "256MB") -> None:
        self.path = os.fspath(path)
        self.name = self.path
        with open(self.path, "rb", buffering=0) as file:
            shape, self._fortran, self._stored = _header(file, self.path)
            self._offset = file.tell()
            opened = self._opened = identity_of(os.fstat(file.fileno()))
            found = opened.size - self._offset
        if len(shape) != 2 or min(shape) < 0:
            raise ValueError(
                f"{self.path} holds an array of shape {shape}; rows and columns are needed. "
                "Save it with reshape(-1, 1) if it is one column."
            )
        if 0 in shape:
            raise ValueError(
                f"{self.path} is empty: it holds an array of shape {shape}; it needs at least one "
                "row and one column."
            )
        if self._stored.kind not in "fiub" or self._stored.itemsize > 8:
            raise ValueError(
                f"{self.path} holds {self._stored}; it must hold real numbers of up to 64 bits."
            )
        needed = prod(shape) * self._stored.itemsize
        if found < needed:
            raise ValueError(
                f"{self.path} is cut short: an array of shape {shape} needs {needed} bytes, "
                f"{found} are there."
            )
        self.shape = (int(shape[0]), int(shape[1]))
        # As arrays in memory: all but native float32 becomes (or is) float64.
        single = self._stored == np.float32
        self.dtype = np.dtype(np.float32 if single else np.float64)
        # Beside a block: as many rows that are not converted yet, or one column of those.
        beside = 0 if self._stored == self.dtype else self.shape[1]
        width = self.shape[1] * self.dtype.itemsize
        width += self._stored.itemsize * (1 if self._fortran else beside)
        self._block = max(1, parse_memory(memory) // width)

    @contextmanager
    def _file(self) -> Iterator[FileIO]:
        """Open the file; it must be the one that was opened first, unchanged, also when it closes.

        It is read and never mapped: a mapped file that is cut short ends the process.
        """
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115
        except FileNotFoundError as error:
            raise ValueError(
                f"{self.path} is gone; it was there when it was opened. Put it back, and open it "
                "again with from_npy."
            ) from error
        with file:
            self._check(file)
            yield file
            self._check(file)

    def _check(self, file: FileIO) -> None:
        if self._opened is None:
            self._opened = identity_of(os.fstat(file.fileno()))
        if identity_of(os.fstat(file.fileno())) != self._opened:
            raise ValueError(
                f"{self.path} changed after it was opened, and rows must not change meanwhile. "
                "Open it again with from_npy when nothing writes to it."
            )

    def _read(self, file: FileIO, at: int, out: NDArray[Any]) -> None:
        """Fill a contiguous array with the numbers of the file from number `at` on."""
        file.seek(self._offset + at * self._stored.itemsize)
        left = out.reshape(-1).view(np.uint8).data
        while count := file.readinto(left):
            if count == len(left):
                return
            left = left[count:]
        self._check(file)
        raise ValueError(f"{self.path} ended before all its rows were read; write it again.")

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of at most `memory` bytes, in order."""
        n, d = self.shape
        block = min(self._block, n)
        buffer = np.empty((block, d), dtype=self.dtype if self._fortran else self._stored)
        with self._file() as file:
            for start in range(0, n, block):
                rows = buffer[: min(block, n - start)]
                if self._fortran:
                    self._gather(file, start, rows)
                else:
                    self._read(file, start * d, rows)
                self._check(file)  # before anything is done with these rows
                yield Block(start, Matrix.dense(np.ascontiguousarray(rows, dtype=self.dtype)))

    def _gather(self, file: FileIO, start: int, rows: NDArray[Any]) -> None:
        """Fill rows from columns that lie one after the other, a piece of a column at a time."""
        n, d = self.shape
        buffer = np.empty(min(PIECE, len(rows)), dtype=self._stored)
        for first in range(0, len(rows), PIECE):
            part = rows[first : first + PIECE]
            piece = buffer[: len(part)]
            for q in range(d):
                self._read(file, q * n + start + first, piece)
                part[:, q] = piece

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, reading little else."""
        n, d = self.shape
        rows = np.where(rows < 0, rows + n, rows)
        order = np.argsort(rows, kind="stable")
        ascending, out = rows[order], np.empty((len(rows), d))
        if len(rows) and not 0 <= ascending[0] <= ascending[-1] < n:
            raise IndexError(f"{self.path} has {n} rows; rows must be numbers from 0 to {n - 1}.")
        # Rows of one column, column by column, or of all at once.
        width = 1 if self._fortran else d
        with self._file() as file:
            for part in _runs(ascending, width * self._stored.itemsize):
                first, into = int(ascending[part][0]), order[part]
                within = ascending[part] - first
                span = np.empty((within[-1] + 1, width), dtype=self._stored)
                for q in range(0, d, width):
                    self._read(file, q * n + first * width, span)
                    out[into, q : q + width] = span[within]
        return out

    def stored(self, columns: Sequence[int] | None = None) -> NDArray[Any]:
        """Return columns, by default all, in memory, and in the type that they have in the file."""
        n, d = self.shape
        with self._file() as file:
            if columns is None:
                rows = np.empty((n, d), self._stored, order="F" if self._fortran else "C")
                self._read(file, 0, rows.T if self._fortran else rows)
                return rows
            rows = np.empty((n, len(columns)), self._stored)
            # Columns that lie one after the other are read alone, others with the rows about them.
            if self._fortran:
                column = np.empty(n, self._stored)
                for j, at in enumerate(columns):
                    self._read(file, at * n, column)
                    rows[:, j] = column
                return rows
            block = np.empty((max(1, SPAN // (d * self._stored.itemsize)), d), self._stored)
            for first in range(0, n, len(block)):
                part = block[: n - first]
                self._read(file, first * d, part)
                rows[first : first + len(part)] = part[:, list(columns)]
            return rows

    def __repr__(self) -> str:
        """Say what is where."""
        return f"from_npy({self.path!r}): {self.shape[0]} x {self.shape[1]} {self.dtype}"


class _Identity(NamedTuple):
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    changed: int


def identity_of(found: os.stat_result) -> _Identity:
    """Return what tells this state of a file from another, of what `os.stat` says of it."""
    return _Identity(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _runs(ascending: NDArray[np.intp], width: int) -> Iterator[slice]:
    """Split ascending rows into runs that are read at once: no large gaps, no more than a span."""
    gaps = np.flatnonzero(np.diff(ascending) * width > GAP) + 1
    for first, last in pairwise([0, *gaps.tolist(), len(ascending)]):
        while first < last:
            most = int(ascending[first]) + max(1, SPAN // width)
            end = first + int(np.searchsorted(ascending[first:last], most))
            yield slice(first, end)
            first = end


def _header(file: Any, path: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(file)
        if version not in _VERSIONS:
            raise ValueError(
                f"its format has version {version[0]}.{version[1]}, and 1.0, 2.0 and 3.0 are known"
            )
        if version == (1, 0):
            return npy.read_array_header_1_0(file)
        return npy.read_array_header_2_0(file)
    except (ValueError, EOFError, SyntaxError, TokenError) as error:
        # NumPy quotes the file's header as it is, with line feeds and control characters.
        shown = "".join(char if char.isprintable() else " " for char in str(error))
        reason = " ".join(shown.split())
        raise ValueError(f"{path} is not an .npy file: {reason}") from error


def from_npy(path: str | os.PathLike[str], memory: str | int = "256MB") -> NpySource:
    """Return rows that stay on disk, accepted wherever X is.

    Parameters
    ----------
    path : path-like
        An ``.npy`` file with an array of shape (n_samples, n_features). float32 and float64 are
        used as they are; other real types are converted to float64 block by block.
    memory : str or int, default="256MB"
        How much of the file may be in memory at once, in bytes. Labels (4 bytes a row) or, while
        seeding, what is known of every row (at most 32 bytes) come on top.

    Returns
    -------
    NpySource
        To pass as X to `KMeans.fit`, `predict` and the rest. The answer has the same bits as for
        the array in memory, whatever the budget. Every pass over the rows reads the file again; one
        that has changed since is refused then, with a ValueError.

    Raises
    ------
    ValueError
        If the file is not an ``.npy`` file of real numbers with two dimensions, is cut short, or
        `memory` cannot be read.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import numpy as np
    >>> import centra
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.npy"
    >>> np.save(path, np.array([[0.0], [1.0], [10.0], [11.0]]))
    >>> km = centra.KMeans(2, init=[[0.0], [10.0]]).fit(centra.from_npy(path, memory="16B"))
    >>> km.cluster_centers_.ravel()
    array([ 0.5, 10.5])
    """
    return NpySource(path, memory)
