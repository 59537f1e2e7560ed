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
    exact: int

class Team:
    def __new__(cls, n_threads: int, isa: str | None = None) -> Team: ...
    @property
    def n_threads(self) -> int: ...
    @property
    def isa(self) -> str: ...
    @staticmethod
    def available() -> list[str]: ...
    @staticmethod
    def processors() -> int: ...

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

class Gate:
    @property
    def rows(self) -> int: ...
    @property
    def bad(self) -> tuple[int, int] | None: ...
    @property
    def low(self) -> NDArray[np.float64]: ...
    @property
    def high(self) -> NDArray[np.float64]: ...
    def holds(self, team: Team, centers: NDArray[np.float64]) -> bool: ...
    def __add__(self, other: Gate) -> Gate: ...

class Plan:
    def __new__(cls, gate: Gate, weights: Gate | None = None) -> Plan: ...
    @property
    def limbs(self) -> int: ...

class Moments:
    def __add__(self, other: Moments) -> Moments: ...
    def mean_variance(self) -> float: ...

class Tally:
    def __new__(cls, clusters: int, plan: Plan) -> Tally: ...
    def copy(self) -> Tally: ...
    def __add__(self, other: Tally) -> Tally: ...
    def equals(self, other: Tally) -> bool: ...
    def total(self) -> Tally: ...
    def weights(self) -> NDArray[np.float64]: ...
    def has_empty(self) -> bool: ...
    def heaviest(self) -> int: ...
    def relocate(
        self, row: NDArray[np.float64], weight: float, donor: int, founded: int
    ) -> None: ...

class Ledger:
    def __new__(cls) -> Ledger: ...
    def advance(
        self,
        team: Team,
        tally: Tally,
        centers: NDArray[np.float64],
        means: NDArray[np.float64],
    ) -> tuple[NDArray[np.bool_], float]: ...
    def inertia(
        self, team: Team, tally: Tally, moments: Moments, centers: NDArray[np.float64]
    ) -> float: ...

class Frame:
    def __new__(cls, gate: Gate, centers: NDArray[np.float64], sparse: bool) -> Frame: ...

class Cache:
    def __new__(cls) -> Cache: ...
    @property
    def nbytes(self) -> int: ...
    @staticmethod
    def row_bytes(team: Team, columns: int) -> int: ...

class Shares:
    def __add__(self, other: Shares) -> Shares: ...
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

class Reach:
    def __new__(cls, centers: NDArray[np.float64]) -> Reach: ...
    def advance(self, frame: Frame, centers: NDArray[np.float64]) -> None: ...

class Standing:
    def __new__(cls) -> Standing: ...
    def advance(
        self,
        team: Team,
        frame: Frame,
        centers: NDArray[np.float64],
        moved: NDArray[np.bool_] | None = None,
    ) -> None: ...

class Boxes:
    @staticmethod
    def sort(team: Team, matrix: Matrix, frame: Frame, gate: Gate) -> Boxes | None: ...
    @property
    def order(self) -> NDArray[np.uint32]: ...
    def take(self, team: Team, labels: NDArray[np.int32]) -> NDArray[np.int32]: ...
    def put(self, boxed: NDArray[np.int32], labels: NDArray[np.int32]) -> None: ...
    @property
    def nbytes(self) -> int: ...

class Urn:
    def __new__(cls) -> Urn: ...
    def fill(
        self,
        team: Team,
        distances: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> None: ...
    def total(self) -> ExactSum: ...
    def draw(
        self,
        values: NDArray[np.float64],
        before: ExactSum,
        distances: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> list[int | None]: ...

class ExactSum:
    def __new__(cls) -> ExactSum: ...
    def __add__(self, other: ExactSum) -> ExactSum: ...
    def __float__(self) -> float: ...

class Candidates:
    def __new__(
        cls,
        team: Team,
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
        urn: Urn,
        weights: NDArray[np.float64] | None = None,
    ) -> bool: ...

def pass_gate(team: Team, matrix: Matrix, sums: bool = True) -> Gate: ...
def moments(
    team: Team,
    matrix: Matrix,
    plan: Plan,
    weights: NDArray[np.float64] | None = None,
    sums: bool = False,
) -> Moments: ...
def longest(team: Team, matrix: Matrix, frame: Frame) -> float: ...
def assign(
    team: Team,
    matrix: Matrix,
    centers: NDArray[np.float64],
    frame: Frame,
    labels: NDArray[np.int32],
    tally: Tally | None = None,
    weights: NDArray[np.float64] | None = None,
    cache: Cache | None = None,
    longest: float | None = None,
    boxes: Boxes | None = None,
    reach: Reach | None = None,
    expiry: NDArray[np.float32] | None = None,
    standing: Standing | None = None,
    scores: NDArray[np.float32] | None = None,
) -> Counts: ...
def own_distances(
    team: Team,
    matrix: Matrix,
    centers: NDArray[np.float64],
    labels: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None: ...
def all_distances(
    team: Team,
    matrix: Matrix,
    centers: NDArray[np.float64],
    out: NDArray[np.floating],
) -> bool: ...
def lower(
    team: Team,
    matrix: Matrix,
    center: NDArray[np.float64],
    label: int,
    distances: NDArray[np.float64],
    nearest: NDArray[np.int32],
) -> None: ...
def floors(
    team: Team,
    matrix: Matrix,
    frame: Frame,
    out: NDArray[np.float64],
    kept: Kept | None = None,
) -> None: ...
def round_rows(team: Team, matrix: Matrix, frame: Frame, kept: Kept) -> None: ...
def trials(
    team: Team,
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
def rivals(
    team: Team,
    matrix: Matrix,
    centers: NDArray[np.float64],
    labels: NDArray[np.int32],
    own: NDArray[np.float64],
    other: NDArray[np.float64],
    rival: NDArray[np.int32],
    weights: NDArray[np.uint32] | None = None,
    shares: bool = False,
) -> Shares | None: ...
