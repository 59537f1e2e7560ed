"""What holds for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

# Shells start background commands with SIGINT ignored, and children inherit that: without this,
# whether a test may interrupt a child would depend on how the tests were started.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def figures() -> Iterator[None]:
    """Figures without a screen, closed when the test is over."""
    matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra: centra[plot]")
    matplotlib.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
