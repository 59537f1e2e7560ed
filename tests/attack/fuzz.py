"""The differential fuzzer: small random problems, fitted in random ways, against exact arithmetic.

A problem is made from its number alone, so a failure is repeated by it::

    PYTHONPATH=tests python -m attack.fuzz --only 4711       # this problem
    PYTHONPATH=tests python -m attack.fuzz --seconds 7200    # new ones, for hours
    PYTHONPATH=tests python -m attack.fuzz --seconds 60 --seed 1000000

Rows, weights and starts are bent as in ``strategies.py``; what hypothesis cannot do is to look for
hours at problems that are larger, through every engine, precision, instruction set, layout and
source there is.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

import centra
import naive
import naive_numpy
from centra import _core
from compare import LAYOUTS, check_equal, check_same_fit, laid_out, same
from parts import Parts, cuts_of
from strategies import HUGE, TINY

Rng = np.random.Generator
FAMILIES = ("grid", "noise", "blobs", "few", "line", "sparse")
BENDS = ("plain", "plain", "offset", "columns", "denormal", "huge", "outlier")
STARTS = ("rows", "rows", "mixed", "far", "equal", "k-means++", "random", "k-means||", "callable")
#: By the names that they had in earlier versions, which are still taken.
ENGINES = ("", "", "tile", "boxes", "bounds", "moved")
SOURCES = ("memory", "memory", "npy", "npy-f", "1", "2", "7", "ragged", "random")


@dataclass
class Problem:
    """Rows, weights, what is asked, and in which way it is done."""

    X: np.ndarray
    weights: np.ndarray | None
    start: np.ndarray | str
    k: int
    called: bool
    max_iter: int
    tol: float
    n_init: int
    seed: int
    layout: str
    source: str
    cuts: list[int]
    resident: bool
    memory: str | int | None
    n_threads: int
    environ: dict[str, str]

    def __str__(self) -> str:
        lines = []
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, np.ndarray):
                value = f"np.array({value.tolist()!r}, dtype={str(value.dtype)!r})"
            lines.append(f"    {each.name} = {value}")
        return "\n".join(lines)


def problem(number: int) -> Problem:
    """Make the problem of a number."""
    rng = np.random.default_rng([number, 50])

    def one_of(values: Any) -> Any:
        return values[rng.integers(len(values))]

    n = int(one_of([rng.integers(1, 12), rng.integers(2, 60), rng.integers(60, 500)]))
    d = int(one_of([1, 2, 3, 4, 5, 8, 9, 17, 33]))
    dtype = one_of([np.float64, np.float32])
    bend, kind = one_of(BENDS), one_of(["none", "none", "counts", "zeros", "reals", "wide"])
    X = bent(rng, rows(rng, one_of(FAMILIES), n, d), bend, dtype)
    # Together these have an inertia that float64 cannot hold.
    weights = weighed(rng, n, "reals" if (bend, kind) == ("huge", "wide") else kind)
    k = int(one_of([1, rng.integers(1, min(n, 8) + 1), rng.integers(1, min(n, 60) + 1)]))
    if n <= 12:
        k = int(one_of([k, n]))
    how = one_of(STARTS)
    if how == "random" and weights is not None and np.count_nonzero(weights) < k:
        how = "k-means++"
    start = started(rng, X, k, how) if how in ("rows", "mixed", "far", "equal", "callable") else how
    source = one_of(SOURCES)
    cuts = cuts_of(n, source) if source in ("1", "2", "7", "ragged") else []
    if source == "random":
        cuts = sorted(rng.integers(0, n + 1, rng.integers(1, 9)).tolist())
    environ = {
        "CENTRA_ENGINE": one_of(ENGINES),
        "CENTRA_PRECISION": one_of(["", "", "float32", "int16", "int8"]),
        "CENTRA_ISA": one_of(["", *_core.Workers.available()]),
    }
    return Problem(
        X,
        weights,
        start,
        k,
        how == "callable",
        int(one_of([1, 2, 5, 20])),
        float(one_of([0.0, 0.0, 1e-4, 0.1])),
        int(one_of([1, 3])) if isinstance(start, str) else 1,
        int(rng.integers(0, 2**31)),
        one_of(
            LAYOUTS if source == "memory" else ("C", "F", "strided", "backwards", "csr", "csr64")
        ),
        source,
        cuts,
        bool(rng.integers(2)),
        one_of([None, None, "1KB", "50KB", "20MB"]),
        int(one_of([1, 1, 2, 3, 5])),
        {name: value for name, value in environ.items() if value},
    )


def rows(rng: Rng, family: str, n: int, d: int) -> np.ndarray:
    """Return rows of about unit size; a third of the time some of them are repeated."""
    X = rng.normal(size=(n, d))
    if family == "grid":  # exact ties
        X = rng.integers(-3, 4, size=(n, d)).astype(float)
    elif family == "blobs":
        X = rng.integers(0, 5, size=(n, 1)) + 0.01 * X
    elif family == "few":  # fewer places than clusters
        X = X[rng.integers(0, max(1, n // 8), n)]
    elif family == "line":
        X = X[:, :1] * np.ones(d)
    elif family == "sparse":
        X = X * (rng.random((n, d)) < 0.2)
    return X[rng.integers(0, n, n)] if rng.random() < 0.3 else X


def bent(rng: Rng, X: np.ndarray, how: str, dtype: type) -> np.ndarray:
    """Return rows where float32, or float64, has few digits left."""
    small, (n, d) = dtype == np.float32, X.shape
    if how == "offset":
        X = X + rng.choice([1e3, -1e4, 1e6, 1e8])
    elif how == "columns":
        X = X * 2.0 ** rng.integers(-20, 21, d)
    elif how == "denormal":
        X = X * (2.0**-146 if small else TINY)
    elif how == "huge":
        X = X * (2.0**121 if small else HUGE)
    elif how == "outlier":
        X[rng.integers(n)] *= 10.0 ** rng.integers(3, 30)
    return np.ascontiguousarray(X.astype(dtype))


def weighed(rng: Rng, n: int, kind: str) -> np.ndarray | None:
    """Return weights, or none."""
    if kind == "none":
        return None
    w = {
        "counts": rng.integers(1, 5, n).astype(float),
        "zeros": rng.choice([0.0, 0.0, 1.0, 2.0, 0.5], n),
        "reals": rng.uniform(2.0**-20, 8.0, n),
        "wide": 2.0 ** rng.uniform(-40, 40, n),
    }[kind]
    if not w.any():
        w[rng.integers(n)] = 1.0
    return w


def started(rng: Rng, X: np.ndarray, k: int, how: str) -> np.ndarray:
    """Return k centres: rows, points between them, far ones that leave clusters empty, or equal."""
    n = len(X)
    a = X[rng.permutation(n)[:k]].astype(np.float64)
    b = X[rng.integers(0, n, k)].astype(np.float64)
    if how == "mixed":
        a = a / 2 + b / 2
    elif how == "far":
        a = np.where(rng.random((k, 1)) < 0.5, a, 3 * a - 2 * b)
    elif how == "equal":
        a = a[rng.integers(0, max(1, k // 3), k)]
    return a.astype(X.dtype)


@contextmanager
def held(it: Problem) -> Iterator[Any]:
    """Hold the rows as the problem says."""
    if it.source == "memory":
        yield laid_out(it.X, it.layout)
    elif it.source.startswith("npy"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.npy"
            np.save(path, np.asfortranarray(it.X) if it.source == "npy-f" else it.X)
            block = 1 + it.seed % len(it.X)
            yield centra.from_npy(path, memory=block * it.X[0].nbytes)
    else:
        yield Parts(laid_out(it.X, it.layout), it.cuts, it.resident)


def fitted(it: Problem, rows: Any, **how: Any) -> centra.KMeans:
    """Fit rows."""
    given = {"n_threads": it.n_threads, "memory": it.memory, "random_state": it.seed} | how
    init: Any = it.start
    if it.called:
        init = lambda X, n_clusters, random_state: it.start  # noqa: E731
    km = centra.KMeans(it.k, init=init, n_init=it.n_init, max_iter=it.max_iter, tol=it.tol, **given)
    return km.fit(rows, sample_weight=it.weights)


def oracle(it: Problem, km: centra.KMeans) -> naive.Fit:
    """Return the oracle's fit."""
    if not isinstance(it.start, str):
        # A callable sees centred rows, as in scikit-learn, and answers in their place: adding the
        # mean rounds.
        start = km.history_[0].centers if it.called else it.start
        return naive.lloyd(it.X, start, it.weights, it.max_iter, it.tol, naive_numpy)
    seeding = naive.seed_plusplus if it.start == "k-means++" else naive.seed_random
    state = np.random.RandomState(it.seed)
    how = (it.weights, it.max_iter, it.tol, naive_numpy)
    return naive.fit(it.X, it.k, seeding, it.n_init, state, *how)


