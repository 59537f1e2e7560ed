//! The int16 kernel: twice as many products to an instruction as float32 has, and exact sums.
//!
//! For dense rows of five columns and more; what it does not decide is scored again in float32.
//!
//! With steps 1/Q and 1/P, a row y and a center b_j of the frame (screen/certificate.rs) become the integers q =
//! round(Q y~), p_j = round(P b_j) and H_j = round(Q P |b_j|^2 / 2). Q is such that Q |y| and Q |b_j| are at most 32000
//! for all rows and centers, P such that P |b_j| are: centers are means, which are shorter than rows, and have the
//! finer step. The tile computes T_j = H_j - q.p_j exactly: |T_j| <= 1.5 (32000 + 0.51 sqrt(d))^2 < 2^31, so that sums
//! in 32 bits are right however they wrap on the way, and two products of numbers below 2^15 fit 32 bits.
//!
//! **Certificate.** With e = Q y - q and f_j = P b_j - p_j,
//!
//!   Q P (|b_j|^2 / 2 - y.b_j) - T_j = (Q P |b_j|^2 / 2 - H_j) - q.f_j - e.(P b_j),
//!
//! so that in the frame's unit |T_j / (Q P) - s_j| <= eps(R) = 0.6 / (Q P) + (|y| + |e| / Q) F + (|e| / Q) R for all
//! |b_j| <= R, with F >= |f_j| / P. (0.6: half for the rounding of H_j, the rest for the float64 sum before it.) The
//! theorem of screen/certificate.rs does not ask where eps comes from. F is known, the centers being few; |e| / Q is
//! summed row by row, and covers the float32 roundings before: |Q y - q| <= |Q y~ rounded - q| + Q (r + u) |y|, r + u <
//! 2^-22.
//!
//! Rows that this does not decide are scored again in float32 (screen/dense.rs). Where those are too many, sweeps go
//! back to float32 (precision.py).

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::memory::{Grow, filled, zeros};
use crate::rows::Selection;
use crate::screen::certificate::{INFLATE, Terms, twice_inflated};
use crate::screen::frame::Frame;
use crate::screen::kernel::i8::{self, Quads};
use crate::screen::kernel::micro::slot;
use crate::screen::kernel::micro::{self, Block, Centers, Kernel, Number, Sums};
use crate::screen::kernel::tile;
use crate::screen::pack::{Pack, STRIP, Sink, norm_of};
use crate::screen::verdicts::Verdicts;
use crate::simd::{SIDE, Simd};

/// Q times the longest row or center, and P times the longest center.
const LONGEST: f64 = 32000.0;
/// More columns are not scored so: the bound of |T_j| needs sqrt(d) to be small beside `LONGEST`.
const MOST_COLUMNS: usize = 1 << 20;
/// P / Q at most.
const FINEST: f64 = 1024.0;

/// Fewer columns are not scored in bytes: what is left to do with the sums costs more (decision 0029).
const FEWEST_BYTES: usize = 96;

/// How int16 lie in int32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How many int32 a row has.
    pub(crate) cells: usize,
    /// Whether they are high and low bytes of four columns in turn (kernel/i8.rs), or two columns each.
    pub(crate) bytes: bool,
}

impl Layout {
    /// For so many columns, with tiles or without.
    pub fn new(tiles: bool, columns: usize) -> Layout {
        let bytes = tiles && columns >= FEWEST_BYTES;
        Layout { bytes, cells: if bytes { i8::cells(columns) } else { columns.div_ceil(2) } }
    }

    /// Bytes that a row takes, with its norm and its error.
    pub fn row_bytes(&self) -> usize {
        4 * self.cells + 8
    }
}

/// Centers in int16, two to an int32.
pub(crate) struct Grid {
    /// -p_j, [group][pair][center of the group], or as kernel/i8.rs has them.
    numbers: Vec<i32>,
    /// H_j, padded with the largest integer.
    halves: Vec<i32>,
    group: usize,
    layout: Layout,
    /// Q.
    scale: f32,
    /// P.
    fine: f64,
    /// Longer rows are not decided.
    limit: f32,
    radius: f32,
    terms: Terms,
}

