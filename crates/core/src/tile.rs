//! The tile: scores of many rows against many centres at once, and which centres can be nearest.
//!
//! A microtile is VECTORS vectors of rows (a row to a lane) by C centres: as many accumulators as the registers hold, so
//! that a loaded centre serves all its rows and a loaded row all its centres. Rows lie packed
//! [microtile][column][lane], centres [group][column][centre]; both are read from front to back.
//!
//! Scores are h~_j - x~.b~_j (screen.rs has the bound of their error). A panel of centres is scored in two passes: the
//! first keeps the scores and their least, one operation a score; the second counts the scores that lie within the
//! certificate's threshold of the least. A row with exactly one such centre, over all panels, is decided. (Keeping best,
//! second best and index in one pass costs five operations a score, all on the ports that multiply.)

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::{CHAIN, Screen, Verdicts};
use crate::simd::{Simd, Task};

/// Bytes of centres that stay in the first-level cache while the rows of a block pass by.
const PANEL: usize = 16 << 10;
/// Centres of a panel at most: their scores stay in the first-level cache too, and counts in 16 bits.
const MOST: usize = 252;
/// Rows of a microtile at most.
const LANES: usize = 32;
/// A hit adds ONE to the upper half of a code and the centre's place in the panel to the lower half.
const ONE: i32 = 1 << 16;

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

/// How many centres a microtile takes: more are faster, fewer leave less padding.
pub fn group<S: Simd>(centres: usize) -> usize {
    let padded = |group: usize| centres.div_ceil(group) * group;
    if 16 * padded(S::CENTRES) <= 17 * padded(S::FEW) { S::CENTRES } else { S::FEW }
}

/// Screens `count` packed rows against all centres.
///
/// A function of its own for each instruction set: inlined into every sweep over every kind of rows, the loops below would
/// be part of functions so large that the compiler keeps them neither whole nor in registers.
#[inline(always)]
pub fn screen<S: Simd>(simd: S, screen: &Screen, rows: &[f32], norms: &[f32], count: usize, verdicts: &mut Verdicts) {
    simd.vectorize(ScreenBlock { screen, rows, norms, count, verdicts });
}

struct ScreenBlock<'a> {
    screen: &'a Screen,
    rows: &'a [f32],
    norms: &'a [f32],
    count: usize,
    verdicts: &'a mut Verdicts,
}

impl Task for ScreenBlock<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let ScreenBlock { screen, rows, norms, count, verdicts } = self;
        // The arrays of the microtile must have constant size, which a trait's constants cannot give them.
        match (S::VECTORS, screen.group) {
            (1, 4) => screen_by::<S, 1, 4>(simd, screen, rows, norms, count, verdicts),
            (2, 4) => screen_by::<S, 2, 4>(simd, screen, rows, norms, count, verdicts),
            (2, 6) => screen_by::<S, 2, 6>(simd, screen, rows, norms, count, verdicts),
            (2, 12) => screen_by::<S, 2, 12>(simd, screen, rows, norms, count, verdicts),
            shape => unreachable!("no microtile of shape {shape:?}"),
        }
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
    let Verdicts { best, unsure, hits, least, scores, wants_second, second } = verdicts;
    let wants_second = *wants_second;
    if wants_second {
        second.resize(tiles * width, 0.0);
    }
    best.resize(tiles * width, 0);
    hits.resize(tiles * width, 0);
    least.resize(tiles * width, 0.0);
    scores.resize(MOST * width, 0.0);
    unsure.clear();
    let groups = screen.padded / C;
    let panel = (PANEL / (4 * C * d)).clamp(1, MOST / C);
    let single = groups <= panel;
    for from in (0..groups).step_by(panel) {
        let to = (from + panel).min(groups);
        let centres = &screen.centres[from * C * d..to * C * d];
        let halves = &screen.halves[from * C..to * C];
        for tile in 0..tiles {
            let range = tile * width..(tile + 1) * width;
            let packed = &rows[tile * width * d..][..width * d];
            let norms = &norms[range.clone()];
            let (best, hits, least) = (&mut best[range.clone()], &mut hits[range.clone()], &mut least[range]);
            let scores = &mut scores[..halves.len() * width];
            let mut first = [simd.splat(f32::INFINITY); R];
            if from > 0 {
                for r in 0..R {
                    first[r] = simd.load(&least[r * S::LANES..]);
                }
            }
            let before = first;
            score_panel::<S, R, C>(simd, packed, centres, halves, scores, &mut first);
            let mut limits = thresholds(simd, screen, norms, &first, false);
            let mut codes = count_within::<S, R>(simd, scores, &limits);
            if single && (0..R).any(|r| simd.any_above(codes[r], 2 * ONE - 1)) {
                limits = thresholds(simd, screen, norms, &first, true);
                codes = count_within::<S, R>(simd, scores, &limits);
            }
            if wants_second {
                let second = &mut second[tile * width..(tile + 1) * width];
                let mut rest = least_beyond::<S, R>(simd, scores, &limits);
                for r in 0..R {
                    let second = &mut second[r * S::LANES..(r + 1) * S::LANES];
                    if from > 0 {
                        // The best of earlier panels is one of the others if it is the best no more.
                        rest[r] = simd.min(rest[r], simd.load(second));
                        rest[r] = simd.min_unless(simd.at_most(before[r], first[r]), rest[r], before[r]);
                    }
                    simd.store(rest[r], second);
                }
            }
            for r in 0..R {
                simd.store(first[r], &mut least[r * S::LANES..]);
            }
            note::<S, R>(simd, screen, &codes, from * C, norms, &before, best, hits, least);
        }
    }
    for (chunk, hits) in hits[..count].chunks(32).enumerate() {
        // Nearly all chunks are decided altogether: one test for each, not one for each row.
        if hits.iter().fold(0, |other, hits| other | (hits ^ 1)) == 0 {
            continue;
        }
        for (at, _) in hits.iter().enumerate().filter(|(_, hits)| **hits != 1) {
            let row = chunk * 32 + at;
            // The sum of several places is none.
            best[row] = 0;
            unsure.push(row as u32);
        }
    }
}

