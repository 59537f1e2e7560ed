"""`centra.sweep`: the same bits as single fits, what it takes and refuses, how it shows itself."""

from __future__ import annotations

import io
import pickle
import signal
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning

import centra
from centra._estimators.base import prepared
from centra.events import Started
from centra.selection import sweeping
from centra.selection.nesting import Nest
from centra.selection.progress import Bar
from known import noise

QUICK = {"gap": False, "stability": False, "silhouette": False}


def rows(n: int = 400, d: int = 2, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + rng.integers(0, 5, size=(n, 1)) * 4.0


def first_rows(X, k: int, random_state: object) -> np.ndarray:
    return X[:k].toarray() if sp.issparse(X) else X[:k]


def assert_same(a: centra.KMeans, b: centra.KMeans) -> None:
    """Hold one fitted model to the bits of another."""
    assert a.get_params() == b.get_params() or isinstance(a.random_state, np.random.RandomState)
    assert a.cluster_centers_.dtype == b.cluster_centers_.dtype
    assert a.cluster_centers_.tobytes() == b.cluster_centers_.tobytes()
    assert a.labels_.tobytes() == b.labels_.tobytes()
    assert (a.inertia_, a.n_iter_, a.runs_) == (b.inertia_, b.n_iter_, b.runs_)
    assert a.n_features_in_ == b.n_features_in_
    for one, other in zip(a.history_, b.history_, strict=True):
        assert (one.iteration, one.inertia, one.shift, one.changed) == (
            (other.iteration, other.inertia, other.shift, other.changed)
        )
        assert one.centers is not None and other.centers is not None
        assert one.centers.tobytes() == other.centers.tobytes()


# --- models


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"tol": 0.0},
        {"max_iter": 2},
        {"n_init": 3},
        {"init": "random"},
        {"init": "k-means||"},
        {"algorithm": "elkan", "n_threads": 1},
        {"memory": "1MB"},
        {"init": first_rows},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["float64", "float32", "wide", "csr", "many"])
def test_models_are_those_of_single_fits(kind, params):
    X = {
        "float64": lambda: rows(),
        "float32": lambda: rows().astype(np.float32),
        "wide": lambda: rows(d=7),
        "csr": lambda: sp.csr_array(np.where(rows(d=7) > 9, rows(d=7), 0.0)),
        "many": lambda: rows(6000),  # enough to be sorted into boxes
    }[kind]()
    ks = [1, 2, 3, 7, 8, 9, 20] if params.get("algorithm") != "elkan" else [2, 7, 9]
    s = centra.sweep(X, ks, random_state=3, **QUICK, **params)
    assert list(s.models) == ks
    for k in ks:
        assert_same(s.models[k], centra.KMeans(k, random_state=3, **params).fit(X))


def test_models_of_weighted_rows_are_those_of_single_fits():
    X, weights = rows(), np.random.default_rng(1).uniform(0, 3, size=400)
    weights[::5] = 0
    s = centra.sweep(X, range(2, 9), sample_weight=weights, random_state=0, **QUICK)
    for k, km in s.models.items():
        assert_same(km, centra.KMeans(k, random_state=0).fit(X, sample_weight=weights))


def test_a_generator_is_drawn_from_in_the_order_of_k():
    X = rows()
    s = centra.sweep(X, [5, 2, 3], random_state=np.random.RandomState(4))
    rng = np.random.RandomState(4)
    for k in (2, 3, 5):
        assert_same(s.models[k], centra.KMeans(k, random_state=rng).fit(X))
    one, other = (
        centra.sweep(X, [2, 3], random_state=np.random.default_rng(4), repeats=2) for _ in range(2)
    )
    np.testing.assert_array_equal(one.columns["gap"], other.columns["gap"])


