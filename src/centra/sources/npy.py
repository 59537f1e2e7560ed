"""Rows in ``.npy`` files, read block by block within a budget of memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra.sources.npy_file import NpyFile
from centra.sources.paths import Paths, files_of
from centra.sources.reading import Fill, ReadSource
from centra.sources.runs import parts_of


class NpySource(ReadSource):
    """Rows of ``.npy`` files, one after the other; see `from_npy`."""

    def __init__(self, path: Paths, memory: str | int = "256MB") -> None:
        self._files = [NpyFile(path) for path in files_of(path, "npy")]
        first = self._files[0]
        for file in self._files:
            if file.shape[1] != first.shape[1]:
                raise ValueError(
                    f"{file.path} has {file.shape[1]} columns, and {first.path} has "
                    f"{first.shape[1]}; all files must have the same columns."
                )
        self.path = first.path
        self.name = first.path if len(self._files) == 1 else f"{first.path} and others"
        self._settle()
        self.budget(memory)

    def _settle(self) -> None:
        """Set what follows from the files."""
        counts = [file.shape[0] for file in self._files]
        #: Number of the first row of every file, and of all rows.
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self.shape = (sum(counts), self._files[0].shape[1])
        # As arrays in memory: all but native float32 becomes (or is) float64.
        single = all(file.stored == np.float32 for file in self._files)
        self.dtype = np.dtype(np.float32 if single else np.float64)

    @contextmanager
    def opened(self) -> Iterator[Fill]:
        """Open one file after the other; all must be what they were."""
        for file in self._files:
            file.check_path()
        with ExitStack() as stack:
            now: tuple[int, FileIO] | None = None

            def fill(start: int, rows: NDArray[Any]) -> None:
                nonlocal now
                done = 0
                at = int(np.searchsorted(self._starts, start, side="right")) - 1
                while done < len(rows):
                    file, first = self._files[at], start + done - int(self._starts[at])
                    if now is None or now[0] != at:
                        stack.close()
                        now = at, stack.enter_context(file.open())
                    count = min(file.shape[0] - first, len(rows) - done)
                    file.fill(now[1], first, rows[done : done + count])
                    done, at = done + count, at + 1

            yield fill
        for file in self._files:
            file.check_path()

    def take_ascending(
        self, rows: NDArray[np.intp], out: NDArray[np.float64], into: NDArray[np.intp]
    ) -> None:
        """Read rows of one file after the other."""
        for at, part in parts_of(rows, self._starts):
            self._files[at].take(rows[part] - self._starts[at], out, into[part])

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of rows of every file."""
        return tuple(file.shape[0] for file in self._files)

    @property
    def stored_dtype(self) -> np.dtype[Any]:
        """The type that holds the numbers of all files as they are stored."""
        return np.result_type(*(file.stored for file in self._files))

    def stored(self, columns: Sequence[int] | None = None) -> NDArray[Any]:
        """Return columns, by default all, in memory, and in the type that they have in the file."""
        parts = [file.columns(columns) for file in self._files]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what was pickled, by versions that knew one file too."""
        if "_files" in state:
            self.__dict__.update(state)
            return
        self._files = [NpyFile.from_former(state)]
        self.path, self.name = state["path"], state["name"]
        self._settle()
        self._block = state["_block"]

    def __repr__(self) -> str:
        """Say what is where."""
        paths = [file.path for file in self._files]
        shown = repr(paths[0]) if len(paths) == 1 else f"[{paths[0]!r}, ...]"
        return f"from_npy({shown}): {self.shape[0]} x {self.shape[1]} {self.dtype}"


def from_npy(path: Paths, memory: str | int = "256MB") -> NpySource:
    """Return rows that stay on disk, accepted wherever X is.

    Parameters
    ----------
    path : path-like, pattern such as ``"folder/*.npy"``, or list of path-like
        ``.npy`` files with arrays of shape (n, n_features), whose rows follow one another; files
        of a pattern in the order of their names. float32 and float64 are used as they are; other
        real types, and files of which some are float64, become float64 block by block.
    memory : str or int, default="256MB"
        How much of the files may be in memory at once, in bytes: two blocks, of which one is read
        while the other is used, and the first rows, which stay. Labels (4 bytes a row) or, while
        seeding, what is known of every row (at most 32 bytes) come on top.

    Returns
    -------
    NpySource
        To pass as X to `KMeans.fit`, `predict` and the rest. The answer has the same bits as for
        the array in memory, whatever the budget. Every pass reads what the budget does not hold
        again; a file that has changed since is refused then, with a ValueError.

    Raises
    ------
    ValueError
        If a file is not an ``.npy`` file of real numbers with two dimensions or is cut short, if
        there is none, if files differ in their number of columns, or if `memory` cannot be read or
        is less than a row.
    OSError
        If a file cannot be opened.

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
