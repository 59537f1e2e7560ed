"""`plot.animation`: the pictures, the GIF, and the page with a slider."""

from __future__ import annotations

import base64
import io
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sklearn.cluster
from sklearn.exceptions import NotFittedError

import centra
from blobs import fitted, rows
from centra._utils.text import number
from centra.plot._animation import Film
from centra.plot.slider import page

pytestmark = pytest.mark.usefixtures("figures")


@cache
def film_of_four() -> Film:
    X, km = fitted(4)
    return centra.plot.animation(km, X, dpi=40)


def images(film) -> list:
    from PIL import Image

    return [Image.open(io.BytesIO(frame)) for frame in film.frames]


def test_a_picture_for_every_iteration_of_one_size():
    film, (_, km) = film_of_four(), fitted(4)
    assert len(film.frames) == len(film.captions) == len(km.history_)
    assert len({image.size for image in images(film)}) == 1
    for caption, record in zip(film.captions, km.history_, strict=True):
        assert caption.startswith(f"iteration {record.iteration}")
        assert f"inertia {number(record.inertia)}" in caption
    assert film.captions[1].endswith(("rows changed", "1 row changed"))


def test_nothing_moves_but_what_does():
    """Axes stay where they are: the frame around them has the same pixels in every picture."""
    corners = [np.asarray(image)[-16:, :50].tobytes() for image in images(film_of_four())]
    assert len(set(corners)) == 1


def test_the_gif_has_every_picture_and_rests_at_the_end(tmp_path):
    from PIL import Image

    X, km = fitted(4)
    film = centra.plot.animation(km, X, tmp_path / "way.gif", dpi=20, seconds=0.5)
    with Image.open(tmp_path / "way.gif") as gif:
        assert gif.n_frames == len(film.frames) and gif.info["loop"] == 0
        stays = []
        for i in range(gif.n_frames):
            gif.seek(i)
            stays.append(gif.info["duration"])
    assert stays == [500] * (len(stays) - 1) + [1500]


def test_the_page_has_every_picture_and_needs_no_network(tmp_path):
    film = film_of_four()
    film.save(tmp_path / "way.html")
    text = (tmp_path / "way.html").read_text(encoding="utf-8")
    assert text == film.html()
    frames = json.loads(re.search(r"const frames = (.*);", text)[1])
    assert [base64.b64decode(frame) for frame in frames] == list(film.frames)
    assert json.loads(re.search(r"const captions = (.*);", text)[1]) == list(film.captions)
    assert f'type="range" min="0" max="{len(frames) - 1}"' in text
    words = re.sub(r"const frames = .*;|base64,[^\"]*", "", text)
    assert not re.search(r"https?:|//[a-z]|<link|@import|url\(", words)


def test_captions_cannot_end_the_script():
    bad = '</script><img src=x onerror="alert(1)">'
    text = page([b"a", b"b"], [bad, bad], 1.0)
    assert bad not in text and "<img src=x" not in text
    assert json.loads(re.search(r"const captions = (.*);", text)[1]) == [bad, bad]


def test_a_notebook_shows_the_page_within_a_frame():
    shown = film_of_four()._repr_html_()
    assert shown.startswith("<iframe") and "<script>" not in shown


def test_long_fits_are_thinned():
    X, km = fitted(12, n=1500, tol=0)
    assert len(km.history_) > 5
    film = centra.plot.animation(km, X, most=5, dpi=30)
    assert len(film.frames) == 5
    assert film.captions[-1].startswith(f"iteration {km.history_[-1].iteration},")


@pytest.mark.parametrize("d", [1, 3])
def test_one_column_and_more_than_two(d):
    X, km = fitted(3, d=d)
    assert centra.plot.animation(km, X, dpi=30).frames
    if d > 2:
        assert centra.plot.animation(km, X, columns=(0, 2), dpi=30).frames


def test_the_same_animation_every_time_and_no_figure_stays_open():
    import matplotlib.pyplot as plt

    X, km = fitted(4)
    again = centra.plot.animation(km, X, dpi=40)
    assert again.frames == film_of_four().frames and again.gif() == film_of_four().gif()
    assert plt.get_fignums() == []


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    X, km = fitted(4)
    path = tmp_path / "way.gif"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match=r"\.gif or \.html"):
        centra.plot.animation(km, X, tmp_path / "way.mp4")
    film = film_of_four()
    with pytest.raises(OSError, match="nothing was written"):
        film.save(Path("no") / "such" / "folder.gif")
    monkeypatch.setattr(type(film), "gif", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        film.save(path)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("how", [{"seconds": 0}, {"seconds": -1}, {"most": 1}, {"dpi": 0}])
def test_bad_numbers(how):
    X, km = fitted(4)
    with pytest.raises(ValueError, match=f"{next(iter(how))}="):
        centra.plot.animation(km, X, **how)


def test_models_without_a_way():
    X = rows()
    with pytest.raises(NotFittedError):
        centra.plot.animation(centra.KMeans(), X)
    with pytest.raises(ValueError, match="keep_centers=True"):
        centra.plot.animation(centra.KMeans(2, keep_centers=False, random_state=0).fit(X), X)
    with pytest.raises(TypeError, match="animation draws the history_"):
        centra.plot.animation(sklearn.cluster.KMeans(2, random_state=0).fit(X), X)
