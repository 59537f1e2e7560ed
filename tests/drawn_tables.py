"""Random tables without clusters, and with clusters that are known: what error rates are of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clusterless import NOISE, noise

Floats = NDArray[np.float64]

#: How the centres of clusters lie: far from the same distance all, on a line, or anywhere.
LAYOUTS = ("simplex", "line", "scaled", "apart")
#: Distance of the nearest centres, in standard deviations of a cluster.
DISTANCE = 6.0


@dataclass(frozen=True)
class Drawn:
    """A table, what it is, and how many clusters it has."""

    rows: Floats
    kind: str
    k: int
    truth: NDArray[np.int64]

    def __str__(self) -> str:
        """Say what the table is."""
        n, d = self.rows.shape
        return f"{self.kind} {n} x {d}, k = {self.k}"


def noise_table(number: int, most: int = 2000, widest: int = 100) -> Drawn:
    """Draw a table without clusters: n from 30 on, d from 1 on, evenly in their logarithms."""
    rng = np.random.default_rng([17, number])
    n, d = _size(rng, most, widest)
    kind = NOISE[number % len(NOISE)]
    return Drawn(noise(rng, kind, n, d), kind, 1, np.zeros(n, dtype=np.int64))


def blob_table(number: int, most: int = 2000, widest: int = 100) -> Drawn:
    """Draw Gaussian clusters of unit variance and about equal size."""
    rng = np.random.default_rng([18, number])
    n, d = _size(rng, most, widest)
    k = 2 + number % 7
    layout = LAYOUTS[(number // 7) % len(LAYOUTS)]
    truth = rng.permutation(np.arange(n) % k)
    rows = centers_of(layout, k, d, rng)[truth] + rng.normal(size=(n, d))
    return Drawn(rows, layout, k, truth)


def _size(rng: np.random.Generator, most: int, widest: int) -> tuple[int, int]:
    n = round(np.exp(rng.uniform(np.log(30), np.log(most))))
    return n, round(np.exp(rng.uniform(np.log(0.51), np.log(widest + 0.49))))


def centers_of(layout: str, k: int, d: int, rng: np.random.Generator) -> Floats:
    """Return k centres, the nearest two of which are `DISTANCE` apart."""
    if layout == "simplex" and d >= k:
        centers = np.eye(k, d)
    elif layout in ("simplex", "line"):
        centers = np.arange(k)[:, None] * rng.normal(size=d)
    elif layout == "scaled":
        centers = rng.normal(size=(k, d))
    else:
        centers = _spread(k, d, rng)
    apart = np.linalg.norm(centers[:, None] - centers, axis=2)
    centers = centers * DISTANCE / apart[apart > 0].min()
    return centers @ np.linalg.qr(rng.normal(size=(d, d)))[0]


def _spread(k: int, d: int, rng: np.random.Generator) -> Floats:
    """Draw centres in a cube one by one, none of them near another, in no more room than needed."""
    side = 1.2 * k ** (1 / d)
    while True:
        found: list[Floats] = []
        for _ in range(200):
            place = rng.uniform(0, side, size=d)
            if all(np.linalg.norm(place - other) >= 1 for other in found):
                found.append(place)
            if len(found) == k:
                return np.array(found)
        side *= 1.1
