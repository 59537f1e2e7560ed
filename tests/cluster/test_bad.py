"""What can be wrong with a collection or a cluster: one sentence, and nothing hangs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster

import centra
from centra._dask import rows as module
from centra.events import Iterated

X = np.random.default_rng(0).normal(size=(300, 3))


@pytest.fixture
def client() -> Iterator[Client]:
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    )
    with cluster, Client(cluster) as made:
        yield made


def refused(X: Any, *texts: str, kind: Any = ValueError, **how: Any) -> None:
    with pytest.raises(kind) as caught:
        centra.KMeans(3, random_state=0, n_init=1, **how).fit(X)
    for text in texts:
        assert text in str(caught.value), caught.value


def test_no_client() -> None:
    refused(da.from_array(X), "no client", "LocalCluster", kind=RuntimeError)


@pytest.mark.usefixtures("client")
def test_collections_that_are_none() -> None:
    refused(da.from_array(X, chunks=(100, 2)), "cut across its columns", "X.rechunk({1: -1})")
    refused(da.from_array(X[:, 0], chunks=100), "Expected 2D array, got 1D")
    frame = pd.DataFrame({"x": X[:, 0], "s": ["a"] * 300, "c": pd.Categorical(["b"] * 300)})
    refused(dd.from_pandas(frame, npartitions=2), "'s'", "'c' (category)", "X.drop(columns=")
    blocks = [dask.delayed(X), dask.delayed(X[:, :2])]
    refused(blocks, "block 1 of X has 2 columns, and block 0 has 3")
    refused([dask.delayed(X[:0])], "0 sample(s)")
    refused([dask.delayed(X[:2])], "n_samples=2 should be >= n_clusters=3")
    bad = X.copy()
    bad[217, 1] = np.nan
    refused(da.from_array(bad, chunks=(100, 3)), "NaN", "row 217, column 1")
    refused(da.from_array(X), "init is a function", "a sample", init=lambda *a, **k: None)


@pytest.mark.usefixtures("client")
def test_what_a_block_raises() -> None:
    def fail() -> None:
        raise OSError("the disk of this worker is gone")

    refused([dask.delayed(X), dask.delayed(fail)()], "disk of this worker", kind=OSError)


def test_a_worker_with_another_version(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import centra._core as core

    ran = client.run
    for there, text in (("0.0.9", "has centra 0.0.9"), (None, "has no centra")):
        monkeypatch.setattr(client, "run", lambda f, t=there: {"tcp://w": t, **ran(f)})
        refused(da.from_array(X), "tcp://w", text, core.__version__, kind=RuntimeError)
    assert module.NO_CLIENT


def test_a_client_that_is_closed(client: Client) -> None:
    def callback(event: Any) -> None:
        if isinstance(event, Iterated):
            client.close()

    rows = da.from_array(X, chunks=(100, 3))
    refused(rows, "client is clos", "keep it open", kind=RuntimeError, callbacks=[callback])


@pytest.mark.usefixtures("client")
def test_saving_asks_for_labels(tmp_path: Any) -> None:
    km = centra.KMeans(3, random_state=0).fit(da.from_array(X))
    with pytest.raises(ValueError, match=r"labels_ = .*labels_\.compute\(\)"):
        km.save(tmp_path / "m.centra")
    km.labels_ = km.labels_.compute()
    km.save(tmp_path / "m.centra")
    assert np.array_equal(centra.load(tmp_path / "m.centra").labels_, km.labels_)
