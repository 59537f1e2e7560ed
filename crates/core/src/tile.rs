//! The tile: scores of many rows against many centres at once, keeping the best and the second best.
//!
//! A microtile is VECTORS vectors of rows (a row to a lane) by CENTRES centres: as many accumulators as the registers
//! hold, so that a loaded centre serves all its rows and a loaded row all its centres. Rows lie packed
//! [microtile][column][lane], centres [group][column][centre]; both are read from front to back.
//!
//! Scores are h~_j - x~.b~_j (screen.rs has the bound of their error). The second best costs two operations more than
//! the best alone: second = min(second, max(first, score)) before first = min(first, score).

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::{CHAIN, Screen, Verdicts};
use crate::simd::Simd;

/// Bytes of centres that stay in the first-level cache while the rows of a block pass by.
const PANEL: usize = 16 << 10;

/// Upper bounds of the norms of the rows of one microtile.
///
/// |y| <= |x~| (1 + 2u) and a float32 sum of d squares is low by a factor of at most 1 - (d + 2) u; the square of a number
/// below 2^-63 may be lost, which the absolute term makes good.
#[inline(always)]
pub fn norms<S: Simd>(simd: S, rows: &[f32], out: &mut [f32]) {
    let columns = rows.len() / out.len().max(1);
    let inflate = simd.splat(1.0 + (columns + 16) as f32 * f32::EPSILON);
    let lost = simd.splat(columns as f32 * 2f32.powi(-62));
    let zero = simd.splat(0.0);
    for (v, out) in out.chunks_exact_mut(S::LANES).enumerate() {
        let mut sum = zero;
        for row in rows.chunks_exact(S::VECTORS * S::LANES) {
            let x = simd.load(&row[v * S::LANES..]);
            sum = simd.add(sum, simd.multiply(x, x));
        }
        let norm = simd.add(simd.multiply(simd.sqrt(sum), inflate), lost);
        simd.store(norm, out);
    }
}

/// Screens `count` packed rows against all centres.
#[inline(always)]
pub fn screen<S: Simd>(simd: S, screen: &Screen, rows: &[f32], norms: &[f32], count: usize, verdicts: &mut Verdicts) {
    // The arrays of the microtile must have constant size, which a trait's constants cannot give them.
    match (S::VECTORS, S::CENTRES) {
        (1, 4) => screen_by::<S, 1, 4>(simd, screen, rows, norms, count, verdicts),
        (2, 4) => screen_by::<S, 2, 4>(simd, screen, rows, norms, count, verdicts),
        (2, 8) => screen_by::<S, 2, 8>(simd, screen, rows, norms, count, verdicts),
        shape => unreachable!("no microtile of shape {shape:?}"),
    }
}

#[inline(always)]
fn screen_by<S: Simd, const R: usize, const C: usize>(
    simd: S,
    screen: &Screen,
    rows: &[f32],
    norms: &[f32],
    count: usize,
    verdicts: &mut Verdicts,
) {
    let (width, d) = (R * S::LANES, screen.columns);
    let tiles = count.div_ceil(width);
    verdicts.best.resize(tiles * width, 0);
    verdicts.first.resize(tiles * width, 0.0);
    verdicts.second.resize(tiles * width, 0.0);
    verdicts.unsure.clear();
    let groups = screen.padded / C;
    let panel = (PANEL / (4 * C * d)).max(1);
    let mut from = 0;
    while from < groups {
        let to = (from + panel).min(groups);
        for tile in 0..tiles {
            let packed = &rows[tile * width * d..][..width * d];
            let range = tile * width..(tile + 1) * width;
            let best = &mut verdicts.best[range.clone()];
            let first = &mut verdicts.first[range.clone()];
            let second = &mut verdicts.second[range.clone()];
            let mut state = if from == 0 { State::start(simd) } else { State::load(simd, best, first, second) };
            for group in from..to {
                let centres = &screen.centres[group * C * d..][..C * d];
                let halves = &screen.halves[group * C..][..C];
                let scores = scores::<S, R, C>(simd, packed, centres, halves);
                state.take(simd, &scores, group * C);
            }
            state.store(simd, best, first, second);
            if to == groups {
                let start = range.start;
                certify(simd, screen, &state, &norms[range], |lane, norm| {
                    let row = start + lane;
                    if row < count && !screen.certain(norm, verdicts.first[row], verdicts.second[row]) {
                        verdicts.unsure.push(row as u32);
                    }
                });
            }
        }
        from = to;
    }
}

