"""A model or rows that were changed after a fit: every view agrees with what is there, or refuses.

What a view shows belongs together: the centres, the labels that `predict` gives, their inertia, a
history that ends there. A refusal is one sentence, and what it advises works.
"""

from __future__ import annotations

import base64
import json
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

import centra

pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.filterwarnings("ignore:The inplace keyword"),  # of pandas, which people use
]
RNG = np.random.default_rng(1)
#: No order of these clusters is that of their sizes, nor of a column.
ROWS = np.concatenate([RNG.normal(m, 0.5, (n, 2)) for m, n in ((8, 20), (0, 30), (4, 50))])
WEIGHTS = RNG.integers(1, 4, len(ROWS)).astype(float)
KEEP = [True, False]


def fitted(X: Any, weights: Any = None, **how: Any) -> centra.KMeans:
    return centra.KMeans(3, random_state=3, **how).fit(X, sample_weight=weights)


def agrees(km: centra.KMeans, X: Any, weights: Any = None) -> bool:
    """Whether centres, labels, inertia and history are of one clustering of these rows."""
    centers = km.history_[-1].centers
    return bool(
        np.array_equal(km.labels_, km.predict(X))
        and km.inertia_ == -km.score(X, sample_weight=weights) == km.history_[-1].inertia
        and (centers is None or np.array_equal(centers, km.cluster_centers_))
    )


# --- views: each shows what it says of a model that is sound


def check_report(km: centra.KMeans, report: Any) -> None:
    assert report.overlap.sizes.tolist() == np.bincount(km.labels_).tolist()
    assert report.inertia == pytest.approx(km.inertia_, rel=1e-9)


