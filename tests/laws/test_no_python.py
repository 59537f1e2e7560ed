"""The compiled core calls no Python: what runs there could raise, and nobody would hear it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra import _core

CLASSES = tuple(each for each in vars(_core).values() if isinstance(each, type))


def _of_the_core(function: Any) -> bool:
    if getattr(function, "__module__", None) == "centra._core":
        return True
    owner = getattr(function, "__self__", None)
    return isinstance(owner, CLASSES) or any(owner is each for each in CLASSES)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("d", [2, 8])
def test_no_python_runs_within_the_core(d: int, sparse: bool, dtype: Any) -> None:
    X = np.random.default_rng(0).normal(size=(500, d)).astype(dtype)
    rows = sp.csr_matrix(X) if sparse else X
    inside: list[Any] = []
    calls, found = 0, []

    def watch(frame: Any, event: str, function: Any) -> None:
        nonlocal calls
        if event == "c_call" and _of_the_core(function):
            inside.append(function)
            calls += 1
        elif event in ("c_return", "c_exception") and _of_the_core(function):
            inside.pop()
        elif event == "call" and inside:
            found.append((inside[-1].__name__, frame.f_code.co_qualname))

    sys.setprofile(watch)
    try:
        model = centra.KMeans(5, random_state=0, n_init=2).fit(rows)
        model.predict(rows)
        model.transform(rows)
        model.report(rows)
    finally:
        sys.setprofile(None)
    assert calls > 20
    assert found == []
