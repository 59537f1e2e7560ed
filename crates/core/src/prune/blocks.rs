//! Spatial blocks: rows of few columns that lie together, each block with a ball that holds it, and which centers
//! matter to a whole block.
//!
//! With up to four columns, the thirty-two rows of a block have one center, or a few, that can be nearest to any of
//! them. So rows are sorted once, and every sweep asks for each block, and before that for each group of blocks, which
//! centers remain; only those are scored, by the tile (kernel/tile.rs). (The idea is that of kd-tree filtering: Kanungo
//! and others, "An efficient k-means clustering algorithm", IEEE TPAMI 24(7), 2002; flat, because sums are exact
//! anyway.)
//!
//! **Filter.** In the frame (screen/certificate.rs) let a ball with center m and radius rho hold the rows y of a block.
//! If |m - b_j| - rho > |m - b_0| + rho for some center b_0, then |y - b_j| > |y - b_0| for each of them, so c_j is
//! nearest to none, and no tie either: the inequality is strict.
//!
//! **Rounding.** Distances are taken from m, a vector of float32, to x~ and b~, the placed row and center: D is a
//! float32 sum of d squared differences, |sqrt(D) - |m - b~|| <= (d + 4) u |m - b~| + sqrt(d) 2^-63 with u = 2^-24 (a
//! difference u, its square 2u, d additions at most, one more rounding each where products are not fused; halved by the
//! root, doubled again for the roundings of the root and of what follows; squares that underflow are below 2^-126
//! each). Placing moves a row or a center by at most r |y|, r |b_j| (screen/certificate.rs), which `slack` covers. So
//! grow, shrink and slack of [`Margins`] give bounds on either side, and `rho` is an upper bound.

use crate::memory::{Grow, collected, zeros};
use crate::prune::morton::{BLOCK, COLUMNS, Point, SHARE, point, sorted, widen};
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::pack::Pack;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Blocks of a group.
pub(crate) const GROUP: usize = 64;

/// A ball that holds rows.
#[derive(Clone, Copy, Default)]
pub(crate) struct BoundingBall {
    /// m.
    pub(crate) center: Point,
    /// rho, in the frame's unit.
    pub(crate) radius: f32,
    /// No row's norm exceeds it.
    pub(crate) norm: f32,
}

/// Factors that take float32 distances to bounds of real ones: see the head of this file.
#[derive(Clone, Copy)]
pub(crate) struct Margins {
    grow: f32,
    slack: f32,
}

impl Margins {
    /// For so many columns, and centers of norm at most `largest`.
    pub(crate) fn new(columns: usize, largest: f32) -> Margins {
        let u = f32::EPSILON / 2.0;
        let slack = (1.0 + largest) * u * 1.01 + (columns as f32).sqrt() * 2f32.powi(-62);
        Margins { grow: 1.0 + (columns + 16) as f32 * u, slack }
    }

    /// No less than the distance whose float32 square this is.
    #[inline(always)]
    pub(crate) fn up(&self, square: f32) -> f32 {
        square.sqrt() * self.grow + self.slack
    }

    /// Squares above this (a NaN where there are any: it rules nothing out) belong to centers that are nearest to no
    /// row of the ball: with sqrt(D_j) shrink - slack no more than the distance, they satisfy the filter's inequality.
    /// (1 / shrink <= grow^2, and the last factor covers the roundings.)
    #[inline(always)]
    pub(crate) fn limit(&self, least: f32, radius: f32) -> f32 {
        let reach = (self.up(least) + 2.0 * radius + self.slack) * (self.grow * self.grow);
        reach * reach * (1.0 + 2f32.powi(-19))
    }
}

/// Rows in blocks.
pub struct SpatialBlocks {
    columns: usize,
    /// Which row is where.
    pub order: Vec<u32>,
    /// Packed rows, in this order: [microtile][column][lane]. Places beyond the last row hold copies of it.
    pub(crate) packed: Vec<f32>,
    /// A ball for every block.
    pub(crate) balls: Vec<BoundingBall>,
    /// A ball for every group of blocks.
    pub(crate) groups: Vec<BoundingBall>,
}

