"""The benchmark of rows in files and on a cluster: its parts, on small sizes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benches.scale import figure, growth, table  # noqa: E402
from benches.scale.files import PIECE, Clouds, write  # noqa: E402
from benches.scale.outofcore import Fit, made  # noqa: E402

CLUSTER = {
    "memory": 0.03,
    "one": 0.06,
    "workers": {"1": 0.07, "2": 0.04},
    "above": 0.01,
    "order": 20_000,
    "reply": 30_000,
    "task": 0.002,
    "seeding": 0.5,
    "dask_ml": {"pass": 0.8, "seeding": 50.0},
}


def a_fit(**of: Any) -> dict[str, Any]:
    return {
        "whole": 6.0,
        "before": 1.0,
        "passes": [2.0, 1.0, 1.0],
        "readings": 1,
        "inertias": [120.0, 101.0, 100.0],
        "rise": 500_000_000,
        "reading": 0.5,
    } | of


def test_files_hold_the_rows(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    rows = Clouds(1000, 3, 4)
    plain, columns = write(rows, tmp_path)
    X = np.load(plain)
    assert np.array_equal(X, rows.piece(0, 1000))
    assert np.array_equal(np.column_stack(list(pq.read_table(columns))), X)
    assert not np.array_equal(rows.piece(PIECE, 10), rows.piece(0, 10))
    assert len(np.unique(rows.start(7), axis=0)) == 7


@pytest.mark.parametrize("name", ["rows.npy", "rows.parquet"])
def test_a_fit_is_measured(tmp_path: Path, name: str) -> None:
    rows = Clouds(2000, 3, 4)
    write(rows, tmp_path)
    np.save(tmp_path / "start.npy", rows.start(5))
    start = str(tmp_path / "start.npy")
    inside = made(Fit(str(tmp_path / "rows.npy"), 5, start, 3, part=2000))
    read = made(Fit(str(tmp_path / name), 5, start, 3, memory="64KB"))
    assert inside["inertias"] == read["inertias"]
    assert len(read["passes"]) == 4 == len(inside["passes"])
    assert read["readings"] == 1
    assert inside["reading"] is None
    sampled = made(Fit(str(tmp_path / name), 5, None, 3, memory="64KB"))
    assert sampled["inertias"]


def test_rows_are_made_when_they_are_read() -> None:
    rows = growth.Made(2 * growth.PATTERN + 10)
    whole = rows[0 : len(rows)]
    assert whole.shape == rows.shape
    at = growth.PATTERN - 3
    assert np.array_equal(rows[at : at + 7], whole[at : at + 7])
    assert len(np.unique(whole[:: growth.PATTERN], axis=0)) == 3
    (found,) = growth.over_rows((3000,), passes=2)
    assert found["rows"] == 3000
    assert found["pass"] > 0


def test_a_pass_over_workers_is_the_sum_of_its_parts() -> None:
    one, many = growth.over_workers(CLUSTER, 1), growth.over_workers(CLUSTER, 100)
    assert one.computing == 0.06
    assert many.computing == pytest.approx(0.0006)
    assert many.scheduling == pytest.approx(0.2)
    assert many.messages == pytest.approx(growth.ROUND_TRIP + 100 * 50_000 / growth.NETWORK)
    assert many.whole == pytest.approx(many.computing + many.scheduling + many.messages)


def test_the_table_says_what_was_measured() -> None:
    files = {"rows": 2000, "columns": 32, "k": 100, "part": 200, "bytes": 256_000}
    memory = a_fit(passes=[0.1, 0.2, 0.1])
    wide = files | {"memory": memory, "npy": a_fit(), "parquet": a_fit(reading=1.0)}
    record = {
        "wide": wide | {"sampled": a_fit(inertias=[100.1, 100.0, 99.9], before=2.0)},
        "narrow": wide | {"columns": 2},
        "cluster": CLUSTER,
        "growth": [{"rows": 1000, "pass": 0.02, "reading": 0.01}],
    }
    text = table.markdown(record)
    assert "2,000 x 32, k=100" in text
    # 2 + 1 + 1 seconds beside 1 + 2 + 1, the longer of reading and ten times the part
    assert (
        "| npy | 0.50 s | 1.00, 1.50 s | 1.00 s | 1.00 | 6.0 s (4.0 in memory) | 500 MB |" in text
    )
    assert "within 0.3 % of the lowest inertia after 4.0 s, with 1 pass(es)" in text
    assert "dask-ml: a pass 0.80 s (20 times), k-means|| 50.0 s (100 times)." in text
    assert "| 1,000 | 0.020 s | 0.010 s | 10000.0 ns |" in text


def test_figures_are_drawn_the_same_each_time(tmp_path: Path) -> None:
    sizes = [{"rows": 10.0**i, "pass": 10.0**i / 1e8, "reading": 10.0**i / 1e9} for i in (5, 6, 7)]
    record = {"cluster": CLUSTER, "growth": sizes}
    paths = figure.save(record, tmp_path)
    assert [path.name for path in paths] == ["cost-light.svg", "cost-dark.svg"]
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in figure.save(record, tmp_path)] == before