@pytest.mark.parametrize("seed", range(3))
def test_first_centers_nest(seed):
    X = np.concatenate([rows(60, seed=seed), np.zeros((40, 2))])
    nest = Nest(range(1, 30), seed)
    assert nest.groups == {2: 2, 3: 7, 4: 20, 5: 29}
    km = centra.KMeans(1)
    data = prepared(km, X, weigh=True, reset=True)
    for k in range(1, 30):
        alone, _ = centra.kmeans_plusplus(X, k, random_state=seed)
        assert nest.seeding(k).centers(data, None).tobytes() == alone.tobytes()


def test_seeding_is_shared_only_where_every_k_draws_the_same():
    def shared(**params):
        return sweeping.nest_for(centra.KMeans(**params), (2, 3)) is not None

    assert shared(random_state=0) and shared(random_state=np.int64(3), n_init=1)
    assert not shared() and not shared(random_state=np.random.RandomState(0))
    assert not shared(random_state=0, n_init=2)
    assert not shared(random_state=0, init="random")


def test_models_know_names_and_rows():
    frame = pd.DataFrame(rows(), columns=["x", "y"])
    s = centra.sweep(frame, [2, 3], random_state=0, **QUICK)
    assert s.models[3].feature_names_in_.tolist() == ["x", "y"]
    assert s.models[3].report().n_rows == 400
    assert s.models[2].predict(frame).tolist() == s.models[2].labels_.tolist()


def test_rows_are_validated_once(monkeypatch):
    passed = []
    monkeypatch.setattr(sweeping, "prepared", lambda *a, **b: passed.append(1) or prepared(*a, **b))
    centra.sweep(rows(), range(2, 9), random_state=0, **QUICK)
    assert len(passed) == 1


# --- what is refused


@pytest.mark.parametrize(
    ("ks", "error", "words"),
    [
        ([], ValueError, "ks is empty"),
        (5, TypeError, "several numbers"),
        ("23", TypeError, "several numbers"),
        (None, TypeError, "several numbers"),
        ([2, 3.0], TypeError, "number 1 of them is 3.0"),
        ([True, 2], TypeError, "number 0 of them is True"),
        ([2, 0], ValueError, "number 1 of them is 0"),
        ([-1], ValueError, "1 or more"),
        ([2, 3, 2], ValueError, "2 more than once"),
        ([2, 11], ValueError, "ks goes up to 11, but X has n_samples=10 only"),
    ],
)
def test_bad_ks(ks, error, words):
    with pytest.raises(error, match=words):
        centra.sweep(rows(10), ks)


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"silhouette": "yes"}, ValueError, "silhouette='yes'"),
        ({"gap": 1}, ValueError, "gap=1"),
        ({"stability": None}, ValueError, "stability=None"),
        ({"sample": 1}, ValueError, "sample=1"),
        ({"repeats": 2.5}, ValueError, "repeats=2.5"),
        ({"neighbor_starts": 1}, ValueError, "neighbor_starts=1"),
        ({"progress": "no"}, ValueError, "progress='no'"),
        ({"n_clusters": 3}, TypeError, "give the numbers as ks"),
        ({"n_cluster": 3}, TypeError, "n_cluster"),
        ({"tol": -1}, ValueError, "tol"),
        ({"init": np.zeros((2, 2))}, ValueError, "fits one k only"),
    ],
)
def test_bad_options(how, error, words):
    with pytest.raises(error, match=words):
        centra.sweep(rows(10), [2, 3], **how)


def test_bad_rows_are_refused_in_the_words_of_kmeans():
    X = rows(10)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="KMeans"):
        centra.sweep(X, [2])


def test_ks_may_be_any_iterable_of_integers():
    s = centra.sweep(rows(30), (k for k in np.array([4, 2])), **QUICK)
    assert s.ks == (2, 4) and s.columns["k"].tolist() == [2, 4]


