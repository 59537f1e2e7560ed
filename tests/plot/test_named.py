"""Which two of many columns are drawn, and what they are called."""

from __future__ import annotations

import numpy as np
import pytest

import centra
from blobs import fitted
from centra.plot.named import cut, numbers_of

pytestmark = pytest.mark.usefixtures("figures")


def dots(ax) -> np.ndarray:
    found = [c.get_offsets() for c in ax.collections if type(c).__name__ == "PathCollection"]
    return np.concatenate(found)


def test_a_pair_is_drawn_as_it_is_and_the_axes_say_of_how_many():
    X, km = fitted(3, d=5)
    ax = centra.plot.clusters(km, X, columns=(4, 1))
    assert ax.get_xlabel() == "column 4 (one of 5 columns)"
    assert ax.get_ylabel() == "column 1 (one of 5 columns)"
    order = np.argsort(km.labels_, kind="stable")
    np.testing.assert_array_equal(dots(ax), X[order][:, [4, 1]])
    assert not any(c.get_gid() == "regions" for c in ax.collections)  # no regions


def test_names_choose_too():
    pandas = pytest.importorskip("pandas", reason="pandas is optional")
    X, _ = fitted(3, d=3)
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    km = centra.KMeans(3, random_state=0).fit(frame)
    ax = centra.plot.clusters(km, frame, columns=("c", 0))
    assert ax.get_xlabel() == "c (one of 3 columns)"
    axes = centra.plot.iterations(km, frame, columns=("c", "a"))
    assert axes[-1].get_xlabel() == "c (one of 3 columns)"


def test_two_columns_can_change_places_and_keep_their_regions():
    X, km = fitted(3)
    ax = centra.plot.clusters(km, X, columns=(1, 0))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("column 1", "column 0")
    assert any(c.get_gid() == "regions" for c in ax.collections)


def test_sparse_rows():
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is a dependency")
    X, _ = fitted(3, d=4)
    km = centra.KMeans(3, random_state=0).fit(sparse.csr_matrix(X))
    ax = centra.plot.clusters(km, sparse.csr_matrix(X), columns=(0, 3))
    assert len(dots(ax)) == len(X)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ((0, 5), "no column 5; the model has columns 0 to 4"),
        ((0, "w"), "no column 'w'; the model has column 0, column 1"),
        ((0,), "two columns"),
        ("ab", "two columns"),
        (3, "two columns"),
        ((0, 1, 2), "two columns"),
        ((1, -4), "one column twice"),
        ((0, 1.0), "no column 1.0"),
    ],
)
def test_what_is_no_pair_is_refused(columns, message):
    X, km = fitted(3, d=5)
    with pytest.raises(ValueError, match=message):
        centra.plot.clusters(km, X, columns=columns)


def test_negative_numbers_count_from_the_end():
    assert numbers_of((-1, np.int64(0)), ["a", "b", "c"]) == (2, 0)


def test_long_names_keep_both_ends():
    assert cut("short") == "short"
    assert cut("x" * 40 + "end").endswith("end") and len(cut("x" * 40)) == 28
