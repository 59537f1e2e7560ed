"""Tables of which it is known whether they have clusters: noise of several kinds, and blobs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

#: Kinds of noise: none has clusters.
NOISE = ("gaussian", "uniform", "lognormal", "likert")


def sizes(rng: np.random.Generator, tables: int) -> Iterator[tuple[int, int, int]]:
    """Give n in 30..2,000, d in 1..100 and k in 2..8: small ones as often as large ones."""
    for _ in range(tables):
        n = round(float(np.exp(rng.uniform(np.log(30), np.log(2000)))))
        d = round(float(np.exp(rng.uniform(0, np.log(100)))))
        yield n, d, int(rng.integers(2, 9))


def noise(rng: np.random.Generator, kind: str, n: int, d: int) -> np.ndarray:
    """Give rows without clusters."""
    if kind == "likert":
        return rng.integers(1, 6, size=(n, d)).astype(np.float64)
    draw = {"gaussian": rng.normal, "uniform": rng.uniform, "lognormal": rng.lognormal}[kind]
    return np.asarray(draw(size=(n, d)))


def places(rng: np.random.Generator, d: int, k: int, apart: float) -> np.ndarray:
    """Give k centres, each so far from the next and none nearer to another."""
    found = [np.zeros(d)]
    while len(found) < k:
        way = rng.normal(size=d)
        new = found[rng.integers(len(found))] + apart * way / np.linalg.norm(way)
        if all(np.linalg.norm(new - old) >= apart * (1 - 1e-9) for old in found):
            found.append(new)
    return np.array(found)


def blobs(rng: np.random.Generator, n: int, d: int, k: int, apart: float = 6.0) -> np.ndarray:
    """Give k round Gaussians of standard deviation 1 and about as many rows each."""
    which = rng.permutation(np.arange(n) % k)
    return places(rng, d, k, apart)[which] + rng.normal(size=(n, d))
