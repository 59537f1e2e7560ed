"""A callback that changes rows or weights in place: weights are a copy, changed rows are noticed.

Rows are borrowed, never copied. Sums are exact, so an inertia below 0, or a mean that is none, is a
sure sign that the rows of the sums are not those of the labels.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._data.validate import check_weights
from centra.sources import MemorySource
from compare import check_same_fit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(500, 3)) + 3 * RNG.integers(0, 3, size=(500, 1))
W = RNG.uniform(0.5, 2, size=500)


@pytest.mark.parametrize("init", ["k-means++", "k-means||", "random"])
def test_weights_that_change_during_a_fit_are_those_of_the_start(init: str) -> None:
    def fit(weights: Any, callbacks: Any) -> centra.KMeans:
        km = centra.KMeans(6, init=init, n_init=2, random_state=0, callbacks=callbacks)
        return km.fit(X, sample_weight=weights)

    for change in (0, np.nan, 1e300):
        weights = W.copy()
        changed = fit(weights, [lambda _, w=weights, to=change: w.fill(to)])
        check_same_fit(changed, fit(W, None))


@pytest.mark.parametrize(
    "given",
    [W, W.astype(np.float32), W[::-1], np.arange(1, 501), list(W), 2, np.ones((500, 3))[:, 1] * 3],
)
def test_a_copy_that_nobody_else_holds(given: Any) -> None:
    found = check_weights(MemorySource(X), given)
    assert found is not None
    assert found.base is None and found.flags.owndata and found.flags.c_contiguous
    assert not found.flags.writeable
    assert not (isinstance(given, np.ndarray) and np.shares_memory(found, given))
    assert found.tolist() == np.broadcast_to(np.asarray(given, dtype=np.float64), 500).tolist()


def test_a_fit_whose_weights_change_ends() -> None:
    """It walked through all float64 numbers, and Ctrl-C was not heard."""
    program = """
        import numpy as np
        import centra

        rng = np.random.default_rng(1)
        X, w = rng.normal(size=(300, 2)), rng.uniform(1, 2, size=300)
        km = centra.KMeans(5, random_state=0, callbacks=[lambda event: w.__imul__(-3.7)])
        print(km.fit(X, sample_weight=w).inertia_ > 0)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "True\n", done.stderr


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("layout", [np.array, np.asfortranarray, sp.csr_matrix])
@pytest.mark.parametrize("columns", [3, 8])
@pytest.mark.parametrize("scale", [0, 1e-3, 30, -1])
def test_rows_that_change_are_no_inertia_below_0(layout: Any, columns: int, scale: float) -> None:
    rows = layout(np.resize(X, (500, columns)))
    stored = rows.data if sp.issparse(rows) else rows

    def callback(event: Any) -> None:
        stored[...] *= scale

    km = centra.KMeans(8, init=X.repeat(3, axis=1)[:8, :columns], n_init=1, callbacks=[callback])
    try:
        found = km.fit(rows).history_
    except (ValueError, OverflowError) as error:
        text = "X changed during the fit|more than float64|largest float64"
        assert re.search(text, str(error)), error
    else:
        assert min(record.inertia for record in found) >= 0
