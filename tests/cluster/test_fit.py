"""Rows on the workers of a cluster: the answers of memory, as collections where X is one."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from distributed import Client, LocalCluster

import centra
from centra.events import Iterated

RNG = np.random.default_rng(0)
X = np.round(RNG.normal(size=(2000, 5)) * 64) / 64 + 4 * RNG.integers(0, 3, size=(2000, 1))
WEIGHTS = RNG.integers(0, 3, len(X)).astype(float)
FRAME = pd.DataFrame(X, columns=list("abcde"), index=np.arange(2000) * 3)
LIMIT = pytest.mark.filterwarnings("ignore:Sending large graph")
pytestmark = [pytest.mark.usefixtures("client")]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two workers in this process: what travels is bytes all the same."""
    with dask.config.set({"distributed.worker.daemon": False}):
        cluster = LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
        )
        with cluster, Client(cluster) as made:
            yield made


def fitted(X: Any, weights: Any = None, **how: Any) -> centra.KMeans:
    how = {"init": "k-means++", "n_init": 2, "random_state": 3, "max_iter": 15} | how
    return centra.KMeans(6, **how).fit(X, sample_weight=weights)


def same(there: centra.KMeans, here: centra.KMeans) -> None:
    assert there.cluster_centers_.tobytes() == here.cluster_centers_.tobytes()
    assert there.inertia_ == here.inertia_ and there.runs_ == here.runs_
    assert [(r.inertia, r.shift, r.changed) for r in there.history_] == [
        (r.inertia, r.shift, r.changed) for r in here.history_
    ]
    labels = there.labels_
    labels = np.concatenate(dask.compute(*labels)) if isinstance(labels, list) else labels.compute()
    assert np.array_equal(labels, here.labels_)


def arrays() -> dict[str, Any]:
    cut = da.from_array(X, chunks=(300, 5))
    return {
        "chunks": cut,
        "one chunk": da.from_array(X, chunks=(2000, 5)),
        "float32": cut.astype("f4"),
        "whole numbers": (cut * 64).astype("i4"),
        "unknown lengths": da.concatenate([cut[cut[:, 0] > -99], cut[:0]]),
        "columns first": da.from_array(np.asfortranarray(X), chunks=(700, 5)),
        "frame": dd.from_pandas(FRAME, npartitions=4, sort=False),
        "delayed": [dask.delayed(X[a : a + 400]) for a in range(0, 2000, 400)],
        "empty blocks": [dask.delayed(X[a:b]) for a, b in pairwise([0, 0, 900, 900, 2000])],
        "mixed": [dask.delayed(X[:900].astype("f4").astype("f8")), dask.delayed(X[900:])],
        "sparse": [dask.delayed(sp.csr_matrix(X[a : a + 500])) for a in range(0, 2000, 500)],
    }  # fmt: skip


@pytest.mark.parametrize("kind", arrays())
@pytest.mark.parametrize("init", ["k-means++", "k-means||", "sampled", "random", "given"])
def test_the_bits_of_memory(kind: str, init: str) -> None:
    rows: Any = arrays()[kind]
    here: Any = X
    if kind == "float32":
        here = X.astype("f4")
    elif kind == "whole numbers":
        here = (X * 64).astype("i4")
    elif kind == "sparse":
        here = sp.csr_matrix(X)
    start: Any = X[:6].copy() if init == "given" else init
    if kind == "whole numbers" and init == "given":
        start = start * 64
    how = {"init": start, "n_init": 1 if init == "given" else 2}
    same(fitted(rows, **how), fitted(here, **how))


@pytest.mark.parametrize("weights", [WEIGHTS, da.from_array(WEIGHTS, chunks=700)])
def test_weights(weights: Any) -> None:
    rows = arrays()["chunks"]
    same(fitted(rows, weights), fitted(X, WEIGHTS))
    km = fitted(X, WEIGHTS)
    assert km.score(rows, sample_weight=weights) == km.score(X, sample_weight=WEIGHTS)


def test_labels_and_distances_are_collections() -> None:
    km = fitted(X)
    rows = arrays()
    labels, distances = km.predict(rows["chunks"]), km.transform(rows["chunks"])
    assert labels.chunks == (rows["chunks"].chunks[0],) and labels.dtype == np.int32
    assert np.array_equal(labels.compute(), km.labels_)
    assert distances.chunks[1] == (6,) and np.array_equal(distances.compute(), km.transform(X))
    series = fitted(rows["frame"]).labels_.compute()
    assert series.index.equals(FRAME.index) and np.array_equal(series, fitted(FRAME).labels_)
    frame = fitted(FRAME)
    assert np.array_equal(frame.transform(rows["frame"]).compute(), frame.transform(FRAME))
    parts = dask.compute(*km.predict(rows["delayed"]), *km.transform(rows["delayed"]))
    assert np.array_equal(np.concatenate(parts[:5]), km.labels_)
    assert np.array_equal(np.concatenate(parts[5:]), km.transform(X))


def test_names_of_columns() -> None:
    km = fitted(arrays()["frame"])
    assert list(km.feature_names_in_) == list("abcde")
    other = FRAME.rename(columns={"a": "z"})
    with pytest.raises(ValueError, match=r"is called 'z', and was called 'a'"):
        km.score(dd.from_pandas(other, npartitions=2))


def test_a_model_goes_on_living() -> None:
    km = fitted(arrays()["chunks"])
    again = pickle.loads(pickle.dumps(km))
    assert np.array_equal(again.predict(X), fitted(X).labels_)
    assert "clusters" in str(km.report(X[:500]))


def test_callbacks_and_stopping() -> None:
    seen = []

    def callback(event: Any) -> None:
        seen.append(event)
        if isinstance(event, Iterated) and event.iteration == 2:
            raise StopIteration

    km = fitted(arrays()["chunks"], n_init=1, callbacks=[callback])
    assert km.n_iter_ == 2 and len(seen) > 3


def test_two_fits_at_once() -> None:
    rows, done = arrays()["chunks"].persist(), {}

    def work(seed: int) -> None:
        done[seed] = fitted(rows, random_state=seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for seed in range(3):
        same(done[seed], fitted(X, random_state=seed))