def page(km: centra.KMeans, X: Any, folder: Path) -> None:
    centra.page.write(folder / "page.html", km, X)
    text = (folder / "page.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])
    (model,) = data["models"]
    last = model["steps"][-1]
    assert np.frombuffer(base64.b64decode(last["labels"]), "u1").tolist() == km.labels_.tolist()
    assert np.allclose(np.transpose(last["centers"]), km.cluster_centers_)
    assert last["inertia"] == pytest.approx(model["inertia"]) == km.inertia_


def save(km: centra.KMeans, X: Any, folder: Path) -> None:
    km.save(folder / "model")
    assert agrees(centra.load(folder / "model"), X)


def notebook(km: centra.KMeans) -> None:
    html = km._repr_html_()
    if refusal := re.search(r"<p>The clusters are not shown: (.*?)</p>", html):
        assert "clusters of" not in html
        raise ValueError(refusal[1])
    rows = [int(n) for n in re.findall(r"<tr><t[dh][^>]*>\d</t[dh]><td[^>]*>(\d+)</td>", html)]
    assert rows == np.bincount(km.labels_).tolist()


def titles(axes: Any, km: centra.KMeans) -> None:
    assert axes[-1].get_title().endswith(f"inertia {km.inertia_:.6g}")


#: Of the model alone.
OF_MODEL: dict[str, Callable[[centra.KMeans, Any, Path], None]] = {
    "save": save,
    "notebook": lambda km, X, folder: notebook(km),
    "convergence": lambda km, X, folder: centra.plot.convergence(km),
    "to_sklearn": lambda km, X, folder: check_labels(km, km.to_sklearn().labels_),
}
#: Of rows that they are given.
OF_X: dict[str, Callable[[centra.KMeans, Any, Path], None]] = {
    "page": page,
    "report(X)": lambda km, X, folder: check_report(km, km.report(X)),
    "iterations": lambda km, X, folder: titles(centra.plot.iterations(km, X), km),
    "animation": lambda km, X, folder: centra.plot.animation(km, X, most=2),
    "overlap(X)": lambda km, X, folder: centra.plot.overlap(km, X),
}
#: Of the rows of the fit, which they remember.
REMEMBERING: dict[str, Callable[[centra.KMeans, Any, Path], None]] = {
    "report": lambda km, X, folder: check_report(km, km.report()),
    "profiles": lambda km, X, folder: centra.plot.profiles(km),
    "margins": lambda km, X, folder: centra.plot.margins(km),
    "overlap": lambda km, X, folder: centra.plot.overlap(km),
}


def check_labels(km: centra.KMeans, labels: Any) -> None:
    assert np.array_equal(labels, km.labels_)


def said(view: Callable[..., None], *arguments: Any) -> str:
    """Return the refusal of a view; "" if it shows the model."""
    try:
        view(*arguments)
    except ValueError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
        return str(error)
    finally:
        plt.close("all")
    return ""


# --- models that were changed ---------------------------------------------------------------------


def permute(km: centra.KMeans, X: Any) -> None:
    km.cluster_centers_ = km.cluster_centers_[[2, 0, 1]]


def permute_and_predict(km: centra.KMeans, X: Any) -> None:
    permute(km, X)
    km.labels_ = km.predict(X)


def swap_in_place(km: centra.KMeans, X: Any) -> None:
    km.cluster_centers_[[0, 1]] = km.cluster_centers_[[1, 0]]


def move(km: centra.KMeans, X: Any) -> None:
    km.cluster_centers_ = km.cluster_centers_ + 0.25


def move_by_a_bit(km: centra.KMeans, X: Any) -> None:
    km.cluster_centers_[1, 1] = np.nextafter(km.cluster_centers_[1, 1], 9)


def round_to_float32(km: centra.KMeans, X: Any) -> None:
    km.cluster_centers_ = km.cluster_centers_.astype(np.float32)


def drop_a_center(km: centra.KMeans, X: Any) -> None:
    km.cluster_centers_ = km.cluster_centers_[:2]


def renumber_labels(km: centra.KMeans, X: Any) -> None:
    km.labels_ = 2 - km.labels_


def merge_labels_in_place(km: centra.KMeans, X: Any) -> None:
    km.labels_[km.labels_ == 2] = 1


def swap_two_labels(km: centra.KMeans, X: Any) -> None:
    first, other = 0, int(np.flatnonzero(km.labels_ != km.labels_[0])[0])
    km.labels_[[first, other]] = km.labels_[[other, first]]


def sort_labels(km: centra.KMeans, X: Any) -> None:
    km.labels_ = np.sort(km.labels_)


def cut_labels(km: centra.KMeans, X: Any) -> None:
    km.labels_ = km.labels_[:-1]


def name_labels(km: centra.KMeans, X: Any) -> None:
    km.labels_ = np.array(["low", "middle", "high"])[km.labels_]


def set_inertia(km: centra.KMeans, X: Any) -> None:
    km.inertia_ = 1.0


MODEL_CHANGES = [
    permute,
    permute_and_predict,
    swap_in_place,
    move,
    move_by_a_bit,
    round_to_float32,
    drop_a_center,
    renumber_labels,
    merge_labels_in_place,
    swap_two_labels,
    sort_labels,
    cut_labels,
    name_labels,
    set_inertia,
]


def every_view() -> Iterator[Any]:
    for views in (OF_MODEL, OF_X, REMEMBERING):
        yield from (pytest.param(view, id=name) for name, view in views.items())


@pytest.mark.parametrize("keep", KEEP, ids=["centres kept", "centres not kept"])
@pytest.mark.parametrize("change", MODEL_CHANGES, ids=lambda change: change.__name__)
def test_a_model_that_was_changed_is_refused_and_the_advice_works(
    change: Callable[[centra.KMeans, Any], None], keep: bool, tmp_path: Path
) -> None:
    X = ROWS.copy()
    km = fitted(X, keep_centers=keep)
    change(km, X)
    views = {**OF_MODEL, **OF_X, **REMEMBERING}
    if not keep:
        del views["iterations"], views["animation"]
    found = {name: said(view, km, X, tmp_path) for name, view in views.items()}
    assert all(found.values()), f"shown: {[name for name, text in found.items() if not text]}"
    advice = [
        r"km\.relabel\(range\(3\)\)",
        r"KMeans\(len\(km\.cluster_centers_\), init=km\.cluster_centers_\)\.fit\(X\)",
        r"km\.labels_ = km\.predict\(X\)",
        r"km\.inertia_ = -km\.score\(X, sample_weight=sample_weight\)",
    ]
    (code,) = {re.search("|".join(advice), text)[0] for text in found.values()}
    names: dict[str, Any] = {"km": km, "X": X, "sample_weight": None, "KMeans": centra.KMeans}
    exec(code if " = " in code else f"km = {code}", names)
    km = names["km"]
    assert agrees(km, X)
    kept = {name: view for name, view in views.items() if keep or name != "animation"}
    assert not any(said(view, km, X, tmp_path) for view in kept.values())


def test_a_change_that_was_undone_is_none(tmp_path: Path) -> None:
    X = ROWS.copy()
    km = fitted(X)
    for change in MODEL_CHANGES:
        centers, labels = km.cluster_centers_.copy(), km.labels_.copy()
        inertia = km.inertia_
        change(km, X)
        km.cluster_centers_, km.labels_, km.inertia_ = centers, labels, inertia
        assert not any(said(view.values[0], km, X, tmp_path) for view in every_view())


def test_what_does_not_change_a_value_is_no_change(tmp_path: Path) -> None:
    X = ROWS.astype(np.float32)
    km = fitted(X)
    km.cluster_centers_ = np.asfortranarray(km.cluster_centers_.astype(np.float64))
    km.labels_ = km.labels_.astype(np.int64)
    km.set_params(max_iter=7, n_threads=1, random_state=None)
    km.report()
    notebook(km)
    km.relabel("size")


@pytest.mark.parametrize("change", MODEL_CHANGES, ids=lambda change: change.__name__)
def test_pickles_and_copies_remember_the_fit(
    change: Callable[[centra.KMeans, Any], None], tmp_path: Path
) -> None:
    km = pickle.loads(pickle.dumps(fitted(ROWS)))
    change(km, ROWS)
    km = pickle.loads(pickle.dumps(km))
    assert said(save, km, ROWS, tmp_path) and said(page, km, ROWS, tmp_path)


@pytest.mark.parametrize("change", [renumber_labels, merge_labels_in_place, swap_two_labels])
def test_a_picture_of_rows_does_not_contradict_labels(change: Any) -> None:
    km = fitted(ROWS)
    change(km, ROWS)
    assert said(centra.plot.clusters, km, ROWS)
    km.labels_ = km.predict(ROWS)  # what the picture shows
    centra.plot.clusters(km, ROWS)
    centra.plot.clusters(km, ROWS[:50])  # others have other labels
    permute(km, ROWS)  # the centres are the model's, as for predict
    centra.plot.clusters(km, ROWS)


def test_models_of_a_sweep_are_looked_at_one_by_one(tmp_path: Path) -> None:
    found = centra.sweep(ROWS, range(2, 5), random_state=0, gap=False, stability=False)
    permute(found.models[3], ROWS)
    with pytest.raises(ValueError, match=r"page needs a KMeans as its fit left it.*another order"):
        centra.page.write(tmp_path / "page.html", found, ROWS)
    found.models[3].relabel([0, 1, 2])
    centra.page.write(tmp_path / "page.html", found, ROWS)


# --- rows that were changed -----------------------------------------------------------------------


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=["miles", "cars"])


