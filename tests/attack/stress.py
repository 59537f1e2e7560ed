"""The stress of threads, forks and signals: calls at once give the answers that they give alone.

Each attack runs in a process of its own, for a hang or a crash ends that::

    PYTHONPATH=tests python -m attack.stress threads --seconds 3600
    PYTHONPATH=tests python -m attack.stress forks --seconds 60 --seed 3

``threads``: fits, ``predict`` and ``transform`` from several threads at once, each with a number of
threads of its own. ``forks``: the same, while the process forks, by ``os.fork`` and by
``multiprocessing``: every child must finish a small fit. ``signals``: SIGINT at any time ends any
call within a second, with KeyboardInterrupt, and leaves the estimator as it was before. ``waits``:
short calls beside a long one take about as long as alone.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

import centra
from parts import Parts

#: Seconds until a call that was interrupted must have ended (one, and another for a machine that is
#: busy with something else), and until a child must.
HEARD, FINISHED = 2.0, 20.0
#: Seconds that a call of a millisecond may take beside a long one, on a small machine.
WAITED = 0.1
#: Python threads that call at once.
CALLERS = 5


class Slow(Parts):
    """A source that is slow to yield its blocks, as one on a network is."""

    def blocks(self) -> Any:
        for block in super().blocks():
            time.sleep(0.03)
            yield block


def rows(n: int, d: int, seed: int = 0) -> np.ndarray:
    """Return clustered rows."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 4 * rng.integers(0, 5, size=(n, 1))


def fitted(X: Any, k: int, n_threads: int, **how: Any) -> bytes:
    """Return a fit in bits."""
    how = {"random_state": 0, "n_init": 1, "max_iter": 6, "tol": 0} | how
    km = centra.KMeans(k, n_threads=n_threads, **how).fit(X)
    return km.labels_.tobytes() + km.cluster_centers_.tobytes() + km.inertia_.hex().encode()


def calls() -> dict[str, Callable[[int], bytes]]:
    """Return calls, each a function of a number of threads whose answer must not depend on it."""
    tiny, small, wide = rows(300, 2), rows(20_000, 3), rows(3000, 60).astype(np.float32)
    sparse = sp.random(4000, 50, 0.1, "csr", random_state=0)
    km = centra.KMeans(15, random_state=0, max_iter=3).fit(small)

    def asked(method: str, X: Any) -> Callable[[int], bytes]:
        def call(n_threads: int) -> bytes:
            mine = centra.KMeans(15, n_threads=n_threads).set_params(n_clusters=15)
            mine.__dict__.update({k: v for k, v in km.__dict__.items() if k.endswith("_")})
            return np.asarray(getattr(mine, method)(X)).tobytes()

        return call

    return {
        "fit tiny": lambda t: fitted(tiny, 4, t),
        "fit small": lambda t: fitted(small, 25, t),
        "fit wide": lambda t: fitted(wide, 30, t),
        "fit sparse": lambda t: fitted(sparse, 10, t),
        "fit restarts": lambda t: fitted(tiny, 6, t, n_init=3, init="random"),
        "fit a slow source": lambda t: fitted(Slow(tiny, [100, 200]), 4, t, max_iter=3, tol=1e-4),
        "k-means||": lambda t: fitted(small, 12, t, init="k-means||"),
        "predict": asked("predict", small),
        "transform": asked("transform", small),
        "score": asked("score", small),
    }


# ---------------------------------------------------------------------------------------- threads


