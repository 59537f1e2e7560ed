"""Model files taken apart and put together again, for tests that make them wrong."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

#: Model files of every kind, as an earlier version wrote them.
KEPT = {path.stem: path for path in sorted((Path(__file__).parent / "kept/0.1.0").glob("*.centra"))}


def members_of(path: Path) -> dict[str, bytes]:
    """Return what is in a model file, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive of these members."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", compression) as archive:
        warnings.filterwarnings("ignore", message="Duplicate name")
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    """Return an array as the bytes of an `.npy` file."""
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=True)
    return file.getvalue()


def array_of(data: bytes) -> np.ndarray:
    """Return the array in the bytes of an `.npy` file."""
    return np.lib.format.read_array(io.BytesIO(data))


def changed(kind: str, change: Callable[[dict[str, Any], dict[str, np.ndarray]], None]) -> bytes:
    """Return a kept model file after a change of its head and its arrays, each by name."""
    members = members_of(KEPT[kind])
    head = json.loads(members.pop("model.json"))
    arrays = {name.removesuffix(".npy"): array_of(data) for name, data in members.items()}
    change(head, arrays)
    if head["arrays"] == sorted(name.removesuffix(".npy") for name in members):
        head["arrays"] = sorted(arrays)
    parts = [(f"{name}.npy", npy(array)) for name, array in arrays.items()]
    return zipped([("model.json", json.dumps(head).encode()), *parts])