def test_tiny_data():
    one = centra.sweep([[1.0, 2.0]], [1])
    assert one.models[1].inertia_ == 0.0 and one.best.k is None
    assert "All rows are the same" in str(one)
    three = centra.sweep(rows(3), [1, 2, 3], random_state=0)
    assert np.isfinite(three.columns["silhouette"]).tolist() == [False, True, False]
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        same = centra.sweep(np.ones((6, 2)), [1, 2], random_state=0)
    assert same.columns["inertia"].tolist() == [0.0, 0.0]


# --- Ctrl-C


def interrupt_at(k: int):
    """Press Ctrl-C when the fit of k clusters starts."""

    def listener(event: object) -> None:
        if isinstance(event, Started) and event.n_clusters == k:
            signal.raise_signal(signal.SIGINT)

    return listener


def test_an_interrupted_sweep_gives_what_is_done():
    X = rows()
    with pytest.warns(UserWarning, match="2 of 4 numbers of clusters are done"):
        s = centra.sweep(X, range(2, 6), random_state=0, callbacks=[interrupt_at(4)])
    assert s.interrupted and s.ks == (2, 3)
    assert np.isfinite(s.columns["bic"]).all() and np.isnan(s.columns["gap"]).all()
    assert s.reasons["gap"] == dict.fromkeys((2, 3), "the sweep was interrupted before")
    assert s.best["gap"].k is None and s.best["bic"].up_to == 3
    assert "gap statistic is not computed: the sweep was interrupted before." in str(s)
    assert "interrupted" in str(s) and "interrupted" in s._repr_html_()
    plain = centra.KMeans(3, random_state=0).fit(X)
    assert s.models[3].labels_.tobytes() == plain.labels_.tobytes()


def test_a_sweep_that_is_interrupted_before_anything_is_done():
    with pytest.raises(KeyboardInterrupt):
        centra.sweep(rows(), range(2, 6), callbacks=[interrupt_at(2)])


def test_an_interrupt_after_the_fits_keeps_them_all(monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeping, "stability_of", interrupted)
    with pytest.warns(UserWarning, match="2 of 2"):
        s = centra.sweep(rows(), [2, 3], random_state=0, repeats=2)
    assert s.interrupted and s.gap is not None and s.stability is None


# --- the bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_where_someone_looks(monkeypatch):
    pytest.importorskip("tqdm")
    for stream, progress, seen in (
        (Terminal(), None, True),
        (Terminal(), False, False),
        (io.StringIO(), None, False),
        (io.StringIO(), True, True),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        centra.sweep(rows(50), [2, 3], random_state=0, repeats=2, progress=progress)
        assert ("k = 2" in stream.getvalue()) is seen
        assert ("100%" in stream.getvalue() or "stability" in stream.getvalue()) is seen


def test_shares_that_are_rounded_are_no_more_than_all(monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with Bar(1, wanted=True) as shown:
        for share in (0.7, 0.2, 0.1, 1e-15, 1e-15):
            shown.advance(share)
        shown._bar.refresh()
    assert shown._bar.n <= 1


def test_no_bar_without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr(sys, "stderr", Terminal())
    centra.sweep(rows(50), [2], **QUICK)
    with pytest.raises(ImportError, match=r"centra\[progress\]"):
        centra.sweep(rows(50), [2], progress=True, **QUICK)


# --- how it shows itself


def test_the_table_is_a_data_frame_of_what_is_installed(monkeypatch):
    s = centra.sweep(rows(50), [2, 3], random_state=0, **QUICK)
    assert isinstance(s.table, pd.DataFrame)
    assert list(s.table.columns) == list(sweeping.COLUMNS) == list(s.columns)
    assert s.table["inertia"].tolist() == [km.inertia_ for km in s.models.values()]
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(s.table, pl.DataFrame)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match="pandas or polars"):
        _ = s.table


def test_what_was_not_asked_for_is_not_in_the_verdict():
    s = centra.sweep(rows(50), [1, 2, 3], random_state=0, **QUICK)
    names = {choice.criterion for choice in s.best.choices}
    assert names == {"simplified_silhouette", "calinski_harabasz", "davies_bouldin", "bic"}
    assert s.reasons["silhouette"] == dict.fromkeys((1, 2, 3), "not asked for")
    assert "gap" not in str(s) and s.sample_size == 0 and s.best.structure is None
    with pytest.raises(KeyError):
        s.best["gap"]


def test_text_and_html_say_the_same():
    s = centra.sweep(rows(200), [2, 3, 4, 9], random_state=0)
    text, page = str(s), s._repr_html_()
    assert text.startswith("k = 2..4, 9 on 200 rows x 2 columns")
    for choice in s.best.choices:
        assert choice.why in text
    assert f"{s.models[9].inertia_:.6g}" in text and f"{s.models[9].inertia_:.6g}" in page
    opened: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Check().feed(page)
    assert opened == [] and page.count("<tr>") == 5
    assert repr(s).count("\n") == 0


def test_the_largest_k_asks_for_more():
    s = centra.sweep(rows(200), [2, 3], random_state=0, **QUICK)
    bic = s.best["bic"]
    assert (bic.k, bic.up_to) == (None, 3) and "try more" in bic.why
    assert "BIC finds no k up to 3: " in str(s) and 3 not in s.best.votes


def test_a_ring_has_no_k_in_any_range():
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 2000)
    ring = np.c_[np.cos(angles), np.sin(angles)]
    ring += np.random.default_rng(1).normal(size=ring.shape) * 0.03
    s = centra.sweep(ring, range(2, 9), random_state=0, repeats=3)
    assert s.best.summary.startswith("No k found up to 8: ")
    assert s.best["gap"].up_to == s.best["bic"].up_to == 8


