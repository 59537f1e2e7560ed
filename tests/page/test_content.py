"""The page's content: what is written into the file, and that nothing can break out of it."""

from __future__ import annotations

import base64
import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.datasets import make_blobs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import centra
from centra._data.executor import Partition
from centra._data.passes import PassStats
from centra.page import write
from centra.page.content import content_of
from centra.page.html import render

EVIL = "</script><img src=x onerror=alert(1)>"


def _rows(n: int = 300, d: int = 2) -> np.ndarray:
    return np.asarray(make_blobs(n, d, centers=4, random_state=0)[0])


def _models(X: Any, ks: tuple[int, ...] = (2, 3, 4)) -> dict[int, centra.KMeans]:
    return {k: centra.KMeans(k, init="random", n_init=1, random_state=0).fit(X) for k in ks}


def _unpacked(text: str, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def test_content_is_what_models_and_reports_say() -> None:
    X = _rows()
    models = _models(X)
    content = content_of(models, X, title="blobs")
    assert (content["rows"], content["drawn"], content["chosen"]) == (300, 300, 2)
    np.testing.assert_array_equal(_unpacked(content["x"], "<f4"), X[:, 0].astype("f4"))
    assert content["criteria"] == {"k": [2, 3, 4], "inertia": [m.inertia_ for m in models.values()]}
    for shown, km in zip(content["models"], models.values(), strict=True):
        report = km.report(X)
        assert shown["remarks"] == [str(remark) for remark in report.remarks]
        assert shown["clusters"]["rows"] == report.overlap.sizes.tolist()
        assert [step["iteration"] for step in shown["steps"]] == [r.iteration for r in km.history_]
        assert [step["inertia"] for step in shown["steps"]] == [r.inertia for r in km.history_]
        for step, record in zip(shown["steps"], km.history_, strict=True):
            labels = _unpacked(step["labels"], "u1")
            np.testing.assert_array_equal(labels, centra.assign(X, record.centers))
        np.testing.assert_array_equal(labels, km.labels_)


def _standardized(X: np.ndarray, ks: tuple[int, ...] = (2, 3)) -> tuple[Any, np.ndarray, Any]:
    scaler = StandardScaler().fit(X)
    Z = scaler.transform(X)
    return scaler, Z, _models(Z, ks)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_scaler_gives_the_columns_own_units(d: int) -> None:
    X = _rows(300, d) * [1, 1000, 1][:d] + [40, 20_000, 0][:d]
    scaler, Z, models = _standardized(X)
    content = content_of(models, Z, scaler=scaler)
    assert content["scaled"] == "standard deviations"
    for q, values in enumerate(content["values"]):
        np.testing.assert_allclose(_unpacked(values, "<f4"), X[:, q], rtol=1e-5, atol=1e-4)
    for shown, km in zip(content["models"], models.values(), strict=True):
        means = [X[km.labels_ == j].mean(axis=0) for j in range(km.n_clusters)]
        np.testing.assert_allclose(shown["centers"], means, rtol=1e-9, atol=1e-9)
        at = np.array(shown["steps"][-1]["centers"])
        if d <= 2:  # the picture is in these units too; else it is a projection as clustered
            np.testing.assert_allclose(at[:d].T, means, rtol=1e-9, atol=1e-9)
        assert shown["clusters"]["radius"] == km.report(Z).overlap.radius.tolist()
    plain = content_of(models, Z)
    assert plain["scaled"] == "" and (plain["x"] == content["x"]) == (d > 2)
    assert plain["models"][0]["centers"] == models[2].cluster_centers_.tolist()
    assert plain["models"][0]["steps"][0]["labels"] == content["models"][0]["steps"][0]["labels"]


def test_other_scalers_are_called_by_their_names() -> None:
    X = pd.DataFrame(_rows(), columns=["age", "income"])
    scaler = MinMaxScaler().fit(X)
    Z = scaler.transform(X)
    content = content_of(_models(Z, (3,)), Z, scaler=scaler)
    assert content["scaled"] == "units of MinMaxScaler"
    assert content["columns"] == ["age", "income"] == content["axes"]  # which the scaler knows
    np.testing.assert_allclose(_unpacked(content["y"], "<f4"), X["income"], rtol=1e-5)
    scaler = StandardScaler(with_std=False).fit(X)
    Z = scaler.transform(X)
    content = content_of(_models(Z, (3,)), Z, scaler=scaler)
    assert content["scaled"] == "units of StandardScaler"


def test_many_rows_are_shown_by_a_seeded_sample() -> None:
    X = _rows(3000)
    models = _models(X)
    content = content_of(models, X, sample=500, seed=7)
    rows = _unpacked(content["numbers"], "<u4")
    assert len(rows) == 500 == content["drawn"] and (np.diff(rows.astype(int)) > 0).all()
    np.testing.assert_array_equal(_unpacked(content["y"], "<f4"), X[rows, 1].astype("f4"))
    assert content["models"][0]["clusters"]["rows"] == np.bincount(models[2].labels_).tolist()
    again = content_of(models, X, sample=500, seed=7)
    assert again == content and content_of(models, X, sample=500, seed=8) != content


def test_wide_rows_are_projected_and_the_axes_say_so() -> None:
    X = _rows(200, 30)
    content = content_of(_models(X), X)
    assert content["axes"][0].startswith("PCA 1 (")
    assert len(content["values"]) == 12 and len(content["columns"]) == 30
    one = content_of(_models(X[:, :1]), X[:, :1])
    assert one["axes"] == ["column 0", ""]
    # Rows of one column are piled up: no two in the same place, centres below all of them.
    heights = _unpacked(one["y"], "<f4")
    assert heights.min() == 0 and 1 < heights.max() < 60
    assert max(one["models"][0]["steps"][-1]["centers"][1]) < 0


def test_long_histories_are_thinned_and_end_with_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(2000, 2))
    km = centra.KMeans(8, init="random", n_init=1, random_state=0, tol=0).fit(X)
    assert len(km.history_) > 30
    monkeypatch.setattr("centra.page.content.LABEL_BYTES", 0)
    steps = content_of({8: km}, X)["models"][0]["steps"]
    found = [step["iteration"] for step in steps]
    assert len(found) == 8 and found[:4] == [0, 1, 2, 3] and found[-1] == km.n_iter_


