"""Rows in files, made a piece at a time: they need not fit into memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

#: Rows that are made at once; also the rows of a group of Parquet.
PIECE = 500_000


@dataclass(frozen=True)
class Clouds:
    """Rows of float32 around centres that overlap, so that a fit is not done in a few passes.

    Attributes
    ----------
    n, d : int
        Rows and columns.
    clouds : int
        How many there are.
    spread : float
        Standard deviation around a centre; centres are uniform in the unit cube.
    """

    n: int
    d: int
    clouds: int
    spread: float = 0.15

    def piece(self, start: int, count: int) -> NDArray[np.float32]:
        """Return some rows; `start` is a multiple of PIECE."""
        centers = np.random.default_rng(0).random((self.clouds, self.d), dtype=np.float32)
        rng = np.random.default_rng([1, start // PIECE])
        rows = rng.standard_normal((count, self.d), dtype=np.float32)
        rows *= np.float32(self.spread)
        rows += centers[rng.integers(self.clouds, size=count)]
        return rows

    def start(self, k: int) -> NDArray[np.float64]:
        """Return k rows to start from."""
        rows = self.piece(0, min(PIECE, self.n))
        chosen = np.random.default_rng(2).choice(len(rows), k, replace=False)
        return rows[chosen].astype(np.float64)


def write(rows: Clouds, folder: Path) -> tuple[Path, Path]:
    """Write rows as .npy and as Parquet; return the two paths."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain, columns = folder / "rows.npy", folder / "rows.parquet"
    names = [f"x{j}" for j in range(rows.d)]
    schema = pa.schema([(name, pa.float32()) for name in names])
    with plain.open("wb") as file, pq.ParquetWriter(columns, schema) as table:
        header = {"descr": "<f4", "fortran_order": False, "shape": (rows.n, rows.d)}
        npy.write_array_header_1_0(file, header)
        for start in range(0, rows.n, PIECE):
            piece = rows.piece(start, min(PIECE, rows.n - start))
            file.write(piece.data)
            table.write_table(pa.table(list(piece.T.copy()), names=names), row_group_size=PIECE)
        file.flush()
        os.fsync(file.fileno())
    return plain, columns


def cool(path: Path) -> None:
    """Let the system forget what it keeps of a file, so that the next reading is from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
