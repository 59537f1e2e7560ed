//! Scores in float64, of the rows that float32 does not decide, and which centers can be nearest to them.
//!
//! It costs k d multiply-adds a row at half the speed of float32, and leaves more than one center only where distances
//! are equal, or differ by less than 2^-53 of the row's and the center's squares: rows of columns of many scales, or
//! far from the origin, need it by the thousand. What it leaves goes to the comparator (distance/exact.rs), with the
//! few centers that can be nearest.
//!
//! **Certificate.** That of screen/certificate.rs, with float64 in the place of float32. A coordinate is s x - s m: the
//! product is exact (s is a power of two), the difference off by a relative v. |b_j|^2 / 2 is a sum of d squares of
//! b~_j, off by less than (d + 6) v; a score passes through d roundings, and d more where products are not fused, of
//! which each is one of its own product. w0 covers products and squares that underflow, 2^-1074 each, and coordinates
//! that do. The rounding of first + 2 eps itself, v of it, is covered by 2^-49 of |first|.
//!
//! **Gap** (prune/hamerly.rs), from the same scores: |y|^2 is the float64 sum of squares to within a relative (d + 8)
//! 2^-52, and what sums of three terms lose is given away at 2^-49 of their sizes.

// Register arrays are indexed by constants, so that loops over them unroll.
#![allow(clippy::needless_range_loop)]

use crate::memory::{Grow, filled, zeros};
use crate::rows::Rows;
use crate::screen::centers::PreparedCenters;
use crate::screen::certificate::{Certificate, INFLATE};
use crate::screen::frame::Frame;
use crate::simd::{Simd, Task};

/// Centers side by side, a lane each.
const SIDE: usize = 8;
/// Rows at a time.
pub(crate) const ROWS: usize = 8;

/// Given away for roundings of a few terms.
const GIVEN: f64 = 8.0 * f64::EPSILON;

type Eight = [f64; SIDE];

/// Centers in float64, in the frame's coordinates.
pub(crate) struct Doubles {
    columns: usize,
    /// [panel][column][center of the panel]; positions are those of the prepared centers.
    numbers: Vec<f64>,
    /// |b~|^2 / 2, padded with infinity.
    halves: Vec<f64>,
    /// B.
    largest: f64,
    certificate: Certificate,
}

impl Doubles {
    /// The distinct ones of some centers.
    pub(crate) fn new(frame: &Frame, centers: &[f64], prepared: &PreparedCenters) -> Doubles {
        let (columns, count) = (prepared.columns, prepared.distinct);
        let panels = count.div_ceil(SIDE);
        let (mut numbers, mut halves) = (zeros(panels * SIDE * columns), filled(f64::INFINITY, panels * SIDE));
        let mut largest = 0f64;
        for at in 0..count {
            let center = &centers[prepared.original(at as i32) as usize * columns..][..columns];
            let placed = numbers[at / SIDE * SIDE * columns + at % SIDE..].iter_mut().step_by(SIDE);
            let mut square = 0.0;
            for ((c, shift), placed) in center.iter().zip(&frame.shift).zip(placed) {
                let b = c * frame.scale - shift;
                square += b * b;
                *placed = b;
            }
            halves[at] = 0.5 * square;
            largest = largest.max(length(square));
        }
        let certificate = if frame.holds { Certificate::double(columns) } else { Certificate::NONE };
        Doubles { columns, numbers, halves, largest, certificate }
    }

    /// Scores after padding.
    pub(crate) fn padded(&self) -> usize {
        self.halves.len()
    }

    /// Scores some rows, at most `ROWS`, and finds out of each which centers can be nearest.
    #[inline(always)]
    pub(crate) fn score<S: Simd, R: Rows>(
        &self,
        simd: S,
        (rows, frame): (&R, &Frame),
        some: &[usize],
        room: &mut DoubleRoom,
    ) {
        let DoubleRoom { row, placed, scores, squares, found } = room;
        placed.set_length(ROWS * self.columns, 0.0);
        scores.set_length(ROWS * self.padded(), 0.0);
        squares.clear();
        for (&at, placed) in some.iter().zip(placed.chunks_exact_mut(self.columns)) {
            let x = rows.read(at, row);
            squares.add(simd.vectorize(PlaceRow { x, frame, placed }));
        }
        found.clear();
        simd.vectorize(Score { centers: self, placed, squares, scores, found });
    }

    /// How much farther every other center is than the nearest, at least, in the frame's unit; for a row that is
    /// decided.
    #[inline(always)]
    pub(crate) fn gap(&self, &Found { square, first, second, twice, .. }: &Found) -> f32 {
        let lost = (self.columns + 8) as f64 * f64::EPSILON * square + self.certificate.w0;
        let near = square + 2.0 * first + twice + lost + GIVEN * (square + 2.0 * first.abs() + twice);
        let far = square + 2.0 * second - twice - lost - GIVEN * (square + 2.0 * second.abs() + twice);
        let gap = far.max(0.0).sqrt() * (1.0 - GIVEN) - near.max(0.0).sqrt() * (1.0 + GIVEN);
        (gap as f32).next_down()
    }
}

