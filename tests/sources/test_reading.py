"""Sources that read their rows: the bits of memory, whatever the budget, the files, the parts."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import centra
from centra.sources import Source
from centra.sources.reading import ReadSource, narrowed
from compare import check_same_fit

X = np.round(np.random.default_rng(0).normal(size=(701, 5)) * 8) / 4
X[7] = -0.0
WEIGHTS = np.random.default_rng(1).integers(0, 4, len(X)).astype(float)
START = X[[3, 50, 111, 400]]
CUTS = [0, 0, 1, 250, 251, 701]


def table(rows: np.ndarray) -> Any:
    return pa.table({f"c{i}": rows[:, i] for i in range(rows.shape[1])})


def npys(folder: Path, rows: np.ndarray, memory: Any) -> Source:
    paths = []
    for i, (a, b) in enumerate(pairwise(CUTS[1:])):
        np.save(folder / f"p{i}.npy", np.asarray(rows[a:b], order="CF"[i % 2]))
        paths.append(folder / f"p{i}.npy")
    return centra.from_npy(paths, memory)


def parquets(folder: Path, rows: np.ndarray, memory: Any) -> Source:
    for i, (a, b) in enumerate(pairwise(CUTS)):
        pq.write_table(table(rows[a:b]), folder / f"p{i}.parquet", row_group_size=70)
    return centra.from_parquet(folder, memory=memory)


def vectors(folder: Path, rows: np.ndarray, memory: Any) -> Source:
    flat = pa.array(rows[:, 1:].ravel())
    lists = pa.FixedSizeListArray.from_arrays(flat, rows.shape[1] - 1)
    pq.write_table(pa.table({"a": rows[:, 0], "v": lists}), folder / "v.parquet")
    return centra.from_parquet(folder / "v.parquet", memory=memory)


def arrows(folder: Path, rows: np.ndarray, memory: Any) -> Source:
    for i, (a, b) in enumerate(pairwise(CUTS)):
        whole = table(rows[a:b])
        path = str(folder / f"p{i}.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, whole.schema) as writer:
            writer.write_table(whole, 60)
    return centra.from_arrow(str(folder / "*.arrow"), memory=memory)


def array(folder: Path, rows: np.ndarray, memory: Any) -> Source:
    np.save(folder / "rows.npy", rows)
    return centra.from_array(np.load(folder / "rows.npy", mmap_mode="r"), memory)


def stream(folder: Path, rows: np.ndarray, memory: Any) -> Source:
    return centra.from_stream(table(rows).to_reader(50), scratch=folder, memory=memory)


KINDS: dict[str, Callable[[Path, np.ndarray, Any], Source]] = {
    made.__name__: made for made in (npys, parquets, vectors, arrows, array, stream)
}
ROW = X.shape[1] * 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2"])
@pytest.mark.parametrize("rows", [1, 2, 9, 64, 300, 701, 5000])
def test_the_bits_of_memory(tmp_path: Path, kind: str, dtype: str, rows: int) -> None:
    given = (X * (4 if dtype == "i2" else 1)).astype(dtype)
    source = KINDS[kind](tmp_path, given, rows * ROW // (2 if dtype == "f4" else 1))
    in_memory = given if dtype == "f4" else given.astype(float)
    start = START.astype(in_memory.dtype) * (4 if dtype == "i2" else 1)
    assert source.dtype == in_memory.dtype and source.shape == X.shape
    km = centra.KMeans(4, init=start, n_init=1, max_iter=4 if rows < 9 else 300)
    here = centra.KMeans(4, init=start, n_init=1, max_iter=km.max_iter)
    check_same_fit(
        km.fit(source, sample_weight=WEIGHTS), here.fit(in_memory, sample_weight=WEIGHTS)
    )
    assert np.array_equal(km.predict(pickle.loads(pickle.dumps(source))), here.predict(in_memory))
    wanted = np.array([700, 3, 3, -1, 0, 250, 251, 249])
    assert np.array_equal(source.take(wanted), given[wanted].astype(float))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random"])
def test_seeding(tmp_path: Path, kind: str, init: str) -> None:
    source = KINDS[kind](tmp_path, X, 40 * ROW)
    fits = [
        centra.KMeans(4, init=init, n_init=2, random_state=0, max_iter=3).fit(rows)
        for rows in (source, X)
    ]
    check_same_fit(*fits)


class Counted(ReadSource):
    """Rows whose reading is counted."""

    def __init__(self, rows: np.ndarray, memory: Any) -> None:
        self.rows, self.shape, self.dtype, self.read = rows, rows.shape, rows.dtype, 0
        self.budget(memory)

    def opened(self) -> Any:
        from contextlib import nullcontext

        def fill(start: int, rows: np.ndarray) -> None:
            self.read += len(rows)
            rows[...] = self.rows[start : start + len(rows)]

        return nullcontext(fill)

    def take_ascending(self, rows: Any, out: Any, into: Any) -> None:
        out[into] = self.rows[rows]


def passed(source: Source) -> np.ndarray:
    """Read all rows once, as a pass does."""
    parts = []
    for block in source.checked_blocks():
        parts.append(block.matrix.take(np.arange(block.matrix.shape[0])))
    return np.concatenate(parts)


def test_what_fits_is_read_once() -> None:
    source = Counted(X, X.nbytes)
    for _ in range(3):
        assert np.array_equal(passed(source), X)
    assert source.read == len(X)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("tol", [0, 1e-4])
def test_one_reading_before_the_first_assignment_and_one_for_each(
    weights: np.ndarray | None, tol: float
) -> None:
    """Nothing but the first look at the columns is read for by itself."""
    source = Counted(X, X.nbytes // 4)
    source._room = 0  # no rows stay
    km = centra.KMeans(4, init=START, n_init=1, tol=tol, max_iter=5)
    km.fit(source, sample_weight=weights)
    passes = sum(km.engine_["sweeps"].values())
    assert source.read == (1 + passes) * len(X)
    check_same_fit(
        km,
        centra.KMeans(4, init=START, n_init=1, tol=tol, max_iter=5).fit(X, sample_weight=weights),
    )


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize(
    ("factor", "shift", "bytes_kept"), [(1, 2.0**-40, 8), (1, 0, 4), (4, 0, 1)]
)
def test_the_first_rows_stay(share: float, factor: int, shift: float, bytes_kept: int) -> None:
    """Numbers that a narrower type holds stay in that, so that more of them stay."""
    rows = X * factor + shift
    source = Counted(rows, int(share * X.nbytes))
    passed(source)
    source.read = 0
    assert np.array_equal(passed(source), rows)
    block = source._block
    room = int(share * X.nbytes) - 2 * block * ROW
    kept = min(len(X), room // (block * 5 * bytes_kept) * block)
    assert source.read == len(X) - kept


def test_the_budget_holds() -> None:
    """Two blocks and what is kept: no more than the budget, at any size of it."""
    for memory in [ROW, ROW + 1, 2 * ROW, 5 * ROW, 1000, 4321, X.nbytes - 1, X.nbytes, 1 << 20]:
        source = Counted(X, memory)
        passed(source)
        kept = sum(rows.nbytes for rows in source._kept or ())
        buffers = 0 if source._block >= len(X) else 2 * source._block * ROW
        assert kept + buffers <= max(memory, 2 * ROW)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([0.0, 255.0], "u1"),
        ([-1.0, 127.0], "i1"),
        ([-1.0, 128.0], "i2"),
        ([0.0, 256.0], "i2"),
        ([0.0, 32768.0], "f4"),
        ([0.1, 1.0], "f8"),
        ([0.5, np.nan], "f8"),
        ([0.5, np.inf], "f4"),
        ([1e300, 1.0], "f8"),
        ([2.0**-149, 1.0], "f4"),
        ([2.0**-150, 1.0], "f8"),
        ([-0.0, 1.0], "u1"),
    ],
)
def test_the_narrowest_type(rows: list[float], kind: str) -> None:
    found = narrowed(np.array([rows]), 100)
    assert found is not None and found.dtype == kind
    np.testing.assert_array_equal(found.astype(float), [rows])
    assert narrowed(np.array([rows]), found.nbytes - 1) is None
    single = np.asarray([rows], dtype="f4") if kind != "f8" else None
    if single is not None:
        assert narrowed(single, 100).dtype == kind  # type: ignore[union-attr]


def test_lists_of_one_number(tmp_path: Path) -> None:
    pq.write_table(pa.table({"v": [[1.0], [2.0], [9.0]]}), tmp_path / "v.parquet")
    source = centra.from_parquet(tmp_path / "v.parquet")
    assert source.feature_names == ("v[0]",)
    assert passed(source).tolist() == [[1.0], [2.0], [9.0]]


def test_names_of_columns(tmp_path: Path) -> None:
    source = KINDS["parquets"](tmp_path, X, "1MB")
    km = centra.KMeans(2, random_state=0).fit(source)
    assert list(km.feature_names_in_) == ["c0", "c1", "c2", "c3", "c4"]
    turned = centra.from_parquet(tmp_path, columns=["c1", "c0", "c2", "c3", "c4"])
    with pytest.raises(ValueError, match=r"Column 0 of .* is called 'c1', and was called 'c0'.*"):
        km.predict(turned)
    km.predict(source), km.fit(X)
    assert not hasattr(km, "feature_names_in_")
    folder = tmp_path / "v"
    folder.mkdir()
    km.fit(KINDS["vectors"](folder, X, "1MB"))
    assert list(km.feature_names_in_) == ["a", "v[0]", "v[1]", "v[2]", "v[3]"]


def test_filters_and_folders(tmp_path: Path) -> None:
    """Hive's folders are columns; filters are counted once."""
    whole = table(X).append_column("year", pa.array([2020 + i % 3 for i in range(len(X))]))
    pq.write_to_dataset(whole, tmp_path / "d", partition_cols=["year"])
    wanted = pc.field("c0") > 0.5
    source = centra.from_parquet(tmp_path / "d", filters=wanted, memory=30 * ROW)
    years = np.array([2020 + i % 3 for i in range(len(X))])
    both = np.column_stack([X, years])
    rows = np.concatenate([both[years == year] for year in (2020, 2021, 2022)])
    rows = rows[rows[:, 0] > 0.5]
    assert source.feature_names == ("c0", "c1", "c2", "c3", "c4", "year")
    assert np.array_equal(passed(source), rows)
    one = centra.from_parquet(tmp_path / "d", columns=["c1"], filters=pc.field("year") == 2021)
    assert np.array_equal(passed(one)[:, 0], X[years == 2021, 1])


