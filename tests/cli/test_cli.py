"""The command line: what it writes, what it says, and how it fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
import centra.tutorial

Run = Callable[..., tuple[int, str, str]]


def as_csv(rows: np.ndarray, header: str = "") -> str:
    return header + "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())


def test_fit_and_predict_from_csv_say_what_the_library_says(run: Run, points: np.ndarray) -> None:
    Path("points.csv").write_text(as_csv(points, "x,y\n"))
    code, out, err = run("fit", "points.csv", "-k", 3, "-o", "three.centra", "--seed", 1)
    assert (code, err) == (0, "")
    km = centra.KMeans(n_clusters=3, random_state=1).fit(points)
    assert out == (
        f"three.centra: 3 clusters of 60 rows x 2 columns, inertia {km.inertia_:.6g} "
        f"after {km.n_iter_} iterations\ncolumns: x, y\n"
    )
    model = centra.load("three.centra")
    assert model.cluster_centers_.tobytes() == km.cluster_centers_.tobytes()
    assert list(model.feature_names_in_) == ["x", "y"]

    assert run("predict", "three.centra", "points.csv", "-o", "labels.csv") == (
        0,
        "labels.csv: 60 labels, 3 of 3 clusters in use\n",
        "",
    )
    lines = Path("labels.csv").read_text().splitlines()
    assert lines[0] == "cluster"
    assert [int(line) for line in lines[1:]] == km.labels_.tolist()


def test_fit_and_predict_from_npy(run: Run, points: np.ndarray) -> None:
    np.save("points.npy", points.astype(np.float32))
    assert run("fit", "points.npy", "--clusters", 3, "--output", "m", "--seed", 1)[0] == 0
    assert run("predict", "m", "points.npy", "-o", "labels.npy")[0] == 0
    labels = np.load("labels.npy")
    assert labels.dtype == np.int32
    assert labels.tolist() == centra.load("m").labels_.tolist()
    assert centra.load("m").cluster_centers_.dtype == np.float32


def test_a_file_larger_than_the_memory_is_read_in_blocks(
    run: Run, points: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save("points.npy", points)
    given: list[str] = []
    fit = centra.KMeans.fit
    monkeypatch.setattr(
        centra.KMeans,
        "fit",
        lambda self, rows, **rest: given.append(type(rows).__name__) or fit(self, rows, **rest),
    )
    arguments = ("fit", "points.npy", "-k", 3, "--seed", 1, "-o")
    assert run(*arguments, "a")[0] == 0
    assert run(*arguments, "b", "--memory", "500B")[0] == 0
    assert run(*arguments, "c", "--memory", "1.5 MB")[0] == 0
    assert given == ["ndarray", "NpySource", "ndarray"]
    assert Path("a").read_bytes() == Path("b").read_bytes() == Path("c").read_bytes()
    assert run("predict", "a", "points.npy", "-o", "l.npy", "--memory", "500B")[0] == 0
    assert np.load("l.npy").tolist() == centra.load("a").labels_.tolist()


def test_options_reach_the_library(run: Run, points: np.ndarray) -> None:
    np.save("points.npy", points)
    code, _, err = run(
        *("fit", "points.npy", "-k", 4, "-o", "m", "--init", "random", "--n-init", 3),
        *("--max-iter", 2, "--tol", 0, "--seed", 7, "--threads", 1),
    )
    assert (code, err) == (0, "")
    params = centra.load("m").get_params()
    expected = {"n_clusters": 4, "init": "random", "n_init": 3, "max_iter": 2, "tol": 0.0}
    assert {name: params[name] for name in expected} == expected
    assert (params["random_state"], params["n_threads"]) == (7, 1)
    assert len(centra.load("m").runs_) == 3


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_init_from_a_file(run: Run, points: np.ndarray, suffix: str) -> None:
    np.save("points.npy", points)
    start = points[[0, 20, 40]]
    if suffix == ".npy":
        np.save("start.npy", start)
    else:
        Path("start.csv").write_text(as_csv(start))
    assert run("fit", "points.npy", "-k", 3, "-o", "m", "--init", f"start{suffix}")[0] == 0
    km = centra.KMeans(n_clusters=3, init=start).fit(points)
    assert centra.load("m").labels_.tolist() == km.labels_.tolist()


def test_numbers_that_are_too_large_are_a_line(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("x,y\n1,1e300\n2,-1e300\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "m")
    assert line.startswith("t.csv: the variance of X exceeds the largest float64")


def test_warnings_are_lines(run: Run) -> None:
    Path("same.csv").write_text("1,1\n" * 5)
    code, _, err = run("fit", "same.csv", "-k", 2, "-o", "m", "--seed", 1)
    assert code == 0
    assert err == (
        "centra: warning: Number of distinct clusters (1) found smaller than -k (2). "
        "Possibly due to duplicate rows.\n"
    )


def test_tutorial_writes_what_the_library_writes(
    run: Run, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(out: Path) -> list[Path]:
        return [out / "a.svg", out / "b.svg", out / "k-means.md"]

    def lacking(out: Path) -> list[Path]:
        raise ImportError('figures need matplotlib: pip install "centra[plot]"')

    monkeypatch.setattr(centra.tutorial, "write", write)
    code, out, err = run("tutorial", "page")
    assert (code, err) == (0, "")
    assert out == "page/k-means.md: the tutorial, with 2 figures beside it\n"
    monkeypatch.setattr(centra.tutorial, "write", lacking)
    assert 'pip install "centra[plot]"' in fails("tutorial", "page")


def test_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"centra {centra.__version__}\n", "")
    for arguments in (["--help"], ["fit", "--help"], ["predict", "--help"]):
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        assert "Usage: centra" in out


# --- how it fails -----------------------------------------------------------------------------


def test_files_that_are_not_there(fails: Callable[..., str]) -> None:
    assert fails("fit", "no.csv", "-o", "m") == "no.csv: No such file or directory"
    assert fails("fit", "no.npy", "-o", "m") == "no.npy: No such file or directory"
    assert fails("predict", "no", "no.csv", "-o", "l.csv") == "no: No such file or directory"
    Path("folder.csv").mkdir()
    assert fails("fit", "folder.csv", "-o", "m") == "folder.csv: is a folder; give a file in it"
    assert fails("fit", "rows.xlsx", "-o", "m") == "rows.xlsx: No such file or directory"


@pytest.mark.parametrize("command", ["fit", "predict"])
def test_an_output_that_cannot_be_is_refused_before_the_work(
    fails: Callable[..., str], command: str
) -> None:
    Path("t.csv").write_text("1,2\n3,4\n")
    Path("folder.csv").mkdir()
    start = ("fit", "t.csv", "-k", 1) if command == "fit" else ("predict", "m", "t.csv")
    assert "is a folder" in fails(*start, "-o", "folder.csv")
    assert "there is no folder no; make it first" in fails(*start, "-o", "no/m.csv")
    assert "is also the input" in fails(*start, "-o", "t.csv")
    assert Path("t.csv").read_text() == "1,2\n3,4\n"


def test_more_clusters_than_rows(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("1,2\n3,4\n")
    line = fails("fit", "t.csv", "-k", 3, "-o", "m")
    assert line == "t.csv: 2 rows cannot make 3 clusters; give a smaller -k"


def test_an_init_that_does_not_fit(fails: Callable[..., str], points: np.ndarray) -> None:
    np.save("t.npy", points)
    np.save("start.npy", np.zeros((2, 2)))
    line = fails("fit", "t.npy", "-k", 3, "-o", "m", "--init", "start.npy")
    assert "The shape of the initial centers (2, 2) does not match the number of clusters 3" in line
    np.save("start.npy", np.array([[0, 1], [0, np.nan]]))
    line = fails("fit", "t.npy", "-k", 2, "-o", "m", "--init", "start.npy")
    assert line == "start.npy: a centre lacks a number; fill it"


def test_predict_refuses_another_tables_columns(
    run: Run, fails: Callable[..., str], points: np.ndarray
) -> None:
    Path("t.csv").write_text(as_csv(points, "x,y\n"))
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--seed", 1)[0] == 0
    Path("other.csv").write_text("x,why\n1,2\n")
    line = fails("predict", "m", "other.csv", "-o", "l.csv")
    assert "other.csv: there is no column 'y'; it has 'x', 'why'" in line
    line = fails("predict", "m", "t.csv", "-o", "l.csv", "--columns", "y,x")
    assert "number 1 of --columns is 'y', but m was fitted with 'x' there" in line
    Path("wide.csv").write_text("1,2,3\n")
    line = fails("predict", "m", "wide.csv", "-o", "l.csv")
    assert "wide.csv: 3 columns, but m was fitted on 2" in line
    Path("bare.csv").write_text("1,2\n")
    assert run("predict", "m", "bare.csv", "-o", "l.csv")[0] == 0  # no names, nothing to compare


def test_predict_refuses_what_is_not_a_model(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("1,2\n")
    assert "not a centra model" in fails("predict", "t.csv", "t.csv", "-o", "l.csv")


def test_labels_need_a_known_suffix(fails: Callable[..., str]) -> None:
    assert "told by its suffix" in fails("predict", "m", "t.csv", "-o", "labels")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bogus"], "No such command 'bogus'; see centra --help"),
        (["fit"], "Missing argument 'FILE'; see centra fit --help"),
        (["fit", "t.csv"], "Missing option '--output' / '-o'"),
        (["fit", "t.csv", "-o", "m", "-k", "x"], "'--clusters' / '-k'"),
        (["fit", "t.csv", "-o", "m", "-k", "0"], "'--clusters' / '-k'"),
        (["fit", "t.csv", "-o", "m", "-k", "2:5"], "from 1; centra sweep compares several"),
        (["fit", "t.csv", "-o", "m", "--tol", "-1"], "--tol"),
        (["fit", "t.csv", "-o", "m", "--max-iter", "0"], "--max-iter"),
        (["fit", "t.csv", "-o", "m", "--n-init", "0"], "--n-init"),
        (["fit", "t.csv", "-o", "m", "--n-init", "some"], "--n-init"),
        (["fit", "t.csv", "-o", "m", "--threads", "0"], "--threads"),
        (["fit", "t.csv", "-o", "m", "--seed", "-1"], "--seed"),
        (
            ["fit", "t.csv", "-o", "m", "--init", "best"],
            "none of k-means++, k-means||, sampled, random",
        ),
        (["fit", "t.csv", "-o", "m", "--memory", "much"], "not an amount of memory"),
        (["fit", "t.csv", "-o", "m", "--memory", "0"], "not an amount of memory"),
        (["fit", "t.csv", "-o", "m", "--delimiter", "ab"], "one character"),
        (["fit", "t.csv", "-o", "m", "--nonsense"], "No such option: --nonsense"),
        (["predict", "m"], "Missing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage_errors_have_code_2(
    fails: Callable[..., str], arguments: list[str], message: str
) -> None:
    Path("t.csv").write_text("1,2\n3,4\n")
    assert message in fails(*arguments, code=2)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted; no output was written"),
        (MemoryError(), 1, "not enough memory: a smaller --memory may help"),
        (RuntimeError("a\nb"), 1, "a bug in centra, please report it: RuntimeError: a b"),
        (OSError(28, "No space left on device", "m"), 1, "m: No space left on device"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_any_failure_is_one_line(
    fails: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    message: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    Path("t.csv").write_text("1,2\n3,4\n")
    monkeypatch.setattr(centra.KMeans, "fit", fail)
    assert fails("fit", "t.csv", "-k", 1, "-o", "m", code=code) == message


def test_without_typer_the_program_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "sys.modules['typer'] = None\n"
        "from centra.cli import main\n"
        "sys.exit(main(['--version']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        'centra: error: the command line needs typer: pip install "centra[cli]"\n'
    )


def test_ctrl_c_ends_the_program(tmp_path: Path) -> None:
    """A real signal during a real fit: one line, code 130, no file."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "noise.npy", rng.random((400_000, 8), dtype=np.float32))
    code = "import sys; from centra.cli import main; print('go', flush=True); sys.exit(main())"
    arguments = ["fit", "noise.npy", "-k", "200", "-o", "m", "--tol", "0", "--init", "random"]
    arguments += ["--max-iter", "100000"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "go\n"
    time.sleep(2.5)
    assert process.poll() is None, process.stderr.read()
    process.send_signal(2)
    _, err = process.communicate(timeout=30)
    assert err == "centra: error: interrupted; no output was written\n"
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["noise.npy"]
