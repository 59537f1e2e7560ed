"""Rows on disk that change after they were opened: one sentence, and never an answer.

A fit passes over its rows many times. If they are others from one pass to the next, sums and labels
belong to no rows at all: a fit of such a file reported an inertia below 0.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import centra
from centra.events import Iterated
from centra.sources import npy_file as module
from centra.sources import runs

X = np.random.default_rng(0).normal(size=(3000, 4))
ORDERS = pytest.mark.parametrize("order", ["C", "F"])
TEXT = r"rows\.npy changed after it was opened.*Open it again with from_npy"


def saved(folder: Path, order: str, rows: np.ndarray = X) -> Path:
    """Write rows, and let it seem long ago: file systems count time in ticks."""
    path = folder / "rows.npy"
    np.save(path, np.asarray(rows, order=order))
    os.utime(path, ns=(10**18, 10**18))
    return path


def rewrite(path: Path) -> None:
    """Write others in the same place: as many bytes, in the same file."""
    other = np.load(path) * 100
    with open(path, "r+b") as file:
        np.save(file, other)


def replace(path: Path) -> None:
    """Put another file in its place, of the same size and time."""
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(10**18, 10**18))
    other.rename(path)


def append(path: Path) -> None:
    """Write more, and set the time back."""
    with open(path, "ab") as file:
        file.write(bytes(8))
    os.utime(path, ns=(10**18, 10**18))


def cut(path: Path) -> None:
    """Cut it short, and set the time back."""
    os.truncate(path, 5000)
    os.utime(path, ns=(10**18, 10**18))


CHANGES: list[Callable[[Path], None]] = [rewrite, replace, append, cut]


@ORDERS
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("init", ["given", "k-means++", "k-means||", "random"])
def test_between_two_passes(tmp_path: Path, order: str, change: Any, init: str) -> None:
    path = saved(tmp_path, order)
    done = []

    def callback(event: Any) -> None:
        if isinstance(event, Iterated) and event.iteration == 1 and not done:
            change(path)
            done.append(event)

    start: Any = X[:5] if init == "given" else init
    km = centra.KMeans(5, init=start, n_init=1, random_state=0, callbacks=[callback])
    with pytest.raises(ValueError, match=TEXT) as caught:
        km.fit(centra.from_npy(path, memory="20KB"))
    assert done and "\n" not in str(caught.value)
    # What is proposed works.
    if change is not cut:
        centra.KMeans(5, random_state=0, max_iter=2).fit(centra.from_npy(path))


@ORDERS
def test_within_a_pass(tmp_path: Path, order: str) -> None:
    """No block is handed out that was read after the change."""
    source = centra.from_npy(saved(tmp_path, order), memory="20KB")
    given = 0
    with pytest.raises(ValueError, match=TEXT):
        for block in source.blocks():
            assert np.array_equal(block.rows, slice(given, given + block.matrix.shape[0]))
            given += block.matrix.shape[0]
            if given > 1000:
                rewrite(tmp_path / "rows.npy")
    assert 1000 < given < len(X)


@ORDERS
@pytest.mark.parametrize("change", CHANGES)
def test_after_the_last_block_and_rows_taken(tmp_path: Path, order: str, change: Any) -> None:
    source = centra.from_npy(saved(tmp_path, order))
    blocks = source.blocks()
    next(blocks)
    change(tmp_path / "rows.npy")
    if change is not replace:  # which leaves the open file as it is
        with pytest.raises(ValueError, match=TEXT):
            next(blocks)
    with pytest.raises(ValueError, match=TEXT):
        source.take(np.array([0, 2999]))


@ORDERS
def test_a_file_that_is_gone(tmp_path: Path, order: str) -> None:
    source = centra.from_npy(saved(tmp_path, order))
    km = centra.KMeans(3, random_state=0).fit(source)
    (tmp_path / "rows.npy").unlink()
    for use in (km.fit, km.predict, km.transform, km.score):
        with pytest.raises(ValueError, match=r"rows\.npy is gone"):
            use(source)


@ORDERS
def test_a_file_that_is_only_read_or_renamed_back_is_the_same(tmp_path: Path, order: str) -> None:
    path = saved(tmp_path, order)
    source = centra.from_npy(path)
    path.rename(tmp_path / "away.npy")
    (tmp_path / "away.npy").rename(path)
    np.load(path, mmap_mode="r")[5].sum()
    path.chmod(0o444)
    again = pickle.loads(pickle.dumps(source))
    assert np.array_equal(again.take(np.arange(3000)), X)


@ORDERS
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", ">f4", "i1", "<i8", "?", "<f2"])
@pytest.mark.parametrize("gap", [0, 60, 1 << 15])
def test_rows_that_are_taken(
    tmp_path: Path, order: str, dtype: str, gap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any order, more than once, counted from the end, read one by one or many at once."""
    monkeypatch.setattr(runs, "GAP", gap)
    monkeypatch.setattr(runs, "SPAN", 1000)
    monkeypatch.setattr(module, "PIECE", 100)
    rows = (X * 9).astype(dtype)
    source = centra.from_npy(saved(tmp_path, order, rows), memory="10KB")
    rng = np.random.default_rng(1)
    for wanted in (
        np.arange(3000),
        np.array([], dtype=np.intp),
        np.array([2999]),
        np.array([5, 5, 0, -1, -3000, 5]),
        rng.integers(0, 3000, 50),
        rng.permutation(3000)[:1500],
    ):
        taken = source.take(wanted)
        assert taken.dtype == np.float64 and taken.flags.c_contiguous
        assert np.array_equal(taken, rows[wanted].astype(np.float64))
    for wrong in (3000, -3001):
        with pytest.raises(IndexError, match="3000 rows"):
            source.take(np.array([0, wrong]))
    centers = X[:7] * 9
    assert np.array_equal(centra.assign(source, centers), centra.assign(rows, centers))
