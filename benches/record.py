"""A record: what one machine measured on one day, as JSON, whole or not at all."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
from pathlib import Path
from typing import Any

from benches import THREADS
from centra._utils.atomic_write import write_whole

FORMAT = 1
# What decides which kernels run; the full list of flags would only say more about the machine.
FLAGS = (
    *("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16"),
    *("asimd", "sve", "bf16"),
)


def processor() -> dict[str, Any]:
    """Return the processor's model, its instruction sets, and how many of it are to be had."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    fields = dict(re.findall(r"^([\w ]+?)\s*:\s*(.*)$", text, re.MULTILINE))
    flags = set(f"{fields.get('flags', '')} {fields.get('Features', '')}".split())
    return {
        "model": fields.get("model name") or platform.processor() or platform.machine(),
        "flags": [flag for flag in FLAGS if flag in flags],
        "processors": os.cpu_count(),
    }


def made(rows: list[dict[str, Any]], **about: Any) -> dict[str, Any]:
    """Return a record of today."""
    today = datetime.date.today().isoformat()
    head = {"format": FORMAT, "date": today, "cpu": processor(), "threads": THREADS}
    return {**head, **about, "rows": rows}


def save(record: dict[str, Any], folder: Path) -> Path:
    """Write a record under its date and its processor's name; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['date']}-{slug(record['cpu']['model'])}.json"
    with write_whole(path) as file:
        file.write((json.dumps(record, indent=1, allow_nan=False) + "\n").encode())
    return path


def load(path: Path) -> dict[str, Any]:
    """Return a record from its file.

    Raises
    ------
    ValueError
        If the file is no record, or one of another format.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is not a benchmark record: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise ValueError(f"{path.name} is not a benchmark record of format {FORMAT}.")
    return record


def slug(name: str) -> str:
    """Return a name as a part of a file name."""
    words = re.sub(r"\((r|tm)\)|@.*", " ", name.lower())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "unknown"
