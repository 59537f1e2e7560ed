"""Figures as they looked when somebody last judged them by eye.

They hold for the version of matplotlib that the group `test` asks for: another lays letters out in
another way, and with them everything is a pixel beside. After a wanted change:
``pytest --mpl-generate-path=tests/plot/baseline tests/plot/test_baseline.py``, then look at every
image that changed.
"""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import fitted, stacked

matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra: centra[plot]")
pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.skipif(
        matplotlib.__version_info__[:2] != (3, 11),
        reason="the baseline was drawn by matplotlib 3.11; others lay letters out differently",
    ),
]

# Small images. The tolerance is a root mean square, of 255: where everything has moved by a pixel,
# it is 25 to 45, so that what remains below 8 is how letters are smoothed.
looks_as_before = pytest.mark.mpl_image_compare(
    baseline_dir="baseline",
    style="default",
    backend="agg",
    tolerance=8,
    savefig_kwargs={"dpi": 50, "metadata": {"Software": None}},
)


@looks_as_before
def test_clusters():
    X, km = fitted(5)
    return centra.plot.clusters(km, X).figure


@looks_as_before
def test_density():
    X, km = fitted(5, n=60_000)
    return centra.plot.clusters(km, X).figure


@looks_as_before
def test_iterations():
    X, _ = fitted(5)
    km = centra.KMeans(4, init=X[:4], max_iter=3, tol=0).fit(X)
    return centra.plot.iterations(km, X)[0].figure


@looks_as_before
def test_convergence():
    _, km = fitted(8, n_init=6)
    return centra.plot.convergence(km)[0].figure


@looks_as_before
def test_overlap():
    X, km = fitted(9)
    return centra.plot.overlap(km.report(X)).figure


@looks_as_before
def test_margins():
    X, km = fitted(6)
    return centra.plot.margins(km.report(X)).figure


@looks_as_before
def test_silhouette_with_empty_clusters():
    X, km = stacked()
    return centra.plot.silhouette(km, X).figure


@looks_as_before
def test_silhouette():
    X, km = fitted(9)
    return centra.plot.silhouette(km, X).figure


@looks_as_before
def test_profiles():
    X, km = fitted(6, d=7)
    return centra.plot.profiles(km, X, top=5).figure


def sweep() -> dict[str, np.ndarray]:
    k = np.arange(1, 11)
    return {
        "k": k,
        "inertia": 1000.0 / k,
        "simplified_silhouette": np.where(k > 1, 0.7 - 0.02 * (k - 5.0) ** 2, np.nan),
        "davies_bouldin": np.where(k > 1, 0.3 + 0.02 * (k - 5.0) ** 2, np.nan),
        "gap": 1 - 0.01 * (k - 6.0) ** 2,
        "gap_se": 0.05 + 0 * k,
    }


@looks_as_before
def test_criteria():
    chosen = {"simplified_silhouette": 5, "davies_bouldin": 5, "gap": 4}
    return centra.plot.criteria(sweep(), chosen=chosen)[0].figure


@looks_as_before
def test_elbow():
    chosen = {"simplified_silhouette": 5, "davies_bouldin": 5, "gap": 4}
    return centra.plot.elbow(sweep(), chosen=chosen).figure
