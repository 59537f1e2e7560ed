"""Steps: what can be done with every block of rows. Each returns something that merges with ``+``.

A step is added here, never as a branch in the loop. What belongs to single rows (labels, weights,
distances) lies in arrays beside the source; a step reads and writes the part of its block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from centra import _core
from centra._core import (
    Boxes,
    Cache,
    Candidates,
    Frame,
    Gains,
    Gate,
    Kept,
    Moments,
    Plan,
    Reach,
    Shares,
    Standing,
    Tally,
    Team,
)
from centra.sources.base import Block

Floats = NDArray[np.float64]

if TYPE_CHECKING:
    from centra._core import Counts


#: Packed rows of every block, by the number of its first row.
Caches = dict[int, Cache]


def _part(values: Floats | None, block: Block) -> Floats | None:
    return None if values is None else values[block.rows]


def _cache(caches: Caches | None, block: Block) -> Cache | None:
    return None if caches is None else caches.setdefault(block.start, Cache())


@dataclass(frozen=True)
class PassGate:
    """The first pass: finiteness and ranges, and what exact `sums` need."""

    team: Team
    sums: bool = True

    def chunk(self, block: Block) -> Gate:
        """Look at every entry once."""
        return _core.pass_gate(self.team, block.matrix, self.sums)


@dataclass(frozen=True)
class SumSquares:
    """Exact sums of w x^2 and, if asked for, of x."""

    team: Team
    plan: Plan
    weights: Floats | None
    sums: bool

    def chunk(self, block: Block) -> Moments:
        """Sum one block."""
        part = _part(self.weights, block)
        return _core.moments(self.team, block.matrix, self.plan, part, self.sums)


@dataclass(frozen=True)
class Length:
    """No row of those seen is longer than this, in a frame."""

    most: float

    def __add__(self, other: Length) -> Length:
        """Merge with other rows."""
        return Length(max(self.most, other.most))


@dataclass(frozen=True)
class Measure:
    """The longest of the dense rows."""

    team: Team
    frame: Frame

    def chunk(self, block: Block) -> Length:
        """Measure one block."""
        return Length(_core.longest(self.team, block.matrix, self.frame))


@dataclass(frozen=True)
class Swept:
    """What an assignment returns: counts of what was done.

    `doubtful` lists rows that may have another nearest centre among those nearby, if asked for.
    """

    counts: dict[str, int]
    doubtful: NDArray[np.intp] | None = None

    def __add__(self, other: Swept) -> Swept:
        """Merge with the sweep of other rows."""
        doubtful = None
        if self.doubtful is not None and other.doubtful is not None:
            doubtful = np.concatenate([self.doubtful, other.doubtful])
        counts = {name: n + other.counts[name] for name, n in self.counts.items()}
        return Swept(counts, doubtful)


def plain(counts: Counts) -> dict[str, int]:
    """Return counts as a dict that may grow."""
    return dict(counts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Assign:
    """Label every row with its nearest centre; a tally follows, which may be one of other rows too.

    With centres `nearby`, rows that may have another nearest centre among those are listed. Where
    it is known how long rows are at most, in the frame, they are screened in int16 first. Sparse
    rows with `scores` are scored against the centres that did not stand still first.
    """

    team: Team
    centers: Floats
    frame: Frame
    labels: NDArray[np.int32]
    tally: Tally | None = None
    weights: Floats | None = None
    caches: Caches | None = None
    nearby: Floats | None = None
    longest: float | None = None
    standing: Standing | None = None
    scores: NDArray[np.float32] | None = None

    def chunk(self, block: Block) -> Swept:
        """Assign one block."""
        counts, doubtful = _core.assign(
            self.team,
            block.matrix,
            self.centers,
            self.frame,
            self.labels[block.rows],
            self.tally,
            _part(self.weights, block),
            _cache(self.caches, block),
            self.nearby,
            self.longest,
            self.standing,
            None if self.scores is None else self.scores[block.rows],
        )
        rows = None if doubtful is None else doubtful.astype(np.intp) + block.start
        return Swept(plain(counts), rows)


@dataclass(frozen=True)
class AssignBounded:
    """The same, but for rows whose label stands: the centres have not moved as far as their gap."""

    team: Team
    centers: Floats
    frame: Frame
    reach: Reach
    labels: NDArray[np.int32]
    expiry: NDArray[np.float32]
    tally: Tally
    weights: Floats | None
    longest: float | None = None
    caches: Caches | None = None

    def chunk(self, block: Block) -> Swept:
        """Assign one block."""
        counts = _core.assign_bounded(
            self.team,
            block.matrix,
            self.centers,
            self.frame,
            self.reach,
            self.labels[block.rows],
            self.expiry[block.rows],
            self.tally,
            _part(self.weights, block),
            self.longest,
            _cache(self.caches, block),
        )
        return Swept(plain(counts))


@dataclass(frozen=True)
class AssignBoxes:
    """The same over boxes of rows, of a source of one block; labels in the order of the boxes."""

    team: Team
    centers: Floats
    frame: Frame
    boxes: Boxes
    labels: NDArray[np.int32]
    tally: Tally
    weights: Floats | None

    def chunk(self, block: Block) -> Swept:
        """Assign the block."""
        counts = _core.assign_boxes(
            self.team,
            block.matrix,
            self.centers,
            self.frame,
            self.boxes,
            self.labels,
            self.tally,
            self.weights,
        )
        return Swept(plain(counts))


@dataclass(frozen=True)
class OwnDistances:
    """Squared distance of every row to the centre of its label."""

    team: Team
    centers: Floats
    labels: NDArray[np.int32]
    out: Floats

    def chunk(self, block: Block) -> int:
        """Measure one block; returns its number of rows."""
        rows = block.rows
        _core.own_distances(
            self.team, block.matrix, self.centers, self.labels[rows], self.out[rows]
        )
        return block.matrix.shape[0]


@dataclass(frozen=True)
class Rivals:
    """Squared distance of every row to its own centre and to its rival, the nearest other one.

    If asked for, also how wide every cluster is towards every other centre: sums of `shares`
    (`crates/core/src/distance/two_nearest.rs`), with weights as integers.
    """

    team: Team
    centers: Floats
    labels: NDArray[np.int32]
    own: Floats
    other: Floats
    rival: NDArray[np.int32]
    weights: NDArray[np.uint32] | None = None
    shares: bool = False

    def chunk(self, block: Block) -> Wide:
        """Measure one block."""
        rows = block.rows
        shares = _core.rivals(
            self.team,
            block.matrix,
            self.centers,
            self.labels[rows],
            self.own[rows],
            self.other[rows],
            self.rival[rows],
            None if self.weights is None else self.weights[rows],
            self.shares,
        )
        return Wide(shares)


@dataclass(frozen=True)
class Wide:
    """How wide clusters are towards each other, where that was asked for."""

    shares: Shares | None

    def __add__(self, other: Wide) -> Wide:
        """Merge with what other rows say."""
        if self.shares is None or other.shares is None:
            return Wide(None)
        return Wide(self.shares + other.shares)


@dataclass(frozen=True)
class AllDistances:
    """Euclidean distance of every row to every centre, in the type of `out`."""

    team: Team
    centers: Floats
    out: NDArray[np.floating]

    def chunk(self, block: Block) -> int:
        """Measure one block; returns its number of rows."""
        out = self.out[block.rows]
        if not _core.all_distances(self.team, block.matrix, self.centers, out):
            raise OverflowError(
                f"distances exceed the largest {out.dtype}; "
                + ("use X.astype(float64)" if out.dtype == np.float32 else "divide X")
            )
        return block.matrix.shape[0]


@dataclass(frozen=True)
class Near:
    """What seeding knows of every row: beside the source, 20 bytes a row, or 12 without floors.

    Attributes
    ----------
    distances : ndarray of float64 of shape (n_samples,)
        Squared distance to the nearest of the centres chosen so far.
    nearest : ndarray of int32 of shape (n_samples,)
        That centre.
    floors : ndarray of float64 of shape (n_samples,)
        What rules out candidates (`crates/core/src/seeding`), in `frame`; empty for rows in bytes.
    frame : Frame
        Origin and unit of the float32 filter.
    kept : dict of int to Kept, or None
        Packed rows of the block that begins there: in bytes, or in float32, 4 bytes a number. None:
        pack anew in every step.
    list_one_in : int
        Lists of rows that candidates would take hold one for so many rows.
    """

    distances: Floats
    nearest: NDArray[np.int32]
    floors: Floats
    frame: Frame
    kept: dict[int, Kept] | None
    list_one_in: int = 4


@dataclass(frozen=True)
class Lower:
    """Lower every row's distance to that to one more centre, where it is nearer."""

    team: Team
    center: Floats
    label: int
    near: Near

    def chunk(self, block: Block) -> int:
        """Update one block; returns its number of rows."""
        distances, nearest = self.near.distances[block.rows], self.near.nearest[block.rows]
        _core.lower(self.team, block.matrix, self.center, self.label, distances, nearest)
        return block.matrix.shape[0]