def check(it: Problem) -> None:
    """Fail unless centra's fit of the problem has the oracle's bits, and stands by them."""
    before = {name: os.environ.get(name) for name in it.environ}
    with warnings.catch_warnings(), held(it) as rows:
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        os.environ.update(it.environ)
        try:
            km = fitted(it, rows)
            labels = km.predict(rows)
            far = km.transform(rows)
            score = km.score(rows, None, it.weights)
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        if (
            isinstance(it.start, str) and it.start == "k-means||"
        ):  # whose draws test_parallel checks
            plain = fitted(it, it.X, n_threads=1, memory=None)
            check_same_fit(km, plain)
            assert km.labels_.tolist() == naive_numpy.assign(it.X, km.cluster_centers_).tolist()
        else:
            check_equal(km, oracle(it, km))
    assert labels.tolist() == km.labels_.tolist()
    assert score == -km.inertia_
    D = [naive_numpy.distances(it.X, c) for c in km.cluster_centers_]
    same(far, np.sqrt(np.array(D)).T.astype(it.X.dtype))


def attack(first: int, count: int | None = None, seconds: float | None = None) -> tuple[int, list]:
    """Check problems from a number on; return how many, and those that failed with their errors."""
    end = time.monotonic() + seconds if seconds is not None else None
    number, failed = first, []
    while (count is None or number < first + count) and (end is None or time.monotonic() < end):
        try:
            check(problem(number))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic of the core is no Exception
            failed.append((number, f"{type(error).__name__}: {error}".splitlines()[0]))
        number += 1
    return number - first, failed


def main() -> int:
    """Look for failures, and print them."""
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("--seconds", type=float, default=60.0)
    read.add_argument("--seed", type=int, default=time.time_ns() % 10**12, help="first problem")
    read.add_argument("--only", type=int, help="one problem, with all that there is to know of it")
    asked = read.parse_args()
    if asked.only is not None:
        print(problem(asked.only))
        check(problem(asked.only))
        return 0
    done, failed = attack(asked.seed, seconds=asked.seconds)
    for number, error in failed:
        print(f"problem {number}: {error}")
    print(f"{done} problems from {asked.seed} on, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
