"""What the contract's tests share: the two estimators, and ways to hold one beside the other."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn.cluster

import centra

THEIRS = sklearn.cluster.KMeans
OURS = centra.KMeans


def blobs(seed: int = 117117, n: int = 120, d: int = 4, k: int = 5) -> np.ndarray:
    """Return n rows of k overlapping clusters, away from the origin; no two distances tie."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-5, 5, (k, d))[rng.integers(k, size=n)] + rng.normal(size=(n, d)) + 3.0


def error_of(work: Callable[[], Any]) -> tuple[type[BaseException], str]:
    """Return the class and the text of the error that `work` must raise."""
    try:
        work()
    except Exception as error:
        return type(error), str(error)
    raise AssertionError("no error was raised")


def warnings_of(work: Callable[[], Any]) -> list[tuple[type[Warning], str]]:
    """Return the class and the text of each warning that `work` gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        work()
    return [(warning.category, str(warning.message)) for warning in caught]


def same_error(work: Callable[[type], Any]) -> str:
    """Check that an estimator class fails as scikit-learn's does; return the text."""
    theirs, ours = error_of(lambda: work(THEIRS)), error_of(lambda: work(OURS))
    # scikit-learn prints sets of choices in no fixed order.
    assert ours[0] is theirs[0]
    assert sorted(ours[1]) == sorted(theirs[1]), f"{ours[1]!r} is not {theirs[1]!r}"
    return ours[1]


def pair(X: Any, weights: Any = None, **parameters: Any) -> tuple[Any, Any]:
    """Fit both with the same parameters; a generator is made anew for each."""
    made = []
    for Estimator in (THEIRS, OURS):
        given = {
            name: value() if isinstance(value, Fresh) else value
            for name, value in parameters.items()
        }
        made.append(Estimator(**given).fit(X, sample_weight=weights))
    return made[0], made[1]


class Fresh:
    """A parameter with a state of its own, made anew for every estimator."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __call__(self) -> Any:
        """Make it."""
        return self._make()


def assert_same_fit(theirs: Any, ours: Any) -> None:
    """Check "Equality": labels and iterations the same, centres to 1e-9, inertia likewise."""
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    if ours.history_[-1].shift == 0.0:
        # Our centres have arrived to the last bit; theirs may still shift by the rounding of w * x
        # / w, which a tolerance of exactly 0 (tol=0, or columns that do not vary) counts as a move:
        # one more iteration, same labels.
        assert theirs.n_iter_ - ours.n_iter_ in (0, 1)
    else:
        assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.inertia_, theirs.inertia_, rtol=1e-9, atol=1e-9)
