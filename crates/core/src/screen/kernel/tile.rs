//! The tile: scores of many rows against many centers at once, and which centers can be nearest.
//!
//! A microtile is VECTORS vectors of rows (a row to a lane) by C centers: as many accumulators as the registers hold,
//! so that a loaded center serves all its rows and a loaded row all its centers. Rows lie packed
//! [microtile][cell][lane], centers [group][cell][center]; both are read from front to back. A cell is a column in
//! float32 (kernel/f32.rs), or two columns in int16 (kernel/i16.rs).
//!
//! Of each row the least score, the center that has it and the least of the others are kept in registers, five
//! operations a score, which find room beside the multiply-adds. A row whose second score exceeds first + 2 eps(R) is
//! decided (screen/certificate.rs has the theorem).

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::memory::Grow;
use crate::screen::certificate::{STEPS, Terms};
use crate::screen::kernel::micro::{Block, Centers, Kernel, Number, Sums, begin};
use crate::screen::verdicts::Verdicts;
use crate::simd::{Simd, Task};

/// Bytes of a microtile of rows that would not leave room for a panel in that cache.
const LONG: usize = 24 << 10;
/// Cells of a line of the caches.
const LINE: usize = 16;
/// A gap is at most so much shorter than it might be, in parts of the difference of the scores: one in so many.
const PLENTY: f32 = 8.0;
/// Lanes of a vector at most.
const MOST: usize = 16;

/// How many centers a microtile takes: more are faster, fewer leave less padding.
pub(crate) fn group<S: Simd>(centers: usize) -> usize {
    let padded = |group: usize| centers.div_ceil(group) * group;
    if 16 * padded(S::CENTERS) <= 17 * padded(S::FEW) { S::CENTERS } else { S::FEW }
}

/// Screens packed rows against all centers. The first of them is at place `from` of the verdicts, where a microtile
/// begins.
///
/// A function of its own for each instruction set: inlined into every sweep over every kind of rows, the loops below
/// would be part of functions so large that the compiler keeps them neither whole nor in registers.
#[inline(always)]
pub(crate) fn screen<S: Simd, N: Number>(
    simd: S,
    centers: &Centers<N>,
    rows: Block<N>,
    from: usize,
    verdicts: &mut Verdicts,
) {
    simd.vectorize(ScreenBlock { centers, rows, from, verdicts });
}

struct ScreenBlock<'a, N> {
    centers: &'a Centers<'a, N>,
    rows: Block<'a, N>,
    from: usize,
    verdicts: &'a mut Verdicts,
}

impl<N: Number> Task for ScreenBlock<'_, N> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        shaped(simd, self.centers.group, self);
    }
}

impl<N: Number> Shaped for ScreenBlock<'_, N> {
    #[inline(always)]
    fn run<S: Simd, const R: usize, const C: usize>(self, simd: S) {
        N::screen::<S, R, C>(simd, self.centers, self.rows, self.from, self.verdicts);
    }
}

/// Something to do with microtiles of R vectors of rows and C centers. `run` must be `#[inline(always)]`.
pub(crate) trait Shaped {
    /// The work.
    fn run<S: Simd, const R: usize, const C: usize>(self, simd: S);
}

/// Does it with the microtiles of an instruction set that take `group` centers.
///
/// Their arrays must have constant size, which a trait's constants cannot give them; and only shapes that the set has
/// shall be compiled, hence conditions that are constants.
#[inline(always)]
pub(crate) fn shaped<S: Simd, T: Shaped>(simd: S, group: usize, task: T) {
    if S::VECTORS == 1 && S::CENTERS == 4 {
        task.run::<S, 1, 4>(simd);
    } else if S::VECTORS == 2 && S::CENTERS == 8 && group == 8 {
        task.run::<S, 2, 8>(simd);
    } else if S::VECTORS == 2 {
        task.run::<S, 2, 4>(simd);
    } else {
        unreachable!("no microtile of {} vectors", S::VECTORS);
    }
}

