//! Scores from int16: twice as many products to an instruction as float32 has, and exact sums.
//!
//! With a step 1/Q, a row y and a centre b_j of the frame (screen.rs) become the integers q = round(Q y~), p_j = round(Q b_j)
//! and H_j = round(Q^2 |b_j|^2 / 2). Q is such that Q |y| and Q |b_j| are at most 32000 for all rows and centres. The tile
//! computes T_j = H_j - q.p_j exactly: |T_j| <= 1.5 (32000 + 0.51 sqrt(d))^2 < 2^31, so that sums in 32 bits are right
//! however they wrap on the way, and two products of numbers below 2^15 fit 32 bits.
//!
//! **Certificate.** With e = Q y - q and f_j = Q b_j - p_j,
//!
//!   Q^2 (|b_j|^2 / 2 - y.b_j) - T_j = (Q^2 |b_j|^2 / 2 - H_j) - q.f_j - e.(Q b_j),
//!
//! so that in the frame's unit |T_j / Q^2 - s_j| <= eps(R) = 0.6 / Q^2 + (|y| + |e| / Q) F + (|e| / Q) R for all |b_j| <= R,
//! with F >= |f_j| / Q. (0.6: half for the rounding of H_j, the rest for the float64 sum before it.) The theorem of
//! screen.rs does not ask where eps comes from. F is known, the centres being few; |e| / Q is summed row by row, and covers
//! the float32 roundings before: |Q y - q| <= |Q y~ rounded - q| + Q (r + u) |y|, r + u < 2^-22.
//!
//! Rows that this does not decide are scored again in float32, side by side. Where those are too many, sweeps go back to
//! float32 (engine.py).

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::cells::{self, Block, Centres, Kernel, Number, Terms};
use crate::screen::{Frame, INFLATE, Screen, Verdicts, slot, twice_inflated};
use crate::simd::Simd;
use crate::tile;

/// Q times the longest row or centre.
const LONGEST: f64 = 32000.0;
/// More columns are not scored so: the bound of |T_j| needs sqrt(d) to be small beside `LONGEST`.
const MOST_COLUMNS: usize = 1 << 20;

/// Centres in int16, two columns to an int32.
pub struct Grid {
    /// -p_j, [group][pair][centre of the group].
    numbers: Vec<i32>,
    /// H_j, padded with the largest integer.
    halves: Vec<i32>,
    group: usize,
    /// Q.
    scale: f32,
    /// Longer rows are not decided.
    limit: f32,
    radius: f32,
    terms: Terms,
}

/// Rows in int16, and how far off they are in the frame's unit.
#[derive(Default)]
pub struct Shorts {
    cells: Vec<i32>,
    errors: Vec<f32>,
}

impl Grid {
    /// For the centres at some indices, `group` to a microtile, and rows of norm at most `longest`. `largest` is no less than
    /// the norm of any of the centres, and of those that are as near as `drift` (screen.rs). None where it would not do.
    pub fn new(
        frame: &Frame,
        (centres, distinct): (&[f64], &[i32]),
        group: usize,
        (longest, largest, drift): (f64, f64, f64),
    ) -> Option<Grid> {
        let columns = frame.shift.len();
        let most = longest.max(largest);
        let scale = (LONGEST / most) as f32;
        if !frame.holds || columns > MOST_COLUMNS || !(most.is_finite() && most > 1e-30 && scale.is_finite()) {
            return None;
        }
        let q = scale as f64;
        let (pairs, padded) = (columns.div_ceil(2), distinct.len().next_multiple_of(group));
        let (mut numbers, mut halves) = (vec![0; padded * pairs], vec![i32::MAX; padded]);
        let mut off = 0f64;
        for (at, &j) in distinct.iter().enumerate() {
            let centre = &centres[j as usize * columns..][..columns];
            let (mut square, mut rest) = (0.0, 0.0);
            // Both columns of a pair are placed at once, and pairs of a centre are `group` apart.
            let placed = centre.chunks(2).zip(frame.shift.chunks(2));
            let cells = numbers[slot(group, pairs, at, 0)..].iter_mut().step_by(group);
            for ((coordinates, shifts), cell) in placed.zip(cells) {
                for (half, (c, shift)) in coordinates.iter().zip(shifts).enumerate() {
                    let b = (c * frame.scale - shift) * q;
                    let p = round(b);
                    square += b * b;
                    rest += (b - p) * (b - p);
                    *cell |= ((-p as i32 as u32 & 0xffff) << (16 * half)) as i32;
                }
            }
            halves[at] = round(0.5 * square) as i32;
            off = off.max(rest);
        }
        // 1e-6: float64 places a centre to within a relative 2^-53.
        let (off, tiny) = ((off.sqrt() * (1.0 + 1e-9) + 1e-6) / q, (columns + 2) as f64 * 2f64.powi(-125));
        let constant = 0.6 / (q * q) + tiny + drift * (1.0 + largest);
        Some(Grid {
            numbers,
            halves,
            group,
            scale,
            limit: (most * (1.0 + 1e-6)) as f32,
            radius: (largest * INFLATE) as f32,
            terms: Terms {
                constant: twice_inflated(constant),
                by_norm: twice_inflated(off),
                by_error: twice_inflated(off),
                error: twice_inflated(1.0),
                ..Terms::default()
            },
        })
    }

