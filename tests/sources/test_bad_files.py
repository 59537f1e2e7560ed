"""Files that are bad: an .npy cut short or of another dtype, a disk that fills while saving.

A file on disk is whatever somebody left there. Reading one gives the bits that memory would give or
one error that names the file; it never unpickles, and it survives a file that shrinks while it is
read. Writing leaves the whole file, or what was there before and nothing else.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import centra
from compare import check_same_fit, fit_from

ROWS = np.random.default_rng(0).normal(size=(400, 3))
START = ROWS[:4]
LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs a limit on file sizes, as Linux has it"
)


def npy(array: np.ndarray, **options: Any) -> bytes:
    """Return the bytes of an .npy file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> Path:
    """Write bytes and return the path."""
    path.write_bytes(content)
    return path


def refused(path: Path, text: str | None = None) -> None:
    """Fail unless the file is refused, at opening or in fit, by an error that names it."""
    with pytest.raises((ValueError, OSError), match=text) as caught:
        fit_from(START, centra.from_npy(path))
    assert path.name in str(caught.value)
    assert str(caught.value).isprintable()


# ------------------------------------------------------------------------------------- reading rows


def test_an_npy_cut_short_anywhere(tmp_path):
    whole = npy(ROWS)
    for length in [0, 1, 5, 6, 8, 9, 10, 60, 127, 128, 129, 135, len(whole) // 2, len(whole) - 1]:
        refused(write(tmp_path / "short.npy", whole[:length]))


def test_an_npy_with_more_than_its_header_says(tmp_path):
    path = write(tmp_path / "long.npy", npy(ROWS) + b"more")
    try:
        km = fit_from(START, centra.from_npy(path))
    except ValueError as error:
        assert "long.npy" in str(error)
    else:
        check_same_fit(km, fit_from(START, ROWS))


@pytest.mark.parametrize("code", ["i4", "u1", "f2", ">f8", ">f4", "?", "g", "i8"])
def test_an_npy_of_another_dtype(tmp_path, code):
    """Either as in memory or refused, with the dtype in the error."""
    rows = np.abs(np.round(ROWS * 5)).astype(code)
    path = write(tmp_path / "other.npy", npy(rows))
    start = rows[:4].astype(np.float64)
    try:
        km = fit_from(start, centra.from_npy(path))
    except (ValueError, TypeError) as error:
        assert "other.npy" in str(error)
        assert "dtype" in str(error) or str(rows.dtype) in str(error)
    else:
        check_same_fit(km, fit_from(start, rows))


@pytest.mark.parametrize("code", ["c16", "U3", "S2", "M8[D]", [("a", "f8")]])
def test_an_npy_without_numbers(tmp_path, code):
    refused(write(tmp_path / "words.npy", npy(np.zeros((5, 2), dtype=code))))


class Bomb:
    """An object whose unpickling can be seen."""

    def __reduce__(self) -> Any:
        return (os.mkdir, ("exploded",))


def test_an_npy_of_objects_is_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    objects = np.empty((2, 1), dtype=object)
    objects[:] = Bomb()
    refused(write(tmp_path / "bomb.npy", npy(objects, allow_pickle=True)))
    assert not Path("exploded").exists()


@pytest.mark.parametrize("shape", [(5,), (), (2, 2, 2), (0, 3), (5, 0)])
def test_an_npy_of_a_wrong_shape(tmp_path, shape):
    refused(write(tmp_path / "shape.npy", npy(np.zeros(shape))))


def test_an_npy_in_fortran_order(tmp_path):
    path = write(tmp_path / "fortran.npy", npy(np.asfortranarray(ROWS)))
    try:
        km = fit_from(START, centra.from_npy(path, memory="1MB"))
    except ValueError as error:
        assert "fortran.npy" in str(error) and "ortran" in str(error)
    else:
        check_same_fit(km, fit_from(START, ROWS))


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (-3, 3), }",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (2**62, 3), }",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 3), }",
        b"{'descr': '<f8', 'fortran_order': False, }",
        b"{'descr': '<f8', 'fortran_order': 3, 'shape': (400, 3), }",
        b"__import__('os').mkdir('exploded')",
        b"[1, 2",
        b"\xff\xfe\x00",
        b"{'descr': '>\x83\x85+,f8', 'fortran_order': False, 'shape': (400, 3), }",
    ],
)
def test_an_npy_with_a_broken_header(tmp_path, monkeypatch, header):
    monkeypatch.chdir(tmp_path)
    header = header.ljust(117) + b"\n"
    head = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    refused(write(tmp_path / "header.npy", head + ROWS.tobytes()))
    assert not Path("exploded").exists()


def test_something_that_is_no_npy(tmp_path):
    refused(write(tmp_path / "text.npy", b"a,b\n1,2\n" * 50))
    refused(write(tmp_path / "zip.npy", b"PK\x03\x04" + bytes(500)))
    for version in (b"\x00\x00", b"\x04\x00", b"\x09\x00", b"\xff\x00", b"\x01\x01"):
        path = write(tmp_path / "version.npy", b"\x93NUMPY" + version + bytes(500))
        refused(path, r"its format has version \d+\.\d, and 1.0, 2.0 and 3.0")
        good = npy(ROWS)
        refused(write(path, good[:6] + version + good[8:]), "its format has version")
    with pytest.raises(FileNotFoundError, match=r"missing\.npy"):
        centra.from_npy(tmp_path / "missing.npy")
    with pytest.raises((OSError, ValueError)):
        centra.from_npy(tmp_path)
    with pytest.raises((TypeError, ValueError)):
        centra.from_npy(5.5)


