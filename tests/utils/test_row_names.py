"""The index of a data frame names rows, unless it only counts them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from centra._utils.row_names import row_names_of


def test_an_index_names_rows() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    assert row_names_of(frame) is None
    assert row_names_of(frame.iloc[1:]) == ["1", "2"]
    assert row_names_of(frame.set_axis(["a", "b", "c"])) == ["a", "b", "c"]
    days = frame.set_axis(pd.date_range("2024-01-01", periods=3))
    found = row_names_of(days)
    assert found is not None and found[0].startswith("2024-01-01")


@pytest.mark.parametrize("rows", [[[1.0]], np.ones((2, 1)), sp.csr_matrix(np.ones((2, 1))), ("a",)])
def test_other_rows_have_no_names(rows: object) -> None:
    assert row_names_of(rows) is None


def test_polars_has_no_index() -> None:
    polars = pytest.importorskip("polars")
    assert row_names_of(polars.DataFrame({"x": [1.0]})) is None