/// No less than the length whose square, in float64, this is: sums of d squares are off by less than the factor, and
/// what underflows by less than the last term.
#[inline(always)]
fn length(square: f64) -> f64 {
    square.sqrt() * INFLATE + 2f64.powi(-500)
}

/// What one worker keeps for it.
#[derive(Default)]
pub(crate) struct DoubleRoom {
    row: Vec<f64>,
    /// -y, row by row.
    placed: Vec<f64>,
    /// Row by row.
    scores: Vec<f64>,
    /// |y|^2.
    squares: Vec<f64>,
    /// What was found of the rows.
    pub(crate) found: Vec<Found>,
}

impl DoubleRoom {
    /// Lists the positions of the centers that can be nearest to a row of the last ones.
    pub(crate) fn candidates(&self, at: usize, distinct: usize, out: &mut Vec<i32>) {
        let scores = &self.scores[at * (self.scores.len() / ROWS)..][..distinct];
        out.clear();
        out.make_room(distinct);
        // Written so that what is not a number rules nothing out.
        let beyond = |score: &f64| *score > self.found[at].limit;
        out.extend((0..).zip(scores).filter(|(_, score)| !beyond(score)).map(|(place, _)| place));
    }
}

/// What the scores of a row tell.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// The position of the center with the least score.
    pub(crate) best: i32,
    /// Whether no other can be nearest.
    pub(crate) sure: bool,
    /// No center with a higher score can.
    limit: f64,
    /// |y|^2, the two least scores, and 2 eps(R).
    square: f64,
    first: f64,
    second: f64,
    twice: f64,
}

/// Writes -y, and returns |y|^2.
struct PlaceRow<'a> {
    x: &'a [f64],
    frame: &'a Frame,
    placed: &'a mut [f64],
}

impl Task for PlaceRow<'_> {
    type Out = f64;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> f64 {
        let PlaceRow { x, frame: Frame { scale, shift, .. }, placed } = self;
        for ((placed, x), shift) in placed.iter_mut().zip(x).zip(shift) {
            *placed = shift - x * scale;
        }
        let (eights, rest) = placed.as_chunks::<SIDE>();
        let mut sums = [0.0; SIDE];
        eights.iter().for_each(|y| (0..SIDE).for_each(|lane| sums[lane] += y[lane] * y[lane]));
        sums.iter().sum::<f64>() + rest.iter().map(|y| y * y).sum::<f64>()
    }
}

struct Score<'a> {
    centers: &'a Doubles,
    placed: &'a [f64],
    squares: &'a [f64],
    scores: &'a mut [f64],
    found: &'a mut Vec<Found>,
}

impl Task for Score<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Score { centers, placed, squares, scores, found } = self;
        let (d, k) = (centers.columns, centers.padded());
        // As many accumulators as registers hold.
        if S::LANES == 16 {
            score::<S, ROWS>(centers, placed, scores);
        } else {
            for (placed, scores) in placed.chunks_exact(4 * d).zip(scores.chunks_exact_mut(4 * k)) {
                score::<S, 4>(centers, placed, scores);
            }
        }
        for (&square, scores) in squares.iter().zip(scores.chunks_exact(k)) {
            found.push(judge(centers, square, scores));
        }
    }
}

/// Scores N rows against all centers.
#[inline(always)]
fn score<S: Simd, const N: usize>(centers: &Doubles, placed: &[f64], scores: &mut [f64]) {
    let (d, k) = (centers.columns, centers.padded());
    let rows: [&[f64]; N] = std::array::from_fn(|r| &placed[r * d..][..d]);
    let (halves, _) = centers.halves.as_chunks::<SIDE>();
    for (panel, half) in halves.iter().enumerate() {
        let (columns, _) = centers.numbers[panel * d * SIDE..][..d * SIDE].as_chunks::<SIDE>();
        let mut sums = [*half; N];
        for (q, b) in columns.iter().enumerate() {
            for r in 0..N {
                sums[r] = add_product::<S>(sums[r], rows[r][q], b);
            }
        }
        for r in 0..N {
            scores[r * k + panel * SIDE..][..SIDE].copy_from_slice(&sums[r]);
        }
    }
}

/// sum + y b. (Arrays by value: the compiler keeps them in vectors.)
#[inline(always)]
fn add_product<S: Simd>(mut sum: Eight, y: f64, b: &Eight) -> Eight {
    for lane in 0..SIDE {
        sum[lane] = if S::FUSED { y.mul_add(b[lane], sum[lane]) } else { sum[lane] + y * b[lane] };
    }
    sum
}

