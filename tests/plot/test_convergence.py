"""`plot.convergence`: the history and the restarts as they are."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.cluster
from sklearn.exceptions import NotFittedError

import centra
from blobs import fitted, rows, said, with_gid

pytestmark = pytest.mark.usefixtures("figures")


def test_the_line_is_the_history_and_rings_are_the_other_restarts():
    _, km = fitted(8, n_init=6)
    upper, lower = centra.plot.convergence(km)
    x, y = with_gid(upper, "inertia").get_data()
    assert list(y) == [record.inertia for record in km.history_]
    assert list(x) == [record.iteration for record in km.history_]
    rings = {tuple(map(float, place)) for place in with_gid(upper, "restarts").get_offsets()}
    best = min(km.runs_, key=lambda run: run.inertia)
    assert rings == {(run.n_iter, run.inertia) for run in km.runs_ if run is not best}
    assert f"{km.inertia_:.6g}" in said(upper)
    assert "best of 6 restarts" in said(upper)[-1] or "best of 6 restarts" in said(upper)[0]
    bars = [bar for bar in lower.patches if bar.get_width() == 0.7]
    assert [bar.get_height() for bar in bars] == [record.changed for record in km.history_[1:]]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"tol": 0}, "no row changed cluster"),
        ({"max_iter": 2}, "before it converged"),
        ({"tol": 0.5}, "centres moved less than tol"),
    ],
)
def test_why_it_ended(how, words):
    X = rows(600)
    km = centra.KMeans(8, init=X[:8], **how).fit(X)
    _, lower = centra.plot.convergence(km)
    assert words in said(lower)[0]


def test_inertia_that_falls_far_is_drawn_on_logarithms():
    X = rows(600)
    near = centra.KMeans(5, random_state=0).fit(X)
    assert centra.plot.convergence(near)[0].get_yscale() == "linear"
    far = centra.KMeans(5, init=X[:5] + 200).fit(X)
    assert centra.plot.convergence(far)[0].get_yscale() == "log"


def test_nothing_to_gain():
    X = np.ones((4, 2))
    for km in (centra.KMeans(1).fit(X), centra.KMeans(1).fit(X[:1])):
        upper, lower = centra.plot.convergence(km)
        upper.figure.canvas.draw()
        assert upper.get_ylim()[0] == 0 and lower.get_ylim()[0] == 0


def test_given_axes_share_their_place():
    import matplotlib.pyplot as plt

    _, km = fitted(5)
    figure, axes = plt.subplots(2, 2, layout="constrained")
    upper, lower = centra.plot.convergence(km, ax=axes[0, 1])
    figure.canvas.draw()
    assert upper is axes[0, 1]
    assert lower.get_position().y0 > axes[1, 1].get_position().y1
    assert plt.get_fignums() == [figure.number]


def test_a_model_without_history():
    X = rows()
    with pytest.raises(NotFittedError):
        centra.plot.convergence(centra.KMeans())
    with pytest.raises(TypeError, match="convergence draws the history_"):
        centra.plot.convergence(sklearn.cluster.KMeans(2, random_state=0).fit(X))
    centra.plot.convergence(centra.KMeans(2, keep_centers=False, random_state=0).fit(X))