def test_a_file_system_of_fsspec(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    with memory.open("/rows/a.parquet", "wb") as file:
        pq.write_table(table(X), file, row_group_size=100)
    source = centra.from_parquet("/rows/a.parquet", filesystem=memory, memory=50 * ROW)
    assert np.array_equal(passed(source), X)


def test_polars_pandas_and_csv(tmp_path: Path) -> None:
    import pandas as pd
    import polars as pl

    frame = pd.DataFrame(X, columns=list("abcde"))
    frame.to_csv(tmp_path / "rows.csv", index=False)
    for given in (frame, pl.from_pandas(frame), tmp_path / "rows.csv", str(tmp_path / "rows.csv")):
        source = centra.from_stream(given, scratch=tmp_path, columns=["b", "e"], memory=30 * ROW)
        assert np.array_equal(passed(source), X[:, [1, 4]])


def test_a_scratch_file_goes_with_its_source(tmp_path: Path) -> None:
    import gc

    source = KINDS["stream"](tmp_path, X, "1MB")
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    del source
    gc.collect()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("k", [200, 201])
def test_many_readings_are_said(tmp_path: Path, k: int, recwarn: Any) -> None:
    """k-means++ reads rows twice for every centre; above 200 a warning says so, with remedies."""
    np.save(tmp_path / "rows.npy", X)
    part, whole = (centra.from_npy(tmp_path / "rows.npy", memory) for memory in ("4KB", "1MB"))
    for rows in (whole, X):
        centra.KMeans(k, max_iter=1, random_state=0).fit(rows)
    for init in ("k-means||", "random"):
        centra.KMeans(k, init=init, max_iter=1, random_state=0).fit(part)
    assert not len(recwarn)
    centra.KMeans(k, max_iter=1, random_state=0).fit(part)
    told = [(str(one.message), one.filename) for one in recwarn]
    if k == 200:
        assert not told
        return
    ((message, filename),) = told
    assert message.startswith("init='k-means++' reads all rows twice for each of the 201 centres")
    assert filename == __file__
