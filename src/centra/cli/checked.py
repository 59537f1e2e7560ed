"""What pyarrow reads of a text file is UTF-8 throughout, columns that are left out included."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import BinaryIO

__all__ = ["Checked"]


class Checked(io.RawIOBase):
    """A file as pyarrow reads it, which holds every byte against UTF-8 and tells its progress.

    pyarrow looks only at the text that it is asked for; the other readers look at all of it.
    """

    def __init__(self, file: BinaryIO, size: int, done: Callable[[float], None] | None) -> None:
        super().__init__()
        self._file, self._size, self._done = file, size, done
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes; a UnicodeDecodeError if they are not UTF-8."""
        part: bytes = self._file.read(size)
        self._decode(part, not part)
        if self._done is not None:
            self._done(self._file.tell() / self._size)
        return part
