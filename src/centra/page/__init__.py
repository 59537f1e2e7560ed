"""A page about a clustering: one HTML file that needs no network.

What is on it comes from fitted models and their reports; the drawing is plotly.js, which is written
into the page.
"""

from centra.page.html import write

__all__ = ["write"]


def __dir__() -> list[str]:
    return sorted(__all__)
