"""The runner: check a row, measure its memory, then time the contestants in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

import centra
from benches import PATIENCE, THREADS, bounds, contestants, memory, oracle, rows, table
from benches.cases import Case
from benches.contestants import CENTRA, Action, Answer, Contestant, Job
from benches.oracle import Wrong

# Threads of OpenMP and BLAS pools keep spinning for a moment after their work: without a pause,
# the next contestant would pay for it.
PAUSE = 0.1
MET_BOUND = 0.8


def measure(
    case: Case, rounds: int, peers: list[Contestant], small: bool = False
) -> dict[str, Any]:
    """Return one row of the record, still without its bound and whether its goal is met.

    Of `small` sets no memory is measured, and peers that made other iterations, as their sums round
    otherwise, are left out.

    Raises
    ------
    Absent
        If the case's data is not on this machine.
    Wrong
        If centra's answer is not the definition's, or the contestants did different things.
    """
    X = rows.load(case)
    start = rows.start(X, case.k) if case.given_start else None
    job = Job(X, case.k, start, case.iterations, case.n_init, case.memory, case.predict)
    taking_part = {who.name: who.prepare(job) for who in (CENTRA, *peers) if who.takes(job)}
    # The first fits are the warm-up, and what is checked.
    answers, slow = {}, {}
    for name, action in list(taking_part.items()):
        begun = time.perf_counter()
        answers[name] = action()
        if (took := time.perf_counter() - begun) > PATIENCE and name != CENTRA.name:
            # Once is enough to see that it is no match.
            slow[name] = [took]
            del taking_part[name]
    if small:
        ours = answers[CENTRA.name].n_iter
        answers = {name: answer for name, answer in answers.items() if answer.n_iter == ours}
        taking_part = {name: act for name, act in taking_part.items() if name in answers}
        slow = {name: took for name, took in slow.items() if name in answers}
    row = described(case, X) | {"check": check(job, answers)}
    if any(answer.centers is not None for answer in answers.values()):
        row["inertia"] = inertias(job, answers)
    weigh = case.memory is None and not case.predict and not small
    if case.iterations and start is not None and weigh:
        taken = memory.beyond_rows(X, start, case.iterations)
        beyond = taken["rise"] - taken["baseline"]
        row["memory"] = {**taken, "bytes_per_row": beyond / X.shape[0]}
    seconds = alternate(taking_part, rounds, case.number) | slow
    row["seconds"] = seconds
    row["ratios"] = {
        who: spread(times, seconds[CENTRA.name])
        for who, times in seconds.items()
        if who != CENTRA.name
    }
    if start is not None:
        # The labels of the last centres are one more.
        sweeps = 1 if case.predict else answers[CENTRA.name].n_iter + 1
        row["work"] = bounds.work(X, case.k, sweeps)
    if not case.predict:
        row["engine"] = plain(answers[CENTRA.name].model.engine_)
    return row


def judged(row: dict[str, Any], machine: bounds.Machine) -> dict[str, Any]:
    """Return the row with its share of the bound, and whether its goal is met."""
    bound = None
    if "work" in row:
        least = bounds.least_seconds(machine, row["work"])
        share = least / statistics.median(row["seconds"][CENTRA.name])
        bound = {"seconds": least, "share": share}
    return row | {"bound": bound, "met": met(row, bound)}


def described(case: Case, X: Any) -> dict[str, Any]:
    """Return what the row is about."""
    return {
        "name": case.name,
        "data": str(case.rows),
        "rows": X.shape[0],
        "columns": X.shape[1],
        "k": case.k,
        "dtype": str(X.dtype),
        "csr": sp.issparse(X),
        "iterations": case.iterations,
        "n_init": case.n_init,
        "allowed": case.memory,
        "predict": case.predict,
        "goal": case.goal,
    }


def check(job: Job, answers: dict[str, Answer]) -> dict[str, Any]:
    """Hold centra's answer against the definition; count the labels in which peers differ."""
    ours = answers[CENTRA.name]
    km = ours.model
    last = oracle.check_labels(job.X, km.cluster_centers_, ours.labels)
    before = km.history_[-2].centers
    updated = False
    if before is not None:
        # The last step as a whole: labels of the centres before, and their rows' means.
        labels = centra.assign(job.X, before, n_threads=THREADS)
        oracle.check_labels(job.X, before, labels)
        updated = oracle.check_update(job.X, labels, km.cluster_centers_)
    for name, answer in answers.items():
        if job.start is not None and answer.n_iter != ours.n_iter:
            raise Wrong(f"{name} made {answer.n_iter} iterations, centra {ours.n_iter}.")
    return {
        "rows": last.rows,
        "by_oracle": last.by_oracle,
        "update": updated,
        "n_iter": ours.n_iter,
        "differ": {
            name: int(np.count_nonzero(answer.labels != ours.labels))
            for name, answer in answers.items()
            if name != CENTRA.name and answer.centers is None
        },
    }


def inertias(job: Job, answers: dict[str, Answer]) -> dict[str, float]:
    """Return the inertia of centra's answer, and of those that began with another start."""
    centers = {CENTRA.name: answers[CENTRA.name].model.cluster_centers_}
    centers |= {name: a.centers for name, a in answers.items() if a.centers is not None}
    measured = {}
    for name, c in centers.items():
        apart = job.X.astype(np.float64) - np.asarray(c, dtype=np.float64)[answers[name].labels]
        measured[name] = float(np.einsum("ij,ij->", apart, apart))
    return measured


def alternate(taking_part: dict[str, Action], rounds: int, number: int) -> dict[str, list[float]]:
    """Time all contestants in every round, each round beginning with another one."""
    seconds: dict[str, list[float]] = {name: [] for name in taking_part}
    names = list(taking_part)
    for r in range(rounds):
        turn = r % len(names)
        for name in names[turn:] + names[:turn]:
            seconds[name].append(timed(taking_part[name], number))
    return seconds


def timed(action: Callable[[], Any], number: int) -> float:
    """Return the mean time in seconds of `number` calls."""
    time.sleep(PAUSE)
    begun = time.perf_counter()
    for _ in range(number):
        action()
    return (time.perf_counter() - begun) / number


def spread(theirs: list[float], ours: list[float]) -> dict[str, float]:
    """Return how many times longer they took, pair by pair: both saw the same minute."""
    if len(theirs) == 1:
        theirs = theirs * len(ours)
    ratios = [t / o for t, o in zip(theirs, ours, strict=True)]
    return {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}


def met(row: dict[str, Any], bound: dict[str, float] | None) -> bool | None:
    """Tell whether the row's goal is met, by its ratio or by its share of the bound."""
    if row["goal"] is None:
        return None
    if bound is not None and bound["share"] >= MET_BOUND:
        return True
    return bool(table.fastest(row)["median"] >= row["goal"])


def plain(engine: dict[str, Any]) -> dict[str, Any]:
    """Return what the engine tells, in numbers and words that JSON has."""
    kept = (str, int, float, bool)
    return {name: v if isinstance(v, kept) else str(v) for name, v in engine.items()}


def versions(peers: list[Contestant]) -> dict[str, str]:
    """Return the versions of everything that the times depend on."""
    import platform

    import scipy

    found = {who.name: who.version() for who in (contestants.CENTRA, *peers)}
    return {"python": platform.python_version(), **found} | {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