impl Grid {
    /// For the centers at some indices, `group` to a microtile, and rows of norm at most `max_norm`. `largest` is no
    /// less than the norm of any of the centers. None where it would not do.
    pub(crate) fn new<S: Simd>(
        simd: S,
        frame: &Frame,
        (centers, distinct): (&[f64], &[i32]),
        group: usize,
        (max_norm, largest): (f64, f64),
    ) -> Option<Grid> {
        let columns = frame.shift.len();
        let most = max_norm.max(largest);
        let scale = (LONGEST / most) as f32;
        if !frame.holds || columns > MOST_COLUMNS || !(most.is_finite() && most > 1e-30 && scale.is_finite()) {
            return None;
        }
        let q = scale as f64;
        let fine = (LONGEST / largest).min(FINEST * q);
        let layout = Layout::new(simd.has_tiles(), columns);
        let group = if layout.bytes { SIDE } else { group };
        let (pairs, padded) = (layout.cells, distinct.len().next_multiple_of(group));
        let (mut numbers, mut halves) = (zeros(padded * pairs), filled(i32::MAX, padded));
        let mut off = 0f64;
        for (at, &j) in distinct.iter().enumerate() {
            let center = &centers[j as usize * columns..][..columns];
            let (mut square, mut rest) = (0.0, 0.0);
            // Both columns of a pair are placed at once, and pairs of a center are `group` apart.
            let placed = center.chunks(2).zip(frame.shift.chunks(2));
            let cells = numbers[slot(group, pairs, at, 0)..].iter_mut().step_by(group);
            for ((coordinates, shifts), cell) in placed.zip(cells) {
                for (half, (c, shift)) in coordinates.iter().zip(shifts).enumerate() {
                    let b = (c * frame.scale - shift) * fine;
                    let p = round(b);
                    square += b * b;
                    rest += (b - p) * (b - p);
                    *cell |= ((-p as i32 as u32 & 0xffff) << (16 * half)) as i32;
                }
            }
            halves[at] = round(0.5 * square * (q / fine)) as i32;
            off = off.max(rest);
        }
        if layout.bytes {
            numbers = i8::regroup(&numbers, group, layout.cells);
        }
        // 1e-6: float64 places a center to within a relative 2^-53.
        let (off, tiny) = ((off.sqrt() * (1.0 + 1e-9) + 1e-6) / fine, (columns + 2) as f64 * 2f64.powi(-125));
        let constant = 0.6 / (q * fine) + tiny;
        Some(Grid {
            numbers,
            halves,
            group,
            layout,
            scale,
            fine,
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

    /// Q.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// How rows are to lie.
    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// The centers, for the tile.
    #[inline(always)]
    pub(crate) fn centers(&self) -> Centers<'_, i32> {
        Centers {
            numbers: &self.numbers,
            halves: &self.halves,
            cells: self.layout.cells,
            group: self.group,
            bytes: self.layout.bytes,
            unit: (1.0 / (self.scale as f64 * self.fine)) as f32,
            radius: self.radius,
            terms: self.terms,
        }
    }
}

/// Rows in int16, packed like those in float32 (screen/pack.rs), and how far off they are in the frame's unit.
#[derive(Default)]
pub(crate) struct Shorts {
    /// [microtile][cell][lane]
    pub(crate) cells: Vec<i32>,
    /// Upper bounds of |e| / Q, row by row.
    pub(crate) errors: Vec<f32>,
    /// Upper bounds of norms.
    pub(crate) norms: Vec<f32>,
}

impl Shorts {
    /// Makes room for so many rows.
    pub(crate) fn resize(&mut self, rows: usize, layout: Layout) {
        self.cells.set_length(rows * layout.cells, 0);
        self.errors.set_length(rows, 0.0);
        self.norms.set_length(rows, 0.0);
    }

    /// All of them.
    pub(crate) fn slices(&mut self) -> Slices<'_> {
        Slices { cells: &mut self.cells, errors: &mut self.errors, norms: &mut self.norms }
    }
}

/// Some rows of `Shorts`, whole microtiles.
pub(crate) struct Slices<'a> {
    /// See `Shorts`.
    pub(crate) cells: &'a mut [i32],
    /// See `Shorts`.
    pub(crate) errors: &'a mut [f32],
    /// See `Shorts`.
    pub(crate) norms: &'a mut [f32],
}

impl Slices<'_> {
    /// Rows from..to.
    #[inline(always)]
    pub(crate) fn part(&mut self, from: usize, to: usize, layout: Layout) -> Slices<'_> {
        Slices {
            cells: &mut self.cells[from * layout.cells..to * layout.cells],
            errors: &mut self.errors[from..to],
            norms: &mut self.norms[from..to],
        }
    }

    /// Packs some rows (dense ones), which fill these microtiles.
    #[inline(always)]
    pub(crate) fn fill<S: Simd, R: Pack>(
        &mut self,
        simd: S,
        grid: &Grid,
        (rows, frame, selection): (&R, &Frame, Selection),
        strip: &mut Vec<f32>,
    ) {
        strip.set_length((STRIP + 8) * rows.microtile::<S>(), 0.0);
        rows.pack(simd, frame, selection, &mut Convert { grid, columns: rows.columns(), strip, slices: self });
    }

    /// The first `count` of them, for the tile.
    #[inline(always)]
    pub(crate) fn block(&self, count: usize) -> Block<'_, i32> {
        Block { numbers: self.cells, norms: self.norms, errors: self.errors, count }
    }
}

