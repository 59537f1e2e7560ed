"""One ``.npy`` file: its header, some of its rows, and whether it is still what it was.

It is read and never mapped: a mapped file that is cut short ends the process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from math import prod
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra.sources import runs
from centra.sources.identity import Identity, changed, identity_at, identity_of

#: Versions of the format; 3.0 is 2.0 with names of fields in UTF-8, and numbers have no fields.
_VERSIONS = ((1, 0), (2, 0), (3, 0))
#: Numbers that are read at a time, where they are converted or put in place.
PIECE = 1 << 16


class NpyFile:
    """An array of rows and columns of real numbers in a file.

    Parameters
    ----------
    path : path-like
        The file.

    Attributes
    ----------
    shape : (int, int)
        Number of rows and columns.
    stored : dtype
        The type of the numbers in the file.

    Raises
    ------
    ValueError
        It is something else, or cut short.
    OSError
        It cannot be opened.
    """

    #: None in what 0.1.0 pickled: the file that is there in the first pass is the one.
    _opened: Identity | None = None

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        with open(self.path, "rb", buffering=0) as file:
            shape, self._fortran, self.stored = _header(file, self.path)
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
        if self.stored.kind not in "fiub" or self.stored.itemsize > 8:
            raise ValueError(
                f"{self.path} holds {self.stored}; it must hold real numbers of up to 64 bits."
            )
        needed = prod(shape) * self.stored.itemsize
        if found < needed:
            raise ValueError(
                f"{self.path} is cut short: an array of shape {shape} needs {needed} bytes, "
                f"{found} are there."
            )
        self.shape = (int(shape[0]), int(shape[1]))

    @classmethod
    def from_former(cls, state: dict[str, Any]) -> NpyFile:
        """Return the file of a source that an earlier version pickled, which knew one file."""
        file = cls.__new__(cls)
        file.path, file.shape, file.stored = state["path"], state["shape"], state["_stored"]
        file._fortran, file._offset = state["_fortran"], state["_offset"]
        opened = state.get("_opened")
        file._opened = None if opened is None else Identity(*opened)
        return file

    @contextmanager
    def open(self) -> Iterator[FileIO]:
        """Open the file; it must be the one that was opened first, unchanged, also when it closes.

        Raises
        ------
        ValueError
            It is gone, or another.
        """
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115
        except FileNotFoundError as error:
            raise changed(self.path, True, "from_npy") from error
        with file:
            self.check(file)
            yield file
            self.check(file)

    def check_path(self) -> None:
        """Refuse a file that is not as it was when it was opened first, without opening it.

        Raises
        ------
        ValueError
            It is gone, or another.
        """
        found = identity_at(self.path)
        if found is None:
            raise changed(self.path, True, "from_npy")
        self._compare(found)

    def check(self, file: FileIO) -> None:
        """Refuse an open file that is not as it was when it was opened first.

        Raises
        ------
        ValueError
            It is not.
        """
        self._compare(identity_of(os.fstat(file.fileno())))

    def _compare(self, found: Identity) -> None:
        if self._opened is None:
            self._opened = found
        if found != self._opened:
            raise changed(self.path, False, "from_npy")

    def _read(self, file: FileIO, at: int, out: NDArray[Any]) -> None:
        """Fill a contiguous array with the numbers of the file from number `at` on."""
        file.seek(self._offset + at * self.stored.itemsize)
        left = out.reshape(-1).view(np.uint8).data
        while count := file.readinto(left):
            if count == len(left):
                return
            left = left[count:]
        self.check(file)
        raise ValueError(f"{self.path} ended before all its rows were read; write it again.")

    def fill(self, file: FileIO, start: int, rows: NDArray[Any]) -> None:
        """Fill an array, contiguous and of float32 or float64, with as many rows from `start` on.

        What it was filled with is of the file as it was opened first.
        """
        d = self.shape[1]
        if self._fortran:
            self._gather(file, start, rows)
        elif rows.dtype == self.stored:
            self._read(file, start * d, rows)
        else:
            flat, first = rows.reshape(-1), start * d
            piece = np.empty(min(PIECE, len(flat)), dtype=self.stored)
            for at in range(0, len(flat), PIECE):
                part = flat[at : at + PIECE]
                self._read(file, first + at, piece[: len(part)])
                part[...] = piece[: len(part)]
        self.check(file)  # before anything is done with these rows

    def _gather(self, file: FileIO, start: int, rows: NDArray[Any]) -> None:
        """Fill rows from columns that lie one after the other, a piece of a column at a time."""
        n, d = self.shape
        buffer = np.empty(min(PIECE, len(rows)), dtype=self.stored)
        for first in range(0, len(rows), PIECE):
            part = rows[first : first + PIECE]
            piece = buffer[: len(part)]
            for q in range(d):
                self._read(file, q * n + start + first, piece)
                part[:, q] = piece

    def take(self, ascending: NDArray[np.intp], out: NDArray[Any], into: NDArray[np.intp]) -> None:
        """Put rows, by ascending numbers, into these rows of an array, reading little else."""
        n, d = self.shape
        # Rows of one column, column by column, or of all at once.
        width = 1 if self._fortran else d
        with self.open() as file:
            for part in runs.runs(ascending, width * self.stored.itemsize):
                first = int(ascending[part][0])
                within = ascending[part] - first
                span = np.empty((within[-1] + 1, width), dtype=self.stored)
                for q in range(0, d, width):
                    self._read(file, q * n + first * width, span)
                    out[into[part], q : q + width] = span[within]

    def columns(self, columns: Sequence[int] | None = None) -> NDArray[Any]:
        """Return columns, by default all, in memory, and in the type that they have in the file."""
        n, d = self.shape
        with self.open() as file:
            if columns is None:
                rows = np.empty((n, d), self.stored, order="F" if self._fortran else "C")
                self._read(file, 0, rows.T if self._fortran else rows)
                return rows
            rows = np.empty((n, len(columns)), self.stored)
            # Columns that lie one after the other are read alone, others with the rows about them.
            if self._fortran:
                column = np.empty(n, self.stored)
                for j, at in enumerate(columns):
                    self._read(file, at * n, column)
                    rows[:, j] = column
                return rows
            block = np.empty((max(1, runs.SPAN // (d * self.stored.itemsize)), d), self.stored)
            for first in range(0, n, len(block)):
                part = block[: n - first]
                self._read(file, first * d, part)
                rows[first : first + len(part)] = part[:, list(columns)]
            return rows


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
