"""Rows in an ``.npy`` file, read block by block within a budget of memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from math import prod
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from centra._core import Matrix
from centra.sources.base import Block, Source

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS |= {f"{unit}I": 1024**power for power, unit in enumerate("KMGT", start=1)}

#: Versions of the format; 3.0 is 2.0 with names of fields in UTF-8, and numbers have no fields.
_VERSIONS = ((1, 0), (2, 0), (3, 0))


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
    except (ValueError, KeyError):
        size = 0
    if size < 1:
        raise ValueError(f"memory={memory!r} is not an amount of memory such as '256MB'.")
    return size


class NpySource(Source):
    """Rows of an ``.npy`` file; see `from_npy`."""

    def __init__(self, path: str | os.PathLike[str], memory: str | int = "256MB") -> None:
        self.path = os.fspath(path)
        self.name = self.path
        with open(self.path, "rb") as file:
            shape, self._fortran, self._stored = _header(file, self.path)
            self._offset = file.tell()
            found = os.fstat(file.fileno()).st_size - self._offset
        if len(shape) != 2 or min(shape) < 0:
            raise ValueError(
                f"{self.path} holds an array of shape {shape}; rows and columns are needed. "
                "Save it with reshape(-1, 1) if it is one column."
            )
        if 0 in shape:
            raise ValueError(f"{self.path} is empty: it holds an array of shape {shape}.")
        if self._stored.kind not in "fiub" or self._stored.itemsize > 8:
            raise ValueError(f"{self.path} holds {self._stored}; real numbers are needed.")
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
        # A block that must be converted is held twice.
        width = self.shape[1] * (
            self.dtype.itemsize + (self._stored.itemsize if self._stored != self.dtype else 0)
        )
        self._block = max(1, parse_memory(memory) // width)

    def _mapped(self) -> NDArray[Any]:
        order = "F" if self._fortran else "C"
        mode = "r"
        return np.memmap(self.path, self._stored, mode, self._offset, self.shape, order)  # type: ignore[call-overload,no-any-return]

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of at most `memory` bytes, in order."""
        n, d = self.shape
        block = min(self._block, n)
        if self._fortran:
            mapped = self._mapped()
            for start in range(0, n, block):
                yield self._as_block(start, np.asarray(mapped[start : start + block], order="C"))
            return
        buffer = np.empty((block, d), dtype=self._stored)
        with open(self.path, "rb", buffering=0) as file:
            file.seek(self._offset)
            for start in range(0, n, block):
                rows = buffer[: min(block, n - start)]
                self._fill(file, rows, start)
                yield self._as_block(start, rows)

    def _fill(self, file: Any, rows: NDArray[Any], start: int) -> None:
        left = rows.reshape(-1).view(np.uint8).data
        while left:
            count = file.readinto(left)
            if not count:
                raise ValueError(f"{self.path} ended in the block that begins with row {start}.")
            left = left[count:]

    def _as_block(self, start: int, rows: NDArray[Any]) -> Block:
        return Block(start, Matrix.dense(np.ascontiguousarray(rows, dtype=self.dtype)))

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows, reading no others."""
        return np.ascontiguousarray(self._mapped()[rows], dtype=np.float64)

    def __repr__(self) -> str:
        """Say what is where."""
        return f"from_npy({self.path!r}): {self.shape[0]} x {self.shape[1]} {self.dtype}"


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
        raise ValueError(f"{path} is not an .npy file: {error}") from error


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
        the array in memory, whatever the budget.

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
