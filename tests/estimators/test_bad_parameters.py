"""Bad parameters: out of range, an init that does not fit, callables that misbehave.

As in ``data/test_validate.py``, each gets the right answer or one clear error that names the
parameter.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import centra
import naive_numpy
from compare import check_same_fit, fit_from, refuses

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3))

# --------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("n_clusters", [0, -1, 2.5, "3", None]),
        ("max_iter", [0, -1, 1.5, None]),
        ("tol", [-1e-9, np.nan, "0", None]),
        ("n_init", [0, -1, 1.5, "many", None]),
        ("init", ["best", 5, None]),
        ("algorithm", ["fast", None, 3]),
        ("verbose", [-1, "yes", None]),
        ("random_state", ["seed", 1.5, -1]),
        ("n_threads", [0, -1, 1.5, "2"]),
    ],
)
def test_parameters_out_of_range(name, values):
    """Refused in fit, by name; never in the constructor."""
    for value in values:
        parameters = {"n_clusters": 2, "random_state": 0} | {name: value}
        km = centra.KMeans(**parameters)
        with pytest.raises((ValueError, TypeError), match=name if name != "random_state" else "."):
            km.fit(X)


def test_500_threads():
    few, many = (fit_from(X[:4], X, n_threads=t) for t in (1, 500))
    check_same_fit(many, few)
    assert centra.assign(X, X[:4], n_threads=500).tolist() == many_labels(X, X[:4])
    with pytest.raises(ValueError, match="n_threads"):
        centra.assign(X, X[:4], n_threads=0)


def many_labels(rows: np.ndarray, centers: np.ndarray) -> list[int]:
    """Return the oracle's labels."""
    return naive_numpy.assign(rows, centers).tolist()


# --------------------------------------------------------------------------------------------- init


def test_an_init_of_the_wrong_shape():
    text = "The shape of the initial centers (4, 3) does not match the number of clusters 2."
    refuses(re.escape(text), X, init=np.zeros((4, 3)))
    text = (
        "The shape of the initial centers (2, 2) does not match the number of features of the data"
    )
    refuses(re.escape(text), X, init=np.zeros((2, 2)))
    refuses("2D", X, init=np.zeros(3))
    refuses("dim 3", X, init=np.zeros((2, 3, 1)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_init_that_is_not_finite(value):
    start = X[:2].copy()
    start[1, 2] = value
    refuses("(?s)(NaN|infinity).*init|init.*(NaN|infinity)", X, init=start)
    refuses("NaN|infinity|complex|convert", X, init=[["a", "b", "c"], [1, 2, 3]])


def test_an_init_is_not_changed():
    start, rows = X[:2].copy(), X.copy()
    centra.KMeans(2, init=start, copy_x=False).fit(rows)
    assert np.array_equal(start, X[:2]) and np.array_equal(rows, X)


class OwnError(Exception):
    """What a user's callable may raise."""


def raising(*_: Any, **__: Any) -> None:
    """Raise what only the user knows."""
    raise OwnError("mine")


@pytest.mark.parametrize(
    ("init", "text"),
    [
        (lambda X, k, random_state: X[: k + 1], "does not match the number of clusters 2"),
        (lambda X, k, random_state: X[:k, :2], "does not match the number of features of the data"),
        (lambda X, k, random_state: X[:k] * np.nan, "NaN"),
        (lambda X, k, random_state: X[0], "2D"),
        (lambda X, k, random_state: None, "."),
        (lambda X, k, random_state: "centers", "."),
        (lambda X, k, random_state: X[:k] + 1j, "(?i)complex"),
        (lambda X: X[:2], "argument"),
    ],
)
def test_a_callable_that_misbehaves(init, text):
    refuses(text, X, init=init, n_init=1)


def test_a_callables_own_error_comes_through():
    with pytest.raises(OwnError, match="mine"):
        centra.KMeans(2, init=raising).fit(X)


def test_a_callable_that_writes_into_its_rows_harms_nobody():
    def scribbling(rows: np.ndarray, k: int, random_state: Any) -> np.ndarray:
        start = rows[:k].copy()
        rows[:] = 99
        return start

    kept = X.copy()
    km = centra.KMeans(2, init=scribbling, n_init=1).fit(kept)
    assert np.array_equal(kept, X)
    check_same_fit(km, centra.KMeans(2, init=lambda X, k, random_state: X[:k], n_init=1).fit(X))


def test_a_callback_that_misbehaves():
    with pytest.raises(OwnError, match="mine"):
        centra.KMeans(2, callbacks=[raising]).fit(X)
    refuses("callback", X, callbacks=[5])
    refuses("callback", X, callbacks=5)
