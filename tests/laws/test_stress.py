"""Threads, forks and signals at once: every answer has the same bits, and every process ends."""

from __future__ import annotations

import sys

import pytest

from children import run

#: Three threads compute, the main thread is interrupted again and again, and children that were
#: forked at any moment of that fit on their own.
SCRIPT = """
import hashlib, os, signal, sys, threading, time
import numpy as np
import centra
from centra import _core

rng = np.random.default_rng(0)
small, large = rng.normal(size=(2_000, 5)), rng.normal(size=(40_000, 16))
centers = rng.normal(size=(50, 16))

def digest(array):
    return hashlib.sha256(array.tobytes()).hexdigest()

def fit(n_threads):
    km = centra.KMeans(12, random_state=0, n_init=1, n_threads=n_threads).fit(small)
    return digest(km.labels_) + km.inertia_.hex()

def distances(n_threads):
    out = np.empty((len(large), len(centers)))
    team = _core.Workers(n_threads)
    assert _core.all_distances(team, _core.Matrix.dense(large), centers, out)
    return digest(out)

expected, far = fit(1), distances(1)
until = time.monotonic() + SECONDS
wrong, counts = [], dict(calls=0, fits=0, forks=0, interrupts=0)

def computes(n_threads):
    while time.monotonic() < until:
        if distances(n_threads) != far:
            wrong.append(("distances", n_threads))
        if fit(n_threads) != expected:
            wrong.append(("fit in a thread", n_threads))
        counts["calls"] += 1

def ends(child):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hangs"

def forked():
    child = os.fork()
    if child == 0:
        code = 9
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            code = 0 if fit(3) == expected and distances(2) == far else 1
        finally:
            os._exit(code)
    counts["forks"] += 1
    code = ends(child)
    if code != 0:
        wrong.append(("fork", code))

def interrupt(*_):
    raise KeyboardInterrupt

threads = [threading.Thread(target=computes, args=(n,)) for n in (2, 3, 300)]
for thread in threads:
    thread.start()
signal.signal(signal.SIGALRM, interrupt)
while time.monotonic() < until:
    forked()
    try:
        signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.0001, 0.03))
        while True:
            if fit(2) != expected or distances(2) != far:
                wrong.append(("fit", 2))
            counts["fits"] += 1
    except KeyboardInterrupt:
        counts["interrupts"] += 1
for thread in threads:
    thread.join()
print(counts, wrong)
sys.exit(len(wrong) > 0 or not all(counts[name] for name in ("calls", "forks", "interrupts")))
"""


def _for_seconds(seconds: int) -> None:
    done = run(SCRIPT.replace("SECONDS", str(seconds)))
    assert done.returncode == 0, (done.stdout, done.stderr[-3000:])


@pytest.mark.skipif(sys.platform != "linux", reason="forks processes with threads")
def test_threads_forks_and_signals() -> None:
    _for_seconds(3)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks processes with threads")
def test_threads_forks_and_signals_for_long() -> None:
    _for_seconds(90)
