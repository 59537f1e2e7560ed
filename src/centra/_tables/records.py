r"""Tables in JSON: records, one a line (`.jsonl`) or all in a list (`.json`).

A record is an object; its keys are the columns, and a key that a record lacks is a missing cell. A
list of lists is rows without names. What pandas writes of a data frame is read as well: `orient` of
"records", "split", "table", "columns" and "index". Objects in a record become columns of their own,
`size.width`; a list of numbers, equally long in all records, becomes so many columns, `at[0]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from centra._tables.encoding import encoding_of
from centra._tables.errors import TableError, reason_of
from centra._tables.grids import write_grid

__all__ = ["lines_as_text", "records_as_text"]

#: Columns of all records together, and how deep objects lie in one another.
_COLUMNS, _DEEP = 100_000, 8
#: Cells, empty ones among them.
_CELLS = 1 << 30
#: What is written of a record without a value, so that it stays a row.
_MISSING = "null"


def records_as_text(path: Path, name: str, to: Path) -> str:
    """Write the records of a JSON file as a text file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.
    to : Path
        Where to write.

    Returns
    -------
    kind : {"records", "rows"}
        Whether they are objects, whose keys are the header, or lists.

    Raises
    ------
    TableError
        It is not JSON, or has no records.
    """
    with open(path, encoding=_encoding(path)) as file:
        try:
            content = json.load(file, parse_int=_whole)
        except (ValueError, RecursionError) as error:
            # A file of one record a line has more than one value.
            if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
                return lines_as_text(path, name, to)
            raise TableError(f"{name}: {_said(error)}") from error
    return _write(list(_records(content, name)), name, to)


def lines_as_text(path: Path, name: str, to: Path) -> str:
    """Write the records of a JSONL file as a text file, as `records_as_text` does."""
    records, at = [], 0
    with open(path, encoding=_encoding(path)) as file:
        try:
            for line in file:
                at += 1
                if not line.isspace():
                    records.append(json.loads(line, parse_int=_whole))
        except (ValueError, RecursionError) as error:
            at += isinstance(error, UnicodeError)  # the line after the last that was read
            raise TableError(f"{name}: line {at}: {_said(error)}") from error
    return _write(records, name, to)


def _encoding(path: Path) -> str:
    return encoding_of(path, "utf-8").name


def _whole(text: str) -> int | float:
    """Read a whole number; of more digits than float64 has, the nearest."""
    return int(text) if len(text) < 400 else float(text)


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "lists or objects lie too deep in one another; give records"
    if isinstance(error, json.JSONDecodeError):
        where = f"line {error.lineno}, column {error.colno}: " if error.lineno > 1 else ""
        return f"{where}not JSON ({error.msg}); correct it"
    return f"not JSON ({reason_of(error)}); correct it"


# --- from what there is to records ----------------------------------------------------------------


def _records(content: Any, name: str) -> Iterable[Any]:
    """Find the records in what a file has."""
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        data, columns = content.get("data"), content.get("columns")
        if isinstance(data, list) and isinstance(columns, list):  # orient="split"
            return _named(data, [str(each) for each in columns])
        if isinstance(data, list):  # orient="table", and many services
            return data
        lists = [each for each in content.values() if isinstance(each, list)]
        if len(lists) == 1 and all(isinstance(each, dict) for each in lists[0]):
            return list(lists[0])
        if lists and len(lists) == len(content):  # a list for each column
            n_rows = max(map(len, lists))
            return [
                {key: column[i] if i < len(column) else None for key, column in content.items()}
                for i in range(n_rows)
            ]
        if content and all(isinstance(each, dict) for each in content.values()):
            return list(_by_keys(content))
    raise TableError(f"{name}: has no records; give a list of objects, all of which have numbers")


def _named(rows: list[Any], columns: list[str]) -> list[Any]:
    return [dict(zip(columns, row, strict=False)) if isinstance(row, list) else row for row in rows]


def _by_keys(content: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Turn an object of objects into records: the outer keys are columns, or names of rows."""
    inner = list(dict.fromkeys(key for each in content.values() for key in each))
    if all(key.isdigit() for key in inner):  # orient="columns"
        for key in inner:
            yield {name: column.get(key) for name, column in content.items()}
        return
    for key, each in content.items():  # orient="index"
        yield {"": key, **each}


# --- from records to rows -------------------------------------------------------------------------


def _write(records: list[Any], name: str, to: Path) -> str:
    if not records:
        raise TableError(f"{name}: there are no records; it needs at least one")
    if all(isinstance(each, list) for each in records):
        rows = [_flat_list(each) for each in records]
        _check_size(len(rows), max(map(len, rows)), name)
        write_grid(to, rows, max(map(len, rows)), empty=_MISSING)
        return "rows"
    flat: list[dict[str, Any]] = []
    columns: dict[str, None] = {}
    for at, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise TableError(
                f"{name}: record {at}: is {_kind(record)}, and an object is needed; correct it"
            )
        found: dict[str, Any] = {}
        _flatten(record, "", found, 0, f"{name}: record {at}")
        columns.update(dict.fromkeys(found))
        flat.append(found)
        if len(columns) > _COLUMNS:
            raise TableError(f"{name}: the records have more than {_COLUMNS:,} keys; give a table")
    _check_size(len(flat), len(columns), name)
    header = list(columns)
    rows = [header, *([record.get(key) for key in header] for record in flat)]
    write_grid(to, rows, len(header), empty=_MISSING)
    return "records"


def _flat_list(row: list[Any]) -> list[Any]:
    return [None if isinstance(each, list | dict) else each for each in row]


def _flatten(
    record: dict[str, Any], prefix: str, found: dict[str, Any], depth: int, where: str
) -> None:
    """Put the values of a record into `found`, those of objects in it under longer names."""
    if depth > _DEEP:
        raise TableError(f"{where}: objects lie too deep in one another; give flat records")
    for key, value in record.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", found, depth + 1, where)
        elif isinstance(value, list):
            if value and all(isinstance(each, int | float) for each in value):
                found.update({f"{prefix}{key}[{i}]": each for i, each in enumerate(value)})
            else:
                found[f"{prefix}{key}"] = json.dumps(value)[:100]
        else:
            found[f"{prefix}{key}"] = value


def _check_size(n_rows: int, width: int, name: str) -> None:
    if n_rows * width > _CELLS:
        raise TableError(f"{name}: {n_rows:,} records of {width:,} keys are too many; give a table")


def _kind(value: Any) -> str:
    return {str: "a text", list: "a list", bool: "true or false", type(None): "null"}.get(
        type(value), "a number"
    )