#: Columns of the fit are there, with the same values.
HARMLESS: dict[str, Callable[[Any], Any]] = {
    "a column of labels": lambda df: df.insert(2, "cluster", 1),
    "a column of words in front": lambda df: df.insert(0, "name", "x"),
    "another order of columns": lambda df: df.insert(0, "cars", df.pop("cars")),
    "an index": lambda df: df.set_index(np.arange(100)[::-1], inplace=True),
}
CHANGED: dict[str, Callable[[Any], Any]] = {
    "scaled": lambda df: df.__setitem__("miles", df["miles"] * 5280),
    "scaled by a power of two": lambda df: df.__imul__(2.0),
    "one value": lambda df: df.__setitem__("miles", df["miles"].where(df.index != 7, 0.25)),
    "one value, by little": lambda df: df.__setitem__(
        "miles", df["miles"].where(df.index != 7, df["miles"] + 1e-6)
    ),
    "sorted": lambda df: df.sort_values("miles", inplace=True),
    "a row less": lambda df: df.drop(index=3, inplace=True),
    "a row more": lambda df: (
        df.__class__.__setitem__(df.loc, 100, [0.0, 1.0])
        if False
        else df.loc.__setitem__(100, [0.0, 1.0])
    ),
    "float32": lambda df: df.__setitem__("cars", df["cars"].astype(np.float32)),
    "whole numbers": lambda df: df.__setitem__("cars", df["cars"].round().astype(int)),
    "words": lambda df: df.__setitem__("cars", "many"),
    "missing": lambda df: df.__setitem__("cars", df["cars"].where(df.index != 7)),
    "renamed": lambda df: df.rename(columns={"cars": "trucks"}, inplace=True),
    "swapped names": lambda df: df.rename(columns={"cars": "miles", "miles": "cars"}, inplace=True),
    "a column less": lambda df: df.drop(columns="cars", inplace=True),
    "a column twice": lambda df: df.insert(0, "cars", 1.0, allow_duplicates=True),
    "empty": lambda df: df.drop(index=df.index, inplace=True),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_a_frame_that_got_other_columns(change: Callable[[Any], Any], tmp_path: Path) -> None:
    df = frame()
    km = fitted(df)
    change(df)
    for name, view in REMEMBERING.items():
        assert said(view, km, df, tmp_path) == "", name
    assert np.bincount(km.relabel("size").labels_).tolist() == [50, 30, 20]


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_frame_that_was_changed(change: Callable[[Any], Any], tmp_path: Path) -> None:
    df = frame()
    km = fitted(df)
    change(df)
    for name, view in {**REMEMBERING, "relabel": lambda km, X, _: km.relabel()}.items():
        text = said(view, km, df, tmp_path)
        assert re.search(r"rows of the fit were changed after it .*: pass X to \w+\(\)", text), name
    with pytest.raises(ValueError, match=r"\w"):  # some in scikit-learn's words, of many lines
        page(km, df, tmp_path)
    for view in OF_MODEL.values():  # they show no rows
        assert said(view, km, ROWS if view is not save else frame(), tmp_path) == ""
    # What the refusal advises.
    check_report(km, km.report(frame()))
    centra.plot.profiles(km, frame())


def numbered(X: Any) -> Any:
    return pd.DataFrame(X)  # columns 0 and 1


ARRAYS: dict[str, Callable[[], Any]] = {
    "C order": lambda: ROWS.copy(),
    "Fortran order": lambda: np.asfortranarray(ROWS),
    "float32": lambda: ROWS.astype(np.float32),
    "whole numbers": lambda: np.round(ROWS * 100).astype(int),
    "CSR": lambda: sp.csr_matrix(ROWS),
    "a frame without names": lambda: numbered(ROWS),
    "polars": lambda: pl.DataFrame(ROWS, schema=["a", "b"]),
    "a source": lambda: centra.sources.MemorySource(ROWS.copy()),
}


def double(X: Any) -> None:
    if isinstance(X, pl.DataFrame):
        X.replace_column(0, X["a"] * 2)
    elif isinstance(X, pd.DataFrame):
        X[0] *= 2
    elif isinstance(X, centra.sources.MemorySource):
        X.X[:, 0] *= 2
    elif sp.issparse(X):
        X.data[:9] *= 2
    else:
        X[:, 0] *= 2


@pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)
def test_rows_of_every_kind(make: Callable[[], Any], tmp_path: Path) -> None:
    X = make()
    km = fitted(X)
    assert [name for name, view in REMEMBERING.items() if said(view, km, X, tmp_path)] == []
    double(X)
    for name, view in REMEMBERING.items():
        assert "rows of the fit were changed" in said(view, km, X, tmp_path), name


