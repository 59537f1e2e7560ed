"""The file mutator: valid files with a few bytes changed, read as the command line reads them.

Right is one of two answers: one line that says what is wrong, or the table that a strict reader
sees in the same bytes. A crash, a signal, another exception or another table is a fault. A mutant
is made from its format and its number::

    PYTHONPATH=tests python -m attack.files --format csv --seconds 600
    PYTHONPATH=tests python -m attack.files --format parquet --only 4711 --keep mutant.parquet

Arrow and Parquet files are read in child processes: a reader that follows a damaged length ends
the process that it runs in.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from attack.strict import STRICT, strict_table
from centra._tables import csvs
from centra._tables.columns import Wanted
from centra._tables.dialect import PLAIN
from centra._tables.inputs import FORMATS, opened
from centra._tables.reading import read_table
from centra._tables.tables import open_table
from centra.errors import CentraError

#: What a mutation puts into text: what separates, quotes, ends, means nothing, or is half a letter.
PIECES = [each.encode() for each in ',;\t|"" \r\n.-+eE019xNaN_\0\ufeff\u00a0\u2028\u0663é']
PIECES += [b"\r\n", b'""', b'",', b',"', b"\xff", b"\xc3", b"nan", b"inf", b"1e999", b"\n\n", b"NA"]
#: What may be said of a mutant.
RIGHT = ("refused", "same")
#: Bytes that a mutant's reader may have, so that a length of 2^60 is an error and no full machine.
ROOM = 8 << 30
#: Seconds that one mutant may take.
PATIENCE = 60.0
#: Formats of which a mutation is text.
TEXTS = ("csv", "tsv", "json", "jsonl")


# ------------------------------------------------------------------------------------- valid files


def texts(separator: str) -> list[bytes]:
    """Return valid text files: with and without header, quotes, a column of names."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(9, 3)).round(3)
    lines = [separator.join(map(str, row)) for row in X.tolist()]
    named = [f'"row {i}, ""no"" {i}"{separator}{line}' for i, line in enumerate(lines)]
    quoted = [separator.join(f'"{value}"' for value in row) for row in X.tolist()]
    header = separator.join(["x", "y", "z"])
    return [
        "\n".join([header, *lines, ""]).encode(),
        "\r\n".join([f'id{separator}"a ""b"""{separator}y{separator}z', *named, ""]).encode(),
        "\n".join(lines).encode(),
        "\n".join([header, *quoted, "", ""]).encode(),
        "\n".join(["x", *map(str, X[:, 0].tolist()), ""]).encode(),
    ]


def arrays() -> list[bytes]:
    """Return valid .npy files."""
    made = []
    rng = np.random.default_rng(0)
    for dtype in (np.float64, np.float32, np.int16, ">f8"):
        for order in "CF":
            file = io.BytesIO()
            np.save(file, np.array(rng.normal(size=(6, 3)) * 9, dtype=dtype, order=order))
            made.append(file.getvalue())
    return made


def tables(kind: str) -> list[bytes]:
    """Return valid Arrow or Parquet files."""
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "id": [f"row {i}" for i in range(40)],
            "x": rng.normal(size=40),
            "n": rng.integers(0, 9, 40),
            "f": rng.normal(size=40).astype(np.float32),
        }
    )
    plain = table.drop_columns(["id"])
    made = []
    doubles = pa.schema([(name, pa.float64()) for name in plain.schema.names])
    for each in (table, plain, plain.cast(doubles)):
        for packed in ("lz4", None) if kind == "arrow" else ("snappy", "NONE"):
            file = io.BytesIO()
            if kind == "parquet":
                parquet.write_table(each, file, compression=packed, row_group_size=17)
            else:
                options = pa.ipc.IpcWriteOptions(compression=packed)
                new = pa.ipc.new_file if packed else pa.ipc.new_stream
                with new(file, each.schema, options=options) as writer:
                    writer.write_table(each, max_chunksize=17)
            made.append(file.getvalue())
    return made


def records(kind: str) -> list[bytes]:
    """Return valid JSON or JSONL files."""
    rng = np.random.default_rng(0)
    rows = [
        {"id": f"row {i}", "x": x, "n": i % 4, "at": [x, 1]} for i, x in enumerate(rng.random(9))
    ]
    plain = [{"x": each["x"], "n": each["n"]} for each in rows]
    if kind == "jsonl":
        return ["".join(json.dumps(row) + "\n" for row in each).encode() for each in (rows, plain)]
    split = {"columns": ["x", "n"], "data": [[row["x"], row["n"]] for row in rows]}
    return [
        json.dumps(each, indent=each is plain or None).encode() for each in (rows, plain, split)
    ]


