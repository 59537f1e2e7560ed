"""Strict readers: what is in the bytes of a file, by other means than those under attack."""

from __future__ import annotations

import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from centra._tables.encoding import encoding_of

__all__ = ["STRICT", "cells_of", "strict_table"]


def cells_of(text: str, separator: str) -> list[list[str]]:
    """Split text into rows of cells, letter by letter; ValueError for a quote out of order."""
    rows, row, cell = [], [], ""
    state = "start"  # of a cell; then "plain", "quoted" or "closed"
    text = text if not text or text[-1] in "\r\n" else text + "\n"
    at = 0
    while at < len(text):
        letter, at = text[at], at + 1
        if state == "quoted":
            if letter == '"':
                state = "closed"
            else:
                cell += letter
        elif state == "closed" and letter == '"':
            cell, state = cell + '"', "quoted"
        elif letter == separator:
            row, cell, state = [*row, cell], "", "start"
        elif letter in "\r\n":
            if letter == "\r" and text[at : at + 1] == "\n":
                at += 1
            if row or state != "start":
                row = [*row, cell]
            rows, row, cell, state = [*rows, row], [], "", "start"
        elif state == "closed":
            raise ValueError("text after a closed quote")
        elif letter == '"' and state == "start":
            state = "quoted"
        else:
            cell, state = cell + letter, "plain"
    if state != "start":
        raise ValueError("a quote is never closed")
    return [row for row in rows if row and not (len(row) == 1 and not row[0].strip())]


SPACE = r"[ \t\r\n\f\v]*"
NUMBER = re.compile(SPACE + r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?" + SPACE)


def strict_text(data: bytes, table: Any) -> tuple[Any, np.ndarray, list[str] | None]:
    """Return names, numbers and labels; what separates, and whether there is a header, is given."""
    reader = table.reader
    text = data.decode(reader.encoding)
    lines = reader._lines.of(io.StringIO(text, newline=""))  # what stands above, comments
    rows = cells_of("".join(lines), reader.delimiter)
    names, width, choice = None, reader.width, table.choice
    if reader.names is not None:
        names = tuple(cell.strip() for cell in rows[0])
        if len(names) == width - 1 and any(row[width - 1 : width] != [""] for row in rows[1:]):
            names = ("", *names)  # names of rows have none
        names = (*names, *[""] * (width - len(names)))[:width]
    rows = rows if names is None else rows[1:]
    for row in rows:  # a separator at the end of a line
        while len(row) > width and not row[-1].strip():
            row.pop()
        while len(row) < width and len(row) in reader.empty_columns:
            row.append("")
    if any(len(row) != width for row in rows):
        raise ValueError("rows differ in length")
    for row in rows:
        for i in choice.features:
            if not NUMBER.fullmatch(row[i]):
                raise ValueError(f"{row[i]!r} is no number")
    X = np.array([[float(row[i]) for i in choice.features] for row in rows])
    labels = None if choice.label is None else [row[choice.label].strip() for row in rows]
    return names and tuple(names[i] for i in choice.features), X, labels


def strict_array(data: bytes, table: Any) -> tuple[Any, np.ndarray, list[str] | None]:
    """Return what NumPy's reader of streams returns, which maps no file."""
    X = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    if X.dtype.kind not in "fiub" or X.ndim != 2:
        raise ValueError(f"{X.dtype}, {X.shape}")
    return None, X[:, list(table.choice.features)], None


def strict_records(data: bytes, table: Any) -> tuple[Any, np.ndarray, list[str] | None]:
    """Return what Python's reader of JSON returns."""
    text = data.decode(text_encoding(data))
    try:
        found = json.loads(text)
        if isinstance(found, dict) and not {"data", "columns"} & set(found):
            found = [found]  # one line
    except ValueError:
        lines = io.StringIO(text, newline=None)
        found = [json.loads(line) for line in lines if not line.isspace()]
    if isinstance(found, dict):
        names = found.get("columns")
        found = (
            [dict(zip(map(str, names), row, strict=False)) for row in found["data"]]
            if names
            else found["data"]
        )
    features, at = table.choice.features, table.choice.label
    if all(isinstance(row, list) for row in found):
        names, found = (None, found) if table.reader.names is None else (found[0], found[1:])
        X = np.array([[float(row[i]) for i in features] for row in found])
        return names and tuple(names[i].strip() for i in features), X, None
    names = tuple(table.reader.names[i] for i in features)
    flat = [
        {**row, **{f"at[{i}]": value for i, value in enumerate(row.get("at") or [])}}
        for row in found
    ]
    flat = [{key.strip(): value for key, value in row.items()} for row in flat]
    X = np.array([[float(row[name]) for name in names] for row in flat])
    labels = None if at is None else [" ".join(str(row["id"]).splitlines()).strip() for row in flat]
    return names, X, labels


def strict_sheet(data: bytes, table: Any) -> tuple[Any, np.ndarray, list[str] | None]:
    """Return what openpyxl returns of the first sheet."""
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if any(v is not None for v in row)]
    head = next(i for i, row in enumerate(rows) if [v is not None for v in row].count(True) > 1)
    names = tuple(str(rows[head][i] or "").strip() for i in table.choice.features)
    X = np.array([[float(row[i]) for i in table.choice.features] for row in rows[head + 1 :]])
    return names, X, None


def strict_table(data: bytes, table: Any) -> tuple[Any, np.ndarray, list[str] | None]:
    """Return what pyarrow reads, validated in full."""
    import pyarrow as pa
    from pyarrow import parquet

    if table.reader.source.format == "parquet":
        # Not read_table: it looks at statistics too, which no row depends on.
        found = parquet.ParquetFile(io.BytesIO(data)).read()
    elif data.startswith(b"ARROW1"):
        found = pa.ipc.open_file(io.BytesIO(data)).read_all()
    else:
        found = pa.ipc.open_stream(io.BytesIO(data)).read_all()
    found.validate(full=True)
    features = [found.column(i) for i in table.choice.features]
    if any(column.null_count for column in features):
        raise ValueError("a number is null")
    X = np.column_stack([column.to_numpy().astype(np.float64) for column in features])
    names = tuple(found.schema.names[i] for i in table.choice.features)
    at = table.choice.label
    labels = None if at is None else [str(cell).strip() for cell in found.column(at).to_pylist()]
    return names, X, labels


def text_encoding(data: bytes) -> str:
    """Return the encoding of JSON, told as that of any text."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return encoding_of(Path(file.name), "utf-8").name


STRICT = {
    "csv": strict_text,
    "tsv": strict_text,
    "json": strict_records,
    "jsonl": strict_records,
    "xlsx": strict_sheet,
    "npy": strict_array,
}