/// Takes packed columns, and makes int16 of them.
struct Convert<'a, 'b> {
    grid: &'a Grid,
    columns: usize,
    strip: &'a mut [f32],
    slices: &'a mut Slices<'b>,
}

impl<S: Simd> Sink<S> for Convert<'_, '_> {
    #[inline(always)]
    fn room(&mut self, _: usize, (from, to): (usize, usize)) -> &mut [f32] {
        &mut self.strip[..(to - from) * S::VECTORS * S::LANES]
    }

    #[inline(always)]
    fn take(&mut self, simd: S, tile: usize, (from, to): (usize, usize)) {
        let width = S::VECTORS * S::LANES;
        let (start, scale) = (tile * width, simd.splat(self.grid.scale));
        let strip = &self.strip[..(to - from) * width];
        let (Layout { cells: each, bytes }, last) = (self.grid.layout, to == self.columns);
        let Slices { cells, errors, norms } = &mut *self.slices;
        let whole = &mut cells[start * each..][from / 2 * width..if last { each } else { to / 2 } * width];
        let (cells, padding) = whole.split_at_mut((to.div_ceil(2) - from / 2) * width);
        padding.fill(0);
        let (norms, errors) = (&mut norms[start..][..width], &mut errors[start..][..width]);
        for v in (0..width).step_by(S::LANES) {
            let (norm, error) = (&mut norms[v..][..S::LANES], &mut errors[v..][..S::LANES]);
            let zero = simd.splat(0.0);
            let (mut square, mut off) = if from == 0 { (zero, zero) } else { (simd.load(norm), simd.load(error)) };
            let mut round = |x: S::Floats| {
                square = simd.add(square, simd.multiply(x, x));
                let x = simd.multiply(x, scale);
                let i = simd.round(x);
                let x = simd.subtract(x, simd.to_floats(i));
                off = simd.add_product(off, x, x);
                i
            };
            for (two, cell) in strip.chunks(2 * width).zip(cells.chunks_exact_mut(width)) {
                let i = round(simd.load(&two[v..]));
                // The last of an odd number of columns is paired with zeros.
                let j = if two.len() > width { round(simd.load(&two[width + v..])) } else { simd.splat_int(0) };
                simd.store_int(simd.pair(i, j), &mut cell[v..]);
            }
            if !last {
                simd.store(square, norm);
                simd.store(off, error);
                continue;
            }
            // As the norms: a float32 sum of squares is low by a relative (d + 2) u at most.
            let inflate = simd.splat((1.0 + (to + 32) as f32 * f32::EPSILON) / self.grid.scale);
            let length = norm_of(simd, square, to);
            let before = simd.multiply(length, simd.splat(2f32.powi(-22)));
            simd.store(length, norm);
            simd.store(simd.add(simd.multiply(simd.sqrt(off), inflate), before), error);
            for (error, norm) in error.iter_mut().zip(&*norm) {
                if norm.is_nan() || *norm > self.grid.limit {
                    *error = f32::INFINITY;
                }
            }
        }
        if bytes {
            i8::split(whole, width);
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
    const STRIP: usize = if P == 0 { 128 } else { usize::MAX };

    #[inline(always)]
    fn add<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[i32],
        centers: &[i32],
        sums: Sums<S, i32, R, C>,
    ) -> Sums<S, i32, R, C> {
        micro::add_cells::<S, i32, R, C, P>(simd, rows, centers, sums)
    }

    #[inline(always)]
    fn finish<S: Simd, const R: usize, const C: usize>(simd: S, sums: Sums<S, i32, R, C>) -> [[S::Floats; R]; C] {
        micro::to_floats(simd, sums)
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
        centers: &Centers<i32>,
        rows: Block<i32>,
        from: usize,
        verdicts: &mut Verdicts,
    ) {
        match centers.cells {
            // Tiles are 16 x 16 whatever the registers hold.
            _ if centers.bytes && S::LANES == SIDE && C == S::FEW => {
                tile::screen_by::<S, i32, Quads, 2, SIDE>(simd, centers, rows, from, verdicts);
            }
            _ if centers.bytes => unreachable!("no tiles"),
            3 => tile::screen_by::<S, i32, Pairs<3>, R, C>(simd, centers, rows, from, verdicts),
            4 => tile::screen_by::<S, i32, Pairs<4>, R, C>(simd, centers, rows, from, verdicts),
            _ => tile::screen_by::<S, i32, Pairs<0>, R, C>(simd, centers, rows, from, verdicts),
        }
    }
}
