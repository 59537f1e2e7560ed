"""Threads: how many there are, who waits for whom, and what happens where one cannot be started."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import centra
from centra._utils.threads import workers
from children import python

#: More are never started.
MOST = 256

needs_proc = pytest.mark.skipif(
    not os.path.isdir("/proc/self/task"), reason="counts threads in Linux's /proc"
)

#: Counts the helpers of this process, those that are ending left out.
COUNT = """
import pathlib, time
import numpy as np
import centra

def helpers():
    names = [p.read_text() for p in pathlib.Path("/proc/self/task").glob("*/comm")]
    return sum(name.startswith("centra-") for name in names)

def settled(most):
    until = time.monotonic() + 30
    while helpers() > most and time.monotonic() < until:
        time.sleep(0.01)
    return helpers()

rows = np.random.default_rng(0).normal(size=(30_000, 6))

def fit(n_threads):
    return centra.KMeans(20, random_state=0, max_iter=2, n_threads=n_threads).fit(rows)
"""


def _fitted(n_threads: int) -> tuple[centra.KMeans, np.ndarray]:
    rows = np.random.default_rng(0).normal(size=(20_000, 64)).astype(np.float32)
    init = np.random.default_rng(1).normal(size=(500, 64)).astype(np.float32)
    return centra.KMeans(500, init=init, n_init=1, max_iter=1, n_threads=n_threads).fit(rows), rows


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_short_call_does_not_wait_for_another_threads_long_one() -> None:
    km, rows = _fitted(n_threads=2)
    many, few = np.tile(rows, (4, 1)), rows[:300]
    ended, longest = threading.Event(), []

    def transform() -> None:
        while not ended.is_set():
            since = time.monotonic()
            km.transform(many)
            longest.append(time.monotonic() - since)

    thread = threading.Thread(target=transform)
    thread.start()
    waited = []
    try:
        while len(longest) < 2:
            since = time.monotonic()
            km.predict(few)
            waited.append(time.monotonic() - since)
            time.sleep(0.01)
    finally:
        ended.set()
        thread.join()
    assert np.median(waited) < min(longest) / 10, (waited, longest)


@needs_proc
def test_one_pool_grows() -> None:
    out = python(
        COUNT
        + """
for n_threads in range(1, 65):
    fit(n_threads)
print(settled(63))
"""
    )
    assert 32 <= int(out) <= 63  # there may be less work than threads


@needs_proc
def test_calls_side_by_side_start_no_more_threads_than_one_of_them_may() -> None:
    """Or than there are processors, if those are more."""
    out = python(
        COUNT
        + """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(16) as pool:
    assert len({km.inertia_ for km in pool.map(fit, [3] * 64)}) == 1
most = max(centra._core.Workers.processors(), 3) - 1
print(settled(most) <= most)
"""
    )
    assert out == "True\n"


@pytest.mark.parametrize("n_threads", [MOST, MOST + 1, 10**6, 2**63, 10**30])
def test_more_threads_than_are_ever_started(
    n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.arange(40.0).reshape(-1, 1)
    km = centra.KMeans(2, random_state=0, n_threads=n_threads).fit(rows)
    assert km.engine_["n_threads"] == MOST
    assert centra.assign(rows, rows[:2], n_threads=n_threads).tolist() == [0] + [1] * 39
    for name in ("OMP_NUM_THREADS", "CENTRA_NUM_THREADS"):
        monkeypatch.setenv(name, str(n_threads))
        assert workers().n_threads == MOST


@pytest.mark.skipif(os.name != "posix", reason="sets RLIMIT_AS")
def test_a_thread_that_cannot_be_started_is_not_missed() -> None:
    out = python(
        COUNT
        + """
import resource

expected = fit(1)
used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
# A few threads find room for their stacks; 255 do not.
resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20), resource.RLIM_INFINITY))
found = fit(256)
assert found.labels_.tobytes() == expected.labels_.tobytes()
assert found.inertia_ == expected.inertia_
before = helpers()
# Later there may be room again.
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
time.sleep(1.5)
assert fit(9).inertia_ == expected.inertia_
print(before < 255 and helpers() >= 8)
"""
    )
    assert out == "True\n"


def test_many_calls_at_once_give_the_same_bits() -> None:
    rows = np.random.default_rng(0).normal(size=(4_000, 6))

    def fit(n_threads: int) -> tuple[bytes, float]:
        km = centra.KMeans(20, random_state=0, n_init=1, max_iter=300, n_threads=n_threads)
        return km.fit(rows).labels_.tobytes(), km.inertia_

    alone = fit(1)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(fit, [1, 2, 3, 5, 8, 13, 64, 300] * 4)) == {alone}
