"""What surrounds a fit changes no bit of it: threads, instruction sets, forks, workers, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

import centra
from centra._core import Workers
from centra._utils.threads import workers
from children import PATIENCE, VARIABLES, environment, python


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Start from no wish about threads; CENTRA_ISA stays, so that a whole run can force one."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def _noise(seed: int = 0, n: int = 30_000, d: int = 6) -> np.ndarray:
    """Rows enough that several threads are worth their while (see `Crew::sized`)."""
    return np.random.default_rng(seed).normal(size=(n, d)) + 100.0


def _grid(seed: int = 1, n: int = 30_000, d: int = 3) -> np.ndarray:
    """Whole numbers: many rows are as near to one centre as to another."""
    return np.random.default_rng(seed).integers(0, 9, size=(n, d)).astype(np.float64)


def _weights(n: int) -> np.ndarray:
    return np.random.default_rng(2).gamma(1.0, size=n)


#: Each calls fit and returns the model: together they pass through every kernel.
FITS: dict[str, Callable[[], centra.KMeans]] = {
    "float64": lambda: _fit(_noise()),
    "float32": lambda: _fit(_noise().astype(np.float32)),
    "ties": lambda: _fit(_grid(), k=12),
    "narrow": lambda: _fit(_noise(3, 60_000, 2)),
    "wide": lambda: _fit(_noise(4, 3_000, 130), k=33),
    "weights": lambda: _fit(_noise(5), weights=_weights(30_000)),
    "fortran": lambda: _fit(np.asfortranarray(_noise(6))),
    "sparse": lambda: _fit(sp.random(8_000, 60, 0.1, "csr", random_state=7)),
    "empty clusters": lambda: _fit(_grid(), init=np.vstack([_grid()[:10], np.full((6, 3), 1e3)])),
    "random, restarts": lambda: _fit(_noise(8, 9_000), init="random", n_init=3),
}


def _fit(rows: Any, k: int = 20, weights: Any = None, init: Any = "k-means++", **how: Any) -> Any:
    k = k if isinstance(init, str) else len(init)
    how = {"random_state": 0, "max_iter": 8, "tol": 0} | how
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = centra.KMeans(k, init=init, **how).fit(rows, sample_weight=weights)
    # Beside the fit, what the other kernels say.
    model.answers = model.predict(rows), model.transform(rows), model.score(rows, None, weights)
    return model


def _bits(model: Any) -> tuple[Any, ...]:
    """Everything that a fit found, in a form in which == means the same bits."""
    labels, distances, score = model.answers
    records = [(r.inertia.hex(), r.shift.hex(), r.changed) for r in model.history_]
    return (
        model.labels_.tobytes(),
        model.cluster_centers_.tobytes(),
        model.inertia_.hex(),
        records,
        [record.centers.tobytes() for record in model.history_],
        [run.inertia.hex() for run in model.runs_],
        labels.tobytes(),
        distances.tobytes(),
        score.hex(),
    )


# --- threads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FITS)
def test_any_number_of_threads_gives_the_same_bits(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for n_threads in (1, 2, 3, 8, 500):
        monkeypatch.setenv("CENTRA_NUM_THREADS", str(n_threads))
        model = FITS[name]()
        assert model.engine_["n_threads"] == min(n_threads, 256)  # more are never started
        found[n_threads] = _bits(model)
    assert all(bits == found[1] for bits in found.values())


def test_the_parameter_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _noise(9, 100, 2)

    def used(**how: Any) -> object:
        return centra.KMeans(2, random_state=0, **how).fit(rows).engine_["n_threads"]

    assert used() == Workers.processors() >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert used() == 5
    monkeypatch.setenv("OMP_NUM_THREADS", "6,2")  # a number for each level of nesting
    assert used() == 6
    monkeypatch.setenv("CENTRA_NUM_THREADS", "3")
    assert used() == 3
    assert used(n_threads=4) == 4
    assert workers(7).n_threads == 7


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_number_of_threads_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRA_NUM_THREADS", text)
    with pytest.raises(ValueError, match=f"CENTRA_NUM_THREADS='{text}'"):
        workers()
    monkeypatch.delenv("CENTRA_NUM_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", text)  # not ours to judge
    assert workers().n_threads == Workers.processors()


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads in Linux's /proc")
@pytest.mark.parametrize(("variable", "count"), [("CENTRA_NUM_THREADS", 1), ("OMP_NUM_THREADS", 3)])
def test_no_more_threads_are_started(variable: str, count: int) -> None:
    out = python(
        """
        import os, pathlib
        import numpy as np, centra
        rows = np.random.default_rng(0).normal(size=(30_000, 6))
        centra.KMeans(20, random_state=0, max_iter=3).fit(rows)
        names = [p.read_text() for p in pathlib.Path("/proc/self/task").glob("*/comm")]
        print(sum(name.startswith("centra-") for name in names))
        """,
        **{variable: str(count)},
    )
    assert int(out) == count - 1  # the calling thread works too


def test_fits_side_by_side_in_threads() -> None:
    alone = _bits(FITS["float64"]())
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: _bits(FITS["float64"]()), range(4)))
    assert all(bits == alone for bits in together)


# --- instruction sets -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FITS)
def test_any_instruction_set_gives_the_same_bits(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for isa in Workers.available():
        monkeypatch.setenv("CENTRA_ISA", isa)
        model = FITS[name]()
        assert model.engine_["isa"] == isa
        found[isa] = _bits(model)
    assert "scalar" in found
    assert all(bits == found["scalar"] for bits in found.values())


def test_the_best_instruction_set_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        monkeypatch.delenv("CENTRA_ISA", raising=False)
        if value is not None:
            monkeypatch.setenv("CENTRA_ISA", value)
        assert workers().isa == Workers.available()[-1]


@pytest.mark.parametrize("isa", ["mmx", "AVX2", "avx2 ", "scalar,avx2", "\N{SNOWMAN}"])
def test_an_unknown_instruction_set(isa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRA_ISA", isa)
    with pytest.raises(ValueError, match="unknown instruction set") as caught:
        centra.KMeans(2).fit([[0.0], [1.0]])
    text = str(caught.value)
    assert isa in text and "\n" not in text
    assert all(name in text for name in ("scalar", "avx2", "avx512", "amx"))


def test_an_instruction_set_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for isa in {"scalar", "avx2", "avx512", "amx"} - set(Workers.available()):
        monkeypatch.setenv("CENTRA_ISA", isa)
        with pytest.raises(ValueError, match=f"this machine does not have {isa}"):
            centra.KMeans(2).fit([[0.0], [1.0]])


# --- processes ------------------------------------------------------------------------------------


#: A fit that wakes the pool, as (labels, centres, inertia) in bytes; in scripts, hence as text.
SCRIPT = """
import hashlib, multiprocessing, os, sys
import numpy as np
import centra

