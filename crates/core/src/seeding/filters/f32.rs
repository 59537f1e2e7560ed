//! Which candidates a dense row may come nearer to: by the scores of the float32 tile.
//!
//! In a frame (screen/certificate.rs: y = s (x - m), b = s (z - m), and a score s~ within eps = |y| k1 |b| + k2 |b|^2 +
//! w0 of |b|^2 / 2 - y.b) s^2 |x - z|^2 = |y|^2 + 2 (|b|^2 / 2 - y.b) >= |y|^2 + 2 s~ - 2 eps. With 2 |y||b| <= |y|^2 +
//! |b|^2,
//!
//!   2 eps <= k1 |y|^2 + (k1 + 2 k2) |b|^2 + 2 w0,
//!
//! a part of the row and a part of the candidate. A score that starts from h~ (1 - (k1 + 2 k2)), with h~ about |b|^2 /
//! 2, has the candidate's part taken off already; so z is ruled out (candidates.rs) if the score exceeds the row's
//!
//!   bar = (s^2 U - |y|^2 (1 - k1)) / 2 + w0.
//!
//! |y|^2 is taken from `floors`, N (1 - (d + 16) 2^-52) - d 2^-1070 with N = |y|^2 as computed, of relative error (d +
//! 4) 2^-53. The sum in the bar is taken in float64 (what is left of that factor, and of 1 + 3 rho in U, covers its
//! roundings), then rounded to float32 upward. Nothing is NaN: in a frame that holds, |y| and |b| are at most 1, and
//! candidates are rows.

use crate::memory::{Grow, collected, zeros};
use crate::rows::Selection;
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::kernel;
use crate::screen::kernel::tile::{self, Shaped};
use crate::screen::pack::{Pack, Packed};
use crate::seeding::candidates::{Candidates, Near, PIECE};
use crate::seeding::filters::hits::{Hit, note};
use crate::simd::{Isa, Simd, Task};
use crate::threads::{self, Interrupted, Workers};

/// The candidates as the tile wants them, their part of the error taken off.
#[inline(always)]
pub(crate) fn prepare<S: Simd>(simd: S, frame: &Frame, places: &[f64], columns: usize) -> PreparedCenters {
    let mut prepared = PreparedCenters::dense(simd, frame, places, columns, None);
    let [k1, k2] = [prepared.terms.norm, prepared.terms.square].map(|twice| 0.5 * twice as f64);
    // 1.001 and 8 u: h~ is below |b|^2 / 2 by 1.02 u at most, and is rounded again here. Padding stays infinite.
    let factor = 1.0 - 1.001 * (k1 + 2.0 * k2) - 8.0 / (1u64 << 24) as f64;
    prepared.halves.iter_mut().for_each(|half| *half = (*half as f64 * factor) as f32);
    prepared
}

/// The rows' floors; and the rows packed, where they are to be kept.
pub fn floors<R: Pack>(
    workers: &Workers,
    isa: Isa,
    rows: &R,
    frame: &Frame,
    floors: &mut [f64],
    kept: Option<&mut Vec<f32>>,
) -> Result<(), Interrupted> {
    isa.run(Floors { workers, isa, rows, frame, floors, kept })
}

struct Floors<'a, 'c, R> {
    workers: &'a Workers<'c>,
    isa: Isa,
    rows: &'a R,
    frame: &'a Frame,
    floors: &'a mut [f64],
    kept: Option<&'a mut Vec<f32>>,
}

impl<R: Pack> Task for Floors<'_, '_, R> {
    type Out = Result<(), Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> Self::Out {
        let Floors { workers, isa, rows, frame, floors, kept } = self;
        let (n, d) = (rows.len(), rows.columns());
        assert!(floors.len() == n && frame.shift.len() == d, "shapes do not fit");
        let width = rows.microtile::<S>();
        let mut none = Vec::new();
        let packed = match kept {
            Some(kept) => {
                *kept = zeros(n.next_multiple_of(width) * d);
                kept
            }
            None => &mut none,
        };
        let share = threads::share(PIECE, 8.0 * d as f64).next_multiple_of(width);
        let mut packed = packed.chunks_mut(share * d);
        let pieces: Vec<_> = collected(floors.chunks_mut(share).map(|floors| (floors, packed.next())));
        let workers = workers.sized(n as f64 * d as f64 * 8.0);
        workers.each(pieces.into_iter().enumerate(), Default::default, |scratch, (piece, (floors, packed))| {
            isa.run(FloorsPiece { rows, frame, from: piece * share, floors, packed, scratch });
        })?;
        Ok(())
    }
}

struct FloorsPiece<'a, R> {
    rows: &'a R,
    frame: &'a Frame,
    from: usize,
    floors: &'a mut [f64],
    packed: Option<&'a mut [f32]>,
    scratch: &'a mut (Vec<f64>, Packed),
}

impl<R: Pack> Task for FloorsPiece<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let FloorsPiece { rows, frame, from, floors, packed, scratch: (row, scratch) } = self;
        let d = frame.shift.len();
        let (factor, lost) = (1.0 - (d + 16) as f64 * f64::EPSILON, d as f64 * f64::from_bits(16));
        for (at, floor) in floors.iter_mut().enumerate() {
            let x = rows.read(from + at, row);
            let mut square = 0.0;
            for (x, shift) in x.iter().zip(&frame.shift) {
                let y = x * frame.scale - shift;
                square += y * y;
            }
            *floor = square * factor - lost;
        }
        if let Some(packed) = packed {
            scratch.fill(simd, rows, frame, Selection::Range(from, from + floors.len()));
            packed.copy_from_slice(&scratch.rows);
        }
    }
}

