"""Starts from a neighbour's answer: never worse, and everything else as it was."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import calinski_harabasz_score

import centra
from centra._estimators.base import prepared
from centra.events import Started
from centra.selection import sweeping
from centra.selection.criteria import Clustering
from centra.selection.neighbors import grown, merged

QUICK = {"gap": False, "stability": False, "silhouette": False}


def blobs(seed: int = 0, k: int = 12, n: int = 60, d: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(at, 0.4, size=(n, d)) for at in rng.uniform(0, 20, (k, d))])


def swept(X: Any, ks: Any = range(2, 15), **how: Any) -> centra.selection.Sweep:
    return centra.sweep(X, ks, **{"random_state": 0, "neighbor_starts": True, **QUICK, **how})


# --- starts


def test_merging_is_wards() -> None:
    places = np.random.default_rng(0).normal(size=(30, 3))
    clusters = Clustering(np.arange(30, dtype=np.int32), places, places, np.ones(30))
    for k in (1, 2, 7, 29, 30):
        labels = cut_tree(linkage(places, "ward"), k).ravel()
        wanted = [places[labels == label].mean(axis=0) for label in np.unique(labels)]
        order = np.lexsort(np.transpose(wanted))
        found = merged(clusters, k)
        np.testing.assert_allclose(found[np.lexsort(found.T)], np.array(wanted)[order])


def test_masses_count_in_a_merger() -> None:
    means = np.array([[0.0], [3.0], [7.0]])
    light = Clustering(np.zeros(3, np.int32), means, means, np.array([9.0, 9.0, 1.0]))
    # 9 * 9 / 18 * 9 = 40.5 against 9 * 1 / 10 * 16 = 14.4.
    np.testing.assert_allclose(merged(light, 2), [[0.0], [3.4]])


def test_the_first_of_equal_pairs_is_merged() -> None:
    means = np.array([[0.0], [1.0], [2.0], [3.0]])
    found = Clustering(np.zeros(4, np.int32), means, means, np.ones(4))
    assert merged(found, 3).tolist() == [[0.5], [2.0], [3.0]]


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array])
def test_a_row_that_gains_much_is_added(kind: Any) -> None:
    X = np.concatenate([blobs(k=3), np.full((20, 2), 90.0)])
    km = centra.KMeans(3, init=X[[0, 60, 120]], max_iter=1).fit(kind(X))
    data = prepared(km, kind(X), weigh=True)
    for k in (4, 6):
        start = grown(data, km, k, np.random.default_rng(0))
        assert start[:3].tolist() == km.cluster_centers_.tolist()
        assert start[3].tolist() == [90.0, 90.0]
        assert (start[3:, None] == X).all(axis=2).any(axis=1).all()


# --- what it does for a sweep


@pytest.mark.parametrize("params", [{}, {"n_init": 2}, {"init": "random", "n_init": 1}, {"tol": 0}])
@pytest.mark.parametrize("kind", ["float64", "float32", "wide", "csr", "weighted"])
def test_never_worse(kind: str, params: dict[str, Any]) -> None:
    X: Any = blobs(1, d=6) if kind in ("wide", "csr") else blobs(1)
    X = {"float32": X.astype(np.float32), "csr": sp.csr_array(np.where(X > 5, X, 0.0))}.get(kind, X)
    weights = np.random.default_rng(2).integers(0, 4, size=len(blobs(1))) * 1.0
    how = {**params, "sample_weight": weights if kind == "weighted" else None}
    plain, more = swept(X, neighbor_starts=False, **how), swept(X, **how)
    assert plain.starts == {} and more.starts.keys() == plain.models.keys()
    for k, km in more.models.items():
        before = plain.models[k]
        changed = more.starts[k] != "init"
        assert (km.inertia_ < before.inertia_) if changed else (km.inertia_ == before.inertia_)
        if not changed:
            assert km.cluster_centers_.tobytes() == before.cluster_centers_.tobytes()
            assert km.labels_.tobytes() == before.labels_.tobytes()
        assert km.history_[-1].inertia == km.inertia_ and len(km.history_) == km.n_iter_ + 1
        assert km.predict(X).tolist() == km.labels_.tolist()
        count = params.get("n_init", 1)
        starts = [run.start for run in km.runs_]
        ends = ["more"] * (k < 14) + ["fewer"] * (k > 2)
        assert starts == ["init"] * count + ends
        best = min(km.runs_, key=lambda run: run.inertia)
        assert best.start == more.starts[k] and best.n_iter == km.n_iter_
    assert set(more.starts.values()) > {"init"}  # some got better
    slack = 1 + 1e-6 if kind == "float32" else 1
    falling = more.columns["inertia"]
    assert (falling[1:] <= falling[:-1] * slack).all()


def test_a_sweep_with_holes() -> None:
    X = blobs(5)
    plain, more = (swept(X, [2, 5, 12, 30], neighbor_starts=flag) for flag in (False, True))
    assert (more.columns["inertia"] <= plain.columns["inertia"]).all()
    assert more.columns["inertia"][2] < 0.9 * plain.columns["inertia"][2]


def test_the_table_is_that_of_the_models() -> None:
    X = blobs(1)
    s = swept(X)
    for at, km in enumerate(s.models.values()):
        assert s.columns["inertia"][at] == km.inertia_ and s.columns["n_iter"][at] == km.n_iter_
        wanted = calinski_harabasz_score(X, km.labels_)
        assert s.columns["calinski_harabasz"][at] == pytest.approx(wanted, rel=1e-6)


def test_the_same_bits_however_rows_are_kept(tmp_path: Path) -> None:
    X = blobs(4, n=300, d=3)
    np.save(tmp_path / "rows.npy", X)
    ways = [X, np.asfortranarray(X), sp.csr_array(X), centra.from_npy(tmp_path / "rows.npy", 9000)]
    first, *others = (swept(rows, n_threads=n) for n, rows in enumerate(ways, start=1))
    for other in others:
        assert other.starts == first.starts
        for k, km in first.models.items():
            assert km.cluster_centers_.tobytes() == other.models[k].cluster_centers_.tobytes()
            assert km.runs_ == other.models[k].runs_


def test_other_draws_are_not_touched() -> None:
    X = blobs(1, k=4)
    for state in (0, np.random.default_rng):
        plain, more = (
            centra.sweep(
                X,
                range(2, 6),
                random_state=state if state == 0 else state(3),
                repeats=2,
                neighbor_starts=flag,
            )
            for flag in (False, True)
        )
        for name in ("gap", "stability"):
            assert plain.columns[name].tolist() == more.columns[name].tolist()


def test_nothing_to_gain() -> None:
    X = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        s = swept(X, [1, 3, 5])
    assert s.columns["inertia"].tolist() == [pytest.approx(56.0), 0.0, 0.0]
    assert set(s.starts.values()) == {"init"} and "too, to no avail" in str(s)
    assert swept(X, [2]).starts == {2: "init"}


# --- what one sees of it


def test_text_says_so() -> None:
    s, plain = swept(blobs(1)), swept(blobs(1), neighbor_starts=False)
    better = [k for k, start in s.starts.items() if start != "init"]
    assert "started from neighbours' answers too, with lower inertia for k = " in str(s)
    assert "neighbours" in s._repr_html_() and str(better[-1]) in str(s).splitlines()[0]
    assert "'fewer'" in repr(s) or "'more'" in repr(s)
    assert "neighbours" not in str(plain) + plain._repr_html_()


def test_starts_are_saved_with_a_model(tmp_path: Path) -> None:
    km = next(iter(swept(blobs(1)).models.values()))
    km.save(tmp_path / "two.centra")
    assert centra.load(tmp_path / "two.centra").runs_ == km.runs_


@pytest.mark.parametrize("flag", [False, True])
def test_the_bar_is_full_at_the_end(monkeypatch: Any, flag: bool) -> None:
    bars: list[Any] = []

    class Bar(sweeping.Bar):
        def __init__(self, total: int, wanted: bool | None) -> None:
            super().__init__(total, False)
            self.total, self.done = total, 0.0
            bars.append(self)

        def advance(self, share: float = 1.0) -> None:
            self.done += share

    monkeypatch.setattr(sweeping, "Bar", Bar)
    centra.sweep(blobs(1), range(2, 8), random_state=0, repeats=2, neighbor_starts=flag)
    (bar,) = bars
    assert bar.done == pytest.approx(bar.total) and bar.total == (20 if flag else 10)


@pytest.mark.parametrize("at", range(14))
def test_ctrl_c_leaves_whole_models(at: int) -> None:
    X, begun = blobs(1), 0

    def interrupt(event: object) -> None:
        nonlocal begun
        begun += isinstance(event, Started)
        if isinstance(event, Started) and begun == at + 6:
            signal.raise_signal(signal.SIGINT)

    with pytest.warns(UserWarning, match="interrupted"):
        s = swept(X, range(2, 10), callbacks=[interrupt])
    assert s.interrupted and len(s.models) == min(at + 5, 8)
    for at_k, km in enumerate(s.models.values()):
        assert s.columns["inertia"][at_k] == km.inertia_ == -km.score(X)
        assert np.isfinite(s.columns["bic"]).all()
