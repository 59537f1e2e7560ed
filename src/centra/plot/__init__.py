"""Figures of a fitted model, drawn with matplotlib.

A figure shows what a model says and computes nothing twice: labels come from `predict` and from
`assign`, centres and inertia from the model's record of its own iterations, distances, margins and
overlap from its report. What a figure adds is geometry for the eye: the cells of the centres (for
two columns), a projection (for more), counts of rows.

matplotlib is imported when something is drawn, not before: ``import centra`` needs it not.
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
