"""The compiled core (crates/python): names and types only."""

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

__version__: str

class Counts(TypedDict):
    rows: int
    changed: int
    examined: int
    scored: int
    compared: int
    repeated: int
    listed: int
    exact: int

class Workers:
    def __new__(cls, n_threads: int, isa: str | None = None) -> Workers: ...
    @property
    def n_threads(self) -> int: ...
    @property
    def isa(self) -> str: ...
    @staticmethod
    def available() -> list[str]: ...
    @staticmethod
    def processors() -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class Matrix:
    @staticmethod
    def dense(array: NDArray[np.floating[Any]]) -> Matrix: ...
    @staticmethod
    def csr(
        values: NDArray[np.floating[Any]],
        indices: NDArray[np.signedinteger[Any]],
        starts: NDArray[np.signedinteger[Any]],
        columns: int,
    ) -> Matrix: ...
    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def sparse(self) -> bool: ...
    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float64]: ...

class ColumnStats:
    @property
    def rows(self) -> int: ...
    @property
    def bad(self) -> tuple[int, int] | None: ...
    @property
    def low(self) -> NDArray[np.float64]: ...
    @property
    def high(self) -> NDArray[np.float64]: ...
    @property
    def pulled(self) -> bool: ...
    def holds(self, workers: Workers, centers: NDArray[np.float64]) -> bool: ...
    def __add__(self, other: ColumnStats) -> ColumnStats: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> ColumnStats: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class SumFormats:
    def __new__(cls, stats: ColumnStats, weights: ColumnStats | None = None) -> SumFormats: ...
    @property
    def limbs(self) -> int: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> SumFormats: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class Moments:
    def __add__(self, other: Moments) -> Moments: ...
    def mean_variance(self, sums: ClusterSums | None = None) -> float: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> Moments: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class ClusterSums:
    def __new__(cls, clusters: int, formats: SumFormats) -> ClusterSums: ...
    def copy(self) -> ClusterSums: ...
    def __add__(self, other: ClusterSums) -> ClusterSums: ...
    def __iadd__(self, other: ClusterSums) -> ClusterSums: ...
    def equals(self, other: ClusterSums) -> bool: ...
    def total(self) -> ClusterSums: ...
    def weights(self) -> NDArray[np.float64]: ...
    def has_empty(self) -> bool: ...
    def heaviest(self) -> int: ...
    def relocate(
        self, row: NDArray[np.float64], weight: float, donor: int, founded: int
    ) -> None: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> ClusterSums: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

Step = tuple[NDArray[np.float64], NDArray[np.bool_], float, tuple[int, float] | None]

def steps(
    workers: Workers,
    matrix: Matrix,
    centers: NDArray[np.float64],
    frame: Frame,
    labels: NDArray[np.int32],
    sums: ClusterSums,
    cache: MeanCache,
    moments: Moments,
    most: int,
    shift: float,
    weights: NDArray[np.float64] | None = None,
    packed_rows: PackedRows | None = None,
) -> tuple[list[Step], dict[str, int]]: ...

class MeanCache:
    def __new__(cls) -> MeanCache: ...
    def advance(
        self,
        workers: Workers,
        sums: ClusterSums,
        centers: NDArray[np.float64],
        means: NDArray[np.float64],
    ) -> tuple[NDArray[np.bool_], float]: ...
    def inertia(
        self, workers: Workers, sums: ClusterSums, moments: Moments, centers: NDArray[np.float64]
    ) -> float: ...

class Frame:
    def __new__(
        cls,
        stats: ColumnStats,
        centers: NDArray[np.float64],
        sparse: bool,
        some: NDArray[np.float64] | None = None,
    ) -> Frame: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> Frame: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class PackedRows:
    def __new__(cls) -> PackedRows: ...
    @property
    def nbytes(self) -> int: ...
    @staticmethod
    def row_bytes(workers: Workers, columns: int) -> int: ...

class Shares:
    def __add__(self, other: Shares) -> Shares: ...
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> Shares: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class CenterDrift:
    def __new__(cls, centers: NDArray[np.float64]) -> CenterDrift: ...
    def advance(self, frame: Frame, centers: NDArray[np.float64]) -> None: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> CenterDrift: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class CenterActivity:
    def __new__(cls) -> CenterActivity: ...
    def advance(
        self,
        workers: Workers,
        frame: Frame,
        centers: NDArray[np.float64],
        moved: NDArray[np.bool_] | None = None,
        before: NDArray[np.float64] | None = None,
    ) -> None: ...

