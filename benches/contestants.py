"""Who takes part: one small adapter per library, all asked for the same thing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

import centra
from benches import THREADS
from benches.rows import SEED


@dataclass(frozen=True)
class Job:
    """What every contestant of a row does: updates from a start, or a whole fit with defaults."""

    X: Any
    k: int
    start: np.ndarray | None
    iterations: int | None
    n_init: int = 1

    def parameters(self) -> dict[str, Any]:
        """Return what a KMeans in scikit-learn's manner is made with."""
        if self.start is None:
            return {"n_clusters": self.k, "n_init": self.n_init, "random_state": SEED}
        given = {"init": self.start, "n_init": 1, "max_iter": self.iterations, "tol": 0.0}
        return {"n_clusters": self.k, **given}


@dataclass(frozen=True)
class Answer:
    """What a contestant found; `model` is the library's own object."""

    labels: np.ndarray
    n_iter: int
    model: Any


@dataclass(frozen=True)
class Contestant:
    """A library: its name, the package that provides it, and how it does a job."""

    name: str
    package: str
    module: str
    solve: Callable[[Job], Answer]
    takes: Callable[[Job], bool] = lambda job: True

    def here(self) -> bool:
        return importlib.util.find_spec(self.module) is not None

    def version(self) -> str:
        return importlib.metadata.version(self.package)


def quietly(model: Any, X: Any) -> Answer:
    """Fit a KMeans in scikit-learn's manner."""
    with warnings.catch_warnings():
        # Fewer clusters than asked for is a matter of the data, the same for all.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X)
    return Answer(model.labels_, int(model.n_iter_), model)


def solve_centra(job: Job) -> Answer:
    return quietly(centra.KMeans(**job.parameters(), n_threads=THREADS), job.X)


def solve_sklearn(job: Job) -> Answer:
    from sklearn.cluster import KMeans

    return quietly(KMeans(**job.parameters(), algorithm="lloyd"), job.X)


def solve_sklearnex(job: Job) -> Answer:
    from sklearnex.cluster import KMeans

    return quietly(KMeans(**job.parameters(), algorithm="lloyd"), job.X)


def solve_faiss(job: Job) -> Answer:
    import faiss

    faiss.omp_set_num_threads(THREADS)
    n, d = job.X.shape
    # Without this, faiss takes at most 256 rows a cluster and drops the others silently.
    every_row = {"min_points_per_centroid": 1, "max_points_per_centroid": n}
    model = faiss.Kmeans(d, job.k, niter=job.iterations, nredo=1, **every_row)
    model.train(job.X, init_centroids=job.start)
    # The others end with the labels of the last centres; so does this one.
    labels = model.index.search(job.X, 1)[1].ravel()
    return Answer(labels.astype(np.int32), int(job.iterations or 0), model)


def faiss_takes(job: Job) -> bool:
    return job.start is not None and not sp.issparse(job.X) and job.X.dtype == np.float32


CENTRA = Contestant("centra", "centra", "centra", solve_centra)
SKLEARN = Contestant("scikit-learn", "scikit-learn", "sklearn", solve_sklearn)
PEERS = (
    SKLEARN,
    Contestant("scikit-learn-intelex", "scikit-learn-intelex", "sklearnex", solve_sklearnex),
    Contestant("faiss", "faiss-cpu", "faiss", solve_faiss, faiss_takes),
)


def peers() -> list[Contestant]:
    """Return the peers that are installed; only scikit-learn always is."""
    return [peer for peer in PEERS if peer.here()]