def workbooks() -> list[bytes]:
    """Return valid .xlsx files."""
    import openpyxl

    made = []
    rng = np.random.default_rng(0)
    for title in ([], [["A title"], []]):
        book = openpyxl.Workbook()
        rows = [[f"row {i}", *map(float, rng.random(2)), i] for i in range(9)]
        for row in [*title, ["id", "x", "y", "n"], *rows]:
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        made.append(file.getvalue())
    return made


def valid(kind: str) -> list[bytes]:
    """Return valid files of a format."""
    if kind in ("csv", "tsv"):
        return texts("," if kind == "csv" else "\t")
    if kind in ("json", "jsonl"):
        return records(kind)
    if kind == "xlsx":
        return workbooks()
    return arrays() if kind == "npy" else tables(kind)


# ---------------------------------------------------------------------------------------- mutation


def mutant(kind: str, files: list[bytes], number: int) -> bytes:
    """Return a valid file with one to five mutations."""
    rng = np.random.default_rng([number, FORMATS.index(kind)])
    data = bytearray(files[rng.integers(len(files))])
    if kind == "xlsx" and rng.random() < 0.8:
        return inside(rng, bytes(data))
    for _ in range(int(rng.choice([1, 1, 1, 2, 3, 5]))):
        mutate(rng, data, kind in TEXTS)
    return bytes(data)


