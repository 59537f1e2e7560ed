"""Arrow's tables are frames with names; streams and queries are told what gives a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import centra

pa = pytest.importorskip("pyarrow", reason="the tables are Arrow's")
pl = pytest.importorskip("polars", reason="the frames are polars'")

X = np.random.default_rng(0).normal(size=(50, 2))
TABLE = pa.table({"a": X[:, 0], "b": X[:, 1]})


def fit(rows: Any) -> centra.KMeans:
    return centra.KMeans(3, random_state=0).fit(rows)


@pytest.mark.parametrize("rows", [TABLE, TABLE.to_batches()[0]], ids=["table", "batch"])
def test_names_are_kept_and_checked(rows: Any) -> None:
    km = fit(rows)
    assert km.feature_names_in_.tolist() == ["a", "b"] and km.n_features_in_ == 2
    frame = pd.DataFrame(X, columns=["a", "b"])
    assert np.array_equal(km.labels_, fit(frame).labels_)
    for same in (rows, frame, pl.DataFrame(X, schema=["a", "b"])):
        assert np.array_equal(km.predict(same), km.labels_)
    for other in (rows.select(["b", "a"]), TABLE.rename_columns(["a", "c"])):
        with pytest.raises(ValueError, match="feature names should match"):
            km.predict(other)
    with pytest.raises(ValueError, match="feature names should match"):
        km.predict(TABLE.append_column("c", [X[:, 0]]))
    assert km.report().inertia == pytest.approx(km.inertia_)


def test_a_table_with_one_name_twice_has_none() -> None:
    km = fit(pa.table([X[:, 0], X[:, 1]], names=["a", "a"]))
    assert not hasattr(km, "feature_names_in_") and km.n_features_in_ == 2


def test_types_of_numbers() -> None:
    narrow = pa.table({"a": X[:, 0].astype(np.float32), "b": X[:, 1].astype(np.float32)})
    assert fit(narrow).cluster_centers_.dtype == np.float32
    for column in (np.arange(50), X[:, 0] > 0, X[:, 0].astype(np.float32)):
        rows = pa.table({"a": X[:, 0], "b": column})
        expected = fit(np.column_stack([X[:, 0], column.astype(float)]))
        assert np.array_equal(fit(rows).cluster_centers_, expected.cluster_centers_)
    chunks = pa.concat_tables([TABLE.slice(0, 20), TABLE.slice(20)])
    assert np.array_equal(fit(chunks).labels_, fit(X).labels_)
    with pytest.raises(ValueError, match="contains NaN"):
        fit(pa.table({"a": X[:, 0], "b": [None, *range(49)]}))


def test_columns_that_are_no_numbers_are_named_and_the_advice_works() -> None:
    rows = TABLE.append_column("s", [["x"] * 50]).append_column("v", [["y"] * 50])
    with pytest.raises(ValueError, match=r"'s' \(string\), 'v' \(string\)") as refusal:
        fit(rows)
    assert "\n" not in str(refusal.value)
    advice = str(refusal.value).partition("as in ")[2]
    assert np.array_equal(fit(eval(advice, {"X": rows})).labels_, fit(X).labels_)
    with pytest.raises(ValueError, match="columns that are not numbers"):
        fit(pa.table({"s": ["x"] * 50}))


def reader() -> Any:
    return TABLE.to_reader()


def dataset() -> Any:
    import pyarrow.dataset

    return pyarrow.dataset.dataset(TABLE)


UNREAD: dict[str, Callable[[], Any]] = {
    "RecordBatchReader": reader,
    "InMemoryDataset": dataset,
    "Scanner": lambda: dataset().scanner(),
    "LazyFrame": lambda: pl.DataFrame(X, schema=["a", "b"]).lazy(),
}
CALLS: dict[str, Callable[[Any], Any]] = {
    "fit": fit,
    "predict": lambda rows: fit(X).predict(rows),
    "assign": lambda rows: centra.assign(rows, np.eye(2)),
    "sweep": lambda rows: centra.sweep(rows, [2], gap=False, stability=False),
    "k_means": lambda rows: centra.k_means(rows, 2),
    "kmeans_plusplus": lambda rows: centra.kmeans_plusplus(rows, 2),
    "labels": lambda rows: fit(X).history_[0].labels(rows),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("make", UNREAD.values(), ids=UNREAD)
def test_what_is_no_table_yet_says_what_gives_one(
    make: Callable[[], Any], call: Callable[[Any], Any]
) -> None:
    rows = make()
    with pytest.raises(
        TypeError, match=r"^X is a (pyarrow|polars) \w+, .*: pass X\.\w+\(\)$"
    ) as no:
        call(rows)
    table = eval(str(no.value).partition("pass ")[2], {"X": rows})
    assert fit(table).feature_names_in_.tolist() == ["a", "b"]
