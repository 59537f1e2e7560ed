"""How the text of a file is written in bytes: told by its bytes, whatever was said.

A mark at the beginning tells UTF-16, UTF-32 and UTF-8, and so do zero bytes, which no other text
has. Bytes that are no UTF-8 are those of a system's old encoding: Japanese ones fit together in
pairs that other texts do not have; all else is taken for cp1252, as Windows writes it in the West.
Digits, signs and separators are the same in all of them, so a wrong guess changes names, not
numbers; a note says what was taken. A file with some letters in UTF-8 and a byte that is none is
damaged, and refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Encoding", "encoding_of", "readable_as"]

#: Marks of byte order; those of UTF-32 first, as one begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
#: Bytes that are looked at for zeros, and bytes that are read at a time.
_HEAD, _PART = 4096, 1 << 20
#: Letters in UTF-8 of two bytes and more.
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: Japanese letters, and signs of their own.
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]+")
#: Bytes from which on a text is judged by its first ones.
_ENOUGH = 1 << 22


@dataclass(frozen=True)
class Encoding:
    """What to read a text as.

    Parameters
    ----------
    name : str
        The encoding, as Python calls it.
    note : str
        What was guessed against what was said; empty where nothing was.
    """

    name: str
    note: str = ""


def encoding_of(path: Path, asked: str) -> Encoding:
    """Tell the encoding of a text file.

    Parameters
    ----------
    path : Path
        The file.
    asked : str
        What it is said to be; UTF-8 if nothing is.

    Returns
    -------
    encoding : Encoding
        What its bytes say, if they say anything; else what was asked for.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "t.csv"
    ...     _ = path.write_bytes("Ort;Größe".encode("cp1252"))
    ...     encoding_of(path, "utf-8").name
    'cp1252'
    """
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    name = codecs.lookup(asked).name
    told = _by_mark(head) or _by_zeros(head)
    if told is not None:
        # A wide encoding is no guess: a note only where another was asked for.
        wrong = told != "utf-8-sig" and name != "utf-8" and not name.startswith(told[:6])
        return Encoding(told, f"read as {told}, which its bytes are, not {asked}" if wrong else "")
    if name.startswith(("utf-16", "utf-32")) and head.isascii():
        return Encoding("utf-8", f"read as utf-8, which its bytes are, not {asked}")
    if name != "utf-8":
        return Encoding(asked)
    old = _old_encoding(path)
    if old is None:
        # utf-8-sig: spreadsheets begin a file with a mark.
        return Encoding("utf-8-sig")
    return Encoding(
        old, f"not UTF-8 text: read as {old}; if letters are wrong, name another with --encoding"
    )


def readable_as(path: Path) -> str:
    """Name an encoding that reads the file, for those who asked for one that does not.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "t.csv"
    ...     _ = path.write_bytes("Größe".encode("utf-8"))
    ...     readable_as(path)
    'utf-8'
    """
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    for each in (_by_mark(head), "utf-8", _old_encoding(path), "cp1252"):
        if each is not None and _decodes(path, each):
            return "utf-8" if each == "utf-8-sig" else each
    return "latin-1"


def _by_mark(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _by_zeros(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: every second byte of plain text is zero."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    first, second = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if max(first, second) < 0.4 * pairs or min(first, second) > 0.05 * pairs:
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _parts(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while part := file.read(_PART):
            yield part


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for part in _parts(path):
            decoder.decode(part)
        decoder.decode(b"", True)
    except UnicodeError:
        return False
    return True


def _old_encoding(path: Path) -> str | None:
    """Tell which encoding before UTF-8 a text has; None if it is UTF-8, perhaps a damaged one."""
    if _decodes(path, "utf-8"):
        return None
    with open(path, "rb") as file:
        data = file.read(_ENOUGH)
    # From the first line that has such bytes, whole lines.
    lines = [line for line in data.splitlines() if not line.isascii()]
    text = b"\n".join(lines[:10_000])
    if _is_japanese(text) and _decodes(path, "cp932"):
        return "cp932"
    letters = len(_LETTER.findall(text))
    if letters or any(byte < 32 and byte not in b"\t\n\r\f\v" for byte in text):
        return None
    return "cp1252" if _decodes(path, "cp1252") else None


def _is_japanese(text: bytes) -> bool:
    """Whether bytes are letters of Shift-JIS that stand together, as in words."""
    try:
        decoded = text.decode("cp932")
    except UnicodeDecodeError:
        return False
    runs = _JAPANESE.findall(decoded)
    foreign = sum(not each.isascii() for each in decoded) - sum(map(len, runs))
    return sum(len(run) > 1 for run in runs) > sum(len(run) == 1 for run in runs) + foreign
