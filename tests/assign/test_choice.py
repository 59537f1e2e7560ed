"""Which filter a pass takes: by the counts of passes before, never by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from forced import rows


def test_rows_that_cannot_be_sorted_take_the_exhaustive_filter(monkeypatch: Any) -> None:
    X = rows("uniform", 300, 5)
    monkeypatch.setenv("CENTRA_ENGINE", "hamerly")
    assert set(centra.KMeans(3).fit(sp.csr_array(X)).engine_["sweeps"]) == {"exhaustive"}
    monkeypatch.setenv("CENTRA_ENGINE", "blocks")
    for how in (X, sp.csr_array(X[:, :2])):
        km = centra.KMeans(3, random_state=0).fit(how)
        assert set(km.engine_["sweeps"]) == {"exhaustive"}


def test_an_unknown_filter_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setenv("CENTRA_ENGINE", "magic")
    with pytest.raises(
        ValueError, match=r"CENTRA_ENGINE='magic'.*set it to 'exhaustive', 'blocks', 'hamerly'"
    ):
        centra.KMeans(2).fit([[0.0], [1.0]])


def test_the_choice_follows_the_work(monkeypatch: Any) -> None:
    monkeypatch.delenv("CENTRA_ENGINE", raising=False)
    X = np.random.default_rng(0).random((20_000, 2))

    def passes(X: Any, k: int) -> Any:
        start = X[:k].copy()
        return centra.KMeans(k, init=start, n_init=1, max_iter=12, tol=0).fit(X).engine_["sweeps"]

    assert passes(X, 400) == {"exhaustive": 1, "blocks": 12}
    assert passes(X, 3) == {"exhaustive": 13}
    assert set(passes(X[:1000], 100)) == {"exhaustive"}
    # Four columns and few rows: blocks are wide, which two passes over them show.
    wide = np.random.default_rng(0).random((5000, 4))
    assert passes(wide, 150)["exhaustive"] > 8
    # Rows that have settled are left out.
    fit = centra.KMeans(50, n_init=1, random_state=0, tol=0).fit(rows("uniform", 8000, 6))
    assert fit.n_iter_ > 40
    assert fit.engine_["sweeps"]["hamerly"] > fit.engine_["sweeps"]["exhaustive"]
    assert fit.engine_["examined"] < 0.7 * fit.engine_["rows"]
