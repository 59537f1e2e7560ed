"""A model file is checked whole: every part that is wrong is refused at load, and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from centra.model import CONVERGED, REASONS
from sklearn.preprocessing import StandardScaler

import centra
from centra._diagnostics.notebook import ENDINGS
from centra._persistence.save import save
from centra.errors import ModelFileError
from kept.keep import ROWS
from model_files import changed

Arrays = dict[str, np.ndarray]


def refused(content: bytes, tmp_path: Path) -> str:
    """Load a wrong file; return what the error says after the file's name."""
    path = tmp_path / "m"
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        centra.load(path)
    text = str(caught.value)
    start = f"cannot load {str(path)!r}: "
    assert text.startswith(start) and text.isprintable() and len(text) < len(start) + 500
    for python in ("object has no", "not subscriptable", "not supported between", "argument"):
        assert python not in text
    return text.removeprefix(start)


NAN, INF = float("nan"), float("inf")

#: What is set to what, in the model's values; and what the error names.
VALUES: list[tuple[str, tuple[Any, ...], Any, str]] = [
    ("float64", ("estimator",), "Forest", "estimator is 'Forest'"),
    ("float64", ("estimator",), ["KMeans"], "estimator is a list"),
    ("float64", ("estimator",), "StandardScaler, KMeans", "scaler is missing"),
    ("float64", ("inertia",), -1.0, "inertia is -1.0"),
    ("float64", ("inertia",), None, "inertia is None"),
    ("float64", ("inertia",), "12", "inertia is '12'"),
    ("float64", ("inertia",), True, "inertia is True"),
    ("float64", ("inertia",), 30.5, "the history ends with inertia"),
    ("float64", ("inertia",), 10**400, "no whole number of 64 bits"),
    ("float64", ("n_iter",), 3.0, "n_iter is 3.0"),
    ("float64", ("n_iter",), -1, "n_iter is -1"),
    ("float64", ("n_iter",), 2, "n_iter = 2 makes 3 records"),
    ("float64", ("n_iter",), 10**15, "makes 1000000000000001 records"),
    ("float64", ("feature_names_in",), ["a", "b"], "has 2 names, and the centres have 3"),
    ("float64", ("feature_names_in",), "abc", "feature_names_in is 'abc'"),
    ("float64", ("feature_names_in",), [1, 2, 3], "list of texts"),
    ("float64", ("feature_names_in",), ["a", None, "c"], "list of texts"),
    ("float64", ("feature_names_in",), {"a": 1, "b": 2, "c": 3}, "list of texts"),
    ("float64", ("runs",), [], "one restart or more"),
    ("float64", ("runs",), None, "runs is None"),
    ("float64", ("runs",), {"0": {}}, "runs is a mapping"),
    ("float64", ("runs", 0), 7, "runs[0] is 7"),
    ("float64", ("runs", 1, "reason"), "<script>alert(1)</script>", "must be one of strict"),
    ("float64", ("runs", 1, "reason"), "\x1b[31m\n", r"\x1b[31m\n"),
    ("float64", ("runs", 1, "reason"), ["strict"], "runs[1]: reason is a list"),
    ("float64", ("runs", 1, "start"), "elsewhere", "must be one of init, fewer, more"),
    ("float64", ("runs", 1, "converged"), False, "converged is False, and its reason is 'strict'"),
    ("float64", ("runs", 1, "converged"), "yes", "converged is 'yes'"),
    ("float64", ("runs", 1, "inertia"), -2.0, "runs[1]: inertia is -2.0"),
    ("float64", ("runs", 1, "n_iter"), 1.5, "runs[1]: n_iter is 1.5"),
    ("called", ("runs", 0, "n_iter"), 5, "no run has this n_iter"),
    ("float64", ("parameters",), [], "parameters is a list"),
    ("float64", ("parameters", "shape"), "round", "parameters has 'shape'"),
    ("float64", ("parameters", "n_clusters"), 4, "n_clusters is 4, and there are 3 centres"),
    ("float64", ("parameters", "n_clusters"), 0, "'n_clusters' parameter"),
    ("float64", ("parameters", "n_clusters"), [3], "n_clusters is a list"),
    ("float64", ("parameters", "init"), "middle", "'init' parameter"),
    ("float64", ("parameters", "init"), 3, "init is 3"),
    ("float64", ("parameters", "init"), [[1, 2, 3]], "init is a list"),
    ("float64", ("parameters", "init"), {"array": "labels"}, "init must be a name"),
    ("float64", ("parameters", "init"), {"array": "init"}, "'init' is missing"),
    ("float64", ("parameters", "tol"), -1.0, "'tol' parameter"),
    ("float64", ("parameters", "tol"), {"a": 1}, "tol is a mapping"),
    ("float64", ("parameters", "random_state"), -1, "'random_state' parameter"),
    ("float64", ("parameters", "random_state"), 2**40, "'random_state' parameter"),
    ("float64", ("parameters", "n_threads"), True, "n_threads"),
    ("float64", ("parameters", "n_threads"), 10**30, "no whole number of 64 bits"),
    ("float64", ("parameters", "callbacks"), "print", "callbacks must be null"),
    (
        "float64",
        ("parameters", "memory"),
        "much",
        "memory is 'much', and must be an amount such as '256MB'",
    ),
    ("float64", ("parameters", "memory"), "9" * 400, "must be an amount such as"),
    ("float64", ("parameters", "memory"), "1" + " " * 10**6 + "x", "must be an amount such as"),
    ("float64", ("engine",), 3, "engine is 3"),
    ("float64", ("engine", "isa"), "<b>avx</b>", "short name"),
    ("float64", ("engine", "n_threads"), "two", "engine: n_threads is 'two'"),
    ("float64", ("engine", "sweeps"), 3, "counts by name"),
    ("float64", ("engine", "sweeps"), {"tile": "all"}, "engine: tile is 'all'"),
    ("float64", ("engine", "rows"), -1, "engine: rows is -1"),
    ("float64", ("output",), {"transform": "paper"}, "must be one of default, pandas, polars"),
    ("float64", ("output",), {"self": 1}, "parts other than transform"),
    ("float64", ("output",), [], "output is a list"),
    ("standardized", ("scaler",), None, "scaler is None"),
    ("standardized", ("scaler", "n_samples_seen"), "many", "n_samples_seen is 'many'"),
    ("standardized", ("scaler", "n_samples_seen"), 0, "above 0"),
    ("standardized", ("scaler", "feature_names_in"), ["a"], "has 1 names"),
]

