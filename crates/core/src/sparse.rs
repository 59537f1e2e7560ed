//! Scores of sparse rows: one accumulator for every centre, a pass over the stored entries.
//!
//! The origin stays at zero, so entries that are not stored add exactly nothing: a score has as many roundings as the row
//! has entries. Accumulators lie side by side, so each entry is one multiply-add of a row of the transposed centres; eight
//! vectors of them are in registers while the entries of a row pass by.

// Register arrays are indexed by constants, so that loops over them unroll.
#![allow(clippy::needless_range_loop)]

use crate::pairs::EIGHT;
use crate::rows::{Csr, Index, Pick, Real};
use crate::screen::{Frame, Screen, Verdicts};
use crate::simd::{Simd, Task};
use crate::team::{Crew, Interrupted};
use crate::tile::Leaders;

/// An entry of a row in the frame: where its column's centres begin, and its value.
pub type Term = (usize, f32);

/// Lanes of a vector at most.
const MOST: usize = 16;

/// Columns of sparse rows' centres that a thread takes at a time.
const SHARE: usize = 4096;
/// Bytes that are placed together: a part of the second-level cache.
const PLACED: usize = 512 << 10;

impl Screen {
    /// For sparse rows: the frame's origin must be zero.
    pub fn sparse<S: Simd>(
        simd: S,
        crew: &Crew,
        frame: &Frame,
        centres: &[f64],
        columns: usize,
        drift: f64,
    ) -> Result<Screen, Interrupted> {
        let mut screen = Screen::start(frame, centres, columns, |_| S::LANES, 0);
        let distinct = screen.pick(centres, columns);
        let padded = screen.padded;
        screen.centres = vec![0.0; padded * columns];
        // By shares of the columns, in order, so that the same rows are certified whoever sums what.
        let mut squares = vec![0.0; columns.div_ceil(SHARE) * distinct.len()];
        let shares = screen.centres.chunks_mut(SHARE * padded).zip(squares.chunks_mut(distinct.len())).enumerate();
        let (distinct, scale) = (&distinct, frame.scale);
        crew.each(
            shares,
            || (),
            |(), (share, (placed, squares))| {
                let from = share * SHARE;
                simd.vectorize(Place { centres, columns, distinct, scale, from, padded, placed, squares });
            },
        )?;
        for at in 0..distinct.len() {
            screen.halves[at] = screen.measured(squares.iter().skip(at).step_by(distinct.len()).sum());
        }
        Ok(screen.finish(drift))
    }
}

/// Some columns of all sparse rows' centres: what is written is transposed.
struct Place<'a> {
    centres: &'a [f64],
    columns: usize,
    distinct: &'a [i32],
    scale: f64,
    from: usize,
    padded: usize,
    /// Zeros.
    placed: &'a mut [f32],
    squares: &'a mut [f64],
}

impl Task for Place<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Place { centres, columns, distinct, scale, from, padded, placed, squares } = self;
        // So few columns of all centres at a time stay in the cache.
        let strip = (PLACED / 4 / padded).max(EIGHT);
        for (at, placed) in placed.chunks_mut(strip * padded).enumerate() {
            let from = from + at * strip;
            for (at, (&j, square)) in distinct.iter().zip(&mut *squares).enumerate() {
                let centre = &centres[j as usize * columns + from..][..placed.len() / padded];
                for (some, eight) in centre.chunks(EIGHT).enumerate() {
                    // Most coordinates are zero, and written already.
                    if eight.iter().fold(0, |any, c| any | c.to_bits()) == 0 {
                        continue;
                    }
                    for (lane, c) in eight.iter().enumerate().filter(|(_, c)| **c != 0.0) {
                        let b = c * scale;
                        *square += b * b;
                        placed[(some * EIGHT + lane) * padded + at] = b as f32;
                    }
                }
            }
        }
    }
}

/// Screens some rows.
#[inline(always)]
pub fn screen<S: Simd, T: Real, I: Index>(
    simd: S,
    screen: &Screen,
    matrix: &Csr<'_, T, I>,
    pick: Pick,
    verdicts: &mut Verdicts,
) {
    let Verdicts { best: nearest, unsure, terms, .. } = verdicts;
    nearest.resize(pick.len(), 0);
    unsure.clear();
    for (at, nearest) in nearest.iter_mut().enumerate() {
        let (indices, values) = matrix.stored(pick.row(at));
        let mut square = 0.0;
        terms.clear();
        for (index, value) in indices.iter().zip(values) {
            let y = value.widen() * screen.scale;
            square += y * y;
            terms.push((index.position() * screen.padded, y as f32));
        }
        let mut leaders = Leaders::<S, 1>::new(simd);
        let mut first = 0;
        while first < screen.padded {
            first += match (screen.padded - first) / S::LANES {
                0..2 => meet::<S, 1>(simd, screen, terms, first, &mut leaders),
                2..4 => meet::<S, 2>(simd, screen, terms, first, &mut leaders),
                4..8 => meet::<S, 4>(simd, screen, terms, first, &mut leaders),
                _ => meet::<S, 8>(simd, screen, terms, first, &mut leaders),
            };
        }
        let (best, first, second) = foremost(simd, &leaders);
        *nearest = best;
        let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
        if !screen.certain_sparse(values.len(), norm, first, second) {
            unsure.push(at as u32);
        }
    }
}

/// Positions of the centres that may be nearest to a row, ascending: those whose score is within 2 eps of the least (screen.rs).
pub fn near<T: Real, I: Index>(screen: &Screen, matrix: &Csr<'_, T, I>, row: usize, out: &mut Vec<i32>) {
    let (indices, values) = matrix.stored(row);
    let mut scores = screen.halves[..screen.distinct].to_vec();
    let mut square = 0.0;
    for (index, value) in indices.iter().zip(values) {
        let y = value.widen() * screen.scale;
        square += y * y;
        let centres = &screen.centres[index.position() * screen.padded..];
        scores.iter_mut().zip(centres).for_each(|(score, b)| *score -= y as f32 * b);
    }
    let norm = square.sqrt() * (1.0 + 1e-9) + f64::MIN_POSITIVE;
    let first = scores.iter().copied().fold(f32::INFINITY, f32::min);
    out.clear();
    out.extend(
        (0..screen.distinct as i32)
            .filter(|&at| !screen.certain_sparse(values.len(), norm, first, scores[at as usize])),
    );
}

/// Scores a row against N vectors of centres; returns how many centres that are.
#[inline(always)]
fn meet<S: Simd, const N: usize>(
    simd: S,
    screen: &Screen,
    terms: &[Term],
    from: usize,
    leaders: &mut Leaders<S, 1>,
) -> usize {
    let width = N * S::LANES;
    let halves = &screen.halves[from..from + width];
    let mut sums = [simd.splat(0.0); N];
    for v in 0..N {
        sums[v] = simd.load(&halves[v * S::LANES..]);
    }
    let centres = &screen.centres[from..];
    for &(start, x) in terms {
        let (x, centres) = (simd.splat(x), &centres[start..start + width]);
        for v in 0..N {
            sums[v] = simd.subtract_product(sums[v], x, simd.load(&centres[v * S::LANES..]));
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

/// The least score of all lanes, the first centre that has it, and the least of the others.
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
