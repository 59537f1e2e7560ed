//! The tile: scores of many rows against many centres at once, and which centres can be nearest.
//!
//! A microtile is VECTORS vectors of rows (a row to a lane) by C centres: as many accumulators as the registers hold, so
//! that a loaded centre serves all its rows and a loaded row all its centres. Rows lie packed
//! [microtile][column][lane], centres [group][column][centre]; both are read from front to back.
//!
//! Scores are h~_j - x~.b~_j (screen.rs has the bound of their error). Of each row the least, the centre that has it and the
//! least of the others are kept in registers, five operations a score, which find room beside the multiply-adds; a row whose
//! second score exceeds the certificate's threshold is decided.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::screen::{CHAIN, Screen, Verdicts};
use crate::simd::{Simd, Task};

/// In the place of a number of columns that is known when this is compiled: up to CHAIN columns, or any number.
const SHORT: usize = 0;
/// See `SHORT`.
pub(crate) const LONG: usize = usize::MAX;
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
            (2, 8) => screen_by::<S, 2, 8>(simd, screen, rows, norms, count, verdicts),
            shape => unreachable!("no microtile of shape {shape:?}"),
        }
    }
}

/// Narrow rows have loops of their own, without a loop over the columns: what is around it would cost as much as they do.
#[inline(always)]
fn screen_by<S: Simd, const R: usize, const C: usize>(
    simd: S,
    screen: &Screen,
    rows: &[f32],
    norms: &[f32],
    count: usize,
    verdicts: &mut Verdicts,
) {
    match screen.columns {
        1 => screen_columns::<S, R, C, 1>(simd, screen, rows, norms, count, verdicts),
        2 => screen_columns::<S, R, C, 2>(simd, screen, rows, norms, count, verdicts),
        3 => screen_columns::<S, R, C, 3>(simd, screen, rows, norms, count, verdicts),
        4 => screen_columns::<S, R, C, 4>(simd, screen, rows, norms, count, verdicts),
        5 => screen_columns::<S, R, C, 5>(simd, screen, rows, norms, count, verdicts),
        6 => screen_columns::<S, R, C, 6>(simd, screen, rows, norms, count, verdicts),
        7 => screen_columns::<S, R, C, 7>(simd, screen, rows, norms, count, verdicts),
        8 => screen_columns::<S, R, C, 8>(simd, screen, rows, norms, count, verdicts),
        d if d <= CHAIN => screen_columns::<S, R, C, SHORT>(simd, screen, rows, norms, count, verdicts),
        _ => screen_columns::<S, R, C, LONG>(simd, screen, rows, norms, count, verdicts),
    }
}

/// Of each row in R vectors of rows: the least score, which centre has it, and the least score of the others.
struct Leaders<S: Simd, const R: usize> {
    first: [S::Floats; R],
    best: [S::Ints; R],
    second: [S::Floats; R],
}

impl<S: Simd, const R: usize> Leaders<S, R> {
    /// Before any centre.
    #[inline(always)]
    fn new(simd: S) -> Self {
        let infinite = [simd.splat(f32::INFINITY); R];
        Leaders { first: infinite, best: [simd.splat_int(0); R], second: infinite }
    }

    #[inline(always)]
    fn load(simd: S, first: &[f32], best: &[i32], second: &[f32]) -> Self {
        let mut leaders = Leaders::new(simd);
        for r in 0..R {
            leaders.first[r] = simd.load(&first[r * S::LANES..]);
            leaders.best[r] = simd.load_int(&best[r * S::LANES..]);
            leaders.second[r] = simd.load(&second[r * S::LANES..]);
        }
        leaders
    }

    #[inline(always)]
    fn store(&self, simd: S, first: &mut [f32], best: &mut [i32], second: &mut [f32]) {
        for r in 0..R {
            simd.store(self.first[r], &mut first[r * S::LANES..]);
            simd.store_int(self.best[r], &mut best[r * S::LANES..]);
            simd.store(self.second[r], &mut second[r * S::LANES..]);
        }
    }

    /// One more centre: of equal scores the first leads, and the others are its equals in `second`.
    #[inline(always)]
    fn meet(&mut self, simd: S, r: usize, place: S::Ints, score: S::Floats) {
        let loser = simd.max(self.first[r], score);
        self.best[r] = simd.select_int(simd.below(score, self.first[r]), place, self.best[r]);
        self.first[r] = simd.min(self.first[r], score);
        self.second[r] = simd.min(self.second[r], loser);
    }
}

