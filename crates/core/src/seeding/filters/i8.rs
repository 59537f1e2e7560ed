//! Which candidates a dense row may come nearer to: by bytes, where there is room to keep them.
//!
//! In a frame (screen/certificate.rs: y = s (x - m)), with Q = 127 / the largest |y_q|, a row becomes the integers q =
//! round(Q y), a candidate the integers p likewise, and e, f are what rounding took away. Then Q s |x - z| >= |q - p| -
//! |e| - |f|, so with r^2 >= (Q s)^2 U a candidate is ruled out (candidates.rs) if
//!
//!   |q - p|^2 >= T, T = (r + |e| + |f|)^2.
//!
//! |q - p|^2 = N - 2 q.p + |p|^2 with N = |q|^2 is exact in int32: 4 * 127^2 a column, below 2^30 in up to 2^14
//! columns. The tile computes A = q.p - floor(|p|^2 / 2), which exceeds the row's bar = floor(N / 2) - ceil(T / 2)
//! wherever |q - p|^2 < T: otherwise 2 q.p - |p|^2 <= 2 A <= 2 bar <= N - T.
//!
//! Bytes of rows are unsigned, q + 128, since that is what instructions multiply with signed ones: sums begin 128 (sum
//! of p) lower.
//!
//! |e| is taken over all rows of a block, |f| over all candidates of a step, both as computed, and upward: float64
//! places a number to within 2^-52 of Q |y_q| <= 127, less than 1e-9 in all columns together. T passes 9 roundings of
//! float32 at most, 2^-24 each, which the factor 1 + 2e-6 covers, and one to an integer, which 1 does; cut to 2^30,
//! which no |q - p|^2 reaches, it still lets everything pass.
//!
//! A row takes d + 2 bytes, an eighth of what float64 rows take to be read and packed anew in every step.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::memory::{Grow, filled, zeros};
use crate::screen::frame::Frame;
use crate::screen::kernel::micro::slot;
use crate::screen::kernel::tile::{self, Shaped};
use crate::screen::pack::Pack;
use crate::seeding::candidates::{Candidates, Near, PIECE};
use crate::seeding::filters::hits::{Hit, note};
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// The largest |q|.
const LARGEST: f64 = 127.0;
/// What makes a byte of a row unsigned.
const RAISE: i32 = 128;
/// More columns have no bytes: int32 would not hold |q - p|^2.
pub const MOST_COLUMNS: usize = 1 << 14;
/// T at most.
const CEILING: f32 = (1 << 30) as f32;

/// Q; 0, which rules nothing out, where (Q s)^2 would leave the range of float64.
fn fineness(frame: &Frame) -> f64 {
    let fine = LARGEST / frame.largest;
    let square = (fine * frame.scale).powi(2);
    if frame.holds && fine.is_finite() && (1e-290..1e290).contains(&square) { fine } else { 0.0 }
}

/// How many bits of N / 2 to leave out for 16 to be enough.
fn shift(columns: usize) -> u32 {
    let most = (LARGEST * LARGEST) as usize * columns / 2;
    (usize::BITS - most.leading_zeros()).saturating_sub(u16::BITS)
}

/// Calls `each` with every column's integer; returns no less than |e|.
#[inline(always)]
fn round(x: &[f64], frame: &Frame, fine: f64, mut each: impl FnMut(usize, i32)) -> f64 {
    let mut rest = 0.0;
    for (at, (x, shift)) in x.iter().zip(&frame.shift).enumerate() {
        let y = (x * frame.scale - shift) * fine;
        let q = y.round_ties_even().clamp(-LARGEST, LARGEST);
        rest += (y - q) * (y - q);
        each(at, q as i32);
    }
    rest.sqrt() * (1.0 + 1e-9) + 1e-9
}

/// The rows of a block in bytes.
pub struct Bytes {
    /// q + 128, four columns to an integer: [tile][integer][row of the tile].
    rows: Vec<i32>,
    /// N / 2^(shift + 1), downward, for all rows of the tiles: what that leaves out lowers bars.
    halves: Vec<u16>,
    /// How many bits of N / 2 were left out, so that 16 are enough.
    shift: u32,
    /// No less than any |e|.
    off: f64,
}

impl Bytes {
    /// Bytes that a row takes.
    pub fn row_bytes(columns: usize) -> usize {
        4 * columns.div_ceil(4) + 2
    }

    /// Of dense rows, of up to `MOST_COLUMNS` columns.
    pub fn of<R: Pack>(workers: &Workers, isa: Isa, rows: &R, frame: &Frame) -> Result<Bytes, Interrupted> {
        assert!(rows.columns() == frame.shift.len() && rows.columns() <= MOST_COLUMNS, "shapes do not fit");
        isa.run(Round { workers, isa, rows, frame })
    }
}