/// Of each row in R vectors of rows: the least score, which center has it, and the least score of the others.
pub(crate) struct Leaders<S: Simd, const R: usize> {
    first: [S::Floats; R],
    best: [S::Ints; R],
    second: [S::Floats; R],
}

impl<S: Simd, const R: usize> Leaders<S, R> {
    /// Before any center.
    #[inline(always)]
    pub(crate) fn new(simd: S) -> Self {
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

    /// Writes all lanes.
    #[inline(always)]
    pub(crate) fn store(&self, simd: S, first: &mut [f32], best: &mut [i32], second: &mut [f32]) {
        for r in 0..R {
            simd.store(self.first[r], &mut first[r * S::LANES..]);
            simd.store_int(self.best[r], &mut best[r * S::LANES..]);
            simd.store(self.second[r], &mut second[r * S::LANES..]);
        }
    }

    /// One more center: of equal scores the first leads, and the others are its equals in `second`.
    #[inline(always)]
    pub(crate) fn meet(&mut self, simd: S, r: usize, place: S::Ints, score: S::Floats) {
        let loser = simd.max(self.first[r], score);
        self.best[r] = simd.select_int(simd.below(score, self.first[r]), place, self.best[r]);
        self.first[r] = simd.min(self.first[r], score);
        self.second[r] = simd.min(self.second[r], loser);
    }

    /// The least score of all lanes, the place of a center that has it (that of the vector's first center, and its lane
    /// added), and the least of the others.
    #[inline(always)]
    pub(crate) fn foremost(&self, simd: S) -> (i32, f32, f32) {
        /// Infinity in one lane of the vector that begins so many numbers before the middle.
        const ALONE: [f32; 2 * MOST - 1] = {
            let mut alone = [0.0; 2 * MOST - 1];
            alone[MOST - 1] = f32::INFINITY;
            alone
        };
        let first = simd.least(self.first[0]);
        // Beside NaN no lane may be that.
        let bits = simd.bits(simd.at_most(self.first[0], simd.splat(first)));
        let lane = (bits.trailing_zeros() as usize).min(S::LANES - 1);
        let others = simd.add(self.first[0], simd.load(&ALONE[MOST - 1 - lane..]));
        let mut places = [0; MOST];
        simd.store_int(self.best[0], &mut places);
        (places[lane] + lane as i32, first, simd.least(simd.min(self.second[0], others)))
    }

    /// C more centers, the first of which is at a place.
    #[inline(always)]
    fn meet_all<const C: usize>(&mut self, simd: S, base: usize, scores: [[S::Floats; R]; C]) {
        let one = simd.splat_int(1);
        for r in 0..R {
            let mut place = simd.splat_int(base as i32);
            for c in 0..C {
                self.meet(simd, r, place, scores[c][r]);
                place = simd.add_int(place, one);
            }
        }
    }
}

/// Screens with one kernel.
#[inline(always)]
pub(crate) fn screen_by<S: Simd, N: Number, K: Kernel<N>, const R: usize, const C: usize>(
    simd: S,
    centers: &Centers<N>,
    rows: Block<N>,
    place: usize,
    verdicts: &mut Verdicts,
) {
    let (width, each) = (R * S::LANES, centers.cells);
    let tiles = rows.count.div_ceil(width);
    let Verdicts { best, unsure, least, second, twice, .. } = verdicts;
    best.set_length(place + tiles * width, 0);
    least.set_length(place + tiles * width, 0.0);
    second.set_length(place + tiles * width, 0.0);
    twice.set_length(place + tiles * width, 0.0);
    let (best, least, second, twice) =
        (&mut best[place..], &mut least[place..], &mut second[place..], &mut twice[place..]);
    let groups = centers.halves.len() / C;
    let long = each > K::STRIP && 4 * width * each > LONG;
    let panel = if long { groups } else { (K::PANEL / (4 * C * each)).clamp(1, groups.max(1)) };
    let mut sums = Vec::new();
    K::open(simd, each);
    for from in (0..groups).step_by(panel) {
        let to = (from + panel).min(groups);
        let numbers = &centers.numbers[from * C * each..to * C * each];
        let halves = &centers.halves[from * C..to * C];
        for tile in 0..tiles {
            let at = tile * width;
            let packed = &rows.numbers[at * each..][..width * each];
            let (least, best, second) =
                (&mut least[at..][..width], &mut best[at..][..width], &mut second[at..][..width]);
            let mut leaders =
                if from == 0 { Leaders::<S, R>::new(simd) } else { Leaders::load(simd, least, best, second) };
            if long {
                let next = rows.numbers.get((at + width) * each..(at + 2 * width) * each).unwrap_or(&[]);
                meet_strips::<S, N, K, R, C>(simd, (packed, next), numbers, halves, &mut sums, &mut leaders);
            } else {
                meet_panel::<S, N, K, R, C>(simd, packed, numbers, halves, from * C, &mut leaders);
            }
            if to < groups {
                leaders.store(simd, least, best, second);
                continue;
            }
            let unit = simd.splat(centers.unit);
            for r in 0..R {
                leaders.first[r] = simd.multiply(leaders.first[r], unit);
                leaders.second[r] = simd.multiply(leaders.second[r], unit);
            }
            leaders.store(simd, least, best, second);
            let mut doubts = doubtful(simd, centers, rows, at, &leaders, &mut twice[at..][..width]);
            while doubts != 0 {
                let row = at + doubts.trailing_zeros() as usize;
                doubts &= doubts - 1;
                if row < rows.count {
                    unsure.push((place + row) as u32);
                }
            }
        }
    }
    K::close(simd);
}

/// Scores R vectors of long rows against all centers, some cells at a time: a strip of the rows stays in the
/// first-level cache while all centers pass by, and the rows that come next are fetched meanwhile.
#[inline(always)]
fn meet_strips<S: Simd, N: Number, K: Kernel<N>, const R: usize, const C: usize>(
    simd: S,
    (rows, next): (&[N], &[N]),
    centers: &[N],
    halves: &[N],
    sums: &mut Vec<Sums<S, N, R, C>>,
    leaders: &mut Leaders<S, R>,
) {
    let (width, groups) = (R * S::LANES, halves.len() / C);
    let each = rows.len() / width;
    let mut soon = next.chunks(next.len().div_ceil(groups * each.div_ceil(K::STRIP)).next_multiple_of(LINE).max(LINE));
    sums.clear();
    sums.extend((0..groups).map(|group| begin::<S, N, R, C>(simd, &halves[group * C..][..C])));
    for from in (0..each).step_by(K::STRIP) {
        let to = (from + K::STRIP).min(each);
        let rows = &rows[from * width..to * width];
        for (sums, centers) in sums.iter_mut().zip(centers.chunks_exact(each * C)) {
            soon.next().unwrap_or(&[]).iter().step_by(LINE).for_each(|line| simd.prefetch(line));
            *sums = K::add(simd, rows, &centers[from * C..to * C], *sums);
        }
    }
    for (group, sums) in sums.iter().enumerate() {
        leaders.meet_all(simd, group * C, K::finish(simd, *sums));
    }
}

/// Scores R vectors of rows against the centers of a panel.
#[inline(always)]
fn meet_panel<S: Simd, N: Number, K: Kernel<N>, const R: usize, const C: usize>(
    simd: S,
    rows: &[N],
    centers: &[N],
    halves: &[N],
    base: usize,
    leaders: &mut Leaders<S, R>,
) {
    let each = C * (rows.len() / (R * S::LANES));
    // Indexed by hand: `chunks_exact` would divide by lengths that are not constant, once for each microtile.
    let (mut at, mut start) = (0, 0);
    while at < halves.len() {
        let mut sums = K::scores::<S, R, C>(simd, rows, &centers[start..start + each], &halves[at..at + C]);
        simd.settle(&mut sums);
        leaders.meet_all(simd, base + at, sums);
        (at, start) = (at + C, start + each);
    }
}

/// Rows that are not certified, as bits; and 2 eps(R) of every row.
///
/// R is taken from the second score, which is no less than the first: it serves the certificate and the gap
/// (screen/certificate.rs). It is taken anew while a row has less than `PLENTY` times what it needs: then neither its
/// certificate nor its gap loses by it.
#[inline(always)]
fn doubtful<S: Simd, N, const R: usize>(
    simd: S,
    centers: &Centers<N>,
    rows: Block<N>,
    at: usize,
    leaders: &Leaders<S, R>,
    twice: &mut [f32],
) -> u32 {
    let all = u32::MAX >> (32 - S::LANES);
    let mut bits = 0;
    for r in 0..R {
        let lanes = at + r * S::LANES;
        let (norm, error) = (simd.load(&rows.norms[lanes..]), simd.load(&rows.errors[lanes..]));
        let bound = Bound::new(simd, &centers.terms, norm, error);
        let (first, second) = (leaders.first[r], leaders.second[r]);
        let mut radius = simd.splat(centers.radius);
        let mut within = bound.at(simd, radius);
        for _ in 0..STEPS {
            if exceeds(simd, first, second, simd.multiply(within, simd.splat(PLENTY))) == all {
                break;
            }
            let closer = simd.min(reach(simd, norm, second, within), radius);
            let halved = simd.bits(simd.below(simd.add(closer, closer), radius));
            (radius, within) = (closer, bound.at(simd, closer));
            if halved == 0 {
                break;
            }
        }
        simd.store(within, &mut twice[r * S::LANES..]);
        bits |= (!exceeds(simd, first, second, within) & all) << (r * S::LANES);
    }
    bits
}

/// 2 eps(R) of a vector of rows: a + (b + c R) R.
struct Bound<S: Simd> {
    a: S::Floats,
    b: S::Floats,
    c: S::Floats,
}

impl<S: Simd> Bound<S> {
    #[inline(always)]
    fn new(simd: S, terms: &Terms, norm: S::Floats, error: S::Floats) -> Self {
        let [constant, by_norm, by_error] = [terms.constant, terms.by_norm, terms.by_error].map(|x| simd.splat(x));
        let [along, off, c] = [terms.norm, terms.error, terms.square].map(|x| simd.splat(x));
        let a = simd.add(constant, simd.add(simd.multiply(norm, by_norm), simd.multiply(error, by_error)));
        Bound { a, b: simd.add(simd.multiply(norm, along), simd.multiply(error, off)), c }
    }

