"""A fit that is interrupted and goes on: the bits of the one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from centra._persistence import checkpoint as module
from centra.events import Improved, Iterated
from parts import Parts

RNG = np.random.default_rng(0)
X = np.round(RNG.normal(size=(600, 4)) * 64) / 64
WEIGHTS = RNG.integers(0, 3, len(X)).astype(float)


class Stop(Exception):
    """What interrupts a fit."""


def same(a: centra.KMeans, b: centra.KMeans) -> None:
    assert a.cluster_centers_.tobytes() == b.cluster_centers_.tobytes()
    assert a.cluster_centers_.dtype == b.cluster_centers_.dtype
    assert np.array_equal(a.labels_, b.labels_)
    assert (a.inertia_, a.n_iter_, a.runs_) == (b.inertia_, b.n_iter_, b.runs_)
    assert len(a.history_) == len(b.history_)
    for one, other in zip(a.history_, b.history_, strict=True):
        assert (one.iteration, one.inertia, one.shift, one.changed) == (
            other.iteration, other.inertia, other.shift, other.changed,
        )  # fmt: skip
        assert (one.centers is None) == (other.centers is None)
        assert one.centers is None or one.centers.tobytes() == other.centers.tobytes()


@pytest.fixture(autouse=True)
def _at_every_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)


CASES: dict[str, dict[str, Any]] = {
    "restarts": dict(n_init=4, random_state=1),
    "random": dict(init="random", n_init=3, random_state=2),
    "scalable": dict(init="k-means||", n_init=2, random_state=3),
    "sampled": dict(init="sampled", memory=4000, random_state=4),
    "given": dict(init=X[:6].copy(), n_init=1),
    "generator": dict(n_init=3, random_state=np.random.Generator(np.random.Philox(5))),
    "state": dict(n_init=2, random_state=np.random.RandomState(6)),
    "no centers": dict(n_init=2, random_state=7, keep_centers=False),
    "strict": dict(n_init=2, random_state=8, tol=0),
    "cut short": dict(n_init=3, random_state=9, max_iter=3),
    "empty clusters": dict(init=np.r_[X[:3], X[:3] + 900], n_init=1),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("most", [5, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_stopped_at_every_iteration(tmp_path: Path, case: str, dtype: str, most: int) -> None:
    """Every checkpoint of a fit, resumed: from arrays, blocks, in another order of rows."""
    from copy import deepcopy

    rows, path = X.astype(dtype), tmp_path / "fit"
    weights = WEIGHTS if case in ("restarts", "scalable", "cut short") else None
    whole = centra.KMeans(6, **deepcopy(CASES[case])).fit(rows, sample_weight=weights)
    copies = []

    def callback(event: Any) -> None:
        if isinstance(event, Iterated) and not event.final:
            copies.append(path.read_bytes())

    km = centra.KMeans(6, **deepcopy(CASES[case]), callbacks=[callback])
    same(km.fit(rows, sample_weight=weights, checkpoint=path), whole)
    assert len(copies) == sum(run.n_iter for run in whole.runs_)
    for i, content in enumerate(copies[:: max(1, len(copies) // most)]):
        path.write_bytes(content)
        how: Any = [rows, Parts(rows, [5, 200]), np.asfortranarray(rows)][i % 3]
        same(centra.resume(path, how, weights), whole)
    sparse = centra.resume(path, sp.csr_matrix(rows), weights)
    assert np.array_equal(sparse.labels_, whole.labels_)


def test_a_fit_that_fails_and_goes_on_twice(tmp_path: Path) -> None:
    path = tmp_path / "fit"
    whole = centra.KMeans(6, n_init=3, random_state=0, tol=0).fit(X)
    seen = 0

    def callback(event: Any) -> None:
        nonlocal seen
        seen += isinstance(event, Iterated)
        if seen in (3, 20):
            seen += 1
            raise Stop

    km = centra.KMeans(6, n_init=3, random_state=0, tol=0, callbacks=[callback])
    with pytest.raises(Stop):
        km.fit(X, checkpoint=path)
    with pytest.raises(Stop):
        centra.resume(path, X, callbacks=[callback])
    same(centra.resume(path, X), whole)


def test_other_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "fit"
    centra.KMeans(6, random_state=0).fit(X, checkpoint=path)
    same(centra.resume(path, X), centra.KMeans(6, random_state=0).fit(X))
    other = X.copy()
    other[300, 2] += 2.0**-40
    for rows, weights in ((other, None), (X, WEIGHTS)):
        with pytest.raises(ValueError, match="other rows or weights than the fit"):
            centra.resume(path, rows, weights)
    for rows in (X[:-1], X[:, :3]):
        with pytest.raises(ValueError, match="the fit that was interrupted had 600 and 4"):
            centra.resume(path, rows)
    # In another order they are the same rows.
    order = RNG.permutation(len(X))
    turned = centra.resume(path, X[order])
    assert np.array_equal(turned.labels_, centra.resume(path, X).labels_[order])


def test_files_that_are_none(tmp_path: Path) -> None:
    path, model = tmp_path / "fit", tmp_path / "model"
    km = centra.KMeans(6, random_state=0).fit(X, checkpoint=path)
    km.save(model)
    with pytest.raises(centra.ModelFileError, match=r"checkpoint of a fit; centra\.resume"):
        centra.load(path)
    with pytest.raises(centra.ModelFileError, match=r"no checkpoint of a fit; centra\.load"):
        centra.resume(model, X)
    with pytest.raises(FileNotFoundError):
        centra.resume(tmp_path / "none", X)
    content = path.read_bytes()
    for size in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(centra.ModelFileError):
            centra.resume(path, X)
    for at in range(0, len(content), 997):
        changed = bytearray(content)
        changed[at] ^= 0x55
        path.write_bytes(changed)
        try:
            same(centra.resume(path, X), km)
        except (centra.ModelFileError, ValueError) as error:
            assert str(error).isprintable()
    with pytest.raises(ValueError, match="cannot hold init, a function"):
        centra.KMeans(2, init=lambda *a, **k: X[:2]).fit(X, checkpoint=path)
    with pytest.raises(OSError):
        centra.KMeans(2).fit(X, checkpoint=tmp_path / "no folder" / "fit")


def test_one_in_thirty_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(module, "EVERY", 30.0)
    monkeypatch.setattr(module, "monotonic", lambda: clock[0])
    written = []
    monkeypatch.setattr(module, "write", lambda *of: written.append(clock[0]))

    def callback(event: Any) -> None:
        clock[0] += 10 * isinstance(event, Iterated)

    centra.KMeans(9, random_state=0, callbacks=[callback]).fit(X, checkpoint=tmp_path / "fit")
    assert len(written) > 2 and set(np.diff(written)) == {30.0}


FIT = """
import sys, time
import numpy as np
import centra
from centra._persistence import checkpoint

