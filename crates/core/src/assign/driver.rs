//! The driver of every assignment: blocks of rows, workers, sums and counters; which centers are scored is a filter's.
//!
//! The rows of a block pass through the filter, and those whose label changed move from the sums of their old cluster
//! to those of the new one.

use std::sync::OnceLock;

use crate::assign::worker::{Among, Counters, InDoubles, SharedSums, Worker};
use crate::distance::reported::Error;
use crate::memory::collected;
use crate::screen::centers::PreparedCenters;
use crate::screen::doubles::Doubles;
use crate::screen::frame::Frame;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::ClusterSums;
use crate::sums::relabel::relabel;
use crate::threads::{Interrupted, Workers};

/// Rows, their labels and the centers, and where the sums go.
pub struct Assignment<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels, in the order of the filter: negative for a row that no cluster has counted yet.
    pub labels: &'a mut [i32],
    /// The frame of all that the filter keeps of these rows.
    pub frame: &'a Frame,
    /// k x d, by rows.
    pub centers: &'a [f64],
    /// Exact sums by the labels before, and afterwards by those after.
    pub sums: Option<&'a mut ClusterSums>,
}

/// What is given to a filter with every block.
pub(crate) struct Given<'a, R> {
    pub(crate) rows: &'a R,
    pub(crate) frame: &'a Frame,
    pub(crate) centers: &'a [f64],
    pub(crate) error: Error,
    pub(crate) workers: &'a Workers<'a>,
    weights: Option<&'a [f64]>,
    doubles: OnceLock<Doubles>,
}

impl<R> Given<'_, R> {
    /// What rows that are not certified are compared among: some centers.
    #[inline(always)]
    pub(crate) fn among(&self) -> (Among<'_>, Option<InDoubles<'_>>) {
        ((self.centers, &self.error, self.workers), None)
    }

    /// The same among all centers; gaps may be wanted too.
    #[inline(always)]
    pub(crate) fn among_all(&self, gaps: bool) -> (Among<'_>, Option<InDoubles<'_>>) {
        (self.among().0, Some(InDoubles { frame: self.frame, made: &self.doubles, gaps }))
    }
}

impl<R: ScreenRows> Given<'_, R> {
    /// Turns the verdicts on some rows of a block into nearest centers, among all of them. `row_at` tells which row is
    /// at a position.
    #[inline(always)]
    pub(crate) fn decide_all<S: Simd>(
        &self,
        simd: S,
        worker: &mut Worker,
        prepared: &PreparedCenters,
        row_at: impl Fn(usize) -> usize,
        count: usize,
    ) -> Found {
        let all = 0..(self.centers.len() / self.rows.columns()) as i32;
        worker.decide(simd, prepared, (self.rows, row_at), count, self.among_all(false), all);
        std::mem::swap(&mut worker.best, &mut worker.verdicts.best);
        worker.counters.examined += count as u64;
        worker.counters.scored += (count * prepared.padded) as u64;
        Found::All
    }
}

/// A block of rows: where its labels begin, the labels, and what else the filter has of these rows.
pub(crate) struct Block<'a, P> {
    pub(crate) from: usize,
    pub(crate) labels: &'a mut [i32],
    pub(crate) part: P,
}

/// What a filter found of a block.
pub(crate) enum Found {
    /// The nearest center of every row, in `Worker::best`.
    All,
    /// Of the rows that changed, which `Relabeler::changed` lists.
    Changed,
}

/// Which centers are scored for which rows. It proves that no other is nearest: a row gets the label that it has in
/// real arithmetic, whatever the filter.
pub(crate) trait Filter<R: ScreenRows>: Sync {
    /// What a worker keeps from block to block.
    type Scratch: Send;
    /// What a block has besides its labels.
    type Part: Send;

    /// What a worker begins with.
    fn scratch<S: Simd>(&self, simd: S) -> Self::Scratch;

    /// Which row a label belongs to.
    #[inline(always)]
    fn row_at(&self, place: usize) -> usize {
        place
    }

    /// Finds nearest centers: writes them to `Worker::best`. Must be `#[inline(always)]`.
    fn find<S: Simd>(
        &self,
        simd: S,
        given: &Given<R>,
        worker: &mut Worker,
        scratch: &mut Self::Scratch,
        block: &mut Block<Self::Part>,
    ) -> Found;
}

/// Labels all rows, `block` of them at a time; `part` gives what the filter has of each block, in order.
pub(crate) fn drive<S: Simd, R: AddRow + ScreenRows, F: Filter<R>>(
    (simd, isa, workers): (S, Isa, &Workers),
    assignment: Assignment<R>,
    filter: &F,
    block: usize,
    mut part: impl FnMut() -> F::Part,
) -> Result<Counters, Interrupted> {
    let Assignment { rows, weights, labels, frame, centers, sums } = assignment;
    let (n, d) = (rows.len(), rows.columns());
    assert!(labels.len() == n && centers.len() % d == 0 && frame.shift.len() == d, "shapes do not fit");
    assert!(weights.is_none_or(|weights| weights.len() == n), "a weight for every row");
    let given = Given { rows, frame, centers, error: Error::of(d), workers, weights, doubles: OnceLock::new() };
    let blocks = labels.chunks_mut(block).enumerate();
    let blocks = collected(blocks.map(|(at, labels)| Block { from: at * block, labels, part: part() }));
    let mut sums = sums;
    // Taken out, so that an interrupted sweep leaves none.
    let mut before = sums.as_deref_mut().map(ClusterSums::take);
    let all = SharedSums::new(&mut before, workers.threads() > 1 || !rows.is_dense());
    let make = || (all.worker(), filter.scratch(simd));
    let done = workers.each(blocks.into_iter(), make, |(worker, scratch), block| {
        isa.run(OneBlock { given: &given, filter, worker, scratch, block });
    })?;
    let (counters, gathered) = SharedSums::gather(done.into_iter().map(|(worker, _)| worker));
    drop(all);
    if let (Some(sums), Some(after)) = (sums, gathered.or(before)) {
        *sums = after;
    }
    Ok(counters)
}

struct OneBlock<'a, 'b, 'w, R: ScreenRows, F: Filter<R>> {
    given: &'a Given<'a, R>,
    filter: &'a F,
    worker: &'a mut Worker<'w>,
    scratch: &'a mut F::Scratch,
    block: Block<'b, F::Part>,
}

impl<R: AddRow + ScreenRows, F: Filter<R>> Task for OneBlock<'_, '_, '_, R, F> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneBlock { given, filter, worker, scratch, mut block } = self;
        let found = filter.find(simd, given, worker, scratch, &mut block);
        let Worker { relabeler, counters, best, .. } = worker;
        let Block { from, labels, .. } = block;
        counters.rows += labels.len() as u64;
        counters.changed += match found {
            Found::All if !relabeler.has_sums() => relabel(labels, &best[..labels.len()]),
            found => {
                if let Found::All = found {
                    relabeler.compare(simd, labels, &best[..labels.len()]);
                }
                relabeler.apply(simd, given.rows, given.weights, |at| filter.row_at(from + at), labels, best)
            }
        };
    }
}
