"""The sets that hurt are what they say, and their table says where centra is not the fastest."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # `benches` is a folder of the repository, not of the package

from benches import hurtful, hurts, rows  # noqa: E402
from benches import run as runner  # noqa: E402
from benches.cases import chosen  # noqa: E402
from benches.contestants import SKLEARN  # noqa: E402


def drawn(draw: Any, n: int, d: int, how: float) -> Any:
    return hurtful.Hurtful(draw, n, d, how).drawn("float64")


def test_there_are_some_sixty_sets_of_all_shapes() -> None:
    cases = hurts.CASES
    assert 60 <= len(cases) <= 70
    assert len({case.name for case in cases}) == len(cases)
    shapes = [case.rows for case in cases]
    assert {1, 5000} <= {shape.d for shape in shapes}
    assert min(case.k for case in cases) == 2
    assert max(case.k * 4 / case.rows.n for case in cases) == 1
    draws = {shape.draw for shape in shapes}
    assert len(draws) > 15
    assert sum(draw.__name__.startswith("csr") for draw in draws) == 4


@pytest.mark.parametrize("case", chosen(None, True, hurts.CASES), ids=lambda case: case.name)
def test_every_set_is_drawn_by_a_seed_and_has_a_start(case: Any) -> None:
    X, again = rows.load(case), rows.load(case)
    assert X.dtype == case.dtype
    assert X.shape[0] == case.rows.n
    a, b = (x.toarray() if sp.issparse(x) else x for x in (X, again))
    np.testing.assert_array_equal(a, b)
    assert np.isfinite(a).all()
    assert len(rows.start(X, case.k)) == case.k


def test_sets_are_what_they_say() -> None:
    spread = drawn(hurtful.scales, 1000, 5, 1e8).std(axis=0)
    assert 1e7 < spread[-1] / spread[0] < 1e9
    far = np.abs(drawn(hurtful.far_row, 1000, 5, 1e6)).max(axis=1)
    assert (far > 1e5).sum() == 1
    hot = drawn(hurtful.one_hot, 500, 30, 3)
    assert (hot.sum(axis=1) == 3).all() and hot.max() == 1
    assert len(np.unique(drawn(hurtful.equal, 1000, 4, 20), axis=0)) <= 50
    log = drawn(hurtful.log, 20_000, 35, 7e8)
    assert log.max() == 7e8
    assert 0.9 < log[:, 20:].max() <= 1
    assert len(np.unique(log, axis=0)) < 0.6 * len(log)
    whole = drawn(hurtful.counts, 1000, 3, 3)
    assert (whole == np.round(whole)).all()
    assert (np.ptp(drawn(hurtful.constant, 100, 8, 7.0), axis=0) == 0).sum() == 6


def test_the_table_says_where_centra_is_not_the_fastest() -> None:
    def row(name: str, ratio: float) -> dict[str, Any]:
        ratios = {"scikit-learn": {"median": 9.0}, "faiss": {"median": ratio}}
        about = {"data": name, "csr": False, "dtype": "float64", "rows": 9, "columns": 2, "k": 3}
        return {"name": name, "ratios": ratios, "seconds": {"centra": [0.001]}, **about}

    text = hurts.table([row("a", 0.5), row("b", 2.0), row("c", 1.5)])
    assert "| a | 9 x 2 | 3 | float64 | 1 ms | 9.00 | 0.50 |" in text
    assert "3 sets: median 1.50, least 0.50 (a). Below 1.2: a 0.50." in text
    assert hurts.table([row("b", 2.0)]).endswith("Below 1.2: none.")
    alone = row("c", 1.5) | {"ratios": {}}
    assert "1 sets: median 2.00" in hurts.table([row("b", 2.0), alone])
    assert hurts.verdict([]) == hurts.verdict([alone]) == "Nothing was measured."


def test_peers_that_made_other_iterations_are_left_out() -> None:
    def prepare(job: Any) -> Any:
        act = SKLEARN.prepare(job)
        return lambda: dataclasses.replace(act(), n_iter=77)

    other = dataclasses.replace(SKLEARN, name="other", prepare=prepare)
    (case,) = chosen(["noise_0_300x4*"], True, hurts.CASES)
    assert list(runner.measure(case, 1, [SKLEARN, other], small=True)["ratios"]) == ["scikit-learn"]


def test_they_are_run_from_the_command_line() -> None:
    command = [sys.executable, "-m", "benches", "hurts", "--quick"]
    command += ["--only", "far_row_1e+06_50000x2_20_f64", "--only", "csr_dense_0.1*"]
    environ = dict(os.environ, OMP_NUM_THREADS="2")
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "| far row 1e+06 | 2,000 x 2 | 8 | float64 |" in done.stdout
    assert "| csr dense 0.1, CSR | 2,000 x 20 |" in done.stdout
    assert "2 sets: median" in done.stdout
