"""Seeding: where the first centres come from.

Every seeding is an object with one method, ``centers(data, rng)``; names such as ``"k-means++"``
are turned into these objects by the estimators. The draws from the random generator are
scikit-learn's, in scikit-learn's order, so that one ``random_state`` gives one answer in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from centra import _core
from centra.dataset import Dataset
from centra.steps import Lower, Trials

Floats = NDArray[np.float64]


class Seeding(Protocol):
    """A way to choose the first centres."""

    @property
    def n_init(self) -> int:
        """How many restarts `n_init="auto"` makes."""
        ...

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the first centres, of shape (n_clusters, n_features)."""
        ...


def _probabilities(data: Dataset) -> Floats:
    if data.weights is None:
        return np.full(data.n_rows, 1.0 / data.n_rows)
    shares: Floats = data.weights / data.weights.sum()
    return shares


@dataclass(frozen=True)
class PlusPlus:
    """Greedy k-means++.

    A row is drawn with a probability proportional to its weighted squared distance from the centres
    chosen so far; of `trials` such rows the one that lowers the potential most is taken.

    Parameters
    ----------
    n_clusters : int
        Number of centres.
    trials : int or None
        Candidates in every step; None for 2 + int(log(n_clusters)).

    References
    ----------
    Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, sections
    2.2 and 7 (the greedy variant).
    """

    n_clusters: int
    trials: int | None = None
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows."""
        return data.source.take(self.rows(data, rng))

    def rows(self, data: Dataset, rng: Any) -> NDArray[np.intp]:
        """Return the numbers of the chosen rows.

        Raises
        ------
        OverflowError
            If squared distances exceed the largest float64.
        """
        n, source = data.n_rows, data.source
        trials = self.trials or 2 + int(np.log(self.n_clusters))
        chosen = np.empty(self.n_clusters, dtype=np.intp)
        chosen[0] = rng.choice(n, p=_probabilities(data))
        distances = np.full(n, np.inf)
        source.sweep(Lower(data.team, source.take(chosen[:1])[0], distances))
        for c in range(1, self.n_clusters):
            # Each row as often as its share of the potential; rounding may pass the last row.
            draws = rng.uniform(size=trials)
            potential, drawn = _core.draw(distances, draws, data.weights)
            if np.isinf(potential):
                raise OverflowError(
                    "squared distances exceed the largest float64; divide X by a power of two"
                )
            candidates = np.minimum(drawn, n - 1)
            places = source.take(candidates)
            best = self._best(data, places, distances)
            chosen[c] = candidates[best]
            source.sweep(Lower(data.team, places[best], distances))
        return chosen

    def _best(self, data: Dataset, places: Floats, distances: Floats) -> int:
        for exactly in (False, True):
            step = Trials(data.team, places, distances, data.weights, exactly)
            best = data.source.sweep(step).best()
            if best is not None:
                return best
        raise AssertionError("exact potentials always have a smallest")


@dataclass(frozen=True)
class RandomRows:
    """Rows drawn at random without replacement, with probabilities proportional to weights."""

    n_clusters: int
    n_init: int = 10

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return the chosen rows."""
        rows = rng.choice(data.n_rows, size=self.n_clusters, replace=False, p=_probabilities(data))
        return data.source.take(rows)


@dataclass(frozen=True)
class Given:
    """Centres that the user gives."""

    start: Floats
    n_init: int = 1

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Return them."""
        return self.start


@dataclass(frozen=True)
class Called:
    """Centres that a function of the user returns.

    It is called as ``function(X, n_clusters, random_state=rng)`` with a copy of X whose columns
    have mean zero (dense X), as scikit-learn does; the mean is added to its answer.
    """

    function: Callable[..., Any]
    n_clusters: int
    n_init: int = 10

    def centers(self, data: Dataset, rng: Any) -> Floats:
        """Call it and check what it returns."""
        source = data.source
        if source.sparse:
            X, mean = source.X.copy(), np.zeros(source.shape[1])  # type: ignore[attr-defined]
        else:
            X = source.take(np.arange(source.shape[0]))
            mean = X.mean(axis=0)
            X -= mean
            X = X.astype(source.dtype, copy=False)
        answer = self.function(X, self.n_clusters, random_state=rng)
        centers = check_centers(answer, self.n_clusters, source.shape[1], "init(X, ...)")
        return centers + mean


def check_centers(given: Any, n_clusters: int, n_features: int, name: str = "init") -> Floats:
    """Return given centres as a C-ordered float64 array.

    Raises
    ------
    ValueError
        If they have another shape than (n_clusters, n_features) or are not finite.
    """
    from sklearn.utils import check_array

    centers = check_array(
        given, dtype=np.float64, order="C", copy=True, input_name=name, ensure_min_samples=0
    )
    if centers.shape[0] != n_clusters:
        raise ValueError(
            f"The shape of the initial centers {centers.shape} does not match the number of "
            f"clusters {n_clusters}."
        )
    if centers.shape[1] != n_features:
        raise ValueError(
            f"The shape of the initial centers {centers.shape} does not match the number of "
            f"features of the data {n_features}."
        )
    return np.asarray(centers)
