"""Standardized columns: the file remembers mean and scale, so that rows stay in their own units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn import cluster
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import centra
from centra._persistence import container
from centra._persistence.save import save
from centra.errors import ModelFileError

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rows(points: np.ndarray) -> np.ndarray:
    return points * [1.0, 1000.0] + [0.0, 5e6]


def fitted(rows: np.ndarray) -> Pipeline:
    return make_pipeline(StandardScaler(), centra.KMeans(3, random_state=1)).fit(rows)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_pipeline_comes_back_with_the_same_bits(
    rows: np.ndarray, tmp_path: Path, dtype: type
) -> None:
    model = fitted(rows.astype(dtype))
    save(model, tmp_path / "m")
    again = centra.load(tmp_path / "m")
    assert isinstance(again, Pipeline)
    assert again[0].mean_.tobytes() == model[0].mean_.tobytes()
    assert again[0].scale_.tobytes() == model[0].scale_.tobytes()
    assert again[1].cluster_centers_.tobytes() == model[1].cluster_centers_.tobytes()
    assert again.predict(rows.astype(dtype)).tolist() == model[1].labels_.tolist()
    save(again, tmp_path / "n")
    assert (tmp_path / "m").read_bytes() == (tmp_path / "n").read_bytes()


def test_pipelines_that_a_file_has_no_form_for(rows: np.ndarray, tmp_path: Path) -> None:
    for scaler in (MinMaxScaler(), StandardScaler(with_mean=False), StandardScaler(with_std=False)):
        model = make_pipeline(scaler, centra.KMeans(2, random_state=1)).fit(rows)
        with pytest.raises(ValueError, match="can be saved"):
            save(model, tmp_path / "m")
    theirs = make_pipeline(StandardScaler(), cluster.KMeans(2, random_state=1)).fit(rows)
    with pytest.raises(ValueError, match="centra's KMeans can be saved"):
        save(theirs, tmp_path / "m")
    model = make_pipeline(StandardScaler().fit(rows[:, :1]), fitted(rows)[1])
    with pytest.raises(ValueError, match="1 means, and the KMeans 2 columns"):
        save(model, tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scaler/scale", np.array([1.0, 0.0])),
        ("scaler/scale", np.array([1.0, np.nan])),
        ("scaler/mean", np.zeros(3)),
        ("scaler/mean", np.zeros(2, np.float32)),
        ("scaler/var", np.zeros((2, 1))),
    ],
)
def test_a_file_whose_scaler_does_not_fit_is_refused(
    rows: np.ndarray, tmp_path: Path, name: str, value: np.ndarray
) -> None:
    save(fitted(rows), tmp_path / "m")
    meta, arrays = container.read(tmp_path / "m")
    container.write(tmp_path / "m", meta, {**arrays, name: value})
    with pytest.raises(ModelFileError, match="do not fit together"):
        centra.load(tmp_path / "m")


def test_fit_describe_and_predict_in_the_columns_units(run: Run, rows: np.ndarray) -> None:
    lines = [f"{x!r},{y!r}" for x, y in rows.tolist()]
    Path("t.csv").write_text("\n".join(["x,y", *lines]) + "\n")
    assert run("fit", "t.csv", "-k", 3, "--standardize", "--seed", 1, "-o", "m")[0] == 0
    expected = fitted(rows)
    model = centra.load("m")
    assert model[1].labels_.tolist() == expected[1].labels_.tolist()
    assert model[1].cluster_centers_.tobytes() == expected[1].cluster_centers_.tobytes()
    assert list(model.feature_names_in_) == ["x", "y"]

    assert run("predict", "m", "t.csv", "-o", "l.csv")[0] == 0
    labels = Path("l.csv").read_text().split()[1:]
    assert labels == [str(label) for label in expected[1].labels_]

    out = run("describe", "m")[1]
    assert "standardized" in out
    means = [rows[expected[1].labels_ == j].mean(axis=0) for j in range(3)]
    table = [list(map(float, line.split()[2:])) for line in out.splitlines()[5:8]]
    np.testing.assert_allclose(table, means, rtol=1e-5)


def test_first_centers_are_given_in_the_columns_units(run: Run, rows: np.ndarray) -> None:
    np.save("t.npy", rows)
    np.save("start.npy", rows[[0, 20, 40]])
    arguments = ("fit", "t.npy", "-k", 3, "--standardize", "--init", "start.npy", "-o", "m")
    assert run(*arguments)[0] == 0
    labels = centra.load("m")[1].labels_
    assert labels.tolist() == [0] * 20 + [1] * 20 + [2] * 20


def test_weights_count_in_mean_and_scale(run: Run) -> None:
    Path("few.csv").write_text("x,n\n0,1\n4,3\n5,2\n")
    Path("many.csv").write_text("x\n0\n4\n4\n4\n5\n5\n")
    assert run("fit", "few.csv", "-k", 2, "--standardize", "--weight", "n", "-o", "a")[0] == 0
    assert run("fit", "many.csv", "-k", 2, "--standardize", "-o", "b")[0] == 0
    few, many = centra.load("a"), centra.load("b")
    np.testing.assert_allclose(few[0].mean_, many[0].mean_)
    np.testing.assert_allclose(few[0].scale_, many[0].scale_)
    assert few[1].inertia_ == pytest.approx(many[1].inertia_)


def test_what_cannot_be_standardized(fails: Callable[..., str], rows: np.ndarray) -> None:
    np.save("t.npy", rows)
    line = fails("fit", "t.npy", "-o", "m", "--standardize", "--memory", "500B")
    assert "its standardized columns take 960 bytes of memory, and --memory allows 500" in line
    Path("t.csv").write_text("x,y\n1,1e300\n2,-1e300\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "m", "--standardize")
    assert line == "t.csv: column y is too large to be standardized; rescale it"
