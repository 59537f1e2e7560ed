"""What a file is, told by its first bytes: where its suffix says nothing, or something else."""

from __future__ import annotations

import json
from pathlib import Path

from centra._tables.encoding import encoding_of
from centra._tables.errors import TableError
from centra._tables.sheets import is_workbook

__all__ = ["format_by_content", "signature_of"]

#: First bytes that no text has.
_SIGNATURES = (
    (b"\x93NUMPY", "npy"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
)
_HEAD = 4096


def signature_of(path: Path) -> str | None:
    """Tell what a file is by bytes at its beginning that are there for that; None for text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a"
    ...     _ = path.write_bytes(bytes.fromhex("1f8b08"))
    ...     signature_of(path)
    'gzip'
    """
    with open(path, "rb") as file:
        head = file.read(16)
    found = next((kind for start, kind in _SIGNATURES if head.startswith(start)), None)
    return "xlsx" if found == "zip" and is_workbook(path) else found


def format_by_content(path: Path, name: str) -> str:
    """Tell the format of a file that has no signature, or one.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.

    Returns
    -------
    kind : str
        A format; also "gzip", "zip" or "xls".

    Raises
    ------
    TableError
        It is no text, and none of the formats.
    """
    kind = signature_of(path)
    if kind is not None:
        return kind
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    encoding = encoding_of(path, "utf-8").name
    text = head.decode(encoding, errors="ignore")
    if "\0" in text:
        raise TableError(f"{name}: is neither text nor a file of a known format")
    start = text.lstrip()
    if start[:1] == "{" or (start[:1] == "[" and start[1:].lstrip()[:1] in ("{", "[", "")):
        return "jsonl" if _is_record(start.splitlines()[0]) and "\n" in start.strip() else "json"
    return "csv"


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
