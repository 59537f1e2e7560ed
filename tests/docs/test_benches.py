"""The benchmark works, and refuses what it must not time. Nothing here depends on speed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # `benches` is a folder of the repository, not of the package

from benches import bounds, cases, environment, memory, oracle, record, rows, table  # noqa: E402
from benches import run as runner  # noqa: E402
from benches.__main__ import main  # noqa: E402
from benches.contestants import CENTRA, SKLEARN, Answer, Job  # noqa: E402


def a_row(**changes: object) -> dict[str, object]:
    """Return a row as the runner makes it."""
    return {
        "name": "noise_1m_2",
        "data": "uniform noise",
        "rows": 1_000_000,
        "columns": 2,
        "k": 8,
        "dtype": "float64",
        "csr": False,
        "iterations": 20,
        "n_init": 1,
        "goal": 4.0,
        "check": {"differ": {"scikit-learn": 0}},
        "memory": {"rise": 9_000_000, "baseline": 1_000_000, "bytes_per_row": 8.0},
        "work": {"flops": 1e9, "bytes": 2e9},
        "seconds": {"centra": [0.1, 0.2, 0.3], "scikit-learn": [1.0, 1.5, 2.0]},
        "ratios": {"scikit-learn": {"median": 7.5, "min": 6.5, "max": 10.0}},
        **changes,
    }


def a_record(*rows: dict[str, object]) -> dict[str, object]:
    """Return a record of such rows."""
    machine = bounds.Machine(200e9, 20e9)
    return record.made(
        [runner.judged(row, machine) for row in rows],
        rounds=3,
        quick=False,
        versions={"centra": "1", "scikit-learn": "2"},
        machine={"gflops": 200.0, "gb_per_second": 20.0},
    )


def test_a_quick_run_checks_times_and_records(tmp_path: Path) -> None:
    environ = dict(os.environ, OPENBLAS_L2_SIZE="1000000", CENTRA_DATA=str(tmp_path))
    command = [sys.executable, "-m", "benches", "--quick", "--records", str(tmp_path / "records")]
    command += ["--only", "noise_1m*", "--only", "fit_1k_2", "--only", "letter_f64"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "BLAS kernel chosen by the library" in done.stderr
    assert "letter_f64: skipped, hg_letter.npy is not in the folder" in done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[2:4]] == ["noise_1m_2", "fit_1k_2"]
    (path,) = (tmp_path / "records").iterdir()
    kept = record.load(path)
    assert path.name == f"{kept['date']}-{record.slug(kept['cpu']['model'])}.json"
    assert [row["name"] for row in kept["rows"]] == ["noise_1m_2", "fit_1k_2"]
    assert kept["rows"][0]["check"]["rows"] == cases.QUICK_ROWS
    assert kept["rows"][0]["memory"]["rise"] >= 0
    assert len(kept["rows"][0]["seconds"][SKLEARN.name]) == 1


def test_the_issue_s_rows_and_goals_are_there() -> None:
    goals = {case.name: case.goal for case in cases.CASES if case.goal is not None}
    assert [goals[f"coast_europe_{name}"] for name in ("f64", "f32", "1000_f64")] == [12, 10, 30]
    assert (goals["debian_tfidf"], goals["fit_1k_2"], goals["fit_100k_16"]) == (3, 1.5, 10)
    assert len({case.name for case in cases.CASES}) == len(cases.CASES)
    with pytest.raises(ValueError, match="no case is called 'coast'; there are: noise_1m_2"):
        cases.chosen(["coast"])
    assert [case.name for case in cases.chosen(["coast*"])] == [
        "coast_europe_f64",
        "coast_europe_f32",
        "coast_europe_1000_f64",
        "coast_europe_1000_f32",
        "coast_europe_10000_f64",
        "coast_europe_10000_f32",
    ]


def test_environment_is_cleaned_of_forced_kernels_only() -> None:
    clean = environment.cleaned({"OPENBLAS_CORETYPE": "Prescott", "HOME": "here"})
    assert clean["HOME"] == "here"
    assert "OPENBLAS_CORETYPE" not in clean
    assert clean["OMP_NUM_THREADS"] == "2"
    assert environment.cleaned(clean) == clean


@pytest.mark.parametrize("sparse", [False, True])
def test_the_oracle_decides_ties_and_refuses_one_wrong_label(sparse: bool) -> None:
    grid = np.arange(30.0)[:, None] * [1.0, 0.0, 2.0]
    X = sp.csr_matrix(grid) if sparse else grid
    centers = grid[[4, 8, 8, 20]]  # row 6 ties, and two centres are equal
    labels = oracle.load_oracle().assign(grid, centers)
    assert labels[6] == 0
    check = oracle.check_labels(X, centers, labels)
    assert check.rows == 30
    assert check.by_oracle >= 2
    for row, other in ((6, 1), (8, 2), (25, 0)):
        wrong = labels.copy()
        wrong[row] = other
        with pytest.raises(oracle.Wrong, match=f"row {row} has label {other}, the nearest"):
            oracle.check_labels(X, centers, wrong)
    with pytest.raises(oracle.Wrong, match="not 30 numbers from 0 to 3"):
        oracle.check_labels(X, centers, labels + 1)


def test_the_oracle_sees_a_difference_of_one_ulp() -> None:
    # The midpoint of the centres is beside a float: too near for any product of floats to see.
    centers = np.array([[0.1], [0.7]])
    X = np.array([[0.4], [np.nextafter(0.4, 1)], [np.nextafter(0.4, 0)]])
    labels = oracle.load_oracle().assign(X, centers)
    assert oracle.check_labels(X, centers, labels).by_oracle == 3
    with pytest.raises(oracle.Wrong):
        oracle.check_labels(X, centers, labels[::-1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_stale_center_is_refused(dtype: str) -> None:
    X = np.random.default_rng(0).random((500, 3)).astype(dtype)
    labels = np.arange(500) % 4
    means = np.array([X[labels == j].astype(float).mean(axis=0) for j in range(4)]).astype(dtype)
    assert oracle.check_update(X, labels, means)
    assert oracle.check_update(sp.csr_matrix(X), labels, means)
    assert not oracle.check_update(X, labels, np.vstack([means, means[:1]]))
    means[2, 1] *= 1.00001
    with pytest.raises(oracle.Wrong, match="centre 2 is not the mean of its rows, in column 1"):
        oracle.check_update(X, labels, means)


def test_contestants_that_did_different_work_are_not_compared() -> None:
    X = np.random.default_rng(0).random((200, 2))
    job = Job(X, 3, rows.start(X, 3), 2)
    answers = {who.name: who.prepare(job)() for who in (CENTRA, SKLEARN)}
    assert runner.check(job, answers)["differ"] == {"scikit-learn": 0}
    lazy = answers[SKLEARN.name]
    answers[SKLEARN.name] = Answer(lazy.labels, 1, lazy.model)
    with pytest.raises(oracle.Wrong, match="scikit-learn made 1 iterations, centra 2"):
        runner.check(job, answers)


def test_one_assignment_is_checked_and_timed() -> None:
    case = cases.Case("one", cases.Noise(3000, 5), 20, "float32", 1, 2.0, predict=True)
    row = runner.measure(case, 1, [SKLEARN])
    assert (row["check"]["rows"], row["check"]["differ"]) == (3000, {"scikit-learn": 0})
    assert row["work"]["flops"] == 2 * 3000 * 5 * 20
    assert table.iterations(row) == "predict"


def test_whoever_takes_very_long_is_timed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.0)
    case = cases.Case("slow", cases.Noise(300, 2), 3, "float64", None, 2.0)
    row = runner.measure(case, 3, [SKLEARN])
    assert {name: len(times) for name, times in row["seconds"].items()} == {
        "centra": 3,
        "scikit-learn": 1,
    }
    assert row["ratios"]["scikit-learn"]["min"] <= row["ratios"]["scikit-learn"]["max"]


def test_whoever_starts_elsewhere_is_measured_by_inertia() -> None:
    X = np.random.default_rng(0).random((300, 2), dtype=np.float32)
    job = Job(X, 3, rows.start(X, 3), 2)
    answers = {who.name: who.prepare(job)() for who in (CENTRA, SKLEARN)}
    theirs = answers[SKLEARN.name]
    answers["other"] = Answer(theirs.labels, 2, None, theirs.model.cluster_centers_)
    assert list(runner.check(job, answers)["differ"]) == ["scikit-learn"]
    measured = runner.inertias(job, answers)
    assert measured["other"] == pytest.approx(measured["centra"], rel=1e-6)
    seconds = {"centra": [0.1], "scikit-learn": [0.75], "other": [0.1]}
    ratios = a_row()["ratios"] | {"other": {"median": 1.0}}
    row = a_row(ratios=ratios, inertia=measured, seconds=seconds)
    assert table.fastest(row)["median"] == 7.5
    assert "other starts from rows of its own choice" in table.elsewhere({"rows": [row]})
    allowed = a_row(allowed="96MB")
    assert table.data(allowed) == "uniform noise, `memory='96MB'`"


def test_starts_are_different_rows() -> None:
    X = np.repeat(np.arange(6.0), 50)[:, None]
    assert len(np.unique(rows.start(X, 5))) == 5
    with pytest.raises(ValueError, match="fewer than 5 of them differ"):
        rows.start(np.ones((40, 2)), 5)


def test_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    X, start = np.zeros((1_000_000, 1)), np.zeros((2, 1))
    saved: list[int] = []
    monkeypatch.setattr(memory.np, "save", lambda path, rows: saved.append(len(rows)))
    monkeypatch.setattr(memory, "risen", lambda folder, n, iterations: 33 * n + 7)
    taken = memory.beyond_rows(X, start, 5)
    assert taken["rise"] - taken["baseline"] == 33 * (1_000_000 - 256)
    assert taken["allowed"] == 32 * 1_000_000 + 16 * 2 + 2 * 2**20
    monkeypatch.setattr(memory, "risen", lambda folder, n, iterations: 40 * n)
    with pytest.raises(oracle.Wrong, match="bytes beyond X"):
        memory.beyond_rows(X, start, 5)
    assert saved == [2, 1_000_000] * 2


@pytest.mark.parametrize(("columns", "kept"), [(16, 0), (17, 300 * 17 * 4 // 2)])
def test_wide_rows_may_be_kept(monkeypatch: pytest.MonkeyPatch, columns: int, kept: int) -> None:
    monkeypatch.setattr(memory, "risen", lambda folder, n, iterations: 0)
    X, start = np.zeros((300, columns), dtype=np.float32), np.zeros((2, columns))
    allowed = 32 * 300 + 16 * start.size + 2 * 2**20
    assert memory.beyond_rows(X, start, 5)["allowed"] == allowed + kept
    assert memory.beyond_rows(sp.csr_matrix(X), start, 5)["allowed"] == allowed


def test_goals_are_met_by_ratio_or_by_bound() -> None:
    slow = {"ratios": {"scikit-learn": {"median": 2.0, "min": 2.0, "max": 2.0}}}
    machine = bounds.Machine(200e9, 20e9)
    assert runner.judged(a_row(), machine)["met"]
    assert not runner.judged(a_row(**slow), machine)["met"]
    assert runner.judged(a_row(**slow, work={"flops": 33e9, "bytes": 1.0}), machine)["met"]
    assert runner.judged(a_row(goal=None), machine)["met"] is None
    assert runner.spread([2.0, 9.0, 4.0], [1.0, 3.0, 4.0]) == {"median": 2, "min": 1, "max": 3}


def test_the_work_of_a_pass() -> None:
    X = np.zeros((100, 4), dtype=np.float32)
    assert bounds.work(X, 3, 2) == {"flops": 2 * 2 * 100 * 4 * 3, "bytes": 2 * 1600}
    sparse = bounds.work(sp.csr_matrix(np.eye(5)), 3, 1)
    assert sparse == {"flops": 2 * 5 * 3, "bytes": 5 * (8 + 4) + 6 * 4}


def test_markdown_table() -> None:
    faster = {"scikit-learn": {"median": 7.5, "min": 6.5, "max": 10.0}}
    more = a_row(
        name="tfidf",
        data="debian_tfidf",
        rows=20_000,
        columns=19_254,
        csr=True,
        iterations=None,
        n_init=10,
        seconds={"centra": [0.0123], "scikit-learn": [0.05], "faiss": [0.04]},
        ratios=faster | {"faiss": {"median": 3.25, "min": 3.0, "max": 3.5}},
    )
    head, rule, first, second, _, caption = table.markdown(a_record(a_row(), more)).splitlines()
    assert head.count("|") == rule.count("|") == first.count("|") == second.count("|")
    assert first == (
        "| uniform noise | 1,000,000 x 2 | 8 | float64 | 20 | 200 ms | 1.50 s "
        "| - | **7.5** (6.5 to 10.0) | 50 % | 8.0 |"
    )
    assert "| float64, CSR | n_init=10 | 12.3 ms | 50 ms |" in second
    assert "| 40 ms | **3.2** (3.0 to 3.5) |" in second
    assert head.split(" | ")[6:8] == ["scikit-learn", "faiss"]
    assert "2 threads for everyone; centra 1, scikit-learn 2. Medians of 3 rounds" in caption
    assert "7.50    6.50   10.00    4 met    50 %" in table.plain(a_record(a_row()))


def test_readme_changes_between_its_markers_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, kept = tmp_path / "README.md", tmp_path / "record.json"
    kept.write_text(json.dumps(a_record(a_row())))
    page.write_text(f"# centra\n\n{table.BEGIN}\nold\n{table.END}\n\nrest\n")
    command = ["readme", str(kept), "--readme", str(page)]
    for _ in range(2):
        assert main(command) == 0
        before, _, after = page.read_text().partition(table.markdown(record.load(kept)))
        assert (before, after) == (f"# centra\n\n{table.BEGIN}\n", f"{table.END}\n\nrest\n")
    assert main(["table", str(kept)]) == 0
    assert capsys.readouterr().out == table.markdown(record.load(kept))
    page.write_text("no markers")
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: README.md needs the lines <!-- bench:begin -->")
    assert page.read_text() == "no markers"


def test_records_are_whole_and_name_no_place(tmp_path: Path) -> None:
    made = a_record(a_row())
    path = record.save(made, tmp_path)
    assert record.load(path) == made
    assert str(tmp_path) not in path.read_text()
    with pytest.raises(ValueError, match="Out of range float"):
        record.save(made | {"rounds": float("nan")}, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    path.write_text("{")
    with pytest.raises(ValueError, match="is not a benchmark record"):
        record.load(path)
    path.write_text("{}")
    with pytest.raises(ValueError, match="of format 1"):
        record.load(path)
    assert record.slug("Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz") == "intel-xeon-gold-6338-cpu"