def test_a_history_without_centers_shows_the_end() -> None:
    X = _rows()
    km = centra.KMeans(3, random_state=0, keep_centers=False).fit(X)
    (step,) = content_of({3: km}, X)["models"][0]["steps"]
    np.testing.assert_array_equal(_unpacked(step["labels"], "u1"), km.labels_)


def _written(path: Path) -> dict[str, Any]:
    page = path.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


def _own(path: Path) -> str:
    """The page but for the drawing library."""
    from plotly.offline import get_plotlyjs

    page = path.read_text(encoding="utf-8")
    before, library, after = page.partition(get_plotlyjs())
    assert library
    return before + after


def test_names_cannot_end_the_script(tmp_path: Path) -> None:
    X = pd.DataFrame(_rows(), columns=[EVIL, "@@data@@"])
    write(tmp_path / "page.html", _models(X), X, title=EVIL)
    page = _own(tmp_path / "page.html")
    assert EVIL not in page and "<img" not in page
    assert _written(tmp_path / "page.html")["columns"] == [EVIL, "@@data@@"]


def test_the_page_asks_for_nothing(tmp_path: Path) -> None:
    X = _rows()
    write(tmp_path / "page.html", centra.KMeans(3, random_state=0).fit(X), X)
    page = _own(tmp_path / "page.html")
    assert "default-src 'none'" in page and "unsafe-eval" not in page
    assert not re.search(r"(?:src|href)=", page)
    assert (tmp_path / "page.html").stat().st_size < 10 << 20


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_numbers_that_json_does_not_have() -> None:
    X = np.repeat([[0.0, 0.0], [1.0, 1.0]], 5, axis=0)
    content = content_of(
        {1: centra.KMeans(1).fit(X), 3: centra.KMeans(3, random_state=0).fit(X)}, X
    )
    assert content["models"][0]["clusters"]["separation"] == [None]
    assert None in content["models"][1]["clusters"]["radius"]
    assert "NaN" not in render(content, "")