/// Scores of R vectors of rows against the centres of a panel: kept, and their least.
#[inline(always)]
fn score_panel<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    halves: &[f32],
    out: &mut [f32],
    least: &mut [S::Floats; R],
) {
    let width = R * S::LANES;
    let each = C * (rows.len() / width);
    // Indexed by hand: `chunks_exact` would divide by lengths that are not constant, once for each microtile.
    let (mut at, mut place, mut start) = (0, 0, 0);
    while at < halves.len() {
        let sums = scores::<S, R, C>(simd, rows, &centres[start..start + each], &halves[at..at + C]);
        let out = &mut out[place..place + C * width];
        for c in 0..C {
            for r in 0..R {
                least[r] = simd.min(least[r], sums[c][r]);
                simd.store(sums[c][r], &mut out[(c * R + r) * S::LANES..]);
            }
        }
        (at, place, start) = (at + C, place + C * width, start + each);
    }
}

/// Codes of the centres whose scores do not exceed the threshold: ONE for each, plus their places.
#[inline(always)]
fn count_within<S: Simd, const R: usize>(simd: S, scores: &[f32], threshold: &[S::Floats; R]) -> [S::Ints; R] {
    let mut codes = [simd.splat_int(0); R];
    for (at, scores) in scores.chunks_exact(R * S::LANES).enumerate() {
        let code = simd.splat_int(ONE + at as i32);
        for r in 0..R {
            let near = simd.at_most(simd.load(&scores[r * S::LANES..]), threshold[r]);
            codes[r] = simd.add_where(near, codes[r], code);
        }
    }
    codes
}

/// The least score above the threshold.
#[inline(always)]
fn least_beyond<S: Simd, const R: usize>(simd: S, scores: &[f32], threshold: &[S::Floats; R]) -> [S::Floats; R] {
    let mut rest = [simd.splat(f32::INFINITY); R];
    for scores in scores.chunks_exact(R * S::LANES) {
        for r in 0..R {
            let score = simd.load(&scores[r * S::LANES..]);
            rest[r] = simd.min_unless(simd.at_most(score, threshold[r]), rest[r], score);
        }
    }
    rest
}

