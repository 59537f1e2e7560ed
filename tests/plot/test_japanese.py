"""Japanese text in figures: every character must have a shape."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

import centra
from centra.plot import japanese

matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra: centra[plot]")
matplotlib.use("agg")

import matplotlib.pyplot as plt  # noqa: E402

needs_font = pytest.mark.skipif(
    japanese._font_file() is None, reason="Japanese text needs the extra: centra[ja]"
)
# matplotlib only warns of a character that it cannot draw.
pytestmark = pytest.mark.filterwarnings("error:Glyph:UserWarning")

WORDS = "クラスタ分析、k平均法、重心の計算"  # "cluster analysis, k-means, computing the centroids"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    with matplotlib.rc_context():
        yield
    plt.close("all")


def fitted(columns: list[str]) -> tuple[object, centra.KMeans]:
    pandas = pytest.importorskip("pandas", reason="pandas is optional")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.random((60, len(columns))), columns=columns)
    return frame, centra.KMeans(3, random_state=0).fit(frame)


def test_a_missing_character_would_be_noticed():
    figure = plt.figure()
    figure.suptitle("重", family="DejaVu Sans")
    with pytest.raises(UserWarning, match="Glyph"):
        figure.canvas.draw()


@needs_font
def test_names_of_columns():
    frame, km = fitted(["身長", "体重・キログラム"])
    ax = centra.plot.clusters(km, frame)
    assert ax.get_ylabel() == "体重・キログラム"
    ax.figure.canvas.draw()
    centra.plot.iterations(km, frame)[0].figure.canvas.draw()


@needs_font
@pytest.mark.parametrize("columns", [["身長"], ["身長", "体重"], ["身長", "体重", "年齢"]])
def test_a_title_that_is_set_afterwards(columns):
    frame, km = fitted(columns)
    ax = centra.plot.clusters(km, frame)
    ax.set_title(WORDS)
    ax.set_xlabel(WORDS)
    ax.figure.canvas.draw()
    axes = centra.plot.iterations(km, frame)
    axes[0].set_title(WORDS)
    axes[0].figure.canvas.draw()


@needs_font
def test_every_view(caplog):
    frame, km = fitted(["身長", "体重・キログラム", "年齢"])
    report = km.report(frame)
    centra.plot.animation(km, frame, columns=("身長", "年齢"), dpi=40)
    table = {"k": [1, 2], "inertia": [2.0, 1.0]}
    axes = [
        centra.plot.clusters(km, frame, columns=("年齢", "身長")),
        centra.plot.profiles(km, frame),
        centra.plot.overlap(report),
        centra.plot.margins(report),
        centra.plot.silhouette(report),
        centra.plot.elbow(table),
        *centra.plot.convergence(km),
        *centra.plot.criteria(table),
    ]
    for ax in axes:
        ax.set_title(WORDS)
        ax.set_xlabel(WORDS)
        ax.figure.canvas.draw()
    assert not caplog.records


@needs_font
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_text_anywhere_after_use_japanese(tmp_path, suffix):
    centra.plot.use_japanese()
    figure, ax = plt.subplots()
    ax.plot([0, 1], label="重心")
    ax.legend(title=WORDS)
    ax.set_xticks([0, 1], ["訓練", "データ"])
    figure.suptitle(WORDS)
    figure.savefig(tmp_path / f"figure.{suffix}")


@needs_font
def test_use_japanese_changes_one_setting_and_says_nothing(capfd):
    before = dict(matplotlib.rcParams)
    centra.plot.use_japanese()
    centra.plot.use_japanese()
    after = dict(matplotlib.rcParams)
    assert [key for key in before if before[key] != after[key]] == ["font.family"]
    assert after["font.family"] == [*before["font.family"], "IPAexGothic"]
    assert capfd.readouterr() == ("", "")
    assert "matplotlib_fontja" not in sys.modules  # importing it would change every text


@needs_font
def test_latin_text_keeps_its_look(tmp_path):
    def picture(name: str) -> bytes:
        figure, ax = plt.subplots()
        ax.set_title("k-means, 1.5 °C, Größe")
        figure.savefig(tmp_path / name)
        return (tmp_path / name).read_bytes()

    before = picture("before.png")
    centra.plot.use_japanese()
    assert picture("after.png") == before


def test_without_the_font_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(japanese, "_font_file", lambda: None)
    with pytest.raises(ImportError, match=r'pip install "centra\[ja\]"'):
        centra.plot.use_japanese()
    frame, km = fitted(["length", "width"])
    centra.plot.clusters(km, frame).figure.canvas.draw()  # figures do without it


def test_the_font_is_found_without_running_its_package():
    code = (
        "import sys; from centra.plot import japanese; japanese._font_file(); "
        "assert 'matplotlib_fontja' not in sys.modules and 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