/// Best score, its centre and the second best score of the rows of a microtile.
struct State<S: Simd, const R: usize> {
    best: [S::Ints; R],
    first: [S::Floats; R],
    second: [S::Floats; R],
}

impl<S: Simd, const R: usize> State<S, R> {
    #[inline(always)]
    fn start(simd: S) -> Self {
        let far = simd.splat(f32::INFINITY);
        State { best: [simd.splat_int(0); R], first: [far; R], second: [far; R] }
    }

    #[inline(always)]
    fn load(simd: S, best: &[i32], first: &[f32], second: &[f32]) -> Self {
        let mut state = Self::start(simd);
        for r in 0..R {
            state.best[r] = simd.load_int(&best[r * S::LANES..]);
            state.first[r] = simd.load(&first[r * S::LANES..]);
            state.second[r] = simd.load(&second[r * S::LANES..]);
        }
        state
    }

    #[inline(always)]
    fn store(&self, simd: S, best: &mut [i32], first: &mut [f32], second: &mut [f32]) {
        for r in 0..R {
            simd.store_int(self.best[r], &mut best[r * S::LANES..]);
            simd.store(self.first[r], &mut first[r * S::LANES..]);
            simd.store(self.second[r], &mut second[r * S::LANES..]);
        }
    }

    /// Takes the scores of C more centres, the first of them number `base`.
    #[inline(always)]
    fn take<const C: usize>(&mut self, simd: S, scores: &[[S::Floats; R]; C], base: usize) {
        for (c, scores) in scores.iter().enumerate() {
            let index = simd.splat_int((base + c) as i32);
            for r in 0..R {
                let score = scores[r];
                let nearer = simd.less(score, self.first[r]);
                self.second[r] = simd.min(self.second[r], simd.max(self.first[r], score));
                self.first[r] = simd.min(self.first[r], score);
                self.best[r] = simd.choose(nearer, index, self.best[r]);
            }
        }
    }
}

/// Scores of R vectors of rows against C centres.
#[inline(always)]
fn scores<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    halves: &[f32],
) -> [[S::Floats; R]; C] {
    let mut sums = [[simd.splat(0.0); R]; C];
    for c in 0..C {
        sums[c] = [simd.splat(halves[c]); R];
    }
    let (width, chain) = (R * S::LANES, CHAIN);
    if centres.len() <= chain * C {
        return subtract_products(simd, rows, centres, sums);
    }
    // Longer rows: a chain for every CHAIN columns, so that rounding grows with CHAIN + d / CHAIN and not with d.
    for (rows, centres) in rows.chunks(chain * width).zip(centres.chunks(chain * C)) {
        let part = subtract_products(simd, rows, centres, [[simd.splat(0.0); R]; C]);
        for c in 0..C {
            for r in 0..R {
                sums[c][r] = simd.add(sums[c][r], part[c][r]);
            }
        }
    }
    sums
}

#[inline(always)]
fn subtract_products<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    mut sums: [[S::Floats; R]; C],
) -> [[S::Floats; R]; C] {
    for (row, centre) in rows.chunks_exact(R * S::LANES).zip(centres.chunks_exact(C)) {
        let mut x = [simd.splat(0.0); R];
        for (r, x) in x.iter_mut().enumerate() {
            *x = simd.load(&row[r * S::LANES..]);
        }
        for c in 0..C {
            let b = simd.splat(centre[c]);
            for r in 0..R {
                sums[c][r] = simd.subtract_product(sums[c][r], x[r], b);
            }
        }
    }
    sums
}

/// The quick test on all lanes; `doubt(lane, norm)` is called for those that fail it.
#[inline(always)]
fn certify<S: Simd, const R: usize>(
    simd: S,
    screen: &Screen,
    state: &State<S, R>,
    norms: &[f32],
    mut doubt: impl FnMut(usize, f32),
) {
    let (slope, offset) = (simd.splat(screen.slope), simd.splat(screen.offset));
    for r in 0..R {
        let norm = simd.load(&norms[r * S::LANES..]);
        let threshold = simd.add(simd.multiply(norm, slope), offset);
        let gap = simd.subtract(state.second[r], state.first[r]);
        let mut failed = !simd.bits(simd.less(threshold, gap)) & ((1u64 << S::LANES) - 1) as u32;
        while failed != 0 {
            let lane = r * S::LANES + failed.trailing_zeros() as usize;
            doubt(lane, norms[lane]);
            failed &= failed - 1;
        }
    }
}
