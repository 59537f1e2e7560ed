"""Colours and markers differ, for every kind of vision."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from centra.plot import palette

# Severity 1.0 of: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based
# model for simulation of color vision deficiency", IEEE TVCG 15 (6), 2009; on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    relative = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_colours_differ_for_every_kind_of_vision(vision):
    seen = [lab(np.asarray(VISION[vision]) @ linear(color)) for color in palette.COLORS]
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(a - b) > 20


def test_colours_stand_out_from_white():
    for color in palette.COLORS:
        assert 1.05 / (TO_XYZ[1] @ linear(color) + 0.05) >= 2.995


def test_colour_and_marker_together_are_unique_for_64_clusters():
    assert len({(palette.color(i), palette.marker(i)) for i in range(64)}) == 64
    assert len({palette.marker(i) for i in range(8)}) == 8
