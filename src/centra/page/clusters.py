"""What a page says of the clusters of one model: portraits, profiles, overlap, silhouettes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._diagnostics.overlap import Overlap, simplified_silhouettes
from centra._diagnostics.portraits import Spreads, counts_of, deviations_of, portraits_of
from centra._diagnostics.report import Report
from centra._utils.jsonable import plain

__all__ = ["clusters_of"]

Floats = NDArray[np.floating]

#: Columns of which a page shows centres: those in which they differ most.
COLUMNS = 50
#: Clusters of which it shows the overlap, each with each.
PAIRS = 60
#: Points of the curve of silhouettes of one cluster.
POINTS = 41


def clusters_of(
    report: Report, centers: Floats, spreads: Spreads, names: Sequence[str]
) -> dict[str, Any]:
    """Collect what there is to say about each cluster.

    Parameters
    ----------
    report : Report
        Of the model.
    centers : ndarray of shape (n_clusters, n_features)
        Its centres, in the columns' own units.
    spreads : Spreads
        How the rows vary, in the same units.
    names : sequence of str
        What the columns are called.

    Returns
    -------
    found : dict
        As JSON values: "clusters", columns of a table; "portraits", what sets each apart; of the
        columns in which centres differ most "columns", their numbers, "order", the places of these
        in that list from the largest difference, "centers" and "deviations"; "overlap", for each
        cluster the share of its rows that lie between it and each other, None for very many
        clusters; "silhouettes", quantiles of the rows of each cluster.
    """
    found, k = report.overlap, len(centers)
    counts = counts_of(found)
    deviations = deviations_of(np.asarray(centers, dtype=np.float64), counts, spreads.deviations)
    # Rounded: what differs in the last digits only is in the order of the columns.
    largest = np.abs(deviations).max(axis=0).round(9)
    chosen = np.sort(np.argsort(-largest, kind="stable")[:COLUMNS])
    return {
        "clusters": {name: plain(values) for name, values in report.clusters.items()},
        "portraits": portraits_of(
            np.asarray(centers, dtype=np.float64), counts, spreads, list(names)
        ),
        "columns": chosen.tolist(),
        "order": np.argsort(-largest[chosen], kind="stable").tolist(),
        "centers": [plain(center) for center in centers[:, chosen]],
        "deviations": [plain(each) for each in deviations[:, chosen].round(2)],
        "overlap": plain(found.matrix.round(4)) if 1 < k <= PAIRS else None,
        "silhouettes": _silhouettes(found) if k > 1 else None,
    }


def _silhouettes(found: Overlap) -> list[list[float] | None]:
    """Give quantiles of the simplified silhouettes of each cluster, the largest first."""
    widths = simplified_silhouettes(found.distances, found.rival_distances)
    widths = np.nan_to_num(widths)  # a row at two centres at once is in neither cluster more
    order = np.argsort(found.labels, kind="stable")
    ends = np.cumsum(found.sizes)
    at = np.linspace(1, 0, POINTS)
    parts = np.split(widths[order], ends[:-1])
    return [plain(np.quantile(part, at).round(3)) if len(part) else None for part in parts]
