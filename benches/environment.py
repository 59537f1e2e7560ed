"""What has to be true of a process before numpy is imported in it: standard library only."""

from __future__ import annotations

import os
import sys

from benches import THREADS

# Number of threads of every library that may take part, read when the library is loaded.
COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Kernels forced by hand slow a current numpy, and with it scikit-learn: no fair contest.
FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def cleaned(environ: dict[str, str]) -> dict[str, str]:
    """Return the environment that a benchmark runs in."""
    kept = {name: value for name, value in environ.items() if name not in FORCED}
    return kept | dict.fromkeys(COUNTS, str(THREADS))


def restart_if_needed() -> None:
    """Replace this process by one with a clean environment, unless it has one."""
    environ = dict(os.environ)
    clean = cleaned(environ)
    if any(name in environ for name in FORCED):
        print("BLAS kernel chosen by the library", file=sys.stderr, flush=True)
    if clean != environ:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], clean)