def test_a_frame_without_names_gets_a_column_with_one() -> None:
    X = numbered(ROWS)
    km = fitted(X)
    X["cluster"] = km.labels_
    check_report(km, km.report())


def test_a_polars_frame_gets_a_column() -> None:
    X = pl.DataFrame(ROWS, schema=["a", "b"])
    km = fitted(X)
    X.insert_column(0, pl.Series("cluster", km.labels_))
    check_report(km, km.report())


def test_weights_that_were_changed(tmp_path: Path) -> None:
    X, weights = ROWS.copy(), WEIGHTS.copy()
    km = fitted(X, weights)
    km.report()
    centra.page.write(tmp_path / "page.html", km, X, sample_weight=weights)
    weights[3] += 1
    for view in REMEMBERING.values():
        assert "rows of the fit were changed" in said(view, km, X, tmp_path)
    for given in (None, weights):
        with pytest.raises(ValueError, match="or sample_weight not their weights"):
            centra.page.write(tmp_path / "page.html", km, X, sample_weight=given)


def test_labels_that_stay_do_not_hide_other_values(tmp_path: Path) -> None:
    """Rows nearer to their centres have the same labels and another inertia."""
    X = ROWS.copy()
    km = fitted(X)
    X += 0.25 * (km.cluster_centers_[km.labels_] - X)
    assert np.array_equal(km.predict(X), km.labels_)
    assert "their inertia is" in said(page, km, X, tmp_path)
    assert "rows of the fit were changed" in said(REMEMBERING["profiles"], km, X, tmp_path)


def test_a_second_fit_forgets_the_first(tmp_path: Path) -> None:
    X = ROWS.copy()
    km = fitted(X)
    move(km, X)
    X *= 3
    km.fit(X)
    assert not any(said(view.values[0], km, X, tmp_path) for view in every_view())