class Callers:
    """Python threads that call at random, and hold each answer against the one alone."""

    def __init__(self, seed: int) -> None:
        self.calls = calls()
        self.expected = {name: digest(call(1)) for name, call in self.calls.items()}
        self.faults: list[str] = []
        self.done, self.stop = 0, threading.Event()
        self.threads = [
            threading.Thread(target=self._call, args=(seed + i,), daemon=True)
            for i in range(CALLERS)
        ]

    def _call(self, seed: int) -> None:
        mine = random.Random(seed)
        while not self.stop.is_set():
            # Often the slow one: what it holds meanwhile, all others want.
            name = mine.choice([*self.calls, *["fit a slow source"] * 5])
            n_threads = mine.choice([1, 2, 2, 3, 4])
            try:
                if digest(self.calls[name](n_threads)) != self.expected[name]:
                    self.faults.append(f"{name} with {n_threads} threads gave another answer")
            except BaseException as error:
                self.faults.append(f"{name}: {type(error).__name__}: {error}")
            self.done += 1

    def __enter__(self) -> Callers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(FINISHED)
            if thread.is_alive():
                self.faults.append("a thread hangs")
                return


def digest(answer: bytes) -> str:
    """Return a short name of an answer."""
    return hashlib.sha256(answer).hexdigest()


def threads(seconds: float, seed: int) -> list[str]:
    """Call from many threads for some seconds."""
    with Callers(seed) as callers:
        time.sleep(seconds)
    return callers.faults if callers.done else ["no call ended"]


def waits(seconds: float, seed: int) -> list[str]:
    """Time short calls beside long ones, which keep threads busy."""
    X, big = rows(20_000, 3, seed), rows(1_000_000, 16, seed).astype(np.float32)
    short = centra.KMeans(15, random_state=0, max_iter=3, n_threads=2).fit(X)
    stop = threading.Event()

    def assign() -> None:
        while not stop.is_set():
            centra.assign(big, big[:1000], n_threads=2)

    other = threading.Thread(target=assign, daemon=True)
    alone = usual(lambda: short.predict(X), 1.0)
    other.start()
    beside = usual(lambda: short.predict(X), seconds)
    stop.set()
    other.join(FINISHED)
    told = f"predict takes {beside:.3f} s beside assign, {alone:.3f} s alone"
    return [told] if beside > max(WAITED, 15 * alone) else []


def usual(call: Callable[[], Any], seconds: float) -> float:
    """Return how long a call takes, the median of those that some seconds have room for."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.02)
        began = time.monotonic()
        call()
        took.append(time.monotonic() - began)
    return sorted(took)[len(took) // 2]


# ------------------------------------------------------------------------------------------ forks


def small_fit() -> None:
    """What every child must be able to do, with and without threads of its own."""
    X = np.arange(4000.0).reshape(-1, 2)
    for n_threads in (1, 2):
        km = centra.KMeans(2, random_state=0, n_threads=n_threads, max_iter=3).fit(X)
        assert km.inertia_ > 0


def forked() -> str:
    """Fork, let the child fit, and return what went wrong, if anything did."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            small_fit()
            code = 0
        finally:
            os._exit(code)
    end = time.monotonic() + FINISHED
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return "" if status == 0 else f"a forked child ended with status {status}"
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "a forked child hangs"


def started() -> str:
    """Do the same with a process of multiprocessing."""
    child = multiprocessing.get_context("fork").Process(target=small_fit)
    child.start()
    child.join(FINISHED)
    if child.exitcode is None:
        child.kill()
        child.join()
        return "a child of multiprocessing hangs"
    return "" if child.exitcode == 0 else f"a child of multiprocessing ended: {child.exitcode}"


def forks(seconds: float, seed: int) -> list[str]:
    """Fork while threads call."""
    faults, end, turn = [], time.monotonic() + seconds, random.Random(seed)
    with Callers(seed) as callers:
        while time.monotonic() < end:
            time.sleep(turn.uniform(0, 0.05))
            fault = turn.choice([forked, started])()
            if fault:
                faults.append(fault)
    return faults + callers.faults


# ---------------------------------------------------------------------------------------- signals


