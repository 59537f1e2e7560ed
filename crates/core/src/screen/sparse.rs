//! Scores of sparse rows: one accumulator for every center, a pass over the stored entries.
//!
//! The origin stays at zero, so entries that are not stored add exactly nothing: a score has as many roundings as the row
//! has entries. Accumulators lie side by side, so each entry is one multiply-add of a row of the transposed centers; eight
//! vectors of them are in registers while the entries of a row pass by.

// Register arrays are indexed by constants, so that loops over them unroll.
#![allow(clippy::needless_range_loop)]

use crate::exact::double_double::EIGHT;
use crate::rows::{Csr, Index, Real, Selection};
use crate::screen::activity::{CenterActivity, Scores, UNKNOWN};
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::kernel::tile::Leaders;
use crate::screen::verdicts::{Term, Verdicts};
use crate::simd::{Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Lanes of a vector at most.
const MOST: usize = 16;

/// Columns of sparse rows' centers that a thread takes at a time.
const SHARE: usize = 4096;
/// Bytes that are placed together: a part of the second-level cache.
const PLACED: usize = 512 << 10;

impl PreparedCenters {
    /// For sparse rows: the frame's origin must be zero.
    pub fn sparse<S: Simd>(
        simd: S,
        workers: &Workers,
        frame: &Frame,
        centers: &[f64],
        columns: usize,
        drift: f64,
    ) -> Result<PreparedCenters, Interrupted> {
        let mut prepared = PreparedCenters::start(frame, centers, columns, |_| S::LANES, 0);
        let places: Vec<_> = prepared.distinct_indices(centers, columns).into_iter().enumerate().collect();
        prepared.centers = vec![0.0; prepared.padded * columns];
        let centers = Placed { centers, columns, scale: frame.scale, places: &places, fresh: true };
        let squares = place(simd, workers, &centers, (&mut prepared.centers, prepared.padded))?;
        squares.into_iter().enumerate().for_each(|(at, square)| prepared.halves[at] = prepared.measured(square));
        Ok(prepared.finish(drift))
    }
}

/// Centers to be placed.
pub struct Placed<'a> {
    /// k x d.
    pub centers: &'a [f64],
    /// Number of columns.
    pub columns: usize,
    /// The frame's scale.
    pub scale: f64,
    /// Where, and which.
    pub places: &'a [(usize, i32)],
    /// Whether there are zeros in these places.
    pub fresh: bool,
}

/// Writes centers transposed, `padded` numbers a column; returns their |b|^2, which is not finite where a center is not.
pub fn place<S: Simd>(
    simd: S,
    workers: &Workers,
    what: &Placed,
    (transposed, padded): (&mut [f32], usize),
) -> Result<Vec<f64>, Interrupted> {
    let count = what.places.len();
    // By shares of the columns, in order, so that the same rows are certified whoever sums what.
    let mut squares = vec![0.0; what.columns.div_ceil(SHARE) * count];
    let shares = transposed.chunks_mut(SHARE * padded).zip(squares.chunks_mut(count.max(1))).enumerate();
    workers.each(
        shares,
        || (),
        |(), (share, (transposed, squares))| {
            simd.vectorize(Place { what, from: share * SHARE, padded, transposed, squares });
        },
    )?;
    Ok((0..count).map(|at| squares.iter().skip(at).step_by(count).sum()).collect())
}

/// Some columns of the centers.
struct Place<'a> {
    what: &'a Placed<'a>,
    from: usize,
    padded: usize,
    transposed: &'a mut [f32],
    squares: &'a mut [f64],
}

impl Task for Place<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Place { what: &Placed { centers, columns, scale, places, fresh }, from, padded, transposed, squares } =
            self;
        // So few columns of all centers at a time stay in the cache.
        let strip = (PLACED / 4 / padded).max(EIGHT);
        for (at, transposed) in transposed.chunks_mut(strip * padded).enumerate() {
            let from = from + at * strip;
            if !fresh {
                for column in transposed.chunks_exact_mut(padded) {
                    places.iter().for_each(|&(at, _)| column[at] = 0.0);
                }
            }
            for (&(at, j), square) in places.iter().zip(&mut *squares) {
                let center = &centers[j as usize * columns + from..][..transposed.len() / padded];
                for (some, eight) in center.chunks(EIGHT).enumerate() {
                    // Most coordinates are zero, and written already.
                    if eight.iter().fold(0, |any, c| any | c.to_bits()) == 0 {
                        continue;
                    }
                    for (lane, c) in eight.iter().enumerate().filter(|(_, c)| **c != 0.0) {
                        let b = c * scale;
                        *square += b * b;
                        transposed[(some * EIGHT + lane) * padded + at] = b as f32;
                    }
                }
            }
        }
    }
}

/// What is known of some rows from the sweep before.
pub struct KnownScores<'a> {
    /// Which centers moved since.
    pub activity: &'a CenterActivity,
    /// Their labels.
    pub labels: &'a [i32],
    /// Their scores, and where those of now are kept.
    pub scores: &'a mut [Scores],
}

impl KnownScores<'_> {
    /// The nearest center of a row, its score and a bound of the others', if that is what the centers which moved say.
    #[inline(always)]
    fn add(&self, row: usize, (best, first, second): (i32, f32, f32)) -> (i32, f32, f32) {
        let (own, [least, bound]) = (self.activity.position(self.labels[row]), self.scores[row]);
        if own < self.activity.active() {
            (best, first, second.min(bound))
        } else if least <= first {
            (own as i32, least, first.min(bound))
        } else {
            (best, first, second.min(least).min(bound))
        }
    }
}

