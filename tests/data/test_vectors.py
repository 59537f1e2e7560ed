"""Columns of vectors: embeddings in an Arrow table, in a data frame, in a file."""

from __future__ import annotations

import numpy as np
import pytest

import centra

pa = pytest.importorskip("pyarrow", reason='needs the extra: pip install "centra[tables]"')

VECTORS = [[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [9.0, 8.0, 9.0], [9.0, 9.0, 9.0]]
NAMES = ["emb[0]", "emb[1]", "emb[2]"]


def arrow(kind: object, values: list[object] = VECTORS) -> object:
    return pa.table({"emb": pa.array(values, kind)})


@pytest.mark.parametrize("kind", ["fixed", "list", "large", "pandas", "arrays", "polars", "array"])
def test_lists_are_columns(kind: str) -> None:
    if kind in ("fixed", "list", "large"):
        types = {"fixed": pa.list_(pa.float32(), 3), "list": pa.list_(pa.float32())}
        X = arrow(types.get(kind, pa.large_list(pa.float32())))
    elif kind in ("pandas", "arrays"):
        pandas = pytest.importorskip("pandas")
        arrays = [np.array(each, np.float32) for each in VECTORS]
        X = pandas.DataFrame({"emb": VECTORS if kind == "pandas" else arrays})
    else:
        polars = pytest.importorskip("polars")
        X = polars.DataFrame({"emb": VECTORS if kind == "polars" else np.array(VECTORS)})
    km = centra.KMeans(2, random_state=0).fit(X)
    assert km.labels_.tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    assert km.predict(X).tolist() == km.labels_.tolist()
    expected = centra.KMeans(2, random_state=0).fit(np.array(VECTORS))
    assert np.array_equal(km.cluster_centers_, expected.cluster_centers_)
    if hasattr(km, "feature_names_in_"):
        assert km.feature_names_in_.tolist() == NAMES
    narrow = kind in ("fixed", "list", "large", "arrays")  # as the numbers are that X holds
    assert km.cluster_centers_.dtype == (np.float32 if narrow else np.float64)


@pytest.mark.parametrize("library", ["pyarrow", "pandas", "polars"])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (None, "column 'emb', row 2: the list is missing; fill it or drop the row"),
        ([1.0], "column 'emb', row 2: the list has 1 number, and 3 are expected; correct it"),
    ],
)
def test_a_list_that_is_not_as_the_others(library: str, bad: object, message: str) -> None:
    module = pytest.importorskip(library)
    data = {"emb": [*VECTORS[:2], bad, VECTORS[3]]}
    X = module.table(data) if library == "pyarrow" else module.DataFrame(data)
    with pytest.raises(ValueError) as caught:
        centra.KMeans(2).fit(X)
    assert message in str(caught.value)


def test_lists_of_texts_are_none() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="column 'emb': its lists are of"):
        centra.KMeans(2).fit(pandas.DataFrame({"emb": [["a"], ["b"], ["c"]]}))


def test_other_columns_stay() -> None:
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame({"w": [1, 2, 3, 4], "emb": VECTORS, "v": [0.5] * 4}, index=list("abcd"))
    km = centra.KMeans(2, random_state=0).fit(X)
    assert km.feature_names_in_.tolist() == ["w", *NAMES, "v"]
    assert centra.KMeans(2).fit(pandas.DataFrame({"w": [1, 2, 3]})).n_features_in_ == 1
