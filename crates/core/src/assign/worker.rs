//! What every sweep does alike, whatever filter its rows pass through: decide, count, move, and bring workers together.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::distance::exact::Comparator;
use crate::distance::reported::Error;
use crate::memory::{Grow, collected};
use crate::screen::centers::PreparedCenters;
use crate::screen::doubles::{DoubleRoom, Doubles, ROWS};
use crate::screen::frame::Frame;
use crate::screen::screen_rows::ScreenRows;
use crate::screen::verdicts::Verdicts;
use crate::simd::Simd;
use crate::sums::cluster_sums::{ClusterSums, OneCluster};
use crate::sums::relabel::{Relabeler, WorkerSums};
use crate::threads::Workers;

/// What a sweep did: for `engine_`, and to choose filters by. Never times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Rows that passed.
    pub rows: u64,
    /// Rows whose label changed.
    pub changed: u64,
    /// Rows that the tile did not certify.
    pub compared: u64,
    /// Rows that a filter had to look at: all of them, but where bounds prove labels. (Of sparse rows those that were
    /// scored against all centers.)
    pub examined: u64,
    /// Scores of a row and a center (padding included).
    pub scored: u64,
    /// Rows that int16 or bytes left to float32.
    pub repeated: u64,
    /// Centers, row by row, that bytes left to float32.
    pub listed: u64,
    /// Comparisons of two centers that needed exact integers.
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
        self.listed += other.listed;
        self.exact += other.exact;
    }
}

/// What one worker of a sweep keeps between blocks.
pub(crate) struct Worker<'a> {
    /// Its sums, and the rows that change cluster.
    pub(crate) relabeler: Relabeler<'a>,
    /// The nearest centers of a block's rows.
    pub(crate) best: Vec<i32>,
    /// What the tile says of some rows.
    pub(crate) verdicts: Verdicts,
    /// What was done.
    pub(crate) counters: Counters,
    /// Gaps of the rows that were not certified (prune/hamerly.rs); negative infinity where none is known.
    pub(crate) gaps: Vec<f32>,
    comparator: Comparator,
    doubles: DoubleRoom,
    /// Centers that may be nearest to a row.
    few: Vec<i32>,
}

/// What rows that are not certified are compared among: the centers, the error of distances to them, and who heeds
/// Ctrl-C meanwhile.
pub(crate) type Among<'a> = (&'a [f64], &'a Error, &'a Workers<'a>);

/// All centers in float64, made when rows ask for them.
pub(crate) struct InDoubles<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) made: &'a OnceLock<Doubles>,
    /// Whether gaps are wanted.
    pub(crate) gaps: bool,
}

impl Worker<'_> {
    /// Turns the verdicts on the first `count` rows into indices of centers: rows that are not certified are scored in
    /// float64, if all centers are given so and lists are not short, and else, or where that leaves several, compared
    /// with those on their list, or with the centers `some`, ascending, in real arithmetic. `row_at` tells which row is
    /// at a position.
    #[inline(always)]
    pub(crate) fn decide<S: Simd, R: ScreenRows>(
        &mut self,
        simd: S,
        prepared: &PreparedCenters,
        (rows, row_at): (&R, impl Fn(usize) -> usize),
        count: usize,
        (among, all): (Among, Option<InDoubles>),
        some: impl Iterator<Item = i32> + Clone,
    ) {
        let Verdicts { best, unsure, lists, .. } = &mut self.verdicts;
        if !prepared.all_distinct() {
            best[..count].iter_mut().for_each(|best| *best = prepared.original(*best));
        }
        self.counters.compared += unsure.len() as u64;
        self.gaps.clear();
        self.gaps.set_length(unsure.len(), f32::NEG_INFINITY);
        let listed = prepared.bytes.is_some();
        let short = listed && lists.centers.len() * DEARER <= unsure.len() * prepared.padded;
        if let Some(InDoubles { frame, made, gaps }) = all
            && rows.is_dense()
            && !short
            && (unsure.len() >= ENOUGH || made.get().is_some())
        {
            let doubles = made.get_or_init(|| Doubles::new(frame, among.0, prepared));
            return self.decide_in_doubles(simd, prepared, (rows, row_at), (among, frame, doubles), gaps);
        }
        for (nth, &at) in unsure.iter().enumerate() {
            let row = row_at(at as usize);
            if listed {
                let list = lists.get(nth);
                self.few.clear();
                self.few.make_room(list.len());
                self.few.extend_from_slice(list);
            }
            best[at as usize] = if listed || rows.near(prepared, row, &mut self.few) {
                self.few.iter_mut().for_each(|place| *place = prepared.original(*place));
                self.few.sort_unstable();
                self.comparator.nearest(simd, rows, row, among, self.few.iter().copied())
            } else {
                self.comparator.nearest(simd, rows, row, among, some.clone())
            };
        }
    }

    /// Decides rows that are not certified by scores in float64, and compares those for which they leave several
    /// centers with these.
    #[inline(always)]
    fn decide_in_doubles<S: Simd, R: ScreenRows>(
        &mut self,
        simd: S,
        prepared: &PreparedCenters,
        (rows, row_at): (&R, impl Fn(usize) -> usize),
        (among, frame, doubles): (Among, &Frame, &Doubles),
        with_gaps: bool,
    ) {
        let Verdicts { best, unsure, .. } = &mut self.verdicts;
        let (room, few, comparator) = (&mut self.doubles, &mut self.few, &mut self.comparator);
        for (unsure, gaps) in unsure.chunks(ROWS).zip(self.gaps.chunks_mut(ROWS)) {
            let mut some = [0; ROWS];
            some.iter_mut().zip(unsure).for_each(|(row, &at)| *row = row_at(at as usize));
            comparator.heed(among.2, 2 * ROWS * doubles.padded() * prepared.columns);
            doubles.score(simd, (rows, frame), &some[..unsure.len()], room);
            for (i, &at) in unsure.iter().enumerate() {
                let found = room.found[i];
                if with_gaps && found.sure {
                    gaps[i] = doubles.gap(&found);
                }
                best[at as usize] = if found.sure {
                    prepared.original(found.best)
                } else {
                    room.candidates(i, prepared.distinct, few);
                    few.iter_mut().for_each(|place| *place = prepared.original(*place));
                    comparator.nearest(simd, rows, some[i], among, few.iter().copied())
                };
            }
        }
    }
}

