"""Rows have names: the line of the file, and what --id says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from centra._tables.columns import Wanted
from centra._tables.dialect import Dialect
from centra._tables.inputs import Input
from centra._tables.reading import read_table
from centra._tables.tables import Table, open_table


def table(path: Path, wanted: Wanted, **how: object) -> Table:
    source = Input(path, path.name, path.suffix[1:])
    return read_table(source, open_table(source, Dialect(), 1 << 30), wanted, **how)


def test_a_row_is_called_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('city,x,note\nBern,1,"two\nlines"\n\nOslo,,b\nUlm,3,c\n,4,d\n')
    found = table(path, Wanted(id="city"), drop_missing=True)
    assert found.ids == ["Bern", "Ulm", ""] and found.names == ("x",)
    assert [found.row_name(i) for i in range(3)] == ["line 3 (Bern)", "line 6 (Ulm)", "line 7"]
    assert found.row_names([2, 0]) == ["line 7", "line 3 (Bern)"]
    assert table(path, Wanted(), drop_missing=True).row_name(1) == "line 6"


def test_rows_of_other_formats(tmp_path: Path) -> None:
    path = tmp_path / "t.npy"
    np.save(path, np.array([[7.0, 1], [8, 2], [9, 5]]))
    found = table(path, Wanted(id="1"))
    assert (found.row_name(2), found.rows.shape) == ("row 3 (9)", (3, 1))
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"who": ["a", "b"], "x": [1.0, 2.0], "kind": ["u", "v"]}), path)
    found = table(path, Wanted(id="who", label="kind"))
    assert (found.row_name(0), found.labels, found.names) == ("row 1 (a)", ["u", "v"], ("x",))