checkpoint.EVERY = 0.0
X = np.random.default_rng(0).normal(size=(3000, 6))
km = centra.KMeans(12, n_init=6, random_state=0, tol=0, callbacks=[lambda e: time.sleep(0.002)])
print("begun", flush=True)
km.fit(X, checkpoint=sys.argv[1])
print("done", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills processes by signals")
@pytest.mark.parametrize(
    "seed",
    [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 20))],
)
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """kill -9, also while a checkpoint is written: what is there is whole."""
    rows = np.random.default_rng(0).normal(size=(3000, 6))
    path, rng = tmp_path / "fit", np.random.default_rng(seed)
    whole = centra.KMeans(12, n_init=6, random_state=0, tol=0).fit(rows)
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(FIT), str(path)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None and child.stdout.readline() == "begun\n"
        while not path.exists():
            time.sleep(0.001)
        time.sleep(float(rng.uniform(0, 1.0)))
        child.send_signal(signal.SIGKILL)
    same(centra.resume(path, rows), whole)
    assert [file.name for file in tmp_path.iterdir()] == ["fit"]


def test_events_of_a_resumed_fit(tmp_path: Path) -> None:
    """Listeners hear of what comes, with its numbers."""
    path = tmp_path / "fit"
    seen: list[Any] = []

    def stop(event: Any) -> None:
        seen.append(event)
        if isinstance(event, Iterated) and event.run == 1 and event.iteration == 2:
            raise Stop

    with pytest.raises(Stop):
        centra.KMeans(6, n_init=2, random_state=0, callbacks=[stop]).fit(X, checkpoint=path)
    heard: list[Any] = []
    centra.resume(path, X, callbacks=[heard.append])
    first = next(event for event in heard if isinstance(event, Iterated))
    assert (first.run, first.iteration, first.inertia) == (1, 2, seen[-1].inertia)
    assert {event.run for event in heard if isinstance(event, Improved)} <= {1}
