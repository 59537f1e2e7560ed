"""`KMeans.relabel`: another order of the clusters, the same clusters."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import centra
from centra.sources import MemorySource

RNG = np.random.default_rng(1)
X = np.concatenate([RNG.normal(m, 0.5, (n, 2)) for m, n in ((8, 20), (0, 30), (4, 50))])


def fitted(rows: Any = X, k: int = 3, **how: Any) -> centra.KMeans:
    return centra.KMeans(k, **{"random_state": 3, **how}).fit(rows)


def check_order(km: centra.KMeans, before: centra.KMeans, order: list[int], rows: Any = X) -> None:
    """Hold a model against the one before, whose clusters came in this order."""
    assert km.cluster_centers_.tobytes() == before.cluster_centers_[order].tobytes()
    assert km.labels_.dtype == np.int32 and np.array_equal(km.labels_, km.predict(rows))
    assert np.array_equal(km.cluster_centers_[km.labels_], before.cluster_centers_[before.labels_])
    for new, old in zip(km.history_, before.history_, strict=True):
        assert (new.inertia, new.shift, new.changed) == (old.inertia, old.shift, old.changed)
        assert (new.centers is None) == (old.centers is None)
        if new.centers is not None and old.centers is not None:
            assert new.centers.tobytes() == old.centers[order].tobytes()
    assert (km.runs_, km.inertia_, km.n_iter_) == (before.runs_, before.inertia_, before.n_iter_)
    assert km.get_params() == before.get_params()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("keep", [True, False])
def test_orders(dtype: Any, keep: bool) -> None:
    rows = X.astype(dtype)
    before = fitted(rows, keep_centers=keep)
    sizes = np.bincount(before.labels_)
    for order, expected in (
        ("size", np.argsort(-sizes)),
        (0, np.argsort(before.cluster_centers_[:, 0])),
        (np.int64(-1), np.argsort(before.cluster_centers_[:, 1])),
        ([2, 0, 1], [2, 0, 1]),
        (np.array([1, 2, 0], np.uint8), [1, 2, 0]),
        (range(3), [0, 1, 2]),
    ):
        km = fitted(rows, keep_centers=keep)
        assert km.relabel(order) is km
        check_order(km, before, list(expected), rows)
        kept = [record.centers for record in km.history_ if record.centers is not None]
        assert len(kept) == keep * len(km.history_) and not any(c.flags.writeable for c in kept)
    assert np.bincount(fitted().relabel().labels_).tolist() == [50, 30, 20]


def test_columns_by_name() -> None:
    frame = pd.DataFrame(X * [1, -1], columns=["size", "depth"])
    before = fitted(frame)
    check_order(
        fitted(frame).relabel("depth"),
        before,
        np.argsort(before.cluster_centers_[:, 1]).tolist(),
        frame,
    )
    with pytest.raises(ValueError, match=r"a column of this name too: give.* by its number, 0"):
        fitted(frame).relabel("size")
    assert np.argmin(fitted(frame).relabel(0).cluster_centers_[:, 0]) == 0


@pytest.mark.parametrize(
    ("order", "error", "text"),
    [
        ("weight", ValueError, "there is no order 'weight': give \"size\", a column"),
        (2, ValueError, "there is no column 2; the model has columns 0 to 1"),
        (True, TypeError, "got bool"),
        (None, TypeError, "order must be"),
        (1.5, TypeError, "order must be"),
        ([0.0, 1.0, 2.0], TypeError, "order must be"),
        ([[0, 1, 2]], TypeError, "order must be"),
        ([0, 1], ValueError, "each number from 0 to 2 once"),
        ([0, 1, 1], ValueError, "each number from 0 to 2 once"),
        ([0, 1, 3], ValueError, "each number from 0 to 2 once"),
        ([1, 2, 3], ValueError, "each number from 0 to 2 once"),
        ([-1, 0, 1], ValueError, "each number from 0 to 2 once"),
    ],
)
def test_what_is_no_order_is_refused_and_nothing_changes(
    order: Any, error: type[Exception], text: str
) -> None:
    km = fitted()
    state = pickle.dumps(km)
    with pytest.raises(error, match=text) as refusal:
        km.relabel(order)
    assert "\n" not in str(refusal.value)
    assert pickle.dumps(km) == state


def test_a_row_halfway_goes_to_the_lower_number() -> None:
    """As predict says; it may be another cluster than before, with the same distance."""
    rows = np.array([[0.0], [2.0], [1.0], [3.0], [5.0], [4.0], [2.5]])
    with_tie = centra.KMeans(2, init=[[1.0], [4.0]], callbacks=[_stop]).fit(rows)
    assert with_tie.cluster_centers_.ravel().tolist() == [1.0, 4.0]
    assert with_tie.labels_.tolist() == [0, 0, 0, 1, 1, 1, 0]
    inertia = with_tie.inertia_
    with_tie.relabel([1, 0])
    assert with_tie.cluster_centers_.ravel().tolist() == [4.0, 1.0]
    assert with_tie.labels_.tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert np.array_equal(with_tie.labels_, with_tie.predict(rows))
    assert with_tie.inertia_ == inertia == -with_tie.score(rows)
    assert with_tie.report().inertia == inertia
    with_tie.relabel([1, 0])
    assert with_tie.labels_.tolist() == [0, 0, 0, 1, 1, 1, 0]


def _stop(event: object) -> None:
    raise StopIteration


def test_ties_of_many_rows() -> None:
    rows = np.random.default_rng(0).integers(0, 4, size=(300, 2)).astype(float)
    for seed in range(8):
        km = centra.KMeans(5, random_state=seed).fit(rows)
        for order in ("size", 0, [4, 3, 2, 1, 0]):
            km.relabel(order)
            assert np.array_equal(km.labels_, km.predict(rows))
            assert -km.score(rows) == km.inertia_
            km.report()


def test_rows_that_are_gone_are_asked_for(tmp_path: Path) -> None:
    before = fitted()
    fitted().save(tmp_path / "model")
    for km in (
        fitted(X.copy()),
        pickle.loads(pickle.dumps(fitted())),
        centra.load(tmp_path / "model"),
    ):
        with pytest.raises(ValueError, match=r"no longer in memory: pass X to relabel\(\)"):
            km.relabel("size")
        check_order(km, before, [0, 1, 2])
        km.relabel("size", X)
        check_order(km, before, np.argsort(-np.bincount(before.labels_)).tolist())
    other = fitted(X.copy())
    for rows in (X[::-1].copy(), X[:-1], X + np.eye(2)[RNG.integers(2, size=100)] * 9):
        with pytest.raises(ValueError, match="X are not the rows"):
            other.relabel("size", rows)
    with pytest.raises(ValueError, match="X has 3 features"):
        other.relabel("size", np.ones((100, 3)))


@pytest.mark.parametrize(
    "rows", [sp.csr_matrix(X), MemorySource(X), np.asfortranarray(X), X.tolist()], ids=type
)
def test_any_rows(rows: Any) -> None:
    km = fitted(rows).relabel("size", rows)
    assert np.bincount(km.labels_).tolist() == [50, 30, 20]


def test_weights_of_the_fit_are_known() -> None:
    weights = RNG.integers(1, 5, 100).astype(float)
    km = centra.KMeans(3, random_state=3).fit(X, sample_weight=weights).relabel("size")
    assert np.bincount(km.labels_).tolist() == [50, 30, 20]  # rows, whatever they weigh
    assert km.report().inertia == pytest.approx(km.inertia_)


def test_files_and_pickles_keep_the_order(tmp_path: Path) -> None:
    km = fitted().relabel("size")
    km.save(tmp_path / "model")
    for again in (centra.load(tmp_path / "model"), pickle.loads(pickle.dumps(km))):
        check_order(again, km, [0, 1, 2])
        again.relabel([2, 1, 0], X)
        check_order(again, km, [2, 1, 0])


def test_centers_that_were_put_in_order_by_hand_are_followed() -> None:
    before = fitted()
    order = np.argsort(before.cluster_centers_.sum(axis=1))
    assert order.tolist() != [0, 1, 2]
    for labels in (False, True):
        km = fitted()
        km.cluster_centers_ = km.cluster_centers_[order]
        if labels:
            km.labels_ = km.predict(X)
        km.relabel(range(3))
        check_order(km, before, order.tolist())
        km.report()
    km = fitted()
    km.cluster_centers_ = km.cluster_centers_[order]
    km.labels_[:3] = 1
    with pytest.raises(ValueError, match="labels_ were changed after the fit"):
        km.relabel(range(3))

    km = fitted()
    km.cluster_centers_[0] += 1
    with pytest.raises(ValueError, match="cluster_centers_ were changed after the fit"):
        km.relabel()


def test_models_of_a_sweep() -> None:
    found = centra.sweep(X, range(2, 4), random_state=0, gap=False, stability=False)
    assert np.bincount(found.models[3].relabel("size").labels_).tolist() == [50, 30, 20]


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_centers_that_coincide() -> None:
    rows = np.repeat([[0.0, 0.0], [5.0, 5.0]], [3, 5], axis=0)
    km = fitted(rows)
    for order in ("size", [2, 1, 0], [1, 2, 0], 0):
        km.relabel(order)
        assert np.array_equal(km.labels_, km.predict(rows))
        assert km.report().overlap.sizes.tolist() == np.bincount(km.labels_, minlength=3).tolist()