struct Round<'a, 'c, R> {
    workers: &'a Workers<'c>,
    isa: Isa,
    rows: &'a R,
    frame: &'a Frame,
}

impl<R: Pack> Task for Round<'_, '_, R> {
    type Out = Result<Bytes, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> Self::Out {
        let Round { workers, isa, rows, frame } = self;
        let (n, d, width) = (rows.len(), rows.columns(), rows.microtile::<S>());
        let cells = d.div_ceil(4);
        let padded = n.next_multiple_of(width);
        let (mut numbers, mut halves) = (zeros(padded * cells), zeros(padded));
        let shift = shift(d);
        let pieces = numbers.chunks_mut(PIECE * cells).zip(halves[..n].chunks_mut(PIECE)).enumerate();
        let workers = workers.sized(n as f64 * d as f64 * 8.0);
        let offs = workers.each(
            pieces,
            || (0f64, Vec::new()),
            |(off, row), (piece, (numbers, halves))| {
                isa.run(RoundPiece { rows, frame, from: piece * PIECE, numbers, halves, off, row });
            },
        )?;
        let off = offs.into_iter().fold(0.0, |most, (off, _)| off.max(most));
        Ok(Bytes { rows: numbers, halves, shift, off })
    }
}

struct RoundPiece<'a, R> {
    rows: &'a R,
    frame: &'a Frame,
    from: usize,
    numbers: &'a mut [i32],
    halves: &'a mut [u16],
    off: &'a mut f64,
    row: &'a mut Vec<f64>,
}

impl<R: Pack> Task for RoundPiece<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let RoundPiece { rows, frame, from, numbers, halves, off, row } = self;
        let (fine, width, shift) = (fineness(frame), rows.microtile::<S>(), shift(rows.columns()));
        let cells = rows.columns().div_ceil(4);
        for (at, half) in halves.iter_mut().enumerate() {
            let cells = &mut numbers[slot(width, cells, at, 0)..];
            let mut norm = 0;
            let error = round(rows.read(from + at, row), frame, fine, |q, x| {
                cells[q / 4 * width] |= (x + RAISE) << (8 * (q % 4));
                norm += x * x;
            });
            // 16 bits are enough, by the shift.
            (*half, *off) = (((norm / 2) >> shift) as u16, off.max(error));
        }
    }
}

/// The candidates of a step in bytes.
pub(crate) struct Rounded {
    /// p, four columns to an integer: [group][integer][candidate of the group].
    numbers: Vec<i32>,
    /// Where sums begin, padded with what no bar is below.
    starts: Vec<i32>,
    /// No less than any |f|.
    off: f64,
    /// Candidates of a microtile.
    group: usize,
}

impl Rounded {
    /// Of candidates, t x d.
    #[inline(always)]
    pub(crate) fn new<S: Simd>(_: S, frame: &Frame, places: &[f64]) -> Rounded {
        let (columns, fine) = (frame.shift.len(), fineness(frame));
        let (cells, count) = (columns.div_ceil(4), places.len() / columns);
        let group = tile::group::<S>(count);
        let padded = count.next_multiple_of(group);
        let (mut numbers, mut starts) = (zeros(padded * cells), filled(-(1 << 30), padded));
        let mut off = 0f64;
        for (at, place) in places.chunks_exact(columns).enumerate() {
            let (mut sum, mut square) = (0, 0);
            let error = round(place, frame, fine, |q, x| {
                numbers[slot(group, cells, at, q / 4)] |= (x & 0xff) << (8 * (q % 4));
                (sum, square) = (sum + x, square + x * x);
            });
            starts[at] = -(square / 2) - RAISE * sum;
            off = off.max(error);
        }
        Rounded { numbers, starts, off, group }
    }
}

