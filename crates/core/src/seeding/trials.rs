//! What every candidate of a step would gain, in one pass over the rows, and which rows it would take.
//!
//! A candidate that lowers D(x) to D' gains w D - w D' there, a difference of two addends; the candidate that gains most leaves
//! the smallest potential. Rows that no filter (candidates.rs) rules out are measured, and what is nearer is kept in a list,
//! so that the chosen candidate needs no second pass over the rows.
//!
//! Gains are first taken in double-double: differences are exact as two numbers, and for their non-negative high parts the
//! rounding of the low parts of a piece's m <= 4096 summands is at most (m v)^2 of the sum, 2^-82. Where a comparison lies
//! within that, gains are taken again in integers: from the lists, or, where those grew too long, in another pass.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicUsize, Ordering as Order};

use super::candidates::Candidates;
use super::filters::f32::Look;
use super::sampler::{WeightedSampler, addend};
use super::{Kept, PIECE, filters};
use crate::distance::reported::Target;
use crate::exact::superaccumulator::Superaccumulator;
use crate::rows::Rows;
use crate::screen::frame::Frame;
use crate::screen::pack::Packed;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Relative error of a quick gain.
const DOUBT: f64 = 1.0 / (1u128 << 80) as f64;

/// Rows are fetched so many hits before they are read.
const AHEAD: usize = 8;

/// Rows of a block, with what is known of each.
pub struct Near<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Number of the first among all rows.
    pub start: usize,
    /// Weights, if any.
    pub weights: Option<&'a [f64]>,
    /// Distance to the nearest center chosen so far.
    pub distances: &'a [f64],
    /// That center.
    pub nearest: &'a [i32],
    /// What the filters need (filters/f32.rs, filters/sparse.rs); nothing for rows in bytes.
    pub floors: &'a [f64],
    /// See `floors`.
    pub frame: &'a Frame,
    /// See `floors`.
    pub kept: Option<&'a Kept>,
    /// Lists hold one entry (16 bytes, and half as much again while they grow) for so many rows at most.
    pub list_one_in: usize,
}

/// A row that a candidate would take, and its distance then.
type Taken = (usize, f64);

/// What trials did.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// Rows that passed.
    pub rows: u64,
    /// Those of them that their nearest center ruled out.
    pub skipped: u64,
    /// Distances that turned out no less: what filters let pass in vain.
    pub missed: u64,
}

/// What the candidates of a step would gain.
#[derive(Clone)]
pub struct Gains {
    sums: Vec<Superaccumulator>,
    exact: bool,
    taken: Option<Vec<Vec<Taken>>>,
    /// What was done.
    pub counts: Counts,
}

impl Gains {
    /// Adds those of other rows.
    pub fn merge(&mut self, other: &Gains) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, part)| sum.merge(part));
        self.exact &= other.exact;
        self.counts.rows += other.counts.rows;
        self.counts.skipped += other.counts.skipped;
        self.counts.missed += other.counts.missed;
        self.taken = match (self.taken.take(), &other.taken) {
            (Some(mut taken), Some(part)) => {
                taken.iter_mut().zip(part).for_each(|(taken, part)| taken.extend_from_slice(part));
                Some(taken)
            }
            _ => None,
        };
    }

    /// How many candidates.
    pub fn count(&self) -> usize {
        self.sums.len()
    }

    /// The candidate that gains most, the first of equals; `None` where that takes another pass, an exact one.
    pub fn best(&self, weights: Option<&[f64]>, distances: &[f64]) -> Option<usize> {
        let quick = best(&self.sums, if self.exact { 0.0 } else { 2.0 * DOUBT });
        if quick.is_some() {
            return quick;
        }
        let exact = |taken: &Vec<Taken>| {
            let mut sum = Superaccumulator::new();
            for &(row, new) in taken {
                sum.add(addend(weights, row, distances[row]));
                sum.add(-addend(weights, row, new));
            }
            sum
        };
        best(&self.taken.as_ref()?.iter().map(exact).collect::<Vec<_>>(), 0.0)
    }

    /// Gives the rows that a candidate takes to it, under a label, if they were listed; whether they were.
    pub fn take(
        &self,
        candidate: usize,
        label: i32,
        weights: Option<&[f64]>,
        distances: &mut [f64],
        nearest: &mut [i32],
        sampler: &mut WeightedSampler,
    ) -> bool {
        let Some(taken) = &self.taken else { return false };
        for &(row, new) in &taken[candidate] {
            sampler.change(row, addend(weights, row, distances[row]), addend(weights, row, new));
            (distances[row], nearest[row]) = (new, label);
        }
        true
    }
}

/// The first of the largest sums; `None` where a relative doubt blurs that.
fn best(sums: &[Superaccumulator], doubt: f64) -> Option<usize> {
    let mut best = 0;
    for at in 1..sums.len() {
        let mut difference = sums[best].clone();
        difference.negate();
        difference.merge(&sums[at]);
        let order = difference.sign();
        let size = sums[at].clone().to_f64() + sums[best].clone().to_f64();
        if doubt > 0.0 && difference.to_f64().abs() <= size * doubt {
            return None;
        }
        if order == Ordering::Greater {
            best = at;
        }
    }
    Some(best)
}