#: The same for arrays; None takes the array away.
ARRAYS: list[tuple[str, str, Any, str]] = [
    ("float64", "cluster_centers", None, "'cluster_centers' is missing"),
    ("float64", "cluster_centers", np.zeros((3, 3), np.int64), "dtype int64"),
    ("float64", "cluster_centers", np.zeros((3, 3), np.float16), "dtype float16"),
    ("float64", "cluster_centers", np.zeros(3), "has shape (3,)"),
    ("float64", "cluster_centers", np.zeros((0, 3)), "has shape (0, 3)"),
    ("float64", "cluster_centers", np.zeros((3, 0)), "has shape (3, 0)"),
    ("float64", "cluster_centers", np.full((3, 3), NAN), "cluster_centers has NaN"),
    ("float64", "cluster_centers", np.full((3, 3), INF), "cluster_centers has NaN"),
    ("float64", "cluster_centers", np.zeros((3, 3)), "other centres than the model's"),
    ("float64", "cluster_centers", np.zeros((4, 3)), "n_clusters is 3, and there are 4"),
    ("float64", "labels", np.full(12, 3, np.int32), "labels go from 3 to 3"),
    ("float64", "labels", np.full(12, -1, np.int32), "labels go from -1"),
    ("float64", "labels", np.zeros(12, np.int64), "labels has dtype int64"),
    ("float64", "labels", np.zeros(0, np.int32), "labels has shape (0,)"),
    ("float64", "labels", np.zeros((12, 1), np.int32), "labels has shape (12, 1)"),
    ("float64", "labels", None, "'labels' is missing"),
    ("float64", "history/inertia", np.zeros(2), "history/inertia has shape (2,)"),
    ("float64", "history/inertia", np.float64(3), "history/inertia has shape ()"),
    ("float64", "history/shift", np.full(4, NAN), "history/shift has NaN"),
    ("float64", "history/shift", np.full(4, -1.0), "history/shift has -1"),
    ("float64", "history/shift", None, "'history/shift' is missing"),
    ("float64", "history/changed", np.zeros(4), "history/changed has dtype float64"),
    ("float64", "history/changed", np.full(4, 13), "has 13, and there are 12 rows"),
    ("float64", "history/changed", np.full(4, -1), "history/changed has -1"),
    ("float64", "history/centers_000001", None, "other records have theirs"),
    ("float64", "history/centers_000001", np.zeros((2, 3)), "must be floats of shape"),
    ("float64", "history/centers_000001", np.zeros((3, 3), bool), "must be floats of shape"),
    ("float64", "history/centers_000001", np.full((3, 3), INF), "centers_000001 has NaN"),
    ("given", "init", np.zeros(3), "init has shape (3,)"),
    ("given", "init", np.full((2, 3), NAN), "init has NaN"),
    ("standardized", "scaler/mean", np.zeros(2), "scaler/mean has shape (2,)"),
    ("standardized", "scaler/mean", np.full(3, NAN), "scaler/mean has NaN"),
    ("standardized", "scaler/scale", np.zeros(3), "root of scaler/var"),
    ("standardized", "scaler/scale", np.full(3, 1e-300), "root of scaler/var"),
    ("standardized", "scaler/var", np.full(3, -1.0), "scaler/var has -1"),
    ("standardized", "scaler/var", np.zeros(3, np.float32), "dtype float32"),
]