/// Upper bounds of first + 2 eps(R): with R = B, or with the smaller R of the theorem (`sharp`).
///
/// Rounding: a float32 sum is off by a relative 2^-24; the slack of 2^-22 |first| and the inflation of the coefficients
/// by 1e-5 cover the three sums below. Sharp: reach = |y|^2 + 2 (first + eps(B)) is off by less than
/// 2^-21 (|y|^2 + 2 |first| + 2 eps), which is added before the root.
#[inline(always)]
fn thresholds<S: Simd, const R: usize>(
    simd: S,
    screen: &Screen,
    norms: &[f32],
    first: &[S::Floats; R],
    sharp: bool,
) -> [S::Floats; R] {
    let (slope, offset) = (simd.splat(screen.slope), simd.splat(screen.offset));
    let (slack, zero) = (simd.splat(2f32.powi(-22)), simd.splat(0.0));
    let mut out = *first;
    for r in 0..R {
        let norm = simd.load(&norms[r * S::LANES..]);
        let size = simd.max(first[r], simd.subtract(zero, first[r]));
        let mut twice = simd.add(simd.multiply(norm, slope), offset);
        if sharp {
            let square = simd.multiply(norm, norm);
            let whole = simd.add(simd.add(square, twice), simd.add(size, size));
            let reach = simd.add(simd.add(square, twice), simd.add(first[r], first[r]));
            let reach = simd.max(simd.add(reach, simd.multiply(whole, simd.splat(2f32.powi(-20)))), zero);
            let radius = simd.multiply(simd.add(norm, simd.sqrt(reach)), simd.splat(1.0 + 1e-5));
            let radius = simd.min(radius, simd.splat(screen.radius));
            let [k1, k2, w0] = screen.coefficients.map(|c| simd.splat(c));
            let inner = simd.add(simd.multiply(norm, k1), simd.multiply(radius, k2));
            twice = simd.add(simd.multiply(inner, radius), w0);
        }
        out[r] = simd.add(first[r], simd.add(twice, simd.multiply(size, slack)));
    }
    out
}

/// Brings hits and the best centre up to date with a panel's codes.
///
/// A row's hits are the centres that no panel so far has ruled out. Where the least score fell by more than the
/// threshold is wide, all hits of earlier panels are ruled out; where it fell by less they stay (they may not be within
/// the new threshold, and then the row is compared for nothing).
#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn note<S: Simd, const R: usize>(
    simd: S,
    screen: &Screen,
    codes: &[S::Ints; R],
    base: usize,
    norms: &[f32],
    before: &[S::Floats; R],
    best: &mut [i32],
    hits: &mut [i32],
    least: &[f32],
) {
    let width = R * S::LANES;
    if base == 0 {
        for r in 0..R {
            simd.store_int(codes[r], &mut best[r * S::LANES..]);
        }
        for (best, hits) in best.iter_mut().zip(hits) {
            (*best, *hits) = (*best & (ONE - 1), *best >> 16);
        }
        return;
    }
    let mut code = [0; LANES];
    let mut earlier = [0.0; LANES];
    for r in 0..R {
        simd.store_int(codes[r], &mut code[r * S::LANES..]);
        simd.store(before[r], &mut earlier[r * S::LANES..]);
    }
    for lane in 0..width {
        let found = code[lane] >> 16;
        let threshold = norms[lane] * screen.slope + screen.offset;
        let slack = (earlier[lane].abs() + least[lane].abs()) * 2f32.powi(-21);
        let stale = earlier[lane] - least[lane] > threshold + slack;
        hits[lane] = if stale { found } else { hits[lane] + found };
        best[lane] = if found > 0 { base as i32 + (code[lane] & (ONE - 1)) } else { best[lane] };
    }
}

/// Scores of R vectors of rows against C centres.
#[inline(always)]
pub(crate) fn scores<S: Simd, const R: usize, const C: usize>(
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
    let width = R * S::LANES;
    let (row_fours, centre_fours) = (rows.chunks_exact(4 * width), centres.chunks_exact(4 * C));
    let (row_rest, centre_rest) = (row_fours.remainder(), centre_fours.remainder());
    for (rows, centres) in row_fours.zip(centre_fours) {
        // Unrolled: a loop of so few steps would cost a wrong guess of its end.
        for q in 0..4 {
            subtract_column::<S, R, C>(
                simd,
                &rows[q * width..(q + 1) * width],
                &centres[q * C..(q + 1) * C],
                &mut sums,
            );
        }
    }
    for (row, centre) in row_rest.chunks_exact(width).zip(centre_rest.chunks_exact(C)) {
        subtract_column::<S, R, C>(simd, row, centre, &mut sums);
    }
    sums
}

#[inline(always)]
fn subtract_column<S: Simd, const R: usize, const C: usize>(
    simd: S,
    row: &[f32],
    centre: &[f32],
    sums: &mut [[S::Floats; R]; C],
) {
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