    fn centres(&self, columns: usize) -> Centres<'_, i32> {
        Centres {
            numbers: &self.numbers,
            halves: &self.halves,
            cells: columns.div_ceil(2),
            group: self.group,
            unit: (1.0 / (self.scale as f64 * self.scale as f64)) as f32,
            radius: self.radius,
            terms: self.terms,
        }
    }

    /// Packed rows of float32 as int16.
    #[inline(always)]
    fn convert<S: Simd>(&self, simd: S, rows: Block<f32>, columns: usize, out: &mut Shorts) {
        let (width, pairs) = (S::VECTORS * S::LANES, columns.div_ceil(2));
        let tiles = rows.count.div_ceil(width);
        out.cells.resize(tiles * width * pairs, 0);
        out.errors.resize(tiles * width, 0.0);
        let (zero, scale) = (simd.splat(0.0), simd.splat(self.scale));
        // As the norms of tile.rs: a float32 sum of squares is low by a relative (d + 2) u at most.
        let inflate = simd.splat((1.0 + (columns + 32) as f32 * f32::EPSILON) / self.scale);
        let before = simd.splat(2f32.powi(-22));
        for tile in 0..tiles {
            let packed = &rows.numbers[tile * width * columns..][..width * columns];
            let cells = &mut out.cells[tile * width * pairs..][..width * pairs];
            for v in (0..width).step_by(S::LANES) {
                let mut square = zero;
                for pair in 0..pairs {
                    let mut halves = [simd.splat_int(0); 2];
                    for (half, place) in halves.iter_mut().enumerate() {
                        let column = 2 * pair + half;
                        if column < columns {
                            let x = simd.multiply(simd.load(&packed[column * width + v..]), scale);
                            *place = simd.round(x);
                            let off = simd.subtract(x, simd.to_floats(*place));
                            square = simd.add_product(square, off, off);
                        }
                    }
                    simd.store_int(simd.pair(halves[0], halves[1]), &mut cells[pair * width + v..]);
                }
                let norm = simd.load(&rows.norms[tile * width + v..]);
                let error = simd.add(simd.multiply(simd.sqrt(square), inflate), simd.multiply(norm, before));
                simd.store(error, &mut out.errors[tile * width + v..]);
            }
            for (error, norm) in out.errors[tile * width..].iter_mut().zip(&rows.norms[tile * width..][..width]) {
                if norm.is_nan() || *norm > self.limit {
                    *error = f32::INFINITY;
                }
            }
        }
    }
}

/// The nearest integer of a number below 2^51: without an instruction for it, the library's function is slow.
#[inline(always)]
fn round(x: f64) -> f64 {
    const SHIFT: f64 = (3u64 << 51) as f64;
    (x + SHIFT) - SHIFT
}

/// The kernel for P pairs of columns, or for any number of them (0).
struct Pairs<const P: usize>;