@pytest.mark.parametrize(("kind", "place", "value", "said"), VALUES)
def test_a_value_that_is_wrong(
    kind: str, place: tuple[Any, ...], value: Any, said: str, tmp_path: Path
) -> None:
    def change(head: dict[str, Any], _: Arrays) -> None:
        at = head["model"]
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = value

    assert said in refused(changed(kind, change), tmp_path)


@pytest.mark.parametrize(("kind", "name", "array", "said"), ARRAYS)
def test_an_array_that_is_wrong(
    kind: str, name: str, array: np.ndarray | None, said: str, tmp_path: Path
) -> None:
    def change(_: dict[str, Any], arrays: Arrays) -> None:
        if array is None:
            del arrays[name]
        else:
            arrays[name] = np.asarray(array)

    assert said in refused(changed(kind, change), tmp_path)


@pytest.mark.parametrize(
    "part",
    [
        "estimator",
        "parameters",
        "inertia",
        "n_iter",
        "feature_names_in",
        "runs",
        "engine",
        "output",
    ],
)
def test_a_part_that_is_missing(part: str, tmp_path: Path) -> None:
    content = changed("float64", lambda head, _: head["model"].pop(part))
    assert f"{part} is missing" in refused(content, tmp_path)


@pytest.mark.parametrize("part", ["inertia", "n_iter", "reason", "converged"])
def test_a_part_of_a_restart_that_is_missing(part: str, tmp_path: Path) -> None:
    content = changed("float64", lambda head, _: head["model"]["runs"][1].pop(part))
    assert f"runs[1]: {part} is missing" in refused(content, tmp_path)


def loaded(change: Callable[[dict[str, Any], Arrays], None], tmp_path: Path) -> Any:
    (tmp_path / "m").write_bytes(changed("float64", change))
    return centra.load(tmp_path / "m")


def test_what_a_newer_centra_may_add_is_ignored(tmp_path: Path) -> None:
    def change(head: dict[str, Any], arrays: Arrays) -> None:
        head["model"]["mood"] = {"good": [True]}
        head["model"]["runs"][0]["colour"] = "blue"
        arrays["more"] = np.zeros(3)

    assert loaded(change, tmp_path).predict(ROWS).max() == 2


