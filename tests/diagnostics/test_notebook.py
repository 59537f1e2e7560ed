"""What estimators show of themselves in notebooks."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import sklearn
from centra.model import Record
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import centra
from blobs import fitted
from centra._diagnostics.notebook import card
from centra._utils.text import number


def shown(km) -> str:
    return km._repr_mimebundle_()["text/html"]


def test_a_model_without_a_fit_shows_scikit_learns_diagram() -> None:
    page = shown(centra.KMeans(3))
    assert "sk-container" in page and "Not fitted" in page
    assert "clusters of" not in page


def test_a_fitted_model_shows_what_it_found() -> None:
    X, km = fitted(5)
    page = shown(km)
    assert "sk-container" in page
    assert "<b>5 clusters of 400 rows x 2 columns</b>" in page
    assert f"inertia {number(km.inertia_)}" in page
    assert f"{km.n_iter_} iterations" in page
    card = page[page.index("<b>5 clusters") :]
    lines = re.findall(r"<tr>(.*?)</tr>", card)
    assert len(lines) == 1 + 5
    for j, size in enumerate(np.bincount(km.labels_)):
        cells = re.findall(r"<td>(.*?)</td>", lines[1 + j])
        assert cells[:2] == [str(j), str(size)]
        assert f"{size / len(X):.1%}" in cells[2]
        assert cells[3:] == [number(value, 4) for value in km.cluster_centers_[j]]


def test_the_curve_falls_through_every_iteration() -> None:
    _, km = fitted(5)
    (points,) = re.findall(r'points="(.*?)"', shown(km).rpartition("<svg")[2])
    heights = [float(pair.split(",")[1]) for pair in points.split()]
    assert len(heights) == len(km.history_)
    assert heights == sorted(heights)  # pixels count from the top


def test_a_curve_of_the_largest_numbers() -> None:
    history = [Record(at, inertia, 0.0, 0) for at, inertia in enumerate([1.7e308, 1e308, 0.0])]
    (points,) = re.findall(r'points="(.*?)"', card(np.eye(2), np.array([0, 1]), 0.0, history, []))
    assert points == "1.0,1.0 80.0,11.7 159.0,27.0"


def test_how_restarts_ended() -> None:
    X, km = fitted(5, n_init=3)
    assert "best of 3 restarts" in shown(km)
    short = centra.KMeans(5, max_iter=1, random_state=0).fit(X)
    assert "1 iteration, not converged (max_iter)" in shown(short)


def test_many_clusters_and_columns_stay_a_small_table() -> None:
    _, km = fitted(50, d=30)
    card = shown(km).rpartition("<b>50 clusters")[2]
    assert card.count("<tr>") == 1 + 20
    assert "and 30 more clusters" in card
    assert re.findall(r"<th>(.*?)</th>", card) == ["cluster", "rows", "share"]


def test_large_numbers_have_commas_and_one_is_one() -> None:
    X = np.repeat([[0.0, 0.0], [250000.0, 10.0]], 1500, axis=0)
    km = centra.KMeans(2, init=X[[0, 1500]], max_iter=2).fit(X)
    card = shown(km).rpartition("<b>2 clusters")[2]
    assert "of 3,000 rows x 2 columns</b>" in card and "<td>1,500</td>" in card
    assert "<td>250,000</td>" in card and "1 iterations" not in card
    assert re.findall(r"<th>(.*?)</th>", card)[3:] == ["column 0", "column 1"]


def test_names_of_columns_are_text() -> None:
    X = pd.DataFrame(fitted(5)[0], columns=["<img src=x>", "b & c"])
    card = shown(centra.KMeans(2, random_state=0).fit(X)).rpartition("<b>2 clusters")[2]
    assert "<th>&lt;img src=x&gt;</th><th>b &amp; c</th>" in card
    assert "<img" not in card


def test_one_row_and_one_cluster() -> None:
    page = shown(centra.KMeans(1).fit([[2.0]]))
    assert "<b>1 cluster of 1 row x 1 column</b>" in page
    assert "100.0%" in page


def test_scikit_learns_switch_is_obeyed() -> None:
    _, km = fitted(5)
    with sklearn.config_context(display="text"):
        assert set(km._repr_mimebundle_()) == {"text/plain"}
        assert not hasattr(km, "_repr_html_")
    assert km._repr_html_().count("<b>5 clusters") == 1


def test_a_pipeline_shows_its_steps() -> None:
    X, _ = fitted(5)
    pipe = make_pipeline(StandardScaler(), centra.KMeans(3, random_state=0)).fit(X)
    assert "KMeans" in pipe._repr_mimebundle_()["text/html"]


def test_a_model_that_was_loaded_shows_the_same(tmp_path) -> None:
    _, km = fitted(5)
    km.save(tmp_path / "five.centra")
    again = shown(centra.load(tmp_path / "five.centra"))
    assert again.partition("<b>5 clusters")[2] == shown(km).partition("<b>5 clusters")[2]