/// The lesser of two numbers, and the other. (One comparison; a NaN is no less than anything.)
#[inline(always)]
fn lesser(a: f64, b: f64) -> (f64, f64) {
    if b < a { (b, a) } else { (a, b) }
}

/// The least score of a row, and whether another center's is as low as the limit.
#[inline(always)]
fn judge(centers: &Doubles, square: f64, scores: &[f64]) -> Found {
    let (eights, _) = scores.as_chunks::<SIDE>();
    let (mut least, mut others) = ([f64::INFINITY; SIDE], [f64::INFINITY; SIDE]);
    for scores in eights {
        for lane in 0..SIDE {
            let score = scores[lane];
            let loser = lesser(least[lane], score).1;
            least[lane] = lesser(least[lane], score).0;
            others[lane] = lesser(others[lane], loser).0;
        }
    }
    // Half of the lanes into the other half, as lanes one after the other would wait for each other.
    for half in [4, 2, 1] {
        for lane in 0..half {
            let (lead, loser) = lesser(least[lane], least[lane + half]);
            least[lane] = lead;
            others[lane] = lesser(loser, lesser(others[lane], others[lane + half]).0).0;
        }
    }
    let (first, second) = (least[0], others[0]);
    let twice = centers.certificate.twice_of(length(square), centers.largest, (first, second));
    let limit = first + twice + GIVEN * first.abs();
    let leads = |at: usize| eights[at].iter().position(|&score| score == first).map(|lane| at * SIDE + lane);
    let best = (0..eights.len()).find_map(leads).unwrap_or(0) as i32;
    // Written so that a NaN decides nothing: where a score is one, |y|^2 is none that a limit could come from.
    Found { best, sure: second > limit, limit, square, first, second, twice }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;
    use crate::simd::Isa;

    struct Each<'a>(&'a [f64], &'a [f64], usize, &'a Frame);

    impl Task for Each<'_> {
        type Out = Vec<(Found, f32, Vec<i32>)>;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Out {
            let Each(data, centers, d, frame) = self;
            let rows = Dense::contiguous(data, data.len() / d, d).unwrap();
            let prepared = PreparedCenters::dense(simd, frame, centers, d, None);
            let (doubles, mut room) = (Doubles::new(frame, centers, &prepared), DoubleRoom::default());
            let (mut out, mut few) = (Vec::new(), Vec::new());
            let all: Vec<usize> = (0..rows.len()).collect();
            for some in all.chunks(ROWS) {
                doubles.score(simd, (&rows, frame), some, &mut room);
                for (i, found) in room.found.iter().enumerate() {
                    room.candidates(i, prepared.distinct, &mut few);
                    out.push((*found, doubles.gap(found), few.clone()));
                }
            }
            out
        }
    }

    #[test]
    fn candidates_hold_the_nearest_and_gaps_are_lower_bounds() {
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as f64 / (1u64 << 31) as f64 - 0.5
        };
        let isas = Isa::ALL.into_iter().filter(|isa| isa.available());
        for (isa, (d, k)) in isas.flat_map(|isa| [(1, 2), (2, 9), (7, 3), (8, 1), (21, 17)].map(|shape| (isa, shape))) {
            for apart in [0.0, 1e3, 1e6, 1e12] {
                let mut points = |n: usize| -> Vec<f64> {
                    (0..n * d)
                        .map(|at| random() + if at % d == 0 { apart * (at / d % 2) as f64 } else { 0.0 })
                        .collect()
                };
                let (data, mut centers) = (points(45), points(k));
                centers[0] = apart * 1e3;
                let frame = Frame::new(&vec![0.25 * apart; d], &vec![apart * 1e3 + 1.0; d]);
                let apart_from = |x: &[f64], j: usize| -> f64 {
                    x.iter().zip(&centers[j * d..][..d]).map(|(x, c)| (x - c).powi(2)).sum()
                };
                for (x, (found, gap, few)) in data.chunks(d).zip(isa.run(Each(&data, &centers, d, &frame))) {
                    let mut order: Vec<usize> = (0..k).collect();
                    order.sort_by(|&a, &b| apart_from(x, a).total_cmp(&apart_from(x, b)));
                    assert!(few.contains(&(order[0] as i32)) && few.is_sorted());
                    assert_eq!(found.sure, few.len() == 1);
                    if found.sure && k > 1 {
                        assert_eq!(found.best, few[0]);
                        let [near, far] = [0, 1].map(|at| apart_from(x, order[at]).sqrt());
                        // Differences are exact to 2^-52 of the distances, and the bounds to some 1e-3 of their
                        // squares.
                        let (true_gap, unit) = ((far - near) * frame.scale, frame.scale * (1.0 + far) * 1e-12);
                        assert!((gap as f64) <= true_gap + unit, "{gap} {true_gap} {apart} {d}");
                        assert!(apart > 1e6 || gap as f64 >= 0.9 * true_gap - 0.2 * frame.scale, "{gap}");
                    }
                }
            }
        }
    }
}
