"""What views accept, and what they say of what they do not."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn.cluster
from sklearn.exceptions import NotFittedError

import centra
from blobs import fitted, rows
from centra.plot.given import evenly, overlap_in

pytestmark = pytest.mark.usefixtures("figures")
VIEWS = [centra.plot.overlap, centra.plot.margins, centra.plot.silhouette]


def test_model_report_and_overlap_say_the_same():
    X, km = fitted()
    report = km.report(X)
    assert overlap_in(report) is overlap_in(report.overlap) is report.overlap
    np.testing.assert_array_equal(overlap_in(km, X).margins, report.overlap.margins)


@pytest.mark.parametrize("view", VIEWS)
def test_a_stranger_is_told_what_to_pass(view):
    X, _ = fitted()
    with pytest.raises(TypeError, match=r"pass a fitted centra\.KMeans, its report"):
        view(sklearn.cluster.KMeans(2, random_state=0).fit(X))
    with pytest.raises(NotFittedError):
        view(centra.KMeans())


@pytest.mark.parametrize("view", VIEWS)
def test_given_axes_are_used(view):
    import matplotlib.pyplot as plt

    X, km = fitted()
    figure, axes = plt.subplots(1, 2)
    assert view(km.report(X), ax=axes[1]) is axes[1]
    figure.canvas.draw()
    assert plt.get_fignums() == [figure.number]


@pytest.mark.parametrize("view", [*VIEWS, lambda given: centra.plot.convergence(given)])
def test_a_model_whose_rows_are_gone(view):
    model = centra.KMeans(2, random_state=0).fit([[0.0], [1.0], [5.0]])
    if view in VIEWS:
        with pytest.raises(ValueError, match="no longer in memory"):
            view(model)
    else:
        view(model)  # needs none


@pytest.mark.parametrize("available", [1, 5, 6, 7, 100])
def test_evenly(available):
    chosen = evenly(available, 6)
    assert chosen[0] == 0 and chosen[-1] == available - 1
    assert len(chosen) == len(set(chosen)) == min(available, 6)


# --- what should be a model or axes and is not ----------------------------------------------------


@pytest.mark.parametrize("view", ["clusters", "profiles", "convergence", "iterations", "overlap"])
def test_a_sweep_is_told_from_its_models(view: str) -> None:
    X = rows(60)
    s = centra.sweep(X, [2, 3], random_state=0, gap=False, stability=False, silhouette=False)
    draw = getattr(centra.plot, view)
    with pytest.raises(TypeError, match=r"was given a Sweep") as error:
        draw(s, X) if view not in ("convergence", "overlap") else draw(s)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize("view", ["clusters", "profiles", "overlap", "margins", "silhouette"])
def test_views_of_rows_take_model_rows_and_axes_in_this_order(view: str) -> None:
    X, km = fitted(3)
    fig, ax = plt.subplots()
    assert getattr(centra.plot, view)(km, X, ax) is ax
    plt.close(fig)
    with pytest.raises(TypeError, match="ax must be matplotlib axes, and is of type ndarray"):
        getattr(centra.plot, view)(km, X, X)
