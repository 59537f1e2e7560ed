"""A check of what pyarrow reads: UTF-8 with strict quotes, also in columns that are left out."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import BinaryIO

from centra._tables.quotes import QuoteCheck

__all__ = ["Checked"]


class Checked(io.RawIOBase):
    """A file as pyarrow reads it, which holds every byte against UTF-8 and tells its progress.

    pyarrow looks only at the text that it is asked for; the other readers look at all of it.

    Parameters
    ----------
    file : binary file
        What is read.
    size : int
        Its bytes.
    done : callable or None
        Called with the fraction that has been read.
    delimiter : str
        What separates cells, one character of ASCII.

    Attributes
    ----------
    is_strict : bool
        Whether a strict reader takes all quotes of the file as pyarrow does; known when all of it
        has been read.
    """

    def __init__(
        self, file: BinaryIO, size: int, done: Callable[[float], None] | None, delimiter: str
    ) -> None:
        super().__init__()
        self._file, self._size, self._done = file, size, done
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._quotes, self._in_order, self._ended = QuoteCheck(delimiter.encode()), True, False

    @property
    def is_strict(self) -> bool:
        """Whether all quotes are in order; False as well while bytes are left."""
        return self._ended and self._in_order

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes; a UnicodeDecodeError if they are not UTF-8."""
        part: bytes = self._file.read(size)
        self._decode(part, not part)
        if self._in_order and not self._ended:
            self._in_order = self._quotes.feed(part) if part else self._quotes.ends()
        if not part:
            self._ended = True
        elif not self._in_order:
            raise ValueError("a quote is not in order")
        if self._done is not None:
            self._done(self._file.tell() / self._size)
        return part
