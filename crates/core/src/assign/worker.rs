//! What every sweep does alike, whatever filter its rows pass through: decide, count, move, and bring workers together.

use std::sync::{Arc, Mutex, PoisonError};

use crate::distance::exact::Comparator;
use crate::distance::reported::Error;
use crate::rows::Rows;
use crate::screen::centers::{Screen, Verdicts};
use crate::simd::Simd;
use crate::sums::cluster_sums::Tally;
use crate::sums::relabel::{Mover, Sums};

/// What a sweep did: for `engine_`, and to choose filters by. Never times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Rows that passed.
    pub rows: u64,
    /// Rows whose label changed.
    pub changed: u64,
    /// Rows that the tile did not certify.
    pub compared: u64,
    /// Rows that a filter had to look at: all of them, but where bounds prove labels. (Of sparse rows those that were scored
    /// against all centres.)
    pub examined: u64,
    /// Scores of a row and a centre (padding included).
    pub scored: u64,
    /// Rows that int16 left to float32.
    pub repeated: u64,
    /// Comparisons of two centres that needed exact integers.
    pub exact: u64,
}

impl Counters {
    /// Adds the counts of another sweep or block.
    pub fn merge(&mut self, other: &Counters) {
        self.rows += other.rows;
        self.changed += other.changed;
        self.compared += other.compared;
        self.examined += other.examined;
        self.scored += other.scored;
        self.repeated += other.repeated;
        self.exact += other.exact;
    }
}

/// What one worker of a sweep keeps between blocks.
pub struct Hand {
    /// Its sums, and the rows that change cluster.
    pub mover: Mover,
    /// What the tile says of some rows.
    pub verdicts: Verdicts,
    /// What was done.
    pub counters: Counters,
    comparator: Comparator,
    /// Centres that may be nearest to a row.
    few: Vec<i32>,
}

impl Hand {
    /// Turns the verdicts on the first `count` rows into indices of centres: rows that are not certified are compared with
    /// the centres `some`, ascending, in real arithmetic. `row_at` tells which row is at a position.
    #[inline(always)]
    pub fn decide<S: Simd, R: Rows>(
        &mut self,
        simd: S,
        screen: &Screen,
        (rows, row_at): (&R, impl Fn(usize) -> usize),
        count: usize,
        (centres, error): (&[f64], &Error),
        some: impl Iterator<Item = i32> + Clone,
    ) {
        let Verdicts { best, unsure, .. } = &mut self.verdicts;
        if !screen.all_distinct() {
            best[..count].iter_mut().for_each(|best| *best = screen.original(*best));
        }
        for &at in unsure.iter() {
            let row = row_at(at as usize);
            best[at as usize] = if rows.near(screen, row, &mut self.few) {
                self.few.iter_mut().for_each(|place| *place = screen.original(*place));
                self.few.sort_unstable();
                self.comparator.nearest(simd, rows, row, centres, error, self.few.iter().copied())
            } else {
                self.comparator.nearest(simd, rows, row, centres, error, some.clone())
            };
        }
        self.counters.compared += unsure.len() as u64;
    }
}

/// Workers add to one tally in turn if it is larger than this. Tallies of their own would be zeros to clear and to add up,
/// sweep by sweep, and where clusters have so many sums, the scores of a row take far longer than its move.
const COMMON: usize = 4 << 20;

/// A tally that workers share.
pub struct Share<'a> {
    /// Without clusters until `gather`.
    tally: Option<&'a mut Tally>,
    clusters: usize,
    /// What was in it, until a worker has it; or, for all workers and to the end, what they have in common.
    whole: Mutex<Option<Sums>>,
}

impl<'a> Share<'a> {
    /// For a tally, or for none where no sums are wanted.
    pub fn new(mut tally: Option<&'a mut Tally>) -> Self {
        let clusters = tally.as_ref().map_or(0, |tally| tally.clusters());
        let whole = tally.as_deref_mut().map(|tally| {
            let whole = tally.take();
            if whole.bytes() > COMMON { Sums::Common(Arc::new(Mutex::new(whole))) } else { Sums::Own(whole) }
        });
        Share { tally, clusters, whole: Mutex::new(whole) }
    }

    /// One more worker.
    pub fn hand(&self) -> Hand {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let sums = match &*whole {
            Some(Sums::Common(tally)) => Some(Sums::Common(tally.clone())),
            _ => whole.take().or_else(|| self.tally.as_ref().map(|tally| Sums::Own(tally.emptied(self.clusters)))),
        };
        Hand {
            mover: Mover::new(sums),
            verdicts: Verdicts::default(),
            counters: Counters::default(),
            comparator: Comparator::default(),
            few: Vec::new(),
        }
    }

    /// Brings the workers' sums and counts together.
    pub fn gather(self, hands: impl IntoIterator<Item = Hand>) -> Counters {
        let mut counters = Counters::default();
        let mut whole: Option<Tally> = None;
        for hand in hands {
            counters.merge(&hand.counters);
            counters.exact += hand.comparator.exact;
            counters.repeated += hand.verdicts.repeated;
            // Sweeps count all rows and centres as scored.
            counters.examined -= hand.verdicts.spared;
            counters.scored -= hand.verdicts.unscored;
            match (hand.mover.into_sums(), &mut whole) {
                (Some(Sums::Own(part)), None) => whole = Some(part),
                (Some(Sums::Own(part)), Some(whole)) => whole.merge(&part),
                _ => (),
            }
        }
        if let Some(Sums::Common(tally)) = self.whole.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // No worker holds it any more.
            whole = Arc::into_inner(tally).map(|tally| tally.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        if let (Some(tally), Some(whole)) = (self.tally, whole) {
            *tally = whole;
        }
        counters
    }
}