/// Rows of a block that are worth making centers in float64 for; for a block with fewer they are used if they are
/// there.
const ENOUGH: usize = 4;
/// What it costs to compare a center with a row, in scores in float64: rows with short lists are not scored so.
const DEARER: usize = 16;

/// Workers add to common sums, one at a time to those of a cluster, if these are larger. Sums of their own would be
/// zeros to clear and to add up, sweep by sweep, and where clusters have so many sums, a row's move waits for memory
/// rather than for others.
const COMMON: usize = 4 << 20;

/// Sums that workers share.
pub(crate) struct SharedSums<'a> {
    /// No rows in no clusters.
    none: Option<ClusterSums>,
    clusters: usize,
    /// What was in them, until a worker has it.
    whole: Mutex<Option<ClusterSums>>,
    /// Or, for all workers, what they have in common.
    common: Option<Arc<Vec<Mutex<OneCluster<'a>>>>>,
}

impl<'a> SharedSums<'a> {
    /// For sums that are no larger than workers may have of their own, which are taken out, or for others, which
    /// change in place if `apart`; or for none, where no sums are wanted.
    pub(crate) fn new(sums: &'a mut Option<ClusterSums>, apart: bool) -> Self {
        let (none, clusters) = (sums.as_ref().map(|sums| sums.emptied(0)), sums.as_ref().map_or(0, |s| s.clusters()));
        let small = sums.take_if(|sums| !apart || sums.bytes() <= COMMON);
        let common = sums.as_mut().map(|sums| Arc::new(collected(sums.apart().map(Mutex::new))));
        SharedSums { none, clusters, whole: Mutex::new(small), common }
    }

    /// One more worker.
    pub(crate) fn worker(&self) -> Worker<'a> {
        let sums = match &self.common {
            Some(common) => Some(WorkerSums::Common(common.clone())),
            None => {
                let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner).take();
                let more = || self.none.as_ref().map(|none| none.emptied(self.clusters));
                whole.or_else(more).map(WorkerSums::Own)
            }
        };
        Worker {
            relabeler: Relabeler::new(sums),
            best: Vec::new(),
            verdicts: Verdicts::default(),
            counters: Counters::default(),
            gaps: Vec::new(),
            comparator: Comparator::default(),
            doubles: DoubleRoom::default(),
            few: Vec::new(),
        }
    }

    /// Brings the workers' counts together, and their sums where these were taken out.
    pub(crate) fn gather<'b>(finished: impl IntoIterator<Item = Worker<'b>>) -> (Counters, Option<ClusterSums>) {
        let mut counters = Counters::default();
        let mut whole: Option<ClusterSums> = None;
        for worker in finished {
            counters.merge(&worker.counters);
            counters.exact += worker.comparator.exact;
            counters.repeated += worker.verdicts.repeated;
            counters.listed += worker.verdicts.lists.scored;
            // Sweeps count all rows and centers as scored.
            counters.examined -= worker.verdicts.spared;
            counters.scored -= worker.verdicts.unscored;
            match (worker.relabeler.into_sums(), &mut whole) {
                (Some(WorkerSums::Own(part)), None) => whole = Some(part),
                (Some(WorkerSums::Own(part)), Some(whole)) => whole.merge(&part),
                _ => (),
            }
        }
        (counters, whole)
    }
}
