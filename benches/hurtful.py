"""Data that hurts: as people have them, each of a kind that some shortcut does not like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

SEED = 271828

Floats = np.ndarray
Draw = Callable[[np.random.Generator, int, int, float], Any]


def camps(rng: np.random.Generator, n: int, d: int, spread: float = 1.0) -> Floats:
    """Return overlapping clusters: what is bent into what hurts."""
    middles = 3 * rng.normal(size=(12, d))
    return middles[rng.integers(0, 12, n)] + spread * rng.normal(size=(n, d))


def noise(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return noise without structure."""
    return rng.random((n, d))


def scales(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return columns whose scales go from 1 to `how`."""
    return camps(rng, n, d) * np.geomspace(1, how, d)


def shares(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return one column of counts up to `how` beside shares of 1."""
    X = rng.random((n, d))
    X[:, 0] = np.floor(np.exp(rng.uniform(0, np.log(how), n)))
    return X


def far_row(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return rows of which one lies `how` away."""
    X = camps(rng, n, d)
    X[n // 2] = how
    return X


def far_rows(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return rows of which one in a hundred lies up to `how` away."""
    X = camps(rng, n, d)
    far = rng.random(n) < 0.01
    X[far] *= np.geomspace(1, how, far.sum())[:, None]
    return X


def tails(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return columns of heavy tails: Student's t with `how` degrees of freedom."""
    return rng.standard_t(how, size=(n, d))


def lognormal(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return amounts: lognormal, with `how` for sigma."""
    return np.exp(how * rng.normal(size=(n, d)))


def one_hot(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return categories as columns of 0 and 1, `how` of them, some levels rare."""
    levels = d // int(how)
    X = np.zeros((n, levels * int(how)))
    for category in range(int(how)):
        level = np.minimum(rng.geometric(4 / levels, n) - 1, levels - 1)
        X[np.arange(n), category * levels + level] = 1
    return X


def one_hot_and_amounts(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return categories beside columns of numbers that are `how` times as large."""
    half = one_hot(rng, n, d // 2, 2)
    return np.hstack([half, how * camps(rng, n, d - half.shape[1])])


def counts(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return counts around `how`: many rows tie."""
    return rng.poisson(how * rng.choice([0.5, 1, 2], (n, 1)), (n, d)).astype(float)


def equal(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return rows of which each occurs `how` times (but of few, fewer: there are 50)."""
    X = camps(rng, max(50, int(n / how)), d)
    return X[rng.integers(0, len(X), n)]


def runs(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return a log: runs of equal rows, `how` long in the mean."""
    X = np.round(camps(rng, n, d), 1)
    return X[np.maximum.accumulate(np.where(rng.random(n) < 1 / how, np.arange(n), 0))]


def constant(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return rows whose columns are constant, but for one in four."""
    X = np.full((n, d), how)
    X[:, ::4] = camps(rng, n, len(range(0, d, 4)))
    return X


def offset(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return rows far from the origin, as times and coordinates are."""
    return how + camps(rng, n, d)


def apart(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return two camps `how` apart, with structure in each."""
    X = camps(rng, n, d)
    X[:, 0] += how * rng.choice([-1, 1], n)
    return X


def log(rng: np.random.Generator, n: int, d: int, how: float) -> Floats:
    """Return a log of connections: counts to `how` beside shares, most rows much alike.

    Six in ten come from floods, of few different rows; two from scans; of the rest, a few bytes are
    millions.
    """
    X = np.zeros((n, d))
    kind = rng.choice(3, n, p=[0.57, 0.22, 0.21])
    shares = slice(d // 2 + 2, d)
    flood = np.flatnonzero(kind == 0)
    X[flood, 1] = rng.choice([1032.0, 520.0, 1480.0], len(flood), p=[0.8, 0.18, 0.02])
    X[flood, d // 2] = np.where(rng.random(len(flood)) < 0.9, 511, rng.integers(1, 511, len(flood)))
    X[flood, d // 2 + 1] = X[flood, d // 2]
    X[np.ix_(flood, np.arange(d)[shares][::2])] = 1
    scan = np.flatnonzero(kind == 1)
    X[scan, d // 2] = rng.integers(90, 300, len(scan))
    X[scan, d // 2 + 1] = rng.integers(1, 21, len(scan))
    X[np.ix_(scan, np.arange(d)[shares])] = rng.choice([0, 0.05, 0.07, 1], (len(scan), 1))
    rest = np.flatnonzero(kind == 2)
    X[rest, 1] = np.floor(np.exp(rng.normal(5.6, 1.3, len(rest))))
    X[rest, 2] = np.floor(np.exp(rng.normal(7.0, 1.8, len(rest))))
    few = rng.random((len(rest), d // 2 - 3)) < 0.02
    X[np.ix_(rest, np.arange(3, d // 2))] = few * rng.integers(1, 6, few.shape)
    X[np.ix_(rest, np.arange(d)[shares])] = np.round(
        rng.beta(0.3, 0.6, (len(rest), d - d // 2 - 2)), 2
    )
    far = rest[rng.permutation(len(rest))[: max(2, n // 8000)]]
    X[far, 1] = np.floor(np.geomspace(1e5, how, len(far)))
    return X


def csr(rng: np.random.Generator, n: int, d: int, how: float) -> sp.csr_matrix:
    """Return texts: sparse rows of about `how` words, few words in most of them."""
    words = np.minimum((d * rng.power(0.35, int(n * how))).astype(int), d - 1)
    rows = rng.integers(0, n, len(words))
    X = sp.csr_matrix((1 + rng.exponential(size=len(words)), (rows, words)), shape=(n, d))
    X.sum_duplicates()
    return X


def csr_one_hot(rng: np.random.Generator, n: int, d: int, how: float) -> sp.csr_matrix:
    """Return categories, sparse."""
    return sp.csr_matrix(one_hot(rng, n, d, how))


def csr_dense(rng: np.random.Generator, n: int, d: int, how: float) -> sp.csr_matrix:
    """Return sparse rows that are not so sparse: a share of `how` is stored."""
    return sp.csr_matrix(np.where(rng.random((n, d)) < how, camps(rng, n, d), 0))


def csr_far(rng: np.random.Generator, n: int, d: int, how: float) -> sp.csr_matrix:
    """Return sparse rows with an amount in the first column, up to `how`, and empty rows."""
    X = csr(rng, n, d, 12).tolil()
    amounts = np.floor(np.exp(rng.uniform(0, np.log(how), n)))
    X[:, 0] = np.where(rng.random(n) < 0.3, amounts, 0)[:, None]
    return X.tocsr()


@dataclass(frozen=True)
class Hurtful:
    """A set: how it is drawn, its size, and what hurts."""

    draw: Draw
    n: int
    d: int
    how: float

    def __str__(self) -> str:
        return f"{self.draw.__name__.replace('_', ' ')} {self.how:g}"

    def drawn(self, dtype: str) -> Any:
        """Return the rows."""
        X = self.draw(np.random.default_rng([SEED, self.n, self.d]), self.n, self.d, self.how)
        return X.astype(dtype) if sp.issparse(X) else np.ascontiguousarray(X, dtype=dtype)
