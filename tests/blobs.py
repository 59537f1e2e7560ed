"""Rows for tests of figures: the same numbers everywhere, and models of them."""

from __future__ import annotations

from functools import cache

import numpy as np

import centra


def rows(n: int = 400, d: int = 2, groups: int = 5) -> np.ndarray:
    rng = np.random.RandomState(3)
    places = rng.uniform(-8, 8, size=(groups, d))
    return places[rng.randint(groups, size=n)] + rng.normal(size=(n, d))


@cache
def fitted(k: int = 5, n: int = 400, d: int = 2, **how) -> tuple[np.ndarray, centra.KMeans]:
    X = rows(n, d)
    return X, centra.KMeans(k, random_state=0, **how).fit(X)


def stacked() -> tuple[np.ndarray, centra.KMeans]:
    """Two places, four centres: two clusters have no rows."""
    X = np.repeat([[0.0, 0.0], [5.0, 1.0]], 10, axis=0)
    km = centra.KMeans(2, init=X[[0, 10]]).fit(X)
    km.n_clusters = 4
    km.cluster_centers_ = np.array([[0.0, 0.0], [5.0, 1.0], [5.0, 1.0], [9.0, 9.0]])
    return X, km


def said(ax) -> list[str]:
    """Every text on the axes that is not empty."""
    return [text.get_text() for text in ax.texts if text.get_text()]


def with_gid(ax, gid: str):
    """The one artist that bears this name."""
    (found,) = ax.findobj(lambda artist: artist.get_gid() == gid)
    return found
