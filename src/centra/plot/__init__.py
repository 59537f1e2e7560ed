"""Figures of a fitted model, drawn with matplotlib.

A figure shows what a model says and computes nothing twice: labels come from `predict` and from
`assign`, centres and inertia from the model's record of its own iterations. What a figure adds is
geometry for the eye: the cells of the centres (for two columns), a projection (for more).

matplotlib is imported when something is drawn, not before: ``import centra`` needs it not.
"""

from centra.plot.japanese import use_japanese
from centra.plot.panels import iterations
from centra.plot.picture import clusters

__all__ = ["clusters", "iterations", "use_japanese"]