    #[inline(always)]
    fn at(&self, simd: S, radius: S::Floats) -> S::Floats {
        let slope = simd.add(self.b, simd.multiply(self.c, radius));
        simd.add(self.a, simd.multiply(slope, radius))
    }
}

/// Lanes, as bits, whose second score exceeds first + 2 eps for sure.
///
/// Scores are off by a relative 2^-22 after their conversion from integers, and float32 sums by 2^-24: the slack of
/// 2^-20 |first| and the inflation of the terms by 1e-5 cover them.
#[inline(always)]
fn exceeds<S: Simd>(simd: S, first: S::Floats, second: S::Floats, twice: S::Floats) -> u32 {
    let size = simd.max(first, simd.subtract(simd.splat(0.0), first));
    let limit = simd.add(first, simd.add(twice, simd.multiply(size, simd.splat(2f32.powi(-20)))));
    // Written so that a NaN never certifies.
    simd.bits(simd.below(limit, second))
}

/// |y| + sqrt(t) of the theorem, t = |y|^2 + 2 score + 2 eps(R), rounded up.
///
/// Rounding: t is off by less than 2^-21 (|y|^2 + 2 |score| + 2 eps), which is added before the root.
#[inline(always)]
fn reach<S: Simd>(simd: S, norm: S::Floats, score: S::Floats, twice: S::Floats) -> S::Floats {
    let zero = simd.splat(0.0);
    let size = simd.max(score, simd.subtract(zero, score));
    let base = simd.add(simd.multiply(norm, norm), twice);
    let whole = simd.add(base, simd.add(size, size));
    let t = simd.add(simd.add(base, simd.add(score, score)), simd.multiply(whole, simd.splat(2f32.powi(-20))));
    simd.multiply(simd.add(norm, simd.sqrt(simd.max(t, zero))), simd.splat(1.0 + 1e-5))
}
