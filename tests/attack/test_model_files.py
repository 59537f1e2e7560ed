"""Model files made to do harm: refused within time and memory, or a whole model that predicts.

Hand-made ones first; then mutators, which change bytes, values and tables of members at random:
some hundreds here, thousands among the slow tests. ``CENTRA_MUTANTS`` sets how many, for hours by
hand.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import textwrap
import time
import tracemalloc
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import centra
from attack.model_mutants import MUTATORS
from centra._persistence import container, load, schema
from centra._persistence.history import centers_name
from centra._persistence.save import parts_of
from centra.errors import ModelFileError
from kept.keep import NAMES, QUERY
from model_files import KEPT, array_of, changed, members_of, npy, zipped

#: Seconds that no file of these may take, on the slowest machine that runs tests.
LONG = 10.0
#: Bytes beside the file's own length: imports, tables, what a parser keeps.
ROOM = 4 << 20


def attempt(content: bytes, path: Path) -> Any:
    """Load a file within bounds; return the model, or the words that refuse it."""
    path.write_bytes(content)
    tracemalloc.start()
    began = time.monotonic()
    try:
        model = centra.load(path)
    except ModelFileError as error:
        text = str(error)
        assert text.startswith(f"cannot load {str(path)!r}: ") and text.isprintable()
        assert len(text) < len(str(path)) + 500
        return text
    finally:
        took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert took < LONG
        # JSON takes some 30 bytes for every byte of it at worst.
        assert peak < ROOM + 32 * len(content)
    return model


def check_predicts(model: Any) -> None:
    """A model that was loaded is whole: it predicts, shows itself, and is saved."""
    _, km = parts_of(model)
    k, d = km.cluster_centers_.shape
    assert k == km.n_clusters and d == km.n_features_in_ and np.isfinite(km.inertia_)
    names = getattr(model, "feature_names_in_", None)
    rows: Any = np.zeros((2, d))
    rows = rows if names is None else pd.DataFrame(rows, columns=pd.Index(names, dtype=object))
    with warnings.catch_warnings():
        # A KMeans behind a scaler may have names too, and the scaler gives none.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        labels = model.predict(rows)
    assert labels.shape == (2,) and 0 <= labels.min() <= labels.max() < k
    assert "clusters of" in km._repr_html_() or "cluster of" in km._repr_html_()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m"


# --- made by hand --------------------------------------------------------------------------------


def overlapping(n: int, payload: int) -> bytes:
    """Return an archive of n arrays, each of which holds the bytes of all arrays after it."""
    head = json.dumps(
        {
            "format": "centra-model",
            "format_version": 1,
            "centra_version": "0.1.0",
            "arrays": [f"a{i:04d}" for i in range(n)],
            "model": {},
        }
    ).encode()
    body, entries = bytes(payload), []
    for name in [*(f"a{i:04d}.npy" for i in reversed(range(n))), "model.json"]:
        if name == "model.json":
            data, rest = head, body
        else:
            array = npy(np.frombuffer(body, np.uint8))
            data, rest = array, b""
        local = struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data),
            len(name), 0,
        )  # fmt: skip
        body = local + name.encode() + data + rest
        entries.append((name, data, len(body)))
    table = b"".join(
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\1\2",
            20,
            20,
            0,
            0,
            0,
            33,
            zlib.crc32(data),
            len(data),
            len(data),
            len(name),
            0,
            0,
            0,
            0,
            0,
            len(body) - length,
        )
        + name.encode()
        for name, data, length in entries
    )
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(table), len(body), 0
    )
    return body + table + end


def test_members_that_overlap(path: Path) -> None:
    content = overlapping(200, 50_000)
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        assert sum(info.file_size for info in archive.infolist()) > 100 * len(content)
        assert len(archive.read("a0000.npy")) > 50_000  # a reader of archives minds nothing
    assert "lies within another member" in attempt(content, path)


def test_an_array_that_is_listed_again_and_again(path: Path) -> None:
    def change(head: dict[str, Any], _: Any) -> None:
        head["arrays"] = ["cluster_centers"] * 20_000

    assert "lists an array twice" in attempt(changed("float64", change), path)


def test_a_member_that_is_there_again_and_again(path: Path) -> None:
    members = [*members_of(KEPT["float64"]).items(), *[("labels.npy", b"")] * 20_000]
    assert "'labels.npy' is listed twice" in attempt(zipped(members), path)


def test_many_members(path: Path) -> None:
    members = [*members_of(KEPT["float64"]).items(), *[(f"{i}", b"") for i in range(20_000)]]
    check_predicts(attempt(zipped(members), path))


def test_many_arrays(path: Path) -> None:
    """A history of 5,000 iterations is read in time that grows with its length."""

    def change(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        n = 5_000
        head["model"]["n_iter"] = head["model"]["runs"][1]["n_iter"] = n
        for name in ("inertia", "shift", "changed"):
            arrays[f"history/{name}"] = np.resize(arrays[f"history/{name}"], n + 1)
        arrays["history/inertia"][-1] = head["model"]["inertia"]
        for i in range(n + 1):
            arrays[centers_name(schema.HISTORY, i)] = arrays["cluster_centers"]

    model = attempt(changed("float64", change), path)
    assert len(model.history_) == 5_001


def run(code: str, *arguments: object) -> str:
    """Run code in a process of 2 GB; return what it printed."""
    head = (
        "import resource, sys, centra\nresource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(code), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "CENTRA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


LOADING = """
    try:
        centra.load(sys.argv[1])
    except centra.ModelFileError as error:
        print(error)