class SpatialBlocks:
    @staticmethod
    def sort(
        workers: Workers, matrix: Matrix, frame: Frame, stats: ColumnStats
    ) -> SpatialBlocks | None: ...
    @property
    def order(self) -> NDArray[np.uint32]: ...
    def take(self, workers: Workers, labels: NDArray[np.int32]) -> NDArray[np.int32]: ...
    def put(self, ordered: NDArray[np.int32], labels: NDArray[np.int32]) -> None: ...
    @property
    def nbytes(self) -> int: ...

class WeightedSampler:
    def __new__(cls) -> WeightedSampler: ...
    def fill(
        self,
        workers: Workers,
        distances: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> None: ...
    def total(self) -> ExactSum: ...
    def draw(
        self,
        values: NDArray[np.float64],
        before: ExactSum,
        first: int,
        distances: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> NDArray[np.intp]: ...

class ExactSum:
    def __new__(cls) -> ExactSum: ...
    def __add__(self, other: ExactSum) -> ExactSum: ...
    def __float__(self) -> float: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> ExactSum: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class Candidates:
    def __new__(
        cls,
        workers: Workers,
        frame: Frame,
        sparse: bool,
        places: NDArray[np.float64],
        centers: NDArray[np.float64],
    ) -> Candidates: ...

class Kept:
    def __new__(cls) -> Kept: ...
    @staticmethod
    def row_bytes(columns: int) -> int | None: ...

class Gains:
    def __add__(self, other: Gains) -> Gains: ...
    @property
    def rows(self) -> int: ...
    @property
    def missed(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def listed(self) -> bool: ...
    def best(self) -> int | None: ...
    def exactly(
        self,
        distances: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> Gains: ...
    def take(
        self,
        candidate: int,
        label: int,
        distances: NDArray[np.float64],
        nearest: NDArray[np.int32],
        sampler: WeightedSampler,
        weights: NDArray[np.float64] | None = None,
    ) -> bool: ...
    @classmethod
    def from_bytes(cls, bytes: bytes) -> Gains: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

def column_stats(workers: Workers, matrix: Matrix, sums: bool = True) -> ColumnStats: ...
def moments(
    workers: Workers,
    matrix: Matrix,
    formats: SumFormats,
    weights: NDArray[np.float64] | None = None,
    sums: bool = False,
) -> Moments: ...
def max_norm(workers: Workers, matrix: Matrix, frame: Frame) -> float: ...
def assign(
    workers: Workers,
    matrix: Matrix,
    centers: NDArray[np.float64],
    frame: Frame,
    labels: NDArray[np.int32],
    sums: ClusterSums | None = None,
    weights: NDArray[np.float64] | None = None,
    packed_rows: PackedRows | None = None,
    max_norm: float | None = None,
    *,
    int8: bool = False,
    blocks: SpatialBlocks | None = None,
    drift: CenterDrift | None = None,
    bounds: NDArray[np.float32] | None = None,
    activity: CenterActivity | None = None,
    scores: NDArray[np.float32] | None = None,
) -> Counts: ...
def own_distances(
    workers: Workers,
    matrix: Matrix,
    centers: NDArray[np.float64],
    labels: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None: ...
def all_distances(
    workers: Workers,
    matrix: Matrix,
    centers: NDArray[np.float64],
    out: NDArray[np.floating],
) -> bool: ...
def lower(
    workers: Workers,
    matrix: Matrix,
    center: NDArray[np.float64],
    label: int,
    distances: NDArray[np.float64],
    nearest: NDArray[np.int32],
) -> None: ...
def floors(
    workers: Workers,
    matrix: Matrix,
    frame: Frame,
    out: NDArray[np.float64],
    kept: Kept | None = None,
) -> None: ...
def round_rows(workers: Workers, matrix: Matrix, frame: Frame, kept: Kept) -> None: ...
def trials(
    workers: Workers,
    matrix: Matrix,
    frame: Frame,
    candidates: Candidates,
    distances: NDArray[np.float64],
    nearest: NDArray[np.int32],
    floors: NDArray[np.float64],
    kept: Kept | None = None,
    weights: NDArray[np.float64] | None = None,
    exactly: bool = False,
    list_one_in: int = 2,
) -> Gains: ...
def two_nearest(
    workers: Workers,
    matrix: Matrix,
    centers: NDArray[np.float64],
    labels: NDArray[np.int32],
    own: NDArray[np.float64],
    other: NDArray[np.float64],
    rival: NDArray[np.int32],
    weights: NDArray[np.uint32] | None = None,
    shares: bool = False,
) -> Shares | None: ...
