"""Text that fits, and stands apart."""

from __future__ import annotations

import numpy as np
import pytest

from centra.plot import legible

pytestmark = pytest.mark.usefixtures("figures")


def test_labels_stand_apart_and_move_no_more_than_they_must():
    rng = np.random.default_rng(0)
    places = np.sort(rng.random(12) * 5)
    moved = legible.apart(places, 0.4, end=5.0)
    assert np.diff(moved).min() > 0.4 - 1e-9
    assert moved[0] >= 0.2 - 1e-9 and moved[-1] <= 4.8 + 1e-9
    far = np.arange(5.0)
    np.testing.assert_array_equal(legible.apart(far, 0.5), far)


def test_text_becomes_smaller_with_its_place():
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(4, 4))
    assert legible.fitting(ax, 4) == 9.0
    assert legible.fitting(ax, 60) < legible.fitting(ax, 40) < 9.0
    assert legible.fitting(ax, 10, letters=8) < legible.fitting(ax, 10, letters=4) <= 9.0


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_a_place_is_divided_within_itself(layout):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, layout=layout)
    below = legible.divide(axes[0, 0], 0.3)
    figure.canvas.draw()
    upper, lower, next_row = (ax.get_position() for ax in (axes[0, 0], below, axes[1, 0]))
    assert upper.y0 > lower.y1 > lower.y0 > next_row.y1
    assert lower.x0 == pytest.approx(upper.x0) and lower.x1 == pytest.approx(upper.x1)


def test_free_axes_are_divided_too():
    import matplotlib.pyplot as plt

    ax = plt.figure().add_axes((0.1, 0.2, 0.5, 0.6))
    below = legible.divide(ax, 0.3)
    assert below.get_position().y0 == pytest.approx(0.2)
    assert ax.get_position().y1 == pytest.approx(0.8)
    assert ax.get_position().y0 > below.get_position().y1


def test_bold_text_is_left_alone_and_nothing_is_said(caplog):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.text(0.5, 0.5, "7", fontweight="bold")
    ax.set_title("title")
    legible.lend_to(ax)
    ax.figure.canvas.draw()
    assert not caplog.records