/// Finds the rows of a piece that some candidates may come nearer to; returns how many rows their nearest center ruled
/// out.
#[inline(always)]
pub(crate) fn find<S: Simd, R: Pack>(
    simd: S,
    near: &Near<R>,
    candidates: &Candidates,
    (bytes, rounded): (&Bytes, &Rounded),
    ((from, to), bars, wide, limits): ((usize, usize), &mut Vec<f32>, &mut Vec<i32>, &mut Vec<f64>),
    hits: &mut Vec<Hit>,
) -> u64 {
    let (width, cells) = (near.rows.microtile::<S>(), candidates.columns.div_ceil(4));
    // Rows that only pad the last microtile are ruled out.
    bars.clear();
    bars.set_length((to - from).next_multiple_of(width), f32::NEG_INFINITY);
    candidates.limits(&near.nearest[from..to], limits);
    let (error, unit) = (candidates.error, (fineness(near.frame) * near.frame.scale).powi(2));
    let mut skipped = 0;
    for ((bar, distance), limit) in bars.iter_mut().zip(&near.distances[from..to]).zip(&*limits) {
        let upper = error.upper(*distance);
        let far = upper <= *limit;
        *bar = if far { f32::NEG_INFINITY } else { (upper * unit) as f32 };
        skipped += far as u64;
    }
    let rows = &bytes.rows[from * cells..][..bars.len() * cells];
    wide.clear();
    wide.extend(bytes.halves[from..][..bars.len()].iter().map(|half| (*half as i32) << bytes.shift));
    let off = (bytes.off + rounded.off) as f32 * (1.0 + 1e-6);
    tile::shaped(simd, rounded.group, Score { rounded, rows, cells, squares: bars, halves: wide, off, from, hits });
    skipped
}

/// Rows from `from` on, and where to list those that a candidate may come nearer to.
struct Score<'a> {
    rounded: &'a Rounded,
    rows: &'a [i32],
    cells: usize,
    /// r^2; -inf where no candidate can come nearer.
    squares: &'a [f32],
    halves: &'a [i32],
    /// |e| + |f|.
    off: f32,
    from: usize,
    hits: &'a mut Vec<Hit>,
}

impl Shaped for Score<'_> {
    #[inline(always)]
    fn run<S: Simd, const R: usize, const C: usize>(self, simd: S) {
        let Score { rounded: Rounded { numbers, starts, .. }, rows, cells, squares, halves, off, from, hits } = self;
        let (width, words) = (R * S::LANES, 24 / C * C);
        let tiles = rows.chunks_exact(width * cells).zip(squares.chunks_exact(width).zip(halves.chunks_exact(width)));
        for (tile, (rows, (squares, halves))) in tiles.enumerate() {
            let mut closed = u32::MAX;
            let mut bar = [simd.splat_int(0); R];
            for (r, bar) in bar.iter_mut().enumerate() {
                let square = simd.load(&squares[r * S::LANES..]);
                let reach = simd.add(simd.sqrt(square), simd.splat(off));
                // Not a number (an infinite distance, without bytes) becomes the ceiling.
                let most = simd.min(simd.multiply(reach, reach), simd.splat(CEILING));
                let half = simd.round(simd.multiply(most, simd.splat(-0.5 * (1.0 + 2e-6))));
                let some = simd.add_int(simd.add_int(half, simd.splat_int(-1)), simd.load_int(&halves[r * S::LANES..]));
                let far = simd.below(square, simd.splat(0.0));
                *bar = simd.select_int(far, simd.splat_int(i32::MAX), some);
                closed &= simd.bits(far);
            }
            if closed.count_ones() as usize == S::LANES {
                continue;
            }
            for start in (0..starts.len()).step_by(words) {
                let mut codes = [simd.splat_int(0); R];
                for at in (start..(start + words).min(starts.len())).step_by(C) {
                    let sums = sums::<S, R, C>(simd, rows, &numbers[at * cells..][..C * cells], &starts[at..]);
                    for c in 0..C {
                        let bit = simd.splat_int(1 << (at - start + c));
                        for r in 0..R {
                            codes[r] = simd.add_where(simd.above_int(sums[c][r], bar[r]), codes[r], bit);
                        }
                    }
                }
                note(simd, &codes, from + tile * width, (start, u32::MAX), hits);
            }
        }
    }
}