impl SpatialBlocks {
    /// Sorts rows, given the least and the largest number of every column. `None` where there are too many columns or
    /// rows, or the frame cannot hold them.
    pub fn new<R: Pack>(
        workers: &Workers,
        isa: Isa,
        rows: &R,
        frame: &Frame,
        corners: (&[f64], &[f64]),
    ) -> Result<Option<SpatialBlocks>, Interrupted> {
        let (n, columns) = (rows.len(), rows.columns());
        if columns > COLUMNS || !rows.is_dense() || !frame.holds || n == 0 || n > u32::MAX as usize {
            return Ok(None);
        }
        let order = sorted(workers, rows, frame, corners)?;
        let mut blocks = SpatialBlocks { columns, order, packed: Vec::new(), balls: Vec::new(), groups: Vec::new() };
        isa.run(Fill { blocks: &mut blocks, workers, rows, frame })?;
        Ok(Some(blocks))
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Labels of all rows in the order of the blocks.
    pub fn take(&self, workers: &Workers, labels: &[i32]) -> Result<Vec<i32>, Interrupted> {
        let mut out = zeros(self.order.len());
        let parts = out.chunks_mut(SHARE).zip(self.order.chunks(SHARE));
        let take = |(out, order): (&mut [i32], &[u32])| {
            out.iter_mut().zip(order).for_each(|(out, &row)| *out = labels[row as usize]);
        };
        workers.sized(self.order.len() as f64).each(parts, || (), |(), part| take(part))?;
        Ok(out)
    }

    /// Writes labels in the order of the blocks back to the order of the rows.
    pub fn put(&self, ordered: &[i32], labels: &mut [i32]) {
        self.order.iter().zip(ordered).for_each(|(&row, &label)| labels[row as usize] = label);
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        4 * (self.order.len() + self.packed.len()) + size_of::<BoundingBall>() * (self.balls.len() + self.groups.len())
    }
}

struct Fill<'a, 'c, R> {
    blocks: &'a mut SpatialBlocks,
    workers: &'a Workers<'c>,
    rows: &'a R,
    frame: &'a Frame,
}

impl<R: Pack> Task for Fill<'_, '_, R> {
    type Out = Result<(), Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Fill { blocks, workers, rows, frame } = self;
        let (n, d) = (rows.len(), rows.columns());
        let SpatialBlocks { order, packed, balls, groups, .. } = blocks;
        let (count, width, order) = (n.div_ceil(BLOCK), rows.microtile::<S>(), &order[..]);
        // (Zeros whose pages are first written by whoever fills them, and not by this thread alone.)
        *packed = zeros(count * BLOCK * d);
        balls.set_length(count, BoundingBall::default());
        groups.set_length(count.div_ceil(GROUP), BoundingBall::default());
        let margins = Margins::new(d, 1.0);
        let parts = packed.chunks_mut(GROUP * BLOCK * d).zip(balls.chunks_mut(GROUP)).zip(groups).enumerate();
        workers.each(
            parts,
            || (),
            |(), (group, ((packed, balls), whole))| {
                let mut points = [[0.0; COLUMNS]; BLOCK];
                for (at, (ball, packed)) in balls.iter_mut().zip(packed.chunks_exact_mut(BLOCK * d)).enumerate() {
                    let from = (group * GROUP + at) * BLOCK;
                    // Rows of a block lie far apart where they came from.
                    for &row in order.iter().skip(from + BLOCK).take(BLOCK) {
                        rows.prefetch(simd, row as usize);
                    }
                    for (i, y) in points.iter_mut().enumerate() {
                        *y = point(rows, frame, order[(from + i).min(n - 1)] as usize);
                        for q in 0..d {
                            packed[(i / width * d + q) * width + i % width] = y[q];
                        }
                    }
                    *ball = around(&points, margins, None);
                    let zero = [0.0; COLUMNS];
                    // (Rounding is monotone, so that the root of the largest square is the largest root.)
                    let norm = margins.up(points.iter().map(|y| square(y, &zero)).fold(0.0, f32::max));
                    ball.norm = if ball.radius.is_finite() { norm } else { f32::INFINITY };
                }
                let mut centers = [[0.0; COLUMNS]; GROUP];
                centers.iter_mut().zip(&*balls).for_each(|(center, ball)| *center = ball.center);
                *whole = around(&centers[..balls.len()], margins, Some(balls));
                whole.norm = balls.iter().map(|ball| ball.norm).fold(0.0, f32::max);
            },
        )?;
        Ok(())
    }
}

/// The ball about the middle of some points, or of balls about them.
fn around(points: &[Point], margins: Margins, balls: Option<&[BoundingBall]>) -> BoundingBall {
    let (mut low, mut high) = ([f32::INFINITY; COLUMNS], [f32::NEG_INFINITY; COLUMNS]);
    points.iter().for_each(|y| widen(&mut low, &mut high, y));
    let mut center = [0.0; COLUMNS];
    (0..COLUMNS).for_each(|q| center[q] = low[q] + 0.5 * (high[q] - low[q]));
    let squares = points.iter().map(|y| square(y, &center));
    let radius = match balls {
        None => margins.up(squares.fold(0.0, f32::max)),
        Some(balls) => {
            let reach =
                |(square, ball): (f32, &BoundingBall)| (margins.up(square) + ball.radius) * (1.0 + f32::EPSILON);
            squares.zip(balls).map(reach).fold(0.0, f32::max)
        }
    };
    // Rows that overflow in the frame (huge numbers in a column that hardly varies) may be anywhere.
    let lost = points.iter().any(|y| y.iter().any(|y| !y.is_finite()));
    BoundingBall { center, radius: if lost { f32::INFINITY } else { radius }, norm: 0.0 }
}

fn square(a: &Point, b: &Point) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Centers side by side: [unit][column][center of the unit].
#[derive(Default)]
pub(crate) struct Lanes {
    units: Vec<f32>,
    squares: Vec<f32>,
    /// Positions of these centers among the distinct ones, ascending.
    pub(crate) places: Vec<u32>,
}