/// Rows of a piece, and the room to look at them.
pub(crate) struct Look<'a, 'b> {
    /// First and last (excluded) of the rows.
    pub(crate) range: (usize, usize),
    /// What packs rows that are not kept.
    pub(crate) frame: &'a Frame,
    /// The rows packed, if they are kept.
    pub(crate) kept: Option<&'a [f32]>,
    /// Room for packed rows.
    pub(crate) packed: &'b mut Packed,
    /// Room for bars, and for what the nearest centers rule out.
    pub(crate) bars: (&'b mut Vec<f32>, &'b mut Vec<f64>),
}

/// Finds the rows of a piece that some candidates may come nearer to; returns how many rows their nearest center ruled
/// out.
#[inline(always)]
pub(crate) fn find<S: Simd, R: Pack>(
    simd: S,
    near: &Near<R>,
    candidates: &Candidates,
    (prepared, scale): (&PreparedCenters, f64),
    look: Look,
    hits: &mut Vec<Hit>,
) -> u64 {
    let Look { range: (from, to), frame, kept, packed, bars: (bars, limits) } = look;
    let width = near.rows.microtile::<S>();
    let skipped = raise_bars(near, candidates, prepared, scale, (from, to), width, (bars, limits));
    let d = candidates.columns;
    let rows = match kept {
        Some(rows) => &rows[from * d..(from + bars.len()) * d],
        None => {
            packed.fill(simd, near.rows, frame, Selection::Range(from, to));
            &packed.rows
        }
    };
    let closed = skipped > 0;
    tile::shaped(simd, prepared.group, Score { prepared, rows, bars, from, closed, hits });
    skipped
}

/// The bars of rows from..to, padded to whole microtiles; -inf where no candidate can come nearer.
#[inline(always)]
fn raise_bars<R: Pack>(
    near: &Near<R>,
    candidates: &Candidates,
    prepared: &PreparedCenters,
    scale: f64,
    (from, to): (usize, usize),
    width: usize,
    (bars, limits): (&mut Vec<f32>, &mut Vec<f64>),
) -> u64 {
    let error = candidates.error;
    let [k1, w0] = [prepared.terms.norm, prepared.terms.constant].map(|twice| 0.5 * twice as f64);
    let half = 0.5 * (1.0 - 1.001 * k1);
    let distances = &near.distances[from..to];
    bars.clear();
    bars.set_length((to - from).div_ceil(width) * width, f32::NEG_INFINITY);
    candidates.limits(&near.nearest[from..to], limits);
    // A pass of its own, which vectorises: rows that are ruled out lie side by side with those that are not.
    let mut skipped = 0;
    let rows = distances.iter().zip(&near.floors[from..to]).zip(&*limits);
    for (bar, ((distance, floor), limit)) in bars.iter_mut().zip(rows) {
        let upper = error.upper(*distance);
        let high = 0.5 * (upper * scale * scale) - half * floor;
        // Upward: float32 is off by 2^-24 of it, or by 2^-150, which half of 2 w0 covers.
        let rounded = (high + high.abs() * (1.0 / (1 << 22) as f64) + 2.0 * w0) as f32;
        let far = upper <= *limit;
        *bar = if far { f32::NEG_INFINITY } else { rounded };
        skipped += far as u64;
    }
    skipped
}

/// Packed rows from `from` on, their bars, and where to list those that a candidate may come nearer to.
struct Score<'a> {
    prepared: &'a PreparedCenters,
    rows: &'a [f32],
    bars: &'a [f32],
    from: usize,
    /// Whether some bars are infinite downward.
    closed: bool,
    hits: &'a mut Vec<Hit>,
}

impl Shaped for Score<'_> {
    #[inline(always)]
    fn run<S: Simd, const R: usize, const C: usize>(self, simd: S) {
        let Score { prepared, rows, bars, from, closed, hits } = self;
        let (width, d) = (R * S::LANES, prepared.columns);
        let words = 24 / C * C;
        for (tile, (rows, bars)) in rows.chunks_exact(width * d).zip(bars.chunks_exact(width)).enumerate() {
            let first = from + tile * width;
            if closed && bars.iter().all(|bar| *bar == f32::NEG_INFINITY) {
                continue;
            }
            let mut bar = [simd.splat(0.0); R];
            for (r, bar) in bar.iter_mut().enumerate() {
                *bar = simd.load(&bars[r * S::LANES..]);
            }
            for start in (0..prepared.padded).step_by(words) {
                let end = (start + words).min(prepared.padded);
                let mut codes = [simd.splat_int(0); R];
                for at in (start..end).step_by(C) {
                    let sums = kernel::f32::scores::<S, R, C>(
                        simd,
                        rows,
                        &prepared.centers[at * d..][..C * d],
                        &prepared.halves[at..],
                    );
                    for (c, sums) in sums.iter().enumerate() {
                        let bit = simd.splat_int(1 << (at - start + c));
                        for r in 0..R {
                            codes[r] = simd.add_where(simd.at_most(sums[r], bar[r]), codes[r], bit);
                        }
                    }
                }
                // An infinite bar does not even rule out padding.
                let real = u32::MAX >> (32 - (prepared.distinct - start).min(words));
                note(simd, &codes, first, (start, real), hits);
            }
        }
    }
}
