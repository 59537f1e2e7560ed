//! What every candidate of a step would gain, in one pass over the rows, and which rows it would take.
//!
//! A candidate that lowers D(x) to D' gains w D - w D' there, a difference of two addends; the candidate that gains
//! most leaves the smallest potential. Rows that no filter (candidates.rs) rules out are measured, and what is nearer
//! is kept in a list, so that the chosen candidate needs no second pass over the rows.

use std::sync::atomic::{AtomicUsize, Ordering as Order};

use super::candidates::{Near, PIECE};
use super::filters;
use super::filters::f32::Look;
use super::filters::hits::{Hit, LANES};
use super::filters::kept::Kept;
use super::filters::prepared::PreparedCandidates;
use super::gains::{Counts, Gains, Taken, gain};
use super::sampler::addend;
use crate::distance::reported::Target;
use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::{Grow, filled};
use crate::screen::pack::{Pack, Packed};
use crate::simd::{Isa, Simd, Task};
use crate::threads::{self, Interrupted, Workers};

/// Rows are fetched so many hits before they are read.
const AHEAD: usize = 8;

/// Tries all candidates on the rows of a block; in integers alone, and without lists, where `exactly`.
pub fn trials<R: Pack>(
    workers: &Workers,
    isa: Isa,
    near: &Near<R>,
    kept: &Kept,
    prepared: &PreparedCandidates,
    exactly: bool,
) -> Result<Gains, Interrupted> {
    let candidates = &prepared.candidates;
    let (n, count) = (near.rows.len(), candidates.count());
    assert!(near.distances.len() == n && near.nearest.len() == n, "a distance and a center for every row");
    assert!(near.floors.len() == n || matches!(kept, Kept::Bytes(_)), "a floor for every row");
    let listed = AtomicUsize::new(0);
    let room = if exactly { 0 } else { n.checked_div(near.list_one_in).unwrap_or(n * count) };
    let workers = workers.sized(n as f64 * candidates.places.len() as f64 * 2.0);
    let make = || Worker::new(count);
    let places: Vec<Target> =
        candidates.places.chunks_exact(candidates.columns).map(|place| Target::new(near.rows, place)).collect();
    let places = &places[..];
    let share = threads::share(PIECE, (near.rows.numbers() * count) as f64).next_multiple_of(LANES);
    let states = workers.each(0..n.div_ceil(share), make, |worker, piece| {
        let from = piece * share;
        isa.run(Piece { near, kept, prepared, places, from, to: (from + share).min(n), exactly, worker });
        let more = worker.length() - worker.listed;
        worker.listed += more;
        if listed.fetch_add(more, Order::Relaxed) + more > room {
            worker.drop_lists();
        }
    })?;
    let mut gains = Gains {
        sums: filled(Superaccumulator::new(), count),
        exact: exactly,
        taken: Some(Vec::new()),
        listed: true,
        counts: Counts { rows: n as u64, ..Counts::default() },
    };
    for worker in states {
        let Worker { sums, taken, full, counts, .. } = worker;
        let taken = if full || exactly { None } else { Some(vec![taken]) };
        gains.merge(Gains { sums, exact: exactly, listed: taken.is_some(), taken, counts });
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

impl Worker {
    fn new(count: usize) -> Worker {
        Worker {
            sums: filled(Superaccumulator::new(), count),
            quick: filled((0.0, 0.0), count),
            taken: filled(Vec::new(), count),
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
    kept: &'a Kept,
    prepared: &'a PreparedCandidates,
    places: &'a [Target<'a>],
    from: usize,
    to: usize,
    exactly: bool,
    worker: &'a mut Worker,
}

impl<R: Pack> Task for Piece<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Piece {
            near,
            kept,
            prepared: PreparedCandidates { candidates, prepared, rounded, chains },
            places,
            from,
            to,
            exactly,
            worker,
        } = self;
        let Worker { sums, quick, taken, full, counts, hits, row: buffer, packed, bars, halves, limits, .. } = worker;
        hits.clear();
        let (bytes, floats) = match kept {
            Kept::None => (None, None),
            Kept::Floats(rows) => (None, Some(&rows[..])),
            Kept::Bytes(bytes) => (Some(bytes), None),
        };
        let rounded = bytes.zip(rounded.as_ref());
        let prepared = prepared.as_ref().filter(|_| near.rows.is_dense() && rounded.is_none());
        if let Some(rounded) = rounded {
            counts.skipped +=
                filters::i8::find(simd, near, candidates, rounded, ((from, to), bars, halves, limits), hits);
        } else if let Some((prepared, scale)) = prepared {
            let look = Look { range: (from, to), frame: near.frame, kept: floats, packed, bars: (bars, limits) };
            counts.skipped += filters::f32::find(simd, near, candidates, (prepared, *scale), look, hits);
        } else if let Some(chains) = chains {
            counts.skipped += filters::sparse::find::<S, R>(near, candidates, chains, (from, to), hits);
        } else {
            // Nothing is known: all rows, candidates by groups of 32.
            for start in (0..candidates.count()).step_by(32) {
                let bits = u32::MAX >> (32 - (candidates.count() - start).min(32));
                hits.make_room(to - from);
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
                            taken[t].add((row, new));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;
    use crate::screen::frame::Frame;
    use crate::seeding::lower::lower;
    use crate::seeding::sampler::Total;
    use crate::seeding::sampler::WeightedSampler;

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
            weights: None,
            distances: &distances,
            nearest: &nearest,
            floors: &floors,
            frame: &frame,
            list_one_in: 2,
        };
        let prepared = PreparedCandidates::new(isa, &frame, false, places, &[0.0]);
        (trials(&workers, isa, &near, &Kept::None, &prepared, exactly).unwrap(), distances)
    }

    #[test]
    fn equal_candidates_go_to_the_first() {
        for exactly in [false, true] {
            let best = |places: &[f64]| {
                let (gains, distances) = gains(places, exactly);
                gains.best().or_else(|| gains.exactly(None, &distances)?.best())
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
        assert_eq!(quick.best(), None);
        let exactly = quick.exactly(None, &distances).unwrap();
        assert_eq!(exactly.best(), Some(0));
        // Those of two blocks: sums alone.
        let both = quick.plus(&quick);
        assert!(both.listed() && both.best().is_none() && both.exactly(None, &distances).is_none());
        assert_eq!(exactly.plus(&exactly).best(), Some(0));
        let (exact, _) = gains(&[9.0, 11.0], true);
        assert!(!exact.listed());
        assert_eq!(exact.best(), Some(0));
    }

    #[test]
    fn what_is_taken_is_what_is_lowered() {
        let (gains, mut distances) = gains(&[10.0], false);
        let workers = Workers::new(1, &|| true);
        let (mut nearest, mut sampler) = ([0; 4], WeightedSampler::default());
        sampler.fill(&workers, None, &distances).unwrap();
        assert!(gains.take(0, 7, None, &mut distances, &mut nearest, &mut sampler));
        assert_eq!((distances, nearest), ([0.0, 1.0, 4.0, 0.0], [0, 0, 0, 7]));
        assert_eq!(sampler.draw(&Total::default(), None, &distances, &[1.0, 1.05]), [Some(1), Some(2)]);
    }
}