@pytest.mark.parametrize("row", [0, 399])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_npy_that_is_not_finite(tmp_path, row, value):
    bad = ROWS.copy()
    bad[row, 2] = value
    path = write(tmp_path / "nan.npy", npy(bad))
    with pytest.raises(ValueError, match=r"NaN|inf"):
        fit_from(START, centra.from_npy(path))
    km = fit_from(START, ROWS)
    with pytest.raises(ValueError, match=r"NaN|inf"):
        km.predict(centra.from_npy(path))


@pytest.mark.parametrize("memory", ["", "much", "-1MB", 0, -5, "0MB", None, "10XB", 1.5j, "nan"])
def test_a_memory_that_is_no_amount(tmp_path, memory):
    path = write(tmp_path / "rows.npy", npy(ROWS))
    with pytest.raises((ValueError, TypeError), match="memory"):
        fit_from(START, centra.from_npy(path, memory=memory))


def test_an_npy_of_other_columns_than_the_models(tmp_path):
    km = fit_from(START[:, :2], ROWS[:, :2])
    path = write(tmp_path / "rows.npy", npy(ROWS))
    with pytest.raises(ValueError, match=r"3 features.*expecting 2"):
        km.predict(centra.from_npy(path))


def script(text: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own: what it is about may kill a process."""
    command = [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npy_that_shrinks_after_it_was_opened(tmp_path, order):
    """A memory map would end the process with SIGBUS."""
    path = write(tmp_path / "shrinks.npy", npy(np.zeros((200_000, 3), order=order)))
    done = script(
        """
        import os, sys
        import numpy as np
        import centra

        source = centra.from_npy(sys.argv[1])
        os.truncate(sys.argv[1], 5000)
        for init in (np.eye(3)[:2], "k-means++"):
            try:
                centra.KMeans(2, init=init, n_init=1).fit(source)
            except (ValueError, OSError) as error:
                print("refused:", error)
        """,
        path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("refused:") == done.stdout.count("shrinks.npy") == 2


# ------------------------------------------------------------------------------------------- saving


@pytest.fixture
def fitted() -> centra.KMeans:
    """A model that needs more than a few kilobytes."""
    return fit_from(ROWS[:100], ROWS)


FILLING = """
    import resource, sys
    import numpy as np
    import centra

    km = centra.KMeans(100, init=np.load(sys.argv[1])[:100], n_init=1).fit(np.load(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    try:
        km.save(sys.argv[2])
    except OSError as error:
        print("refused:", error)
"""


@LINUX
@pytest.mark.parametrize(
    ("limit", "before"), [(0, None), (100, b"what was there"), (3000, b"what was there")]
)
def test_a_disk_that_fills_while_saving(tmp_path, limit, before):
    """The kernel refuses to let the file grow, as a full disk does."""
    rows = write(tmp_path / "rows.npy", npy(ROWS))
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "model.centra"
    if before is not None:
        write(path, before)
    done = script(FILLING, rows, path, limit)
    assert done.returncode == 0, done.stderr
    assert "refused:" in done.stdout and "model.centra" in done.stdout
    assert [p.name for p in folder.iterdir()] == ([] if before is None else ["model.centra"])
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_reports_it_is_full_late(tmp_path, monkeypatch, fitted, step):
    """Some file systems say so only when the bytes have to reach the disk, or at the rename."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    path = write(tmp_path / "model.centra", b"what was there")
    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match=r"No space left on device.*model\.centra"):
        fitted.save(path)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["model.centra"]
    assert path.read_bytes() == b"what was there"


def test_saving_where_nothing_can_be_saved(tmp_path, fitted):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        fitted.save(tmp_path / "nowhere" / "model.centra")
    with pytest.raises(OSError, match=tmp_path.name):
        fitted.save(tmp_path)
    with pytest.raises(TypeError):
        fitted.save(None)
    assert list(tmp_path.iterdir()) == []


def test_a_model_cut_short_anywhere(tmp_path, fitted):
    path = tmp_path / "model.centra"
    fitted.save(path)
    whole = path.read_bytes()
    check_same_centers(centra.load(path), fitted)
    for length in [0, 1, 4, 30, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1]:
        write(path, whole[:length])
        with pytest.raises(ValueError, match=r"model\.centra"):
            centra.load(path)


def test_a_model_with_a_changed_byte(tmp_path, fitted):
    """Refused, or the change was in a place that means nothing: never another model."""
    path = tmp_path / "model.centra"
    fitted.save(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 200)):
        write(path, whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            loaded = centra.load(path)
        except ValueError as error:
            assert "model.centra" in str(error)
        else:
            check_same_centers(loaded, fitted)


def check_same_centers(a: centra.KMeans, b: centra.KMeans) -> None:
    """Fail unless two models would predict the same."""
    assert a.cluster_centers_.tobytes() == b.cluster_centers_.tobytes()
    assert a.labels_.tobytes() == b.labels_.tobytes()
    assert a.inertia_ == b.inertia_
