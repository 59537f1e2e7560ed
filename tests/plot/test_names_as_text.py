"""Names from data are text in every figure, letter by letter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import centra
from blobs import rows
from centra.plot.named import as_text

pandas = pytest.importorskip("pandas", reason="names come with data frames")
pytestmark = pytest.mark.usefixtures("figures")

NAMES = (
    "$a$",
    "A$$",
    "cost $",
    "US$ in / US$ out",
    "net_$_per_$",
    r"a\$b\$",
    r"$\frac{1}{2}$",
    r"$\nosuchcommand$",
    "$unclosed{$",
    "a_b^2",
    "50 % & more #1 {x} ~",
    "<b>bold</b>",
    "two\nlines\tand a tab",
    "\x00 \x1b[31m \u202e",
    "x" * 300,
    "$" * 51,
    "{}",
    "%s %d",
    "",
    " ",
)
#: Those that every figure is drawn with.
WORST = (
    "$a$",
    "US$ in / US$ out",
    r"a\$b\$",
    r"$\nosuchcommand$",
    "$unclosed{$",
    "two\nlines\tand a tab",
    "x" * 300,
)
PLOTS = Path(centra.plot.__file__).parent


def frame(name: str, d: int) -> Any:
    return pandas.DataFrame(rows(60, d), columns=[name, *"bcdefgh"[: d - 1]])


def drawn(name: str) -> Iterator[tuple[str, Any]]:
    """Every figure that there is, with the name in it wherever a name can be."""
    for d in (1, 2, 5):
        X = frame(name, d)
        km = centra.KMeans(2, init=X[:2].to_numpy(), max_iter=1).fit(X)  # two panels of iterations
        report = km.report(X)
        yield f"clusters {d}", centra.plot.clusters(km, X).figure
        yield f"iterations {d}", centra.plot.iterations(km, X)[0].figure
        yield f"profiles {d}", centra.plot.profiles(km, X).figure
        if d == 5:
            yield "clusters of two", centra.plot.clusters(km, X, columns=(0, 1)).figure
            yield "iterations of two", centra.plot.iterations(km, X, columns=(1, 0))[0].figure
            yield "convergence", centra.plot.convergence(km)[0].figure
            yield "overlap", centra.plot.overlap(report).figure
            yield "margins", centra.plot.margins(report).figure
            yield "silhouette", centra.plot.silhouette(km, X).figure
    table = {"k": [1, 2, 3], "inertia": [9.0, 4.0, 3.0], "gap": [0.1, 0.3, 0.2]}
    yield "elbow", centra.plot.elbow(table, chosen={name: 2}).figure
    yield "criteria", centra.plot.criteria(table, chosen={name: 2, "gap": 2})[0].figure


def texts(figure: Any) -> list[Any]:
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_text()]


def as_shown(text: Any) -> str:
    """What stands in the figure, if it is no formula."""
    return text.get_text().replace(r"\$", "$")


def is_formula(text: Any) -> bool:
    from matplotlib import cbook

    return bool(text.get_parse_math() and cbook.is_math_text(text.get_text()))


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", WORST, ids=lambda name: ascii(name[:24]))
def test_no_name_is_a_formula_in_any_figure(name: str) -> None:
    import matplotlib.pyplot as plt

    for which, figure in drawn(name):
        figure.draw_without_rendering()
        formulas = [text.get_text() for text in texts(figure) if is_formula(text)]
        assert not formulas, which
        assert max(len(as_shown(text)) for text in texts(figure)) <= 120, which
        assert not any("two\n" in text.get_text() for text in texts(figure)), which
        plt.close(figure)


@pytest.mark.filterwarnings("ignore:Glyph")
def test_every_name_is_text() -> None:
    import matplotlib.pyplot as plt

    figure = plt.figure()
    for at, name in enumerate(NAMES):
        text = figure.text(0.1, at / len(NAMES), as_text(name, 400))
        assert not is_formula(text)
        assert name.isprintable() is (as_shown(text) == name)
        assert len(as_shown(figure.text(0, 0, as_text(name, 20)))) <= 120
    figure.canvas.draw()


@pytest.mark.parametrize("name", ["A$$", *WORST[:4]], ids=ascii)
def test_names_stand_there_letter_by_letter(name: str) -> None:
    two, five = frame(name, 2), frame(name, 5)
    km = centra.KMeans(2, random_state=0).fit(two)
    assert as_shown(centra.plot.clusters(km, two).xaxis.label) == name
    assert as_shown(centra.plot.iterations(km, two)[-1].xaxis.label) == name
    wide = centra.KMeans(2, random_state=0).fit(five)
    assert name in map(as_shown, centra.plot.profiles(wide, five).get_yticklabels())
    chosen = centra.plot.elbow({"k": [1, 2], "inertia": [2.0, 1.0]}, chosen={name: 2})
    assert " ".join(as_shown(chosen.texts[0]).split()) == f"k = 2: {name}"


@pytest.mark.parametrize("name", WORST[2:5], ids=ascii)
def test_an_animation_of_any_name(name: str) -> None:
    X = frame(name, 2)
    km = centra.KMeans(2, random_state=0).fit(X)
    plain = X.set_axis(["a", "b"], axis=1)
    shown = centra.plot.animation(km, X, dpi=20).frames
    other = centra.plot.animation(centra.KMeans(2, random_state=0).fit(plain), plain, dpi=20).frames
    assert len(shown) == len(other)


def test_why_a_fit_of_somebody_elses_file_ended() -> None:
    from dataclasses import replace

    X = rows()
    km = centra.KMeans(3, random_state=0).fit(X)
    km.runs_ = tuple(replace(run, reason="$\\oops$ " + "y" * 200) for run in km.runs_)
    axes = centra.plot.convergence(km)
    (said,) = [text for text in axes[1].texts if "oops" in text.get_text()]
    assert not is_formula(said) and len(as_shown(said)) < 60


def test_names_do_not_widen_a_figure_beyond_its_edges() -> None:
    X = frame("x" * 300, 2)
    km = centra.KMeans(3, random_state=0).fit(X)
    figures = [centra.plot.clusters(km, X).figure, centra.plot.iterations(km, X)[0].figure]
    one = frame("y" * 300, 1)
    figures.append(centra.plot.clusters(centra.KMeans(3, random_state=0).fit(one), one).figure)
    for figure in figures:
        figure.canvas.draw()
        for ax in figure.axes:
            for label in (ax.xaxis.label, ax.yaxis.label):
                box = label.get_window_extent()
                assert box.x0 >= 0 and box.x1 <= figure.bbox.width
                assert box.y0 >= 0 and box.y1 <= figure.bbox.height


def test_there_is_one_way_for_texts_of_others_into_figures() -> None:
    """`as_text` alone makes text for matplotlib; no other file of the folder escapes by itself."""
    trees = {file.name: ast.parse(file.read_text("utf-8")) for file in PLOTS.glob("*.py")}
    escaping = [
        name
        for name, tree in trees.items()
        if any(isinstance(node, ast.Name) and node.id == "for_figure" for node in ast.walk(tree))
    ]
    assert escaping == ["named.py"]
