"""Mutators of model files: bytes, the table of members, members, values and arrays."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from model_files import KEPT, changed, members_of, zipped

__all__ = ["MUTATORS"]

Mutator = Callable[[np.random.Generator, str], bytes]

#: Values to put in the place of others.
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 7, 1 << 31, 1 << 62, -(1 << 63), 0.0, -0.0, 0.5, -1.5, 1e308,
    5e-324, "", "x", "strict", "stopped", "\x1b[31m\n", "<script>", "\ud800", "KMeans",
    "StandardScaler, KMeans", "random", [], [0], [[]], {}, {"array": "init"}, {"array": "labels"},
    {"a": {"b": [1, None]}},
]  # fmt: skip


def mutate_bytes(rng: np.random.Generator, kind: str) -> bytes:
    """Change some bytes, cut some out, or double some."""
    content = bytearray(KEPT[kind].read_bytes())
    for _ in range(int(rng.integers(1, 6))):
        at, length = int(rng.integers(len(content))), int(rng.integers(1, 30))
        match int(rng.integers(4)):
            case 0:
                content[at] ^= 1 << int(rng.integers(8))
            case 1:
                content[at : at + length] = rng.bytes(length)
            case 2:
                del content[at : at + length]
            case _:
                content[at:at] = content[max(0, at - length) : at]
    return bytes(content)


def mutate_table(rng: np.random.Generator, kind: str) -> bytes:
    """Change numbers in the table of members and at its end, where no checksum looks."""
    content = bytearray(KEPT[kind].read_bytes())
    start = content.index(b"PK\1\2")
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(start, len(content) - 4))
        odd = [
            0,
            1,
            30,
            0xFFFF,
            0x7FFFFFFF,
            0xFFFFFFFF,
            len(content),
            start,
            int(rng.integers(start)),
        ]
        struct.pack_into("<L", content, at, odd[int(rng.integers(len(odd)))])
    return bytes(content)


def mutate_members(rng: np.random.Generator, kind: str) -> bytes:
    """Drop, rename, exchange, double or compress members."""
    members = list(members_of(KEPT[kind]).items())
    for _ in range(int(rng.integers(1, 4))):
        i, j = (int(at) for at in rng.integers(len(members), size=2))
        match int(rng.integers(5)):
            case 0:
                members[i] = (members[i][0], members[j][1])
            case 1:
                members[i] = (members[j][0], members[i][1])
            case 2 if len(members) > 1:
                del members[i]
            case 3:
                members[i] = (members[i][0], members[i][1][: int(rng.integers(200))])
            case _:
                members.append((rng.bytes(3).hex(), members[i][1]))
    method = zipfile.ZIP_DEFLATED if rng.random() < 0.05 else zipfile.ZIP_STORED
    return zipped(members, method)


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place in a JSON value."""
    found = [place] if place else []
    if isinstance(value, dict):
        for name in value:
            found += _places(value[name], (*place, name))
    elif isinstance(value, list):
        for at in range(len(value)):
            found += _places(value[at], (*place, at))
    return found


def mutate_values(rng: np.random.Generator, kind: str) -> bytes:
    """Put odd values in the place of others, take some away, change numbers a little."""

    def change(head: dict[str, Any], _: Any) -> None:
        for _ in range(int(rng.integers(1, 3))):
            places = _places(head["model"])
            place = places[int(rng.integers(len(places)))]
            at = head["model"]
            for step in place[:-1]:
                at = at[step]
            last, old = place[-1], at[place[-1]]
            match int(rng.integers(4)):
                case 0:
                    del at[last]
                case 1 if type(old) in (int, float):
                    at[last] = old + type(old)(rng.integers(-2, 3))
                case 2 if isinstance(at, dict):
                    at[str(ODD[int(rng.integers(len(ODD)))])[:20]] = at.pop(last)
                case _:
                    at[last] = ODD[int(rng.integers(len(ODD)))]

    return changed(kind, change)


def mutate_arrays(rng: np.random.Generator, kind: str) -> bytes:
    """Change numbers, shapes and types of arrays, with checksums that hold."""

    def change(_: Any, arrays: dict[str, np.ndarray]) -> None:
        names = sorted(arrays)
        for _ in range(int(rng.integers(1, 3))):
            name = names[int(rng.integers(len(names)))]
            array = arrays[name].copy()
            match int(rng.integers(7)):
                case 0 if array.size:
                    odd = [np.nan, np.inf, -np.inf, -1, 0, 2, 3, 1e308, -1e308, 1e-308, 7]
                    with np.errstate(all="ignore"):
                        value = np.asarray(odd[int(rng.integers(len(odd)))])
                        array.flat[int(rng.integers(array.size))] = (
                            value if array.dtype.kind == "f" else np.nan_to_num(value).astype("i4")
                        )
                case 1:
                    types = ["<f4", ">f8", "<f2", "<i4", "|i1", "|b1", "<u8", ">i4", "<i8"]
                    with np.errstate(all="ignore"):
                        array = array.astype(types[int(rng.integers(len(types)))])
                case 2:
                    array = array.reshape(-1)
                case 3:
                    array = array.T
                case 4:
                    array = array[: int(rng.integers(len(array) + 1))]
                case 5:
                    array = np.concatenate([array, array])
                case _:
                    array = arrays[names[int(rng.integers(len(names)))]]
            arrays[name] = array

    return changed(kind, change)


MUTATORS: dict[str, Mutator] = {
    "bytes": mutate_bytes,
    "table": mutate_table,
    "members": mutate_members,
    "values": mutate_values,
    "arrays": mutate_arrays,
}
