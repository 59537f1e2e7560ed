"""Memory that runs out is a MemoryError, wherever it happens: the process goes on."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import scipy.sparse as sp

import centra
from children import run

#: Fits and what follows them, each in a child under a limit of its memory. How much room each gets
#: beyond what the process has already goes from nothing to plenty.
SCRIPT = """
import os, pathlib, resource, sys, traceback, warnings
import numpy as np
import scipy.sparse as sp
import centra

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
wide = rng.normal(size=(3_000, 400)).astype(np.float32)
sparse = sp.random(4_000, 20_000, 0.002, "csr", random_state=0)
narrow = rng.normal(size=(200_000, 2))
many = rng.normal(size=(60_000, 6))
ties = rng.integers(0, 3, size=(40_000, 5)).astype(np.float64)

def fit(rows, k, **how):
    how = dict(random_state=0, n_init=1, max_iter=5) | how
    return centra.KMeans(k, n_threads=THREADS, **how).fit(rows)

def after(km, rows):
    km.predict(rows), km.transform(rows[:2000]), km.score(rows), km.report(rows[:2000])

KINDS = {
    "wide": lambda: fit(wide, 300),
    "wide, kept": lambda: fit(wide, 40, memory="64MB"),
    "sparse": lambda: fit(sparse, 150),
    "sparse, random": lambda: fit(sparse, 30, init="random"),
    "narrow": lambda: fit(narrow, 200),
    "many": lambda: fit(many, 100, n_init=2),
    "weighted": lambda: centra.KMeans(30, random_state=0, n_init=1, n_threads=THREADS).fit(
        many, sample_weight=np.linspace(0, 1, len(many))),
    "ties": lambda: fit(ties, 60),
    "scalable": lambda: fit(many, 50, init="k-means||"),
    "after": lambda: after(fitted, many),
}

def outcome(kind, room):
    \"\"\"How a child with so much room ends.\"\"\"
    child = os.fork()
    if child == 0:
        code = 9
        try:
            pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + room
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            KINDS[kind]()
            code = 0
        except MemoryError:
            code = 3
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

THREADS = 1
fitted = fit(many, 20)
for kind in KINDS:  # what is imported when it is first needed is imported here
    KINDS[kind]()
wrong, count = [], {0: 0, 3: 0}
for THREADS in (1, 3):
    for kind in KINDS:
        for room in (1 << 12) * 2 ** np.linspace(0, 17, STEPS):
            code = outcome(kind, int(room))
            if code in count:
                count[code] += 1
            else:
                wrong.append((kind, THREADS, int(room), code))
print(count, wrong)
sys.exit(len(wrong) > 0 or not count[0] or not count[3])
"""


def _under_limits(steps: int) -> None:
    done = run(SCRIPT.replace("STEPS", str(steps)))
    assert done.returncode == 0, (done.stdout, done.stderr[-3000:])


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory by Linux's RLIMIT_AS and /proc")
def test_every_fit_ends_with_a_result_or_a_memory_error() -> None:
    _under_limits(steps=4)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits memory by Linux's RLIMIT_AS and /proc")
def test_every_fit_ends_with_a_result_or_a_memory_error_at_many_limits() -> None:
    _under_limits(steps=20)


@pytest.mark.parametrize("init", ["random", "k-means++"])
@pytest.mark.parametrize("columns", [2**36, 2**31])
def test_more_columns_than_there_can_be(init: str, columns: int) -> None:
    km = centra.KMeans(2, init=init, n_init=1)
    for rows in (
        sp.csr_matrix((10, columns)),
        np.broadcast_to(np.float64(1), (10, columns)),
        np.broadcast_to(np.float32(1), (10, columns)),
    ):
        with pytest.raises(MemoryError, match=rf"X has {columns} columns; at most 2147483647"):
            km.fit(rows)


def test_more_centers_than_memory_holds() -> None:
    rows = sp.csr_matrix(([1.0, 2.0], ([0, 99_999], [0, 1])), shape=(100_000, 10**7))
    with pytest.raises(MemoryError):
        centra.KMeans(100_000, init="random", n_init=1).fit(rows)
