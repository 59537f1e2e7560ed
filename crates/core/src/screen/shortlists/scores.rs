//! The kernel of bytes: t~ of some rows against all centers, a center to a lane.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::memory::Grow;
use crate::screen::shortlists::centers::{ByteCenters, Group, VECTORS};
use crate::screen::shortlists::round::{ByteRows, cells};
use crate::simd::{Simd, Task};

/// Rows of a microtile: with four vectors of centers, 16 accumulators.
pub(super) const TILE: usize = 4;

/// What is known of some rows.
#[derive(Default)]
pub(super) struct Scores {
    /// t~, [row][center].
    pub(super) all: Vec<f32>,
    /// The least t~ of a lane of a group, [row][group][lane].
    pub(super) leasts: Vec<f32>,
    /// The least t~ + eps of a lane, [row][lane].
    pub(super) upper: Vec<f32>,
}

impl Scores {
    /// Scores rows, whole microtiles.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(&mut self, simd: S, centers: &ByteCenters, rows: &ByteRows) {
        let count = rows.units.len();
        self.all.set_length(count * centers.padded(), 0.0);
        self.leasts.set_length(count * centers.groups.len() * S::LANES, 0.0);
        self.upper.set_length(count * S::LANES, 0.0);
        self.upper.fill(f32::INFINITY);
        simd.vectorize(Score { centers, rows, scores: self });
    }
}

struct Score<'a> {
    centers: &'a ByteCenters,
    rows: &'a ByteRows,
    scores: &'a mut Scores,
}

impl Task for Score<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Score { centers, rows, scores } = self;
        let padded = centers.padded();
        for at in 0..centers.groups.len() {
            let from = at * VECTORS * S::LANES;
            match (padded - from) / S::LANES {
                1 => group::<S, 1>(simd, centers, rows, at, scores),
                2 => group::<S, 2>(simd, centers, rows, at, scores),
                3 => group::<S, 3>(simd, centers, rows, at, scores),
                _ => group::<S, VECTORS>(simd, centers, rows, at, scores),
            }
        }
    }
}

/// Scores all rows against a group of V vectors of centers, which stay in the first-level cache.
#[inline(always)]
fn group<S: Simd, const V: usize>(simd: S, centers: &ByteCenters, rows: &ByteRows, at: usize, scores: &mut Scores) {
    let (each, from, groups) = (cells(centers.columns), at * VECTORS * S::LANES, centers.groups.len());
    let common: Group = centers.groups[at];
    let numbers = &centers.cells[from * each..][..V * S::LANES * each];
    let padded = centers.padded();
    let mut half = [simd.splat(0.0); V];
    for v in 0..V {
        half[v] = simd.load(&centers.halves[from + v * S::LANES..]);
    }
    for first in (0..rows.units.len()).step_by(TILE) {
        let row = |r: usize| &rows.cells[(first + r) * each..][..each];
        let sums = sums::<S, V>(simd, [row(0), row(1), row(2), row(3)], numbers, &rows.starts[first..]);
        for r in 0..TILE {
            let row = first + r;
            let unit = simd.splat(rows.units[row] * common.unit);
            let mut least = simd.splat(f32::INFINITY);
            let out = &mut scores.all[row * padded + from..][..V * S::LANES];
            for v in 0..V {
                let score = simd.subtract_product(half[v], simd.to_floats(sums[r][v]), unit);
                simd.store(score, &mut out[v * S::LANES..]);
                // What is not a number is the least.
                least = simd.min(least, score);
            }
            simd.store(least, &mut scores.leasts[(row * groups + at) * S::LANES..]);
            let eps = simd.splat(common.error(rows.norms[row], rows.errors[row]));
            let upper = &mut scores.upper[row * S::LANES..][..S::LANES];
            simd.store(simd.min(simd.add(least, eps), simd.load(upper)), upper);
        }
    }
}

/// q.p of TILE rows and V vectors of centers.
#[inline(always)]
fn sums<S: Simd, const V: usize>(
    simd: S,
    rows: [&[[u8; 4]]; TILE],
    centers: &[i32],
    starts: &[i32],
) -> [[S::Ints; V]; TILE] {
    let mut sums = [[simd.splat_int(0); V]; TILE];
    for r in 0..TILE {
        sums[r] = [simd.splat_int(starts[r]); V];
    }
    let cells = centers.chunks_exact(V * S::LANES);
    let rows = rows[0].iter().zip(rows[1]).zip(rows[2].iter().zip(rows[3]));
    for (centers, ((a, b), (c, d))) in cells.zip(rows) {
        let mut p = [simd.splat_int(0); V];
        for v in 0..V {
            p[v] = simd.load_int(&centers[v * S::LANES..]);
        }
        let q = [a, b, c, d];
        for r in 0..TILE {
            let q = simd.splat_int(i32::from_le_bytes(*q[r]));
            for v in 0..V {
                sums[r][v] = simd.add_quads(sums[r][v], p[v], q);
            }
        }
    }
    sums
}