impl Lanes {
    /// All centers.
    pub(crate) fn all<S: Simd>(simd: S, prepared: &PreparedCenters) -> Lanes {
        let mut lanes = Lanes { places: collected(0..prepared.distinct as u32), ..Lanes::default() };
        lanes.fill(simd, prepared);
        lanes
    }

    /// Some centers.
    pub(crate) fn fill<S: Simd>(&mut self, _: S, prepared: &PreparedCenters) {
        let (d, units) = (prepared.columns, self.places.len().div_ceil(S::LANES));
        self.units.clear();
        // Padding lies where no limit reaches; its square may well overflow.
        self.units.set_length(units * d * S::LANES, (1u64 << 62) as f32);
        self.squares.set_length(units * S::LANES, 0.0);
        for (at, &place) in self.places.iter().enumerate() {
            for q in 0..d {
                self.units[(at / S::LANES * d + q) * S::LANES + at % S::LANES] = prepared.coordinate(place as usize, q);
            }
        }
    }

    /// Writes the positions of the centers that may be nearest to a row of the ball to the front of `out`, and returns
    /// how many they are.
    #[inline(always)]
    pub(crate) fn remaining<S: Simd>(
        &mut self,
        simd: S,
        columns: usize,
        ball: &BoundingBall,
        margins: Margins,
        out: &mut Vec<u32>,
    ) -> usize {
        let mut least = simd.splat(f32::INFINITY);
        let units = self.units.chunks_exact(columns * S::LANES);
        for (unit, squares) in units.zip(self.squares.chunks_exact_mut(S::LANES)) {
            let mut sum = simd.splat(0.0);
            for (q, centers) in unit.chunks_exact(S::LANES).enumerate() {
                let t = simd.subtract(simd.load(centers), simd.splat(ball.center[q]));
                sum = simd.add_product(sum, t, t);
            }
            least = simd.min(least, sum);
            simd.store(sum, squares);
        }
        let limit = margins.limit(simd.least(least), ball.radius);
        if out.len() < self.places.len() {
            out.set_length(self.places.len(), 0);
        }
        // (A slice and a count stay in registers, as a vector that grows does not.)
        let (out, mut count) = (&mut out[..self.places.len()], 0);
        if !limit.is_finite() {
            out.copy_from_slice(&self.places);
            return out.len();
        }
        // Written so that what is not a number rules nothing out.
        let beyond = simd.splat(limit.next_up());
        for (squares, places) in self.squares.chunks_exact(S::LANES).zip(self.places.chunks(S::LANES)) {
            let out_of_reach = simd.bits(simd.at_most(beyond, simd.load(squares)));
            let mut bits = !out_of_reach & ((1u64 << places.len()) - 1) as u32;
            while bits != 0 {
                out[count] = places[bits.trailing_zeros() as usize];
                count += 1;
                bits &= bits - 1;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;

    fn blocks_of(data: &[f64], columns: usize) -> (SpatialBlocks, Frame) {
        let n = data.len() / columns;
        let rows = Dense::contiguous(data, n, columns).unwrap();
        let most = data.iter().fold(0f64, |a, b| a.max(b.abs()));
        let frame = Frame::new(&vec![0.0; columns], &vec![most; columns]);
        let (low, high) = (vec![-most; columns], vec![most; columns]);
        let blocks =
            SpatialBlocks::new(&Workers::new(2, &|| true), Isa::best(), &rows, &frame, (&low, &high)).unwrap().unwrap();
        (blocks, frame)
    }

    #[test]
    fn every_row_has_one_place_in_a_ball_that_holds_it() {
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as f64 / (1u64 << 31) as f64
        };
        for (n, columns) in [(1, 1), (63, 2), (1000, 2), (5000, 3), (4097, 4)] {
            // Half of the rows uniform, half crowded into a corner, a few equal.
            let data: Vec<f64> = (0..n * columns)
                .map(|at| if at % 2 == 0 { random() } else { 1e-4 * random() * (at % 5) as f64 })
                .collect();
            let (blocks, frame) = blocks_of(&data, columns);
            let mut order = blocks.order.clone();
            order.sort_unstable();
            assert_eq!(order, (0..n as u32).collect::<Vec<_>>());
            for (place, &row) in blocks.order.iter().enumerate() {
                for ball in [blocks.balls[place / BLOCK], blocks.groups[place / BLOCK / GROUP]] {
                    let terms = (0..columns).map(|q| {
                        let y = data[row as usize * columns + q] * frame.scale - frame.shift[q];
                        (y - ball.center[q] as f64).powi(2)
                    });
                    assert!(terms.sum::<f64>().sqrt() <= ball.radius as f64, "row {row} of {n} x {columns}");
                }
            }
            let mean = blocks.balls.iter().map(|ball| ball.radius).sum::<f32>() / blocks.balls.len() as f32;
            assert!(n < 1000 || mean < 0.3 * blocks.groups[0].radius.max(0.5), "{mean}");
        }
    }
}