def long_calls() -> dict[str, Callable[[Any], Any]]:
    """Return long calls, each a function of an estimator that is fitted."""
    big = rows(400_000, 16).astype(np.float32)
    # One block of rows that is compared exactly, every centre with every other, takes seconds.
    # Rows on the axis that no corner has, no two of them alike: all corners are as near to each.
    ties = np.zeros((4000, 601))
    ties[:, -1] = np.linspace(0, 1, 4000)
    corners = 0.1 * np.hstack([np.vstack([np.eye(600), -np.eye(600)]), np.zeros((1200, 1))])
    start = rows(1000, 16, 1).astype(np.float32)
    slow = Slow(rows(4000, 3), list(range(10, 4000, 10)))

    def fit(km: Any, X: Any, init: Any, k: int | None = None) -> Any:
        k = len(init) if k is None else k
        return km.set_params(init=init, n_clusters=k, n_init=1, tol=0).fit(X)

    return {
        "fit": lambda km: fit(km, big, start),
        "seed": lambda km: fit(km, big, "k-means++", 1000),
        "exact ties": lambda km: fit(km, ties, corners),
        "a slow source": lambda km: fit(km, slow, slow.take(np.arange(5))),
        "many short fits": lambda km: [fit(km, slow.X, slow.X[:5]) for _ in range(3000)],
        "assign": lambda km: centra.assign(big, start, n_threads=km.n_threads),
        "exact assign": lambda km: centra.assign(ties, corners, n_threads=km.n_threads),
    }


def signals(seconds: float, seed: int) -> list[str]:
    """Interrupt calls at random times."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    turn, end = random.Random(seed), time.monotonic() + seconds
    small, every = rows(200, 16, 2), long_calls()
    faults: list[str] = []
    names = list(every)
    while time.monotonic() < end:
        name = names.pop(turn.randrange(len(names)))
        names = names or list(every)
        n_threads = turn.choice([1, 2, 3])
        faults += interrupted(name, every[name], small, n_threads, turn.uniform(0.0, 0.6))
    return faults


def interrupted(name: str, call: Any, small: np.ndarray, n_threads: int, after: float) -> list[str]:
    """Interrupt a call on an estimator that is fitted to some rows; return what went wrong."""
    km = centra.KMeans(4, random_state=0, n_threads=n_threads).fit(small)
    before = {key: value for key, value in vars(km).items() if key.endswith("_")}
    what = f"{name} with {n_threads} threads, interrupted after {after:.3f} s"
    sent: list[float] = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    try:
        while not sent or time.monotonic() < sent[0] + HEARD:
            call(km)
        return [f"{what}: no KeyboardInterrupt"]
    except KeyboardInterrupt:
        late = time.monotonic() - sent[0]
    except Exception as error:
        timer.join()
        return [f"{what}: {type(error).__name__}: {error}"]
    timer.join()
    faults = [f"{what}: heard after {late:.2f} s"] if late > HEARD else []
    if name == "many short fits":  # some of which have ended
        km.set_params(init="k-means++", n_clusters=4).fit(small)
    after_it = {key: value for key, value in vars(km).items() if key.endswith("_")}
    if name != "many short fits" and any(after_it.get(k) is not v for k, v in before.items()):
        faults.append(f"{what}: the estimator is another one")
    try:
        if km.predict(small).tolist() != km.labels_.tolist():
            faults.append(f"{what}: predict gives other labels")
        small_fit()
    except Exception as error:
        faults.append(f"{what}: then {type(error).__name__}: {error}")
    return faults


def main() -> int:
    """Attack, and print the faults."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("what", choices=["threads", "waits", "forks", "signals"])
    ask.add_argument("--seconds", type=float, default=60.0)
    ask.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    asked = ask.parse_args()
    warnings.simplefilter("ignore")  # clusters without rows; forks beside threads
    try:
        faults = globals()[asked.what](asked.seconds, asked.seed)
    except BaseException:
        faults = [traceback.format_exc()]
    print("\n".join(faults) if faults else "no fault")
    sys.stdout.flush()
    os._exit(1 if faults else 0)  # threads that hang do not keep the process


if __name__ == "__main__":
    main()
