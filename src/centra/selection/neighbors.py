"""Starts from a neighbour's answer: good centres for k clusters are most of those for k + 1.

More clusters begin at the answer for fewer: greedy k-means++ goes on from there, with more
candidates than it tries from the start. (Likas, Vlassis and Verbeek, "The global k-means clustering
algorithm", Pattern Recognition 36(2), 2003, section 2, do so with every row as a candidate.)
Fewer clusters begin at the answer for more, whose clusters are merged, each time the two that raise
inertia least (Ward, "Hierarchical grouping to optimize an objective function", J. Am. Stat. Assoc.
58, 1963).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from centra._data.dataset import Dataset
from centra._estimators.kmeans import KMeans
from centra._seeding.plusplus import further
from centra.selection.criteria import Clustering

Floats = NDArray[np.float64]

#: Rows that may become the next centre, of which the best does.
TRIALS = 16


def grown(data: Dataset, answer: KMeans, n_clusters: int, rng: np.random.Generator) -> Floats:
    """Return centres for more clusters: those of an answer, and rows that lower inertia most.

    Parameters
    ----------
    data : Dataset
        Rows and weights.
    answer : KMeans
        A model that was fitted to these rows.
    n_clusters : int
        How many centres to return.
    rng : Generator
        What candidates are drawn from.
    """
    centers = answer.cluster_centers_.astype(np.float64)
    return further(data, centers, answer.labels_, n_clusters, TRIALS, rng)


def merged(found: Clustering, n_clusters: int) -> Floats:
    """Return means of fewer clusters, from merging pairs of them.

    Merging clusters of masses a and b, whose means are |m| apart, raises inertia by
    a b / (a + b) |m|^2. The pair that raises it least is merged, the first of equals.

    Parameters
    ----------
    found : Clustering
        At least so many clusters.
    n_clusters : int
        How many means to return.

    Examples
    --------
    >>> import numpy as np
    >>> means = np.array([[0.0], [1.0], [9.0]])
    >>> merged(Clustering(np.zeros(5, np.int32), means, means, np.array([3.0, 1.0, 1.0])), 2)
    array([[0.25],
           [9.  ]])
    """
    means, masses = found.means.copy(), found.masses.copy()
    alive = np.ones(len(means), dtype=bool)
    costs = np.full((len(means), len(means)), np.inf)
    for at in range(len(means)):
        _compare(costs, at, means, masses, alive)
    for _ in range(len(means) - n_clusters):
        one, other = divmod(int(costs.argmin()), len(means))
        share = masses[other] / (masses[one] + masses[other])
        means[one] += share * (means[other] - means[one])
        masses[one] += masses[other]
        alive[other] = False
        costs[other] = costs[:, other] = np.inf
        _compare(costs, one, means, masses, alive)
    return means[alive]


def _compare(
    costs: Floats, at: int, means: Floats, masses: Floats, alive: NDArray[np.bool_]
) -> None:
    """Set what merging one cluster with each other one costs."""
    squares = cdist(means[at : at + 1], means, "sqeuclidean")[0]
    raised = squares * (masses[at] * (masses / (masses[at] + masses)))
    raised[at], raised[~alive] = np.inf, np.inf
    costs[at] = costs[:, at] = raised