def test_rows_are_validated_once_for_all_models(monkeypatch: pytest.MonkeyPatch) -> None:
    X = _rows()
    models = _models(X)
    asked: list[tuple[int, ...]] = []
    run = Partition.run

    def counted(self: Partition, work: Any) -> Any:
        if isinstance(work, PassStats):
            asked.append(self.source.shape)
        return run(self, work)

    monkeypatch.setattr(Partition, "run", counted)
    content_of(models, X, sample=100)
    assert sorted(asked) == [(100, 2), (300, 2)]  # the sample, for labels on the way, and all


def test_columns_that_one_of_the_models_does_not_know_are_said() -> None:
    X = pd.DataFrame(_rows(), columns=["a", "b"])
    models = _models(X, (2,)) | _models(X.rename(columns={"b": "c"}), (3,))
    with pytest.raises(ValueError, match="feature names"):
        content_of(models, X)
    models = _models(_rows(), (2,)) | _models(_rows(300, 3), (3,))
    with pytest.raises(ValueError, match="2 features"):
        content_of(models, _rows())


def test_other_rows_than_those_of_the_fit_are_refused(tmp_path: Path) -> None:
    X = _rows()
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    path = tmp_path / "page.html"
    with pytest.raises(ValueError, match=r"X has 299 rows, but the model of k = 2 .* on 300"):
        write(path, _models(X), X[1:])
    differ = np.count_nonzero(
        _models(scaled, (3,))[3].predict(X) != _models(scaled, (3,))[3].labels_
    )
    words = (
        f"X are not the rows that the model of k = 3 was fitted on: {differ} of 300 labels differ; "
        "pass the rows of the fit, scaled as they were for it."
    )
    with pytest.raises(ValueError, match=re.escape(words)):
        write(path, _models(scaled, (3,)), X)
    with pytest.raises(ValueError, match=r"k = 4 .* labels differ"):  # one of several
        write(path, _models(X, (2, 3)) | _models(scaled, (4,)), X)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "kind", ["float32", "frame", "source", "sparse", "columns first", "stopped"]
)
def test_rows_of_the_fit_have_its_labels(tmp_path: Path, kind: str) -> None:
    X = np.random.default_rng(0).normal(size=(500, 7)).round(1)
    np.save(tmp_path / "X.npy", X)
    rows = {
        "float32": lambda: X.astype("f4"),
        "frame": lambda: pd.DataFrame(X),
        "source": lambda: centra.from_npy(tmp_path / "X.npy"),
        "sparse": lambda: sp.csr_array(X * (X > 1)),
        "columns first": lambda: np.asfortranarray(X),
        "stopped": lambda: X,
    }[kind]()
    most = 2 if kind == "stopped" else 300
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the fit was cut short
        models = {
            k: centra.KMeans(k, max_iter=most, tol=0.1, n_init=2, random_state=0).fit(rows)
            for k in (1, 5, 40)
        }
    assert [m["k"] for m in content_of(models, rows)["models"]] == [1, 5, 40]


def test_what_is_wrong_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    X = _rows()
    with pytest.raises(ValueError, match="no model to show"):
        write(tmp_path / "page.html", {}, X)
    with pytest.raises(ValueError, match="3 features"):
        write(tmp_path / "page.html", _models(X), np.zeros((5, 3)))
    scaler, Z, models = _standardized(_rows(300, 3))
    with pytest.raises(ValueError, match="X has 2 columns, but the scaler was fitted on 3"):
        write(tmp_path / "page.html", _models(X), X, scaler=scaler)
    with pytest.raises(TypeError, match=r"inverse_transform.*got 'standard'"):
        write(tmp_path / "page.html", models, Z, scaler="standard")
    with pytest.raises(TypeError, match=r"not Pipeline; of a pipeline, give its KMeans"):
        write(tmp_path / "page.html", make_pipeline(scaler, models[2]), Z)
    with pytest.raises(FileNotFoundError, match="nothing was written"):
        write(tmp_path / "none" / "page.html", _models(X), X)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(ImportError, match=r"centra\[page\]"):
        write(tmp_path / "page.html", _models(X), X)
