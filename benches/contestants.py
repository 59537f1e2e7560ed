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
    """What every contestant of a row does.

    Updates from a start, a whole fit with defaults, or one assignment after a fit of one update.
    """

    X: Any
    k: int
    start: np.ndarray | None
    iterations: int | None
    n_init: int = 1
    memory: str | None = None
    predict: bool = False

    def parameters(self) -> dict[str, Any]:
        """Return what a KMeans in scikit-learn's manner is made with."""
        if self.start is None:
            return {"n_clusters": self.k, "n_init": self.n_init, "random_state": SEED}
        most = max(1, self.iterations or 0)
        given = {"init": self.start, "n_init": 1, "max_iter": most, "tol": 0.0}
        return {"n_clusters": self.k, **given}


@dataclass(frozen=True)
class Answer:
    """What a contestant found; `model` is the library's own object.

    Centres are told by those only that start from others than the given ones.
    """

    labels: np.ndarray
    n_iter: int
    model: Any
    centers: np.ndarray | None = None


#: Does a job; what need not be timed was done before.
Action = Callable[[], Answer]


@dataclass(frozen=True)
class Contestant:
    """A library: its name, the package that provides it, and how it does a job."""

    name: str
    package: str
    module: str
    prepare: Callable[[Job], Action]
    takes: Callable[[Job], bool] = lambda job: True

    def here(self) -> bool:
        return importlib.util.find_spec(self.module) is not None

    def version(self) -> str:
        return importlib.metadata.version(self.package)


def in_scikit_learns_manner(make: Callable[[], Any], job: Job) -> Action:
    """Return how a KMeans in scikit-learn's manner does a job."""

    def fit() -> Any:
        with warnings.catch_warnings():
            # Fewer clusters than asked for is a matter of the data, the same for all.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return make().fit(job.X)

    if job.predict:
        model = fit()
        return lambda: Answer(model.predict(job.X), 0, model)

    def solve() -> Answer:
        model = fit()
        return Answer(model.labels_, int(model.n_iter_), model)

    return solve


def prepare_centra(job: Job) -> Action:
    given = job.parameters() | {"n_threads": THREADS, "memory": job.memory}
    return in_scikit_learns_manner(lambda: centra.KMeans(**given), job)


def prepare_sklearn(job: Job) -> Action:
    from sklearn.cluster import KMeans

    return in_scikit_learns_manner(lambda: KMeans(**job.parameters(), algorithm="lloyd"), job)


def prepare_sklearnex(job: Job) -> Action:
    from sklearnex.cluster import KMeans

    return in_scikit_learns_manner(lambda: KMeans(**job.parameters(), algorithm="lloyd"), job)


def prepare_faiss(job: Job) -> Action:
    import faiss

    faiss.omp_set_num_threads(THREADS)
    n, d = job.X.shape
    # Without this, faiss takes at most 256 rows a cluster and drops the others silently.
    every_row = {"min_points_per_centroid": 1, "max_points_per_centroid": n}

    def fit() -> Any:
        model = faiss.Kmeans(d, job.k, niter=job.iterations, nredo=1, **every_row)
        model.train(job.X, init_centroids=job.start)
        return model

    def assigned(model: Any) -> Answer:
        # Its index holds the centres of the last update, whose labels the others end with too.
        labels = model.index.search(job.X, 1)[1].ravel().astype(np.int32)
        return Answer(labels, 0 if job.predict else int(job.iterations or 0), model)

    if job.predict:
        model = fit()
        return lambda: assigned(model)
    return lambda: assigned(fit())


def faiss_takes(job: Job) -> bool:
    return job.start is not None and not sp.issparse(job.X) and job.X.dtype == np.float32


def prepare_superkmeans(job: Job) -> Action:
    from superkmeans import SuperKMeans

    n, d = job.X.shape
    every_row = {"sampling_fraction": 1.0, "max_points_per_cluster": n, "hierarchical": False}
    to_the_end = {"early_termination": False, "tol": 0.0, "iters": job.iterations}

    def solve() -> Answer:
        model = SuperKMeans(job.k, d, **every_row, **to_the_end, n_threads=THREADS)
        centers = model.train(job.X)
        labels = model.assign(job.X, centers)
        return Answer(labels.astype(np.int32), int(job.iterations or 0), model, centers)

    return solve


def superkmeans_takes(job: Job) -> bool:
    """For embeddings, which it is made for; it starts from rows of its own choice."""
    return faiss_takes(job) and not job.predict and 256 <= job.X.shape[1] < 512


CENTRA = Contestant("centra", "centra", "centra", prepare_centra)
SKLEARN = Contestant("scikit-learn", "scikit-learn", "sklearn", prepare_sklearn)
PEERS = (
    SKLEARN,
    Contestant("scikit-learn-intelex", "scikit-learn-intelex", "sklearnex", prepare_sklearnex),
    Contestant("faiss", "faiss-cpu", "faiss", prepare_faiss, faiss_takes),
    Contestant("superkmeans", "superkmeans", "superkmeans", prepare_superkmeans, superkmeans_takes),
)


def peers() -> list[Contestant]:
    """Return the peers that are installed; only scikit-learn always is."""
    return [peer for peer in PEERS if peer.here()]
