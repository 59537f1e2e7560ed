"""Files that appear whole or not at all, whatever fails while they are written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import centra
from centra import persist, store
from centra.whole import write_whole


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
        monkeypatch.setattr(store.npy, "write_array", full)
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
        meta, arrays = persist.to_state(fitted)
        arrays["padding"] = np.zeros(100_000)
        with pytest.raises(OSError, match="No space left on device; nothing was written"):
            store.write(disk / "m", meta, arrays)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)
