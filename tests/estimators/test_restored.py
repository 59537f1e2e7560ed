"""Centers of an earlier fit, set on a new estimator: some works, the rest says why it cannot."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import NotFittedError

import centra

X = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0.0], [8.0]], 30, axis=0)
OLD = centra.KMeans(2, random_state=0).fit(X)


def restored(centers: Any = OLD.cluster_centers_) -> centra.KMeans:
    """Return an estimator that was never fitted, with centers."""
    km = centra.KMeans(2)
    km.cluster_centers_ = centers
    return km


def test_what_needs_centers_works() -> None:
    km = restored()
    assert np.array_equal(km.predict(X), OLD.labels_)
    assert np.array_equal(km.transform(X), OLD.transform(X))
    assert km.score(X) == OLD.score(X)
    assert list(km.get_feature_names_out()) == ["kmeans0", "kmeans1"]
    assert np.array_equal(pickle.loads(pickle.dumps(km)).predict(X), OLD.labels_)


@pytest.mark.parametrize("lost", [(), ("runs_",), ("history_",), ("labels_", "n_features_in_")])
def test_a_notebook_shows_the_estimator_alone(lost: tuple[str, ...]) -> None:
    km = restored()
    if lost:
        km = pickle.loads(pickle.dumps(OLD))
        for name in lost:
            delattr(km, name)
    assert "2 clusters" in OLD._repr_html_() and "2 clusters" not in km._repr_html_()
    assert "KMeans" in km._repr_html_() and km._repr_mimebundle_()


VIEWS: dict[str, Callable[[centra.KMeans, Path], Any]] = {
    "report": lambda km, path: km.report(X),
    "report without rows": lambda km, path: km.report(),
    "save": lambda km, path: km.save(path / "model"),
    "page": lambda km, path: centra.page.write(path / "page.html", km, X),
    "margins": lambda km, path: centra.plot.margins(km, X),
    "overlap": lambda km, path: centra.plot.overlap(km, X),
    "silhouette": lambda km, path: centra.plot.silhouette(km, X),
}
HISTORIES: dict[str, Callable[[centra.KMeans], Any]] = {
    "convergence": lambda km: centra.plot.convergence(km),
    "iterations": lambda km: centra.plot.iterations(km, X),
    "animation": lambda km: centra.plot.animation(km, X),
}


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("view", VIEWS)
def test_what_needs_a_fit_says_so(view: str, tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match=r"needs a fit.*it has no [a-z]+_\. Call fit first"):
        VIEWS[view](restored(), tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(NotFittedError, match="not fitted yet"):
        VIEWS[view](centra.KMeans(2), tmp_path)


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("view", HISTORIES)
def test_figures_of_a_history_say_that_there_is_none(view: str) -> None:
    with pytest.raises(TypeError, match=f"{view} draws the history_ of a fit"):
        HISTORIES[view](restored())


@pytest.mark.usefixtures("figures")
def test_figures_of_rows_and_centers_are_drawn() -> None:
    for draw in (centra.plot.clusters, centra.plot.profiles):
        assert draw(restored(), X) is not None


@pytest.mark.parametrize("method", ["predict", "transform", "score"])
def test_centers_are_looked_at(method: str) -> None:
    def call(centers: Any, rows: Any = X) -> Any:
        return getattr(restored(centers), method)(rows)

    expected = getattr(OLD, method)(X)
    assert np.array_equal(call(OLD.cluster_centers_.tolist()), expected)
    assert np.array_equal(call(np.asfortranarray(OLD.cluster_centers_)), expected)
    for centers, text in (
        (np.zeros(3), "Expected 2D array"),
        (np.zeros((2, 2, 2)), "dim 3"),
        (np.zeros((0, 2)), r"0 sample\(s\)"),
        (np.array([[np.nan, 0.0], [1.0, 1.0]]), "Input cluster_centers_ contains NaN"),
        (np.array([[np.inf, 0.0], [1.0, 1.0]]), "Input cluster_centers_ contains infinity"),
        (np.ones((2, 2)) * 1j, "Complex data not supported"),
        (sp.csr_matrix(OLD.cluster_centers_), "[Ss]parse"),
        (np.ones((2, 3)), "X has 2 features, but KMeans is expecting 3 features as input"),
    ):
        with pytest.raises((ValueError, TypeError), match=text):
            call(centers)
    with pytest.raises(ValueError, match="X has 3 features, but KMeans is expecting 2 features"):
        call(OLD.cluster_centers_, np.ones((4, 3)))


@pytest.mark.parametrize("method", ["relabel", "to_sklearn"])
def test_a_method_that_needs_a_fit_says_so(method: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(centra.KMeans(2), method)()
    km = centra.KMeans(2)
    km.cluster_centers_ = np.eye(2)
    with pytest.raises(NotFittedError, match=f"{method} needs a fit"):
        getattr(km, method)()