/// Tries all candidates on the rows of a block; in integers alone, and without lists, where `exactly`.
pub fn trials<R: Rows>(
    workers: &Workers,
    isa: Isa,
    near: &Near<R>,
    candidates: &Candidates,
    exactly: bool,
) -> Result<Gains, Interrupted> {
    let (n, count) = (near.rows.len(), candidates.count());
    assert!(near.distances.len() == n && near.nearest.len() == n, "a distance and a center for every row");
    assert!(near.floors.len() == n || matches!(near.kept, Some(Kept::Bytes(_))), "a floor for every row");
    let listed = AtomicUsize::new(0);
    let room = if exactly { 0 } else { n / near.list_one_in };
    let workers = workers.sized(n as f64 * candidates.places.len() as f64 * 2.0);
    let make = || Worker::new(count);
    let places: Vec<Target> =
        candidates.places.chunks_exact(candidates.columns).map(|place| Target::new(near.rows, place)).collect();
    let places = &places[..];
    let states = workers.each(0..n.div_ceil(PIECE), make, |worker, piece| {
        let from = piece * PIECE;
        isa.run(Piece { near, candidates, places, from, to: (from + PIECE).min(n), exactly, worker });
        let more = worker.length() - worker.listed;
        worker.listed += more;
        if listed.fetch_add(more, Order::Relaxed) + more > room {
            worker.drop_lists();
        }
    })?;
    let mut gains = Gains {
        sums: vec![Superaccumulator::new(); count],
        exact: exactly,
        taken: Some(vec![Vec::new(); count]),
        counts: Counts { rows: n as u64, ..Counts::default() },
    };
    for worker in states {
        let Worker { sums, taken, full, counts, .. } = worker;
        let taken = if full || exactly { None } else { Some(taken) };
        gains.merge(&Gains { sums, exact: exactly, taken, counts });
    }
    Ok(gains)
}

/// What one worker keeps between pieces.
struct Worker {
    sums: Vec<Superaccumulator>,
    quick: Vec<(f64, f64)>,
    taken: Vec<Vec<Taken>>,
    /// The lists were dropped.
    full: bool,
    /// Entries that were counted.
    listed: usize,
    counts: Counts,
    hits: Vec<Hit>,
    row: Vec<f64>,
    packed: Packed,
    bars: Vec<f32>,
    halves: Vec<i32>,
    limits: Vec<f64>,
}

/// A row of the block, and bits for the candidates from `start` on that may come nearer to it.
#[derive(Clone, Copy)]
pub struct Hit {
    /// The row's number in the block.
    pub row: u32,
    /// Which candidate bit 0 stands for.
    pub start: u32,
    /// See `start`.
    pub bits: u32,
}

impl Worker {
    fn new(count: usize) -> Worker {
        Worker {
            sums: vec![Superaccumulator::new(); count],
            quick: vec![(0.0, 0.0); count],
            taken: vec![Vec::new(); count],
            full: false,
            listed: 0,
            counts: Counts::default(),
            hits: Vec::new(),
            row: Vec::new(),
            packed: Packed::default(),
            bars: Vec::new(),
            halves: Vec::new(),
            limits: Vec::new(),
        }
    }

    fn length(&self) -> usize {
        self.taken.iter().map(Vec::len).sum()
    }

    fn drop_lists(&mut self) {
        self.taken.iter_mut().for_each(|taken| *taken = Vec::new());
        (self.full, self.listed) = (true, 0);
    }
}

struct Piece<'a, R> {
    near: &'a Near<'a, R>,
    candidates: &'a Candidates,
    places: &'a [Target<'a>],
    from: usize,
    to: usize,
    exactly: bool,
    worker: &'a mut Worker,
}

