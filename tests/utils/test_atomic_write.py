"""Files that appear whole or not at all, whatever fails while they are written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._persistence import container
from centra._persistence.save import to_state
from centra._utils import atomic_write
from centra._utils.atomic_write import write_whole


@pytest.fixture(autouse=True, params=["nameless", "named", "copied"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the bytes wait for their name: all systems can do the second, some the first."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    if request.param == "named":
        monkeypatch.setattr(atomic_write, "_O_TMPFILE", None)
    elif request.param == "copied":  # a system that lets nobody link
        monkeypatch.setattr(os, "link", refuse)
    return str(request.param)


@pytest.fixture(scope="module")
def fitted() -> centra.KMeans:
    rows = np.random.default_rng(117117).normal(size=(60, 2))
    return centra.KMeans(n_clusters=3, random_state=5).fit(rows)


@pytest.fixture
def path(tmp_path: Path, fitted: centra.KMeans) -> Path:
    path = tmp_path / "three.centra"
    fitted.save(path)
    return path


def test_an_existing_file_is_replaced(path: Path) -> None:
    other = centra.KMeans(n_clusters=2, random_state=0).fit(np.eye(5))
    other.save(path)
    assert centra.load(path).inertia_ == other.inertia_
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("where", ["write", "fsync", "replace"])
@pytest.mark.parametrize("existed", [True, False])
def test_a_full_disk_leaves_everything_as_it_was(
    where: str,
    existed: bool,
    fitted: centra.KMeans,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "m"
    if existed:
        path.write_bytes(b"the old file")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if where == "write":
        monkeypatch.setattr(container.npy, "write_array", full)
    else:
        monkeypatch.setattr(os, where, full)
    with pytest.raises(OSError, match="No space left on device; nothing was written") as caught:
        fitted.save(path)
    assert caught.value.filename == str(path)
    assert caught.value.errno == errno.ENOSPC
    assert [entry.name for entry in tmp_path.iterdir()] == (["m"] if existed else [])
    if existed:
        assert path.read_bytes() == b"the old file"


def test_a_real_limit_on_the_size_of_a_file(path: Path) -> None:
    """The kernel itself refuses the write, as it does on a full disk."""
    old = path.read_bytes()
    code = (
        "import sys, centra, resource\n"
        "km = centra.load(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    km.save(sys.argv[1])\n"
        "except OSError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert "File too large; nothing was written" in done.stdout
    assert path.read_bytes() == old
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000  # ours is as it was


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), write_whole(tmp_path / "m") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_a_missing_folder_is_refused(fitted: centra.KMeans, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="a file name is needed"):
        fitted.save(tmp_path)
    with pytest.raises(FileNotFoundError, match="nothing was written") as caught:
        fitted.save(tmp_path / "no" / "m")
    assert caught.value.filename == str(tmp_path / "no" / "m")


def test_a_device_is_not_replaced(fitted: centra.KMeans) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        fitted.save(os.devnull)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_permissions_follow_the_umask_or_the_old_file(
    fitted: centra.KMeans, tmp_path: Path
) -> None:
    path = tmp_path / "m"
    before = os.umask(0o027)
    try:
        fitted.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        fitted.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(before)


def test_a_symbolic_link_stays_a_link(fitted: centra.KMeans, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    fitted.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert centra.load(tmp_path / "real").inertia_ == fitted.inertia_


def test_a_relative_path_and_a_text_path(
    fitted: centra.KMeans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fitted.save("m")
    assert centra.load("m").inertia_ == fitted.inertia_


@pytest.mark.parametrize(
    "name",
    ["x" * 255, "\N{SNOWMAN}" * 85, "ü" * 127, "\N{SLIGHTLY SMILING FACE}" * 63, "\udcff\udcfe.m"],
    ids=["ascii", "3 bytes", "2 bytes", "4 bytes", "not UTF-8"],
)
def test_names_as_long_as_the_system_has_them(
    name: str, fitted: centra.KMeans, tmp_path: Path
) -> None:
    for _ in range(2):
        fitted.save(tmp_path / name)
        assert centra.load(tmp_path / name).inertia_ == fitted.inertia_
        assert os.listdir(tmp_path) == [name]


def test_a_name_that_is_too_long_is_the_systems_error(
    fitted: centra.KMeans, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="File name too long") as caught:
        fitted.save(tmp_path / ("ü" * 128))
    assert caught.value.filename == str(tmp_path / ("ü" * 128))
    assert list(tmp_path.iterdir()) == []


def test_paths_of_bytes(fitted: centra.KMeans, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe"
    fitted.save(path)  # type: ignore[arg-type]
    assert centra.load(path).inertia_ == fitted.inertia_  # type: ignore[arg-type]
    with open(path, "wb"), pytest.raises(ValueError, match="empty"):
        centra.load(path)  # type: ignore[arg-type]


def can_be_nameless(folder: Path) -> bool:
    handle = atomic_write._nameless(folder)
    if handle is not None:
        os.close(handle)
    return handle is not None


@pytest.mark.parametrize("existed", [True, False])
def test_what_a_process_that_is_killed_leaves(way: str, existed: bool, tmp_path: Path) -> None:
    """Nothing, where the system has files without names; else a name that says whose it is."""
    lost = 0 if can_be_nameless(tmp_path) else 1
    if existed:
        (tmp_path / "m").write_bytes(b"the old file")
    code = (
        "import os, signal, sys\n"
        "from centra._utils import atomic_write\n"
        f"if {way == 'named'}: atomic_write._O_TMPFILE = None\n"
        "with atomic_write.write_whole(sys.argv[1]) as file:\n"
        "    file.write(b'half' * 100_000)\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "m")], check=False)
    assert done.returncode == -signal.SIGKILL
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert [name for name in left if name == "m"] == (["m"] if existed else [])
    temporary = [name for name in left if name != "m"]
    assert len(temporary) == lost and all(name.startswith(".centra-") for name in temporary)
    assert not existed or (tmp_path / "m").read_bytes() == b"the old file"


def test_a_real_full_disk(fitted: centra.KMeans, tmp_path: Path) -> None:
    """A file system of 16 kB, where this machine lets us make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system to fill")
    command = [mount, "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow a mount")
    try:
        meta, arrays = to_state(fitted)
        arrays["padding"] = np.zeros(100_000)
        with pytest.raises(OSError, match="No space left on device; nothing was written"):
            container.write(disk / "m", meta, arrays)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)