def test_what_an_older_centra_did_not_write(tmp_path: Path) -> None:
    def change(head: dict[str, Any], _: Arrays) -> None:
        head["model"]["engine"] = {}
        del head["model"]["parameters"]["memory"]
        for run in head["model"]["runs"]:
            del run["start"]

    km = loaded(change, tmp_path)
    assert km.memory is None and {run.start for run in km.runs_} == {"init"}


def test_arrays_of_another_byte_order_and_layout(tmp_path: Path) -> None:
    def change(_: dict[str, Any], arrays: Arrays) -> None:
        for name, array in arrays.items():
            arrays[name] = np.asfortranarray(array.astype(array.dtype.newbyteorder(">")))

    km, plain = loaded(change, tmp_path), loaded(lambda *_: None, tmp_path)
    assert km.cluster_centers_.flags.c_contiguous and km.cluster_centers_.dtype == np.float64
    assert km.cluster_centers_.tobytes() == plain.cluster_centers_.tobytes()
    assert km.predict(ROWS).tolist() == plain.labels_.tolist()


def test_every_reason_has_its_words() -> None:
    assert set(ENDINGS) == set(REASONS) > set(CONVERGED)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_clusters": 5}, "n_clusters is 5, and there are 3 centres"),
        ({"tol": -1}, "'tol' parameter"),
        ({"init": ROWS[:2]}, "init has shape"),
    ],
)
def test_a_model_that_load_would_refuse_is_not_saved(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    km = centra.KMeans(3, random_state=0).fit(ROWS).set_params(**change)
    with pytest.raises(ValueError, match=said):
        km.save(tmp_path / "m")
    km = centra.KMeans(3, random_state=0).fit(ROWS)
    km.cluster_centers_ = km.cluster_centers_ + 1
    with pytest.raises(ValueError, match="cluster_centers_ were changed after the fit"):
        km.save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_model_whose_init_was_a_function_is_saved_again(tmp_path: Path) -> None:
    km = centra.KMeans(3, init=lambda X, k, random_state: X[:k], n_init=1).fit(ROWS)
    for _ in range(2):
        km.save(tmp_path / "m")
        km = centra.load(tmp_path / "m")
        assert km.init is None


def test_a_scaler_of_constant_columns(tmp_path: Path) -> None:
    rows = pd.DataFrame(np.column_stack([ROWS, np.full(12, 3.0), np.full(12, 1e100)]))
    rows.columns = list("abcde")
    scaler = StandardScaler().fit(rows)
    km = centra.KMeans(3, random_state=0).fit(scaler.transform(rows))
    from sklearn.pipeline import make_pipeline

    save(make_pipeline(scaler, km), tmp_path / "m")
    assert centra.load(tmp_path / "m").predict(rows).tolist() == km.labels_.tolist()


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_fit_gives_can_be_saved_and_loaded(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(1, 40)), int(rng.integers(1, 7))
    X = np.round(rng.normal(size=(n, d)) * rng.choice([1, 3, 100]))  # some rows are alike
    X = (X * 10.0 ** rng.choice([-15, 0, 15])).astype([np.float32, np.float64][seed % 2])
    weights = rng.choice([0.0, 0.5, 1.0, 1e10], size=n) + (np.arange(n) == 0)
    events: list[object] = []

    def stop(event: object) -> None:
        events.append(event)
        if len(events) > 2 + seed % 9:
            raise StopIteration

    km = centra.KMeans(
        int(rng.integers(1, n + 1)),
        init=["k-means++", "random", "k-means||"][seed % 3],
        n_init=1 + seed % 3,
        max_iter=int(rng.choice([1, 2, 300])),
        tol=float(rng.choice([0.0, 1e-4, 0.3])),
        keep_centers=[True, False, None][seed // 3 % 3],
        callbacks=[stop] if seed % 4 == 0 else None,
        random_state=seed,
    ).fit(X, sample_weight=weights if seed % 5 == 0 else None)
    km.save(tmp_path / "m")
    again = centra.load(tmp_path / "m")
    assert again.predict(X).tolist() == km.predict(X).tolist() == km.labels_.tolist()
    assert again.runs_ == km.runs_ and again.inertia_ == km.inertia_
