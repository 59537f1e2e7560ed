"""Hypothesis strategies for k-means: small problems, chosen to hurt.

A problem is rows, weights and a start. Rows are built from a family (integer grids full of exact
ties, or real numbers), then bent: rows repeated, moved to an offset where float32 has few digits
left, columns scaled apart, everything pushed down to denormals or up to where squares almost
overflow. Everything is small, because the oracle works in fractions, and because hypothesis
shrinks a failure to something that a person can follow by hand.

The default profile is derandomised: a test run is the same every time. ``CENTRA_HYPOTHESIS=long``
looks for new examples, and for many more of them.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from compare import LAYOUTS
from parts import BLOCKS, Held

slow_is_fine = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "short",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=slow_is_fine,
)
settings.register_profile(
    "long", database=None, deadline=None, max_examples=3000, suppress_health_check=slow_is_fine
)
PROFILE = os.environ.get("CENTRA_HYPOTHESIS", "short")
settings.load_profile(PROFILE)


def examples(count: int) -> settings:
    """Settings of a law that deserves more or fewer examples than others; "long" takes 50 times."""
    return settings(max_examples=count * (50 if PROFILE == "long" else 1))


# How rows are bent. "plain" first: hypothesis shrinks towards it.
BENDS = ("plain", "offset", "columns", "denormal", "huge")
# float32 data in these keep their squares, as float64 numbers, far from both ends of the range.
GENTLE = ("plain", "offset", "columns")

# Sums of this many squares of HUGE numbers stay below float64's largest number.
HUGE = 2.0**490
TINY = 2.0**-1070


class Problem(NamedTuple):
    """Rows, weights (None or one per row) and a start of k centres."""

    X: np.ndarray
    weights: np.ndarray | None
    start: np.ndarray

    @property
    def k(self) -> int:
        """How many clusters."""
        return len(self.start)


def grids(shape: tuple[int, int], reach: int = 4) -> st.SearchStrategy[np.ndarray]:
    """Float64 arrays of small integers: distances tie all the time, means seldom are integers."""
    return arrays(
        np.float64, shape, elements=st.integers(-reach, reach).map(float), fill=st.nothing()
    )


def reals(shape: tuple[int, int]) -> st.SearchStrategy[np.ndarray]:
    """Float64 arrays of numbers between -4 and 4 that hypothesis finds interesting."""
    return arrays(np.float64, shape, elements=st.floats(-4, 4, allow_subnormal=False))


def noise(shape: tuple[int, int]) -> st.SearchStrategy[np.ndarray]:
    """Float64 arrays of numbers between -4 and 4, all bits in use, from a seed."""
    seeds = st.integers(0, 2**32 - 1)
    return seeds.map(lambda seed: np.random.default_rng(seed).uniform(-4, 4, size=shape))


@st.composite
def matrices(
    draw: Any,
    n: Any = None,
    d: Any = None,
    bends: tuple[str, ...] = BENDS,
    dtypes: tuple[type, ...] = (np.float64, np.float32),
    repeats: bool = True,
) -> np.ndarray:
    """Return rows (n, d): a family, bent, some of the rows repeated, in float64 or float32."""
    n = draw(st.integers(1, 30)) if n is None else n
    d = draw(st.integers(1, 5) | st.sampled_from([8, 9, 17])) if d is None else d
    dtype = draw(st.sampled_from(dtypes))
    X = draw(grids((n, d)) | noise((n, d)) | reals((n, d)))
    X = bend(draw, X, draw(st.sampled_from(bends)), dtype).astype(dtype)
    if repeats and draw(st.booleans()):
        X = X[draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))]
    return np.ascontiguousarray(X)


def bend(draw: Any, X: np.ndarray, how: str, dtype: type) -> np.ndarray:
    """Return X bent in one of the ways of ``BENDS``."""
    small = dtype == np.float32
    if how == "offset":
        return X + draw(st.sampled_from([1e3, -1e4, 1e5, 1e6]))
    if how == "columns":
        powers = st.sampled_from([-20, -8, -1, 0, 5, 12, 20])
        scales = draw(st.lists(powers, min_size=X.shape[1], max_size=X.shape[1]))
        return X * 2.0 ** np.array(scales)
    if how == "denormal":
        return X * (2.0**-146 if small else TINY)
    if how == "huge":
        return X * (2.0**121 if small else HUGE)
    return X


@st.composite
def weights_for(
    draw: Any, n: int, kinds: tuple[str, ...] = ("none", "counts", "zeros", "reals")
) -> np.ndarray | None:
    """Return None or n weights of which at least one is positive."""
    kind = draw(st.sampled_from(kinds))
    if kind == "none":
        return None
    elements = {
        "counts": st.integers(1, 4).map(float),
        "zeros": st.sampled_from([0.0, 0.0, 1.0, 2.0, 0.5]),
        "reals": st.floats(2.0**-20, 8.0, width=64),
    }[kind]
    w = draw(arrays(np.float64, (n,), elements=elements))
    if not w.any():
        w[draw(st.integers(0, n - 1))] = 1.0
    return w


@st.composite
def starts_for(draw: Any, X: np.ndarray, k: int | None = None) -> np.ndarray:
    """Return k starting centres for X, exact in X's dtype.

    Rows of X (the same one twice, sometimes: duplicates), points halfway between two rows, or
    points far off, which leave clusters empty.
    """
    n = len(X)
    k = min(n, draw(st.sampled_from([2, 3, 4, 5, 6, 1]))) if k is None else k
    row = st.integers(0, n - 1)
    picked = draw(st.lists(st.tuples(row, row, st.sampled_from("rrrmf")), min_size=k, max_size=k))
    points = []
    for i, j, how in picked:
        a, b = X[i].astype(np.float64), X[j].astype(np.float64)
        points.append({"r": a, "m": a / 2 + b / 2, "f": 3 * a - 2 * b}[how])
    return np.array(points).astype(X.dtype)


@st.composite
def problems(
    draw: Any,
    bends: tuple[str, ...] = BENDS,
    dtypes: tuple[type, ...] = (np.float64, np.float32),
    weights: tuple[str, ...] = ("none", "counts", "zeros", "reals"),
    repeats: bool = True,
) -> Problem:
    """Return a whole problem: rows, weights and a start."""
    X = draw(matrices(bends=bends, dtypes=dtypes, repeats=repeats))
    return Problem(X, draw(weights_for(len(X), weights)), draw(starts_for(X)))


def holders(layouts: tuple[str, ...] = ("C",)) -> st.SearchStrategy[Held]:
    """Ways to hold rows: in memory, and in sources of 1, 2 and 7 blocks, resident or not."""
    memory = st.sampled_from(layouts).map(Held)
    aligned = [layout for layout in layouts if layout != "unaligned"]  # not a matrix of the core's
    cut = st.tuples(st.sampled_from(aligned), st.sampled_from(BLOCKS), st.booleans())
    return memory | cut.map(lambda how: Held(*how))


HOLDERS = holders()
ANY_LAYOUT = holders(LAYOUTS)
