"""One answer everywhere: the same bits in memory and from disk, in any order and layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra import _core

RNG = np.random.default_rng(20260101)
N, D, K = 3000, 5, 12


def rows(dtype: Any = np.float64) -> np.ndarray:
    """Return clustered rows far from the origin, some of them repeated, some on an integer grid."""
    X = RNG.normal(size=(N, D)) + 5 * RNG.integers(0, 4, size=(N, 1)) + 1000
    X[::7] = np.round(X[::7])
    X[100:200] = X[0:100]
    return X.astype(dtype)


def answer(X: Any, start: Any = None, weights: Any = None, **how: Any) -> tuple[Any, ...]:
    """Return everything that must not differ."""
    how = {"max_iter": 40, "tol": 0.0, "random_state": 5} | how
    if start is not None:
        how |= {"init": start, "n_init": 1}
    km = centra.KMeans(K, **how).fit(X, sample_weight=weights)
    history = [(r.inertia, r.shift, r.changed, r.centers.tobytes()) for r in km.history_]
    return km.labels_.tobytes(), km.cluster_centers_.tobytes(), km.inertia_, km.n_iter_, history


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seeded", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_memory_and_disk_at_any_block_size(
    tmp_path: Path, dtype: Any, seeded: bool, weighted: bool
) -> None:
    X = rows(dtype)
    start = None if seeded else X[:K].astype(np.float64)
    weights = RNG.random(N) if weighted else None
    path = tmp_path / "rows.npy"
    np.save(path, X)
    expected = answer(X, start, weights)
    row = D * X.itemsize
    for block in (997, 1000, N - 1, N, 10 * N):
        assert answer(centra.from_npy(path, memory=block * row), start, weights) == expected
    if not seeded:
        assert answer(centra.from_npy(path, memory=61 * row), start, weights, max_iter=5) == answer(
            X, start, weights, max_iter=5
        )
    np.save(path, np.asfortranarray(X))
    assert answer(centra.from_npy(path, memory="16KB"), start, weights) == expected


def test_predict_transform_and_score_from_disk(tmp_path: Path) -> None:
    X = rows(np.float32)
    path = tmp_path / "rows.npy"
    np.save(path, X)
    disk = centra.from_npy(path, memory="7KB")
    km = centra.KMeans(K, random_state=0).fit(X)
    assert (km.predict(disk) == km.labels_).all()
    assert km.transform(disk).tobytes() == km.transform(X).tobytes()
    assert km.score(disk) == km.score(X) == -km.inertia_


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layouts(dtype: Any) -> None:
    X = rows(dtype)
    start = X[:K].astype(np.float64)
    expected = answer(X, start)
    wide = np.empty((2 * N, 3 * D), dtype=dtype)
    wide[::2, ::3] = X
    backwards = X[::-1, ::-1].copy()
    frozen = X.copy()
    frozen.setflags(write=False)
    shifted = np.empty(X.nbytes + 1, dtype=np.uint8)[1:].view(np.uint8)
    unaligned = np.frombuffer(shifted, dtype=dtype).reshape(X.shape)
    unaligned[:] = X
    for same in (
        np.asfortranarray(X),
        wide[::2, ::3],
        backwards[::-1, ::-1],
        frozen,
        unaligned,
        X.astype(np.dtype(dtype).newbyteorder()),
        np.repeat(X, 2, axis=0)[1::2],
    ):
        if same.dtype == dtype:
            assert answer(same, start) == expected
        else:  # big-endian rows become float64
            assert answer(same, start)[0] == expected[0]


def test_memory_mapped(tmp_path: Path) -> None:
    X = rows()
    np.save(tmp_path / "rows.npy", X)
    assert answer(np.load(tmp_path / "rows.npy", mmap_mode="r")) == answer(X)


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_csr_and_dense(index: Any, dtype: Any) -> None:
    X = np.where(RNG.random((N, 30)) < 0.8, 0, RNG.integers(-3, 9, size=(N, 30)) / 7).astype(dtype)
    S = sp.csr_matrix(X)
    S.indices, S.indptr = S.indices.astype(index), S.indptr.astype(index)
    weights = RNG.integers(0, 4, size=N)
    for how in ({"start": X[:K].astype(np.float64)}, {}, {"weights": weights}):
        assert answer(S, **how) == answer(X, **how)
    km = centra.KMeans(K, random_state=0).fit(X)
    assert (km.predict(S) == km.labels_).all()
    assert km.transform(S).tobytes() == km.transform(X).tobytes()


@pytest.mark.parametrize("weighted", [False, True])
def test_permuted_rows(weighted: bool) -> None:
    X = rows()
    weights = RNG.random(N) if weighted else None
    order = RNG.permutation(N)
    start = X[:K].copy()
    first = answer(X, start, weights)
    second = answer(X[order], start, None if weights is None else weights[order])
    assert first[1:] == second[1:]
    assert (np.frombuffer(first[0], np.int32)[order] == np.frombuffer(second[0], np.int32)).all()


@pytest.mark.parametrize("isa", _core.Workers.available())
@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_instruction_sets_and_threads(
    isa: str, n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, W = rows(np.float32), RNG.normal(size=(400, 150))
    expected = answer(X), answer(W, max_iter=5)
    monkeypatch.setenv("CENTRA_ISA", isa)
    assert (answer(X, n_threads=n_threads), answer(W, max_iter=5, n_threads=n_threads)) == expected


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5, 8, 9, 63, 64, 65, 200])
@pytest.mark.parametrize("k", [1, 2, 5, 13, 100, 300])
@pytest.mark.parametrize("isa", _core.Workers.available())
def test_every_shape_of_a_microtile(
    d: int, k: int, isa: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTRA_ISA", isa)
    X = RNG.integers(-4, 5, size=(333, d)) + RNG.choice([0, 0, 2.0**-20], size=(333, d))
    centers = np.concatenate([X[: min(k, 333)], X[: max(0, k - 333)]])
    # Multiples of 2^-20 below 8: squared distances have 54 bits, exact in long double.
    exact = ((X[:, None, :].astype(np.longdouble) - centers[None]) ** 2).sum(axis=2)
    assert (centra.assign(X, centers) == exact.argmin(axis=1)).all()


def test_small_and_zero_data_keep_an_exact_inertia() -> None:
    for power in (-450, -486, -490, -495, -499, -520):
        X = np.array([[0.0], [1.0], [3.0], [2.0]]) * 2.0**power
        km = centra.KMeans(1, init=X[:1], n_init=1, tol=0).fit(X)
        assert km.inertia_ == 5 * 2.0 ** (2 * power)
    assert centra.KMeans(1, init=[[0, 0]], n_init=1).fit(np.zeros((5, 2))).inertia_ == 0.0


def test_a_variance_that_float64_cannot_hold_is_one_error() -> None:
    with pytest.raises(OverflowError, match="power of two"):
        centra.KMeans(2, random_state=0, n_init=1).fit([[0.0], [1e200], [2e200], [-1e200]])


def test_subnormal_weights_and_centers() -> None:
    km = centra.KMeans(2, init=[[5e-324], [1.0]], n_init=1, tol=0)
    km.fit([[5e-324], [1e-323], [1.0]], sample_weight=[5e-324, 1, 1])
    assert km.cluster_centers_.ravel().tolist() == [1e-323, 1.0]


def test_centers_that_are_not_finite_are_refused() -> None:
    km = centra.KMeans(2, random_state=0).fit([[0.0], [1.0]])
    km.cluster_centers_ = np.array([[np.nan], [1.0]])
    with pytest.raises(ValueError, match="cluster_centers_ contains NaN"):
        km.predict([[0.0]])


def test_ties_of_many_far_rows_take_bounded_memory() -> None:
    S = sp.csr_array((np.ones(3000), (np.arange(3000), np.arange(3000))))
    start = np.zeros((3, 3000))
    start[1], start[2] = 1e3, 2e3
    km = centra.KMeans(3, init=start, n_init=1, max_iter=2).fit(S)
    assert len(set(km.labels_.tolist())) == 3


@pytest.mark.slow
def test_forty_million_float32_rows() -> None:
    X = np.empty((40_000_000, 1), dtype=np.float32)
    noise = np.random.default_rng(0)
    for start in range(0, len(X), 1 << 20):
        part = X[start : start + (1 << 20), 0]
        part[:] = noise.normal(0.5, 0.05, size=len(part))
        part[1::2] += 5
    km = centra.KMeans(2, init=[[0.0], [6.0]], n_init=1).fit(X)
    for cluster in range(2):
        part = X[km.labels_ == cluster, 0].astype(np.float64)
        assert len(part) == 20_000_000
        mean = float(np.mean(part, dtype=np.longdouble))
        assert km.cluster_centers_[cluster, 0] == np.float32(mean)
    residual = X[:, 0].astype(np.float64) - km.cluster_centers_.astype(np.float64)[km.labels_, 0]
    # The dot product of 40 million float64 numbers is the less exact side.
    assert km.inertia_ == pytest.approx(float(residual @ residual), rel=1e-10)