/// A for R vectors of rows and C candidates.
#[inline(always)]
fn sums<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[i32],
    candidates: &[i32],
    starts: &[i32],
) -> [[S::Ints; R]; C] {
    let mut sums = [[simd.splat_int(0); R]; C];
    for c in 0..C {
        sums[c] = [simd.splat_int(starts[c]); R];
    }
    for (rows, candidates) in rows.chunks_exact(R * S::LANES).zip(candidates.chunks_exact(C)) {
        let mut x = [simd.splat_int(0); R];
        for r in 0..R {
            x[r] = simd.load_int(&rows[r * S::LANES..]);
        }
        for c in 0..C {
            let z = simd.splat_int(candidates[c]);
            for r in 0..R {
                sums[c][r] = simd.add_quads(sums[c][r], x[r], z);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::reported;
    use crate::rows::Dense;
    use crate::seeding::filters::prepared::PreparedCandidates;
    use crate::seeding::lower::lower;

    /// Numbers in [-1, 1) that look random.
    fn noise(count: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        (0..count).map(next).collect()
    }

    struct Find<'a, R>(&'a Near<'a, R>, &'a Candidates, &'a Bytes, &'a Rounded);

    impl<R: Pack> Task for Find<'_, R> {
        type Out = Vec<Hit>;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Vec<Hit> {
            let Find(near, candidates, bytes, rounded) = self;
            let (mut hits, mut bars, mut wide, mut limits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            let range = (0, near.rows.len());
            find(simd, near, candidates, (bytes, rounded), (range, &mut bars, &mut wide, &mut limits), &mut hits);
            hits
        }
    }

    /// How many pairs of a row and a candidate are left, after every one that is nearer has been found among them.
    fn left(data: &[f64], d: usize, places: &[f64], isa: Isa) -> usize {
        let n = data.len() / d;
        let rows = Dense::contiguous(data, n, d).unwrap();
        let reach = data.iter().fold(0f64, |most, x| most.max(x.abs()));
        let (workers, frame) = (Workers::new(2, &|| true), Frame::new(&vec![0.0; d], &vec![reach; d]));
        let (mut distances, mut nearest) = (vec![f64::INFINITY; n], vec![0; n]);
        lower(&workers, isa, &rows, &data[..d], 0, &mut distances, &mut nearest).unwrap();
        let bytes = Bytes::of(&workers, isa, &rows, &frame).unwrap();
        let near = Near {
            rows: &rows,
            weights: None,
            distances: &distances,
            nearest: &nearest,
            floors: &[],
            frame: &frame,
            list_one_in: 2,
        };
        let prepared = PreparedCandidates::new(isa, &frame, false, places, &[]);
        let rounded = prepared.rounded.as_ref().unwrap();
        let hits = isa.run(Find(&near, &prepared.candidates, &bytes, rounded));
        let found = |row: usize, at: usize| {
            let has = |hit: &&Hit| {
                let bit = at.wrapping_sub(hit.start as usize);
                hit.row as usize == row && bit < 32 && hit.bits >> bit & 1 == 1
            };
            hits.iter().filter(has).count()
        };
        let mut count = 0;
        for (row, x) in data.chunks_exact(d).enumerate() {
            for (at, place) in places.chunks_exact(d).enumerate() {
                let times = found(row, at);
                assert!(times <= 1 && (times == 1 || reported::squared(x, place) >= distances[row]), "{row} {at}");
                count += times;
            }
        }
        assert_eq!(
            count,
            hits.iter().map(|hit| hit.bits.count_ones() as usize).sum::<usize>(),
            "candidates that are not"
        );
        count
    }

    #[test]
    fn no_candidate_that_is_nearer_is_left_out() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for (d, count) in [(1, 3), (4, 8), (5, 30), (16, 8), (67, 25)] {
                let noise = noise(300 * d, d as u64);
                let grid: Vec<f64> = noise.iter().map(|x| (x * 3.0).round()).collect();
                let tiny: Vec<f64> = noise.iter().map(|x| x * 1e-150).collect();
                let mut far = noise.clone();
                far[d..][..d].fill(1e12);
                for data in [noise, grid, tiny, far] {
                    left(&data, d, &data[7 * d..][..count * d], isa);
                }
            }
        }
    }

    #[test]
    fn most_candidates_that_are_not_nearer_are_left_out() {
        let (d, mut data) = (16, noise(400 * 16, 1));
        // Rows beside the center, candidates far from it.
        for x in &mut data[..300 * d] {
            *x *= 0.3;
        }
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let pairs = left(&data, d, &data[390 * d..][..8 * d], isa);
            assert!(pairs < 8 * 110, "{pairs}");
        }
        // Without a unit nothing is.
        let huge: Vec<f64> = data.iter().map(|x| x * 1e160).collect();
        assert_eq!(left(&huge, d, &huge[390 * d..][..8 * d], Isa::best()), 8 * 400);
    }

    struct Quads([i32; 16], [i32; 16]);

    impl Task for Quads {
        type Out = i32;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> i32 {
            let mut out = [0; 16];
            simd.store_int(simd.add_quads(simd.splat_int(7), simd.load_int(&self.0), simd.load_int(&self.1)), &mut out);
            out[0]
        }
    }

    #[test]
    fn bytes_of_rows_are_unsigned_and_of_candidates_signed() {
        let whole = |bytes: [u8; 4]| i32::from_le_bytes(bytes);
        for (x, z) in [([255; 4], [128; 4]), ([255, 0, 1, 128], [127, 255, 128, 1]), ([1, 2, 3, 4], [5, 250, 7, 248])] {
            let sum: i32 = x.iter().zip(&z).map(|(&x, &z)| x as i32 * z as i8 as i32).sum();
            for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                assert_eq!(isa.run(Quads([whole(x); 16], [whole(z); 16])), 7 + sum);
            }
        }
    }
}
