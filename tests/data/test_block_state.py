"""State of rows belongs to their block: any number of blocks, resident or not, gives one answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from compare import check_same_fit
from parts import CUTS, Parts


@pytest.mark.parametrize("resident", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("d", "memory"), [(2, None), (3, None), (8, None), (32, "50MB"), (32, None)]
)
def test_any_number_of_blocks(d: int, memory: str | None, dtype: Any, resident: bool) -> None:
    rng = np.random.default_rng(d)
    X = (rng.normal(size=(6000, d)) + 6 * rng.integers(0, 3, size=(6000, 1))).astype(dtype)
    for init in (X[:20], "k-means++", "k-means||"):
        how: dict[str, Any] = dict(init=init, n_init=1, max_iter=20, memory=memory, tol=0.0)
        whole = centra.KMeans(20, random_state=0, **how).fit(X)
        for at in CUTS:
            km = centra.KMeans(20, random_state=0, **how).fit(Parts(X, at, resident))
            check_same_fit(whole, km)


@pytest.mark.parametrize("resident", [False, True])
def test_any_number_of_sparse_blocks(resident: bool) -> None:
    X = sp.random(6000, 20, 0.2, "csr", random_state=0)
    whole = centra.KMeans(20, random_state=0, tol=0.0, max_iter=20).fit(X)
    for at in CUTS:
        km = centra.KMeans(20, random_state=0, tol=0.0, max_iter=20).fit(Parts(X, at, resident))
        check_same_fit(whole, km)
