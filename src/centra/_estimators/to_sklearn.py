"""A fitted model as scikit-learn's own KMeans: what `KMeans.to_sklearn` does."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from centra._lloyd.model import check_fit

__all__ = ["to_sklearn"]


def to_sklearn(km: Any) -> Any:
    """Return scikit-learn's fitted KMeans with the clusters of a model; see `KMeans.to_sklearn`."""
    from sklearn.cluster import KMeans  # here: it imports all of scikit-learn's clusterings

    check_fit(km, "to_sklearn")
    centers = np.array(km.cluster_centers_, order="C")
    k = len(centers)
    # What it sets beside its public attributes depends on its version: it sets them itself, in a
    # fit of the centers to themselves. Equal centers make it warn.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = KMeans(k, init=centers, n_init=1, max_iter=1).fit(centers)
    given = {name: getattr(km, name) for name in KMeans(k).get_params() if name != "n_clusters"}
    if isinstance(given["init"], str) and given["init"] in ("k-means||", "sampled"):
        given["init"] = "k-means++"
    if isinstance(given["random_state"], np.random.Generator):
        given["random_state"] = None
    found.set_params(n_clusters=k, **given)
    found.cluster_centers_ = centers
    found.labels_ = np.array(km.labels_)
    found.inertia_ = km.inertia_
    found.n_iter_ = km.n_iter_
    if hasattr(km, "feature_names_in_"):
        found.feature_names_in_ = np.array(km.feature_names_in_)
    return found