impl<const P: usize> Kernel<i32> for Pairs<P> {
    #[inline(always)]
    fn scores<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[i32],
        centres: &[i32],
        halves: &[i32],
    ) -> [[S::Floats; R]; C] {
        let sums = cells::begin::<S, i32, R, C>(simd, halves);
        let sums = cells::add_cells::<S, i32, R, C, P>(simd, rows, centres, sums);
        let mut out = [[simd.splat(0.0); R]; C];
        for c in 0..C {
            for r in 0..R {
                out[c][r] = simd.to_floats(sums[c][r]);
            }
        }
        out
    }
}

impl Number for i32 {
    type Lanes<S: Simd> = S::Ints;

    #[inline(always)]
    fn splat<S: Simd>(simd: S, x: i32) -> S::Ints {
        simd.splat_int(x)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[i32]) -> S::Ints {
        simd.load_int(from)
    }

    #[inline(always)]
    fn add_cell<S: Simd>(simd: S, sum: S::Ints, x: S::Ints, b: S::Ints) -> S::Ints {
        simd.add_pairs(sum, x, b)
    }

    #[inline(always)]
    fn screen<S: Simd, const R: usize, const C: usize>(
        simd: S,
        centres: &Centres<i32>,
        rows: Block<i32>,
        verdicts: &mut Verdicts,
    ) {
        match centres.cells {
            3 => tile::screen_by::<S, i32, Pairs<3>, R, C>(simd, centres, rows, verdicts),
            4 => tile::screen_by::<S, i32, Pairs<4>, R, C>(simd, centres, rows, verdicts),
            _ => tile::screen_by::<S, i32, Pairs<0>, R, C>(simd, centres, rows, verdicts),
        }
    }
}

/// Screens rows packed in float32: as int16 first, where the screen has a grid.
#[inline(always)]
pub fn screen<S: Simd>(simd: S, screen: &Screen, rows: Block<f32>, verdicts: &mut Verdicts) {
    let Some(grid) = &screen.grid else { return tile::screen(simd, &screen.floats(), rows, verdicts) };
    let (columns, mut shorts) = (screen.columns, std::mem::take(&mut verdicts.shorts));
    grid.convert(simd, rows, columns, &mut shorts);
    let block = Block { numbers: &shorts.cells, norms: rows.norms, errors: &shorts.errors, count: rows.count };
    tile::screen(simd, &grid.centres(columns), block, verdicts);
    verdicts.shorts = shorts;
    if !verdicts.unsure.is_empty() {
        look_again(simd, screen, rows, verdicts);
    }
}

/// Screens the rows that are unsure in float32.
#[inline(always)]
fn look_again<S: Simd>(simd: S, screen: &Screen, rows: Block<f32>, verdicts: &mut Verdicts) {
    let (width, columns) = (S::VECTORS * S::LANES, screen.columns);
    let unsure = std::mem::take(&mut verdicts.unsure);
    let mut again = verdicts.again.take().unwrap_or_default();
    let Again { numbers, norms, verdicts: found } = &mut *again;
    let padded = unsure.len().next_multiple_of(width);
    numbers.resize(padded * columns, 0.0);
    norms.resize(padded, 0.0);
    for (to, &from) in unsure.iter().enumerate() {
        let from = from as usize;
        norms[to] = rows.norms[from];
        let (tile, lane) = (to / width * width * columns, to % width);
        let packed = rows.numbers[from / width * width * columns..][..width * columns].iter().skip(from % width);
        let placed = numbers[tile..tile + width * columns].iter_mut().skip(lane).step_by(width);
        placed.zip(packed.step_by(width)).for_each(|(to, from)| *to = *from);
    }
    let block = Block { numbers, norms, errors: norms, count: unsure.len() };
    tile::screen(simd, &screen.floats(), block, found);
    for (at, &row) in unsure.iter().enumerate() {
        let row = row as usize;
        verdicts.best[row] = found.best[at];
        verdicts.least[row] = found.least[at];
        verdicts.second[row] = found.second[at];
        verdicts.twice[row] = found.twice[at];
    }
    verdicts.unsure.extend(found.unsure.iter().map(|&at| unsure[at as usize]));
    verdicts.repeated += unsure.len() as u64;
    verdicts.again = Some(again);
}

/// Room for rows that are looked at again.
#[derive(Default)]
pub struct Again {
    numbers: Vec<f32>,
    norms: Vec<f32>,
    verdicts: Verdicts,
}