/// Screens some rows.
#[inline(always)]
pub fn screen<S: Simd, T: Real, I: Index>(
    simd: S,
    prepared: &PreparedCenters,
    matrix: &Csr<'_, T, I>,
    selection: Selection,
    mut known: Option<KnownScores>,
    verdicts: &mut Verdicts,
) {
    let Verdicts { best: nearest, unsure, terms, spared, unscored, .. } = verdicts;
    nearest.resize(selection.len(), 0);
    unsure.clear();
    let active = known.as_ref().map_or(prepared.padded, |known| known.activity.active());
    for (at, nearest) in nearest.iter_mut().enumerate() {
        let (indices, values) = matrix.stored(selection.row(at));
        let mut square = 0.0;
        terms.clear();
        for (index, value) in indices.iter().zip(values) {
            let y = value.widen() * prepared.scale;
            square += y * y;
            terms.push((index.position() * prepared.padded, y as f32));
        }
        let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
        let certain = |first, second| prepared.certain_sparse(values.len(), norm, first, second);
        let mut leaders = Leaders::<S, 1>::new(simd);
        let (mut from, mut to) = (0, active);
        let (found, sure) = loop {
            while from < to {
                from += match (to - from) / S::LANES {
                    0..2 => meet::<S, 1>(simd, prepared, terms, from, &mut leaders),
                    2..4 => meet::<S, 2>(simd, prepared, terms, from, &mut leaders),
                    4..8 => meet::<S, 4>(simd, prepared, terms, from, &mut leaders),
                    _ => meet::<S, 8>(simd, prepared, terms, from, &mut leaders),
                };
            }
            let all = foremost(simd, &leaders);
            let found = match &known {
                Some(known) if to < prepared.padded => known.add(at, all),
                _ => all,
            };
            let sure = certain(found.1, found.2);
            if sure || to == prepared.padded {
                break (found, sure);
            }
            to = prepared.padded;
        };
        let (best, first, second) = found;
        *nearest = best;
        *spared += (to < prepared.padded) as u64;
        *unscored += (prepared.padded - to) as u64;
        if !sure {
            unsure.push(at as u32);
        }
        if let Some(known) = &mut known {
            // Where the comparator decides, scores do not tell for whom.
            known.scores[at] = if sure { [first, second] } else { UNKNOWN };
        }
    }
}

/// Positions of the centers that may be nearest to a row: those whose score is within 2 eps of the least (screen/certificate.rs).
pub fn near<T: Real, I: Index>(prepared: &PreparedCenters, matrix: &Csr<'_, T, I>, row: usize, out: &mut Vec<i32>) {
    let (indices, values) = matrix.stored(row);
    let mut scores = prepared.halves[..prepared.distinct].to_vec();
    let mut square = 0.0;
    for (index, value) in indices.iter().zip(values) {
        let y = value.widen() * prepared.scale;
        square += y * y;
        let centers = &prepared.centers[index.position() * prepared.padded..];
        scores.iter_mut().zip(centers).for_each(|(score, b)| *score -= y as f32 * b);
    }
    let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
    let first = scores.iter().copied().fold(f32::INFINITY, f32::min);
    out.clear();
    out.extend(
        (0..prepared.distinct as i32)
            .filter(|&at| !prepared.certain_sparse(values.len(), norm, first, scores[at as usize])),
    );
}

/// Scores a row against N vectors of centers; returns how many centers that are.
#[inline(always)]
fn meet<S: Simd, const N: usize>(
    simd: S,
    prepared: &PreparedCenters,
    terms: &[Term],
    from: usize,
    leaders: &mut Leaders<S, 1>,
) -> usize {
    let width = N * S::LANES;
    let halves = &prepared.halves[from..from + width];
    let mut sums = [simd.splat(0.0); N];
    for v in 0..N {
        sums[v] = simd.load(&halves[v * S::LANES..]);
    }
    let centers = &prepared.centers[from..];
    for &(start, x) in terms {
        let (x, centers) = (simd.splat(x), &centers[start..start + width]);
        for v in 0..N {
            sums[v] = simd.subtract_product(sums[v], x, simd.load(&centers[v * S::LANES..]));
        }
    }
    let lanes: [i32; MOST] = std::array::from_fn(|lane| lane as i32);
    let lanes = simd.load_int(&lanes);
    for v in 0..N {
        let place = simd.add_int(lanes, simd.splat_int((from + v * S::LANES) as i32));
        leaders.meet(simd, 0, place, sums[v]);
    }
    width
}

/// The least score of all lanes, the first center that has it, and the least of the others.
#[inline(always)]
fn foremost<S: Simd>(simd: S, leaders: &Leaders<S, 1>) -> (i32, f32, f32) {
    let (mut firsts, mut places, mut seconds) = ([f32::INFINITY; MOST], [0; MOST], [f32::INFINITY; MOST]);
    leaders.store(simd, &mut firsts, &mut places, &mut seconds);
    let (mut best, mut first, mut second) = (0, f32::INFINITY, f32::INFINITY);
    for lane in 0..S::LANES {
        let leads = firsts[lane] < first;
        second = second.min(if leads { first } else { firsts[lane] }).min(seconds[lane]);
        best = if leads { places[lane] } else { best };
        first = first.min(firsts[lane]);
    }
    (best, first, second)
}
