"""Figures of a fitted model, drawn with matplotlib.

A figure shows what a model says and computes nothing twice: labels come from `predict` and from
`assign`, centres and inertia from the model's record of its own iterations, distances, margins and
overlap from its report. What a figure adds is geometry for the eye: the cells of the centres (for
two columns), a projection (for more), counts of rows.

matplotlib is imported when something is drawn, not before: ``import centra`` needs it not.
"""

from centra.plot.bars import silhouette
from centra.plot.borders import margins
from centra.plot.choice import criteria, elbow
from centra.plot.film import animation
from centra.plot.japanese import use_japanese
from centra.plot.matrix import overlap
from centra.plot.panels import iterations
from centra.plot.picture import clusters
from centra.plot.profile import profiles
from centra.plot.progress import convergence

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
