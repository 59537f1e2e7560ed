"""Figures of a fitted model, drawn with matplotlib.

A figure shows what a model has found, and does not compute it again: labels come from `predict` and
`assign`, centres and inertia from the model's `history_`, distances, margins and overlap from its
report. A figure adds geometry: the regions of the centres (for two columns), a projection (for
more), counts of rows.

matplotlib is imported when something is drawn; ``import centra`` works without it.
"""

from centra.plot._animation import animation
from centra.plot._clusters import clusters
from centra.plot._convergence import convergence
from centra.plot._criteria import criteria, elbow
from centra.plot._iterations import iterations
from centra.plot._margins import margins
from centra.plot._overlap import overlap
from centra.plot._profiles import profiles
from centra.plot._silhouette import silhouette
from centra.plot.japanese import use_japanese

__all__ = [
    "animation",
    "clusters",
    "convergence",
    "criteria",
    "elbow",
    "iterations",
    "margins",
    "overlap",
    "profiles",
    "silhouette",
    "use_japanese",
]


def __dir__() -> list[str]:
    return sorted(__all__)
