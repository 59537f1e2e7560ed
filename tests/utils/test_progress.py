"""The progress bar of a fit."""

from __future__ import annotations

import io
import pickle
import sys

import pytest
from sklearn.base import clone

import centra
from blobs import rows


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "show", "seen"),
    [
        (Terminal, None, True),
        (Terminal, False, False),
        (io.StringIO, None, False),
        (io.StringIO, True, True),
    ],
)
def test_a_bar_where_someone_looks(stream, show, seen, monkeypatch) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", stream())
    centra.KMeans(3, random_state=0, callbacks=[centra.Progress(show)]).fit(rows(50))
    assert ("fit" in sys.stderr.getvalue()) is seen


def test_it_counts_restarts_and_iterations(monkeypatch) -> None:
    tqdm = pytest.importorskip("tqdm.auto")
    bars = []

    class Kept(tqdm.tqdm):
        def __init__(self, *args, **how) -> None:
            super().__init__(*args, **{**how, "file": io.StringIO()})
            bars.append(self)

    monkeypatch.setattr(tqdm, "tqdm", Kept)
    progress = centra.Progress(True)
    km = centra.KMeans(5, init="random", n_init=3, random_state=0, callbacks=[progress])
    km.fit(rows())
    assert [bar.desc.removesuffix(": ") for bar in bars] == [f"restart {i} of 3" for i in (1, 2, 3)]
    assert [bar.n for bar in bars] == [run.n_iter for run in km.runs_]
    assert all(bar.disable or bar.fp.getvalue() for bar in bars)


def test_it_changes_nothing_and_survives_cloning_and_pickling() -> None:
    X = rows()
    plain = centra.KMeans(4, random_state=0).fit(X)
    watched = centra.KMeans(4, random_state=0, callbacks=[centra.Progress(False)])
    assert clone(watched).fit(X).inertia_ == plain.inertia_
    again = pickle.loads(pickle.dumps(watched.fit(X)))
    assert again.fit(X).inertia_ == plain.inertia_


def test_a_fit_that_fails_leaves_the_next_one_a_clean_bar(monkeypatch) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())

    def fails(event: object) -> None:
        raise RuntimeError("no")

    progress = centra.Progress()
    with pytest.raises(RuntimeError, match="no"):
        centra.KMeans(3, random_state=0, callbacks=[progress, fails]).fit(rows(50))
    centra.KMeans(3, random_state=0, callbacks=[progress]).fit(rows(50))
    assert progress._bar is None


def test_no_bar_without_tqdm(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr(sys, "stderr", Terminal())
    centra.KMeans(2, random_state=0, callbacks=[centra.Progress()]).fit(rows(50))
    with pytest.raises(ImportError, match=r"centra\[progress\]"):
        centra.KMeans(2, random_state=0, callbacks=[centra.Progress(True)]).fit(rows(50))