def inside(rng: np.random.Generator, data: bytes) -> bytes:
    """Return a zip with mutations in one of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        sheets = [name for name in names if "sheet1" in name or "sharedStrings" in name]
        chosen = sheets[rng.integers(len(sheets))]
        chosen = names[rng.integers(len(names))] if rng.random() < 0.3 else chosen
        for name in names:
            part = bytearray(old.read(name))
            if name == chosen:
                mutate(rng, part, rng.random() < 0.7)
            new.writestr(zipfile.ZipInfo(name), bytes(part))
    return made.getvalue()


def mutate(rng: np.random.Generator, data: bytearray, text: bool) -> None:
    """Change bytes in one place."""
    if not data:
        return
    at = int(rng.integers(len(data)))
    if rng.random() < 0.3 and not text:  # heads and feet hold lengths and offsets
        at = int(rng.integers(min(128, len(data))))
        at = at if rng.random() < 0.5 else len(data) - 1 - at
    to = at + int(rng.choice([1, 1, 2, 4, 8, 40]))
    piece = PIECES[rng.integers(len(PIECES))] if text else rng.bytes(to - at)
    how = rng.choice(["flip", "put", "put", "insert", "drop", "copy", "cut", "number"])
    if how == "flip":
        data[at] ^= 1 << int(rng.integers(8))
    elif how == "put":
        data[at : at + len(piece)] = piece
    elif how == "insert":
        data[at:at] = piece
    elif how == "drop":
        del data[at:to]
    elif how == "copy":
        other = int(rng.integers(len(data)))
        data[at:at] = data[other : other + to - at]
    elif how == "cut" and rng.random() < 0.5:
        del data[at:]
    elif how == "number":
        size = int(rng.choice([1, 2, 4, 8]))
        value = int(rng.choice([0, 1, 127, 128, 255, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1]))
        data[at : at + size] = (value % 256**size).to_bytes(size, "little")


# --------------------------------------------------------------------------------------- one mutant


def read(path: Path, kind: str, label: str | None, note: Any = None) -> str:
    """Read a file as the command line does; return "refused", "same", or what is wrong."""
    try:
        with warnings.catch_warnings(), opened(path, kind) as source:
            warnings.simplefilter("ignore")  # the command says them, each in a line
            reader = open_table(source, PLAIN, 1 << 28)
            table = read_table(source, reader, Wanted(label=label, everything=True))
            table.check_finite()
            rows = np.array(table.rows)
    except (CentraError, MemoryError) as error:
        text = str(error)
        lines = text.splitlines()
        single = len(lines) == len(getattr(error, "lines", ("one",)))
        return "refused" if single else f"an error of several lines: {text!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if note is not None:
        note("strict")
    strict = STRICT.get(kind, strict_table)
    try:
        with warnings.catch_warnings(action="ignore"):
            names, X, labels = strict(path.read_bytes(), table)
    except Exception as error:
        return f"accepted, but a strict reader says {type(error).__name__}: {error}"
    if table.names != names:
        return f"names {table.names}, a strict reader says {names}"
    if rows.shape != X.shape or not np.array_equal(rows.astype(np.float64), X.astype(np.float64)):
        return f"{rows.tolist()}, a strict reader says {X.tolist()}"
    if labels is not None and table.labels != labels:
        return f"labels {table.labels}, a strict reader says {labels}"
    return "same"


def read_all(kind: str, numbers: Any, folder: Path, note: Any = None) -> Iterator[tuple[int, str]]:
    """Read mutants by their numbers; text once with each of the fast readers."""
    files = valid(kind)
    path = folder / f"mutant.{kind}"
    usual = csvs._WORTH
    for number in numbers:
        data = mutant(kind, files, number)
        path.write_bytes(data)
        label = "id" if b"id" in data else None
        if note is not None:
            note(number)
        try:
            for worth in (usual, 0) if kind in ("csv", "tsv") else (usual,):
                csvs._WORTH = worth  # 0: pyarrow reads small files, too
                yield number, read(path, kind, label, note)
        finally:
            csvs._WORTH = usual


# ------------------------------------------------------------------------------------ many mutants


def attack(kind: str, first: int, count: int, seconds: float = 1e9) -> tuple[int, int, list[str]]:
    """Read mutants; return how many were refused, how many were the same, and what was wrong."""
    answers: list[tuple[int, str]] = []
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        if kind in ("arrow", "parquet"):
            answers = list(in_children(kind, first, count, end, Path(folder)))
        else:
            for answer in read_all(kind, range(first, first + count), Path(folder)):
                answers.append(answer)
                if time.monotonic() > end:
                    break
    said = [text for _, text in answers]
    wrong = [f"{kind} {i}: {text[:300]}" for i, text in answers if text not in RIGHT]
    return said.count("refused"), said.count("same"), wrong


def in_children(
    kind: str, first: int, count: int, end: float, folder: Path
) -> Iterator[tuple[int, str]]:
    """Read mutants in a child; when it ends before them, say so and go on in the next one."""
    log = folder / "log"
    at = first
    while at < first + count and time.monotonic() < end:
        until = min(first + count, at + 500)
        log.write_text("")
        command = [sys.executable, "-m", "attack.files", "--format", kind, "--child", str(log)]
        command += ["--from", str(at), "--to", str(until)]
        found = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        child = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": found},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            code = str(child.wait(timeout=PATIENCE + 0.1 * (until - at)))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            code = "no end"
        doing, at, stage = None, until, ""
        for line in log.read_text().splitlines():
            what, value = json.loads(line)
            if what == "answer":
                yield value[0], value[1]
                doing = None
            elif value == "strict":
                stage = value
            else:
                doing, stage = value, "centra"
        if doing is not None:
            at = doing + 1
            if stage == "centra":
                yield doing, f"the process ended: {code}"
        elif code != "0":
            yield at, f"the process ended: {code}"


def child(kind: str, numbers: range, log: Path) -> None:
    """Read mutants, and write down each before and after."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    with open(log, "w", buffering=1) as file:

        def note(value: Any, what: str = "doing") -> None:
            file.write(json.dumps([what, value]) + "\n")

        with tempfile.TemporaryDirectory(dir=log.parent) as folder:
            for answer in read_all(kind, numbers, Path(folder), note):
                note(answer, "answer")


def main() -> int:
    """Look for faults, and print them."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--format", choices=FORMATS, required=True)
    ask.add_argument("--seconds", type=float, default=60.0)
    ask.add_argument("--seed", type=int, default=time.time_ns() % 10**12, help="first mutant")
    ask.add_argument("--only", type=int, help="one mutant")
    ask.add_argument("--keep", type=Path, help="where to write it")
    ask.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    ask.add_argument("--from", type=int, dest="first", help=argparse.SUPPRESS)
    ask.add_argument("--to", type=int, help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.child is not None:
        child(asked.format, range(asked.first, asked.to), asked.child)
        return 0
    if asked.only is not None:
        data = mutant(asked.format, valid(asked.format), asked.only)
        if asked.keep:
            asked.keep.write_bytes(data)
        print(data)
        print(*attack(asked.format, asked.only, 1))
        return 0
    refused, same, wrong = attack(asked.format, asked.seed, 10**9, asked.seconds)
    print("\n".join(wrong))
    print(f"from {asked.seed} on: {refused} refused, {same} the same, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