"""


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
def test_a_device_without_an_end() -> None:
    assert "it is a pipe or a device" in run(LOADING, "/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is a pipe or a device" in run(LOADING, tmp_path / "pipe")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[" * 100_000, "damaged"),
        (b'{"a":' * 100_000, "damaged"),
        (b"9" * 100_000, "no whole number of 64 bits"),
        (b'{"format": "centra-model", "format_version": 1e999}', "larger than any float64"),
        (b'{"format": "centra-model", "format_version": ' + b"9" * 5000 + b"}", "64 bits"),
        (b'{"format": "centra-model", "format_version": NaN}', "NaN is not JSON"),
        (b'{"format": "centra-model", "format": "centra-model"}', "two values of one name"),
        (b'{"format": "centra-model", "format_version": 2, "centra_version": "\\u001b[31m\\n"}',
         r"\x1b[31m\n"),
        (b'{"format": "centra-model", "format_version": 9, "centra_version": [[]]}', "upgrade"),
        (b'{"format": "centra-model", "format_version": "' + b"x" * 10**6 + b'"}', "'xxx"),
        (b'"\xff"', "damaged"),
        (b"", "damaged"),
        (b"null", "not a centra model"),
    ],
    ids=range(13),
)  # fmt: skip
def test_json_that_does_harm(text: bytes, said: str, path: Path) -> None:
    assert said in attempt(zipped([("model.json", text)]), path)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), 'x': 1}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (3, 3), }",
        "{'descr': '<f99', 'fortran_order': False, 'shape': (3, 3), }",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (9,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, -3), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 9999999999999999999), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1, " * 3000 + "), }",
        "{'descr': '<f8', 'fortran_order': 7, 'shape': (3, 3), }",
        "-" * 9000 + "1",
        "(" * 9000,
        "[" * 150 + "]" * 150,
        "9" * 9000,
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }" + " " * 20_000,
    ],
)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_header_of_an_array_that_does_harm(header: str, version: int, path: Path) -> None:
    length = struct.pack("<H" if version == 1 else "<L", len(header))
    data = b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + bytes(72)
    members = members_of(KEPT["float64"]) | {"cluster_centers.npy": data}
    assert "damaged" in attempt(zipped(members.items()), path)


@pytest.mark.parametrize("version", [(0, 0), (4, 0), (1, 1), (255, 255)])
def test_a_version_of_npy_that_never_was(version: tuple[int, int], path: Path) -> None:
    members = members_of(KEPT["float64"])
    data = members["labels.npy"]
    members["labels.npy"] = data[:6] + bytes(version) + data[8:]
    assert "does not begin as .npy does" in attempt(zipped(members.items()), path)


def test_places_in_the_archive_that_no_file_has(path: Path) -> None:
    content = bytearray(KEPT["float64"].read_bytes())
    at = content.index(b"PK\1\2")
    for place in (0xFFFFFFFE, 0x7FFFFFFF, len(content)):
        struct.pack_into("<L", content, at + 42, place)
        assert "damaged" in attempt(bytes(content), path)


def test_a_name_of_a_file_that_moves_the_cursor(tmp_path: Path) -> None:
    for name in ("\x1b[31m", "two\nlines", "\udcff"):
        assert isinstance(attempt(b"no model", tmp_path / name), str)


# --- made at random ------------------------------------------------------------------------------


def attack(name: str, n: int, path: Path) -> None:
    """Load n mutants; each is refused in words, or is whole. Numbers say which one failed."""
    kinds = list(KEPT)
    for number in range(n):
        rng = np.random.default_rng([number, len(name), ord(name[0])])
        content = MUTATORS[name](rng, kinds[number % len(kinds)])
        try:
            found = attempt(content, path)
            if not isinstance(found, str):
                check_predicts(found)
        except BaseException as error:
            error.add_note(f"mutant {number} of {name}: a {kinds[number % len(kinds)]} model")
            raise


@pytest.mark.parametrize("name", MUTATORS)
def test_some_mutants(name: str, path: Path) -> None:
    attack(name, 100, path)


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATORS)
def test_thousands_of_mutants(name: str, path: Path) -> None:
    attack(name, int(os.environ.get("CENTRA_MUTANTS", "3000")), path)


@pytest.mark.parametrize("name", ["values", "arrays"])
def test_the_schema_refuses_in_its_own_words(name: str, path: Path) -> None:
    """No mutant reaches the net that is below the schema: what it lets through can be built."""
    kinds, refused = list(KEPT), 0
    for number in range(300):
        content = MUTATORS[name](np.random.default_rng([7, number]), kinds[number % len(kinds)])
        path.write_bytes(content)
        try:
            meta, arrays = container.read(path)
        except ModelFileError:
            continue
        arrays = {each: load._native(array) for each, array in arrays.items()}
        try:
            schema.check(meta, arrays)
        except ValueError as error:
            refused += 1
            assert error.args[0] and type(error).__module__ != "numpy.exceptions"
            continue
        load.from_state(meta, arrays)
        if meta["estimator"] == schema.STANDARDIZED:
            load._scaler(meta, arrays)
    assert refused > 100


def test_what_is_not_changed_is_loaded(path: Path) -> None:
    """The mutator's own tools leave a model as it is."""
    for kind in KEPT:
        model = attempt(changed(kind, lambda *_: None), path)
        check_predicts(model)
        named = hasattr(model, "feature_names_in_")
        rows = pd.DataFrame(QUERY, columns=NAMES) if named else QUERY
        assert model.predict(rows).tolist() == centra.load(KEPT[kind]).predict(rows).tolist()
        labels = array_of(members_of(KEPT[kind])["labels.npy"])
        assert labels.tolist() == parts_of(model)[1].labels_.tolist()
