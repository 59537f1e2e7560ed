"""What is kept beside the rows: of wide rows half of their bytes by default. `engine_` tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._data.budget import FEW_COLUMNS, beside
from compare import check_same_fit

RNG = np.random.default_rng(0)
WIDE = RNG.normal(size=(3000, 64)) + 4 * RNG.integers(0, 4, (3000, 1))


@pytest.fixture(autouse=True)
def _nothing_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    monkeypatch.delenv("CENTRA_PRECISION", raising=False)


def fitted(X: Any, **how: Any) -> centra.KMeans:
    return centra.KMeans(20, random_state=0, max_iter=8, tol=0, **how).fit(X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_init", [1, 3])
def test_half_of_the_bytes_of_wide_rows(dtype: Any, n_init: int) -> None:
    X = WIDE.astype(dtype)
    km = fitted(X, n_init=n_init)
    # Norms and errors are within the 32 bytes a row that a fit may always take.
    assert 2 * X.size <= km.engine_["kept"] <= X.nbytes / 2 + 12 * len(X)
    assert km.engine_["precision"] == {"int16": sum(km.engine_["sweeps"].values())}
    without = fitted(X, n_init=n_init, memory="32B/row")
    assert without.engine_["kept"] == 0
    check_same_fit(km, without)
    for memory in ("32 b/row", "1KB", 1000):
        assert fitted(X, n_init=n_init, memory=memory).engine_["kept"] == 0
    assert fitted(X, n_init=n_init, memory="1MB").engine_["kept"] == km.engine_["kept"]


def test_few_columns_and_what_is_not_in_memory_keep_to_32_bytes_a_row(tmp_path: Any) -> None:
    narrow = WIDE[:, :FEW_COLUMNS].copy()
    np.save(tmp_path / "rows.npy", WIDE)
    rows = centra.from_npy(tmp_path / "rows.npy")
    for X in (narrow, sp.csr_array(WIDE), rows):
        assert fitted(X).engine_["kept"] == 0
    check_same_fit(fitted(rows), fitted(WIDE))
    assert fitted(rows, memory="1MB").engine_["kept"] > 0


def test_rows_that_repeat_have_fewer_bytes_than_it_seems() -> None:
    assert beside(None, np.broadcast_to(WIDE[:1], WIDE.shape)) == 0
    assert beside(None, WIDE) == beside(None, np.asfortranarray(WIDE)) == WIDE.nbytes // 2
    assert beside(None, None) == 0


@pytest.mark.parametrize("memory", ["32B/rows", "32", "all"])
def test_other_words_are_amounts_or_errors(memory: str) -> None:
    if memory == "32":
        assert fitted(WIDE, memory=memory).engine_["kept"] == 0
        return
    with pytest.raises(ValueError, match=r"memory='.*' is not an amount of memory"):
        fitted(WIDE, memory=memory)