impl<R: Rows> Task for Piece<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Piece { near, candidates, places, from, to, exactly, worker } = self;
        let Worker { sums, quick, taken, full, counts, hits, row: buffer, packed, bars, halves, limits, .. } = worker;
        hits.clear();
        let rounded = match near.kept {
            Some(Kept::Bytes(bytes)) => candidates.rounded.as_ref().map(|rounded| (bytes, rounded)),
            _ => None,
        };
        let prepared = candidates.prepared.as_ref().filter(|_| near.rows.is_dense() && rounded.is_none());
        if let Some(rounded) = rounded {
            counts.skipped +=
                filters::i8::find(simd, near, candidates, rounded, ((from, to), bars, halves, limits), hits);
        } else if let Some((prepared, scale)) = prepared {
            let look = Look { range: (from, to), frame: near.frame, kept: near.kept, packed, bars: (bars, limits) };
            counts.skipped += filters::f32::find(simd, near, candidates, (prepared, *scale), look, hits);
        } else if let Some(chains) = &candidates.chains {
            counts.skipped += filters::sparse::find::<S, R>(near, candidates, chains, (from, to), hits);
        } else {
            // Nothing is known: all rows, candidates by groups of 32.
            for start in (0..candidates.count()).step_by(32) {
                let bits = u32::MAX >> (32 - (candidates.count() - start).min(32));
                hits.extend((from..to).map(|row| Hit { row: row as u32, start: start as u32, bits }));
            }
        }
        let dense = places.iter().any(Target::is_dense);
        for (at, Hit { row, start, mut bits }) in hits.iter().copied().enumerate() {
            let row = row as usize;
            if let Some(later) = hits.get(at + AHEAD) {
                near.rows.prefetch(simd, later.row as usize);
            }
            let x = if dense { near.rows.read(row, buffer) } else { &[] };
            let old = near.distances[row];
            while bits != 0 {
                let at = (start + bits.trailing_zeros()) as usize;
                bits &= bits - 1;
                let t = prepared.map_or(at, |(prepared, _)| prepared.original(at as i32) as usize);
                let new = places[t].from(near.rows, row, x);
                if new < old {
                    let (a, b) = (addend(near.weights, row, old), addend(near.weights, row, new));
                    if exactly {
                        sums[t].add(a);
                        sums[t].add(-b);
                    } else {
                        gain(&mut quick[t], a, b);
                        if !*full {
                            taken[t].push((near.start + row, new));
                        }
                    }
                } else {
                    counts.missed += 1;
                }
            }
        }
        for (sum, (high, low)) in sums.iter_mut().zip(quick) {
            sum.add(*high);
            sum.add(*low);
            (*high, *low) = (0.0, 0.0);
        }
    }
}

/// Adds a - b to a pair of numbers (Knuth's two-sum, twice).
#[inline(always)]
fn gain((high, low): &mut (f64, f64), a: f64, b: f64) {
    let d = a - b;
    let t = d - a;
    let rest = (a - (d - t)) - (b + t);
    let s = *high + d;
    let t = s - *high;
    *low += ((*high - (s - t)) + (d - t)) + rest;
    *high = s;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;
    use crate::seeding::{filters, lower};

    /// Gains of candidates on the rows 0, 1, 2, 10 with the center 0, and the distances.
    fn gains(places: &[f64], exactly: bool) -> (Gains, [f64; 4]) {
        let data = [0.0, 1.0, 2.0, 10.0];
        let rows = Dense::contiguous(&data, 4, 1).unwrap();
        let workers = Workers::new(2, &|| true);
        let (isa, frame) = (Isa::best(), Frame::new(&[3.0], &[7.0]));
        let (mut distances, mut nearest, mut floors) = ([f64::INFINITY; 4], [0; 4], [0.0; 4]);
        lower(&workers, isa, &rows, &[0.0], 0, &mut distances, &mut nearest).unwrap();
        filters::f32::floors(&workers, isa, &rows, &frame, &mut floors, None).unwrap();
        let near = Near {
            rows: &rows,
            start: 0,
            weights: None,
            distances: &distances,
            nearest: &nearest,
            floors: &floors,
            frame: &frame,
            kept: None,
            list_one_in: 2,
        };
        let candidates = Candidates::new(isa, &frame, false, places, &[0.0]);
        (trials(&workers, isa, &near, &candidates, exactly).unwrap(), distances)
    }

    #[test]
    fn equal_candidates_go_to_the_first() {
        for exactly in [false, true] {
            let best = |places: &[f64]| {
                let (gains, distances) = gains(places, exactly);
                gains.best(None, &distances)
            };
            assert_eq!(best(&[1.0, 10.0, 10.0]), Some(1));
            assert_eq!(best(&[10.0, 1.0]), Some(0));
            assert_eq!(best(&[1.0, 1.0]), Some(0));
            assert_eq!(best(&[0.0, 0.0]), Some(0));
        }
    }

    #[test]
    fn gains_that_quick_sums_cannot_tell_apart_are_compared_exactly() {
        // 9 gains 100 - 1, 11 gains the same: exactly equal, but they are not one candidate.
        let (quick, distances) = gains(&[9.0, 11.0], false);
        assert_eq!(best(&quick.sums, 2.0 * DOUBT), None);
        assert_eq!(quick.best(None, &distances), Some(0));
        let without = Gains { taken: None, ..quick };
        assert_eq!(without.best(None, &distances), None);
        let (exact, distances) = gains(&[9.0, 11.0], true);
        assert_eq!(exact.best(None, &distances), Some(0));
    }

    #[test]
    fn what_is_taken_is_what_is_lowered() {
        let (gains, mut distances) = gains(&[10.0], false);
        let workers = Workers::new(1, &|| true);
        let (mut nearest, mut sampler) = ([0; 4], WeightedSampler::default());
        sampler.fill(&workers, None, &distances).unwrap();
        assert!(gains.take(0, 7, None, &mut distances, &mut nearest, &mut sampler));
        assert_eq!((distances, nearest), ([0.0, 1.0, 4.0, 0.0], [0, 0, 0, 7]));
        assert_eq!(sampler.draw(None, &distances, &[0.2, 0.21]), (5.0, vec![1, 2]));
    }
}