def test_all_rows_the_same():
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        s = centra.sweep(np.zeros((10, 3)), range(1, 4), random_state=0)
    assert {choice.k for choice in s.best.choices} == {None}
    assert s.best.summary == "All rows are the same: there are no clusters to find."
    assert s.best.structure is False


@pytest.mark.parametrize(
    ("places", "counts"),
    [([[0.0], [1.0]], [40, 60]), ([[0.0, 0], [5, 1], [1, 7]], [50, 50, 50])],
    ids=["two", "three"],
)
def test_rows_in_a_few_places(places, counts):
    X = np.repeat(np.array(places), counts, axis=0)
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        s = centra.sweep(X, range(2, 7), random_state=0)
    assert {choice.k for choice in s.best.choices} == {len(places)}
    n = len(places)
    assert s.best.summary == f"There are probably {n} clusters: all 7 criteria pick k = {n}."


def test_what_is_not_computed_is_not_called_a_pick():
    s = centra.sweep(rows(200, d=3), [2, 3, 4], random_state=0, gap=False)
    late = {**s.columns, "silhouette": np.full(3, np.nan)}
    why = dict.fromkeys(s.ks, "200² distances take long: silhouette=True computes them")
    late_sweep = replace(s, columns=late, reasons={**s.reasons, "silhouette": why})
    assert "* silhouette is not computed: 200² distances take long" in str(late_sweep)


def test_a_k_that_is_not_there():
    s = centra.sweep(noise(n=200), [2, 3, 4, 5], random_state=0)
    assert s.best["gap"].k == 1 and s.best.k is None
    with pytest.raises(KeyError, match=r"k = 1 is not among those of the sweep"):
        s.models[1]
    with pytest.raises(KeyError, match=r"no one k.*best\.most_votes, which is 2"):
        replace(s, models=dict(s.models)).models[None]


def test_a_sweep_can_be_pickled():
    s = centra.sweep(rows(50), [2, 3], random_state=0, repeats=2)
    _ = s.best
    again = pickle.loads(pickle.dumps(s))
    assert str(again) == str(s) and again.best.votes == s.best.votes


def test_sweep_is_the_function():
    assert callable(centra.sweep) and centra.sweep is sweeping.sweep
