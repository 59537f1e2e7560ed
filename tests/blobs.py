"""Rows for tests of figures: the same numbers everywhere, and models of them."""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.datasets import make_blobs

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
    del km._fingerprint  # a model put together by hand, not one that was changed
    return X, km


def seed_page() -> tuple[np.ndarray, centra.KMeans]:
    """The data, the bad start and the fit of the page that the project was born from."""
    X, _ = make_blobs(n_samples=1000, random_state=117117, cluster_std=1.5, centers=8)
    init = X[X[:, 1] < -8][:4]
    return X, centra.KMeans(n_clusters=4, init=init, n_init=1, random_state=1).fit(X)


def said(ax) -> list[str]:
    """Every text on the axes that is not empty."""
    return [text.get_text() for text in ax.texts if text.get_text()]


def with_gid(ax, gid: str):
    """The one artist that bears this name."""
    (found,) = ax.findobj(lambda artist: artist.get_gid() == gid)
    return found


def drawn_points(ax) -> dict[str, np.ndarray]:
    """Positions of the dots on axes, by colour, without the rings and dots of paths."""
    from matplotlib.collections import PathCollection
    from matplotlib.colors import to_hex

    return {
        to_hex(dots.get_facecolor()[0]): np.asarray(dots.get_offsets())
        for dots in ax.collections
        if isinstance(dots, PathCollection) and dots.get_zorder() == 1.0
    }


def numbers(ax) -> dict[str, tuple[float, float]]:
    """The numbers on the discs, and where they stand."""
    return {text.get_text(): text.get_position() for text in ax.texts}