@dataclass(frozen=True)
class Floors:
    """Find the floors of all rows, and pack those that are to be kept."""

    team: Team
    near: Near

    def chunk(self, block: Block) -> int:
        """Update one block; returns its number of rows."""
        near = self.near
        kept = None if near.kept is None else near.kept.setdefault(block.start, Kept())
        _core.floors(self.team, block.matrix, near.frame, near.floors[block.rows], kept)
        return block.matrix.shape[0]


@dataclass(frozen=True)
class RoundRows:
    """Round all rows to bytes, which are kept."""

    team: Team
    near: Near

    def chunk(self, block: Block) -> int:
        """Round one block; returns its number of rows."""
        assert self.near.kept is not None
        kept = self.near.kept.setdefault(block.start, Kept())
        _core.round_rows(self.team, block.matrix, self.near.frame, kept)
        return block.matrix.shape[0]


@dataclass(frozen=True)
class Trials:
    """What each of several candidates would gain."""

    team: Team
    candidates: Candidates
    near: Near
    weights: Floats | None
    exactly: bool

    def chunk(self, block: Block) -> Gains:
        """Try them on one block."""
        near, rows = self.near, block.rows
        return _core.trials(
            self.team,
            block.matrix,
            block.start,
            near.frame,
            self.candidates,
            near.distances[rows],
            near.nearest[rows],
            near.floors[rows] if near.floors.size else near.floors,
            None if near.kept is None else near.kept[block.start],
            _part(self.weights, block),
            self.exactly,
            near.list_one_in,
        )