#[inline(always)]
fn screen_columns<S: Simd, const R: usize, const C: usize, const D: usize>(
    simd: S,
    screen: &Screen,
    rows: &[f32],
    norms: &[f32],
    count: usize,
    verdicts: &mut Verdicts,
) {
    let (width, d) = (R * S::LANES, screen.columns);
    let tiles = count.div_ceil(width);
    let Verdicts { best, unsure, least, second, .. } = verdicts;
    best.resize(tiles * width, 0);
    least.resize(tiles * width, 0.0);
    second.resize(tiles * width, 0.0);
    unsure.clear();
    let groups = screen.padded / C;
    let panel = (PANEL / (4 * C * d)).max(1);
    for from in (0..groups).step_by(panel) {
        let to = (from + panel).min(groups);
        let centres = &screen.centres[from * C * d..to * C * d];
        let halves = &screen.halves[from * C..to * C];
        for tile in 0..tiles {
            let at = tile * width;
            let packed = &rows[at * d..][..width * d];
            let (least, best, second) =
                (&mut least[at..][..width], &mut best[at..][..width], &mut second[at..][..width]);
            let mut leaders =
                if from == 0 { Leaders::<S, R>::new(simd) } else { Leaders::load(simd, least, best, second) };
            meet_panel::<S, R, C, D>(simd, packed, centres, halves, from * C, &mut leaders);
            leaders.store(simd, least, best, second);
            if to < groups {
                continue;
            }
            let norms = &norms[at..][..width];
            let mut doubts = doubtful(simd, screen, norms, &leaders, false);
            if doubts != 0 {
                doubts = doubtful(simd, screen, norms, &leaders, true);
            }
            while doubts != 0 {
                let row = at + doubts.trailing_zeros() as usize;
                doubts &= doubts - 1;
                if row < count {
                    unsure.push(row as u32);
                }
            }
        }
    }
}

/// Scores R vectors of rows against the centres of a panel.
#[inline(always)]
fn meet_panel<S: Simd, const R: usize, const C: usize, const D: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    halves: &[f32],
    base: usize,
    leaders: &mut Leaders<S, R>,
) {
    let each = C * (rows.len() / (R * S::LANES));
    let one = simd.splat_int(1);
    // Indexed by hand: `chunks_exact` would divide by lengths that are not constant, once for each microtile.
    let (mut at, mut start) = (0, 0);
    while at < halves.len() {
        let mut sums = scores::<S, R, C, D>(simd, rows, &centres[start..start + each], &halves[at..at + C]);
        simd.settle(&mut sums);
        for r in 0..R {
            let mut place = simd.splat_int((base + at) as i32);
            for c in 0..C {
                leaders.meet(simd, r, place, sums[c][r]);
                place = simd.add_int(place, one);
            }
        }
        (at, start) = (at + C, start + each);
    }
}

/// Rows that are not certified, as bits: the second score does not exceed first + 2 eps(R) for sure.
#[inline(always)]
fn doubtful<S: Simd, const R: usize>(
    simd: S,
    screen: &Screen,
    norms: &[f32],
    leaders: &Leaders<S, R>,
    sharp: bool,
) -> u32 {
    let limits = thresholds(simd, screen, norms, &leaders.first, sharp);
    let mut bits = 0;
    for r in 0..R {
        // Written so that a NaN never certifies.
        let sure = simd.bits(simd.below(limits[r], leaders.second[r]));
        bits |= (!sure & (u32::MAX >> (32 - S::LANES))) << (r * S::LANES);
    }
    bits
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

/// Scores of R vectors of rows against C centres, in D columns.
#[inline(always)]
pub(crate) fn scores<S: Simd, const R: usize, const C: usize, const D: usize>(
    simd: S,
    rows: &[f32],
    centres: &[f32],
    halves: &[f32],
) -> [[S::Floats; R]; C] {
    let mut sums = [[simd.splat(0.0); R]; C];
    for c in 0..C {
        sums[c] = [simd.splat(halves[c]); R];
    }
    let width = R * S::LANES;
    if D != SHORT && D != LONG {
        let (rows, centres) = (&rows[..D * width], &centres[..D * C]);
        for q in 0..D {
            subtract_column::<S, R, C>(simd, &rows[q * width..][..width], &centres[q * C..][..C], &mut sums);
        }
        return sums;
    }
    if D == SHORT || centres.len() <= CHAIN * C {
        return subtract_products(simd, rows, centres, sums);
    }
    // Longer rows: a chain for every CHAIN columns, so that rounding grows with CHAIN + d / CHAIN and not with d.
    for (rows, centres) in rows.chunks(CHAIN * width).zip(centres.chunks(CHAIN * C)) {
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
