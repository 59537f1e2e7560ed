"""`plot.elbow` and `plot.criteria`: numbers over k, and what they chose."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import centra
from blobs import said, with_gid
from centra.plot._criteria import CRITERIA

pytestmark = pytest.mark.usefixtures("figures")
NAN = np.nan


def table(m: int = 8) -> dict[str, np.ndarray]:
    k = np.arange(1, m + 1)
    values = {name: np.cos(k + i) for i, name in enumerate(CRITERIA)}
    for name in ("silhouette", "simplified_silhouette", "stability"):
        values[name][0] = NAN
    return {
        "k": k,
        **values,
        "inertia": 100.0 / k,
        "gap_se": 0.1 + 0 * k,
        "stability_sd": 0.1 + 0 * k,
    }


def curve(ax) -> tuple[np.ndarray, np.ndarray]:
    return with_gid(ax, "curve").get_data()


def test_every_criterion_has_a_panel_that_says_what_is_good():
    columns = table()
    axes = centra.plot.criteria(columns)
    assert [ax.get_title(loc="left") for ax in axes] == [title for title, _ in CRITERIA.values()]
    for ax, (name, (_, good)) in zip(axes, CRITERIA.items(), strict=True):
        np.testing.assert_array_equal(curve(ax)[1], columns[name])
        bars = {"gap": "; bars: standard error", "stability": "; bars: standard deviation"}
        assert said(ax) == [good + bars.get(name, "")]
        assert len(ax.containers) == (name in bars)


def test_what_is_missing_or_nan_has_no_panel():
    columns = {"k": [2, 3], "bic": [NAN, NAN], "gap": [np.inf, 1.0], "stability": None}
    (ax,) = centra.plot.criteria(columns)
    assert ax.get_title(loc="left") == "gap statistic"
    np.testing.assert_array_equal(curve(ax)[1], [NAN, 1.0])


def test_choices_are_marked_on_the_curve():
    columns = table()
    axes = centra.plot.criteria(columns, chosen={"bic": 3, "gap": None, "stability": 1})
    by_name = dict(zip(CRITERIA, axes, strict=True))
    assert by_name["bic"].get_title(loc="right") == "k = 3"
    assert with_gid(by_name["bic"], "chosen").get_data() == ([3], [columns["bic"][2]])
    assert by_name["gap"].get_title(loc="right") == ""
    assert by_name["stability"].get_title(loc="right") == "k = 1"  # where it has no value
    by_name["stability"].figure.canvas.draw()


def test_a_sweep_and_data_frames_are_tables_too():
    columns = table()
    picks = {"gap": SimpleNamespace(k=4)}
    sweep = SimpleNamespace(columns=columns, best=SimpleNamespace(picks=picks))
    axes = dict(zip(CRITERIA, centra.plot.criteria(sweep), strict=True))
    assert axes["gap"].get_title(loc="right") == "k = 4"
    assert said(centra.plot.elbow(sweep)) == ["k = 4: gap statistic"]
    assert not said(centra.plot.elbow(sweep, chosen={}))
    choices = (SimpleNamespace(criterion="gap", k=4), SimpleNamespace(criterion="bic", k=None))
    sweep = SimpleNamespace(columns=columns, best=SimpleNamespace(choices=choices))
    assert said(centra.plot.elbow(sweep)) == ["k = 4: gap statistic"]
    for name in ("pandas", "polars"):
        frames = pytest.importorskip(name, reason="optional")
        frame = frames.DataFrame(columns)
        for a, b in zip(centra.plot.criteria(frame), axes.values(), strict=True):
            np.testing.assert_array_equal(curve(a), curve(b))


def test_k_may_come_in_any_order():
    x, y = curve(centra.plot.elbow({"k": [4, 2, 3], "inertia": [1.0, 9.0, 5.0]}))
    assert (list(x), list(y)) == ([2, 3, 4], [9.0, 5.0, 1.0])


def test_the_elbow_lists_who_chose_what():
    chosen = {"bic": 2, "gap": 5, "stability": 2, "of my own": 5}
    ax = centra.plot.elbow(table(), chosen=chosen)
    assert said(ax) == ["k = 2: BIC, stability\nk = 5: gap statistic, of my own"]
    dots = ax.findobj(lambda artist: artist.get_gid() == "chosen")
    assert [dot.get_data() for dot in dots] == [([2], [50.0]), ([5], [20.0])]
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize("m", [1, 2, 40])
def test_few_and_many(m):
    centra.plot.elbow(table(m), chosen={"gap": 1}).figure.canvas.draw()
    axes = centra.plot.criteria({"k": [3], "inertia": [5.0]} if m == 1 else table(m))
    axes[0].figure.canvas.draw()
    ticks = axes[0].get_xticks()
    assert (ticks == np.rint(ticks)).all()


def test_given_axes():
    import matplotlib.pyplot as plt

    columns = {"k": [1, 2], "inertia": [2.0, 1.0], "bic": [1.0, 2.0]}
    figure, axes = plt.subplots(2, 2)
    assert list(centra.plot.criteria(columns, ax=axes)) == list(axes.ravel()[:2])
    panels = centra.plot.criteria(columns, ax=axes[1, 1])
    assert list(panels) == axes[1, 1].child_axes and len(panels) == 2
    assert centra.plot.elbow(columns, ax=axes[1, 0]) is axes[1, 0]
    figure.canvas.draw()
    assert plt.get_fignums() == [figure.number]
    with pytest.raises(ValueError, match="2 criteria need as many axes, and 1 were given"):
        centra.plot.criteria(columns, ax=axes[:1, 0])


@pytest.mark.parametrize(
    ("columns", "chosen", "message"),
    [
        ({"inertia": [1.0]}, None, 'no "k"'),
        ({"k": []}, None, "whole numbers"),
        ({"k": [1.5], "inertia": [1.0]}, None, "whole numbers"),
        ({"k": [2, 2], "inertia": [1.0, 1.0]}, None, "2 twice"),
        ({"k": [1, 2], "inertia": [1.0]}, None, '"inertia" has shape'),
        ({"k": [1, 2], "inertia": [1.0, 2.0]}, {"gap": 7}, "gap chose k = 7"),
    ],
)
def test_bad_tables_are_named(columns, chosen, message):
    for view in (centra.plot.elbow, centra.plot.criteria):
        with pytest.raises(ValueError, match=message):
            view(columns, chosen=chosen)


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="no criterion among the columns"):
        centra.plot.criteria({"k": [1, 2]})
    with pytest.raises(ValueError, match='needs a column "inertia"'):
        centra.plot.elbow({"k": [1], "bic": [1.0]})


def test_a_gap_that_picks_one_cluster_is_drawn_at_one() -> None:
    X = np.random.default_rng(1).normal(size=(300, 5))
    s = centra.sweep(X, range(2, 6), random_state=0)
    assert s.best["gap"].k == 1
    by_name = {ax.get_title(loc="left"): ax for ax in centra.plot.criteria(s)}
    gap = with_gid(by_name["gap statistic"], "curve")
    assert gap.get_xdata().tolist() == [1, 2, 3, 4, 5]
    assert gap.get_ydata()[0] == s.gap.values[0]
    assert by_name["gap statistic"].get_title(loc="right") == "k = 1"
    assert centra.plot.elbow(s).get_xlim()[0] < 1