def fitted(seed):
    rows = np.random.default_rng(seed).normal(size=(30_000, 6))
    km = centra.KMeans(20, random_state=0, max_iter=5, n_threads=2).fit(rows)
    parts = km.labels_.tobytes() + km.cluster_centers_.tobytes() + km.inertia_.hex().encode()
    return hashlib.sha256(parts).hexdigest()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_after_a_fit() -> None:
    out = python(
        SCRIPT
        + textwrap.dedent("""
        before = [fitted(seed) for seed in range(3)]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            after = pool.map(fitted, range(3), chunksize=1)
        assert after == before, (before, after)
        assert [fitted(seed) for seed in range(3)] == before  # the parent's own threads still work
        print("same bits")
        """)
    )
    assert out.strip() == "same bits"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_of_a_fork() -> None:
    out = python(
        SCRIPT
        + textwrap.dedent("""
        before = fitted(0)

        def descendant(depth):
            read, write = os.pipe()
            if os.fork() == 0:
                here = fitted(0) == before and (depth == 0 or descendant(depth - 1))
                os.write(write, b"1" if here else b"0")
                os._exit(0)
            os.close(write)
            return os.read(read, 1) == b"1"

        assert descendant(2)
        print("same bits")
        """)
    )
    assert out.strip() == "same bits"


def test_joblib_with_processes() -> None:
    out = python(
        SCRIPT
        + textwrap.dedent("""
        from joblib import Parallel, delayed

        def share(seed):
            km = centra.KMeans(2, random_state=0).fit(np.arange(10.0).reshape(-1, 1))
            return fitted(seed), os.getpid(), km.engine_["n_threads"], os.environ["OMP_NUM_THREADS"]

        shares = Parallel(n_jobs=2, backend="loky")(delayed(share)(seed) for seed in range(4))
        assert [each[0] for each in shares] == [fitted(seed) for seed in range(4)]
        assert os.getpid() not in {each[1] for each in shares}
        # Workers share the processors: joblib says how by OMP_NUM_THREADS.
        assert all(each[2] == int(each[3]) for each in shares), shares
        print("same bits")
        """)
    )
    assert out.strip() == "same bits"


# --- Ctrl-C ---------------------------------------------------------------------------------------

#: One pass of each takes many seconds with any instruction set that this test asks for.
LONG = {
    "fit": "km = centra.KMeans(len(init), init=init, n_init=1, n_threads=N); act = km.fit",
    "predict": "km = centra.KMeans(len(init), init=init, n_init=1, max_iter=1, n_threads=N)\n"
    "km.fit(init)\nact = km.predict",
}


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("what", LONG)
def test_ctrl_c_ends_a_long_pass(what: str, n_threads: int) -> None:
    code = f"""
import sys, time
import numpy as np
import centra

N = {n_threads}
init = np.random.default_rng(0).normal(size=(4096, 16)).astype(np.float32)
rows = np.random.default_rng(1).normal(size=(1_500_000, 16)).astype(np.float32)
{LONG[what]}
print("begins", flush=True)
try:
    act(rows)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
    labels = getattr(km, "labels_", None)
    assert labels is None or len(labels) == len(init)  # nothing half done is left behind
    # The process can go on: neither the pool nor the model is in disorder.
    small = np.arange(40.0).reshape(-1, 1)
    assert centra.KMeans(2, random_state=0, n_threads=N).fit(small).inertia_ > 0
    sys.exit(7)
"""
    # Without SIMD, so that a pass lasts long although it fits a small memory.
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(CENTRA_ISA="scalar"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None and child.stdout.readline() == "begins\n"
        time.sleep(1.0)  # past validation, well into a pass
        assert child.poll() is None, "the pass was too short to be interrupted"
        sent = time.monotonic()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 7, err
    # "Within a second", and another for a machine that is busy with something else.
    assert float(out) - sent < 2.0
